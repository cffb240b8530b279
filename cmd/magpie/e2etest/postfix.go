package e2etest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const mailWish = "MAGPIE_TEST_SMTP"

// requirePostfix gives the folder of Postfix's daemons, or ends the test as
// StartMailServer says. It holds the only skip of this file.
func requirePostfix(t testing.TB) string {
	t.Helper()
	const daemons = "/usr/lib/postfix/sbin"
	wish := os.Getenv(mailWish)
	err := postfixFit(daemons)
	switch {
	case wish == "off":
		t.Skipf("left out: needs Postfix, and %s is off", mailWish) //nolint:forbidigo // the only skip, see above
	case err != nil && wish == "required":
		t.Fatalf("%s is required, but %v", mailWish, err)
	case err != nil:
		t.Skipf("left out: needs Postfix, but %v; .ci/install brings it", err) //nolint:forbidigo // the only skip, see above
	}
	return daemons
}

func postfixFit(daemons string) error {
	if _, err := os.Stat(filepath.Join(daemons, "master")); err != nil {
		return errors.New("it is not installed")
	}
	if os.Getuid() != 0 {
		return errors.New("it starts as root alone")
	}
	return nil
}

// layOut makes the folders, the certificate and the configuration. Postfix gives
// up its rights, so that the folders must be open to it.
func (m *MailServer) layOut() error {
	folder, err := os.MkdirTemp("", "magpie-mail-")
	if err != nil {
		return err
	}
	m.folder, m.CA = folder, filepath.Join(folder, "cert.pem")
	if err := os.Chmod(folder, 0o755); err != nil {
		return err
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	for name, uid := range map[string]int{"conf": 0, "queue": 0, "data": id, "mail": keeper} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			return err
		}
		if err := os.Chown(filepath.Join(folder, name), uid, -1); err != nil {
			return err
		}
	}
	if err := m.certify(); err != nil {
		return err
	}
	for name, content := range map[string]string{"main.cf": m.mainFile(), "master.cf": m.masterFile()} {
		if err := os.WriteFile(filepath.Join(folder, "conf", name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// keeper is the user to whom the mailbox belongs: nobody.
const keeper = 65534

func (m *MailServer) mainFile() string {
	settings := map[string]string{
		"compatibility_level": "3.6", "maillog_file": "/dev/stdout", "myhostname": "mail.example.cn",
		"queue_directory": m.path("queue"), "data_directory": m.path("data"),
		"command_directory": "/usr/sbin", "daemon_directory": m.daemons,
		"inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
		"mydestination": "", "alias_maps": "", "local_recipient_maps": "",
		"virtual_mailbox_domains": MailDomain, "virtual_mailbox_base": m.folder, "virtual_mailbox_maps": "static:mail/",
		"virtual_uid_maps": fmt.Sprintf("static:%d", keeper), "virtual_gid_maps": fmt.Sprintf("static:%d", keeper),
		"smtpd_tls_cert_file": m.CA, "smtpd_tls_key_file": m.path("key.pem"), "smtpd_tls_auth_only": "yes",
		"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot", "smtpd_sasl_path": fmt.Sprintf("inet:127.0.0.1:%d", m.logins),
		"smtpd_relay_restrictions":     "permit_sasl_authenticated, reject",
		"smtpd_recipient_restrictions": "check_recipient_access inline:{ {nobody@" + MailDomain + " = 550 5.1.1 nobody of this name} }, permit_sasl_authenticated, reject",
	}
	var b strings.Builder
	for name, value := range settings {
		fmt.Fprintf(&b, "%s = %s\n", name, value)
	}
	return b.String()
}

// masterFile are the daemons that are needed, none in a prison of its own.
func (m *MailServer) masterFile() string {
	return fmt.Sprintf(`127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`, m.submission, m.implicit)
}

func (m *MailServer) path(name string) string { return filepath.Join(m.folder, name) }

// certify makes the server's certificate.
func (m *MailServer) certify() error {
	certificate, key, err := newCertificate()
	if err != nil {
		return err
	}
	if err := os.WriteFile(m.CA, certificate, 0o644); err != nil {
		return err
	}
	return os.WriteFile(m.path("key.pem"), key, 0o600)
}

// newCertificate makes a certificate for localhost that signs itself, and its
// key, both as PEM.
func newCertificate() (certificate, key []byte, err error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		return nil, nil, err
	}
	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}), nil
}

// AnotherCA is a certificate that the mail server does not have.
func (s *Site) AnotherCA(t testing.TB) string {
	t.Helper()
	certificate, _, err := newCertificate()
	if err != nil {
		t.Fatal(err)
	}
	return s.Write(t, "another-ca.pem", string(certificate))
}
