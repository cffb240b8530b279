package mail

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// postOffice is go-smtp's server.
type postOffice struct {
	addr net.Addr
	ca   authority
	ways []string // of AUTH
	// at is asked at every step, and may refuse, end the connection or wait.
	at func(step string, c *smtp.Conn) error

	mu     sync.Mutex
	seen   map[string]int // steps
	mails  []received
	closed chan struct{} // one for each connection that ended after a login
}

type received struct {
	from, to, head string // head: what stood behind EHLO
	content        string
}

func openPostOffice(t testing.TB, implicit bool) *postOffice {
	t.Helper()
	ca := newAuthority(t)
	p := openPostOfficeWith(t, implicit, ca.usual(t))
	p.ca = ca
	return p
}

func openPostOfficeWith(t testing.TB, implicit bool, secure *tls.Config) *postOffice {
	t.Helper()
	p := &postOffice{ways: []string{"PLAIN"}, seen: map[string]int{}, closed: make(chan struct{}, 100)}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &visit{p: p, c: c}, p.step("hello", c)
	}))
	server.TLSConfig = secure
	server.ErrorLog = silence{}
	server.EnableSMTPUTF8 = true
	l := listen(t)
	p.addr = l.Addr()
	if implicit {
		l = tls.NewListener(l, server.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Close()
		l.Close() // where Serve had not come to know of it
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *postOffice) step(name string, c *smtp.Conn) error {
	p.mu.Lock()
	p.seen[name]++
	at := p.at
	p.mu.Unlock()
	if at == nil {
		return nil
	}
	return at(name, c)
}

func (p *postOffice) count(step string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[step]
}

func (p *postOffice) all() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]received(nil), p.mails...)
}

// one gives the one e-mail that came.
func (p *postOffice) one(t testing.TB) received {
	t.Helper()
	all := p.all()
	if len(all) != 1 {
		t.Fatalf("%d e-mails came", len(all))
	}
	return all[0]
}

// silence is a log for a server whose connections are cut on purpose.
type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// left waits for a connection to end that was logged in.
func (p *postOffice) left(t testing.TB) {
	t.Helper()
	select {
	case <-p.closed:
	case <-time.After(10 * time.Second):
		t.Fatal("no connection was left")
	}
}

// visit is one connection to the post office.
type visit struct {
	p        *postOffice
	c        *smtp.Conn
	mail     received
	loggedIn bool
}

func (v *visit) AuthMechanisms() []string { return v.p.ways }

func (v *visit) Auth(way string) (sasl.Server, error) {
	check := func(_, name, secret string) error {
		if err := v.p.step("login", v.c); err != nil {
			return err
		}
		if name != user || secret != password {
			return smtp.ErrAuthFailed
		}
		v.loggedIn = true
		return nil
	}
	if way == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(check), nil
}

func (v *visit) Mail(from string, opts *smtp.MailOptions) error {
	if opts.UTF8 {
		return errors.New("SMTPUTF8 was asked for")
	}
	v.mail = received{from: from, head: v.c.Hostname()}
	return v.p.step("sender", v.c)
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.mail.to = to
	return v.p.step("recipient", v.c)
}

func (v *visit) Data(r io.Reader) error {
	if err := v.p.step("data", v.c); err != nil {
		return err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.mail.content = string(content)
	v.p.mu.Lock()
	v.p.mails = append(v.p.mails, v.mail)
	v.p.mu.Unlock()
	return v.p.step("end", v.c)
}

func (v *visit) Reset() {}

func (v *visit) Logout() error {
	if v.loggedIn {
		v.p.closed <- struct{}{}
	}
	return nil
}

// loginServer is the server's part of AUTH LOGIN.
type loginServer struct {
	check func(identity, name, secret string) error
	asked int
	name  string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.name = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check("", l.name, string(response))
}
