package mine

import (
	"context"
	"slices"

	"magpie/api/web/appointment"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Lists lists a citizen's own appointments.
type Lists interface {
	Appointments(ctx context.Context, a scheduling.Actor, p scheduling.Page) ([]scheduling.Appointment, string, error)
}

// pageSize is how many appointments are read at once: far more than nearly
// anybody has.
const pageSize = 200

// All are the citizen's appointments, by start.
func All(r *visit.Request, use Lists) ([]scheduling.Appointment, error) {
	var out []scheduling.Appointment
	page := scheduling.Page{Limit: pageSize}
	for {
		some, next, err := use.Appointments(r.Request().Context(), r.Actor, page)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if next == "" {
			return out, nil
		}
		page.After = next
	}
}

// Learn gives the pages of what is coming addresses in the visit, and says
// whether one of them had none.
func Learn(r *visit.Request, all []scheduling.Appointment) bool {
	news := false
	for _, a := range all {
		if appointment.Coming(a, r.Now) && !slices.Contains(r.Visit.References, a.Reference) {
			r.Visit.Know(a.Reference)
			news = true
		}
	}
	return news
}
