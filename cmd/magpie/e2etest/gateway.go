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

// Mode is how the gateway answers a message.
type Mode int

// The modes there are.
const (
	Accepts   Mode = iota // 202, as Kannel
	Refuses               // 503, try again later
	Throttles             // 429
	Fails                 // 500, which leaves open whether it has the message
	Hangs                 // reads the message and does not answer
	Drops                 // reads the message and closes the connection
)

// Doubtful says whether the answer leaves open what became of the message.
func (m Mode) Doubtful() bool { return m >= Fails }

// Treatment is what the gateway does with one message.
type Treatment struct {
	Mode    Mode
	Latency time.Duration // until it answers
	// Takes says that it has the message, and Receipts what it tells of it then.
	Takes    bool
	Receipts []Receipt
}

// Call is one request that the gateway has read.
type Call struct {
	// ID is the program's own number of the message; empty where the program
	// wants no receipts.
	ID       string
	To       string // eleven digits
	Text     string
	Validity time.Duration
	// At is the site's time, and Real the machine's, when it came.
	At, Real time.Time
	// Mode is Drops too where the connection ended before the answer was out.
	Mode  Mode
	Taken bool
	// From is the server's name, if it has one.
	From string
}

// Gateway is a gateway that speaks Kannel's sendsms and keeps every message.
type Gateway struct {
	t        testing.TB
	clock    *Clock
	port     int
	receipts *receipts

	mu      sync.Mutex
	server  *http.Server // nil: down
	mode    Mode
	latency time.Duration
	treat   func(Call) Treatment // nil: as mode and latency say
	calls   []Call
	changed chan struct{}
	release chan struct{} // closed to let go of those who hang
}

func newGateway(t testing.TB, clock *Clock) *Gateway {
	t.Helper()
	g := &Gateway{t: t, clock: clock, port: reservePort(t), receipts: newReceipts(t), changed: make(chan struct{}), release: make(chan struct{})}
	g.Up()
	t.Cleanup(func() {
		g.Behave(Accepts)
		g.Down()
		g.receipts.stop()
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

// Crash refuses connections, and ends those that there are without an answer.
// What was sent on some of them it may not have read.
func (g *Gateway) Crash() {
	g.mu.Lock()
	server := g.server
	g.server = nil
	g.mu.Unlock()
	if server != nil {
		_ = server.Close() // what it was about to say is lost
	}
}

// Treat asks, for every message from now on, what to do with it. Several may be
// asked about at once.
func (g *Gateway) Treat(treat func(Call) Treatment) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.treat = treat
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
	n, treatment, release := g.take(r)
	if treatment.Latency > 0 {
		select {
		case <-time.After(treatment.Latency):
		case <-r.Context().Done():
			g.cutOff(n)
			panic(http.ErrAbortHandler)
		}
	}
	switch treatment.Mode {
	case Accepts:
		g.say(w, n, http.StatusAccepted, "0: Accepted for delivery")
	case Refuses:
		g.say(w, n, http.StatusServiceUnavailable, "Temporal failure, try again later.")
	case Throttles:
		g.say(w, n, http.StatusTooManyRequests, "Too many messages.")
	case Fails:
		g.say(w, n, http.StatusInternalServerError, "Internal error.")
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

// say lets the whole answer out, so that a crash after it does not take it back.
func (g *Gateway) say(w http.ResponseWriter, n, status int, text string) {
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, err := w.Write([]byte(text))
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil {
		g.cutOff(n)
	}
}

// cutOff notes that the n-th call was not answered.
func (g *Gateway) cutOff(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls[n].Mode = Drops
}

// take reads a message, and answers its place among the calls and what to do
// with it.
func (g *Gateway) take(r *http.Request) (n int, treatment Treatment, release chan struct{}) {
	q := r.URL.Query()
	to := q.Get("to")
	minutes, err := strconv.Atoi(q.Get("validity"))
	if err != nil || minutes < 1 {
		g.t.Errorf("the gateway was given the validity %q", q.Get("validity"))
	}
	c := Call{
		ID: idIn(q.Get("dlr-url")), To: to[max(0, len(to)-11):], Text: q.Get("text"), Validity: time.Duration(minutes) * time.Minute,
		At: g.clock.Now(), Real: time.Now(), From: strings.TrimPrefix(q.Get("username"), gatewayUser),
	}
	treatment = g.treatmentOf(c)
	c.Mode, c.Taken = treatment.Mode, treatment.Takes
	if c.Taken && c.ID != "" {
		g.receipts.owe(q.Get("dlr-url"), c, treatment.Receipts)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
	close(g.changed)
	g.changed = make(chan struct{})
	return len(g.calls) - 1, treatment, g.release
}

func (g *Gateway) treatmentOf(c Call) Treatment {
	g.mu.Lock()
	treat, usual := g.treat, Treatment{Mode: g.mode, Latency: g.latency, Takes: g.mode == Accepts}
	g.mu.Unlock()
	if treat == nil {
		return usual
	}
	return treat(c)
}
