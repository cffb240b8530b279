// Package sms hands text messages to a gateway. The drivers are log: (the
// program's own log), kannel+http: and kannel+https: (any gateway that speaks
// Kannel's sendsms), and Recorder, which keeps them in memory for a
// demonstration.
//
// It promises that one Send is at most one request, that an error says whether
// the gateway may have taken the message, and that no error and no log line
// holds a password or a whole number. It does not retry and does not know
// whether a message arrived: "accepted" is all it hears.
package sms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Gateway hands one message over. to is a number as the office has it, eleven
// digits or +86 and eleven; validFor is how long from now the message is worth
// delivering. The id is the gateway's own and empty where it gives none. An
// error is an *Error.
type Gateway interface {
	Send(ctx context.Context, to, text string, validFor time.Duration) (gatewayID string, err error)
}

// Class says what became of a message that was not accepted.
type Class int

const (
	// Uncertain: the gateway may have taken it; trying again may send it twice.
	Uncertain Class = iota
	// NotTaken: the gateway surely did not take it; it may be tried again.
	NotTaken
	// Refused: the gateway will never take this message.
	Refused
)

// String gives the class in words.
func (c Class) String() string {
	switch c {
	case NotTaken:
		return "not taken"
	case Refused:
		return "refused"
	}
	return "uncertain"
}

// Error is why a message was not accepted. Detail is made of fixed phrases, an
// HTTP status or an address of the gateway: never a number, a text or a
// password. It wraps nothing, for what the HTTP client returns holds the whole
// request.
type Error struct {
	Class  Class
	Detail string
}

func (e *Error) Error() string { return "sms gateway: " + e.Class.String() + ": " + e.Detail }

// Open makes the gateway that the setting MAGPIE_SMS names, without connecting
// to it. log is where log: writes its messages. An error names the setting and
// never holds the password.
func Open(setting string, log *slog.Logger) (Gateway, error) {
	scheme, _, _ := strings.Cut(setting, ":")
	switch {
	case setting == "log:":
		return logDriver{log}, nil
	case scheme == "kannel+http" || scheme == "kannel+https":
		g, err := openKannel(setting)
		if err != nil {
			return nil, fmt.Errorf("MAGPIE_SMS: %w", err)
		}
		return g, nil
	}
	return nil, errors.New("MAGPIE_SMS: neither log: nor kannel+http://user:password@host:port/cgi-bin/sendsms")
}

func openKannel(setting string) (*kannel, error) {
	u, err := url.Parse(strings.TrimPrefix(setting, "kannel+"))
	if err != nil {
		return nil, errors.New("not a URL: a sign in the password may have to be written as %XX")
	}
	password, hasPassword := u.User.Password()
	switch {
	case u.User.Username() == "" || !hasPassword:
		return nil, errors.New("user:password@ is missing")
	case u.Hostname() == "":
		return nil, errors.New("the host is missing")
	case u.Path == "" || u.Path == "/":
		return nil, errors.New("the path is missing, as a rule /cgi-bin/sendsms")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("nothing may follow the path")
	}
	user := u.User.Username()
	u.User = nil
	return newKannel(*u, user, password), nil
}

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
func (d logDriver) Send(ctx context.Context, to, text string, _ time.Duration) (string, error) {
	d.log.InfoContext(ctx, "text message", "to", Mask(to), "text", text)
	return "", nil
}

type connectBy struct{}

// ConnectBy says by when, on this machine's monotonic clock, a message must have
// begun to leave: a driver that has not written its first byte by then writes
// none and returns NotTaken. Without it only ctx ends a Send.
func ConnectBy(ctx context.Context, by time.Time) context.Context {
	return context.WithValue(ctx, connectBy{}, by)
}

// ConnectDeadline gives what ConnectBy set, for drivers; false where nothing was.
func ConnectDeadline(ctx context.Context) (time.Time, bool) {
	by, ok := ctx.Value(connectBy{}).(time.Time)
	return by, ok
}
