// Package safe asks, before any message goes, how somebody can be reached
// without harm: who else reads this phone.
package safe

import (
	_ "embed"
	"net/http"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
)

// Screen is the question.
type Screen struct{ Use keeping.Use }

//go:embed safe.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Until string
	Host  string // the address that a text may name
}

// Show asks.
func (s Screen) Show(r *visit.Request) error { return show(r, http.StatusOK) }

func show(r *visit.Request, status int) error {
	out := page{Page: r.Page, Until: keeping.Until(r)}
	out.Back = r.To(visit.Who)
	return template.Show(r.Context, status, out)
}

// Take takes the answer. Whoever wants no message at all is shown how the desk
// books for them, and the time is given back.
func (s Screen) Take(r *visit.Request) error {
	switch reach := r.FormValue("reach"); reach {
	case visit.Text, visit.Other, visit.Silent:
		r.Draft.Reach = reach
		return r.Step(r.Draft.Next(r.Proved()))
	case visit.Desk:
		if err := keeping.Release(r, s.Use); err != nil {
			return err
		}
		return r.Step(visit.Desk)
	}
	r.Page.Refuse("text", "请选一个。", "Please choose one.")
	return show(r, http.StatusUnprocessableEntity)
}
