package scheduling

import (
	"context"
	"fmt"
	"slices"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// Absence is when a counsellor is away: that, and never why.
type Absence struct {
	Counsellor Staff
	Span       calendar.Span
}

// Absences lists when the counsellors of an office are away from one date to
// another, both included; a counsellor is told of their own alone. Errors:
// not_found.
func (s *Scheduler) Absences(ctx context.Context, a Actor, code string, from, to calendar.Date) ([]Absence, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, err
	}
	within := calendar.Span{From: from.At(0, office.Location), To: to.Add(1).At(0, office.Location)}
	var out []Absence
	for _, m := range office.Staff {
		if !slices.Contains(m.Roles, account.Counsellor) || a.Scope != account.Office && m.ID != a.StaffID {
			continue
		}
		leave, err := s.allLeave(ctx, m.ID)
		if err != nil {
			return nil, fmt.Errorf("list who is away: %w", err)
		}
		for _, l := range leave {
			for _, span := range l.Spans(office.Location) {
				if span.Overlaps(within) {
					out = append(out, Absence{m, span})
				}
			}
		}
	}
	return out, nil
}

func (s *Scheduler) allLeave(ctx context.Context, staff int64) ([]TimeOff, error) {
	var out []TimeOff
	for p := (Page{Limit: 200}); ; {
		some, next, err := s.Leave.LeaveOf(ctx, staff, p)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if next == "" {
			return out, nil
		}
		p.After = next
	}
}
