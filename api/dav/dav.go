// Package dav serves counsellors' own calendars by CalDAV (RFC 4791), for the
// calendar programs of phones, to read only.
//
// It promises that everybody reads their own calendar and nothing else, that
// whoever asks has logged in with an app password (never a cookie, never the
// real password), and that a request which would change something is refused
// and changes nothing, whatever it says: the library at hand ignores
// preconditions on DELETE, and what is booked is changed elsewhere.
//
// Reports are the library's; collections' properties are ours, since it lacks
// those that phones ask for. It does not offer sync-collection (RFC 6578): a
// calendar of seven months is small, and its ctag tells whether to look.
package dav

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/rest"
	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/entry"
)

const (
	// Path is the template of every address but those where one begins.
	Path = "/dav/*"
	// MaxReport bounds a request's body, in bytes: a phone may name every entry of
	// seven months in one.
	MaxReport = 512 << 10

	root      = "/dav/"
	wellKnown = "/.well-known/caldav"
)

// Use is what this package asks of the use cases.
type Use interface {
	// CalendarLogin answers unauthenticated, or rate_limited after wrong
	// passwords.
	CalendarLogin(ctx context.Context, l scheduling.Login) (scheduling.Actor, error)
	CalendarOf(ctx context.Context, a scheduling.Actor) (scheduling.Diary, error)
}

// Site serves the calendars.
type Site struct{ use Use }

// New is a site over the use cases.
func New(use Use) *Site { return &Site{use: use} }

// The methods that are served; those of changes are so that they can be refused
// in words that a phone understands.
var (
	reading  = []string{http.MethodOptions, http.MethodGet, http.MethodHead, "PROPFIND", "REPORT"}
	changing = []string{http.MethodPut, http.MethodDelete, http.MethodPost, http.MethodPatch, "PROPPATCH", "MKCALENDAR", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "ACL"}
)

// Register serves the routes.
func (s *Site) Register(e *echo.Echo) {
	for _, method := range append(append([]string(nil), reading...), changing...) {
		e.Add(method, strings.TrimSuffix(root, "/"), s.serve)
		e.Add(method, Path, s.serve)
	}
	for _, method := range reading {
		e.Add(method, wellKnown, begin)
	}
}

// begin answers where the calendars are (RFC 6764, section 5). It is 301, which
// every client follows with the method it has.
func begin(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=86400")
	return c.Redirect(http.StatusMovedPermanently, root)
}

func (s *Site) serve(c echo.Context) error {
	actor, err := s.login(c)
	if scheduling.CodeOf(err) == scheduling.CodeUnauthenticated {
		return askForPassword(c)
	} else if err != nil {
		return err
	}
	method := c.Request().Method
	if scope, _ := account.Allowed(method+" "+Path, actor.Roles); scope == account.None {
		return needPrivileges(c)
	}
	d, err := s.use.CalendarOf(c.Request().Context(), actor)
	if err != nil {
		return err
	}
	own := newTree(d)
	r, err := own.at(c.Request().URL.Path)
	if err != nil {
		return err
	}
	if r == nil {
		return c.NoContent(http.StatusNotFound)
	}
	switch method {
	case "PROPFIND":
		return own.propfind(c, r)
	case "REPORT":
		return own.report(c, r)
	case http.MethodOptions:
		h := c.Response().Header()
		h.Set("DAV", "1, calendar-access")
		h.Set(echo.HeaderAllow, strings.Join(reading, ", "))
		return c.NoContent(http.StatusOK)
	}
	switch {
	case r == own.calendar:
		return rest.Calendar(c, r.etag, func() ([]byte, error) { return entry.Feed(d) })
	case r.file == nil:
		return c.NoContent(http.StatusNotFound)
	}
	return rest.Calendar(c, r.etag, func() ([]byte, error) { return r.file, nil })
}

// login asks whose the name and the password are (RFC 7617). A header of
// another form is a password that nobody has.
func (s *Site) login(c echo.Context) (scheduling.Actor, error) {
	name, password, given := c.Request().BasicAuth()
	office, username, whole := strings.Cut(name, "/")
	if !given || !whole {
		return scheduling.Actor{}, scheduling.Unauthenticated()
	}
	return s.use.CalendarLogin(c.Request().Context(), scheduling.Login{
		Office: office, Username: username, Password: scheduling.NewPrivate(password), Address: session.Address(c.RealIP()),
	})
}

func askForPassword(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Basic realm="Magpie", charset="UTF-8"`)
	return c.String(http.StatusUnauthorized, "请用“登记处/用户名”和应用密码登录。Log in with OFFICE/USERNAME and an app password.\n")
}
