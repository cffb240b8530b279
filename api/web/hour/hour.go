// Package hour asks at what time of the day, and, for those who mind, with whom
// and in what room.
package hour

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// noon divides morning and afternoon.
const noon = 12

// Use is what this screen asks of the use cases.
type Use interface {
	keeping.Use
	Find(ctx context.Context, q scheduling.Search) ([]scheduling.Day, error)
}

// Screen is the question about the time.
type Screen struct{ Use Use }

//go:embed hour.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Date               string
	Halves             []half
	Counsellors        []option // empty: nobody can be chosen
	Accessible, Rooms  bool     // wished for; there is one and there are others
	Narrowed, Anything bool
}

// half is a morning or an afternoon.
type half struct {
	Name  string
	Times []option
}

type option struct {
	Value, Said string
	Chosen      bool
}

// Show answers with the free times of the day.
func (s Screen) Show(r *visit.Request) error {
	d, err := calendar.ParseDate(r.Draft.Day)
	if err != nil {
		return r.Redirect(http.StatusSeeOther, r.To(visit.Day))
	}
	days, err := s.Use.Find(r.Request().Context(), scheduling.Search{
		Office: r.Draft.Office, Service: r.Draft.Service, From: d, To: d, Parties: keeping.Heads(r), Wish: keeping.Wish(r.Draft),
	})
	if err != nil {
		return err
	}
	out := page{
		Page: r.Page, Date: r.Page.Day(d), Halves: halves(r.Page, days[0].Slots), Counsellors: whom(r),
		Accessible: r.Draft.Accessible, Rooms: accessible(r),
		Narrowed: keeping.Wish(r.Draft) != scheduling.Wish{}, Anything: len(days[0].Slots) > 0,
	}
	out.Back = r.To(visit.Day)
	return template.Show(r.Context, http.StatusOK, out)
}

// Take takes a time, or what narrows the choice.
func (s Screen) Take(r *visit.Request) error {
	if r.FormValue("narrow") == "" {
		return keeping.Take(r, s.Use, r.FormValue("start"))
	}
	d := r.Draft
	d.Counsellor, d.Gender, d.Accessible = "", "", r.FormValue("accessible") != ""
	switch whom := r.FormValue("whom"); whom {
	case "", "female", "male":
		d.Gender = whom
	default:
		if len(r.Office.CounsellorsFor(d.Service, whom, "")) > 0 {
			d.Counsellor = whom
		}
	}
	return r.Step(visit.Time)
}

// halves puts the times under morning and afternoon.
func halves(p frame.Page, slots []scheduling.Slot) []half {
	var out []half
	for _, slot := range slots {
		name := p.Say("上午", "Morning")
		if p.Hour(slot.Start) >= noon {
			name = p.Say("下午", "Afternoon")
		}
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, half{Name: name})
		}
		last := &out[len(out)-1]
		last.Times = append(last.Times, option{Value: slot.Start.Format(time.RFC3339), Said: p.Clock(slot.Start)})
	}
	return out
}

// whom lists who can be asked for: a woman or a man where there are both, and
// each by name where there is more than one.
func whom(r *visit.Request) []option {
	all := r.Office.CounsellorsFor(r.Draft.Service, "", "")
	if len(all) < 2 {
		return nil
	}
	d, genders := r.Draft, map[string]bool{}
	for _, c := range all {
		genders[c.Gender] = true
	}
	out := []option{{"", r.Page.Say("谁都可以", "Anybody"), d.Counsellor == "" && d.Gender == ""}}
	if genders["female"] && genders["male"] {
		out = append(out, option{"female", r.Page.Say("女老师", "A woman"), d.Gender == "female"}, option{"male", r.Page.Say("男老师", "A man"), d.Gender == "male"})
	}
	for _, c := range all {
		out = append(out, option{c.Username, r.Page.Text(c.Name), d.Counsellor == c.Username})
	}
	return out
}

// accessible says whether asking for a step-free room makes a difference.
func accessible(r *visit.Request) bool {
	return len(r.Office.RoomsFor(r.Service, keeping.Heads(r), true)) > 0
}
