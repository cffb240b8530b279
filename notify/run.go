package notify

import (
	"context"
	"sync"
	"time"
)

// gatherSlots is how long a claim waits for more senders to become free, once
// one is: a claim is a transaction, and one for each message would cost more
// than the message.
const gatherSlots = 5 * time.Millisecond

// run is a number of senders and the one goroutine that writes their results.
type run struct {
	w       *Worker
	slots   chan struct{} // one for each sender that is free
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
		slots:   make(chan struct{}, w.cfg.Senders),
		results: make(chan outcome, 2*finishBatch),
		written: make(chan struct{}),
	}
	for range w.cfg.Senders {
		r.slots <- struct{}{}
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
// than there are free senders, and does not wait for the slowest of those it
// gave work to before it claims again.
func (r *run) drain(ctx context.Context) error {
	for {
		free := r.take(ctx)
		if free == 0 {
			return nil
		}
		asked := r.w.clock()
		claimed, err := r.claim(ctx, free)
		if err != nil {
			claimed = nil
		}
		for range free - min(free, len(claimed)) {
			r.slots <- struct{}{}
		}
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

// take waits for a free sender and takes those that become free with it, all
// that are free at once or a quarter within gatherSlots; 0 when ctx ends.
func (r *run) take(ctx context.Context) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-ctx.Done():
		return 0
	case <-r.slots:
	}
	n, enough := 1, max(1, cap(r.slots)/4)
	timer := time.NewTimer(gatherSlots)
	defer timer.Stop()
	for n < cap(r.slots) {
		select {
		case <-r.slots:
			n++
			continue
		default:
		}
		if n >= enough {
			return n
		}
		select {
		case <-r.slots:
			n++
		case <-timer.C:
			return n
		case <-ctx.Done():
			for range n {
				r.slots <- struct{}{}
			}
			return 0
		}
	}
	return n
}

func (r *run) send(ctx context.Context, m Message, asked time.Time) {
	defer r.senders.Done()
	r.w.stats.sending.Add(1)
	result := r.handOver(ctx, m, asked)
	r.w.stats.sending.Add(-1)
	// The result first: while results cannot be written, senders fill up and
	// nothing more is claimed.
	r.results <- outcome{result, asked}
	r.slots <- struct{}{}
}
