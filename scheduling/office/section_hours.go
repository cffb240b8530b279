// Hours and exceptions, of the office and of its staff.

package office

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// claim is hours of a weekday and the line that asks for them.
type claim struct {
	shift calendar.Shift
	line  int
}

// earliest is before any date that an office plans for; an entry without
// valid_from has none.
var earliest = calendar.NewDate(2000, time.January, 1)

// hours reads a list of at least so many entries, grouped as they stand.
// Periods of a weekday may touch; they may overlap only if there is no date on
// which both are valid.
func (v value) hours(least int) []scheduling.Hours {
	var out []scheduling.Hours
	var claims [7][]claim
	for _, item := range v.items(least) {
		m, ok := item.mapping("days", "from", "to", "valid_from", "valid_to", "every")
		if !ok {
			continue
		}
		h := scheduling.Hours{Days: m.need("days").days()}
		var okPeriod bool
		h.Period, okPeriod = m.period()
		if okValid := m.validity(&h); !okPeriod || !okValid {
			continue
		}
		for _, d := range h.Days {
			claims[d] = m.claim(d, claims[d], h.Shift())
		}
		out = append(out, h)
	}
	return out
}

// validity reads when hours hold: valid_from, valid_to and every.
func (m mapping) validity(h *scheduling.Hours) bool {
	before := len(m.r.problems)
	h.ValidFrom = m.mayBeNone("valid_from").planned()
	h.ValidTo = m.mayBeNone("valid_to").planned()
	every := m.may("every")
	h.EveryOther = every.choice("1w", "2w") == "2w"
	if len(m.r.problems) > before {
		return false
	}
	if h.ValidTo != 0 && h.ValidTo < h.ValidFrom {
		m.may("valid_to").failf("%s is before valid_from %s", h.ValidTo, h.ValidFrom)
	}
	if h.EveryOther && h.ValidFrom == 0 {
		every.failf("2w needs valid_from, whose week is the first one")
	}
	return len(m.r.problems) == before
}

// planned reads a date that an office may plan for; none is zero.
func (v value) planned() calendar.Date {
	d, ok := v.date()
	if ok && d < earliest {
		v.failf("%s is before %s", d, earliest)
		return 0
	}
	return d
}

// claim adds hours to those of a weekday, or reports the ones in their way.
func (m mapping) claim(d time.Weekday, claims []claim, s calendar.Shift) []claim {
	for _, c := range claims {
		if s.Period.From < c.shift.Period.To && c.shift.Period.From < s.Period.To && s.Meets(c.shift) {
			m.failf("%s %s overlaps %s of line %d", weekdays[d], s.Period, c.shift.Period, c.line)
			return claims
		}
	}
	return append(claims, claim{shift: s, line: m.line()})
}

func (v value) days() []time.Weekday {
	var out []time.Weekday
	taken := seen{}
	for _, item := range v.items(1) {
		if d, ok := item.weekday(); ok && taken.once(item, weekdays[d]) {
			out = append(out, d)
		}
	}
	return out
}

// period reads the keys from and to.
func (m mapping) period() (calendar.Period, bool) {
	from, okFrom := m.need("from").beginning()
	to := m.need("to")
	until, okTo := to.clock()
	if !okFrom || !okTo {
		return calendar.Period{}, false
	}
	if from >= until {
		to.failf("%s is not after %s", until, from)
		return calendar.Period{}, false
	}
	return calendar.Period{From: from, To: until}, true
}

// closures reads when a room is closed.
func (v value) closures() []scheduling.Closure {
	var out []scheduling.Closure
	for _, item := range v.items(0) {
		m, ok := item.mapping("from", "to", "why")
		if !ok {
			continue
		}
		from, to := m.need("from").planned(), m.need("to").planned()
		if from != 0 && to != 0 && to < from {
			m.need("to").failf("%s is before %s", to, from)
		}
		c := scheduling.Closure{From: from, To: to}
		if why := m.need("why").reason(); why != nil {
			c.Why = *why
		}
		out = append(out, c)
	}
	return out
}

func (v value) exceptions() []scheduling.Exception {
	var out []scheduling.Exception
	taken := seen{}
	for _, item := range v.items(0) {
		m, ok := item.mapping("date", "closed", "from", "to")
		if !ok {
			continue
		}
		date := m.need("date")
		d, ok := date.date()
		if ok && taken.once(date, d.String()) {
			m.path = v.path + "." + d.String()
		}
		out = append(out, m.exception(d))
	}
	return out
}

// exception reads what a date has instead of its usual hours: closed, or from
// and to.
func (m mapping) exception(d calendar.Date) scheduling.Exception {
	out := scheduling.Exception{Date: d}
	_, closed := m.values["closed"]
	_, from := m.values["from"]
	_, to := m.values["to"]
	switch {
	case closed && (from || to):
		m.failf("is either closed or open from … to …, not both")
	case closed:
		out.Closed = m.may("closed").reason()
	case from || to:
		out.Hours, _ = m.period()
	default:
		m.failf("neither closed nor from and to are given")
	}
	return out
}
