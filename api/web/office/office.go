// Package office is an office's own page: where registration itself is booked,
// for the many who come for it; what each service is and when it is free next;
// when the office is open, where it is, and whether one gets in without steps.
//
// It promises to say what is so, also where that is that there is no step-free
// room or that nothing is free. It changes nothing.
package office

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
	"magpie/scheduling"
)

// Use is what this page asks of the use cases.
type Use interface {
	Find(ctx context.Context, q scheduling.Search) ([]scheduling.Day, error)
}

//go:embed office.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Cards  []card
	Today  today
	Week   []stretch
	Map    string
	Access access
	Others bool // there are other offices
}

// Show answers with the page of p.Office at an instant. others says that there
// are further offices to choose from.
func Show(c echo.Context, p frame.Page, use Use, now time.Time, others bool) error {
	p.Public = true
	cards, err := cards(c.Request().Context(), p, use, now)
	if err != nil {
		return err
	}
	opening, date := p.Office.Opening(), p.DayOf(now)
	return template.Show(c, http.StatusOK, page{
		Page: p, Cards: cards, Today: todayOf(p, opening.Day(date), now), Week: week(p, opening, date.Add(1)),
		Map: mapAddress(p.Office.Address.ZH), Access: accessOf(p), Others: others,
	})
}

// mapAddress finds a place in the map of AMap, by its documented address for
// links. The place alone is handed over: what it is wanted for stays here.
func mapAddress(place string) string {
	return "https://uri.amap.com/search?" + url.Values{"keyword": {place}}.Encode()
}
