// Package sms hands text messages to gateways, and reads what gateways tell
// back. The drivers are log: (the program's own log), kannel+http: (any gateway
// that speaks Kannel's sendsms), aliyun: (Alibaba Cloud SMS), tencent: (Tencent
// Cloud SMS), mas+http: (China Mobile 云MAS), webhook+https: (a signed POST to
// whatever a county has), and Recorder, which keeps messages in memory for a
// demonstration.
//
// It promises that one Send is at most one request, that an error says whether
// the gateway may have taken the message, and that no error and no log line
// holds a password or a whole number. It does not retry, does not choose between
// gateways, and keeps nothing: receipts and replies are read here and written
// by others.
package sms

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// Gateway hands one message over. The id is the gateway's own and empty where
// it gives none. An error is an *Error.
type Gateway interface {
	Send(ctx context.Context, m Message) (gatewayID string, err error)
}

// Message is one text message as a driver gets it.
type Message struct {
	// ID is our own number of the message, in decimal: a gateway that can gives
	// it back with its receipts.
	ID string
	// To is a number as the office has it, eleven digits or +86 and eleven.
	To string
	// Signature is the registered signature, without its brackets.
	Signature string
	// Body is the text without the signature.
	Body string
	// Params fill a cloud's approved template, in the order in which they stand
	// in it; Codes are the templates' approval codes by kind of gateway.
	Params []Param
	Codes  map[string]string
	// Asks says that the text asks for a reply.
	Asks bool
	// ValidFor is how long from now the message is worth delivering.
	ValidFor time.Duration
}

// Param is a variable of an approved template.
type Param struct{ Name, Value string }

// Text is the message as a phone shows it: 【signature】 and body.
func (m Message) Text() string {
	if m.Signature == "" {
		return m.Body
	}
	return "【" + m.Signature + "】" + m.Body
}

// Number is To as eleven digits.
func (m Message) Number() string { return strings.TrimPrefix(m.To, "+86") }

// Mask hides the middle of a number: 138****5678. A number that is not Chinese
// and mobile is hidden whole.
func Mask(number string) string {
	n := strings.TrimPrefix(number, "+86")
	if len(n) != 11 {
		return "****"
	}
	return n[:3] + "****" + n[7:]
}

// logDriver writes messages to the log, for a machine without a gateway.
type logDriver struct{ log *slog.Logger }

// Send writes the text and the masked number; it always succeeds.
func (d logDriver) Send(ctx context.Context, m Message) (string, error) {
	d.log.InfoContext(ctx, "text message", "to", Mask(m.To), "text", m.Text())
	return "", nil
}

type connectBy struct{}

// ConnectBy says by when, on this machine's monotonic clock, a message must have
// begun to leave: a driver that has not written its first byte by then writes
// none and returns RetryLater. Without it only ctx ends a Send.
func ConnectBy(ctx context.Context, by time.Time) context.Context {
	return context.WithValue(ctx, connectBy{}, by)
}

// ConnectDeadline gives what ConnectBy set, for drivers; false where nothing was.
func ConnectDeadline(ctx context.Context) (time.Time, bool) {
	by, ok := ctx.Value(connectBy{}).(time.Time)
	return by, ok
}
