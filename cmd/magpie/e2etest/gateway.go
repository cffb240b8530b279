package e2etest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	gatewayUser     = "anhua-sms"
	gatewayPassword = "Jiandan-9f2c"
	gatewayPath     = "/cgi-bin/sendsms"
)

// Mode is how the gateway treats a message.
type Mode int

// The modes there are.
const (
	Accepts Mode = iota // 202, as Kannel
	Refuses             // 503, try again later
	Hangs               // reads the message and does not answer
	Drops               // reads the message and closes the connection
)

// Call is one request that the gateway has read.
type Call struct {
	To       string // eleven digits
	Text     string
	Validity time.Duration
	// At is the site's time, and Real the machine's, when it came.
	At, Real time.Time
	Mode     Mode
	// From is the server's name, if it has one.
	From string
}

// Gateway is a gateway that speaks Kannel's sendsms and keeps every message.
type Gateway struct {
	t     testing.TB
	clock *Clock
	port  int

	mu      sync.Mutex
	server  *http.Server // nil: down
	mode    Mode
	latency time.Duration
	calls   []Call
	changed chan struct{}
	release chan struct{} // closed to let go of those who hang
}

func newGateway(t testing.TB, clock *Clock) *Gateway {
	t.Helper()
	g := &Gateway{t: t, clock: clock, port: reservePort(t), changed: make(chan struct{}), release: make(chan struct{})}
	g.Up()
	t.Cleanup(func() {
		g.Behave(Accepts)
		g.Down()
	})
	return g
}

// Setting is the gateway as MAGPIE_SMS takes it.
func (g *Gateway) Setting() string { return g.SettingOf("") }

// SettingOf is the gateway for one server, whose name stands in [Call.From].
func (g *Gateway) SettingOf(server string) string {
	return fmt.Sprintf("kannel+http://%s%s:%s@127.0.0.1:%d%s", gatewayUser, server, gatewayPassword, g.port, gatewayPath)
}

// Up listens; it does nothing if it does already.
func (g *Gateway) Up() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.server != nil {
		return
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(g.port)))
	if err != nil {
		g.t.Errorf("the gateway's port: %v", err)
		return
	}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: patience}
	go func(s *http.Server) { _ = s.Serve(listener) }(g.server)
}

// Down refuses connections, and finishes what it has read.
func (g *Gateway) Down() {
	g.mu.Lock()
	server := g.server
	g.server = nil
	g.mu.Unlock()
	if server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		g.t.Errorf("the gateway does not go down: %v", err)
	}
}

// Behave treats messages in another way from now on, and lets go of those that
// hang.
func (g *Gateway) Behave(mode Mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = mode
	close(g.release)
	g.release = make(chan struct{})
}

// Slow makes every message take so long.
func (g *Gateway) Slow(latency time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.latency = latency
}

// Calls are the messages so far, in the order they came.
func (g *Gateway) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call(nil), g.calls...)
}

// To are the messages to a number.
func (g *Gateway) To(phone string) []Call {
	return g.Where(func(c Call) bool { return c.To == phone })
}

// Where are the messages that are wanted.
func (g *Gateway) Where(wanted func(Call) bool) []Call {
	var out []Call
	for _, c := range g.Calls() {
		if wanted(c) {
			out = append(out, c)
		}
	}
	return out
}

// Await waits until there are n messages that are wanted, and answers them.
func (g *Gateway) Await(t testing.TB, n int, what string, wanted func(Call) bool) []Call {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		g.mu.Lock()
		changed := g.changed
		g.mu.Unlock()
		if found := g.Where(wanted); len(found) >= n {
			return found
		}
		select {
		case <-changed:
		case <-end.C:
			t.Fatalf("the gateway was not handed %s: %d of %d", what, len(g.Where(wanted)), n)
		}
	}
}

// AwaitText waits for the n-th message to a number that holds a text.
func (g *Gateway) AwaitText(t testing.TB, phone, text string, n int) Call {
	t.Helper()
	found := g.Await(t, n, fmt.Sprintf("%q to a number", text), func(c Call) bool {
		return c.To == phone && strings.Contains(c.Text, text)
	})
	return found[n-1]
}

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.URL.Path != gatewayPath || !strings.HasPrefix(q.Get("username"), gatewayUser) || q.Get("password") != gatewayPassword {
		g.t.Errorf("the gateway was asked for %s as %s", r.URL.Path, q.Get("username"))
		http.Error(w, "Authorization failed for sendsms", http.StatusForbidden)
		return
	}
	mode, latency, release := g.take(r)
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-r.Context().Done():
		}
	}
	switch mode {
	case Accepts:
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("0: Accepted for delivery"))
	case Refuses:
		http.Error(w, "Temporal failure, try again later.", http.StatusServiceUnavailable)
	case Hangs:
		select {
		case <-release:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case Drops:
		panic(http.ErrAbortHandler)
	}
}

func (g *Gateway) take(r *http.Request) (Mode, time.Duration, chan struct{}) {
	q := r.URL.Query()
	to := q.Get("to")
	minutes, err := strconv.Atoi(q.Get("validity"))
	if err != nil || minutes < 1 {
		g.t.Errorf("the gateway was given the validity %q", q.Get("validity"))
	}
	at := g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, Call{
		To: to[max(0, len(to)-11):], Text: q.Get("text"), Validity: time.Duration(minutes) * time.Minute,
		At: at, Real: time.Now(), Mode: g.mode, From: strings.TrimPrefix(q.Get("username"), gatewayUser),
	})
	close(g.changed)
	g.changed = make(chan struct{})
	return g.mode, g.latency, g.release
}
