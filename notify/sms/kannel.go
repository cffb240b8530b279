package sms

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"magpie/scheduling/messages"
)

// dialTimeout ends the wait for a gateway that does not answer at all, so that
// its return is noticed within seconds.
const dialTimeout = 2 * time.Second

// kannel speaks the sendsms interface of Kannel (user's guide, 1.4, "Using the
// HTTP interface to send SMS messages"). The sender's number and the SMSC are
// set up there, by default-sender and default-smsc of the sendsms-user.
type kannel struct {
	endpoint       url.URL
	user, password string
	transport      *http.Transport
	clock          func() time.Time
}

// attempt follows one request down to its connection.
type attempt struct {
	by    time.Time // when the first byte must have left; zero: whenever
	begun atomic.Bool
}

type attemptKey struct{}

var errTooLate = errors.New("connected too late to begin")

// monotonic is the machine's own clock, for how long a call takes.
func monotonic() time.Time { return time.Now() } //nolint:forbidigo // no clock that somebody could move may decide what begins

// newKannel sets the transport up so that one Send is one request. Keep-alive
// is off because Go's transport repeats a GET whose re-used connection died,
// which would send the message twice; HTTP/2 is off because it repeats as well.
// There is no http.Client about it: no redirect is followed, and no proxy is
// taken from the environment, since both would hand the password and the number
// to somebody else.
func newKannel(endpoint url.URL, user, password string) *kannel {
	k := &kannel{endpoint: endpoint, user: user, password: password, clock: monotonic}
	k.transport = &http.Transport{
		DisableKeepAlives:  true,
		DisableCompression: true,
		DialContext:        k.dial,
		DialTLSContext:     k.dialTLS,
		TLSNextProto:       map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	return k
}

// Send makes one request and reads its answer.
func (k *kannel) Send(ctx context.Context, to, text string, validFor time.Duration) (string, error) {
	a := &attempt{}
	a.by, _ = ConnectDeadline(ctx)
	ctx = context.WithValue(ctx, attemptKey{}, a)
	u := k.endpoint
	u.RawQuery = k.query(to, text, validFor).Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", &Error{Refused, "the request cannot be written"}
	}
	resp, err := k.transport.RoundTrip(req)
	if err != nil {
		return "", lost(err, a.begun.Load())
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusAccepted {
		return "", nil // whatever becomes of the body
	}
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, 1024))
	if failure := judge(resp.StatusCode, string(body), readErr); failure != nil {
		return "", failure
	}
	return "", nil
}

func (k *kannel) query(to, text string, validFor time.Duration) url.Values {
	coding := "2"
	if messages.GSM7(text) {
		coding = "0"
	}
	minutes := max(1, (validFor+time.Minute-1)/time.Minute)
	return url.Values{
		"username": {k.user},
		"password": {k.password},
		"to":       {to},
		"text":     {text},
		"coding":   {coding},
		"charset":  {"UTF-8"},
		"validity": {strconv.FormatInt(int64(minutes), 10)},
	}
}

// judge reads an answer that is not 202: nil if the message was accepted all the
// same, as some that speak Kannel say it with 200. Kannel documents 202
// with "0: Accepted for delivery" and "3: Queued for later delivery", 4xx for a
// request or a configuration that can never be delivered, and 503 for "Temporal
// failure, try again later"; its smsbox also answers 202 "Sent." where it does
// not wait for the bearerbox. What speaks of our own set-up is NotTaken rather
// than Refused: nothing is lost while somebody mends it. Any other answer may
// come from something in front of a gateway that took the message.
func judge(status int, body string, readErr error) *Error {
	answer := "answer " + strconv.Itoa(status)
	switch {
	case status == http.StatusOK:
		if readErr == nil && accepted(body) {
			return nil
		}
		return &Error{Uncertain, answer + " without a word that it was accepted"}
	case status >= 300 && status < 400:
		return &Error{NotTaken, answer + ", a redirect: check the address in MAGPIE_SMS"}
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return &Error{NotTaken, answer + ", try again later"}
	case status == http.StatusForbidden && strings.HasPrefix(body, "Not routable"):
		return &Error{Refused, answer + ", no route to this number"}
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired:
		return &Error{NotTaken, answer + ", not let in: check user, password and allowed addresses for MAGPIE_SMS"}
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return &Error{NotTaken, answer + ": check the path in MAGPIE_SMS"}
	case status == http.StatusBadRequest && strings.HasPrefix(body, "Sender missing"):
		return &Error{NotTaken, answer + ", no sender: set default-sender at the gateway"}
	case status == http.StatusBadRequest && strings.HasPrefix(body, "Number(s) has/have been denied"):
		return &Error{Refused, answer + ", the gateway's lists deny this number"}
	case status >= 400 && status < 500:
		return &Error{Refused, answer}
	}
	return &Error{Uncertain, answer}
}

func accepted(body string) bool {
	for _, word := range []string{"0:", "3:", "Sent."} {
		if strings.HasPrefix(body, word) {
			return true
		}
	}
	return false
}

// lost says what became of a request without an answer. Before its first byte
// the cause may be named, since it holds an address at most; after it the
// gateway may have taken the message, however the connection ended.
func lost(err error, begun bool) *Error {
	var timeout net.Error
	late := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
	switch {
	case begun && late:
		return &Error{Uncertain, "no answer in time"}
	case begun:
		return &Error{Uncertain, "the connection ended without an answer"}
	}
	return &Error{NotTaken, "cannot connect: " + err.Error()}
}

// dial connects by the time that the attempt may still begin.
func (k *kannel) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := k.connecting(ctx)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return k.watch(ctx, conn), nil
}

// dialTLS shakes hands before the watch begins, so that a certificate that is
// not trusted counts as not taken.
func (k *kannel) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := k.connecting(ctx)
	defer cancel()
	var d tls.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return k.watch(ctx, conn), nil
}

func (k *kannel) connecting(ctx context.Context) (context.Context, context.CancelFunc) {
	by := k.clock().Add(dialTimeout)
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok && !a.by.IsZero() && a.by.Before(by) {
		by = a.by
	}
	return context.WithDeadline(ctx, by)
}

func (k *kannel) watch(ctx context.Context, conn net.Conn) net.Conn {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return conn
	}
	return &watched{Conn: conn, attempt: a, clock: k.clock}
}

// watched lets the first byte out only while the attempt may begin, and marks
// that it has: the clock is read at the last moment that is ours, since a
// process may be stopped anywhere before.
type watched struct {
	net.Conn
	attempt *attempt
	clock   func() time.Time
}

func (w *watched) Write(p []byte) (int, error) {
	if !w.attempt.begun.Load() {
		if by := w.attempt.by; !by.IsZero() && w.clock().After(by) {
			return 0, errTooLate
		}
		w.attempt.begun.Store(true)
	}
	return w.Conn.Write(p)
}
