package messages

import (
	"cmp"
	"slices"
	"time"
)

// CancelledGrace is how long a cancellation may still be handed over if the
// start is nearer than that, or past: somebody on the way is still served by
// it; two hours later they have been told at the door, and a late message would
// only be read by others.
const CancelledGrace = 2 * time.Hour

// Due is one message that is owed.
type Due struct {
	Kind Kind
	// Lead is how long before the start a reminder goes out; zero for others.
	Lead time.Duration
	// At is when the message is due.
	At time.Time
	// Until is the end of its validity: from then on it is expired, not sent.
	Until time.Time
}

// Plan says what an event owes, in the order it falls due. now is when the
// event is written and start when the session begins: the new one for a move,
// the one called off for a cancellation. leads are the service's reminders; one
// given twice is owed once.
//
// A booking or a move owes a message at once and the reminders whose time is
// not already past; all of them are valid until the start and none is owed
// when that is not ahead. A cancellation owes one message, valid until the
// start but no shorter than CancelledGrace. Other kinds owe nothing.
func Plan(event Kind, now, start time.Time, leads []time.Duration) []Due {
	switch event {
	case Cancelled:
		until := now.Add(CancelledGrace)
		if start.After(until) {
			until = start
		}
		return []Due{{Kind: Cancelled, At: now, Until: until}}
	case Booked, Moved:
	default:
		return nil
	}
	if !start.After(now) {
		return nil
	}
	due := []Due{{Kind: event, At: now, Until: start}}
	for _, lead := range longestFirst(leads) {
		at := start.Add(-lead)
		if lead <= 0 || at.Before(now) {
			continue
		}
		due = append(due, Due{Kind: Reminder, Lead: lead, At: at, Until: start})
	}
	return due
}

func longestFirst(leads []time.Duration) []time.Duration {
	sorted := slices.SortedFunc(slices.Values(leads), func(a, b time.Duration) int { return cmp.Compare(b, a) })
	return slices.Compact(sorted)
}

// maxBackoff keeps every message within ten seconds of a gateway's return: five
// of waiting, one of the knock, one of rounding, and time to drain.
const maxBackoff = 5 * time.Second

// Backoff is the wait after the attempt-th try, counted from one, that the
// gateway surely did not take: 1, 2, 4 and then always 5 seconds. It has no
// jitter; the worker takes some off.
func Backoff(attempt int) time.Duration {
	switch {
	case attempt <= 1:
		return time.Second
	case attempt <= 3:
		return time.Second << (attempt - 1)
	}
	return maxBackoff
}
