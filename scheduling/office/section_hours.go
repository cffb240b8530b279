// Hours and exceptions, of the office and of its staff.

package office

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// claim is a period of a weekday and the line that asks for it.
type claim struct {
	period calendar.Period
	line   int
}

// hours reads a list of at least so many entries, grouped as they stand.
// Periods of a weekday may touch; they may not overlap.
func (v value) hours(least int) []scheduling.Hours {
	var out []scheduling.Hours
	var claims [7][]claim
	for _, item := range v.items(least) {
		m, ok := item.mapping("days", "from", "to")
		if !ok {
			continue
		}
		days := m.need("days").days()
		period, ok := m.period()
		if !ok {
			continue
		}
		for _, d := range days {
			claims[d] = m.claim(d, claims[d], period)
		}
		out = append(out, scheduling.Hours{Days: days, Period: period})
	}
	return out
}

// claim adds a period to those of a weekday, or reports the one in its way.
func (m mapping) claim(d time.Weekday, claims []claim, p calendar.Period) []claim {
	for _, c := range claims {
		if p.From < c.period.To && c.period.From < p.To {
			m.failf("%s %s overlaps %s of line %d", weekdays[d], p, c.period, c.line)
			return claims
		}
	}
	return append(claims, claim{period: p, line: m.line()})
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
