package appointments

import (
	_ "embed"
	"net/http"
	"time"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

//go:embed move.html
var moveSource string

var moveTemplate = panel.NewTemplate(moveSource)

type movePage struct {
	panel.Page
	A     scheduling.Appointment
	Date  string
	Slots []scheduling.Slot
	Why   string // why that day offers nothing
}

// askMove shows the free starts of a day.
func (s screen) askMove(r *panel.Request) error {
	a, err := s.use.Appointment(r.Ctx(), r.Actor, r.Param("reference"))
	if err != nil {
		return err
	}
	day := r.Page.DayOf(a.Start)
	if asked, err := calendar.ParseDate(r.QueryParam("day")); err == nil {
		day = asked
	}
	days, err := s.use.FindForDesk(r.Ctx(), r.Actor, scheduling.Search{
		Office: r.Office.Code, Service: a.Service.Code, From: day, To: day, Parties: a.Heads, Wish: a.Wish,
	})
	if err != nil {
		return err
	}
	out := movePage{Page: r.Page, A: a, Date: day.String(), Slots: days[0].Slots}
	if c := days[0].Closed; c != nil {
		out.Why = out.Text(c.Text)
	}
	out.Heading, out.Back = out.Say("改时间", "Another time"), "/staff/appointments/"+a.Reference
	return moveTemplate.Show(r.Context, http.StatusOK, out)
}

// move gives the appointment another start.
func (s screen) move(r *panel.Request) error {
	reference := r.Param("reference")
	start, err := time.Parse(time.RFC3339, r.FormValue("start"))
	if err != nil {
		return scheduling.Invalid("start", "请选一个时间。", "must be a time")
	}
	back := "/staff/appointments/" + reference
	moved, err := s.use.Move(r.Ctx(), scheduling.Change{
		Actor: r.Actor, Reference: reference, Start: start.UTC(), Idempotency: r.Once("move", reference, r.FormValue("start")),
	})
	if err != nil {
		return r.Refuse(back+"/move?day="+r.Page.DayOf(start).String(), err)
	}
	return r.Say(back, panel.Said{Text: r.Page.Say("改到%s了，按对方说好的方式告诉他们。", "Moved to %s. They are told in the way they asked for.", r.Page.Moment(moved.Start))})
}
