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
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// driver is a driver that a test points at a server of its own, which stands at
// base; taken is an answer to a message that was taken.
type driver struct {
	name  string
	open  func(t *testing.T, base string) Gateway
	taken string
}

// drivers are those whose answers have a body in JSON and no cloud behind them.
func drivers() []driver {
	return []driver{
		{"mas norsubmit", func(t *testing.T, base string) Gateway { return openMASAt(t, base+"/sms/norsubmit") }, masYes},
		{"mas tmpsubmit", func(t *testing.T, base string) Gateway { return openMASAt(t, base+"/sms/tmpsubmit") }, masYes},
		{"webhook", func(t *testing.T, base string) Gateway { return openWebhookAt(t, base+"/sms") }, `{"id":"g-1"}`},
	}
}

// against puts a driver before a handler.
func against(t *testing.T, d driver, handler http.HandlerFunc) (g Gateway, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return d.open(t, server.URL), requests
}

// whole is a message with everything in it that any driver needs.
func whole() Message {
	return Message{
		ID: "42", To: "+86" + number, Signature: "安化县民政局", Body: "您好，编号31415926。",
		Params: []Param{{"start", "12月1日 09:00"}, {"reference", "31415926"}},
		Codes:  map[string]string{"mas": "5aa85e61ffd940cda888746e80c4014b"}, ValidFor: time.Hour,
	}
}

// wantError checks an error's class, and that it tells nothing secret.
func wantError(t *testing.T, err error, want Class) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e.Class != want || e.Wait != 0 {
		t.Errorf("got %s, wait %s, want %s (%s)", e.Class, e.Wait, want, e.Detail)
	}
	told := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, hidden := range []string{masSecret, webhookSecret, number, "31415926", "09:00", "您好", "安化", "民政"} {
		if strings.Contains(told, hidden) {
			t.Errorf("the error tells %q: %s", hidden, told)
		}
	}
	return e
}

func TestADriverAsksOnceWhateverHappens(t *testing.T) {
	for _, d := range drivers() {
		for _, c := range []struct {
			name   string
			answer http.HandlerFunc
			want   Class
		}{
			{"the connection dropped", raw(""), Uncertain},
			{"half a status line", raw("HTTP/1.1 20"), Uncertain},
			{"half a refusal's head", raw("HTTP/1.1 400 No\r\nContent-"), Uncertain},
			{"500", says(500, "<html>"), Uncertain},
			{"500 with a yes", says(500, d.taken), Uncertain},
			{"502", says(502, ""), Uncertain},
			{"504", says(504, ""), Uncertain},
			{"401", says(401, ""), SetUp},
			{"403", says(403, "<html>"), SetUp},
			{"404", says(404, "<html>"), SetUp},
			{"405", says(405, ""), SetUp},
			{"429", says(429, ""), RetryLater},
		} {
			t.Run(d.name+" "+c.name, func(t *testing.T) {
				g, requests := against(t, d, c.answer)
				_, err := g.Send(t.Context(), whole())
				wantError(t, err, c.want)
				if n := requests.Load(); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

func TestADriverThatIsNotAnsweredLeavesTheMessageUncertain(t *testing.T) {
	for _, d := range drivers() {
		t.Run(d.name, func(t *testing.T) {
			arrived, release := make(chan struct{}), make(chan struct{})
			g, requests := against(t, d, func(http.ResponseWriter, *http.Request) {
				close(arrived)
				<-release
			})
			t.Cleanup(func() { close(release) })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-arrived
				cancel()
			}()
			_, err := g.Send(ctx, whole())
			wantError(t, err, Uncertain)
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestADriverFollowsNoRedirect(t *testing.T) {
	for _, d := range drivers() {
		for _, status := range []int{301, 302, 303, 307, 308} {
			var strays atomic.Int64
			elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				strays.Add(1)
				io.WriteString(w, d.taken)
			}))
			g, requests := against(t, d, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL, status)
			})
			_, err := g.Send(t.Context(), whole())
			elsewhere.Close()
			wantError(t, err, SetUp)
			if requests.Load() != 1 || strays.Load() != 0 {
				t.Errorf("%s %d: %d requests, %d elsewhere", d.name, status, requests.Load(), strays.Load())
			}
		}
	}
}

func TestADriverThatCannotConnectHasNotHandedOver(t *testing.T) {
	for _, d := range drivers() {
		t.Run(d.name+" refused", func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			host := l.Addr().String()
			l.Close()
			_, err = d.open(t, "http://"+host).Send(t.Context(), whole())
			if e := wantError(t, err, RetryLater); !strings.Contains(e.Detail, host) {
				t.Errorf("%s does not name %s", e.Detail, host)
			}
		})
		t.Run(d.name+" not trusted", func(t *testing.T) {
			var requests atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.StartTLS()
			defer server.Close()
			_, err := d.open(t, server.URL).Send(t.Context(), whole())
			wantError(t, err, RetryLater)
			if n := requests.Load(); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
		t.Run(d.name+" too late", func(t *testing.T) {
			g, requests := against(t, d, says(http.StatusOK, d.taken))
			_, err := g.Send(ConnectBy(t.Context(), time.Now().Add(-time.Millisecond)), whole())
			wantError(t, err, RetryLater)
			if n := requests.Load(); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// bodyOf reads a request's body.
func bodyOf(t *testing.T, r *http.Request) []byte {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return body
}
