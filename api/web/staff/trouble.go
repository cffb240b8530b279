package staff

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/problem"
	"magpie/api/web/staff/panel"
)

//go:embed trouble.html
var troubleSource string

var troubleTemplate = panel.NewTemplate(troubleSource)

type troublePage struct {
	panel.Page
	Detail string
	Login  bool
}

// Trouble answers an error with a page, or with problem details where a script
// asked. It calls no use case and never fails.
func (s *Site) Trouble(err error, c echo.Context) {
	page := panel.Page{Page: s.cfg.Page(c, nil, "/staff")}
	p := problem.Of(err, page.Locale)
	p.Report(c, s.cfg.Log, err)
	if c.Response().Committed {
		return
	}
	p.SetRetryAfter(c.Response().Header())
	if strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "json") {
		_ = c.JSON(p.Status, map[string]any{"code": p.Code, "title": p.Title, "detail": p.Detail})
		return
	}
	page.Heading = p.Title
	out := troublePage{Page: page, Detail: p.Detail, Login: p.Status == http.StatusUnauthorized}
	if failed := troubleTemplate.Show(c, p.Status, out); failed != nil && !c.Response().Committed {
		_ = c.String(p.Status, p.Title)
	}
}
