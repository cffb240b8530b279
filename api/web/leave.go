package web

import (
	_ "embed"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
	"magpie/api/web/keeping"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

//go:embed leave.html
var leavePage string

var leaveTemplate = frame.NewBareTemplate(leavePage)

// leave is the quick exit: the log-in ends, draft and hold are given up, the
// browser is told to clear what it kept of this server, and an ordinary page
// takes this one's place. It leads away whatever fails on the way.
func (s *Site) leave(c echo.Context) error {
	office := s.officeOfExit(c)
	failed := s.forget(c)
	for _, name := range []string{"locale", "version", "keep"} {
		c.SetCookie(&http.Cookie{ //nolint:gosec // G124: as the visit's
			Name: visit.CookieName(name, s.keeper.Secure), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.keeper.Secure, SameSite: http.SameSiteLaxMode,
		})
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	if failed != nil {
		s.cfg.Log.ErrorContext(c.Request().Context(), "a visit was left and could not be ended", "error", failed)
	}
	return leaveTemplate.Show(c, http.StatusOK, s.page(c, office, "/"))
}

// officeOfExit is the office whose setting says where to; nil: any.
func (s *Site) officeOfExit(c echo.Context) *scheduling.Office {
	office, err := s.cfg.Use.OfficeByCode(c.Request().Context(), c.FormValue("office"))
	if err != nil {
		return nil
	}
	return office
}

// forget ends a visit with all that it holds: times that are kept, the log-in,
// the draft.
func (s *Site) forget(c echo.Context) error {
	v, err := s.keeper.Open(c)
	if v == nil {
		return errors.Join(err, s.keeper.End(c.Request().Context(), c, nil))
	}
	ctx := c.Request().Context()
	actor, unknown := s.whoIs(c, v)
	return errors.Join(unknown, keeping.Forget(ctx, s.cfg.Use, actor, v), s.keeper.End(ctx, c, v))
}

// stay keeps a visit for another while, for a page that is open, and the times
// that are kept in it while they may be.
func (s *Site) stay(c echo.Context) error {
	v, err := s.keeper.Open(c)
	if err != nil {
		return err
	}
	if v != nil {
		for _, d := range v.Drafts {
			r, err := s.request(c, v, visit.Place{Step: visit.Who, About: d.ID})
			if err != nil {
				return err
			}
			if err := keeping.Prolong(r, s.cfg.Use); err != nil {
				return err
			}
		}
		if err := s.keeper.Save(c, v); err != nil && !errors.Is(err, scheduling.ErrLost) {
			return err
		}
	}
	return c.NoContent(http.StatusNoContent)
}
