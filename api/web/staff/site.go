// Package staff is the pages of those who work at an office, on the same use
// cases as the API: the day as it stands, the calendar, what is to be called,
// what is set. Each screen is a folder that its address names: /staff/today is
// in staff/today.
//
// It promises that every page is behind the sign-in and in the one table of
// screens (account.Screens), that a page works without JavaScript, that no GET
// changes anything, and that a form of another site's does nothing here.
package staff

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/web/frame"
	"magpie/api/web/staff/appointments"
	"magpie/api/web/staff/book"
	"magpie/api/web/staff/calendar"
	"magpie/api/web/staff/calls"
	"magpie/api/web/staff/events"
	"magpie/api/web/staff/panel"
	"magpie/api/web/staff/today"
	"magpie/scheduling"
)

// Config is what the pages are made of.
type Config struct {
	Use Use
	// Page is the frame of a page at an address: language and, once it is known,
	// the office.
	Page func(c echo.Context, office *scheduling.Office, here string) frame.Page
	// Secure is whether staff come over https.
	Secure bool
	Now    func() time.Time
	Log    *slog.Logger
}

// Site is the pages.
type Site struct {
	cfg    Config
	board  *events.Board
	routes map[string]bool // the paths of the pages, and whether each takes a GET
}

// New puts the pages together.
func New(cfg Config) *Site {
	return &Site{cfg: cfg, board: events.New(cfg.Use, cfg.Log), routes: make(map[string]bool)}
}

// Close ends what is open: pages that wait for news.
func (s *Site) Close() { s.board.Close() }

// all are the routes of every screen.
func (s *Site) all() []panel.Route {
	use := s.cfg.Use
	var out []panel.Route
	for _, screen := range [][]panel.Route{
		today.Routes(use), appointments.Routes(use), book.Routes(use), calendar.Routes(use), calls.Routes(use), s.board.Routes(),
	} {
		out = append(out, screen...)
	}
	return out
}

// Register adds the pages' routes behind what every page passes through.
func (s *Site) Register(e *echo.Echo, packed echo.MiddlewareFunc, around ...echo.MiddlewareFunc) {
	frame.Serve(e, append(panel.Assets(), calendar.Assets()...), packed)
	add := func(method, path string, h echo.HandlerFunc, through ...echo.MiddlewareFunc) {
		e.Add(method, path, h, append(through, around...)...)
		s.routes[path] = s.routes[path] || method == http.MethodGet
	}
	add(http.MethodGet, "/staff", s.home, packed)
	add(http.MethodGet, "/staff/login", s.door, packed)
	add(http.MethodPost, "/staff/login", s.enter, packed)
	add(http.MethodPost, "/staff/logout", s.logout, packed)
	for _, r := range s.all() {
		through := []echo.MiddlewareFunc{packed}
		if r.Path == events.Path {
			through = nil // what is packed waits until there is enough of it
		}
		add(r.Method, r.Path, s.guarded(r), through...)
	}
}

// Serves says whether a path is one of the staff's.
func Serves(path string) bool { return path == "/staff" || strings.HasPrefix(path, "/staff/") }
