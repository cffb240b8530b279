package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"magpie/notify/sms"
)

// TestARefusalSaysWhatItIsAbout plays every kind of refusal at each step. The
// answers quote what an answer of a real server may quote.
func TestARefusalSaysWhatItIsAbout(t *testing.T) {
	const quoting = " <" + citizen + ">: refused, user " + user
	ca := newAuthority(t)
	secure := ca.usual(t)
	for _, c := range []struct {
		verb, answer string
		class        sms.Class
		detail       string
	}{
		{"greeting", "421 4.3.2 later", sms.RetryLater, "the greeting: 421 4.3.2"},
		{"greeting", "554 no service for you", sms.SetUp, "the greeting: 554"},
		{"EHLO", "451 4.3.0 later", sms.RetryLater, "EHLO: 451 4.3.0"},
		{"EHLO", "550 5.7.1 who are you", sms.SetUp, "EHLO: 550 5.7.1"},
		{"EHLO", "250 here", sms.SetUp, "no login by PLAIN or LOGIN"},
		{"EHLO", "250-here\r\n250 AUTH CRAM-MD5 NTLM", sms.SetUp, "no login by PLAIN or LOGIN"},
		{"AUTH", "454 4.7.0 later", sms.RetryLater, "the login: 454 4.7.0"},
		{"AUTH", "535 5.7.8" + quoting, sms.SetUp, "the login: 535 5.7.8"},
		{"AUTH", "534 5.7.9" + quoting, sms.SetUp, "the login: 534 5.7.9"},
		{"MAIL", "421 4.3.2 closing", sms.RetryLater, "the sender: 421 4.3.2"},
		{"MAIL", "451 4.7.1 slower", sms.RetryLater, "the sender: 451 4.7.1"},
		{"MAIL", "530 5.7.0 log in first", sms.SetUp, "the sender: 530 5.7.0"},
		{"MAIL", "550 5.1.8" + quoting, sms.SetUp, "the sender: 550 5.1.8"},
		{"MAIL", "553 not yours", sms.SetUp, "the sender: 553"},
		{"RCPT", "421 4.3.2 closing", sms.RetryLater, "the recipient: 421"},
		{"RCPT", "450 4.2.0" + quoting, sms.RetryLater, "the recipient: 450 4.2.0"},
		{"RCPT", "452 4.2.2" + quoting, sms.RetryLater, "the recipient: 452 4.2.2"},
		{"RCPT", "550 5.1.1" + quoting, sms.WrongNumber, "the recipient: 550 5.1.1"},
		{"RCPT", "550 5.1.2" + quoting, sms.WrongNumber, "the recipient: 550 5.1.2"},
		{"RCPT", "501 5.1.3" + quoting, sms.WrongNumber, "the recipient: 501 5.1.3"},
		{"RCPT", "556 5.1.10" + quoting, sms.WrongNumber, "the recipient: 556 5.1.10"},
		{"RCPT", "550 5.1.8" + quoting, sms.SetUp, "the recipient: 550 5.1.8"},
		{"RCPT", "552 5.2.2" + quoting, sms.WrongNumber, "the recipient: 552 5.2.2"},
		{"RCPT", "550 5.2.1" + quoting, sms.WrongNumber, "the recipient: 550 5.2.1"},
		{"RCPT", "550 5.4.1" + quoting, sms.WrongNumber, "the recipient: 550 5.4.1"},
		{"RCPT", "550" + quoting, sms.WrongNumber, "the recipient: 550"},
		{"RCPT", "550 5.0.0" + quoting, sms.WrongNumber, "the recipient: 550 5.0.0"},
		{"RCPT", "551" + quoting, sms.WrongNumber, "the recipient: 551"},
		{"RCPT", "553" + quoting, sms.WrongNumber, "the recipient: 553"},
		{"RCPT", "550 5.7.1 relaying denied", sms.SetUp, "the recipient: 550 5.7.1"},
		{"RCPT", "554 5.7.1" + quoting, sms.SetUp, "the recipient: 554 5.7.1"},
		{"RCPT", "530 5.7.0 log in first", sms.SetUp, "the recipient: 530 5.7.0"},
		{"RCPT", "503 5.5.1 bad sequence", sms.SetUp, "the recipient: 503 5.5.1"},
		{"RCPT", "554" + quoting, sms.SetUp, "the recipient: 554"},
		{"DATA", "451 4.3.0 later", sms.RetryLater, "DATA: 451 4.3.0"},
		{"DATA", "554 5.5.1 no valid recipients", sms.SetUp, "DATA: 554 5.5.1"},
		{"DATA", "250 what", sms.RetryLater, "DATA: 250"},
		{".", "421 4.3.2 closing", sms.RetryLater, "the end of the content: 421 4.3.2"},
		{".", "451 4.7.1 greylisted", sms.RetryLater, "the end of the content: 451 4.7.1"},
		{".", "452 4.3.1 no room", sms.RetryLater, "the end of the content: 452 4.3.1"},
		{".", "550 5.1.1" + quoting, sms.WrongNumber, "the end of the content: 550 5.1.1"},
		{".", "552 5.2.2" + quoting, sms.WrongNumber, "the end of the content: 552 5.2.2"},
		{".", "552 5.3.4 too big", sms.Content, "the end of the content: 552 5.3.4"},
		{".", "554 5.7.1 spam", sms.Content, "the end of the content: 554 5.7.1"},
		{".", "550 5.6.0 not nice", sms.Content, "the end of the content: 550 5.6.0"},
		{".", "554" + quoting, sms.Content, "the end of the content: 554"},
		{".", "354 what", sms.Uncertain, "the end of the content: 354"},
		{".", "taken", sms.Uncertain, "not SMTP at the end of the content"},
		{"MAIL", "well", sms.RetryLater, "not SMTP at the sender"},
		{"MAIL", strings.Repeat("250-on and on\r\n", maxAnswer/10) + "250 so be it", sms.RetryLater, "not SMTP at the sender"},
	} {
		t.Run(c.verb+" "+c.answer[:min(len(c.answer), 20)], func(t *testing.T) {
			// HELO is tried where EHLO is refused.
			at := script{c.verb: c.answer, "HELO": "550 5.5.1 no"}.play(t, secure)
			id, err := sender(t, "smtps", at.addr, ca).Send(t.Context(), note())
			if id != "" {
				t.Errorf("it has the id %s", id)
			}
			wantError(t, err, c.class, c.detail)
			if got := at.got(); (got != "") != (c.verb == ".") {
				t.Errorf("content was sent: %q", got)
			}
		})
	}
}

