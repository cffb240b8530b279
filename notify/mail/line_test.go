package mail

import (
	"context"
	"crypto/tls"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"magpie/notify/sms"
)

type smtpConn = smtp.Conn

// turning is a clock that stands at the last moment that is in time until it is
// turned to the first that is not.
type turning struct {
	by   time.Time
	late atomic.Bool
}

func (c *turning) now() time.Time {
	if c.late.Load() {
		return c.by.Add(time.Nanosecond)
	}
	return c.by
}

// timed gives a Sender that goes by such a clock, and the context of a message
// that must begin by then.
func timed(t testing.TB, s *Sender) (context.Context, *turning) {
	t.Helper()
	c := &turning{by: time.Now().Add(time.Hour)}
	s.clock = c.now
	return sms.ConnectBy(t.Context(), c.by), c
}

func TestNoContentIsWrittenAfterItsTime(t *testing.T) {
	p := openPostOffice(t, true)
	s := sender(t, "smtps", p.addr, p.ca)
	ctx, clock := timed(t, s)
	if _, err := s.Send(ctx, note()); err != nil {
		t.Fatal(err)
	}
	p.one(t)
	p.at = func(step string, _ *smtpConn) error {
		clock.late.Store(step == "recipient" || clock.late.Load())
		return nil
	}
	_, err := s.Send(ctx, note())
	wantError(t, err, sms.RetryLater, "connected too late to begin")
	if p.count("recipient") != 2 || p.count("end") != 1 || len(p.all()) != 1 {
		t.Errorf("the server saw %v", p.seen)
	}
}

func TestNotAByteOfContentLeavesTooLate(t *testing.T) {
	ca := newAuthority(t)
	at := script{}.play(t, ca.usual(t))
	s := sender(t, "smtps", at.addr, ca)
	ctx, clock := timed(t, s)
	var looks atomic.Int64
	s.clock = func() time.Time {
		// The first look is before MAIL, the second at the first byte.
		clock.late.Store(looks.Add(1) > 1)
		return clock.now()
	}
	_, err := s.Send(ctx, note())
	wantError(t, err, sms.RetryLater, "connected too late to begin")
	if looks.Load() < 2 || at.got() != "" {
		t.Errorf("the clock was read %d times, and %q came", looks.Load(), at.got())
	}
}

func TestAServerThatIsSlowToLetUsInIsQuickTheNextTime(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	ctx, clock := timed(t, s)
	p.at = func(step string, _ *smtpConn) error {
		clock.late.Store(step == "login" || clock.late.Load())
		return nil
	}
	_, err := s.Send(ctx, note())
	wantError(t, err, sms.RetryLater, "connected too late to begin")
	if p.count("sender") != 0 {
		t.Error("the message was begun")
	}
	clock.late.Store(false)
	if _, err := s.Send(ctx, note()); err != nil {
		t.Fatal(err)
	}
	p.one(t)
	if n := p.count("login"); n != 1 {
		t.Errorf("%d logins", n)
	}
}

