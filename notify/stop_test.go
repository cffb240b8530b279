package notify

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestStopFinishesWhatIsUnderWayAndClaimsNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{answer: slow(3 * time.Second)}
		now := time.Now()
		q.add(100, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		stopping := time.Now()
		w.Stop()
		if took := time.Since(stopping); took < 2*time.Second || took > 2*time.Second+2*finishDelay {
			t.Errorf("stopping took %s", took)
		}
		wantStates(t, q, map[string]int{"handed_over": 32, "planned": 68})
		g.accepted(t)
		w.Nudge()
		w.Stop()
		time.Sleep(time.Minute)
		if n := g.calls(); n != 32 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestStopWaitsForAHungGatewayNoLongerThanACallMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{answer: slow(time.Hour)}
		now := time.Now()
		q.add(2, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.Stop()
		if took := time.Since(now); took > CallTimeout+2*finishDelay {
			t.Errorf("stopped after %s", took)
		}
		wantStates(t, q, map[string]int{"unknown": 2})
	})
}

func TestWhatIsClaimedWhileStoppingIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		q.onClaim = func() error { time.Sleep(time.Second); return nil }
		now := time.Now()
		q.add(7, now, now.Add(time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w, _ := newWorker(q, g)
		if err := w.Start(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		cancel() // the end of ctx stops as Stop does
		synctest.Wait()
		w.Stop()
		wantStates(t, q, map[string]int{"planned": 7})
		if s := w.Stats(); s.GivenBack != 7 || g.calls() != 0 {
			t.Errorf("%+v, %d calls", s, g.calls())
		}
	})
}

func TestAWorkerStartsOnceAndStopsAnyNumberOfTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never, _ := newWorker(&fakeQueue{}, &fakeGateway{})
		never.Stop()
		never.Stop()
		if err := never.Start(t.Context()); err == nil {
			t.Error("a stopped worker started")
		}
		w, _ := newWorker(&fakeQueue{}, &fakeGateway{})
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.Start(t.Context()); err == nil {
			t.Error("a worker started twice")
		}
		done := make(chan struct{})
		for range 3 {
			go func() { w.Stop(); done <- struct{}{} }()
		}
		for range 3 {
			<-done
		}
	})
}

func TestOutcomesAreWrittenWhenTheQueueIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		now := time.Now()
		q.add(50, now, now.Add(time.Hour))
		q.onFinish = func() error {
			if time.Since(now) < 8*time.Second {
				return errDown
			}
			return nil
		}
		w, out := newWorker(q, g)
		summary, err := w.RunOnce(t.Context())
		if err != nil || summary != (Summary{HandedOver: 50}) {
			t.Errorf("%+v, %v", summary, err)
		}
		wantStates(t, q, map[string]int{"handed_over": 50})
		g.accepted(t)
		if w.Stats().LastError.IsZero() || !strings.Contains(out.String(), "cannot be written yet") {
			t.Errorf("%+v\n%s", w.Stats(), out)
		}
	})
}

func TestOutcomesThatCannotBeWrittenEndWithTheirLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		now := time.Now()
		q.add(500, now, now.Add(time.Hour))
		q.onFinish = func() error { return errDown }
		w, out := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if n := g.calls(); n > (1+aheadTimes)*32+2*finishBatch {
			t.Errorf("%d messages were taken while nothing could be written", n)
		}
		w.Stop()
		if took := time.Since(now); took > Lease+time.Second {
			t.Errorf("stopped after %s", took)
		}
		s := w.Stats()
		if s.Unwritten != s.Claimed || s.Unwritten == 0 {
			t.Errorf("%+v", s)
		}
		if !strings.Contains(out.String(), "their leases end") || strings.Contains(out.String(), "138000") {
			t.Error("the log does not say it, or says too much")
		}
	})
}

func TestAClaimThatFailsIsTriedAtTheNextKnock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		var tries atomic.Int64
		q.onClaim = func() error {
			if tries.Add(1) <= 3 {
				return errDown
			}
			return nil
		}
		now := time.Now()
		q.add(40, now, now.Add(time.Hour))
		w, out := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2500 * time.Millisecond)
		if n := tries.Load(); n != 3 || g.calls() != 0 {
			t.Errorf("%d tries in 2.5 s, %d calls", n, g.calls())
		}
		time.Sleep(time.Second)
		w.Stop()
		wantStates(t, q, map[string]int{"handed_over": 40})
		if w.Stats().LastError.IsZero() || !strings.Contains(out.String(), errDown.Error()) {
			t.Errorf("%+v\n%s", w.Stats(), out)
		}
		tries.Store(0)
		if _, err := w.RunOnce(t.Context()); err == nil {
			t.Error("RunOnce hides the queue's error")
		}
	})
}

func TestMoreThanWasAskedForIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, g := &fakeQueue{}, &fakeGateway{}
		now := time.Now()
		q.add(40, now, now.Add(time.Hour))
		w, _ := newWorker(generous{q}, g)
		w.cfg.Senders = 4
		var all Summary
		for range 10 { // what is given back is due again once that is written
			summary, err := w.RunOnce(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all.HandedOver += summary.HandedOver
			all.GivenBack += summary.GivenBack
		}
		if all.HandedOver != 40 || all.GivenBack == 0 {
			t.Errorf("%+v", all)
		}
		if g.highest > 4 {
			t.Errorf("%d calls at a time", g.highest)
		}
		wantStates(t, q, map[string]int{"handed_over": 40})
		g.accepted(t)
	})
}

// generous is a queue that gives more than it is asked for.
type generous struct{ *fakeQueue }

func (q generous) Claim(ctx context.Context, limit int) ([]Message, error) {
	return q.fakeQueue.Claim(ctx, limit+3)
}
