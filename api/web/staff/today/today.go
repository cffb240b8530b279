// Package today is the day as it stands: who comes next on top, and for each one
// button that does the next right thing.
package today

import (
	"context"
	_ "embed"
	"net/http"
	"slices"
	"time"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// Use is what this screen asks of the use cases.
type Use interface {
	OfficeAppointments(ctx context.Context, f scheduling.Filter) ([]scheduling.Appointment, string, error)
	DeskTasks(ctx context.Context, f scheduling.TaskFilter) ([]scheduling.Task, string, error)
	FindForDesk(ctx context.Context, a scheduling.Actor, q scheduling.Search) ([]scheduling.Day, error)
}

//go:embed today.html
var source string

var template = panel.NewTemplate(source)

// Routes are this screen's.
func Routes(use Use) []panel.Route {
	s := screen{use}
	return []panel.Route{panel.Get("/staff/today", s.show), panel.Post("/staff/today/search", s.search)}
}

type screen struct{ use Use }

type page struct {
	panel.Page
	Day            calendar.Date
	IsToday        bool
	Before, After  string // the addresses of the days beside it
	Rows, Over     []Row
	Coming, Calls  int
	Free           []free
	Desk           bool // may book and search
	Searched       bool
	Query          string // never a telephone number
	SomethingFound bool
}

// free is the next free time of a service, for a visitor.
type free struct {
	Service scheduling.Service
	Start   time.Time
}

// show shows a day.
func (s screen) show(r *panel.Request) error {
	day := calendar.DateIn(r.Now, r.Office.Location)
	if asked, err := calendar.ParseDate(r.QueryParam("day")); err == nil {
		day = asked
	}
	out, err := s.page(r, day)
	if err != nil {
		return err
	}
	return template.Show(r.Context, http.StatusOK, out)
}

func (s screen) page(r *panel.Request, day calendar.Date) (page, error) {
	today := calendar.DateIn(r.Now, r.Office.Location)
	out := page{
		Page: r.Page, Day: day, IsToday: day == today, Desk: r.Is(account.Desk, account.Director),
		Before: "/staff/today?day=" + day.Add(-1).String(), After: "/staff/today?day=" + day.Add(1).String(),
	}
	out.Fresh, out.Heading = true, out.Say("今天", "Today")
	if !out.IsToday {
		out.Heading = out.Page.Day(day)
	}
	all, err := s.all(r, day)
	if err != nil {
		return out, err
	}
	for _, a := range all {
		row := rowOf(r, a)
		if a.Status.Open() {
			out.Rows = append(out.Rows, row)
		} else {
			out.Over = append(out.Over, row)
		}
		if a.Status == scheduling.Booked {
			out.Coming++
		}
	}
	slices.SortStableFunc(out.Rows, byTurn)
	if !out.Desk || !out.IsToday {
		return out, nil
	}
	if out.Calls, err = s.calls(r); err != nil {
		return out, err
	}
	out.Free, err = s.free(r, today)
	return out, err
}

// all are the appointments of a day.
func (s screen) all(r *panel.Request, day calendar.Date) ([]scheduling.Appointment, error) {
	var out []scheduling.Appointment
	f := scheduling.Filter{Actor: r.Actor, Office: r.Office.Code, From: day, To: day, Page: scheduling.Page{Limit: 200}}
	for {
		some, next, err := s.use.OfficeAppointments(r.Ctx(), f)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if next == "" {
			return out, nil
		}
		f.Page.After = next
	}
}

// calls is how many people are to be called now, of the first page.
func (s screen) calls(r *panel.Request) (int, error) {
	tasks, _, err := s.use.DeskTasks(r.Ctx(), scheduling.TaskFilter{Actor: r.Actor, Office: r.Office.Code, Page: scheduling.Page{Limit: 200}})
	return len(tasks), err
}

// free is what a visitor could have today, for each service.
func (s screen) free(r *panel.Request, day calendar.Date) ([]free, error) {
	var out []free
	for _, service := range r.Office.Services {
		days, err := s.use.FindForDesk(r.Ctx(), r.Actor, scheduling.Search{Office: r.Office.Code, Service: service.Code, From: day, To: day})
		if err != nil {
			return nil, err
		}
		f := free{Service: service}
		if len(days[0].Slots) > 0 {
			f.Start = days[0].Slots[0].Start
		}
		out = append(out, f)
	}
	return out, nil
}