func TestMessagesShareAConnectionAndEachArrivesOnce(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	for i := range 20 {
		m := note()
		m.ID = strconv.Itoa(i)
		if _, err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if n := p.count("login"); n != 1 || len(p.all()) != 20 {
		t.Errorf("%d logins, %d e-mails", n, len(p.all()))
	}
}

func TestNoMoreConnectionsAreOpenThanTheServerBears(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	var senders sync.WaitGroup
	for i := range 100 {
		senders.Go(func() {
			m := note()
			m.ID = strconv.Itoa(i)
			if _, err := s.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	different := map[string]bool{}
	for _, m := range p.all() {
		different[m.content] = true
	}
	if n := p.count("login"); n > maxLines || len(different) != 100 {
		t.Errorf("%d logins, %d e-mails", n, len(different))
	}
}

func TestWhoFindsNoPlaceInTimeTriesLater(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	for range maxLines {
		s.places <- struct{}{}
	}
	_, err := s.Send(sms.ConnectBy(t.Context(), time.Now().Add(10*time.Millisecond)), note())
	wantError(t, err, sms.RetryLater, "connected too late to begin")
	if p.count("hello") != 0 {
		t.Error("it connected")
	}
	<-s.places
	if _, err := s.Send(sms.ConnectBy(t.Context(), time.Now().Add(time.Minute)), note()); err != nil {
		t.Error(err)
	}
}

// TestALineThatTheServerHasLeftIsReplaced lets the server end the connection
// between two messages, or say that it will.
func TestALineThatTheServerHasLeftIsReplaced(t *testing.T) {
	for name, leave := range map[string]func(c *smtpConn) error{
		"without a word": func(c *smtpConn) error { return c.Conn().(*tls.Conn).NetConn().Close() },
		"with a word": func(*smtpConn) error {
			return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "bye"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := openPostOffice(t, false)
			p.at = func(step string, c *smtpConn) error {
				if step == "sender" && p.count("sender") == 2 {
					return leave(c)
				}
				return nil
			}
			s := sender(t, "smtp", p.addr, p.ca)
			for range 2 {
				if _, err := s.Send(t.Context(), note()); err != nil {
					t.Fatal(err)
				}
			}
			if n := p.count("login"); n != 2 || len(p.all()) != 2 {
				t.Errorf("%d logins, %d e-mails", n, len(p.all()))
			}
		})
	}
}

func TestAKeptLineThatFailsLaterIsNotTriedAgain(t *testing.T) {
	for step, class := range map[string]sms.Class{"recipient": sms.RetryLater, "end": sms.Uncertain} {
		t.Run(step, func(t *testing.T) {
			p := openPostOffice(t, false)
			p.at = func(s string, c *smtpConn) error {
				if s == step && p.count(step) == 2 {
					return c.Conn().(*tls.Conn).NetConn().Close()
				}
				return nil
			}
			s := sender(t, "smtp", p.addr, p.ca)
			if _, err := s.Send(t.Context(), note()); err != nil {
				t.Fatal(err)
			}
			_, err := s.Send(t.Context(), note())
			wantError(t, err, class, "the connection ended")
			if n := p.count(step); n != 2 {
				t.Errorf("%d tries", n)
			}
			if _, err := s.Send(t.Context(), note()); err != nil {
				t.Errorf("the next one fails too: %v", err)
			}
		})
	}
}

func TestALineIsLeftWhenNothingComes(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	s.lines.idleFor = time.Millisecond
	if _, err := s.Send(t.Context(), note()); err != nil {
		t.Fatal(err)
	}
	p.left(t)
	if _, err := s.Send(t.Context(), note()); err != nil {
		t.Fatal(err)
	}
	if n := p.count("login"); n != 2 {
		t.Errorf("%d logins", n)
	}
}

func TestCloseLeavesTheServerAndMayBeCalledTwice(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	if _, err := s.Send(t.Context(), note()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	p.left(t)
	s.Close()
	if _, err := s.Send(t.Context(), note()); err != nil {
		t.Fatal(err)
	}
	p.left(t) // nothing is kept any more
}

func TestALineOnWhichCtxEndedIsNotUsedAgain(t *testing.T) {
	p := openPostOffice(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	p.at = func(step string, _ *smtpConn) error {
		if step == "recipient" && ctx.Err() == nil {
			cancel()
			<-t.Context().Done()
		}
		return nil
	}
	s := sender(t, "smtp", p.addr, p.ca)
	_, err := s.Send(ctx, note())
	wantError(t, err, sms.RetryLater, "no answer in time at the recipient")
	if _, err := s.Send(t.Context(), note()); err != nil {
		t.Fatal(err)
	}
	if n := p.count("login"); n != 2 {
		t.Errorf("%d logins", n)
	}
}
