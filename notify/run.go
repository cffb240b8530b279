package notify

import (
	"context"
	"sync"
	"time"
)

// run is a number of senders and the one goroutine that writes their results.
type run struct {
	w       *Worker
	room    *room
	calling chan struct{} // one for each call under way
	results chan outcome
	senders sync.WaitGroup
	written chan struct{} // closed when the last result is written
	summary Summary       // the writer's until written is closed
}

// outcome is a result and when its claim was asked for.
type outcome struct {
	Result
	claimed time.Time
}

func newRun(w *Worker) *run {
	r := &run{
		w:       w,
		room:    newRoom(w.cfg.Senders),
		calling: make(chan struct{}, w.cfg.Senders),
		results: make(chan outcome, finishBatch/2),
		written: make(chan struct{}),
	}
	go r.write()
	return r
}

// close waits for the calls under way and for all results to be written.
func (r *run) close() Summary {
	r.senders.Wait()
	close(r.results)
	<-r.written
	return r.summary
}

// drain claims and sends until nothing is due or ctx ends. It never claims more
// than there is room for, and does not wait for the slowest of those it gave work
// to before it claims again.
func (r *run) drain(ctx context.Context) error {
	for {
		free := r.room.take(ctx)
		if free == 0 {
			return nil
		}
		asked := r.w.clock()
		claimed, err := r.claim(ctx, free)
		if err != nil {
			claimed = nil
		}
		r.room.leave(free - min(free, len(claimed)))
		if err != nil {
			return err
		}
		if len(claimed) == 0 {
			return nil
		}
		r.w.stats.claimed.Add(int64(len(claimed)))
		for i, m := range claimed {
			if i >= free {
				r.results <- outcome{Result{Message: m, Outcome: GivenBack, Detail: "claimed beyond what was asked for"}, asked}
				continue
			}
			r.senders.Add(1)
			go r.send(ctx, m, asked)
		}
	}
}

// claim is not cut off by ctx: rows taken by a claim whose answer nobody read
// would be unknown for ever, while those of an answer that is read are given
// back.
func (r *run) claim(ctx context.Context, limit int) ([]Message, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queueTimeout)
	defer cancel()
	return r.w.cfg.Queue.Claim(ctx, limit)
}

func (r *run) send(ctx context.Context, m Message, asked time.Time) {
	defer r.senders.Done()
	result := Result{Message: m}.with(GivenBack, "no sender became free in time")
	if r.admit(ctx, asked) {
		result = r.sendNow(ctx, m, asked)
	}
	// The result first: while results cannot be written, there comes to be no
	// room, and nothing more is claimed.
	r.results <- outcome{result, asked}
	r.room.leave(1)
}

// admit waits until a call may be made. What was claimed ahead does so a moment
// at most: then calls are not as quick as they were.
func (r *run) admit(ctx context.Context, asked time.Time) bool {
	select {
	case r.calling <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(aheadFor - r.w.clock().Sub(asked))
	defer timer.Stop()
	select {
	case r.calling <- struct{}{}:
		return true
	case <-ctx.Done():
	case <-timer.C:
		r.room.took(aheadFor)
	}
	return false
}

func (r *run) sendNow(ctx context.Context, m Message, asked time.Time) Result {
	r.w.stats.sending.Add(1)
	began := r.w.clock()
	result := r.handOver(ctx, m, asked)
	r.room.took(r.w.clock().Sub(began))
	r.w.stats.sending.Add(-1)
	<-r.calling
	return result
}
