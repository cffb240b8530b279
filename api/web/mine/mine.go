// Package mine shows what is booked with the number that was proved: when, under
// which number, for how many. It says nothing of what for, where inside and with
// whom, since others may look on.
package mine

import (
	"context"
	_ "embed"
	"errors"
	"net/http"

	"magpie/api/web/done"
	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/one"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	Lists
	keeping.Use
	EndSession(ctx context.Context, a scheduling.Actor) error
}

// Screen is the list.
type Screen struct{ Use Use }

//go:embed mine.html
var source string

var screen = frame.NewScreen(source)

type page struct {
	frame.Page
	Masked             string // the number that was proved
	Coming, Past       []row
	Reach, Data, Begin string // addresses
}

type row struct {
	Address    string
	Day, Clock string
	Number     string
	People     string
	Status     string
	OfOffice   string // under which name another office writes; empty: this one
}

// Show lists what is booked. One that was booked elsewhere meanwhile gets an
// address here: it is the one thing of a visit that a GET writes down, beside
// that a notice was said.
func (s Screen) Show(r *visit.Request) error {
	all, err := All(r, s.Use)
	if err != nil {
		return err
	}
	if Learn(r, all) || r.Page.Notice != "" {
		err := r.Save()
		if errors.Is(err, scheduling.ErrLost) {
			return r.Redirect(http.StatusSeeOther, r.Page.Here)
		}
		if err != nil {
			return err
		}
	}
	return screen.Show(r.Context, http.StatusOK, pageOf(r, all))
}

func pageOf(r *visit.Request, all []scheduling.Appointment) page {
	out := page{
		Page: r.Page, Masked: r.Actor.Person.Phone.Masked(),
		Reach: r.To(visit.Reach), Data: r.To(visit.Data), Begin: "/o/" + r.Office.Code,
	}
	for _, a := range all {
		if one.Coming(a, r.Now) {
			out.Coming = append(out.Coming, rowOf(r, a))
		} else {
			out.Past = append([]row{rowOf(r, a)}, out.Past...)
		}
	}
	return out
}

func rowOf(r *visit.Request, a scheduling.Appointment) row {
	p := r.Page
	p.Office = a.Office
	out := row{
		Address: r.About(visit.One, a.Reference), Day: p.Day(p.DayOf(a.Start)), Clock: p.Clock(a.Start), Number: done.Grouped(a.Reference),
		People: one.People(p, a.Heads), Status: one.Status(p, a, r.Now),
	}
	if a.Office.Code != r.Office.Code {
		out.OfOffice = p.Sender()
	}
	return out
}

// Take signs out: the times that drafts keep are given back, and the visit ends
// with all that it holds.
func (s Screen) Take(r *visit.Request) error {
	ctx := r.Request().Context()
	for _, r.Draft = range r.Visit.Drafts {
		if err := keeping.Release(r, s.Use); err != nil {
			return err
		}
	}
	if err := s.Use.EndSession(ctx, r.Actor); err != nil {
		return err
	}
	if err := r.Keeper.End(ctx, r.Context, r.Visit); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/bye")
}
