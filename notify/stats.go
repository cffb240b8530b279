package notify

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"magpie/notify/sms"
)

// Summary counts what one run did with the messages it claimed.
type Summary struct {
	HandedOver, RetryLater, Failed, Unknown, Expired, GivenBack int
	// Unwritten are those of the above whose outcome could not be written before
	// their lease ended.
	Unwritten int
}

// Claimed is how many messages the run took.
func (s Summary) Claimed() int {
	return s.HandedOver + s.RetryLater + s.Failed + s.Unknown + s.Expired + s.GivenBack
}

func (s *Summary) count(o Outcome) {
	switch o {
	case HandedOver:
		s.HandedOver++
	case RetryLater:
		s.RetryLater++
	case Failed:
		s.Failed++
	case Unknown:
		s.Unknown++
	case Expired:
		s.Expired++
	case GivenBack:
		s.GivenBack++
	}
}

// Stats counts what a Worker has done since it was made, for metrics.
type Stats struct {
	Claimed, HandedOver, RetryLater, Failed, Unknown, Expired, GivenBack int64
	// Unwritten are outcomes that could not be written before their lease ended.
	Unwritten int64
	// Lost are claims of ended workers that this one found.
	Lost int64
	// Sending is how many gateway calls are under way now.
	Sending int64
	// Calls counts the calls of gateways, by gateway and by what they answered:
	// accepted, or the class of the error.
	Calls map[Call]int64
	// LastHandedOver and LastError are when a message last went, and when a call
	// of the gateway or the queue last went wrong; zero for never.
	LastHandedOver, LastError time.Time
}

// Call is one kind of answer of one gateway.
type Call struct{ Gateway, Answer string }

// counters is Stats for many goroutines.
type counters struct {
	mu    sync.Mutex
	calls map[Call]int64

	claimed, unwritten, lost, sending atomic.Int64
	byOutcome                         [outcomes]atomic.Int64
	lastHandedOver, lastError         atomic.Pointer[time.Time]
}

func (c *counters) count(o Outcome, now time.Time) {
	c.byOutcome[o].Add(1)
	switch o {
	case HandedOver:
		c.lastHandedOver.Store(&now)
	case RetryLater, Failed, Unknown:
		c.failed(now)
	case Expired, GivenBack:
	}
}

func (c *counters) called(gateway string, err *sms.Error) {
	answer := "accepted"
	if err != nil {
		answer = err.Class.String()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = make(map[Call]int64)
	}
	c.calls[Call{gateway, answer}]++
}

func (c *counters) copied() map[Call]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

func (c *counters) failed(now time.Time) { c.lastError.Store(&now) }

func (c *counters) read() Stats {
	return Stats{
		Calls:          c.copied(),
		Claimed:        c.claimed.Load(),
		HandedOver:     c.byOutcome[HandedOver].Load(),
		RetryLater:     c.byOutcome[RetryLater].Load(),
		Failed:         c.byOutcome[Failed].Load(),
		Unknown:        c.byOutcome[Unknown].Load(),
		Expired:        c.byOutcome[Expired].Load(),
		GivenBack:      c.byOutcome[GivenBack].Load(),
		Unwritten:      c.unwritten.Load(),
		Lost:           c.lost.Load(),
		Sending:        c.sending.Load(),
		LastHandedOver: when(c.lastHandedOver.Load()),
		LastError:      when(c.lastError.Load()),
	}
}

func when(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
