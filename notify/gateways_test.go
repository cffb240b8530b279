package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"magpie/notify/mail"
	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

// says is a gateway's one answer.
func says(err error) *fakeGateway {
	return &fakeGateway{answer: func(context.Context, string) error { return err }}
}

func saysClass(class sms.Class) *fakeGateway {
	return says(&sms.Error{Class: class, Detail: "code 9"})
}

func TestTheSecondGatewayIsAskedOnlyIfTheFirstSurelyDidNotTakeTheMessage(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second *fakeGateway
		asked         int // the second's calls
		outcome       Outcome
		gateway, id   string
		form          int
		detail        string
	}{
		{"taken", says(nil), says(nil), 0, HandedOver, "kannel", "id-1", 0, ""},
		{"uncertain", saysClass(sms.Uncertain), says(nil), 0, Unknown, "kannel", "", 0, "kannel: uncertain: code 9"},
		{"wrong number", saysClass(sms.WrongNumber), says(nil), 0, Failed, "kannel", "", 0, "kannel: wrong_number: code 9"},
		{"content", saysClass(sms.Content), says(nil), 0, Failed, "kannel", "", 0, "kannel: content: code 9"},
		{"no class", says(errors.New("13800000001")), says(nil), 0, Unknown, "kannel", "", 0, "kannel: uncertain: the driver gave an error without a class"},
		{"panic", &fakeGateway{answer: func(_ context.Context, to string) error { panic(to) }}, says(nil), 0, Unknown, "kannel", "", 0, "kannel: uncertain: the driver panicked"},
		{"retry later", saysClass(sms.RetryLater), says(nil), 1, HandedOver, "kannel-2", "id-1", 1, ""},
		{"set-up", saysClass(sms.SetUp), says(nil), 1, HandedOver, "kannel-2", "id-1", 1, ""},
		{"no money", saysClass(sms.NoMoney), says(nil), 1, HandedOver, "kannel-2", "id-1", 1, ""},
		{"too often for this number", says(&sms.Error{Class: sms.RetryLater, Wait: time.Hour}), says(nil), 1, HandedOver, "kannel-2", "id-1", 1, ""},
		{"both say no", saysClass(sms.SetUp), saysClass(sms.NoMoney), 1, RetryLater, "kannel-2", "", 1, "kannel-2: no_money: code 9; after kannel: set_up: code 9"},
		{"no, and uncertain", saysClass(sms.RetryLater), saysClass(sms.Uncertain), 1, Unknown, "kannel-2", "", 1, "kannel-2: uncertain: code 9; after kannel: retry_later: code 9"},
		{"no, and wrong number", saysClass(sms.RetryLater), saysClass(sms.WrongNumber), 1, Failed, "kannel-2", "", 1, "kannel-2: wrong_number: code 9; after kannel: retry_later: code 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &fakeQueue{}
				q.add(1, time.Now(), time.Now().Add(time.Hour))
				w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(c.first), second(c.second)}})
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				if c.first.calls() != 1 || c.second.calls() != c.asked {
					t.Errorf("%d and %d calls, want 1 and %d", c.first.calls(), c.second.calls(), c.asked)
				}
				got := q.row(1).result
				if got.Outcome != c.outcome || got.Gateway != c.gateway || got.GatewayID != c.id || got.Form != c.form || got.Detail != c.detail {
					t.Errorf("%s, gateway %q, id %q, form %d, detail %q", got.Outcome, got.Gateway, got.GatewayID, got.Form, got.Detail)
				}
			})
		})
	}
}

func TestTheSecondGatewayIsAskedOnlyWhileACallMayBegin(t *testing.T) {
	for _, c := range []struct {
		claim, call, until time.Duration
		asked              int
		outcome            Outcome
	}{
		{0, BeginWithin, time.Hour, 1, HandedOver},
		{0, BeginWithin + 1, time.Hour, 0, RetryLater},
		{BeginWithin, 0, time.Hour, 1, HandedOver},
		{time.Second, time.Second + 1, time.Hour, 0, RetryLater},
		{0, time.Second, time.Second, 0, Expired},
		{0, time.Second, time.Second + 1, 1, HandedOver},
	} {
		t.Run(fmt.Sprint(c.claim, c.call, c.until), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, other, q := saysClass(sms.RetryLater), says(nil), &fakeQueue{}
				no := first.answer
				first.answer = func(ctx context.Context, to string) error { time.Sleep(c.call); return no(ctx, to) }
				q.onClaim = func() error {
					if len(q.claims) == 0 {
						time.Sleep(c.claim)
					}
					return nil
				}
				asked := time.Now()
				q.add(1, asked, asked.Add(c.until))
				w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(first), second(other)}})
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := q.row(1).outcome; got != c.outcome || other.calls() != c.asked {
					t.Errorf("%s, %d calls, want %s, %d", got, other.calls(), c.outcome, c.asked)
				}
				for _, g := range []*fakeGateway{first, other} {
					for i, begun := range g.begun {
						if begun.After(g.by[i]) || !g.by[i].Equal(asked.Add(BeginWithin)) {
							t.Errorf("a call began %s after its claim, and was told to by %s", begun.Sub(asked), g.by[i].Sub(asked))
						}
					}
				}
			})
		})
	}
}

