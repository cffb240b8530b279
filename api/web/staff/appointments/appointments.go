// Package appointments is one appointment as staff see it, and what can be done
// with it: the steps of the day, moving, cancelling, the slip.
package appointments

import (
	"context"
	_ "embed"
	"net/http"

	"magpie/api/web/staff/panel"
	"magpie/api/web/staff/today"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	Appointment(ctx context.Context, a scheduling.Actor, reference string) (scheduling.Appointment, error)
	CheckIn(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	Start(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	Complete(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	NoShow(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	Cancel(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	Move(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
	FindForDesk(ctx context.Context, a scheduling.Actor, q scheduling.Search) ([]scheduling.Day, error)
}

const at = "/staff/appointments/:reference"

//go:embed appointments.html
var source string

var template = panel.NewTemplate(source)

type screen struct{ use Use }

// Routes are this screen's.
func Routes(use Use) []panel.Route {
	s := screen{use}
	return []panel.Route{
		panel.Get(at, s.show), panel.Get(at+"/slip", s.slip),
		panel.Get(at+"/move", s.askMove), panel.Post(at+"/move", s.move),
		panel.Post(at+"/check-in", s.step(use.CheckIn, "到了，记下了。", "Noted: they are here.")),
		panel.Post(at+"/start", s.step(use.Start, "开始了。", "The session has begun.")),
		panel.Post(at+"/complete", s.step(use.Complete, "结束了，辛苦了。", "The session is over.")),
		panel.Post(at+"/no-show", s.step(use.NoShow, "记下了：没有来。", "Noted: they did not come.")),
		panel.Post(at+"/cancel", s.step(use.Cancel, "取消了，按对方说好的方式告诉他们。", "Cancelled. They are told in the way they asked for.")),
	}
}

type page struct {
	panel.Page
	A           scheduling.Appointment
	People      []scheduling.PartyView
	Booker      *scheduling.PartyView
	Relation    string
	State       string
	Class       string
	Next        today.Step
	CanNoShow   bool
	CanMove     bool
	CanCancel   bool
	Needs       []string
	OpenedNote  string
	ServiceName scheduling.Text
}

// show shows the appointment.
func (s screen) show(r *panel.Request) error {
	a, err := s.use.Appointment(r.Ctx(), r.Actor, r.Param("reference"))
	if err != nil {
		return err
	}
	out := page{
		Page: r.Page, A: a, People: a.PartiesFor(r.Actor), Booker: a.ContactFor(r.Actor), Next: today.NextOf(r.Page, a),
		CanNoShow: a.Status == scheduling.Booked && !a.Start.After(r.Now), CanMove: a.Status == scheduling.Booked,
		CanCancel: a.Status == scheduling.Booked || a.Status == scheduling.CheckedIn, ServiceName: a.Service.Name,
	}
	out.Fresh, out.Heading = true, out.Say("预约 %s", "Appointment %s", out.Grouped(a.Reference))
	out.Back = "/staff/today?day=" + out.DayOf(a.Start).String()
	out.State, out.Class = today.StateOf(r.Page, a, r.Now)
	if a.Contact != nil && out.Booker != nil {
		out.Relation = a.Contact.Relation.Reveal()
	}
	if len(out.People) > 0 && out.People[0].Name != "" {
		out.OpenedNote = a.Note.Reveal()
		for _, n := range a.Needs {
			out.Needs = append(out.Needs, need(out.Page, n))
		}
	}
	return template.Show(r.Context, http.StatusOK, out)
}

func need(p panel.Page, n scheduling.Need) string {
	switch n {
	case scheduling.StepFree:
		return p.Say("无障碍", "step-free")
	case scheduling.Hearing:
		return p.Say("听力不便", "hard of hearing")
	case scheduling.Child:
		return p.Say("带小孩", "brings a child")
	}
	return string(n)
}

// step is what a button does: one step of the appointment's day.
func (s screen) step(do func(context.Context, scheduling.Change) (scheduling.Appointment, error), zh, en string) func(*panel.Request) error {
	return func(r *panel.Request) error {
		reference := r.Param("reference")
		back := backTo(r, reference)
		_, err := do(r.Ctx(), scheduling.Change{
			Actor: r.Actor, Reference: reference, Idempotency: r.Once(r.Path(), reference), Reason: scheduling.NewPrivate(r.FormValue("reason")),
		})
		if err != nil {
			return r.Refuse(back, err)
		}
		return r.Say(back, panel.Said{Text: r.Page.Grouped(reference) + r.Page.Say("：", ": ") + r.Page.Say(zh, en)})
	}
}

// backTo is the list that the button stood in, or the appointment's own page.
func backTo(r *panel.Request, reference string) string {
	if back := panel.Local(r.FormValue("back")); back != "" {
		return back
	}
	return "/staff/appointments/" + reference
}
