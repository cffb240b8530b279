package notify

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestSendersDoNotWaitForClaimsWhileCallsAreQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const call, claim = 10 * time.Millisecond, 8 * time.Millisecond
		g, q := &fakeGateway{answer: slow(call)}, &fakeQueue{}
		q.onClaim = func() error { time.Sleep(claim); return nil }
		now := time.Now()
		q.add(3200, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if _, err := w.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStates(t, q, map[string]int{"handed_over": 3200})
		// A hundred calls of each sender, the beginning and the end of it.
		if took, most := time.Since(now), 100*call+4*claim+2*finishDelay; took > most {
			t.Errorf("it took %s, more than %s", took, most)
		}
		if g.highest > 32 {
			t.Errorf("%d calls at a time", g.highest)
		}
		if n := len(q.claims); n > 101 {
			t.Errorf("%d claims for 3200 messages", n)
		}
		for i, limit := range q.claims {
			if limit < 1 || limit > (1+aheadTimes)*32 || i == 0 && limit > 32 {
				t.Errorf("claim %d asked for %d", i, limit)
			}
		}
	})
}

func TestWhatWasClaimedAheadIsGivenBackWhenCallsBecomeSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		g := &fakeGateway{answer: func(ctx context.Context, to string) error {
			if calls.Add(1) <= 320 {
				return slow(time.Millisecond)(ctx, to)
			}
			return slow(time.Hour)(ctx, to)
		}}
		q := &fakeQueue{}
		now := time.Now()
		q.add(1000, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(aheadFor + time.Second)
		wantStates(t, q, map[string]int{"handed_over": 320, "claimed": 32, "planned": 648})
		if s := w.Stats(); s.GivenBack < 1 || s.GivenBack > aheadTimes*32 || s.Sending != 32 {
			t.Errorf("%+v", s)
		}
		claims := len(q.claims)
		time.Sleep(5 * time.Second)
		if n := len(q.claims); n != claims {
			t.Errorf("%d claims while no sender was free", n-claims)
		}
		w.Stop()
		wantStates(t, q, map[string]int{"handed_over": 320, "unknown": 32, "planned": 648})
		for i := range q.rows {
			if r := q.row(i + 1); r.result.Outcome == GivenBack && g.asked[r.To] != 0 {
				t.Errorf("message %d was given back after a call", r.ID)
			}
		}
	})
}

func TestStopGivesBackWhatWasClaimedAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, q := &fakeGateway{answer: slow(50 * time.Millisecond)}, &fakeQueue{}
		now := time.Now()
		q.add(1000, now, now.Add(time.Hour))
		w, _ := newWorker(q, g)
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(175 * time.Millisecond) // in the middle of the fourth call of each sender
		stopping := time.Now()
		w.Stop()
		if took := time.Since(stopping); took > 25*time.Millisecond+2*finishDelay {
			t.Errorf("stopping took %s", took)
		}
		wantStates(t, q, map[string]int{"handed_over": 128, "planned": 872})
		if s := w.Stats(); s.GivenBack == 0 {
			t.Errorf("nothing was claimed ahead: %+v", s)
		}
		g.accepted(t)
	})
}

func TestThereIsRoomForNoMoreThanThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(8)
		if n := r.take(t.Context()); n != 8 {
			t.Errorf("%d taken of 8", n)
		}
		r.took(time.Millisecond)
		if n := r.take(t.Context()); n != aheadTimes*8 {
			t.Errorf("%d taken ahead", n)
		}
		r.took(time.Second)
		r.leave(aheadTimes*8 + 1)
		before := time.Now()
		if n := r.take(t.Context()); n != 1 || time.Since(before) != gatherFor {
			t.Errorf("%d taken after %s", n, time.Since(before))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if n := r.take(ctx); n != 0 {
			t.Errorf("%d taken where there is no room", n)
		}
	})
}
