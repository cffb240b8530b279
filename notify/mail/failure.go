package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"magpie/notify/sms"
)

// step is where in the dialogue something failed, in the words of a Detail.
type step string

const (
	atGreeting  step = "the greeting"
	atHello     step = "EHLO"
	atStartTLS  step = "STARTTLS"
	atLogin     step = "the login"
	atSender    step = "the sender"
	atRecipient step = "the recipient"
	atData      step = "DATA"
	atContent   step = "the content"
	atEnd       step = "the end of the content"
)

// leaving is the answer of a server that is about to close (RFC 5321, 3.8).
const leaving = 421

// recipientWait is how long a receiver that was refused for now is left alone:
// greylisting takes five minutes as a rule.
const recipientWait = 5 * time.Minute

// enhanced is a status of RFC 3463 at the head of an answer.
var enhanced = regexp.MustCompile(`^[45]\.\d{1,3}\.\d{1,3}\b`)

func tooLate() *sms.Error {
	return &sms.Error{Class: sms.RetryLater, Detail: errTooLate.Error()}
}

// failed says what became of a message that got no further than this step. Of
// what the server said only its codes are told, since it may quote addresses.
func (at step) failed(err error) *sms.Error {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		status := enhanced.FindString(answer.Msg)
		detail := strings.TrimSpace("the server refused " + string(at) + ": " + strconv.Itoa(answer.Code) + " " + status)
		refused := &sms.Error{Class: at.judge(answer.Code, status), Detail: detail}
		if at == atRecipient && refused.Class == sms.RetryLater && answer.Code != leaving {
			refused.Wait = recipientWait
		}
		return refused
	}
	class := sms.RetryLater
	if at == atEnd {
		class = sms.Uncertain
	}
	switch {
	case errors.Is(err, errTooLate):
		return tooLate()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &sms.Error{Class: class, Detail: "no answer in time at " + string(at)}
	case lost(err):
		return &sms.Error{Class: class, Detail: "the connection ended at " + string(at)}
	}
	return &sms.Error{Class: class, Detail: "an answer that is not SMTP at " + string(at)}
}

// judge reads an answer that is not the one that was hoped for. 4yz is "not
// now", 5yz "never" (RFC 5321, 4.2.1). Whatever refuses an address says so
// itself; what refuses a message after it was read is its content; all else
// that is for good speaks of us, our server or our account, and a human has to
// look.
func (at step) judge(code int, status string) sms.Class {
	switch {
	case code >= 400 && code < 500:
		return sms.RetryLater
	case code < 500 || code > 599:
		if at == atEnd {
			return sms.Uncertain
		}
		return sms.RetryLater
	case (at == atRecipient || at == atEnd) && badAddress(status):
		return sms.WrongNumber
	case at == atEnd:
		return sms.Content
	case at == atRecipient && (status == "" || status == "5.0.0") && badMailbox(code):
		return sms.WrongNumber
	}
	return sms.SetUp
}

// badAddress: a status that speaks of the receiver's address or mailbox, or of
// a way to it that does not exist (RFC 3463, 3.2, 3.3, 3.5; RFC 7505). 5.1.7 and
// 5.1.8 are the sender's address.
func badAddress(status string) bool {
	switch status {
	case "5.1.7", "5.1.8":
		return false
	case "5.2.0", "5.2.1", "5.2.2", "5.4.1", "5.4.4":
		return true
	}
	return strings.HasPrefix(status, "5.1.")
}

// badMailbox: a code that says the same where no status does (RFC 5321, 4.2.3;
// RFC 7504).
func badMailbox(code int) bool {
	switch code {
	case 501, 521, 550, 551, 552, 553, 556:
		return true
	}
	return false
}

// handshakeFailed says why TLS could not be agreed; nothing of a message has
// been said by then.
func handshakeFailed(err error) *sms.Error {
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return &sms.Error{Class: sms.SetUp, Detail: "the server's certificate is not trusted: " + distrust(untrusted.Err)}
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return &sms.Error{Class: sms.RetryLater, Detail: "no answer in time at the TLS handshake"}
	case lost(err):
		return &sms.Error{Class: sms.RetryLater, Detail: "the connection ended at the TLS handshake"}
	}
	return &sms.Error{Class: sms.SetUp, Detail: "the server and we do not agree on TLS"}
}

func distrust(err error) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "it is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired or is not valid yet"
	}
	return "no authority that is known here has signed it"
}

// answered says that the server gave an answer, though not the hoped-for one.
func answered(err error) bool {
	var answer *textproto.Error
	return errors.As(err, &answer)
}

// lost says that the connection ended.
func lost(err error) bool {
	var network *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &network) && (network.Op == "read" || network.Op == "write")
}

// gone says that the server has left a line, or is about to.
func gone(err error) bool {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code == leaving
	}
	return lost(err) && !errors.Is(err, os.ErrDeadlineExceeded)
}
