// Package day asks on which day: a month at a glance with the first free time
// above it; in the elder version the next three free times, and a list.
package day

import (
	"context"
	_ "embed"
	"net/http"
	"strconv"
	"strings"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// fewStarts is up to how many free starts a day is said to have not many.
const fewStarts = 3

// Use is what this screen asks of the use cases.
type Use interface {
	keeping.Use
	Find(ctx context.Context, q scheduling.Search) ([]scheduling.Day, error)
}

// Screen is the day's question.
type Screen struct{ Use Use }

//go:embed day.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	First  *choice  // the first free time; nil: there is none
	Next   []choice // the next three, in the elder version
	Months []month
	Days   []cell // the days with free times, in the elder version
	Opens  string // when a new day is offered
	List   bool   // the elder version's other days
}

// choice is a time that can be taken at once.
type choice struct {
	Value string // RFC 3339
	Said  string
}

// month is a grid of weeks, Monday first.
type month struct {
	Title string
	Weeks [][7]cell
}

// cell is a day of the grid; the zero one lies outside the month.
type cell struct {
	Date   string // YYYY-MM-DD; empty: outside
	Number int
	Said   string // the date with its weekday
	// Before and After are what is read aloud around the number.
	Before, After string
	Word          string // free, few, full …
	Kind          string // its class
	Free          bool
	Why           string // in words, where a closed day has a reason of its own
	Today         bool
}

// Show answers with the month.
func (s Screen) Show(r *visit.Request) error { return s.show(r, http.StatusOK) }

// Take takes a day, or the first free time.
func (s Screen) Take(r *visit.Request) error {
	if start := r.FormValue("start"); start != "" {
		return keeping.Take(r, s.Use, start)
	}
	d, err := calendar.ParseDate(r.FormValue("day"))
	if err != nil {
		r.Page.Refuse("main", "请选一天。", "Please choose a day.")
		return s.show(r, http.StatusUnprocessableEntity)
	}
	r.Draft.Day = d.String()
	return r.Step(visit.Time)
}

func (s Screen) show(r *visit.Request, status int) error {
	today := r.Page.DayOf(r.Now)
	last := today.Add(r.Service.HorizonDays())
	days, err := s.Use.Find(r.Request().Context(), scheduling.Search{
		Office: r.Draft.Office, Service: r.Draft.Service, From: today, To: min(last, today.Add(scheduling.MaxSearchDays-1)),
		Parties: keeping.Heads(r), Wish: keeping.Wish(r.Draft),
	})
	if err != nil {
		return err
	}
	out := page{Page: r.Page, Opens: opens(r), List: r.QueryParam("list") != ""}
	out.Back = "/o/" + r.Draft.Office
	for _, d := range days {
		for _, slot := range d.Slots {
			if len(out.Next) < 3 {
				out.Next = append(out.Next, choice{Value: slot.Start.Format(time.RFC3339), Said: r.Page.Moment(slot.Start)})
			}
		}
		if len(d.Slots) > 0 {
			out.Days = append(out.Days, cellOf(r.Page, d, today))
		}
	}
	if len(out.Next) > 0 {
		out.First = &out.Next[0]
	}
	out.Months = months(r.Page, days, today)
	return template.Show(r.Context, status, out)
}

// opens says when a day further off can be booked.
func opens(r *visit.Request) string {
	if r.Office.Release == 0 {
		return ""
	}
	return r.Page.Say("每天%s放出新的一天。", "A new day opens each day at %s.", r.Office.Release.String())
}

// months arranges days in grids, one a month.
func months(p frame.Page, days []scheduling.Day, today calendar.Date) []month {
	var out []month
	for _, d := range days {
		year, m, number := d.Date.Civil()
		column := (int(d.Date.Weekday()) + 6) % 7
		if len(out) == 0 || number == 1 {
			out = append(out, month{Title: p.Month(year, m)})
		}
		grid := &out[len(out)-1]
		if len(grid.Weeks) == 0 || column == 0 {
			grid.Weeks = append(grid.Weeks, [7]cell{})
		}
		grid.Weeks[len(grid.Weeks)-1][column] = cellOf(p, d, today)
	}
	return out
}

func cellOf(p frame.Page, d scheduling.Day, today calendar.Date) cell {
	_, _, number := d.Date.Civil()
	c := cell{Date: d.Date.String(), Number: number, Said: p.Day(d.Date), Today: d.Date == today}
	c.Before, c.After, _ = strings.Cut(c.Said, strconv.Itoa(number)+p.Say("日", " "))
	c.After = p.Say("日", " ") + c.After
	switch {
	case d.Closed != nil:
		c.Kind, c.Word = "shut", closedWord(p, d.Closed.Code)
		if text := p.Text(d.Closed.Text); d.Closed.Code == scheduling.DayHoliday || d.Closed.Code == scheduling.DayClosed && !strings.EqualFold(text, c.Word) {
			c.Why = text
		}
	case len(d.Slots) <= fewStarts:
		c.Free, c.Kind, c.Word = true, "few", p.Say("不多", "few")
	default:
		c.Free, c.Kind, c.Word = true, "free", p.Say("可约", "free")
	}
	return c
}

func closedWord(p frame.Page, code scheduling.ClosedCode) string {
	switch code {
	case scheduling.DayFull:
		return p.Say("约满", "full")
	case scheduling.DayNotOpen:
		return p.Say("未开放", "later")
	case scheduling.DayPast:
		return p.Say("已过", "past")
	case scheduling.DayHoliday:
		return p.Say("放假", "holiday")
	case scheduling.DayNotLoaded:
		return p.Say("待定", "call us")
	}
	return p.Say("休息", "closed")
}
