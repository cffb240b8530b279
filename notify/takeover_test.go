package notify

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"magpie/notify/sms"
)

// during answers with err from one instant to another, and takes what comes
// before and after; a hung gateway answers when the call's time is over.
func during(from, to time.Time, err *sms.Error) func(context.Context, string) error {
	return func(ctx context.Context, number string) error {
		if now := time.Now(); now.Before(from) || !now.Before(to) {
			return slow(15*time.Millisecond)(ctx, number)
		}
		if err.Class == sms.Uncertain {
			<-ctx.Done()
		}
		return err
	}
}

var (
	isDown = &sms.Error{Class: sms.RetryLater, Detail: "cannot connect"}
	hangs  = &sms.Error{Class: sms.Uncertain, Detail: "no answer in time"}
)

// runFor has one worker send what falls due, n each second, until the end.
func runFor(t *testing.T, end time.Duration, n int, routes ...Route) (*fakeQueue, *Worker) {
	t.Helper()
	q, start := &fakeQueue{}, time.Now()
	for second := range end / time.Second {
		q.add(n, start.Add(second*time.Second), start.Add(24*time.Hour))
	}
	w, _ := workerOf(Config{Queue: q, Routes: routes})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(end + 30*time.Second)
	w.Stop()
	return q, w
}

func TestWhenTheFirstGatewayIsDownTheSecondTakesEverythingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		down, up := start.Add(20*time.Second), start.Add(80*time.Second)
		first, other := &fakeGateway{answer: during(down, up, isDown)}, &fakeGateway{}
		q, w := runFor(t, 200*time.Second, 10, kannel(first), second(other))
		wantStates(t, q, map[string]int{"handed_over": 2000})
		for _, r := range q.rows {
			if r.Attempt != 1 {
				t.Errorf("message %d needed %d tries", r.ID, r.Attempt)
			}
			if twice := len(first.sent[r.To]) + len(other.sent[r.To]); twice != 1 {
				t.Errorf("message %d was taken %d times", r.ID, twice)
			}
		}
		// Three troubles, and probes after 5, 10, 20 and 40 seconds.
		in := 0
		for _, at := range first.begun {
			if !at.Before(down) && at.Before(up) {
				in++
			}
		}
		if in < troublesToLeave+3 || in > 10+3 {
			t.Errorf("%d calls of a gateway that was down", in)
		}
		// It was down for a minute, and has its traffic again within another.
		for _, at := range other.begun {
			if at.Before(down) || at.After(up.Add(time.Minute)) {
				t.Errorf("the second was asked at %s", at.Sub(start))
			}
		}
		if lines := w.Troubles(); len(lines) != 0 {
			t.Errorf("troubles %q", lines)
		}
	})
}

func TestAGatewayThatHangsCostsTheMessagesInItsHandsAndAProbeNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		from, to := start.Add(20*time.Second), start.Add(10*time.Minute)
		first, other := &fakeGateway{answer: during(from, to, hangs)}, &fakeGateway{}
		q, _ := runFor(t, 15*time.Minute, 10, kannel(first), second(other))
		states := q.states()
		// What the senders held when it died, and probes after 5, 10, 20, 40, 80,
		// 160 seconds and every five minutes, ten seconds each.
		if n := states["unknown"]; n < 32 || n > 32+7 || states["handed_over"]+n != 9000 {
			t.Errorf("%v", states)
		}
		for _, r := range q.rows {
			if r.outcome == Unknown && len(other.sent[r.To]) > 0 {
				t.Errorf("message %d, which the first may have, was given to the second", r.ID)
			}
		}
		if last := other.begun[len(other.begun)-1]; last.After(to.Add(lastRest + CallTimeout)) {
			t.Errorf("the second was still asked %s after the return of the first", last.Sub(to))
		}
	})
}

func TestThirtyTwoSendersThatMeetADeadGatewayAtOnceGoOnWithTheSecond(t *testing.T) {
	for _, c := range []struct {
		name string
		err  *sms.Error
		want map[string]int
	}{
		{"down", isDown, map[string]int{"handed_over": 1000}},
		{"hangs", hangs, map[string]int{"handed_over": 968, "unknown": 32}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				first := &fakeGateway{answer: during(start, start.Add(time.Hour), c.err)}
				q := &fakeQueue{}
				q.add(1000, start, start.Add(time.Hour))
				w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(first), second(&fakeGateway{answer: slow(20 * time.Millisecond)})}})
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantStates(t, q, c.want)
				if first.calls() > 32 {
					t.Errorf("%d calls of a dead gateway", first.calls())
				}
			})
		})
	}
}