func TestWhatHasNoTimeForAnotherTryStillGoesThroughTheSecondGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, other := &fakeQueue{}, says(nil)
		q.add(1, time.Now(), time.Now().Add(100*time.Millisecond))
		w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(saysClass(sms.RetryLater)), second(other)}})
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"handed_over": 1})
		if valid := other.letters[0].ValidFor; valid != 100*time.Millisecond {
			t.Errorf("valid for %s", valid)
		}
	})
}

func TestALimitOfOneNumberHoldsAMessageUpOnlyIfEveryGatewayHasOne(t *testing.T) {
	limit := func(wait time.Duration) error {
		return &sms.Error{Class: sms.RetryLater, Detail: "too often", Wait: wait}
	}
	backoff := messages.Backoff(1)
	for _, c := range []struct {
		name          string
		first, second error // second nil: there is none
		slow          time.Duration
		min, max      time.Duration
	}{
		{"the only one", limit(time.Minute), nil, 0, time.Minute, time.Minute},
		{"the only one, a moment", limit(time.Millisecond), nil, 0, backoff * 3 / 4, backoff},
		{"both", limit(time.Hour), limit(time.Minute), 0, time.Minute, time.Minute},
		{"the first alone", limit(time.Hour), limit(0), 0, backoff * 3 / 4, backoff},
		{"the second alone", limit(0), limit(time.Hour), 0, backoff * 3 / 4, backoff},
		{"the first, and no time to ask the second", limit(time.Hour), limit(time.Hour), 3 * time.Second, backoff * 3 / 4, backoff},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := &fakeGateway{answer: func(context.Context, string) error { time.Sleep(c.slow); return c.first }}
				routes := []Route{kannel(first)}
				if c.second != nil {
					routes = append(routes, second(says(c.second)))
				}
				q := &fakeQueue{}
				q.add(1, time.Now(), time.Now().Add(24*time.Hour))
				w, _ := workerOf(Config{Queue: q, Routes: routes})
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := q.row(1)
				if got.outcome != RetryLater || got.result.Wait < c.min || got.result.Wait > c.max {
					t.Errorf("%s after %s, want %s to %s", got.outcome, got.result.Wait, c.min, c.max)
				}
				if lines := w.Troubles(); len(lines) != 0 {
					t.Errorf("troubles %q", lines)
				}
			})
		})
	}
}

func TestAMessageGoesInTheFormThatItsGatewayCanCarry(t *testing.T) {
	for _, c := range []struct {
		name    string
		gateway messages.Gateway
		form    int
	}{
		{"free text and replies", messages.Gateway{Name: "kannel", Kind: "kannel", Replies: true}, 0},
		{"free text alone", messages.Gateway{Name: "log", Kind: "log"}, 1},
		{"templates and replies", messages.Gateway{Name: "aliyun-2", Kind: "aliyun", Replies: true, Templated: true}, 0},
		{"templates alone", messages.Gateway{Name: "aliyun", Kind: "aliyun", Templated: true}, 1},
		{"one form approved", messages.Gateway{Name: "tencent", Kind: "tencent", Replies: true, Templated: true}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, g := &fakeQueue{}, says(nil)
				q.add(1, time.Now(), time.Now().Add(time.Hour))
				w, _ := workerOf(Config{Queue: q, Routes: []Route{{Gateway: c.gateway, Way: g}}})
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				want := textForms(1)[c.form]
				got, result := g.letters[0], q.row(1).result
				if result.Form != c.form || result.Gateway != c.gateway.Name {
					t.Errorf("form %d through %s", result.Form, result.Gateway)
				}
				if got.Body != want.Body || got.Asks != want.Asks || got.Codes[c.gateway.Kind] != want.Codes[c.gateway.Kind] {
					t.Errorf("%+v", got)
				}
				if got.ID != "1" || got.To != "13800000001" || got.Signature != "某县民政局" {
					t.Errorf("%+v", got)
				}
				if !slices.Equal(got.Params, []sms.Param{{Name: "name", Value: "王小明"}, {Name: "n", Value: "1"}}) {
					t.Errorf("params %v", got.Params)
				}
			})
		})
	}
}

