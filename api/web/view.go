package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/problem"
	"magpie/api/web/frame"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// keepFor is how long language and version are kept for somebody who asked.
const keepFor = 365 * 24 * 60 * 60 // seconds

// page is the frame of a page at an address of this server's.
func (s *Site) page(c echo.Context, office *scheduling.Office, here string) frame.Page {
	p := frame.Page{Office: office, Here: here, Locale: s.choice(c, "locale")}
	if p.Locale != "zh" && p.Locale != "en" {
		p.Locale = problem.Locale(c.Request())
	}
	p.Elder = s.choice(c, "version") == "elder"
	p.Kept = s.choice(c, "keep") == "yes"
	return p
}

// changeView changes language or version, or whether they are remembered, and
// leads back. They are kept for the visit alone, unless somebody asks.
func (s *Site) changeView(c echo.Context) error {
	chosen := map[string]string{}
	for name, allowed := range map[string]string{"locale": "zh en", "version": "elder plain", "keep": "yes no"} {
		chosen[name] = s.choice(c, name)
		if value := c.FormValue(name); value != "" && strings.Contains(" "+allowed+" ", " "+value+" ") {
			chosen[name] = value
		}
	}
	if chosen["locale"] == "" {
		chosen["locale"] = problem.Locale(c.Request())
	}
	life := 0
	if chosen["keep"] == "yes" {
		life = keepFor
	}
	for name, value := range chosen {
		if value != "" {
			c.SetCookie(&http.Cookie{ //nolint:gosec // G124: as the visit's
				Name: visit.CookieName(name, s.keeper.Secure), Value: value, Path: "/", MaxAge: life,
				HttpOnly: true, Secure: s.keeper.Secure, SameSite: http.SameSiteLaxMode,
			})
		}
	}
	return c.Redirect(http.StatusSeeOther, local(c.FormValue("back")))
}

func (s *Site) choice(c echo.Context, name string) string {
	cookie, err := c.Cookie(visit.CookieName(name, s.keeper.Secure))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// local is an address of this server's own; anything else leads to the
// beginning, so that no form sends anybody elsewhere.
func local(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}
