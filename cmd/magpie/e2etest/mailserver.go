package e2etest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	mailUser     = "magpie"
	mailPassword = "Brombeere-6612-Schiefer"
	// MailFrom is the sender's address.
	MailFrom = "yuyue@example.cn"
	// MailDomain is where everybody has a mailbox but nobody@.
	MailDomain = "example.org"
)

// MailServer is a real SMTP server, Postfix with a configuration of its own: it
// takes what is submitted with TLS by whoever logs in, and keeps every e-mail.
//
// It is Postfix and not OpenSMTPD, since that of Debian 12 speaks no TLS: it is
// older than OpenSSL 3 (github.com/OpenSMTPD/OpenSMTPD, issue 1171).
type MailServer struct {
	// CA is the path of the certificate that is to be trusted.
	CA     string
	t      testing.TB
	folder string
	// daemons is where Postfix has its programs.
	daemons string
	// submission has STARTTLS, implicit TLS from the first byte.
	submission, implicit, logins int
	process                      *exec.Cmd
	output                       *Output
	gone                         chan struct{}
}

// StartMailServer starts one, and returns when it takes connections. It ends
// with the test.
//
// Where Postfix is not installed, or the test does not run as root, without
// whom Postfix does not start, the test is left out. MAGPIE_TEST_SMTP changes
// that: "required" makes it fail, "off" leaves the test out in any case.
func StartMailServer(t testing.TB) *MailServer {
	t.Helper()
	m := &MailServer{t: t, daemons: requirePostfix(t), submission: reservePort(t), implicit: reservePort(t), logins: reservePort(t)}
	if err := m.layOut(); err != nil {
		t.Fatalf("laying out a mail server: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(m.folder) })
	m.answerLogins()
	m.up()
	t.Cleanup(m.down)
	return m
}

// up starts the server and returns when it takes connections.
func (m *MailServer) up() {
	m.t.Helper()
	check := exec.Command("/usr/sbin/postfix", "-c", m.path("conf"), "check")
	if out, err := check.CombinedOutput(); err != nil {
		m.t.Fatalf("postfix check: %v\n%s", err, out)
	}
	m.output, m.gone = &Output{}, make(chan struct{})
	m.process = exec.Command(filepath.Join(m.daemons, "master"), "-c", m.path("conf"), "-s")
	m.process.Stdout, m.process.Stderr = m.output, m.output
	m.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := m.process.Start(); err != nil {
		m.t.Fatalf("starting the mail server: %v", err)
	}
	Binary(m.t) // whose watch ends what is left behind
	program().note("+", m.process.Process.Pid)
	go func() {
		_ = m.process.Wait() // how it ended is of no interest
		program().note("-", m.process.Process.Pid)
		close(m.gone)
	}()
	Eventually(m.t, "the mail server takes connections", func() error {
		connection, err := net.Dial("tcp", m.address(m.submission))
		if err != nil {
			return fmt.Errorf("%w; it says:\n%s", err, m.output)
		}
		return connection.Close()
	})
}

func (m *MailServer) address(port int) string {
	return net.JoinHostPort("localhost", strconv.Itoa(port))
}

// down ends the server; its daemons end with it.
func (m *MailServer) down() {
	_ = m.process.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-m.gone:
	case <-time.After(patience):
		_ = m.process.Process.Kill()
		<-m.gone
	}
}

// Setting is the server as MAGPIE_MAIL takes it: smtp, with STARTTLS, or smtps.
func (m *MailServer) Setting(scheme string) string { return m.SettingAs(scheme, mailPassword) }

// SettingAs is the same with another password.
func (m *MailServer) SettingAs(scheme, password string) string {
	port := map[string]int{"smtp": m.submission, "smtps": m.implicit}[scheme]
	return scheme + "://" + mailUser + ":" + password + "@" + m.address(port)
}

// Serve has the servers of a site send e-mails by this one, from now on.
func (m *MailServer) Serve(s *Site, scheme string) {
	s.Set("MAGPIE_MAIL", m.Setting(scheme))
	s.Set("MAGPIE_MAIL_FROM", MailFrom)
	s.Set("MAGPIE_MAIL_CA", m.CA)
	s.Keep("the mail server's password", mailPassword)
}

// To are the e-mails to an address, in the order in which they came.
func (m *MailServer) To(address string) []Letter {
	m.t.Helper()
	names, err := filepath.Glob(m.path("mail/new/*"))
	if err != nil {
		m.t.Fatal(err)
	}
	var out []Letter
	for _, name := range names {
		if l := m.open(name); l.To == address {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b Letter) int { return a.came.Compare(b.came) })
	return out
}

func (m *MailServer) open(name string) Letter {
	m.t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		m.t.Fatal(err)
	}
	l, err := readLetter(content)
	if err != nil {
		m.t.Fatalf("reading an e-mail: %v\n%s", err, content)
	}
	about, err := os.Stat(name)
	if err != nil {
		m.t.Fatal(err)
	}
	l.came = about.ModTime()
	return l
}

// Await waits for the n-th e-mail to an address.
func (m *MailServer) Await(t testing.TB, address string, n int) Letter {
	t.Helper()
	var found []Letter
	Eventually(t, "an e-mail comes", func() error {
		if found = m.To(address); len(found) < n {
			return fmt.Errorf("%d of %d; the mail server says:\n%s", len(found), n, tail(m.output.String()))
		}
		return nil
	})
	return found[n-1]
}