func TestWhenBothGatewaysWereDownEverythingGoesWithinTenSecondsOfTheReturnOfEither(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		down, up := start.Add(20*time.Second), start.Add(5*time.Minute)
		never := start.Add(24 * time.Hour)
		first, other := &fakeGateway{answer: during(down, never, isDown)}, &fakeGateway{answer: during(down, up, isDown)}
		q, _ := runFor(t, 6*time.Minute, 3, kannel(first), second(other))
		wantStates(t, q, map[string]int{"handed_over": 1080})
		for _, r := range q.rows {
			from, at := r.DueAt, append(first.sent[r.To], other.sent[r.To]...)
			if !from.Before(down) && from.Before(up) {
				from = up
			}
			if late := at[0].Sub(from); len(at) != 1 || late > 10*time.Second {
				t.Errorf("message %d was taken %d times, %s after it could", r.ID, len(at), late)
			}
		}
	})
}

func TestWhileBothGatewaysHangMessagesWaitInsteadOfBecomingUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		from, to := start.Add(20*time.Second), start.Add(5*time.Minute)
		first, other := &fakeGateway{answer: during(from, to, hangs)}, &fakeGateway{answer: during(from, to, hangs)}
		q, _ := runFor(t, 6*time.Minute, 3, kannel(first), second(other))
		states := q.states()
		// Ten seconds at three a second before the first answer is missed, as much
		// for the second, and a probe of each every fifteen seconds.
		if n := states["unknown"]; n > 2*32+2*20 || states["handed_over"]+n != 1080 {
			t.Errorf("%v", states)
		}
	})
}

func TestTheOnlyGatewayThatHangsIsAskedAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		g := &fakeGateway{answer: during(start, start.Add(time.Minute), hangs)}
		q, _ := runFor(t, 2*time.Minute, 1, kannel(g))
		wantStates(t, q, map[string]int{"unknown": 60, "handed_over": 60})
	})
}

func TestADriverThatPanickedIsTriedAgainAfterItsRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		first := &fakeGateway{answer: func(_ context.Context, to string) error {
			if time.Since(start) < 30*time.Second {
				panic("no " + to)
			}
			return nil
		}}
		q, w := runFor(t, 2*time.Minute, 1, kannel(first), second(&fakeGateway{}))
		// Three in a row, and probes 5 and 10 seconds later.
		wantStates(t, q, map[string]int{"unknown": 5, "handed_over": 115})
		if got := q.row(120).result.Gateway; got != "kannel" {
			t.Errorf("the last one went through %s", got)
		}
		if lines := w.Troubles(); len(lines) != 0 {
			t.Errorf("troubles %q", lines)
		}
	})
}

func TestTheGatewayThatAnOfficeWantsIsAskedFirstAndTheOtherTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		other := &fakeGateway{answer: during(start.Add(time.Minute), start.Add(time.Hour), isDown)}
		first, q := &fakeGateway{}, &fakeQueue{}
		q.add(10, start, start.Add(time.Hour))
		q.add(10, start.Add(2*time.Minute), start.Add(time.Hour))
		for i, r := range q.rows {
			if i%2 == 0 {
				r.Prefers = "kannel-2"
			}
		}
		w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(first), second(other)}})
		for range 2 {
			if _, err := w.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute)
		}
		wantStates(t, q, map[string]int{"handed_over": 20})
		for i := range 20 {
			want := "kannel"
			if i%2 == 0 && i < 10 {
				want = "kannel-2"
			}
			if got := q.row(i + 1).result.Gateway; got != want {
				t.Errorf("message %d went through %s, want %s", i+1, got, want)
			}
		}
	})
}

func TestAGatewayWithBadReceiptsIsLeftUntilTheyAreJudgedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, other, q := &fakeGateway{}, &fakeGateway{}, &fakeQueue{}
		w, _ := workerOf(Config{Queue: q, Routes: []Route{kannel(first), second(other)}})
		for i, receipts := range []map[string]Receipts{nil, {"kannel": {Delivered: 10, Failed: 12}}, {"kannel": {Delivered: 14, Failed: 12}}} {
			w.Judge(receipts)
			q.add(5, time.Now(), time.Now().Add(time.Hour))
			if _, err := w.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
			if lines := w.Troubles(); (len(lines) == 1) != (i == 1) {
				t.Errorf("troubles %q", lines)
			}
		}
		if first.calls() != 10 || other.calls() != 5 || len(other.sent["13800000006"]) != 1 {
			t.Errorf("%d and %d calls", first.calls(), other.calls())
		}
	})
}
