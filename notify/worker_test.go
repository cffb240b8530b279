package notify

import (
	"context"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"magpie/notify/sms"
)

func wantStates(t *testing.T, q *fakeQueue, want map[string]int) {
	t.Helper()
	if got := q.states(); !maps.Equal(got, want) {
		t.Errorf("the queue holds %v, want %v", got, want)
	}
}

func slow(d time.Duration) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return &sms.Error{Class: sms.Uncertain, Detail: "no answer in time"}
		}
	}
}

func TestEachDueMessageIsHandedOverOnceAndNoneBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{answer: slow(40 * time.Millisecond)}
		now := time.Now()
		q.add(500, now, now.Add(time.Hour))
		q.add(3, now.Add(time.Minute), now.Add(time.Hour))
		w, _ := newWorker(q, g)
		summary, err := w.RunOnce(t.Context())
		if err != nil || summary != (Summary{HandedOver: 500}) || summary.Claimed() != 500 {
			t.Errorf("%+v, %v", summary, err)
		}
		if n := len(g.accepted(t)); n != 500 {
			t.Errorf("%d accepted", n)
		}
		if g.highest != 32 {
			t.Errorf("%d calls at a time, want 32", g.highest)
		}
		wantStates(t, q, map[string]int{"handed_over": 500, "planned": 3})
		// 500 in 16 rounds of 40 ms, and what gathering may add to each.
		if took := time.Since(now); took > 16*45*time.Millisecond+finishDelay {
			t.Errorf("took %s", took)
		}
		if len(q.finishes) > 40 {
			t.Errorf("%d transactions for 500 results", len(q.finishes))
		}
	})
}

func TestAClaimedMessageBeginsAtOnceUnlessCallsAreQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		g := &fakeGateway{answer: func(ctx context.Context, to string) error {
			return slow(quickCall+time.Duration(n.Add(1)*7%90)*time.Millisecond)(ctx, to)
		}}
		q := &fakeQueue{}
		var claimed []time.Time
		q.onClaim = func() error { claimed = append(claimed, time.Now()); return nil }
		now := time.Now()
		q.add(300, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		at := make(map[time.Time]bool)
		for _, c := range claimed {
			at[c] = true
		}
		for _, b := range g.begun {
			if !at[b] {
				t.Errorf("a call began at %s, when nothing was claimed", b)
			}
		}
		for i, limit := range q.claims {
			if limit < 1 || limit > 32 {
				t.Errorf("claim %d asked for %d", i, limit)
			}
		}
		if len(q.claims) > 160 {
			t.Errorf("%d claims for 300 messages", len(q.claims))
		}
		wantStates(t, q, map[string]int{"handed_over": 300})
	})
}

func TestTheSlowestCallHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeGateway{}
		g.answer = func(ctx context.Context, to string) error {
			if to == "13800000001" {
				return slow(time.Hour)(ctx, to)
			}
			return slow(10*time.Millisecond)(ctx, to)
		}
		q := &fakeQueue{}
		now := time.Now()
		q.add(200, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		wantStates(t, q, map[string]int{"handed_over": 199, "claimed": 1})
		if s := w.Stats(); s.Sending != 1 || s.HandedOver != 199 || s.Claimed != 200 {
			t.Errorf("%+v", s)
		}
		// What falls due while the slow call lasts goes too.
		q.add(1, time.Now(), now.Add(time.Hour))
		time.Sleep(1100 * time.Millisecond)
		if got := q.row(201).outcome; got != HandedOver {
			t.Errorf("the late one is %s", got)
		}
		time.Sleep(CallTimeout)
		wantStates(t, q, map[string]int{"handed_over": 200, "unknown": 1})
		if got := q.row(1).detail; got != "kannel: uncertain: no answer in time" {
			t.Errorf("detail %q", got)
		}
		w.Stop()
	})
}

