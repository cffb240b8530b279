package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// OfficeWrite creates or changes an office.
type OfficeWrite struct {
	Office *Office
	// Document is the office file, as export gives it back.
	Document []byte
	// Expected is the revision that was changed; another one is ErrLost. 0: any.
	Expected int64
	// Author is who changed it, a username; empty: the command.
	Author string
	// Note is why, kept with the version.
	Note string
	// Plan, where the rules of reminders have changed, gives those that a coming
	// appointment owes now.
	Plan  func(Appointment) []messages.Due
	Audit AuditEntry
	Now   time.Time
}

// Apply creates or changes an office. A room, service or person that has
// coming appointments is not removed: in_use lists them, and nothing is
// written. What is booked outside new hours stays, and is answered, so that
// somebody sees to it.
func (s *Scheduler) Apply(ctx context.Context, office *Office, document []byte) ([]Appointment, error) {
	_, err := untilWon(ctx, func() (struct{}, error) { return struct{}{}, s.applyOnce(ctx, office, document) })
	if err != nil {
		return nil, fmt.Errorf("apply the office file: %w", err)
	}
	s.nudge()
	stored, err := s.Offices.Office(ctx, office.Code)
	if err != nil {
		return nil, err
	}
	return s.Outside(ctx, stored)
}

func (s *Scheduler) applyOnce(ctx context.Context, office *Office, document []byte) error {
	now := s.now()
	w := OfficeWrite{
		Office: office, Document: document, Now: now,
		Audit: auditOf(Actor{Kind: System}, "office.apply", office.Code, now, nil, nil),
	}
	old, err := s.Offices.Office(ctx, office.Code)
	switch {
	case CodeOf(err) == CodeNotFound:
	case err != nil:
		return err
	default:
		w.Expected = old.Revision
		if remindsOtherwise(old, office) {
			w.Plan = s.reminders(now)
		}
	}
	return s.Offices.Apply(ctx, w)
}

// remindsOtherwise says whether any service's reminders follow other rules now.
func remindsOtherwise(old, office *Office) bool {
	return slices.ContainsFunc(office.Services, func(service Service) bool {
		before, ok := old.Service(service.Code)
		return ok && !old.PolicyFor(before).Equal(office.PolicyFor(service))
	})
}

// Outside lists the coming appointments that no longer lie in the hours of the
// office and of their counsellor, or whose room is closed that day.
func (s *Scheduler) Outside(ctx context.Context, office *Office) ([]Appointment, error) {
	now := s.now()
	q := OfficeQuery{Office: office, From: now, To: now.AddDate(10, 0, 0), Status: Booked, Page: Page{Limit: 200}}
	var out []Appointment
	for {
		items, next, err := s.Lists.OfOffice(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list what is booked: %w", err)
		}
		out = append(out, slices.DeleteFunc(items, func(a Appointment) bool { return office.holds(a) })...)
		if next == "" {
			return out, nil
		}
		q.Page.After = next
	}
}

// holds says whether an appointment lies within the hours as they are now, in a
// room that is not closed.
func (o *Office) holds(a Appointment) bool {
	d := calendar.DateIn(a.Start, o.Location)
	day := o.Opening().Day(d)
	span := calendar.Span{From: a.Start, To: a.End}
	within := func(periods []calendar.Period) bool {
		return slices.ContainsFunc(calendar.Spans(d, periods, o.Location), func(s calendar.Span) bool { return s.Contains(span) })
	}
	member, ok := o.StaffByID(a.Session.Counsellor)
	room, known := o.Room(a.Session.Room)
	return ok && known && !room.ClosedOn(d) && within(day.Periods) && within(day.StaffPeriods(Timetable(member.Hours)))
}

// Ready tells what the director should know though everything runs: years
// whose holiday notice is missing.
func (s *Scheduler) Ready(ctx context.Context) ([]string, error) {
	offices, err := s.Offices.List(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	var out []string
	for _, o := range offices {
		today := calendar.DateIn(now, o.Location)
		for _, year := range o.missingYears(today, today.Year()) {
			out = append(out, fmt.Sprintf("office %s: the holiday notice of %d is not loaded", o.Code, year))
		}
	}
	return out, nil
}
