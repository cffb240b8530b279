// Package web is the pages, from the one binary, on the same use cases as the
// API: for citizens finding an office, booking, managing what is booked, and
// leaving quickly; those for staff are in package staff. Each screen is a folder; this package joins them.
//
// It promises that every page works without JavaScript and loads nothing from
// elsewhere, that no GET changes anything, that a form of another site's does
// nothing here, and that an error is a page that says what to do next. The rules
// are the use cases': a page decides none.
package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"magpie/api/web/frame"
	"magpie/api/web/staff"
	"magpie/api/web/staff/events"
	"magpie/api/web/visit"
	"magpie/scheduling"
)

// EventsPath is where the staff's open pages wait for news, for hours.
const EventsPath = events.Path

// Config is what the pages are made of.
type Config struct {
	Use    Use
	Visits scheduling.Visits
	// PublicURL is the address that citizens see.
	PublicURL *url.URL
	// VerifyPhones is whether booking needs a proven number.
	VerifyPhones bool
	// Inbox lists the messages of the demonstration; nil: there is no such page.
	Inbox func() []ShownMessage
	Now   func() time.Time
	Log   *slog.Logger
}

// Site is the pages.
type Site struct {
	cfg     Config
	staff   *staff.Site
	keeper  *visit.Keeper
	screens map[string]visit.Screen
	steps   []string
	origins *http.CrossOriginProtection
	routes  map[string]bool // the paths of the pages, and whether each takes a GET
}

// New puts the pages together.
func New(cfg Config) *Site {
	s := &Site{
		cfg: cfg, origins: http.NewCrossOriginProtection(), routes: make(map[string]bool),
		keeper: &visit.Keeper{Visits: cfg.Visits, Now: cfg.Now, Secure: cfg.PublicURL.Scheme == "https"},
	}
	s.staff = staff.New(staff.Config{Use: cfg.Use, Page: s.page, Secure: s.keeper.Secure, Now: cfg.Now, Log: cfg.Log})
	s.screens = s.allScreens()
	for step := range s.screens {
		s.steps = append(s.steps, step)
	}
	// Behind a proxy the Host may be another than the one that citizens see. The
	// address was read as a setting, so it is an origin.
	if err := s.origins.AddTrustedOrigin(cfg.PublicURL.Scheme + "://" + cfg.PublicURL.Host); err != nil {
		panic("web: " + err.Error())
	}
	return s
}

// Register adds the pages' routes.
func (s *Site) Register(e *echo.Echo) {
	packed := middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024})
	frame.AddAssets(e, packed)
	around := []echo.MiddlewareFunc{s.sameOrigin, packed}
	get := func(path string, h echo.HandlerFunc) {
		e.GET(path, h, around...)
		e.HEAD(path, h, around...)
		s.routes[path] = true
	}
	post := func(path string, h echo.HandlerFunc) {
		e.POST(path, h, around...)
		if _, shown := s.routes[path]; !shown {
			s.routes[path] = false
		}
	}
	s.addFinding(get, post)
	s.addManaging(get, post)
	get("/p/:address", s.show)
	post("/p/:address", s.take)
	post("/view", s.changeView)
	post("/leave", s.leave)
	post("/stay", s.stay)
	s.addInbox(get)
	s.staff.Register(e, packed, s.sameOrigin)
}

// Close lets go what is open: pages of the staff's that wait for news.
func (s *Site) Close() { s.staff.Close() }

// sameOrigin refuses what a form or script of another site sent (Sec-Fetch-Site,
// or Origin where a browser does not tell).
func (s *Site) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.origins.Check(c.Request()) != nil {
			return scheduling.Forbidden()
		}
		return next(c)
	}
}

func (s *Site) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Second) }
