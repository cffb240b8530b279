// Package appointment is an appointment on a page of its own: when it is, under which
// number, which messages come, until when it can be moved or cancelled, and a
// file for a calendar. It does not say what it is for, nor where inside.
package appointment

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/entry"
)

// Finds finds a citizen's own appointment.
type Finds interface {
	Appointment(ctx context.Context, a scheduling.Actor, reference string) (scheduling.Appointment, error)
}

// Use is what this screen asks of the use cases.
type Use interface {
	Finds
	Preview(ctx context.Context, a scheduling.Actor, reference string) ([]scheduling.ComingMessage, error)
}

// Screen is the page.
type Screen struct{ Use Use }

//go:embed appointment.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Day, Clock string
	Number     string
	Status     string
	Open       bool // it is still to come
	Rows       []row
	Messages   []Message
	Held       []Held // what does not come
	Limit      string // until when it can be changed here
	Change     bool   // it still can
	Cancel     string // address
	File       string // address of the calendar file; empty: none
}

type row struct{ Name, Value string }

// Find is the appointment that the page is about. Its office is the page's from
// then on: its clock, its telephone.
func Find(r *visit.Request, use Finds) (scheduling.Appointment, error) {
	if r.Reference == "" {
		return scheduling.Appointment{}, scheduling.NotFound()
	}
	a, err := use.Appointment(r.Request().Context(), r.Actor, r.Reference)
	if err != nil {
		return a, err
	}
	r.Office, r.Page.Office = a.Office, a.Office
	r.Page.Back = r.Visit.Address(visit.Place{Step: visit.Mine})
	return a, nil
}

// Missing leads to the list where an appointment is not, or no longer, the
// citizen's.
func Missing(r *visit.Request, err error) error {
	if scheduling.CodeOf(err) == scheduling.CodeNotFound {
		return r.Redirect(http.StatusSeeOther, r.Visit.Address(visit.Place{Step: visit.Mine}))
	}
	return err
}

// Show shows it, or answers with the calendar file.
func (s Screen) Show(r *visit.Request) error {
	a, err := Find(r, s.Use)
	if err != nil {
		return Missing(r, err)
	}
	if r.QueryParam("file") != "" {
		return calendarFile(r, a)
	}
	out := pageOf(r, a)
	if out.Open {
		coming, err := s.Use.Preview(r.Request().Context(), r.Actor, a.Reference)
		if err != nil {
			return err
		}
		out.Messages, out.Held = Told(r, coming)
	}
	return template.Show(r.Context, http.StatusOK, out)
}

func pageOf(r *visit.Request, a scheduling.Appointment) page {
	p := r.Page
	out := page{
		Page: p, Day: p.Day(p.DayOf(a.Start)), Clock: p.Clock(a.Start) + "–" + p.Clock(a.End), Number: r.Page.Grouped(a.Reference),
		Status: Status(p, a, r.Now), Open: Coming(a, r.Now), Rows: rows(p, a), Change: Changeable(a, r.Now),
		Cancel: r.About(visit.Cancel, a.Reference),
	}
	if out.Open {
		out.File, out.Limit = p.Here+"?file=1", Limit(p, a, r.Now)
	}
	return out
}

// calendarFile answers with the entry for a calendar, as the API does.
func calendarFile(r *visit.Request, a scheduling.Appointment) error {
	file, err := entry.File(entry.Of(a))
	if err != nil {
		return err
	}
	frame.SetHeaders(r.Response().Header())
	r.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="appointment.ics"`)
	return r.Blob(http.StatusOK, "text/calendar; charset=utf-8", file)
}

// Take begins to move it.
func (s Screen) Take(r *visit.Request) error {
	a, err := Find(r, s.Use)
	if err != nil {
		return Missing(r, err)
	}
	if r.FormValue("action") != "move" || !Changeable(a, r.Now) {
		return r.Redirect(http.StatusSeeOther, r.Page.Here)
	}
	if _, offered := a.Office.Service(a.Service.Code); !offered {
		r.Page.Refuse("main", "这项服务现在不在网上约了，要改时间请打电话。", "This can no longer be booked here. To move it, please call.")
		out := pageOf(r, a)
		return template.Show(r.Context, http.StatusConflict, out)
	}
	r.Draft = moving(r.Visit, a)
	return r.Step(visit.Day)
}

// moving is the draft that moves an appointment: one that is under way already,
// so that a button pressed twice begins one, or a new one with what was wished
// for.
func moving(v *visit.Visit, a scheduling.Appointment) *visit.Draft {
	for _, d := range v.Drafts {
		if d.Moving == a.Reference && d.Booked == "" {
			return d
		}
	}
	d := v.Begin(a.Office.Code, a.Service.Code)
	d.Moving, d.Counsellor, d.Gender, d.Accessible = a.Reference, a.Wish.Counsellor, a.Wish.Gender, a.Wish.Accessible
	d.Who, d.Title = visit.Alone, a.Title
	if a.Heads > 1 {
		d.Who = visit.Together
	}
	for _, n := range a.Needs {
		d.Needs = append(d.Needs, string(n))
	}
	return d
}
