package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	number = "13812345678"
	secret = "p@ss/w:rd"
)

// fake is a gateway on a free port; handler answers, and requests tells how many
// came.
func fake(t *testing.T, handler http.HandlerFunc) (g Gateway, requests *atomic.Int64) {
	t.Helper()
	g, requests, _ = stand(t, handler)
	return g, requests
}

// stand is fake, and tells its host.
func stand(t *testing.T, handler http.HandlerFunc) (g Gateway, requests *atomic.Int64, host string) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	host = server.Listener.Addr().String()
	return openKannelAt(t, "http", host, ""), requests, host
}

func openKannelAt(t *testing.T, scheme, host, hook string) *kannel {
	t.Helper()
	g, err := Open(Options{
		Name:    "MAGPIE_SMS",
		Setting: "kannel+" + scheme + "://magpie:" + url.QueryEscape(secret) + "@" + host + "/cgi-bin/sendsms",
		HookURL: hook,
	})
	if err != nil {
		t.Fatal(err)
	}
	return g.(*kannel)
}

// text is the message of most tests.
func text() Message {
	return Message{ID: "42", To: number, Signature: "安化县民政局", Body: "您好，已为您约好。", ValidFor: time.Hour}
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// drop ends the connection without an answer, as a gateway does that dies.
func drop(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	conn.Close()
}

// wantClass checks the class and that nothing secret is told.
func wantClass(t *testing.T, err error, want Class) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e.Class != want {
		t.Errorf("got %s, want %s (%s)", e.Class, want, e.Detail)
	}
	for _, hidden := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), number, number[3:7], "magpie", "您好", url.QueryEscape("您好")} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), hidden) {
			t.Errorf("the error tells %q: %v", hidden, err)
		}
	}
}

func TestAMessageIsOneGetWithAllThatKannelNeeds(t *testing.T) {
	const hook = "http://127.0.0.1:8080/hooks/kannel/w0rm-EqX"
	receipts := url.Values{"dlr-mask": {"19"}, "dlr-url": {hook + "?id=42&type=%d&time=%T&reason=%A"}}
	for _, c := range []struct {
		name, to, signature, body, coding, validity string
		validFor                                    time.Duration
		hook                                        string
	}{
		{"Chinese", number, "安化县民政局", "您好，已为您约好。", "2", "5", 5 * time.Minute, ""},
		{"seven-bit", "+86" + number, "", "Your code is 482913 [5 min]", "0", "2", time.Minute + time.Second, ""},
		{"almost over", number, "安化县民政局", "您好，已为您约好。", "2", "1", time.Millisecond, ""},
		{"signs", number, "", "a&b=c+d%e；你？#", "2", "1440", 24 * time.Hour, ""},
		{"with receipts", number, "安化县民政局", "您好，已为您约好。", "2", "60", time.Hour, hook},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *http.Request
			_, requests, server := stand(t, func(w http.ResponseWriter, r *http.Request) {
				got = r
				answering(202, "0: Accepted for delivery")(w, r)
			})
			m := Message{ID: "42", To: c.to, Signature: c.signature, Body: c.body, ValidFor: c.validFor}
			if _, err := openKannelAt(t, "http", server, c.hook).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			want := url.Values{
				"username": {"magpie"}, "password": {secret}, "to": {c.to}, "text": {m.Text()},
				"coding": {c.coding}, "charset": {"UTF-8"}, "validity": {c.validity},
			}
			if c.hook != "" {
				maps.Copy(want, receipts)
			}
			if got.Method != http.MethodGet || got.URL.Path != "/cgi-bin/sendsms" || got.Header.Get("Authorization") != "" {
				t.Errorf("%s %s, Authorization %q", got.Method, got.URL.Path, got.Header.Get("Authorization"))
			}
			if q := got.URL.Query().Encode(); q != want.Encode() {
				t.Errorf("got  %s\nwant %s", q, want.Encode())
			}
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestAnAnswerSaysWhatBecameOfTheMessage(t *testing.T) {
	const taken = Class(-1)
	for _, c := range []struct {
		status int
		body   string
		want   Class
	}{
		{202, "0: Accepted for delivery", taken},
		{202, "3: Queued for later delivery", taken},
		{202, "Sent.", taken},
		{202, "", taken},
		{200, "0: Accepted for delivery", taken},
		{200, "3: Queued for later delivery", taken},
		{200, "<html>Welcome to our network</html>", Uncertain},
		{200, "", Uncertain},
		{204, "", Uncertain},
		{301, "", SetUp},
		{400, "Sender missing and no global set, rejected", SetUp},
		{400, "Number(s) has/have been denied by white- and/or black-lists.", WrongNumber},
		{400, "Charset or body misformed, rejected", Content},
		{401, "", SetUp},
		{403, "Authorization failed for sendsms", SetUp},
		{403, "Not routable. Do not try again.", WrongNumber},
		{404, "Unknown request.", SetUp},
		{405, "", SetUp},
		{407, "", SetUp},
		{408, "", RetryLater},
		{414, "", Content},
		{429, "", RetryLater},
		{500, "Sending failed.", Uncertain},
		{502, "Bad Gateway", Uncertain},
		{503, "Temporal failure, try again later.", RetryLater},
		{504, "", Uncertain},
	} {
		t.Run(fmt.Sprintf("%d %s", c.status, c.body), func(t *testing.T) {
			g, requests := fake(t, answering(c.status, c.body))
			_, err := g.Send(t.Context(), text())
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
			if c.want == taken {
				if err != nil {
					t.Errorf("not taken: %v", err)
				}
				return
			}
			wantClass(t, err, c.want)
		})
	}
}

func TestAGatewayThatClosesWithoutAnAnswerIsAskedOnce(t *testing.T) {
	var warm atomic.Bool
	g, requests := fake(t, func(w http.ResponseWriter, r *http.Request) {
		if warm.CompareAndSwap(false, true) {
			answering(202, "")(w, r)
			return
		}
		drop(w, r)
	})
	// The first message leaves a connection behind: a GET on such a one is what
	// the transport repeats.
	if _, err := g.Send(t.Context(), text()); err != nil {
		t.Fatal(err)
	}
	_, err := g.Send(t.Context(), text())
	wantClass(t, err, Uncertain)
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests for two messages", n)
	}
}

func TestTheTransportWouldRepeatAPlainRequest(t *testing.T) {
	var warm atomic.Bool
	g, requests := fake(t, func(w http.ResponseWriter, r *http.Request) {
		if warm.CompareAndSwap(false, true) {
			answering(202, "")(w, r)
			return
		}
		drop(w, r)
	})
	if _, err := g.Send(t.Context(), text()); err != nil {
		t.Fatal(err)
	}
	k := g.(*kannel)
	var a attempt
	k.line.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := k.line.dial(ctx, network, address)
		if err == nil {
			conn.(*watched).attempt.Store(&a)
		}
		return conn, err
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, k.endpoint.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := k.line.transport.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
		t.Fatal("a dropped request counts as answered")
	}
	if n := requests.Load(); n < 3 {
		t.Errorf("%d requests for two: the trap is gone, and onlyOnce may go too", n)
	}
}