func TestAGatewayWithoutAnApprovalOfTheTextIsNotAskedAndNotInTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, other, q := says(nil), says(nil), &fakeQueue{}
		route := Route{Gateway: messages.Gateway{Name: "mas", Kind: "mas", Templated: true}, Way: cloud}
		q.add(10, time.Now(), time.Now().Add(time.Hour))
		w, _ := workerOf(Config{Queue: q, Routes: []Route{route, second(other)}})
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"handed_over": 10})
		if cloud.calls() != 0 {
			t.Errorf("%d calls", cloud.calls())
		}
		q.add(1, time.Now(), time.Now().Add(time.Hour))
		q.rows[10].Forms[1].Codes["mas"] = "7"
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		if cloud.calls() != 1 || q.row(11).result.Gateway != "mas" {
			t.Errorf("%d calls, then %+v", cloud.calls(), q.row(11).result)
		}
		if got := w.Troubles(); !slices.Equal(got, []string{"gateway mas: somebody must act: set_up: no approved template code of this text"}) {
			t.Errorf("troubles %q", got)
		}

		alone, _ := workerOf(Config{Queue: q, Routes: []Route{route}})
		q.add(1, time.Now(), time.Now().Add(time.Hour))
		if _, err := alone.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := q.row(12).result
		if got.Outcome != RetryLater || got.Gateway != "" || got.Detail != "mas: set_up: no approved template code of this text" || got.Wait > messages.Backoff(1) {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnEMailGoesToTheMailServer(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		outcome Outcome
		id      string
		detail  string
		wait    time.Duration
	}{
		{"taken", nil, HandedOver, "letter-m1", "", 0},
		{"wrong address", &sms.Error{Class: sms.WrongNumber, Detail: "550"}, Failed, "", "mail: wrong_number: 550", 0},
		{"greylisted", &sms.Error{Class: sms.RetryLater, Detail: "451", Wait: 5 * time.Minute}, RetryLater, "", "mail: retry_later: 451", 5 * time.Minute},
		{"uncertain", &sms.Error{Class: sms.Uncertain, Detail: "lost"}, Unknown, "", "mail: uncertain: lost", 0},
		{"no class", errors.New("someone@example.org"), Unknown, "", "mail: uncertain: the driver gave an error without a class", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, g, mailer := &fakeQueue{}, says(nil), &fakeMailer{answer: func(context.Context) error { return c.err }}
				q.add(1, time.Now(), time.Now().Add(time.Hour))
				q.rows[0].To, q.rows[0].Mail = "", &mail.Message{ID: "m1", To: "someone@example.org", Text: "您好"}
				w, out := workerOf(Config{Queue: q, Routes: []Route{kannel(g)}, Mailer: mailer})
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := q.row(1).result
				if got.Outcome != c.outcome || got.Gateway != MailRoute || got.GatewayID != c.id || got.Detail != c.detail || got.Wait != c.wait {
					t.Errorf("%+v", got)
				}
				if g.calls() != 0 || len(mailer.letters) != 1 || mailer.letters[0].To != "someone@example.org" {
					t.Errorf("%d calls of the gateway, letters %v", g.calls(), mailer.letters)
				}
				if strings.Contains(out.String(), "someone") || strings.Contains(out.String(), "您好") {
					t.Error(out)
				}
			})
		})
	}
}

func TestAnEMailWithoutAMailServerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, says(nil)
		q.add(1, time.Now(), time.Now().Add(time.Hour))
		q.rows[0].Mail = &mail.Message{To: "someone@example.org"}
		w, _ := newWorker(q, g)
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"failed": 1})
		if g.calls() != 0 {
			t.Errorf("%d calls", g.calls())
		}
	})
}

func TestCallsAreCountedByGatewayAndAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.add(2, time.Now(), time.Now().Add(time.Second/2))
		q.add(1, time.Now(), time.Now().Add(time.Second/2))
		q.rows[2].Mail = &mail.Message{ID: "m3"}
		w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(saysClass(sms.NoMoney)), second(says(errors.New("?")))}, Mailer: &fakeMailer{}})
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := map[Call]int64{{"kannel", "no_money"}: 2, {"kannel-2", "uncertain"}: 2, {"mail", "accepted"}: 1}
		got := w.Stats().Calls
		for call, n := range want {
			if got[call] != n {
				t.Errorf("%d calls %v, want %d", got[call], call, n)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%v", got)
		}
	})
}
