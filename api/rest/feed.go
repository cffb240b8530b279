package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"magpie/api/session"
	"magpie/scheduling"
	"magpie/scheduling/entry"
)

const (
	// FeedPath is a counsellor's calendar at its secret address.
	FeedPath  = "/feeds/:secret.ics"
	feedKey   = "/feeds/{secret}.ics"
	feedParam = "secret.ics" // what Echo calls it
)

// registerFeeds serves the calendars at secret addresses. The secret is the
// whole address, so that no log has it: the log has the route.
func (a *API) registerFeeds(e *echo.Echo, guard *session.Guard) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Add(method, FeedPath, a.readFeed, guard.Middleware(session.Route{Key: method + " " + feedKey}))
	}
}

// readFeed answers GET and HEAD /feeds/{secret}.ics.
func (a *API) readFeed(c echo.Context) error {
	secret, named := strings.CutSuffix(c.Param(feedParam), ".ics")
	if !named || a.Calendars == nil {
		return scheduling.NotFound()
	}
	d, err := a.Calendars.CalendarByAddress(c.Request().Context(), secret, session.Address(c.RealIP()))
	if err != nil {
		return err
	}
	return Calendar(c, entry.Tag(d), func() ([]byte, error) { return entry.Feed(d) })
}

// Calendar answers with a calendar that only its owner's programs may keep, or
// with 304 where they have it (RFC 9110, 13.1.2): then it is not even written.
func Calendar(c echo.Context, etag string, write func() ([]byte, error)) error {
	h := c.Response().Header()
	h.Set("ETag", `"`+etag+`"`)
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	for tag := range strings.SplitSeq(c.Request().Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == "*" || tag == `"`+etag+`"` {
			return c.NoContent(http.StatusNotModified)
		}
	}
	file, err := write()
	if err != nil {
		return err
	}
	const media = "text/calendar; charset=utf-8"
	if c.Request().Method == http.MethodHead {
		h.Set(echo.HeaderContentType, media)
		h.Set(echo.HeaderContentLength, strconv.Itoa(len(file)))
		return c.NoContent(http.StatusOK)
	}
	return c.Blob(http.StatusOK, media, file)
}