func TestAConnectionIsKeptForTheNextMessage(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(answering(202, "0: Accepted for delivery"))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	g := openKannelAt(t, "http", server.Listener.Addr().String(), "")
	for range 5 {
		if _, err := g.Send(t.Context(), text()); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for five messages", n)
	}
	server.CloseClientConnections()
	if _, err := g.Send(t.Context(), text()); err != nil {
		t.Errorf("after the gateway has closed the kept connection: %v", err)
	}
}

func TestARefusedConnectionIsNotTakenAndNamesTheAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, err = openKannelAt(t, "http", address, "").Send(t.Context(), text())
	wantClass(t, err, RetryLater)
	if !strings.Contains(err.Error(), address) {
		t.Errorf("%v does not name %s", err, address)
	}
}

func TestAGatewayThatHangsLeavesTheMessageUncertain(t *testing.T) {
	for name, answer := range map[string]string{
		"before its answer":     "",
		"within its answer":     "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n0: Accepted",
		"within its headerline": "HTTP/1.1 20",
	} {
		t.Run(name, func(t *testing.T) {
			arrived, release := make(chan struct{}), make(chan struct{})
			g, requests := fake(t, func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					panic(err)
				}
				defer conn.Close()
				io.WriteString(conn, answer)
				close(arrived)
				<-release
			})
			t.Cleanup(func() { close(release) })
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := g.Send(ctx, text())
			<-arrived
			wantClass(t, err, Uncertain)
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestASlowGatewayIsWaitedFor(t *testing.T) {
	g, _ := fake(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
		}
		answering(202, "0: Accepted for delivery")(w, r)
	})
	if _, err := g.Send(t.Context(), text()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsAcceptedStaysAcceptedWhenTheBodyIsCutOff(t *testing.T) {
	g, _ := fake(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, "HTTP/1.1 202 Accepted\r\nContent-Length: 24\r\n\r\n0: Acc")
		conn.Close()
	})
	if _, err := g.Send(t.Context(), text()); err != nil {
		t.Error(err)
	}
}

func TestNothingLeavesAfterTheTimeToBegin(t *testing.T) {
	g, requests := fake(t, answering(202, "0: Accepted for delivery"))
	_, err := g.Send(ConnectBy(t.Context(), time.Now().Add(-time.Millisecond)), text())
	wantClass(t, err, RetryLater)

	// The connection is made in time, and then the process stands still.
	k := g.(*kannel).line
	var reads atomic.Int64
	k.clock = func() time.Time {
		if reads.Add(1) == 1 {
			return time.Now()
		}
		return time.Now().Add(time.Hour)
	}
	_, err = g.Send(ConnectBy(t.Context(), time.Now().Add(time.Minute)), text())
	wantClass(t, err, RetryLater)
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests began too late", n)
	}

	k.clock = time.Now
	if _, err := g.Send(ConnectBy(t.Context(), time.Now().Add(time.Minute)), text()); err != nil {
		t.Error(err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, one began in time", n)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere, strays := fake(t, answering(202, "0: Accepted for delivery"))
	target := elsewhere.(*kannel).endpoint
	g, _ := fake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.String(), http.StatusTemporaryRedirect)
	})
	_, err := g.Send(t.Context(), text())
	wantClass(t, err, SetUp)
	if n := strays.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestNoProxyIsTakenFromTheEnvironment(t *testing.T) {
	if openKannelAt(t, "http", "192.0.2.1:13013", "").line.transport.Proxy != nil {
		t.Error("the transport has a proxy")
	}
}

func TestAnUntrustedCertificateIsNotTaken(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	g := openKannelAt(t, "https", server.Listener.Addr().String(), "")
	_, err := g.Send(t.Context(), text())
	wantClass(t, err, RetryLater)
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}
