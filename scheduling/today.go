package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

// Step is something that can be done with an appointment next.
type Step string

// The steps, as their routes are called.
const (
	StepCheckIn  Step = "check-in"
	StepStart    Step = "start"
	StepComplete Step = "complete"
	StepNoShow   Step = "no-show"
	StepCancel   Step = "cancel"
	StepMove     Step = "reschedule"
)

// nextSteps are what can be done with an appointment at a moment, the next right
// thing first.
func (a Appointment) nextSteps(now time.Time) []Step {
	switch a.Status {
	case Booked:
		out := []Step{StepCheckIn}
		if !now.Before(a.Start.Add(a.Office.NoShowAfter)) {
			out = append(out, StepNoShow)
		}
		return append(out, StepMove, StepCancel)
	case CheckedIn:
		return []Step{StepStart, StepCancel}
	case InSession:
		return []Step{StepComplete}
	}
	return nil
}

// Row is an appointment of a day with what can be done next.
type Row struct {
	Appointment Appointment
	Next        []Step
}

// DayAtDesk is an office's day as it stands.
type DayAtDesk struct {
	Date calendar.Date
	// Rows are those to be seen to first, by when that is: whoever is to arrive
	// next on top. Those that are over follow, the latest first.
	Rows   []Row
	Counts map[Status]int
}

// Today is an office's day as it stands; d is the date, 0 today. A counsellor
// sees their own. Errors: not_found.
func (s *Scheduler) Today(ctx context.Context, a Actor, code string, d calendar.Date) (DayAtDesk, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return DayAtDesk{}, err
	}
	now := s.now()
	if d == 0 {
		d = calendar.DateIn(now, office.Location)
	}
	all, err := s.between(ctx, Filter{Actor: a, Office: code, From: d, To: d}, office)
	if err != nil {
		return DayAtDesk{}, err
	}
	return dayAtDesk(d, all, now), nil
}

// between lists all appointments of a filter's dates.
func (s *Scheduler) between(ctx context.Context, f Filter, office *Office) ([]Appointment, error) {
	q, err := f.query(office)
	if err != nil {
		return nil, err
	}
	q.Page.Limit = 200
	var out []Appointment
	for {
		items, next, err := s.Lists.OfOffice(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list what is booked: %w", err)
		}
		if out = append(out, items...); next == "" {
			return out, nil
		}
		q.Page.After = next
	}
}

// dayAtDesk arranges a day.
func dayAtDesk(d calendar.Date, all []Appointment, now time.Time) DayAtDesk {
	out := DayAtDesk{Date: d, Counts: make(map[Status]int)}
	for _, a := range all {
		out.Counts[a.Status]++
		out.Rows = append(out.Rows, Row{Appointment: a, Next: a.nextSteps(now)})
	}
	slices.SortStableFunc(out.Rows, func(x, y Row) int {
		a, b := x.Appointment, y.Appointment
		switch {
		case a.Status.Open() != b.Status.Open():
			return cmp.Compare(boolRank(a.Status.Open()), boolRank(b.Status.Open()))
		case !a.Status.Open():
			return b.Start.Compare(a.Start)
		}
		return a.seenTo().Compare(b.seenTo())
	})
	return out
}

// seenTo is when an open appointment is next to be seen to: when they are to
// arrive or to begin, or when the session is to end.
func (a Appointment) seenTo() time.Time {
	if a.Status == InSession {
		return a.End
	}
	return a.Start
}

// maxSearchWindow is how many days a search by the last digits of a number may
// span: what is unsealed for it is what somebody at the desk could leaf through.
const maxSearchWindow = 7

// DeskSearch looks for an appointment by its reference, or by the last four
// digits of a number within some dates.
type DeskSearch struct {
	Actor     Actor
	Office    string
	Reference string
	LastFour  string
	// From and To are dates, both included, with LastFour; 0: today, and From.
	From, To calendar.Date
}

var fourDigits = regexp.MustCompile(`^[0-9]{4}$`)

// FindAtDesk finds appointments of the office by reference, or those of some
// dates one of whose numbers ends so, by start. Nothing is stored to look last
// digits up by: the few numbers of these days are unsealed instead.
//
// Errors: not_found for the office; invalid (reference, last_four, to).
func (s *Scheduler) FindAtDesk(ctx context.Context, q DeskSearch) ([]Row, error) {
	office, err := s.officeFor(ctx, q.Actor, q.Office)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if q.From == 0 {
		q.From = calendar.DateIn(now, office.Location)
	}
	if q.To == 0 {
		q.To = q.From
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	if q.Reference != "" {
		found, err := s.Lists.ByReference(ctx, q.Reference)
		if CodeOf(err) == CodeNotFound || err == nil && (found.Office.ID != office.ID || !q.Actor.sees(found)) {
			return nil, nil
		}
		return []Row{{Appointment: found, Next: found.nextSteps(now)}}, err
	}
	all, err := s.between(ctx, Filter{Actor: q.Actor, Office: q.Office, From: q.From, To: q.To}, office)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, a := range all {
		if a.endsIn(q.LastFour) {
			out = append(out, Row{Appointment: a, Next: a.nextSteps(now)})
		}
	}
	return out, nil
}

func (q DeskSearch) check() error {
	switch {
	case (q.Reference == "") == (q.LastFour == ""):
		return Invalid("reference", "请填编号，或手机后四位。", "say a reference, or the last four digits")
	case q.Reference != "":
		return nil
	case !fourDigits.MatchString(q.LastFour):
		return Invalid("last_four", "请填手机后四位数字。", "must be four digits")
	case q.To < q.From:
		return Invalid("to", "结束日期早于开始日期。", "must not be before from")
	case int(q.To-q.From) >= maxSearchWindow:
		return Invalid("to", "一次最多查7天。", "at most 7 days at once")
	}
	return nil
}

// endsIn says whether a number of the appointment ends so.
func (a Appointment) endsIn(lastFour string) bool {
	if a.Contact != nil && a.Contact.Phone.LastFour() == lastFour {
		return true
	}
	return slices.ContainsFunc(a.Parties, func(p Party) bool { return p.Phone.LastFour() == lastFour })
}

// walkInOffered is how many of today's free times a service is shown with.
const walkInOffered = 3

// WalkIn is a service with its next free times of today.
type WalkIn struct {
	Service Service
	Slots   []Slot
	Closed  *Closed // why there are none
}

// WalkIns lists each service's next free times of today, for somebody who stands
// at the desk. Errors: not_found.
func (s *Scheduler) WalkIns(ctx context.Context, a Actor, code string) ([]WalkIn, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, err
	}
	today := calendar.DateIn(s.now(), office.Location)
	var out []WalkIn
	for _, service := range office.Services {
		days, err := s.find(ctx, office, service, Search{Service: service.Code, From: today, To: today}, bookingRules{desk: true})
		if err != nil {
			return nil, err
		}
		one := WalkIn{Service: service, Closed: days[0].Closed}
		one.Slots = days[0].Slots[:min(len(days[0].Slots), walkInOffered)]
		out = append(out, one)
	}
	return out, nil
}
