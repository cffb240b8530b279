package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

func TestAGatewaysAnswerBecomesAnOutcome(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		attempt int
		until   time.Duration
		want    Outcome
		detail  string
	}{
		{"accepted", nil, 1, time.Hour, HandedOver, ""},
		{"wrong number", &sms.Error{Class: sms.WrongNumber, Detail: "answer 403"}, 1, time.Hour, Failed, "kannel: wrong_number: answer 403"},
		{"content refused", &sms.Error{Class: sms.Content, Detail: "answer 400"}, 1, time.Hour, Failed, "kannel: content: answer 400"},
		{"uncertain", &sms.Error{Class: sms.Uncertain, Detail: "answer 500"}, 1, time.Hour, Unknown, "kannel: uncertain: answer 500"},
		{"down, first try", &sms.Error{Class: sms.RetryLater, Detail: "down"}, 1, time.Hour, RetryLater, "kannel: retry_later: down"},
		{"down, third try", &sms.Error{Class: sms.RetryLater, Detail: "down"}, 3, time.Hour, RetryLater, "kannel: retry_later: down"},
		{"down, fiftieth try", &sms.Error{Class: sms.RetryLater, Detail: "down"}, 50, time.Hour, RetryLater, "kannel: retry_later: down"},
		{"down, and no time for another try", &sms.Error{Class: sms.RetryLater, Detail: "down"}, 9, 3 * time.Second, Expired, "kannel: retry_later: down"},
		{"set up wrongly", &sms.Error{Class: sms.SetUp, Detail: "answer 401"}, 2, time.Hour, RetryLater, "kannel: set_up: answer 401"},
		{"out of money", &sms.Error{Class: sms.NoMoney, Detail: "code 5"}, 4, time.Hour, RetryLater, "kannel: no_money: code 5"},
		{"out of money to the end", &sms.Error{Class: sms.NoMoney, Detail: "code 5"}, 4, time.Second, Expired, "kannel: no_money: code 5"},
		{"an error in another", fmt.Errorf("send: %w", &sms.Error{Class: sms.Content, Detail: "code 6"}), 1, time.Hour, Failed, "kannel: content: code 6"},
		{"an error of no class", errors.New("to 13800000001 failed"), 1, time.Hour, Unknown, "kannel: uncertain: the driver gave an error without a class"},
		{"an error that is none", (*sms.Error)(nil), 1, time.Hour, Unknown, "kannel: uncertain: the driver gave an error without a class"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &fakeGateway{answer: func(context.Context, string) error { return c.err }}
				q := &fakeQueue{}
				now := time.Now()
				q.add(1, now, now.Add(c.until))
				q.rows[0].Attempt = c.attempt - 1
				w, out := newWorker(q, g)
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := q.row(1)
				if got.outcome != c.want || got.detail != c.detail {
					t.Errorf("%s (%s), want %s (%s)", got.outcome, got.detail, c.want, c.detail)
				}
				full := messages.Backoff(c.attempt)
				if wait := got.nextTry.Sub(now); c.want == RetryLater && (wait < full*3/4 || wait > full) {
					t.Errorf("tried again after %s, the full wait is %s", wait, full)
				}
				if valid := g.letters[0].ValidFor; valid != c.until {
					t.Errorf("valid for %s, want %s", valid, c.until)
				}
				if got.result.Gateway != "kannel" || (got.result.GatewayID == "id-1") != (c.want == HandedOver) {
					t.Errorf("gateway %q, id %q", got.result.Gateway, got.result.GatewayID)
				}
				if (got.result.Wait > 0) != (c.want == RetryLater) || got.nextTry.IsZero() != (c.want != RetryLater) {
					t.Errorf("%s, next try at %s", got.result.Wait, got.nextTry)
				}
				if s := w.Stats(); s.LastError.IsZero() != (c.want == HandedOver || c.want == Expired) || s.LastHandedOver.IsZero() == (c.want == HandedOver) {
					t.Errorf("%+v", s)
				}
				if log := out.String(); strings.Contains(log, "13800000001") || strings.Contains(log, "您好") || !strings.Contains(log, c.want.String()) {
					t.Error(log)
				}
			})
		})
	}
}

func TestAMessagePastItsValidityOrWithoutATextIsNotHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		now := time.Now()
		q.add(3, now, now.Add(time.Hour))
		q.rows[0].Until = now
		q.rows[1].Forms = nil
		q.rows[2].To = ""
		w, _ := newWorker(q, g)
		summary, err := w.RunOnce(t.Context())
		if err != nil || summary != (Summary{Expired: 1, Failed: 2}) {
			t.Errorf("%+v, %v", summary, err)
		}
		if n := g.calls(); n != 0 {
			t.Errorf("%d calls", n)
		}
		wantStates(t, q, map[string]int{"expired": 1, "failed": 2})
	})
}

func TestAPanicInTheDriverIsUnknownAndTheOthersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		g := &fakeGateway{answer: func(_ context.Context, to string) error {
			if to == "13800000002" {
				panic("no " + to)
			}
			return nil
		}}
		now := time.Now()
		q.add(40, now, now.Add(time.Hour))
		w, out := newWorker(q, g)
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"handed_over": 39, "unknown": 1})
		if strings.Contains(out.String(), "138000") {
			t.Error(out.String())
		}
	})
}
