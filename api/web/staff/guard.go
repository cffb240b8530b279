package staff

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/api/web/staff/panel"
	"magpie/scheduling"
	"magpie/scheduling/account"
)

// cookieName of the log-in, in the form that a browser takes from this host over
// https alone (RFC 6265bis, section 4.1.3).
func (s *Site) cookieName() string {
	if s.cfg.Secure {
		return "__Host-staff"
	}
	return "staff"
}

func (s *Site) setCookie(c echo.Context, token string, maxAge int) {
	c.SetCookie(&http.Cookie{ //nolint:gosec // G124: Secure wherever staff come over https; the demonstration does not
		Name: s.cookieName(), Value: token, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// guarded lets a request through to its screen: of whoever is signed in and has
// a role that the table lets in.
func (s *Site) guarded(route panel.Route) echo.HandlerFunc {
	key := route.Method + " " + braced(route.Path)
	return func(c echo.Context) error {
		r, err := s.request(c)
		if err != nil {
			return err
		}
		if r == nil {
			return s.toDoor(c)
		}
		scope, _ := account.AllowedScreen(key, r.Actor.Roles)
		if scope == account.None {
			refusal := scheduling.Forbidden()
			if err := s.cfg.Use.Refused(r.Ctx(), r.Actor, key, r.Param("reference"), refusal.Code); err != nil {
				return fmt.Errorf("write the refusal into the audit: %w", err)
			}
			return refusal
		}
		r.Actor.Scope = scope
		return route.Do(r)
	}
}

// braced is a path as the table has it: parameters in braces.
func braced(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// request is one of somebody who is signed in; nil: nobody is.
func (s *Site) request(c echo.Context) (*panel.Request, error) {
	cookie, absent := c.Cookie(s.cookieName())
	if absent != nil {
		return nil, nil //nolint:nilnil,nilerr // nobody is signed in
	}
	ctx := c.Request().Context()
	actor, err := s.cfg.Use.Authenticate(ctx, cookie.Value)
	if scheduling.CodeOf(err) == scheduling.CodeUnauthenticated || err == nil && actor.Kind != scheduling.StaffKind {
		return nil, nil //nolint:nilnil // the log-in has ended
	}
	if err != nil {
		return nil, fmt.Errorf("authenticate: %w", err)
	}
	office, err := s.cfg.Use.OfficeByCode(ctx, actor.Office)
	if err != nil {
		return nil, fmt.Errorf("find the office of the log-in: %w", err)
	}
	actor.Address = session.Address(c.RealIP())
	r := &panel.Request{Context: c, Actor: actor, Office: office, Now: s.cfg.Now().UTC().Truncate(time.Second), Secure: s.cfg.Secure}
	r.Member, _ = office.StaffMember(actor.Username)
	r.Page = panel.Page{Page: s.cfg.Page(c, office, c.Request().URL.RequestURI()), Member: r.Member, Key: panel.NewKey()}
	r.Page.Links = links(r)
	if c.Request().Method == http.MethodGet && !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "event-stream") {
		r.Hear()
	}
	return r, nil
}

// way is the pages in their order, with the route that says who may open each.
var way = []struct{ to, zh, en string }{
	{"/staff/today", "今天", "Today"},
	{"/staff/calendar", "日历", "Calendar"},
	{"/staff/book", "帮人约", "Book"},
	{"/staff/calls", "要打的电话", "To call"},
}

func links(r *panel.Request) []panel.Link {
	var out []panel.Link
	for _, l := range way {
		if scope, _ := account.AllowedScreen("GET "+l.to, r.Actor.Roles); scope != account.None {
			here := r.Path() == l.to || strings.HasPrefix(r.Path(), l.to+"/")
			out = append(out, panel.Link{To: l.to, Said: r.Page.Say(l.zh, l.en), Here: here})
		}
	}
	return out
}

// home leads to the first page that is for whoever asks.
func (s *Site) home(c echo.Context) error {
	r, err := s.request(c)
	if err != nil {
		return err
	}
	if r == nil {
		return s.toDoor(c)
	}
	if len(r.Page.Links) == 0 {
		return scheduling.Forbidden()
	}
	return c.Redirect(http.StatusSeeOther, r.Page.Links[0].To)
}

// toDoor asks for the sign-in, and comes back to the page afterwards.
func (s *Site) toDoor(c echo.Context) error {
	if c.Request().Method != http.MethodGet || strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "json") {
		return scheduling.Unauthenticated()
	}
	then := c.Request().URL.RequestURI()
	if then == "/staff" {
		return c.Redirect(http.StatusSeeOther, "/staff/login")
	}
	return c.Redirect(http.StatusSeeOther, "/staff/login?"+url.Values{"then": {then}}.Encode())
}
