package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	zhText = "【安化县民政局】您好，已为您约好。"
	secret = "p@ss/w:rd"
)

// fake is a gateway on a free port; handler answers, and counts tells how many
// requests came.
func fake(t *testing.T, handler http.HandlerFunc) (g Gateway, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return open(t, server.Listener.Addr().String()), requests
}

func open(t *testing.T, host string) Gateway {
	t.Helper()
	g, err := Open("kannel+http://magpie:"+url.QueryEscape(secret)+"@"+host+"/cgi-bin/sendsms", nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
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
	for _, c := range []struct {
		name, to, text, coding, validity string
		validFor                         time.Duration
	}{
		{"Chinese", number, zhText, "2", "5", 5 * time.Minute},
		{"seven-bit", "+86" + number, "Your code is 482913 [5 min]", "0", "2", time.Minute + time.Second},
		{"almost over", number, zhText, "2", "1", time.Millisecond},
		{"signs", number, "a&b=c+d%e；你？#", "2", "1440", 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *http.Request
			g, requests := fake(t, func(w http.ResponseWriter, r *http.Request) {
				got = r
				w.WriteHeader(http.StatusAccepted)
				io.WriteString(w, "0: Accepted for delivery")
			})
			if _, err := g.Send(t.Context(), c.to, c.text, c.validFor); err != nil {
				t.Fatal(err)
			}
			want := url.Values{
				"username": {"magpie"}, "password": {secret}, "to": {c.to}, "text": {c.text},
				"coding": {c.coding}, "charset": {"UTF-8"}, "validity": {c.validity},
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
		{301, "", NotTaken},
		{400, "Sender missing and no global set, rejected", NotTaken},
		{400, "Number(s) has/have been denied by white- and/or black-lists.", Refused},
		{400, "Charset or body misformed, rejected", Refused},
		{401, "", NotTaken},
		{403, "Authorization failed for sendsms", NotTaken},
		{403, "Not routable. Do not try again.", Refused},
		{404, "Unknown request.", NotTaken},
		{408, "", NotTaken},
		{414, "", Refused},
		{429, "", NotTaken},
		{500, "Sending failed.", Uncertain},
		{502, "Bad Gateway", Uncertain},
		{503, "Temporal failure, try again later.", NotTaken},
		{504, "", Uncertain},
	} {
		t.Run(fmt.Sprintf("%d %s", c.status, c.body), func(t *testing.T) {
			g, requests := fake(t, answering(c.status, c.body))
			_, err := g.Send(t.Context(), number, zhText, time.Hour)
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
	// The first message would leave a connection behind, if any were kept: a
	// GET on such a one is what the transport repeats.
	if _, err := g.Send(t.Context(), number, zhText, time.Hour); err != nil {
		t.Fatal(err)
	}
	_, err := g.Send(t.Context(), number, zhText, time.Hour)
	wantClass(t, err, Uncertain)
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests for two messages", n)
	}
}

func TestTheTransportWouldRepeatIfConnectionsWereKept(t *testing.T) {
	var warm atomic.Bool
	g, requests := fake(t, func(w http.ResponseWriter, r *http.Request) {
		if warm.CompareAndSwap(false, true) {
			answering(202, "")(w, r)
			return
		}
		drop(w, r)
	})
	transport := g.(*kannel).transport
	transport.DisableKeepAlives = false
	t.Cleanup(transport.CloseIdleConnections)
	if _, err := g.Send(t.Context(), number, zhText, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Send(t.Context(), number, zhText, time.Hour); err == nil {
		t.Fatal("a dropped message counts as sent")
	}
	if n := requests.Load(); n < 3 {
		t.Errorf("%d requests for two messages: the trap is gone, and DisableKeepAlives may go too", n)
	}
}

func TestARefusedConnectionIsNotTakenAndNamesTheAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, err = open(t, address).Send(t.Context(), number, zhText, time.Hour)
	wantClass(t, err, NotTaken)
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
			_, err := g.Send(ctx, number, zhText, time.Hour)
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
	if _, err := g.Send(t.Context(), number, zhText, time.Hour); err != nil {
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
	if _, err := g.Send(t.Context(), number, zhText, time.Hour); err != nil {
		t.Error(err)
	}
}

func TestNothingLeavesAfterTheTimeToBegin(t *testing.T) {
	g, requests := fake(t, answering(202, "0: Accepted for delivery"))
	_, err := g.Send(ConnectBy(t.Context(), time.Now().Add(-time.Millisecond)), number, zhText, time.Hour)
	wantClass(t, err, NotTaken)

	// The connection is made in time, and then the process stands still.
	k := g.(*kannel)
	var reads atomic.Int64
	k.clock = func() time.Time {
		if reads.Add(1) == 1 {
			return time.Now()
		}
		return time.Now().Add(time.Hour)
	}
	_, err = g.Send(ConnectBy(t.Context(), time.Now().Add(time.Minute)), number, zhText, time.Hour)
	wantClass(t, err, NotTaken)
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests began too late", n)
	}

	k.clock = time.Now
	if _, err := g.Send(ConnectBy(t.Context(), time.Now().Add(time.Minute)), number, zhText, time.Hour); err != nil {
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
	_, err := g.Send(t.Context(), number, zhText, time.Hour)
	wantClass(t, err, NotTaken)
	if n := strays.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestNoProxyIsTakenFromTheEnvironment(t *testing.T) {
	g, err := Open("kannel+http://u:p@192.0.2.1:13013/cgi-bin/sendsms", nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.(*kannel).transport.Proxy != nil {
		t.Error("the transport has a proxy")
	}
}

func TestAnUntrustedCertificateIsNotTaken(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	g, err := Open("kannel+https://magpie:"+url.QueryEscape(secret)+"@"+server.Listener.Addr().String()+"/cgi-bin/sendsms", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Send(t.Context(), number, zhText, time.Hour)
	wantClass(t, err, NotTaken)
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}
