package kannel_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest/kannel"
	"magpie/notify/sms"
)

const (
	patience = 30 * time.Second
	chinese  = "您预约的办事时段为十一月二十六日九点，请带身份证准时到达。"
)

// hook takes what a real Kannel calls, as the server does.
type hook struct {
	server *httptest.Server
	pusher sms.Pusher

	mu       sync.Mutex
	down     bool
	queries  []string
	receipts map[string]sms.Receipt
	replies  []sms.Reply
	changed  chan struct{}
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{receipts: map[string]sms.Receipt{}, changed: make(chan struct{})}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	return h
}

func (h *hook) address() string { return h.server.URL + "/hooks/kannel/w0rm-EqX" }

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	push, err := h.pusher.ReadPush(sms.PushRequest{Method: r.Method, Query: r.URL.Query(), Header: r.Header, Body: body})
	if err != nil {
		h.queries = append(h.queries, "not taken: "+r.URL.RawQuery)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.queries = append(h.queries, r.URL.RawQuery)
	for _, receipt := range push.Receipts {
		h.receipts[receipt.ID] = receipt
	}
	h.replies = append(h.replies, push.Replies...)
	close(h.changed)
	h.changed = make(chan struct{})
	w.Header().Set("Content-Type", push.Answer.ContentType)
	w.WriteHeader(push.Answer.Status)
	_, _ = io.WriteString(w, push.Answer.Body)
}

// await waits until it is so, under the lock.
func (h *hook) await(t *testing.T, what string, so func() bool) {
	t.Helper()
	end := time.After(patience)
	for {
		h.mu.Lock()
		done, changed := so(), h.changed
		h.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-end:
			h.mu.Lock()
			defer h.mu.Unlock()
			t.Fatalf("waited in vain until %s; the calls:\n%s", what, strings.Join(h.queries, "\n"))
		}
	}
}

func (h *hook) receipt(t *testing.T, id string) sms.Receipt {
	t.Helper()
	var found sms.Receipt
	h.await(t, "there is a receipt of "+id, func() bool {
		var ok bool
		found, ok = h.receipts[id]
		return ok
	})
	return found
}

// start starts a Kannel and opens it as Magpie does.
func start(t *testing.T, over kannel.Over) (*kannel.Kannel, sms.Gateway, *hook) {
	t.Helper()
	h := newHook(t)
	k := kannel.Start(t, kannel.Options{Over: over, Hook: h.address()})
	g, err := sms.Open(sms.Options{Name: "MAGPIE_SMS", Setting: k.Setting(), HookURL: h.address()})
	if err != nil {
		t.Fatal(err)
	}
	h.pusher = g.(sms.Pusher)
	return k, g, h
}

