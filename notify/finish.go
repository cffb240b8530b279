package notify

import (
	"context"
	"log/slog"
	"time"
)

const (
	// finishBatch and finishDelay: results are written as soon as there are so
	// many, or the first is so old.
	finishBatch = 128
	finishDelay = 25 * time.Millisecond

	// finishTimeout bounds one try to write, and the pauses between tries double
	// from the first to the last of these.
	finishTimeout    = 3 * time.Second
	finishFirstPause = 50 * time.Millisecond
	finishLastPause  = time.Second
)

// write gathers results into batches and finishes them until there are no more.
func (r *run) write() {
	defer close(r.written)
	for first := range r.results {
		batch, leaseEnds := r.gather(first)
		r.finish(batch, leaseEnds)
	}
}

// gather fills a batch and gives the end of its last lease.
func (r *run) gather(first outcome) (batch []Result, leaseEnds time.Time) {
	batch, leaseEnds = []Result{first.Result}, first.claimed.Add(Lease)
	timer := time.NewTimer(finishDelay)
	defer timer.Stop()
	for len(batch) < finishBatch {
		select {
		case next, ok := <-r.results:
			if !ok {
				return batch, leaseEnds
			}
			batch = append(batch, next.Result)
			if end := next.claimed.Add(Lease); end.After(leaseEnds) {
				leaseEnds = end
			}
		case <-timer.C:
			return batch, leaseEnds
		}
	}
	return batch, leaseEnds
}

// finish writes a batch, again and again while a lease holds, and at least once.
// What cannot be written is logged: its claims end, and the queue finds them.
func (r *run) finish(batch []Result, leaseEnds time.Time) {
	for _, result := range batch {
		r.summary.count(result.Outcome)
		r.w.stats.count(result.Outcome, r.w.cfg.Now())
	}
	pause := finishFirstPause
	for {
		err := r.tryFinish(batch)
		if err == nil {
			r.report(batch)
			return
		}
		r.w.stats.failed(r.w.cfg.Now())
		if r.w.clock().Add(pause).After(leaseEnds) {
			r.summary.Unwritten += len(batch)
			r.w.stats.unwritten.Add(int64(len(batch)))
			r.report(batch)
			r.w.cfg.Log.Error("outcomes of messages cannot be written, their leases end", "ids", ids(batch), "error", err)
			return
		}
		r.w.cfg.Log.Warn("outcomes of messages cannot be written yet", "count", len(batch), "error", err)
		time.Sleep(pause) //nolint:forbidigo // what became of messages is written after Stop too, so nothing may cut this short
		pause = min(2*pause, finishLastPause)
	}
}

// tryFinish has a context of its own: results are written after Stop as well.
func (r *run) tryFinish(batch []Result) error {
	ctx, cancel := context.WithTimeout(context.Background(), finishTimeout)
	defer cancel()
	return r.w.cfg.Queue.Finish(ctx, batch)
}

// report logs one line for each outcome of a batch: ids, and never a number or a
// text.
func (r *run) report(batch []Result) {
	var by [outcomes][]Result
	for _, result := range batch {
		by[result.Outcome] = append(by[result.Outcome], result)
	}
	for o, some := range by {
		if len(some) == 0 {
			continue
		}
		level := slog.LevelWarn
		if o := Outcome(o); o == HandedOver || o == GivenBack {
			level = slog.LevelInfo
		}
		first := some[0]
		r.w.cfg.Log.Log(context.Background(), level, "messages "+Outcome(o).String(),
			"count", len(some), "ids", ids(some), "kind", first.Kind, "office", first.Office,
			"attempt", first.Attempt, "gateway", first.Gateway, "detail", first.Detail)
	}
}

func ids(batch []Result) []int64 {
	list := make([]int64, len(batch))
	for i, result := range batch {
		list[i] = result.ID
	}
	return list
}
