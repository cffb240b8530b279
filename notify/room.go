package notify

import (
	"context"
	"sync"
	"time"
)

const (
	// gatherFor is how long a claim waits for more room, once a sender has nothing
	// to do: a claim is a transaction, and one for each message would cost more
	// than the message.
	gatherFor = 5 * time.Millisecond

	// quickCall is a call so short that senders would wait for the claims between:
	// then messages are claimed ahead, aheadTimes as many as there are senders. It
	// is no more, since what a process holds when it is killed is unknown for
	// ever. aheadFor is how long one of them may wait for a sender until it is
	// given back.
	quickCall  = 100 * time.Millisecond
	aheadTimes = 2
	aheadFor   = 500 * time.Millisecond
)

// room is how many messages may be claimed beside those that are: as many as
// there are senders, and more while calls are quick.
type room struct {
	senders int
	freed   chan struct{} // has one when there is more room than there was

	mu    sync.Mutex
	taken int
	quick bool
}

func newRoom(senders int) *room { return &room{senders: senders, freed: make(chan struct{}, 1)} }

// took notes how long a call has taken.
func (r *room) took(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.quick = d < quickCall
}

// leave gives room back.
func (r *room) leave(n int) {
	r.mu.Lock()
	r.taken -= n
	r.mu.Unlock()
	select {
	case r.freed <- struct{}{}:
	default: // whoever waits looks for itself how much there is
	}
}

// take waits for enough room, or for any at all gatherFor after a sender has
// nothing to do, and takes all that there is; 0 when ctx ends.
func (r *room) take(ctx context.Context) int {
	var gathered <-chan time.Time
	for enough := false; ctx.Err() == nil; {
		n, idle := r.tryTake(enough)
		if n > 0 {
			return n
		}
		if idle && gathered == nil {
			timer := time.NewTimer(gatherFor)
			defer timer.Stop()
			gathered = timer.C
		}
		select {
		case <-r.freed:
		case <-gathered:
			enough = true
		case <-ctx.Done():
		}
	}
	return 0
}

// tryTake takes what room there is, if it is enough for a claim or any is, and
// otherwise says whether a sender has nothing to do. While calls are quick, what
// is left of those claimed ahead keeps the senders busy until a claim is made.
func (r *room) tryTake(anyIsEnough bool) (n int, idle bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	most, enough := r.senders, r.senders/4
	if r.quick {
		most, enough = (1+aheadTimes)*r.senders, r.senders
	}
	if anyIsEnough {
		enough = 1
	}
	if n = most - r.taken; n < max(1, enough) { // less than none: calls have just become slow
		return 0, r.taken < r.senders
	}
	r.taken += n
	return n, false
}
