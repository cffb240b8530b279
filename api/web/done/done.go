// Package done says that it is booked: the day, the hour and the number, what to
// expect, and which messages will come.
package done

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	EndSession(ctx context.Context, a scheduling.Actor) error
	Preview(ctx context.Context, a scheduling.Actor, reference string) ([]scheduling.ComingMessage, error)
}

// Screen is the last page.
type Screen struct{ Use Use }

//go:embed done.html
var source string

var screen = frame.NewScreen(source)

type page struct {
	frame.Page
	Day, Clock string
	Number     string // in two groups, to be read aloud
	Moved      bool
	Silent     bool
	SignedIn   bool
	Messages   []message
	One, Reach string
}

type message struct{ When, Text string }

// Show says it.
func (s Screen) Show(r *visit.Request) error {
	d := r.Draft
	out := page{
		Page: r.Page, Day: r.Page.Day(r.Page.DayOf(d.Start)), Clock: r.Page.Clock(d.Start), Number: Grouped(d.Booked),
		Moved: d.Moving != "", Silent: d.Reach == visit.Silent, SignedIn: r.SignedIn(),
		One: r.About(visit.One, d.Booked), Reach: r.Visit.Address(visit.Place{Step: visit.Reach}),
	}
	if r.SignedIn() {
		coming, err := s.Use.Preview(r.Request().Context(), r.Actor, d.Booked)
		if err != nil {
			return err
		}
		out.Messages = Coming(r, coming)
	}
	return screen.Show(r.Context, http.StatusOK, out)
}

// Take ends the visit and leads to a page that says nothing.
func (s Screen) Take(r *visit.Request) error {
	ctx := r.Request().Context()
	if r.SignedIn() {
		if err := s.Use.EndSession(ctx, r.Actor); err != nil {
			return err
		}
	}
	if err := r.Keeper.End(ctx, r.Context, r.Visit); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/bye")
}

// Coming are the messages that go, or have just gone, with when.
func Coming(r *visit.Request, all []scheduling.ComingMessage) []message {
	var out []message
	for _, m := range all {
		switch m.Status {
		case scheduling.MessagePlanned, scheduling.MessageClaimed, scheduling.MessageHandedOver:
			when := r.Page.Say("现在", "Now")
			if m.DueAt.After(r.Now.Add(time.Minute)) {
				when = r.Page.Moment(m.DueAt)
			}
			out = append(out, message{when, m.Text})
		}
	}
	return out
}

// Grouped is a reference in groups, as it is read aloud: 5207 3164.
func Grouped(reference string) string {
	half := len(reference) / 2
	return reference[:half] + " " + reference[half:]
}
