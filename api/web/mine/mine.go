// Package mine shows what is booked with the number that was proved: when, under
// which number, for how many. It says nothing of what for, where inside and with
// whom, since others may look on.
package mine

import (
	_ "embed"
	"errors"
	"net/http"

	"magpie/api/web/appointment"
	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	Lists
	keeping.Ends
}

// Screen is the list.
type Screen struct{ Use Use }

//go:embed mine.html
var source string

var template = frame.NewTemplate(source)

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
// that a notice was said (web.said).
func (s Screen) Show(r *visit.Request) error {
	all, err := All(r, s.Use)
	if err != nil {
		return err
	}
	if Learn(r, all) {
		err := r.Save()
		if errors.Is(err, scheduling.ErrLost) {
			return r.Redirect(http.StatusSeeOther, r.Page.Here)
		}
		if err != nil {
			return err
		}
	}
	return template.Show(r.Context, http.StatusOK, pageOf(r, all))
}

func pageOf(r *visit.Request, all []scheduling.Appointment) page {
	out := page{
		Page: r.Page, Masked: r.Actor.Person.Phone.Masked(),
		Reach: r.To(visit.Reach), Data: r.To(visit.Data), Begin: "/o/" + r.Office.Code,
	}
	for _, a := range all {
		if appointment.Coming(a, r.Now) {
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
		Address: r.About(visit.One, a.Reference), Day: p.Day(p.DayOf(a.Start)), Clock: p.Clock(a.Start), Number: r.Page.Grouped(a.Reference),
		People: appointment.People(p, a.Heads), Status: appointment.Status(p, a, r.Now),
	}
	if a.Office.Code != r.Office.Code {
		out.OfOffice = p.Sender()
	}
	return out
}

// Take signs out: the visit ends with all that it holds.
func (s Screen) Take(r *visit.Request) error {
	if err := keeping.Leave(r, s.Use); err != nil {
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/bye")
}
