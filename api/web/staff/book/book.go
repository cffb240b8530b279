// Package book books for a caller or a visitor: what, when, for whom.
package book

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// Use is what this screen asks of the use cases.
type Use interface {
	FindForDesk(ctx context.Context, a scheduling.Actor, q scheduling.Search) ([]scheduling.Day, error)
	Book(ctx context.Context, b scheduling.Booking) (scheduling.Appointment, error)
}

//go:embed book.html
var source string

var template = panel.NewTemplate(source)

type screen struct{ use Use }

// Routes are this screen's.
func Routes(use Use) []panel.Route {
	s := screen{use}
	return []panel.Route{panel.Get("/staff/book", s.show), panel.Post("/staff/book", s.book)}
}

type page struct {
	panel.Page
	form
	Services    []scheduling.Service
	Counsellors []scheduling.Staff
	Slots       []scheduling.Slot
	Why         string // why that day offers nothing
	Chosen      scheduling.Service
	Start       time.Time // zero: not chosen yet
	Places      []int     // how many may come
}

// form is what was typed.
type form struct {
	Date, Counsellor     string
	Name, Spoken, Phone  string
	Heads                int
	Hearing, Child, Step bool
	Silent               bool
}

// show asks.
func (s screen) show(r *panel.Request) error {
	start, _ := time.Parse(time.RFC3339, r.QueryParam("start"))
	return s.page(r, http.StatusOK, form{Date: r.QueryParam("day"), Counsellor: r.QueryParam("counsellor"), Step: r.QueryParam("step_free") != ""}, start)
}

func (s screen) page(r *panel.Request, status int, f form, start time.Time) error {
	out := page{Page: r.Page, form: f, Services: r.Office.Services, Start: start}
	out.Heading = out.Say("帮人约", "Book for somebody")
	code := r.FormValue("service")
	chosen, ok := r.Office.Service(code)
	if !ok {
		return template.Show(r.Context, status, out)
	}
	day, err := calendar.ParseDate(f.Date)
	if err != nil {
		day = calendar.DateIn(r.Now, r.Office.Location)
		out.Date = day.String()
	}
	out.Chosen, out.Counsellors = chosen, r.Office.CounsellorsFor(code, "", "")
	for n := chosen.Parties.Min; n <= chosen.Parties.Max; n++ {
		out.Places = append(out.Places, n)
	}
	days, err := s.use.FindForDesk(r.Ctx(), r.Actor, scheduling.Search{
		Office: r.Office.Code, Service: code, From: day, To: day, Wish: scheduling.Wish{Counsellor: f.Counsellor, Accessible: f.Step},
	})
	if err := out.Refused(err, map[string]string{"counsellor": "counsellor"}); err != nil {
		return err
	}
	if len(days) > 0 {
		out.Slots = days[0].Slots
		if c := days[0].Closed; c != nil {
			out.Why = out.Text(c.Text)
		}
	}
	return template.Show(r.Context, status, out)
}
