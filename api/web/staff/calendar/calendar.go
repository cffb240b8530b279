// Package calendar is the days of an office at a glance: by counsellor and by
// room as columns side by side, by day, week and month. What is dragged is tested
// while it is dragged and once more by the use case, and can be taken back.
//
// Without JavaScript, on a phone and for whoever asks for it, the same is a list
// whose rows lead to the appointments.
package calendar

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"
	"slices"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/account"
	civil "magpie/scheduling/calendar"
)

// Use is what this screen asks of the use cases.
type Use interface {
	OfficeAppointments(ctx context.Context, f scheduling.Filter) ([]scheduling.Appointment, string, error)
	Absences(ctx context.Context, a scheduling.Actor, office string, from, to civil.Date) ([]scheduling.Absence, error)
	Move(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	CheckMove(ctx context.Context, c scheduling.Change) (scheduling.MoveCheck, error)
	Targets(ctx context.Context, a scheduling.Actor, reference string, d civil.Date, length time.Duration) (scheduling.MoveTargets, error)
	Undo(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
}

var (
	//go:embed calendar.html
	source string
	//go:embed assets/calendar.css
	styleFile []byte
	//go:embed assets/calendar.js
	scriptFile []byte
	//go:embed assets/event-calendar.min.css
	componentStyle []byte
	//go:embed assets/event-calendar.min.js
	componentScript []byte

	template  = panel.NewTemplate(source)
	style     = frame.NewAsset("calendar", "css", styleFile)
	script    = frame.NewAsset("calendar", "js", scriptFile)
	partStyle = frame.NewAsset("event-calendar", "css", componentStyle)
	part      = frame.NewAsset("event-calendar", "js", componentScript)
)

// Assets are those of this screen.
func Assets() []frame.Asset { return []frame.Asset{style, script, partStyle, part} }

// Routes are this screen's.
func Routes(use Use) []panel.Route {
	s := screen{use}
	return []panel.Route{
		panel.Get("/staff/calendar", s.show), panel.Get("/staff/calendar/sessions", s.sessions),
		panel.Get("/staff/calendar/targets", s.targets), panel.Post("/staff/calendar/check", s.check),
		panel.Post("/staff/calendar/move", s.move), panel.Post("/staff/calendar/undo", s.undo),
	}
}

type screen struct{ use Use }

// The views, and what stands as columns.
const (
	viewDay, viewWeek, viewMonth = "day", "week", "month"
	byPeople, byRooms            = "people", "rooms"
)

type page struct {
	panel.Page
	View, By       string
	Day            civil.Date
	From, To       civil.Date // what the view shows, both included
	Before, After  string
	Lists          []list // without JavaScript: each column's sessions
	Count, Arrived int
	// Opens and Closes are the hours that the grid shows.
	Opens, Closes civil.Clock
	Own           bool // a counsellor's own calendar
	Now           string
}

// list is a column as a list.
type list struct {
	Name     scheduling.Text
	Sessions []session
}

// Tab is the address of the same days in another view, or by something else.
func (p page) Tab(view, by string) string { return address(view, by, p.Day) }

// MonthName is the month that is shown.
func (p page) MonthName() string {
	year, month, _ := p.Day.Civil()
	return p.Month(year, month)
}

func address(view, by string, d civil.Date) string {
	return "/staff/calendar?" + url.Values{"view": {view}, "by": {by}, "day": {d.String()}}.Encode()
}

// asked reads what is to be shown.
func asked(r *panel.Request) page {
	out := page{Page: r.Page, View: viewDay, By: byPeople, Day: civil.DateIn(r.Now, r.Office.Location)}
	if v := r.QueryParam("view"); slices.Contains([]string{viewWeek, viewMonth}, v) {
		out.View = v
	}
	if r.QueryParam("by") == byRooms {
		out.By = byRooms
	}
	if d, err := civil.ParseDate(r.QueryParam("day")); err == nil {
		out.Day = d
	}
	out.Own = !r.Is(account.Desk, account.Director)
	out.span()
	return out
}

// span sets which days the view shows, and where the days beside them are.
func (p *page) span() {
	p.From, p.To = p.Day, p.Day
	before, after := p.Day.Add(-1), p.Day.Add(1)
	monday := func(d civil.Date) civil.Date { return d.Add(-(int(d.Weekday()) + 6) % 7) }
	switch p.View {
	case viewWeek:
		p.From = monday(p.Day)
		p.To = p.From.Add(6)
		before, after = p.Day.Add(-7), p.Day.Add(7)
	case viewMonth:
		year, month, _ := p.Day.Civil()
		first := civil.NewDate(year, month, 1)
		p.From = monday(first)
		p.To = p.From.Add(41)
		before, after = first.Add(-1), civil.NewDate(year, month+1, 1)
	}
	p.Before, p.After = address(p.View, p.By, before), address(p.View, p.By, after)
}

// show shows the page, with the sessions as lists.
func (s screen) show(r *panel.Request) error {
	out := asked(r)
	out.Heading, out.Fresh = out.Say("日历", "Calendar"), true
	out.Styles, out.Scripts = []frame.Asset{partStyle, style}, []frame.Asset{part, script}
	all, err := s.all(r, out.From, out.To)
	if err != nil {
		return err
	}
	out.Lists = listsOf(r, out, all)
	for _, one := range all {
		out.Count++
		if one.Status == scheduling.CheckedIn || one.Status == scheduling.InSession {
			out.Arrived++
		}
	}
	out.Opens, out.Closes = hoursOf(r.Office, all)
	out.Now = r.Now.In(r.Office.Location).Format(local)
	return template.Show(r.Context, http.StatusOK, out)
}

// hoursOf are the hours that a grid shows: the office's, and those of what is
// booked beyond them, in full hours.
func hoursOf(o *scheduling.Office, all []session) (opens, closes civil.Clock) {
	opens, closes = 9*60, 17*60
	for _, h := range o.Hours {
		opens, closes = min(opens, h.Period.From), max(closes, h.Period.To)
	}
	for _, one := range all {
		start, end := one.start.In(o.Location), one.end.In(o.Location)
		opens = min(opens, civil.Clock(start.Hour()*60))
		closes = max(closes, civil.Clock(end.Hour()*60+end.Minute()))
	}
	return opens / 60 * 60, (closes + 59) / 60 * 60
}

// listsOf sorts sessions into columns; by day where the view has several.
func listsOf(r *panel.Request, p page, all []session) []list {
	var out []list
	add := func(name scheduling.Text, mine func(session) bool) {
		l := list{Name: name}
		for _, one := range all {
			if mine(one) {
				l.Sessions = append(l.Sessions, one)
			}
		}
		if len(l.Sessions) > 0 || p.View == viewDay {
			out = append(out, l)
		}
	}
	if p.View != viewDay {
		for d := p.From; d <= p.To; d++ {
			name := p.Page.Day(d)
			add(scheduling.Text{ZH: name, EN: name}, func(one session) bool { return p.DayOf(one.start) == d })
		}
		return out
	}
	if p.By == byRooms {
		for _, room := range r.Office.Rooms {
			add(room.Name, func(one session) bool { return one.Room == room.Code })
		}
		return out
	}
	for _, m := range counsellors(r) {
		add(m.Name, func(one session) bool { return one.Counsellor == m.Username })
	}
	return out
}

// counsellors are those whose sessions the reader may see.
func counsellors(r *panel.Request) []scheduling.Staff {
	var out []scheduling.Staff
	for _, m := range r.Office.Staff {
		if slices.Contains(m.Roles, account.Counsellor) && (r.Actor.Scope == account.Office || m.ID == r.Actor.StaffID) {
			out = append(out, m)
		}
	}
	return out
}
