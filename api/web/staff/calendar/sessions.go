package calendar

import (
	"net/http"
	"slices"
	"time"

	"magpie/api/web/staff/panel"
	"magpie/api/web/staff/today"
	"magpie/scheduling"
	civil "magpie/scheduling/calendar"
)

// local is a time by the office's clock, as the component reads it: it knows no
// time zones.
const local = "2006-01-02T15:04:05"

// maxDays is how many days may be asked for at once: those of a month's page.
const maxDays = 42

// session is a meeting as it is drawn: nothing on it says who comes or what for,
// since a screen is seen by others too.
type session struct {
	ID         int64             `json:"-"`
	Reference  string            `json:"reference"`
	Start      string            `json:"start"`
	End        string            `json:"end"`
	ClaimEnd   string            `json:"claim_end"` // with the buffer
	Counsellor string            `json:"counsellor"`
	Room       string            `json:"room"`
	Status     scheduling.Status `json:"status"`
	State      string            `json:"state"` // in words
	Label      string            `json:"label"`
	// Movable says that it can be dragged: it is booked, lies ahead, and is
	// nobody's class. Stretch, that it may be longer.
	Movable bool `json:"movable"`
	Stretch bool `json:"stretch"`

	start, end time.Time
	heads      int
	places     int
}

// Clocks are its start and end, in the words of a list.
func (s session) Clocks(p panel.Page) string { return p.Clock(s.start) + "–" + p.Clock(s.end) }

// Begins is its start.
func (s session) Begins() time.Time { return s.start }

// all are the sessions of some days that take up time, by start. The
// appointments of a class are one.
func (s screen) all(r *panel.Request, from, to civil.Date) ([]session, error) {
	f := scheduling.Filter{Actor: r.Actor, Office: r.Office.Code, From: from, To: to, Page: scheduling.Page{Limit: 200}}
	var out []session
	places := make(map[int64]int) // of sessions, in out
	for {
		some, next, err := s.use.OfficeAppointments(r.Ctx(), f)
		if err != nil {
			return nil, err
		}
		for _, a := range some {
			if a.Status == scheduling.Cancelled || a.Status == scheduling.NoShow {
				continue
			}
			if i, known := places[a.Session.ID]; known {
				out[i].heads, out[i].Movable, out[i].Stretch = out[i].heads+a.Heads, false, false
				continue
			}
			places[a.Session.ID] = len(out)
			out = append(out, sessionOf(r, a))
		}
		if next == "" {
			break
		}
		f.Page.After = next
	}
	for i := range out {
		out[i].Label = label(r.Page, out[i])
	}
	return out, nil
}

func sessionOf(r *panel.Request, a scheduling.Appointment) session {
	at := func(t time.Time) string { return t.In(r.Office.Location).Format(local) }
	state, _ := today.StateOf(r.Page, a, r.Now)
	movable := a.Status == scheduling.Booked && a.Start.After(r.Now)
	return session{
		ID: a.Session.ID, Reference: a.Reference, Start: at(a.Start), End: at(a.End), ClaimEnd: at(a.Session.ClaimEnd),
		Counsellor: a.Counsellor.Username, Room: a.Room.Code, Status: a.Status, State: state,
		Movable: movable, Stretch: movable && a.Service.Places == 1,
		start: a.Start, end: a.End, heads: a.Heads, places: a.Service.Places,
	}
}

func label(p panel.Page, s session) string {
	people := today.Row{Heads: s.heads}.Group(p)
	if s.places > 1 {
		return p.Say("团体课", "Class") + " · " + people
	}
	return p.Grouped(s.Reference) + " · " + people
}

// column is a counsellor or a room.
type column struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// block is a time in which nothing can be: the office is closed, somebody is
// away. Column is empty where it is for all.
type block struct {
	Column string `json:"column,omitempty"`
	Start  string `json:"start"`
	End    string `json:"end"`
	Kind   string `json:"kind"` // closed, away
	Why    string `json:"why,omitempty"`
}

type answer struct {
	People   []column  `json:"people"`
	Rooms    []column  `json:"rooms"`
	Sessions []session `json:"sessions"`
	Blocks   []block   `json:"blocks"`
}

// sessions answers what lies between two dates, for the component.
func (s screen) sessions(r *panel.Request) error {
	from, wrongFrom := civil.ParseDate(r.QueryParam("from"))
	to, wrongTo := civil.ParseDate(r.QueryParam("to"))
	if wrongFrom != nil || wrongTo != nil || to < from || int(to-from) >= maxDays {
		return scheduling.Invalid("to", "日期不对。", "must be dates, at most 42 days apart")
	}
	all, err := s.all(r, from, to)
	if err != nil {
		return err
	}
	absences, err := s.use.Absences(r.Ctx(), r.Actor, r.Office.Code, from, to)
	if err != nil {
		return err
	}
	out := answer{Sessions: all, Blocks: closed(r, from, to), Rooms: []column{}, People: []column{}}
	for _, m := range counsellors(r) {
		out.People = append(out.People, column{m.Username, r.Page.Text(m.Name)})
	}
	for _, room := range r.Office.Rooms {
		if slices.ContainsFunc(r.Office.Services, func(s scheduling.Service) bool { return s.RoomKind == room.Kind }) {
			out.Rooms = append(out.Rooms, column{room.Code, r.Page.Text(room.Name)})
		}
	}
	at := func(t time.Time) string { return t.In(r.Office.Location).Format(local) }
	for _, a := range absences {
		out.Blocks = append(out.Blocks, block{Column: a.Counsellor.Username, Start: at(a.Span.From), End: at(a.Span.To), Kind: "away", Why: r.Page.Say("不在", "Away")})
	}
	if out.Sessions == nil {
		out.Sessions = []session{}
	}
	return r.JSON(http.StatusOK, out)
}

// closed are the hours of some days in which the office is not open.
func closed(r *panel.Request, from, to civil.Date) []block {
	opening, loc := r.Office.Opening(), r.Office.Location
	out := []block{}
	for d := from; d <= to; d++ {
		add := func(start, end time.Time) {
			if start.Before(end) {
				out = append(out, block{Start: start.In(loc).Format(local), End: end.In(loc).Format(local), Kind: "closed"})
			}
		}
		last := d.At(0, loc)
		for _, span := range civil.Spans(d, opening.Day(d).Periods, loc) {
			add(last, span.From)
			last = span.To
		}
		add(last, d.Add(1).At(0, loc))
	}
	return out
}
