// Package help is the page for somebody in danger: whom to call, each number a
// link, and what this phone will remember of it. It knows nothing of whoever
// opens it.
package help

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
)

//go:embed help.html
var source string

var template = frame.NewTemplate(source)

type page struct {
	frame.Page
	Lines []line
}

// line is a number to call; What is empty for one of the office's own choice.
type line struct{ Name, Phone, What string }

// Show answers with the numbers of p.Office, or with those of the whole country.
func Show(c echo.Context, p frame.Page) error {
	p.Public = true
	out := page{Page: p}
	for _, l := range p.Help() {
		out.Lines = append(out.Lines, line{Name: p.Text(l.Name), Phone: l.Phone, What: what(p, l.Phone)})
	}
	return template.Show(c, http.StatusOK, out)
}

// what one of the numbers of the whole country is for.
func what(p frame.Page, phone string) string {
	switch phone {
	case "110":
		return p.Say("有人打您、威胁您，或者您觉得马上要出事，就打110。", "Somebody hits you or threatens you, or you feel that something is about to happen: call 110.")
	case "12338":
		return p.Say("妇女儿童的维权热线：听您说，帮您出主意、找人帮忙。", "The hotline for women and children: people who listen, advise you and find help.")
	case "12348":
		return p.Say("免费的法律咨询：怎么离开、孩子和财产怎么办，都可以问。", "Free legal advice: how to leave, what about the children and the property.")
	case "12345":
		return p.Say("不知道该找谁，就打12345，他们帮您转。", "You do not know whom to ask: they put you through.")
	}
	return ""
}
