// Package mail hands e-mails to an SMTP server (RFC 5321) as a client that
// submits them (RFC 6409), with TLS always.
//
// It promises that one Send hands its message over at most once, that an error
// says whether the server may have taken it, that nothing of a message is
// written after the instant of sms.ConnectBy, and that no error holds an
// address, a text or a password. It does not retry and does not know whether a
// message arrived: "accepted" is all it hears.
//
// go-mail writes the messages and speaks the protocol up to DATA. Its Client is
// not used: it keeps to no context after connecting, reports a message as failed
// when the RSET behind it fails, and cannot tell an end of the content that was
// never written from one that was never answered.
package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"magpie/notify/sms"
)

const (
	// maxLines is how many connections there are at once. Servers refuse more
	// from one client than a few dozen, some more than ten.
	maxLines = 8
	// idleFor is how long a connection waits for the next message. A server
	// waits five minutes at least (RFC 5321, 4.5.3.2.7).
	idleFor = time.Minute
)

// Options are the settings of e-mail.
type Options struct {
	// URL is MAGPIE_MAIL: smtp://user:password@host:port, where STARTTLS is
	// required, or smtps:// with TLS from the first byte. The ports are 587 and
	// 465 where none is given. Without user and password nobody logs in, which
	// is for a relay that knows its senders by their network.
	URL string
	// From is MAGPIE_MAIL_FROM, the sender's address.
	From string
	// CA is what stands in the file of MAGPIE_MAIL_CA: authorities in PEM that
	// are trusted for this server besides the system's own. It may be empty.
	CA []byte
}

// Message is one e-mail to one person.
type Message struct {
	// ID is our own number of the message. The Message-ID is made from it, so
	// that a receiver drops a second copy.
	ID string
	// To is a plain e-mail address.
	To string
	// From is the name beside the sender's address; it may be empty.
	From          string
	Subject, Text string
	// Date stands at the head of the message, in its own zone: when it is handed
	// over. Where it is zero the machine's clock is taken.
	Date time.Time
	// Calendar is an iCalendar file and Method its METHOD, REQUEST or CANCEL; both
	// may be empty.
	Calendar []byte
	Method   string
}

// Sender hands e-mails to one server.
type Sender struct {
	server server
	from   string
	clock  func() time.Time // read for its monotonic part alone
	places chan struct{}    // one for each connection there may be
	lines  shelf
}

// monotonic is the machine's own clock, for how long a call takes.
func monotonic() time.Time { return time.Now() } //nolint:forbidigo // no clock that somebody could move may decide what begins

// Open makes a Sender, without connecting to its server. An error names the
// setting and never holds the password.
func Open(o Options) (*Sender, error) {
	srv, err := readServer(o.URL)
	if err != nil {
		return nil, fmt.Errorf("MAGPIE_MAIL: %w", err)
	}
	if !isAddress(o.From) {
		return nil, errors.New("MAGPIE_MAIL_FROM: not an e-mail address")
	}
	if srv.tls, err = srv.trusting(o.CA); err != nil {
		return nil, fmt.Errorf("MAGPIE_MAIL_CA: %w", err)
	}
	return &Sender{
		server: srv,
		from:   o.From,
		clock:  monotonic,
		places: make(chan struct{}, maxLines),
		lines:  shelf{idleFor: idleFor},
	}, nil
}

// Send hands one message over and waits for the server's answer, until ctx ends.
// The id is the Message-ID, without its brackets, by which the server's log
// knows the message. An error is an *sms.Error.
func (s *Sender) Send(ctx context.Context, m Message) (id string, err error) {
	id = s.messageID(m)
	if !isAddress(m.To) {
		return "", &sms.Error{Class: sms.WrongNumber, Detail: "the address is not one"}
	}
	letter, err := s.letter(m, id)
	if err != nil {
		return "", &sms.Error{Class: sms.Content, Detail: "the message cannot be written"}
	}
	if failed := s.handOver(ctx, m.To, letter); failed != nil {
		return "", failed
	}
	return id, nil
}

// Close ends the connections that are kept for further messages. A Send under
// way is not disturbed, and one after it connects anew. It may be called twice.
func (s *Sender) Close() { s.lines.close() }

// handOver takes a connection and gives the letter to it. Where one that was
// kept turns out to be closed by the server, nothing has been handed over yet
// and the next is taken.
func (s *Sender) handOver(ctx context.Context, to string, letter []byte) *sms.Error {
	by, bounded := sms.ConnectDeadline(ctx)
	if failed := s.place(ctx, by, bounded); failed != nil {
		return failed
	}
	defer func() { <-s.places }()
	for {
		l := s.lines.take()
		kept := l != nil
		if !kept {
			var failed *sms.Error
			if l, failed = s.connect(ctx); failed != nil {
				return failed
			}
		}
		if bounded && s.clock().After(by) {
			// The way is open now, and the next try is quick.
			s.lines.put(l)
			return tooLate()
		}
		failed := l.deliver(ctx, by, s.from, to, letter)
		if failed == nil {
			s.lines.put(l)
			return nil
		}
		l.end()
		if !kept || !l.stale {
			return failed
		}
	}
}

// place waits for one of the places that connections have.
func (s *Sender) place(ctx context.Context, by time.Time, bounded bool) *sms.Error {
	if bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, by)
		defer cancel()
	}
	select {
	case s.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return tooLate()
	}
}
