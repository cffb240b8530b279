// Package calls is the list of those whom the desk is to call: at their hours,
// in words that do no harm, whoever answers.
package calls

import (
	"context"
	_ "embed"
	"net/http"
	"strconv"
	"strings"

	"magpie/api/web/staff/panel"
	"magpie/scheduling"
)

// Use is what this screen asks of the use cases.
type Use interface {
	DeskTasks(ctx context.Context, f scheduling.TaskFilter) ([]scheduling.Task, string, error)
	FinishTask(ctx context.Context, d scheduling.TaskDone) error
	Restore(ctx context.Context, c scheduling.Change) (scheduling.Appointment, error)
}

//go:embed calls.html
var source string

var template = panel.NewTemplate(source)

type screen struct{ use Use }

// Routes are this screen's.
func Routes(use Use) []panel.Route {
	s := screen{use}
	return []panel.Route{panel.Get("/staff/calls", s.show), panel.Post("/staff/calls/:id/done", s.done), panel.Post("/staff/calls/:id/restore", s.restore)}
}

type page struct {
	panel.Page
	Tasks []task
	Done  []task
	More  string // the address of the rest; empty: there is none
}

type task struct {
	scheduling.Task
	Why   string
	Hours string // when the person may be called, in words
	Call  bool   // somebody is to be called
	Gave  bool   // a time is kept and can be given back
}

func (s screen) show(r *panel.Request) error {
	f := scheduling.TaskFilter{Actor: r.Actor, Office: r.Office.Code, Page: scheduling.Page{Limit: 100, After: r.QueryParam("after")}}
	open, next, err := s.use.DeskTasks(r.Ctx(), f)
	if err != nil {
		return err
	}
	f.Done, f.Page = true, scheduling.Page{Limit: 20}
	done, _, err := s.use.DeskTasks(r.Ctx(), f)
	if err != nil {
		return err
	}
	out := page{Page: r.Page}
	out.Fresh, out.Heading = true, out.Say("要打的电话", "To call")
	for _, t := range open {
		out.Tasks = append(out.Tasks, taskOf(out.Page, t))
	}
	for _, t := range done {
		out.Done = append(out.Done, taskOf(out.Page, t))
	}
	if next != "" {
		out.More = "/staff/calls?after=" + next
	}
	return template.Show(r.Context, http.StatusOK, out)
}

func taskOf(p panel.Page, t scheduling.Task) task {
	out := task{Task: t, Why: why(p, t), Call: !t.Phone.IsZero(), Gave: t.Kind == scheduling.TaskGivenUp}
	var hours []string
	for _, w := range t.Hours {
		hours = append(hours, w.String())
	}
	out.Hours = strings.Join(hours, p.Say("、", ", "))
	return out
}

// why is what the task is, in words.
func why(p panel.Page, t scheduling.Task) string {
	switch t.Kind {
	case scheduling.TaskCall:
		if t.Reason == "asked" || t.Reason == "" {
			return p.Say("想接电话，不收短信", "wants a call instead of a text")
		}
		return p.Say("短信没有送到（%s）", "the text did not arrive (%s)", t.Reason)
	case scheduling.TaskReply:
		return p.Say("回了短信，要看一下", "answered a text: please look")
	case scheduling.TaskGivenUp:
		return p.Say("回短信取消了，时间还留着", "cancelled by text; the time is still kept")
	case scheduling.TaskNames:
		return p.Say("同一个号码用了两个称呼，请问一下", "two names under one number: please ask")
	}
	return string(t.Kind)
}

// Words are what is said first: never the office's name.
func (t task) Words(p panel.Page) string {
	name := t.Name.Reveal()
	if name == "" {
		return p.Say("您好，现在说话方便吗？", "Hello, is this a good time to talk?")
	}
	return p.Say("您好，请问是%s吗？现在说话方便吗？", "Hello, am I speaking with %s? Is this a good time to talk?", name)
}

// Reply is what somebody answered.
func (t task) Reply() string { return t.Text.Reveal() }

// Outcome is how a call went, in words.
func (t task) Went(p panel.Page) string {
	switch t.Outcome {
	case "reached":
		return p.Say("说上话了", "reached")
	case "not_reached":
		return p.Say("没打通", "not reached")
	}
	return p.Say("办好了", "settled")
}

func (s screen) done(r *panel.Request) error {
	id, err := strconv.ParseInt(r.Param("id"), 10, 64)
	if err != nil {
		return scheduling.NotFound()
	}
	outcome := r.FormValue("outcome")
	if outcome != "reached" && outcome != "not_reached" && outcome != "settled" {
		return scheduling.Invalid("outcome", "请选一个结果。", "must be reached, not_reached or settled")
	}
	err = s.use.FinishTask(r.Ctx(), scheduling.TaskDone{Actor: r.Actor, Office: r.Office.Code, ID: id, Outcome: outcome})
	if err != nil {
		return r.Refuse("/staff/calls", err)
	}
	return r.Say("/staff/calls", panel.Said{Text: r.Page.Say("记下了。", "Noted.")})
}

// restore gives a time back that was cancelled by reply.
func (s screen) restore(r *panel.Request) error {
	reference := r.FormValue("reference")
	a, err := s.use.Restore(r.Ctx(), scheduling.Change{Actor: r.Actor, Reference: reference, Idempotency: r.Once("restore", reference)})
	if err != nil {
		return r.Refuse("/staff/calls", err)
	}
	return r.Say("/staff/calls", panel.Said{Text: r.Page.Say("时间还给他们了：%s。", "They have their time again: %s.", r.Page.Moment(a.Start))})
}