func TestAReceiverThatIsRefusedForNowIsLeftAloneAndNotTheServer(t *testing.T) {
	ca := newAuthority(t)
	secure := ca.usual(t)
	for answer, want := range map[string]time.Duration{"450 4.2.0 greylisted": recipientWait, "421 4.3.2 closing": 0} {
		at := script{"RCPT": answer}.play(t, secure)
		_, err := sender(t, "smtps", at.addr, ca).Send(t.Context(), note())
		var e *sms.Error
		if !errors.As(err, &e) || e.Class != sms.RetryLater || e.Wait != want || e.Trouble() != (want == 0) {
			t.Errorf("%s: %+v", answer, e)
		}
	}
}

func TestTwoHundredAndFiftyOrAnotherYesAtTheEndIsAYes(t *testing.T) {
	ca := newAuthority(t)
	for _, answer := range []string{"250 2.0.0 queued as 4F1", "250-queued\r\n250 really", "251 forwarded"} {
		at := script{".": answer}.play(t, ca.usual(t))
		if _, err := sender(t, "smtps", at.addr, ca).Send(t.Context(), note()); err != nil {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// TestWhereTheConnectionEndsDecidesWhatIsKnown goes through every step twice:
// the server drops the connection, or says nothing more.
func TestWhereTheConnectionEndsDecidesWhatIsKnown(t *testing.T) {
	ca := newAuthority(t)
	secure := ca.usual(t)
	for _, c := range []struct {
		verb   string
		class  sms.Class
		detail string
	}{
		{"greeting", sms.RetryLater, "the greeting"},
		{"EHLO", sms.RetryLater, "EHLO"},
		{"AUTH", sms.RetryLater, "the login"},
		{"MAIL", sms.RetryLater, "the sender"},
		{"RCPT", sms.RetryLater, "the recipient"},
		{"DATA", sms.RetryLater, "DATA"},
		{".", sms.Uncertain, "the end of the content"},
	} {
		t.Run(c.verb, func(t *testing.T) {
			at := script{c.verb: drop}.play(t, secure)
			_, err := sender(t, "smtps", at.addr, ca).Send(t.Context(), note())
			wantError(t, err, c.class, "the connection ended at "+c.detail)

			at = script{c.verb: hang}.play(t, secure)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			go func() {
				<-at.hung
				cancel()
			}()
			_, err = sender(t, "smtps", at.addr, ca).Send(ctx, note())
			wantError(t, err, c.class, "no answer in time at ")
			if ctx.Err() == nil {
				t.Error("it did not wait for the end of ctx")
			}
		})
	}
}

func TestContentThatNeverLeftWholeIsNotTaken(t *testing.T) {
	m := note()
	m.Text = strings.Repeat("A line of a text that is far too long.\n", 400_000)
	for _, detail := range []string{"no answer in time at the content", "the connection ended at the content"} {
		t.Run(detail, func(t *testing.T) {
			p := openPostOffice(t, true)
			p.at = func(step string, c *smtpConn) error {
				if step == "data" { // and nothing of it is read
					if strings.HasPrefix(detail, "the connection") {
						c.Conn().(*tls.Conn).NetConn().Close()
					}
					<-t.Context().Done()
				}
				return nil
			}
			s := sender(t, "smtps", p.addr, p.ca)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if strings.HasPrefix(detail, "no answer") {
				s.clock = func() time.Time {
					if p.count("recipient") > 0 {
						cancel() // the first byte is about to leave
					}
					return time.Time{}
				}
			}
			_, err := s.Send(sms.ConnectBy(ctx, time.Now().Add(time.Hour)), m)
			wantError(t, err, sms.RetryLater, detail)
		})
	}
}

func TestAServerThatIsNotThereIsTriedAgain(t *testing.T) {
	l := listen(t)
	l.Close()
	_, err := sender(t, "smtp", l.Addr(), newAuthority(t)).Send(t.Context(), note())
	wantError(t, err, sms.RetryLater, "cannot connect")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = sender(t, "smtp", l.Addr(), newAuthority(t)).Send(ctx, note())
	wantError(t, err, sms.RetryLater, "")
}
