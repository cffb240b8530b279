package messages

import (
	"time"

	"magpie/scheduling/calendar"
)

// Window is a part of each day by the office's clock: From is in it, To is not.
// From after To passes midnight; From equal to To holds nothing and is refused
// wherever a window is read.
type Window struct{ From, To calendar.Clock }

// Holds says whether the clock that t shows lies in the window. t is in the
// office's zone.
func (w Window) Holds(t time.Time) bool {
	c := calendar.Clock(t.Hour()*60 + t.Minute())
	if w.From <= w.To {
		return w.From <= c && c < w.To
	}
	return w.From <= c || c < w.To
}

// String writes the window as HH:MM–HH:MM.
func (w Window) String() string { return w.From.String() + "–" + w.To.String() }

// rest is the other part of the day.
func (w Window) rest() Window { return Window{From: w.To, To: w.From} }

func anyHolds(windows []Window, t time.Time) bool {
	for _, w := range windows {
		if w.Holds(t) {
			return true
		}
	}
	return false
}

// next gives the first instant from t on that lies in one of the windows, by
// the clock of t's zone; none is found where no window ever holds one.
//
// It goes from one change of the clock to the next, so that an hour that is
// skipped in spring holds nothing, and one that comes twice in autumn holds
// both times.
func next(t time.Time, windows []Window) (time.Time, bool) {
	for tries := 0; tries < mostClockChanges; tries++ {
		if anyHolds(windows, t) {
			return t, true
		}
		begins, ok := nextBeginning(t, windows)
		_, until := t.ZoneBounds()
		if !ok || until.IsZero() || begins.Before(until) {
			return begins, ok
		}
		t = until
	}
	return time.Time{}, false
}

// mostClockChanges bounds a search that nothing answers: no zone changes its
// clock so often that a window is skipped as many times in a row.
const mostClockChanges = 8

// nextBeginning is the first time after t at which a window begins, if the
// clock does not change until then.
func nextBeginning(t time.Time, windows []Window) (time.Time, bool) {
	const day = int(calendar.EndOfDay) * 60
	now := t.Hour()*60*60 + t.Minute()*60 + t.Second()
	nearest := day + 1
	for _, w := range windows {
		if (w.From-w.To)%calendar.EndOfDay == 0 {
			continue // it holds nothing, or the whole day and was asked before
		}
		wait := (int(w.From)*60 - now) % day
		if wait <= 0 {
			wait += day
		}
		nearest = min(nearest, wait)
	}
	if nearest > day {
		return time.Time{}, false
	}
	return time.Unix(t.Unix()+int64(nearest), 0).In(t.Location()), true
}
