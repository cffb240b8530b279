package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"magpie/notify/mail"
	"magpie/notify/sms"
)

// inBubble hides that it is a *testing.T, of which rapid would ask for what is
// not to be had in a bubble.
type inBubble struct{ *testing.T }

// reply is what a gateway answers to one call, and after which time.
type reply struct {
	err   error
	panic bool
	after time.Duration
}

// secret stands in what a driver must not let out, and lets out all the same.
const secret = "geheim"

func (r reply) sure() bool {
	var e *sms.Error
	return !r.panic && errors.As(r.err, &e) && slices.Contains([]sms.Class{sms.RetryLater, sms.SetUp, sms.NoMoney}, e.Class)
}

// doubtful says that the gateway may have the message, and did not say so.
func (r reply) doubtful() bool {
	var e *sms.Error
	return r.panic || r.err != nil && (!errors.As(r.err, &e) || e.Class == sms.Uncertain)
}

func (r reply) outcome() Outcome {
	switch {
	case r.doubtful():
		return Unknown
	case r.err == nil:
		return HandedOver
	case r.sure():
		return RetryLater
	}
	return Failed
}

func replyGen(doubts bool) *rapid.Generator[reply] {
	return rapid.Custom(func(t *rapid.T) reply {
		var r reply
		kinds := []string{"taken", "class", "class", "class", "class"}
		if doubts {
			kinds = append(kinds, "panic", "no class")
		}
		switch rapid.SampledFrom(kinds).Draw(t, "kind") {
		case "panic":
			r.panic = true
		case "no class":
			r.err = errors.New("to 13800000001, password " + secret)
		case "class":
			classes := slices.DeleteFunc(sms.Classes(), func(c sms.Class) bool { return c == sms.Uncertain && !doubts })
			e := &sms.Error{Class: rapid.SampledFrom(classes).Draw(t, "class"), Detail: "code 9"}
			if e.Class == sms.RetryLater && rapid.Bool().Draw(t, "limit") {
				e.Wait = 20 * time.Second
			}
			r.err = e
		}
		r.after = time.Duration(rapid.SampledFrom([]int{0, 0, 0, 20, 1500, 1999, 2000, 2001, 9000}).Draw(t, "ms")) * time.Millisecond
		return r
	})
}

// heard is one call that a gateway got.
type heard struct {
	gateway        string
	begun, by, end time.Time
	reply          reply
}

// scripted are gateways whose answers to each message were drawn before, and
// what they heard, by number.
type scripted struct {
	mu    sync.Mutex
	left  map[string][]reply // by gateway and number; then everything is taken
	calls map[string][]heard
}

func (s *scripted) route(r Route) Route {
	r.Way = gatewayFunc(func(ctx context.Context, m sms.Message) (string, error) {
		by, _ := sms.ConnectDeadline(ctx)
		call := heard{gateway: r.Name, begun: time.Now(), by: by}
		s.mu.Lock()
		key := r.Name + m.To
		if left := s.left[key]; len(left) > 0 {
			call.reply, s.left[key] = left[0], left[1:]
		}
		s.mu.Unlock()
		time.Sleep(call.reply.after)
		call.end = time.Now()
		s.mu.Lock()
		s.calls[m.To] = append(s.calls[m.To], call)
		s.mu.Unlock()
		if call.reply.panic {
			panic("password " + secret + " " + m.To + m.Body)
		}
		return "id", call.reply.err
	})
	return r
}

type gatewayFunc func(context.Context, sms.Message) (string, error)

func (f gatewayFunc) Send(ctx context.Context, m sms.Message) (string, error) { return f(ctx, m) }

func TestWhateverTheGatewaysAnswerNoMessageCanComeTwiceAndNoneIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(inBubble{t}, func(t *rapid.T) {
			doubts := rapid.Bool().Draw(t, "doubts")
			n := rapid.IntRange(1, 12).Draw(t, "messages")
			script := &scripted{left: make(map[string][]reply), calls: make(map[string][]heard)}
			q := &fakeQueue{}
			until := time.Duration(rapid.IntRange(1, 120).Draw(t, "valid for seconds")) * time.Second
			q.add(n, time.Now(), time.Now().Add(until))
			for _, r := range q.rows {
				r.Prefers = rapid.SampledFrom([]string{"", "kannel-2"}).Draw(t, "prefers")
				for _, name := range []string{"kannel", "kannel-2"} {
					script.left[name+r.To] = rapid.SliceOfN(replyGen(doubts), 0, 5).Draw(t, name)
				}
			}
			lags := rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 30, 1000, 1990, 2010}), 0, 20).Draw(t, "lags")
			q.onClaim = func() error {
				if len(lags) > 0 {
					lag := lags[0]
					lags = lags[1:]
					time.Sleep(time.Duration(lag) * time.Millisecond)
				}
				return nil
			}
			w, out := workerOf(Config{
				Queue: q, Senders: rapid.IntRange(1, 8).Draw(t, "senders"),
				Routes: []Route{script.route(kannel(nil)), script.route(second(nil))},
			})
			if err := w.Start(context.Background()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(until + 2*time.Minute)
			w.Stop()
			for _, r := range q.rows {
				judge(t, r, script.calls[r.To], doubts)
			}
			for _, private := range []string{"138000", "王小明", "您好", secret} {
				if strings.Contains(out.String(), private) {
					t.Fatalf("the log tells %s: %s", private, out)
				}
			}
		})
	})
}

