package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"net/url"
)

// server is where e-mails go, and as whom.
type server struct {
	host, port string
	// implicit is TLS from the first byte (RFC 8314); otherwise STARTTLS.
	implicit       bool
	user, password string
	tls            *tls.Config
}

func (s server) address() string { return net.JoinHostPort(s.host, s.port) }

// readServer reads MAGPIE_MAIL; what it says of it never quotes it.
func readServer(setting string) (server, error) {
	u, err := url.Parse(setting)
	if err != nil {
		return server{}, errors.New("not a URL: a sign in the password may have to be written as %XX")
	}
	s := server{host: u.Hostname(), port: u.Port(), implicit: u.Scheme == "smtps", user: u.User.Username()}
	s.password, _ = u.User.Password()
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return server{}, errors.New("neither smtp://user:password@host:port nor smtps://user:password@host:port")
	case s.host == "":
		return server{}, errors.New("the host is missing")
	case u.User != nil && (s.user == "" || s.password == ""):
		return server{}, errors.New("user or password is missing")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return server{}, errors.New("nothing may follow the port")
	}
	if s.port == "" {
		s.port = map[bool]string{true: "465", false: "587"}[s.implicit]
	}
	return s, nil
}

// trusting makes the settings of TLS with further authorities in PEM.
func (s server) trusting(authorities []byte) (*tls.Config, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without any
	}
	if len(authorities) > 0 && !roots.AppendCertsFromPEM(authorities) {
		return nil, errors.New("no certificate in PEM")
	}
	return &tls.Config{ServerName: s.host, RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// isAddress takes a plain address in ASCII alone: not every server on the way
// can take another (RFC 6531).
func isAddress(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	parsed, err := netmail.ParseAddress(text)
	return err == nil && parsed.Name == "" && parsed.Address == text
}
