// Hours of a week that hold for a time only, or every other week.

package calendar

import (
	"slices"
	"time"
)

// Shift is a period of a weekday that does not hold always.
type Shift struct {
	Period
	// From and To are the first and the last date on which it holds, both
	// included; zero: there is none, it holds since ever or for ever.
	From, To Date
	// EveryOther says that it holds in the week of From, Monday first, and in
	// every second week after it. It needs From.
	EveryOther bool
}

// On reports whether the shift holds on a date, whichever weekday it is for.
func (s Shift) On(d Date) bool {
	if s.From != 0 && d < s.From || s.To != 0 && d > s.To {
		return false
	}
	return !s.EveryOther || (d.monday()-s.From.monday())/7%2 == 0
}

// Meets reports whether there is a date on which both shifts hold. Their
// periods and weekdays are not looked at: a make-up workday takes the hours of
// another weekday.
func (s Shift) Meets(o Shift) bool {
	first, last := max(s.From, o.From), s.To
	if last == 0 || o.To != 0 && o.To < last {
		last = o.To
	}
	switch {
	case first == 0: // both hold since ever, so neither is every other week
		return true
	case last == 0 || last > first+fortnight:
		last = first + fortnight
	}
	for d := first; d <= last; d++ {
		if s.On(d) && o.On(d) {
			return true
		}
	}
	return false
}

// fortnight is after how many days every other week has come round.
const fortnight = 13

// monday is the first day of the date's week.
func (d Date) monday() Date {
	return d - Date((int(d.Weekday())+6)%7)
}

// Timetable holds hours by weekday: those that hold always, and those that do
// not. No two of a weekday overlap on any date.
type Timetable struct {
	Week
	Shifts [7][]Shift
}

// On returns the hours of a weekday as they are on a date, sorted; the date may
// be another weekday, as a make-up workday is. They may share memory with the
// timetable and must not be written to.
func (t *Timetable) On(d Date, weekday time.Weekday) []Period {
	always := t.Week[weekday]
	if len(t.Shifts[weekday]) == 0 {
		return always
	}
	out := slices.Clone(always)
	for _, s := range t.Shifts[weekday] {
		if s.On(d) {
			out = append(out, s.Period)
		}
	}
	slices.SortFunc(out, func(a, b Period) int { return int(a.From) - int(b.From) })
	return out
}
