package sms

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// dialTimeout ends the wait for a gateway that does not answer at all, so that
	// its return is noticed within seconds.
	dialTimeout = 2 * time.Second
	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 16 << 10
)

const (
	// idleFor is how long a connection is kept for the next message, well under
	// what any gateway keeps it; keptConnections is how many are, one for each
	// sender.
	idleFor         = 5 * time.Second
	keptConnections = 32
)

// line is the way to a gateway, set up so that one do is at most one request.
//
// Connections are kept: Kannel's smsbox takes a tenth as many messages where
// each brings its own. Go's transport repeats a GET whose re-used connection
// died, which would send the message twice; it does not where the request has a
// body that it cannot get again (net/http, shouldRetryRequest and isReplayable),
// so every GET has one. HTTP/2 is off because it repeats as well. There is no http.Client about it: no redirect is followed, and no proxy
// is taken from the environment, since both would hand password and number to
// somebody else.
type line struct {
	transport *http.Transport
	clock     func() time.Time
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

func newLine() *line {
	l := &line{clock: monotonic}
	l.transport = &http.Transport{
		MaxIdleConnsPerHost: keptConnections,
		IdleConnTimeout:     idleFor,
		DisableCompression:  true,
		DialContext:         l.dial,
		DialTLSContext:      l.dialTLS,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	return l
}

// once is a body that cannot be got again.
type once struct{ io.Reader }

func (once) Close() error { return nil }

// onlyOnce keeps the transport from ever repeating a request of which a byte
// was written. It repeats no POST.
func onlyOnce(req *http.Request) *http.Request {
	if req.Method == http.MethodGet {
		req.Body = once{strings.NewReader("")}
	}
	return req
}

// answer is what a gateway answered, as much of it as came.
type answer struct {
	status int
	header http.Header
	body   []byte
	// broken says that the body did not come whole.
	broken bool
}

// do makes one request. An *Error says that no answer came.
func (l *line) do(ctx context.Context, req *http.Request) (answer, *Error) {
	a := &attempt{}
	a.by, _ = ConnectDeadline(ctx)
	ctx = httptrace.WithClientTrace(context.WithValue(ctx, attemptKey{}, a), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			if w, ok := got.Conn.(*watched); ok {
				w.attempt.Store(a)
			}
		},
	})
	resp, err := l.transport.RoundTrip(onlyOnce(req.WithContext(ctx)))
	if errors.Is(err, errEnded) && !a.begun.Load() {
		l.transport.CloseIdleConnections() // the others are dead as well
		resp, err = l.transport.RoundTrip(onlyOnce(req.WithContext(ctx)))
	}
	if err != nil {
		return answer{}, lost(err, a.begun.Load())
	}
	defer func() { _ = resp.Body.Close() }() // it is read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer{status: resp.StatusCode, header: resp.Header, body: body, broken: err != nil}, nil
}

// lost says what became of a request without an answer. Before its first byte
// the cause may be named, since it holds an address at most; after it the
// gateway may have taken the message, however the connection ended.
func lost(err error, begun bool) *Error {
	var timeout net.Error
	late := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
	switch {
	case begun && late:
		return &Error{Class: Uncertain, Detail: "no answer in time"}
	case begun:
		return &Error{Class: Uncertain, Detail: "the connection ended without an answer"}
	}
	return &Error{Class: RetryLater, Detail: "cannot connect: " + err.Error()}
}

// dial connects by the time that the attempt may still begin.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := l.connecting(ctx)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &watched{Conn: conn, clock: l.clock}, nil
}

// dialTLS shakes hands before the watch begins, so that a certificate that is
// not trusted counts as not taken.
func (l *line) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := l.connecting(ctx)
	defer cancel()
	var d tls.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &watched{Conn: conn, clock: l.clock}, nil
}

func (l *line) connecting(ctx context.Context) (context.Context, context.CancelFunc) {
	by := l.clock().Add(dialTimeout)
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok && !a.by.IsZero() && a.by.Before(by) {
		by = a.by
	}
	return context.WithDeadline(ctx, by)
}

// watched lets the first byte of each request out only while its attempt may
// begin, and marks that it has: the clock is read at the last moment that is
// ours, since a process may be stopped anywhere before.
type watched struct {
	net.Conn
	attempt atomic.Pointer[attempt]
	clock   func() time.Time
	used    bool // by an earlier request; the requests come one after the other
}

var (
	errNobodys = errors.New("a connection that no request has taken")
	errEnded   = errors.New("the gateway has closed the connection that was kept")
)

func (w *watched) Write(p []byte) (int, error) {
	a := w.attempt.Load()
	if a == nil {
		return 0, errNobodys
	}
	if a.begun.Load() {
		return w.Conn.Write(p)
	}
	switch {
	case !a.by.IsZero() && w.clock().After(a.by):
		return 0, errTooLate
	case w.used && ended(w.Conn):
		return 0, errEnded
	}
	a.begun.Store(true)
	w.used = true
	return w.Conn.Write(p)
}