func TestAMessageClaimedTooLateIsGivenBackAndGoesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		now := time.Now()
		q.add(5, now, now.Add(time.Hour))
		first := true
		q.onClaim = func() error {
			if first {
				first = false
				time.Sleep(BeginWithin + time.Millisecond)
			}
			return nil
		}
		w, _ := newWorker(q, g)
		if sum, err := w.RunOnce(t.Context()); err != nil || sum != (Summary{GivenBack: 5}) {
			t.Errorf("%+v, %v", sum, err)
		}
		if n := g.calls(); n != 0 {
			t.Errorf("%d calls began too late", n)
		}
		wantStates(t, q, map[string]int{"planned": 5})
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"handed_over": 5})
		g.accepted(t)
	})
}

func TestADriverIsToldUntilWhenACallMayBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		q.onClaim = func() error { time.Sleep(BeginWithin - time.Millisecond); return nil }
		asked := time.Now()
		q.add(3, asked, asked.Add(time.Hour))
		w, _ := newWorker(q, g)
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"handed_over": 3})
		for _, by := range g.by {
			if !by.Equal(asked.Add(BeginWithin)) {
				t.Errorf("a call may begin until %s, its claim was asked for at %s", by, asked)
			}
		}
	})
}

func TestAfterAGatewaysReturnEverythingGoesWithinTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		down, up := start.Add(20*time.Second), start.Add(40*time.Second)
		g := &fakeGateway{answer: func(ctx context.Context, to string) error {
			if now := time.Now(); !now.Before(down) && now.Before(up) {
				return &sms.Error{Class: sms.RetryLater, Detail: "cannot connect"}
			}
			return slow(15*time.Millisecond)(ctx, to)
		}}
		q := &fakeQueue{}
		for second := range 60 {
			q.add(17, start.Add(time.Duration(second)*time.Second), start.Add(time.Hour))
		}
		var workers []*Worker
		for range 3 {
			w, _ := newWorker(q, g)
			if err := w.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			workers = append(workers, w)
		}
		time.Sleep(75 * time.Second)
		for _, w := range workers {
			w.Stop()
		}
		wantStates(t, q, map[string]int{"handed_over": 1020})
		g.accepted(t)
		for _, r := range q.rows {
			from := r.DueAt
			if !from.Before(down) && from.Before(up) {
				from = up
			}
			if late := g.sent[r.To][0].Sub(from); late < 0 || late > 10*time.Second {
				t.Errorf("%d went %s after it could", r.ID, late)
			}
		}
	})
}

func TestANudgeSendsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond) // between two knocks
		now := time.Now()
		q.add(1, now, now.Add(time.Minute))
		for range 100 {
			w.Nudge()
		}
		synctest.Wait()
		if at := g.accepted(t); len(at) != 1 || !at[0].Equal(now) {
			t.Errorf("accepted at %v, due at %v", at, now)
		}
		w.Stop()
	})
}

func TestADeadWorkersMessagesAreFoundAtTheEndOfTheirLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		now := time.Now()
		q.add(2, now, now.Add(time.Hour))
		if _, err := q.Claim(t.Context(), 2); err != nil { // and dies
			t.Fatal(err)
		}
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(Lease - time.Second)
		wantStates(t, q, map[string]int{"claimed": 2})
		time.Sleep(4 * time.Second)
		wantStates(t, q, map[string]int{"unknown": 2})
		if s := w.Stats(); s.Lost != 2 || g.calls() != 0 {
			t.Errorf("%+v, %d calls", s, g.calls())
		}
		w.Stop()
	})
}

func TestAJobThatPanicsRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{}
		q.onRecover = func() error {
			if q.recovers == 1 {
				panic("once")
			}
			return nil
		}
		w, out := newWorker(q, &fakeGateway{})
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		w.Stop()
		if q.recovers < 4 {
			t.Errorf("ran %d times in 11 s", q.recovers)
		}
		if !strings.Contains(out.String(), "panic") {
			t.Errorf("the panic was not logged: %s", out)
		}
	})
}
