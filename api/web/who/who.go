// Package who asks who comes and how to speak to them: a family name is enough,
// needs are ticks, and there is no free text.
package who

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// maxName is how long a name may be, as for every way of booking.
const maxName = 50 // characters

// Screen is the question who comes.
type Screen struct{ Use keeping.Use }

//go:embed who.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Draft     visit.Draft
	Alone     bool // one person may come
	Together  bool // two may
	Relations []string
	Needs     []need
	Until     string
}

type need struct {
	Value, Said, Why string
	Ticked           bool
}

// relations are what the one who comes is to the one who books.
var relations = []scheduling.Text{
	{ZH: "父母", EN: "Parent"}, {ZH: "子女", EN: "Son or daughter"}, {ZH: "兄弟姐妹", EN: "Brother or sister"}, {ZH: "其他亲属", EN: "Other relative"},
}

// Show asks.
func (s Screen) Show(r *visit.Request) error { return show(r, r.Draft, http.StatusOK) }

func show(r *visit.Request, d *visit.Draft, status int) error {
	out := page{
		Page: r.Page, Draft: *d, Until: keeping.Until(r), Needs: needs(r.Page, d.Needs),
		Alone: r.Service.Parties.Min <= 1, Together: r.Service.Parties.Max >= 2,
	}
	for _, relation := range relations {
		out.Relations = append(out.Relations, r.Page.Text(relation))
	}
	out.Back = r.To(visit.Time)
	return template.Show(r.Context, status, out)
}

func needs(p frame.Page, ticked []string) []need {
	out := []need{
		{Value: "step_free", Said: p.Say("行动不便，要无障碍房间", "I need a room without steps"), Why: p.Say("给您安排轮椅进得去的房间", "so that a wheelchair gets in")},
		{Value: "hearing", Said: p.Say("听力不便", "I am hard of hearing"), Why: p.Say("老师会说慢一点，或者写下来", "so that we speak slowly, or write")},
		{Value: "child", Said: p.Say("带小孩来", "I bring a child"), Why: p.Say("给孩子准备个坐的地方", "so that there is a place for the child")},
	}
	for i := range out {
		out[i].Ticked = slices.Contains(ticked, out[i].Value)
	}
	return out
}

// Take takes the answers. Where they need another room or more seats than the
// time is kept for, it is kept anew.
func (s Screen) Take(r *visit.Request) error {
	answered := read(r)
	check(r, answered)
	if len(r.Page.Wrongs) > 0 {
		return show(r, answered, http.StatusUnprocessableEntity)
	}
	before, heads := keeping.Wish(r.Draft), keeping.Heads(r)
	*r.Draft = *answered
	r.Draft.Accessible = r.Draft.Accessible || slices.Contains(answered.Needs, "step_free")
	if keeping.Wish(r.Draft) == before && keeping.Heads(r) <= heads {
		return r.Step(r.Draft.Next(r.Proved()))
	}
	start := r.Draft.Start
	if err := keeping.Release(r, s.Use); err != nil {
		return err
	}
	return keeping.Settle(r, keeping.Choose(r, s.Use, start), start)
}

// read is the draft with what was typed.
func read(r *visit.Request) *visit.Draft {
	d := *r.Draft
	d.Who, d.Title = r.FormValue("who"), r.FormValue("title")
	d.Name, d.Visitor = strings.TrimSpace(r.FormValue("name")), strings.TrimSpace(r.FormValue("visitor"))
	d.Relation, d.Needs = r.FormValue("relation"), nil
	if form, err := r.FormParams(); err == nil {
		for _, n := range needs(r.Page, nil) {
			if slices.Contains(form["needs"], n.Value) {
				d.Needs = append(d.Needs, n.Value)
			}
		}
	}
	if d.Who != visit.Family {
		d.Visitor, d.Relation = "", ""
	}
	return &d
}

func check(r *visit.Request, d *visit.Draft) {
	p := &r.Page
	allowed := map[string]bool{
		visit.Alone: r.Service.Parties.Min <= 1, visit.Together: r.Service.Parties.Max >= 2, visit.Family: r.Service.Parties.Min <= 1,
	}
	if !allowed[d.Who] {
		p.Refuse("who", "请选谁来。", "Please choose who comes.")
	}
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > maxName {
		p.Refuse("name", "请写怎么称呼您，写个姓就行。", "Please write what we may call you; a family name is enough.")
	}
	if d.Title != "" && d.Title != "ms" && d.Title != "mr" {
		p.Refuse("title", "请选女士或先生。", "Please choose Ms or Mr.")
	}
	if d.Who != visit.Family {
		return
	}
	if n := utf8.RuneCountInString(d.Visitor); n == 0 || n > maxName {
		p.Refuse("visitor", "请写来的人怎么称呼。", "Please write what we may call the person who comes.")
	}
	if !slices.ContainsFunc(relations, func(t scheduling.Text) bool { return t.ZH == d.Relation || t.EN == d.Relation }) {
		p.Refuse("relation", "请选来的人是您的什么人。", "Please choose what the person is to you.")
	}
}
