package mail

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"magpie/notify/sms"
)

const (
	// dialTimeout ends the wait for a server that does not answer at all, so that
	// its return is noticed within seconds.
	dialTimeout = 2 * time.Second
	// quitTimeout bounds the word of leave, whose answer nobody waits for.
	quitTimeout = time.Second
)

// line is a connection to the server, logged in, with no message under way.
type line struct {
	wire   *wire
	client *smtp.Client
	// broken: it must not be used again, not even to say goodbye.
	broken bool
	// stale: the server had left it before the message began.
	stale  bool
	expiry *time.Timer
}

// connect opens a line, whatever sms.ConnectBy says: a server that is slow to
// let us in would otherwise never get a message.
func (s *Sender) connect(ctx context.Context) (*line, *sms.Error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, "tcp", s.server.address())
	if err != nil {
		return nil, &sms.Error{Class: sms.RetryLater, Detail: "cannot connect: " + err.Error()}
	}
	w := &wire{Conn: conn, clock: s.clock}
	release := w.obey(ctx)
	client, failed := s.enter(ctx, w)
	if !release() && failed == nil {
		failed = tooLate()
	}
	if failed != nil {
		_ = conn.Close() // nothing is under way on it
		return nil, failed
	}
	return &line{wire: w, client: client}, nil
}

// enter goes from the server's greeting to the login.
func (s *Sender) enter(ctx context.Context, w *wire) (*smtp.Client, *sms.Error) {
	var conn net.Conn = w
	if s.server.implicit {
		secure := tls.Client(w, s.server.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, handshakeFailed(err)
		}
		conn = secure
	}
	client, err := smtp.NewClient(conn, s.server.host)
	if err != nil {
		return nil, atGreeting.failed(err)
	}
	// With SMTPUTF8 a message goes no further than servers that know it.
	client.SkipSMTPUTF8(true)
	// What stands behind EHLO goes into the message's head, where a machine's
	// own name would tell too much.
	if err := client.Hello(s.domain()); err != nil {
		return nil, atHello.failed(err)
	}
	if !s.server.implicit {
		if failed := s.startTLS(client); failed != nil {
			return nil, failed
		}
	}
	return client, s.logIn(client)
}

func (s *Sender) startTLS(client *smtp.Client) *sms.Error {
	if offered, _ := client.Extension("STARTTLS"); !offered {
		return &sms.Error{Class: sms.SetUp, Detail: "the server does not offer STARTTLS"}
	}
	err := client.StartTLS(s.server.tls)
	switch {
	case err == nil:
		return nil
	case answered(err):
		return atStartTLS.failed(err)
	}
	return handshakeFailed(err)
}

// logIn takes PLAIN or LOGIN, one of which every server has behind TLS.
func (s *Sender) logIn(client *smtp.Client) *sms.Error {
	if s.server.user == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	var auth smtp.Auth
	for _, way := range ways {
		switch {
		case way == "PLAIN":
			auth = smtp.PlainAuth("", s.server.user, s.server.password, s.server.host, false)
		case way == "LOGIN" && auth == nil:
			auth = smtp.LoginAuth(s.server.user, s.server.password, s.server.host, false)
		}
	}
	if auth == nil {
		return &sms.Error{Class: sms.SetUp, Detail: "the server offers no login by PLAIN or LOGIN"}
	}
	if err := client.Auth(auth); err != nil {
		return atLogin.failed(err)
	}
	return nil
}

// deliver hands one message over.
func (l *line) deliver(ctx context.Context, by time.Time, from, to string, letter []byte) *sms.Error {
	release := l.wire.obey(ctx)
	defer func() {
		if !release() {
			l.broken = true
		}
	}()
	if err := l.client.Mail("<" + from + ">"); err != nil {
		l.stale = gone(err)
		return atSender.failed(err)
	}
	if err := l.client.Rcpt("<" + to + ">"); err != nil {
		return atRecipient.failed(err)
	}
	return l.content(by, letter)
}

// content goes from DATA to the server's last word. A write that fails has not
// let the content's end out, without which the server must not take the
// message (RFC 5321, 4.1.1.4); from then on it may have.
func (l *line) content(by time.Time, letter []byte) *sms.Error {
	text := l.client.Text
	if err := text.PrintfLine("DATA"); err != nil {
		return atData.failed(err)
	}
	if _, _, err := text.ReadResponse(354); err != nil {
		return atData.failed(err)
	}
	l.broken = true // a word now would be taken for content
	l.wire.guard(by)
	writer := text.DotWriter()
	if _, err := writer.Write(letter); err != nil {
		return atContent.failed(err)
	}
	if err := writer.Close(); err != nil {
		return atContent.failed(err)
	}
	if _, _, err := text.ReadResponse(2); err != nil {
		l.broken = !answered(err)
		return atEnd.failed(err)
	}
	l.broken = false
	return nil
}

// end leaves the server, with a word where there may be one.
func (l *line) end() {
	if !l.broken {
		_ = l.wire.SetDeadline(monotonic().Add(quitTimeout))
		_ = l.client.Text.PrintfLine("QUIT") // courtesy alone
	}
	_ = l.wire.Close() // all that counts has been answered
}
