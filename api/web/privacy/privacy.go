// Package privacy says what an office keeps about people, why, how long and who
// sees it (个人信息保护法, art. 17), and what stays on the phone itself.
//
// It promises no more than the program keeps: each sentence is about what the
// program does, and the times are those of the office's file.
package privacy

import (
	_ "embed"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
)

//go:embed privacy.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	// How long, after the last day of an appointment.
	Contact, Messages, Audit string
}

// Show answers with the page of p.Office.
func Show(c echo.Context, p frame.Page) error {
	p.Public = true
	keep := p.Office.Keep
	return template.Show(c, http.StatusOK, page{
		Page: p, Contact: span(p, keep.Contact), Messages: span(p, keep.Messages), Audit: span(p, keep.Audit),
	})
}

// span is a time of whole days as people say it: 180天, 3年.
func span(p frame.Page, d time.Duration) string {
	const day = 24 * time.Hour
	days := int((d + day - 1) / day)
	switch {
	case days == 365:
		return p.Say("1年", "one year")
	case days > 0 && days%365 == 0:
		return p.Say("%d年", "%d years", days/365)
	case days == 1:
		return p.Say("1天", "one day")
	}
	return p.Say("%d天", "%d days", days)
}
