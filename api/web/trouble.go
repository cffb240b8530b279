package web

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/problem"
	"magpie/api/web/staff"
	"magpie/api/web/trouble"
	"magpie/scheduling"
)

// officeKey is where a request keeps the office that it is about, for the page
// of an error: its telephone and its numbers for help.
const officeKey = "web.office"

// officeOf finds an office, and remembers that the request is about it.
func (s *Site) officeOf(c echo.Context, code string) (*scheduling.Office, error) {
	office, err := s.cfg.Use.OfficeByCode(c.Request().Context(), code)
	if err != nil {
		return nil, err
	}
	c.Set(officeKey, office)
	return office, nil
}

// Trouble answers an error with a page. It calls no use case and never fails:
// where not even a page can be made it answers with the bare words.
func (s *Site) Trouble(err error, c echo.Context) {
	if staff.Serves(c.Request().URL.Path) {
		s.staff.Trouble(err, c)
		return
	}
	again := s.again(c)
	office, _ := c.Get(officeKey).(*scheduling.Office)
	page := s.page(c, office, local(again))
	p := problem.Of(err, page.Locale)
	p.Report(c, s.cfg.Log, err)
	if c.Response().Committed {
		return
	}
	p.SetRetryAfter(c.Response().Header())
	failed := trouble.Show(c, page, p, again)
	if failed != nil && !c.Response().Committed {
		failed = c.String(p.Status, p.Title)
	}
	if failed != nil {
		s.cfg.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "answer not written", slog.Any("error", failed))
	}
}

// again is where what failed can be tried again with a GET; empty: nowhere.
func (s *Site) again(c echo.Context) string {
	r := c.Request()
	switch {
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		return local(r.URL.RequestURI())
	case s.own(c) && s.routes[c.Path()]:
		return local(r.URL.EscapedPath())
	}
	return ""
}

// Serves says whether an error of a request is answered with a page: on the
// pages' own addresses always, and on those of nobody where a browser asks.
func (s *Site) Serves(c echo.Context) bool {
	path := c.Request().URL.Path
	for _, others := range []string{"/api", "/hooks", "/feeds", "/dav", "/.well-known"} {
		if path == others || strings.HasPrefix(path, others+"/") {
			return false
		}
	}
	if s.own(c) || staff.Serves(path) {
		return true
	}
	return !fits(c.Path(), path) && strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMETextHTML)
}

// own says whether a request is for a route of the pages.
func (s *Site) own(c echo.Context) bool {
	_, ours := s.routes[c.Path()]
	return ours && fits(c.Path(), c.Request().URL.Path)
}

// fits says whether a path is one of a route's: where no route is found, Echo
// names the nearest.
func fits(route, path string) bool {
	want, got := strings.Split(route, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], ":") {
			return false
		}
	}
	return true
}
