package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"magpie/api/web/visit"
	"magpie/scheduling"
)

// show answers a GET of a visit's page.
func (s *Site) show(c echo.Context) error {
	return s.at(c, func(screen visit.Screen, r *visit.Request) error { return screen.Show(r) })
}

// take answers a POST of a visit's page.
func (s *Site) take(c echo.Context) error {
	return s.at(c, func(screen visit.Screen, r *visit.Request) error { return screen.Take(r) })
}

// at finds the page of an address. What it means ended with the visit: then the
// browser is led to the beginning, from which everything can be found again.
func (s *Site) at(c echo.Context, do func(visit.Screen, *visit.Request) error) error {
	v, err := s.keeper.Open(c)
	if err != nil {
		return err
	}
	if v == nil {
		return s.over(c)
	}
	place, known := v.Find(c.Param("address"), s.steps)
	if !known {
		return s.over(c)
	}
	r, err := s.request(c, v, place)
	if scheduling.CodeOf(err) == scheduling.CodeNotFound {
		return s.over(c)
	}
	if err != nil {
		return err
	}
	if r.Draft != nil {
		if before := r.Draft.Unasked(place.Step, r.Proved()); before != "" {
			return c.Redirect(http.StatusSeeOther, r.To(before))
		}
	}
	if err := s.said(r); err != nil {
		return err
	}
	return do(s.screens[place.Step], r)
}

// said writes down that a notice was shown, so that no later page says it again:
// the one thing of a visit, beside the addresses of what is booked, that a GET
// changes. Where another request was faster the notice may be said twice.
func (s *Site) said(r *visit.Request) error {
	if r.Page.Notice == "" || r.Request().Method != http.MethodGet {
		return nil
	}
	if err := r.Save(); err != nil && !errors.Is(err, scheduling.ErrLost) {
		return err
	}
	return nil
}

// over leads to the beginning once a visit has ended.
func (s *Site) over(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/over") }

// whoIs is who asks in a visit: the citizen whose number was proved, or somebody
// at an address.
func (s *Site) whoIs(c echo.Context, v *visit.Visit) (scheduling.Actor, error) {
	nobody := visit.Anonymous(c)
	if v.Token == "" {
		return nobody, nil
	}
	actor, err := s.cfg.Use.Authenticate(c.Request().Context(), v.Token)
	switch {
	case scheduling.CodeOf(err) == scheduling.CodeUnauthenticated:
		return nobody, nil // the log-in is over
	case err != nil:
		return nobody, fmt.Errorf("authenticate: %w", err)
	}
	actor.Address, actor.Scope = nobody.Address, nobody.Scope
	return actor, nil
}

// request puts together what a screen needs.
func (s *Site) request(c echo.Context, v *visit.Visit, place visit.Place) (*visit.Request, error) {
	r := &visit.Request{Context: c, Keeper: s.keeper, Visit: v, Verify: s.cfg.VerifyPhones, Now: s.now()}
	var err error
	if r.Actor, err = s.whoIs(c, v); err != nil {
		return nil, err
	}
	if r.Draft = v.Draft(place.About); r.Draft == nil {
		r.Reference = place.About
	}
	code := v.Office
	if r.Draft != nil {
		code = r.Draft.Office
	}
	office, err := s.officeOf(c, code)
	if err != nil {
		return nil, err
	}
	r.Office = office
	if r.Draft != nil {
		if r.Service, _ = office.Service(r.Draft.Service); r.Service.Code == "" {
			return nil, scheduling.NotFound()
		}
	}
	r.Page = s.page(c, office, v.Address(place))
	r.Page.Notice, v.Notice = v.Notice, ""
	if r.Page.Elder {
		r.Page.Staying = "/stay"
	}
	return r, nil
}
