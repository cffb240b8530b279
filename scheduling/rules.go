package scheduling

import (
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

// bookingRules are the limits of time that an asker is under. The desk has
// none but that a start lies ahead.
type bookingRules struct {
	desk bool
}

var citizenRules = bookingRules{}

func rulesFor(a Actor) bookingRules {
	return bookingRules{desk: a.Kind == StaffKind}
}

// opensAt is when a day opens for booking: at the office's release time, the
// service's horizon of civil days before.
func opensAt(o *Office, s Service, d calendar.Date) time.Time {
	return d.Add(-s.HorizonDays()).At(o.Release, o.Location)
}

// refuse says why a start cannot be booked now; nil: it can, if it is free.
func (r bookingRules) refuse(o *Office, s Service, d calendar.Date, start, now time.Time) *Error {
	if !start.After(now) {
		return Invalid("start", "这个时间已经过了。", "lies in the past")
	}
	if r.desk {
		return nil
	}
	if opens := opensAt(o, s, d); now.Before(opens) {
		return NotOpen(opens)
	}
	if start.Sub(now) < s.Notice {
		return TooLate()
	}
	return nil
}

// tooSoon is what refuse says of a start on a day that is open.
func (r bookingRules) tooSoon(s Service, start, now time.Time) bool {
	return !start.After(now) || !r.desk && start.Sub(now) < s.Notice
}

// checkStart tests a start against the office's grid and the asker's rules.
func (g *grid) checkStart(start, now time.Time, r bookingRules) *Error {
	d := calendar.DateIn(start, g.office.Location)
	if !slices.ContainsFunc(g.starts(d), start.Equal) {
		return Invalid("start", "这个时间不在可约的时间里。", "not a start that the office offers")
	}
	if err := r.refuse(g.office, g.service, d, start, now); err != nil {
		return err
	}
	if !r.desk && g.open(d).Kind == calendar.NotLoaded {
		return Invalid("start", "这一年的放假安排还没公布，请打电话预约。", "the holiday calendar of that year is not loaded, please call")
	}
	return nil
}

// refuseChange says whether a citizen may still move or cancel by themself:
// change_until before the old start.
func refuseChange(a Actor, s Service, oldStart, now time.Time) *Error {
	if a.Kind == StaffKind || oldStart.Sub(now) >= s.ChangeUntil && oldStart.After(now) {
		return nil
	}
	return TooLate()
}
