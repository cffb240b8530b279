// Package done says that it is booked: the day, the hour and the number, what to
// expect, and which messages will come.
package done

import (
	"context"
	_ "embed"
	"net/http"

	"magpie/api/web/appointment"
	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	keeping.Ends
	Preview(ctx context.Context, a scheduling.Actor, reference string) ([]scheduling.ComingMessage, error)
}

// Screen is the last page.
type Screen struct{ Use Use }

//go:embed done.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Day, Clock string
	Number     string // in two groups, to be read aloud
	Moved      bool
	Silent     bool
	SignedIn   bool
	Messages   []appointment.Message
	One, Reach string
}

// Show says it.
func (s Screen) Show(r *visit.Request) error {
	d := r.Draft
	out := page{
		Page: r.Page, Day: r.Page.Day(r.Page.DayOf(d.Start)), Clock: r.Page.Clock(d.Start), Number: r.Page.Grouped(d.Booked),
		Moved: d.Moving != "", Silent: d.Reach == visit.Silent, SignedIn: r.SignedIn(),
		One: r.About(visit.One, d.Booked), Reach: r.Visit.Address(visit.Place{Step: visit.Reach}),
	}
	if r.SignedIn() {
		coming, err := s.Use.Preview(r.Request().Context(), r.Actor, d.Booked)
		if err != nil {
			return err
		}
		out.Messages, _ = appointment.Told(r, coming)
	}
	return template.Show(r.Context, http.StatusOK, out)
}

// Take ends the visit and leads to a page that says nothing.
func (s Screen) Take(r *visit.Request) error {
	if err := keeping.Leave(r, s.Use); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/bye")
}
