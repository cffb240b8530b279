package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestATakenMessageHasTheCloudsID(t *testing.T) {
	for _, c := range clouds() {
		t.Run(c.kind, func(t *testing.T) {
			for _, to := range []string{cloudNumber, "+86" + cloudNumber} {
				g, requests := standIn(t, c, says(http.StatusOK, c.taken))
				m := cloudMessage()
				m.To = to
				id, err := g.Send(t.Context(), m)
				if err != nil || id != c.id || requests.Load() != 1 {
					t.Errorf("id %q, %v, %d requests", id, err, requests.Load())
				}
			}
		})
	}
}

func TestEachCodeOfACloudIsWhatTheTableSays(t *testing.T) {
	for _, c := range clouds() {
		t.Run(c.kind, func(t *testing.T) {
			var lines []string
			for _, code := range slices.Sorted(maps.Keys(c.codes)) {
				message := "您的号码" + cloudNumber + "不能接收：" + code
				g, requests := standIn(t, c, says(http.StatusOK, c.refusal(code, message)))
				_, err := g.Send(t.Context(), cloudMessage())
				wantRefusal(t, err, c.codes[code].class, c.codes[code].wait)
				if n := requests.Load(); n != 1 || !strings.Contains(fmt.Sprint(err), code) {
					t.Errorf("%d requests, and %v", n, err)
				}
				lines = append(lines, codeLine(code, err))
			}
			for _, message := range slices.Sorted(maps.Keys(c.flow)) {
				g, _ := standIn(t, c, says(http.StatusOK, c.refusal(aliyunFlowControl, message)))
				_, err := g.Send(t.Context(), cloudMessage())
				wantRefusal(t, err, RetryLater, c.flow[message])
				lines = append(lines, codeLine(aliyunFlowControl+" "+message, err))
			}
			for code, class := range c.listed {
				if got, known := c.codes[code]; !known || got.class != class {
					t.Errorf("%s is %s, want %s", code, got.class, class)
				}
			}
			wantGolden(t, "codes-"+c.kind+".golden", strings.Join(lines, ""))
		})
	}
}