func send(t *testing.T, g sms.Gateway, id, to, body string) {
	t.Helper()
	m := sms.Message{ID: id, To: to, Signature: "安化县民政局", Body: body, ValidFor: time.Hour}
	if _, err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesReceiptsAndRepliesGoThroughARealKannel(t *testing.T) {
	for name, over := range map[string]kannel.Over{"fakesmsc": kannel.Fake, "SMPP": kannel.SMPP} {
		t.Run(name, func(t *testing.T) {
			k, g, h := start(t, over)
			short := string([]rune(strings.Repeat(chinese, 2))[:64-8])
			long := string([]rune(strings.Repeat(chinese, 5))[:124-8])
			send(t, g, "1", "13812345671", short)
			send(t, g, "2", "13812345672", long)
			send(t, g, "3", "+8613812345673", "a&b=c+d%e; 你好 😀 #?")
			got := map[string]kannel.Message{}
			for _, m := range k.Await(t, 3, "three messages", func(kannel.Message) bool { return true }) {
				got[m.To[len(m.To)-11:]] = m
			}
			for to, want := range map[string]kannel.Message{
				"13812345671": {Text: "【安化县民政局】" + short, Parts: 1},
				"13812345672": {Text: "【安化县民政局】" + long, Parts: 2},
				"13812345673": {Text: "【安化县民政局】a&b=c+d%e; 你好 😀 #?", Parts: 1},
			} {
				if m := got[to]; m.Text != want.Text || m.Parts != want.Parts {
					t.Errorf("the phone %s shows %d parts, %q", to, m.Parts, m.Text)
				}
			}
			for _, id := range []string{"1", "2", "3"} {
				if r := h.receipt(t, id); !r.Delivered || r.Reason != "" || time.Since(r.At).Abs() > time.Minute {
					t.Errorf("receipt %+v", r)
				}
			}

			k.Reply("13812345671", "1")
			k.Reply("+8613812345672", "确认 & 谢谢 +%")
			k.Reply("10086", "您的话费余额")
			h.await(t, "both replies and the advertisement are there", func() bool { return len(h.replies) == 2 && len(h.queries) == 6 })
			texts := map[string]string{}
			for _, r := range h.replies {
				texts[r.From] = r.Text
				if r.ID == "" || time.Since(r.At).Abs() > time.Minute {
					t.Errorf("reply %+v", r)
				}
			}
			if texts["13812345671"] != "1" || texts["13812345672"] != "确认 & 谢谢 +%" {
				t.Errorf("replies %q", texts)
			}
			if n := len(k.Sent()); n != 3 {
				t.Errorf("the phones were sent %d texts: a reply was answered", n)
			}
		})
	}
}

func TestWithoutFilesItDoesTheSame(t *testing.T) {
	h := newHook(t)
	k := kannel.Start(t, kannel.Options{Over: kannel.SMPP, InMemory: true})
	g, err := sms.Open(sms.Options{Name: "MAGPIE_SMS", Setting: k.Setting(), HookURL: h.address()})
	if err != nil {
		t.Fatal(err)
	}
	h.pusher = g.(sms.Pusher)
	send(t, g, "1", "13812345671", chinese)
	if r := h.receipt(t, "1"); !r.Delivered {
		t.Errorf("receipt %+v", r)
	}
	m := k.Await(t, 1, "the message", func(m kannel.Message) bool { return m.To == "13812345671" })[0]
	if until := time.Until(m.Until); !m.Receipt || m.From != "10690000" || until < 58*time.Minute || until > 61*time.Minute {
		t.Errorf("%+v", m)
	}
}

func TestFailingReceiptsAndRefusalsCarryTheirCodes(t *testing.T) {
	k, g, h := start(t, kannel.SMPP)
	k.FailNext(kannel.Failure{To: "13812345671", Stat: "UNDELIV", Err: "034"})
	k.FailNext(kannel.Failure{To: "13812345672", Stat: "EXPIRED", Err: "001"})
	k.FailNext(kannel.Failure{To: "13812345673", Refuse: 0x0b})
	k.FailNext(kannel.Failure{To: "13812345674", Silent: true})
	for i, to := range []string{"13812345671", "13812345672", "13812345673", "13812345674", "13812345675"} {
		send(t, g, string(rune('1'+i)), to, chinese)
	}
	for id, want := range map[string]string{"1": "UNDELIV:034", "2": "EXPIRED:001", "3": "0x0000000b"} {
		if r := h.receipt(t, id); r.Delivered || r.Reason != want {
			t.Errorf("receipt %+v, want %s", r, want)
		}
	}
	if r := h.receipt(t, "5"); !r.Delivered {
		t.Errorf("receipt %+v", r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := h.receipts["4"]; ok {
		t.Errorf("a receipt of a message that has none: %+v", r)
	}
}

func TestACallThatFailsIsMadeAgain(t *testing.T) {
	k, g, h := start(t, kannel.SMPP)
	h.mu.Lock()
	h.down = true
	h.mu.Unlock()
	send(t, g, "1", "13812345671", chinese)
	k.Reply("13812345671", "1")
	k.Await(t, 1, "the message", func(kannel.Message) bool { return true })
	h.mu.Lock()
	h.down = false
	h.mu.Unlock()
	if r := h.receipt(t, "1"); !r.Delivered {
		t.Errorf("receipt %+v", r)
	}
	h.await(t, "the reply is there", func() bool { return len(h.replies) == 1 })
}

func TestWhatTheCarrierHadNoTimeForOutlivesARestart(t *testing.T) {
	k, g, h := start(t, kannel.SMPP)
	k.CarrierDown()
	send(t, g, "1", "13812345671", chinese)
	k.Down()
	k.CarrierUp()
	k.Up()
	if r := h.receipt(t, "1"); !r.Delivered {
		t.Errorf("receipt %+v", r)
	}
	if n := len(k.Sent()); n != 1 {
		t.Errorf("%d messages reached the centre, want 1", n)
	}
}

func TestARestartLosesNothingAndRepeatsNothing(t *testing.T) {
	for name, stop := range map[string]func(*kannel.Kannel){"in order": (*kannel.Kannel).Down, "killed": (*kannel.Kannel).Kill} {
		t.Run(name, func(t *testing.T) {
			k, g, h := start(t, kannel.SMPP)
			send(t, g, "1", "13812345671", chinese)
			if r := h.receipt(t, "1"); !r.Delivered {
				t.Errorf("receipt %+v", r)
			}
			stop(k)
			if _, err := g.Send(t.Context(), sms.Message{ID: "2", To: "13812345672", Body: chinese, ValidFor: time.Hour}); err == nil {
				t.Error("a gateway that is down took a message")
			}
			k.Up()
			send(t, g, "3", "13812345673", chinese)
			if r := h.receipt(t, "3"); !r.Delivered {
				t.Errorf("receipt %+v", r)
			}
			if n := len(k.Sent()); n != 2 {
				t.Errorf("%d messages reached the centre, want 2", n)
			}
		})
	}
}
