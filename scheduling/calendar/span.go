// Spans of instants, and the starts of sessions that fit into them.

package calendar

import (
	"slices"
	"time"
)

// Span is a stretch of instants: From is part of it, To is not. A span whose
// To is not after its From is empty.
type Span struct{ From, To time.Time }

// Contains reports whether all of o lies within s.
func (s Span) Contains(o Span) bool {
	return !o.From.Before(s.From) && !o.To.After(s.To)
}

// Overlaps reports whether s and o have an instant in common. Spans that only
// touch have none, nor has an empty span.
func (s Span) Overlaps(o Span) bool {
	return s.From.Before(o.To) && o.From.Before(s.To) && s.From.Before(s.To) && o.From.Before(o.To)
}

// Spans turns periods of a date into instants, one span for each period, by
// the rules of [Date.At]. A period that the clocks skip altogether is left
// out.
func Spans(d Date, periods []Period, loc *time.Location) []Span {
	spans := make([]Span, 0, len(periods))
	for _, p := range periods {
		s := Span{d.At(p.From, loc), d.At(p.To, loc)}
		if s.From.Before(s.To) {
			spans = append(spans, s)
		}
	}
	return spans
}

// Starts returns when sessions of a duration may begin: every step from the
// beginning of each span, as long as the session lies within that span. Spans
// are never joined, even where one begins as another ends. Steps are elapsed
// time, whatever the clocks do. The starts are sorted, and one that two spans
// give comes once. There are none if duration or step is not positive.
func Starts(open []Span, duration, step time.Duration) []time.Time {
	if duration <= 0 || step <= 0 {
		return nil
	}
	n := 0
	for _, s := range open {
		n += startsWithin(s, duration, step)
	}
	starts := make([]time.Time, 0, n)
	for _, s := range open {
		for i := range startsWithin(s, duration, step) {
			starts = append(starts, s.From.Add(time.Duration(i)*step))
		}
	}
	slices.SortStableFunc(starts, time.Time.Compare)
	return slices.CompactFunc(starts, time.Time.Equal)
}

func startsWithin(s Span, duration, step time.Duration) int {
	spare := s.To.Sub(s.From) - duration
	if spare < 0 {
		return 0
	}
	return int(spare/step) + 1
}
