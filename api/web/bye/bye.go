// Package bye is the two pages on which a visit ends: one when it is over, one
// when somebody said that all is done. Neither tells what it was about.
package bye

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
)

var (
	//go:embed bye.html
	byeSource string
	//go:embed over.html
	overSource string

	byeTemplate  = frame.NewTemplate(byeSource)
	overTemplate = frame.NewTemplate(overSource)
)

// Show says goodbye.
func Show(c echo.Context, p frame.Page) error {
	return byeTemplate.Show(c, http.StatusOK, struct{ frame.Page }{p})
}

// ShowOver says that the visit has ended, and where to begin again. p.Office is
// the only office there is, or nil.
func ShowOver(c echo.Context, p frame.Page) error {
	return overTemplate.Show(c, http.StatusOK, struct{ frame.Page }{p})
}
