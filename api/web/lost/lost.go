// Package lost offers the nearest free times in place of one that somebody else
// has taken. What was typed before stays as it is.
package lost

import (
	_ "embed"
	"net/http"
	"time"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
)

// Screen is the offer.
type Screen struct{ Use keeping.Use }

//go:embed lost.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Nearest   []offer
	OtherDays string
}

type offer struct{ Value, Said string }

// Show answers with the nearest times.
func (s Screen) Show(r *visit.Request) error {
	out := page{Page: r.Page, OtherDays: r.To(visit.Day)}
	for _, start := range r.Draft.Nearest {
		out.Nearest = append(out.Nearest, offer{start.Format(time.RFC3339), r.Page.Moment(start)})
	}
	return template.Show(r.Context, http.StatusOK, out)
}

// Take takes one of them.
func (s Screen) Take(r *visit.Request) error { return keeping.Take(r, s.Use, r.FormValue("start")) }
