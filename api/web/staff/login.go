package staff

import (
	"cmp"
	_ "embed"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/api/web/staff/panel"
	"magpie/scheduling"
)

//go:embed login.html
var loginSource string

var loginTemplate = panel.NewTemplate(loginSource)

// loginPage asks who it is.
type loginPage struct {
	panel.Page
	Offices          []*scheduling.Office
	Chosen, Username string
	Then             string
}

// door shows the page for signing in.
func (s *Site) door(c echo.Context) error {
	r, err := s.request(c)
	if err != nil {
		return err
	}
	if r != nil {
		return c.Redirect(http.StatusSeeOther, after(c.QueryParam("then")))
	}
	return s.showDoor(c, http.StatusOK, nil)
}

func (s *Site) showDoor(c echo.Context, status int, refuse func(*panel.Page)) error {
	offices, err := s.cfg.Use.OfficeList(c.Request().Context())
	if err != nil {
		return err
	}
	out := loginPage{
		Offices: offices, Chosen: c.FormValue("office"), Username: c.FormValue("username"), Then: c.FormValue("then"),
		Page: panel.Page{Page: s.cfg.Page(c, nil, c.Request().URL.RequestURI())},
	}
	out.Heading = out.Say("工作人员登录", "Staff sign-in")
	if refuse != nil {
		refuse(&out.Page)
	}
	return loginTemplate.Show(c, status, out)
}

// enter signs somebody in.
func (s *Site) enter(c echo.Context) error {
	token, err := s.cfg.Use.Login(c.Request().Context(), scheduling.Login{
		Office: c.FormValue("office"), Username: strings.TrimSpace(c.FormValue("username")),
		Password: scheduling.NewPrivate(c.FormValue("password")), Address: session.Address(c.RealIP()),
	})
	var refused *scheduling.Error
	switch {
	case err == nil:
		s.setCookie(c, token.Token, 0)
		return c.Redirect(http.StatusSeeOther, after(c.FormValue("then")))
	case !errors.As(err, &refused):
		return err
	case refused.Code == scheduling.CodeUnauthenticated:
		return s.showDoor(c, http.StatusUnprocessableEntity, func(p *panel.Page) {
			p.Refuse("password", "用户名或密码不对，请再试一次。", "The user name or the password is wrong. Please try again.")
		})
	case refused.Code == scheduling.CodeRateLimited:
		return s.showDoor(c, http.StatusTooManyRequests, func(p *panel.Page) {
			p.Refuse("password", "试的次数太多了，请过一会儿再试。", "Too many tries. Please try again in a while.")
		})
	}
	return err
}

// logout ends the log-in.
func (s *Site) logout(c echo.Context) error {
	r, err := s.request(c)
	if err != nil {
		return err
	}
	s.setCookie(c, "", -1)
	if r != nil {
		if err := s.cfg.Use.EndSession(r.Ctx(), r.Actor); err != nil {
			return err
		}
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return c.Redirect(http.StatusSeeOther, "/staff/login")
}

// after is where somebody wanted to go before signing in: one of the staff's
// pages.
func after(then string) string { return cmp.Or(panel.Local(then), "/staff") }