// judge holds the calls about one message against what may be.
func judge(t *rapid.T, r *row, calls []heard, doubts bool) {
	t.Helper()
	if !r.final || r.claimed {
		t.Fatalf("message %d is still waiting: %+v", r.ID, r)
	}
	for i, c := range calls {
		if i+1 < len(calls) && !c.reply.sure() {
			t.Fatalf("message %d was tried again after %+v", r.ID, c)
		}
		if i+1 < len(calls) && calls[i+1].begun.Before(c.end) {
			t.Fatalf("message %d was given to one gateway while another had it", r.ID)
		}
		if c.begun.After(c.by) || !c.begun.Before(r.Until) {
			t.Fatalf("a call began at %s, by %s, until %s", c.begun, c.by, r.Until)
		}
	}
	for _, some := range handOvers(calls) {
		if len(some) > 2 || len(some) == 2 && some[0].gateway == some[1].gateway {
			t.Fatalf("one hand-over of message %d made the calls %+v", r.ID, some)
		}
		// Where no gateway was ever silent nothing keeps the other from being asked.
		only := some[0]
		if !doubts && len(some) == 1 && only.reply.sure() && !only.end.After(only.by) && only.end.Before(r.Until) {
			t.Fatalf("message %d was refused by %s and the other was not asked", r.ID, only.gateway)
		}
	}
	last := Expired
	if len(calls) > 0 {
		if last = calls[len(calls)-1].reply.outcome(); last == RetryLater {
			last = Expired
		}
	}
	if r.outcome != last {
		t.Fatalf("message %d is %s, its last call says %s", r.ID, r.outcome, last)
	}
	if res := r.result; len(calls) > 0 && r.outcome != Expired && (res.Gateway != calls[len(calls)-1].gateway || (res.GatewayID == "id") != (last == HandedOver)) {
		t.Fatalf("message %d: gateway %q, id %q", r.ID, res.Gateway, res.GatewayID)
	}
}

// handOvers parts the calls about one message: within a hand-over the next call
// begins when the last one ends, and after it there is a pause.
func handOvers(calls []heard) [][]heard {
	var parts [][]heard
	for i, c := range calls {
		if i > 0 && c.begun.Equal(calls[i-1].end) {
			parts[len(parts)-1] = append(parts[len(parts)-1], c)
		} else {
			parts = append(parts, []heard{c})
		}
	}
	return parts
}

func TestNoLogLineTellsANumberATextOrAPassword(t *testing.T) {
	private := []string{"138000", "王小明", "您好", "SMS_", "anyone@", "某县", secret}
	replies := map[string]func(ctx context.Context, to string) error{
		"no class": func(_ context.Context, to string) error { return fmt.Errorf("password=%s to %s 您好", secret, to) },
		"panic":    func(_ context.Context, to string) error { panic(secret + to) },
		"taken":    nil,
	}
	for _, class := range sms.Classes() {
		replies[class.String()] = func(context.Context, string) error { return &sms.Error{Class: class, Detail: "code 9"} }
	}
	for _, name := range slices.Sorted(maps.Keys(replies)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, g := &fakeQueue{}, &fakeGateway{answer: replies[name]}
				mailer := &fakeMailer{answer: func(ctx context.Context) error {
					if g.answer == nil {
						return nil
					}
					return g.answer(ctx, "anyone@example.org")
				}}
				q.add(20, time.Now(), time.Now().Add(20*time.Second))
				for _, r := range q.rows[:10] {
					r.To, r.Mail = "", &mail.Message{ID: "m", To: "anyone@example.org", From: "某县民政局", Subject: "您好", Text: "王小明"}
				}
				w, out := workerOf(Config{Queue: q, Routes: []Route{kannel(g), second(g)}, Mailer: mailer})
				if err := w.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				w.Stop()
				if len(out.String()) == 0 {
					t.Fatal("nothing was logged")
				}
				said := out.String() + strings.Join(w.Troubles(), "\n")
				for i := range q.rows {
					said += q.row(i + 1).detail
				}
				for _, p := range private {
					if strings.Contains(said, p) {
						t.Errorf("%s is told: %s", p, said)
					}
				}
			})
		})
	}
}