// codeLine is a line of the golden table: a code and what Magpie makes of it.
func codeLine(code string, err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return code + " was taken\n"
	}
	wait := ""
	if e.Wait > 0 {
		wait = ", wait " + e.Wait.String()
	}
	return code + " → " + e.Class.String() + wait + "\n"
}

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestACodeCountsByTheStatusItComesWith(t *testing.T) {
	for _, c := range clouds() {
		known := slices.Sorted(maps.Keys(c.codes))[0]
		for _, o := range []struct {
			name   string
			status int
			body   string
			class  Class
		}{
			{"a known code with 400", 400, c.refusal(known, ""), c.codes[known].class},
			{"a known code with 403", 403, c.refusal(known, ""), c.codes[known].class},
			{"a known code with 404", 404, c.refusal(known, ""), c.codes[known].class},
			{"a known code with 500", 500, c.refusal(known, ""), Uncertain},
			{"a known code with 503", 503, c.refusal(known, ""), Uncertain},
			{"an unknown code with 200", 200, c.refusal("Nobody.HasSeenThis", ""), RetryLater},
			{"an unknown code with 400", 400, c.refusal("Nobody.HasSeenThis", ""), RetryLater},
			{"an unknown code with 502", 502, c.refusal("Nobody.HasSeenThis", ""), Uncertain},
			{"a number for a code", 200, c.refusal("isv."+cloudNumber, ""), RetryLater},
			{"a sentence for a code", 200, c.refusal("您的号码不对", ""), RetryLater},
			{"taken with 400", 400, c.taken, Uncertain},
			{"taken with 500", 500, c.taken, Uncertain},
		} {
			t.Run(c.kind+" "+o.name, func(t *testing.T) {
				g, requests := standIn(t, c, says(o.status, o.body))
				_, err := g.Send(t.Context(), cloudMessage())
				wantRefusal(t, err, o.class, 0)
				if n := requests.Load(); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

func TestWhatIsNotTheCloudsAnswerIsUncertainUnlessItTurnsTheCallerAway(t *testing.T) {
	const page = "<html>Welcome to our network</html>"
	for _, c := range clouds() {
		for _, o := range []struct {
			name   string
			answer http.HandlerFunc
			class  Class
		}{
			{"a page", says(200, page), Uncertain},
			{"nothing", says(200, ""), Uncertain},
			{"204", says(204, ""), Uncertain},
			{"an object without a code", says(200, `{"RequestId":"x"}`), Uncertain},
			{"a code of another type", says(200, strings.NewReplacer(`"X"`, "7").Replace(c.refusal("X", ""))), Uncertain},
			{"null", says(200, "null"), Uncertain},
			{"500", says(500, page), Uncertain},
			{"502", says(502, page), Uncertain},
			{"503", says(503, ""), Uncertain},
			{"504", says(504, page), Uncertain},
			{"400", says(400, page), Uncertain},
			{"408", says(408, ""), Uncertain},
			{"401", says(401, page), SetUp},
			{"403", says(403, page), SetUp},
			{"404", says(404, page), SetUp},
			{"405", says(405, page), SetUp},
			{"407", says(407, page), SetUp},
			{"429", says(429, page), RetryLater},
			{"an answer too long to read", says(200, `{"Padding":"`+strings.Repeat("x", maxAnswer)+`",`+c.taken[1:]), Uncertain},
			{"the connection dropped", raw(""), Uncertain},
			{"half a status line", raw("HTTP/1.1 20"), Uncertain},
			{"half a body", raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + c.taken[:len(c.taken)/2]), Uncertain},
			{"half a refusal", raw("HTTP/1.1 400 No\r\nContent-Length: 999\r\n\r\n" + c.refusal("Throttling", "")[:12]), Uncertain},
		} {
			t.Run(c.kind+" "+o.name, func(t *testing.T) {
				g, requests := standIn(t, c, o.answer)
				_, err := g.Send(t.Context(), cloudMessage())
				wantRefusal(t, err, o.class, 0)
				if n := requests.Load(); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
}

func TestWhatWasTakenStaysTakenWhenTheAnswerEndsInAFault(t *testing.T) {
	for _, c := range clouds() {
		for name, answer := range map[string]http.HandlerFunc{
			"cut off after the object": raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + c.taken),
			"spaces without an end":    says(http.StatusOK, c.taken+strings.Repeat(" ", maxAnswer)),
		} {
			t.Run(c.kind+" "+name, func(t *testing.T) {
				g, _ := standIn(t, c, answer)
				if id, err := g.Send(t.Context(), cloudMessage()); err != nil || id != c.id {
					t.Errorf("id %q, %v", id, err)
				}
			})
		}
	}
}

func TestACloudThatHangsLeavesTheMessageUncertain(t *testing.T) {
	for _, c := range clouds() {
		t.Run(c.kind, func(t *testing.T) {
			arrived, release := make(chan struct{}), make(chan struct{})
			g, requests := standIn(t, c, func(http.ResponseWriter, *http.Request) {
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
			_, err := g.Send(ctx, cloudMessage())
			wantRefusal(t, err, Uncertain, 0)
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestACloudThatCannotBeReachedHasNotTakenTheMessage(t *testing.T) {
	for _, c := range clouds() {
		t.Run(c.kind, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			host := l.Addr().String()
			l.Close()
			_, err = c.open(t, &url.URL{Scheme: "http", Host: host}).Send(t.Context(), cloudMessage())
			wantRefusal(t, err, RetryLater, 0)
			if !strings.Contains(fmt.Sprint(err), host) {
				t.Errorf("%v does not name %s", err, host)
			}
		})
	}
}

func TestNothingGoesToACloudAfterTheTimeToBegin(t *testing.T) {
	for _, c := range clouds() {
		t.Run(c.kind, func(t *testing.T) {
			g, requests := standIn(t, c, says(http.StatusOK, c.taken))
			_, err := g.Send(ConnectBy(t.Context(), time.Now().Add(-time.Millisecond)), cloudMessage())
			wantRefusal(t, err, RetryLater, 0)
			if n := requests.Load(); n != 0 {
				t.Errorf("%d requests began too late", n)
			}
		})
	}
}

func TestARedirectOfACloudIsNotFollowed(t *testing.T) {
	for _, c := range clouds() {
		for _, status := range []int{301, 302, 303, 307, 308} {
			var strays atomic.Int64
			elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				strays.Add(1)
				io.WriteString(w, c.taken)
			}))
			g, requests := standIn(t, c, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL, status)
			})
			_, err := g.Send(t.Context(), cloudMessage())
			elsewhere.Close()
			wantRefusal(t, err, SetUp, 0)
			if requests.Load() != 1 || strays.Load() != 0 {
				t.Errorf("%s: %d requests, %d elsewhere", c.kind, requests.Load(), strays.Load())
			}
		}
	}
}

func TestWhatACloudWouldRefuseAnywayIsNotAsked(t *testing.T) {
	for _, c := range clouds() {
		for _, o := range []struct {
			name    string
			message func(m *Message)
			class   Class
			says    string
		}{
			{"no code", func(m *Message) { m.Codes = nil }, SetUp, "no approved template code of this text for " + c.kind},
			{"another's code", func(m *Message) { m.Codes = map[string]string{"mas": "1"} }, SetUp, "no approved template code"},
			{"an address", func(m *Message) { m.Params[1].Value = "见https://a.cn/1" }, Content, "a link in a variable"},
			{"an address of any kind", func(m *Message) { m.Params[0].Value = "weixin://dl" }, Content, "a link in a variable"},
			{"an address in capitals", func(m *Message) { m.Params[0].Value = "WWW.anhua.gov.cn" }, Content, "a link in a variable"},
		} {
			t.Run(c.kind+" "+o.name, func(t *testing.T) {
				g, requests := standIn(t, c, says(http.StatusOK, c.taken))
				m := cloudMessage()
				o.message(&m)
				_, err := g.Send(t.Context(), m)
				wantRefusal(t, err, o.class, 0)
				if n := requests.Load(); n != 0 || !strings.Contains(fmt.Sprint(err), o.says) {
					t.Errorf("%d requests, %v", n, err)
				}
			})
		}
	}
}
