package dav

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/emersion/go-ical"
	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/caldav"
	"github.com/labstack/echo/v4"

	"magpie/scheduling/entry"
)

// report answers the two reports of the calendar (RFC 4791, 7.8 and 7.9) by the
// library; there are no others, and none elsewhere.
func (t *tree) report(c echo.Context, r *resource) error {
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	asked, err := rootOf(raw)
	if err != nil {
		return c.NoContent(http.StatusBadRequest)
	}
	if r != t.calendar || asked.Space != nsCalDAV || asked.Local != "calendar-query" && asked.Local != "calendar-multiget" {
		return refuse(c, "<D:supported-report/>")
	}
	if err := t.write(); err != nil {
		return err
	}
	request := c.Request().Clone(c.Request().Context())
	request.Body, request.URL.Path = io.NopCloser(bytes.NewReader(raw)), t.calendar.href
	// The library says what it sends only once the header has gone.
	c.Response().Header().Set(echo.HeaderContentType, "application/xml; charset=utf-8")
	handler := caldav.Handler{Backend: reader{tree: t}, Prefix: root}
	handler.ServeHTTP(c.Response(), request)
	return nil
}

// rootOf is the name of a document's element.
func rootOf(raw []byte) (xml.Name, error) {
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.Token()
		if err != nil {
			return xml.Name{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name, nil
		}
	}
}

// reader is what the library reads the calendar by. What it does not give is
// what no report asks for.
type reader struct {
	caldav.Backend
	tree *tree
}

// CurrentUserPrincipal implements webdav.UserPrincipalBackend.
func (r reader) CurrentUserPrincipal(context.Context) (string, error) {
	return r.tree.principal.href, nil
}

// GetCalendarObject implements caldav.Backend.
func (r reader) GetCalendarObject(_ context.Context, path string, _ *caldav.CalendarCompRequest) (*caldav.CalendarObject, error) {
	i, ok := r.tree.objects[path]
	if !ok {
		return nil, webdav.NewHTTPError(http.StatusNotFound, errors.New("no such entry"))
	}
	out := r.object(i)
	return &out, nil
}

// QueryCalendarObjects implements caldav.Backend.
func (r reader) QueryCalendarObjects(_ context.Context, _ string, q *caldav.CalendarQuery) ([]caldav.CalendarObject, error) {
	var out []caldav.CalendarObject
	for i, item := range r.tree.items {
		o := r.object(i)
		ok, err := matches(q.CompFilter, item, o)
		if err != nil {
			return nil, webdav.NewHTTPError(http.StatusBadRequest, err)
		}
		if ok {
			out = append(out, o)
		}
	}
	return out, nil
}

func (r reader) object(i int) caldav.CalendarObject {
	item := r.tree.items[i]
	return caldav.CalendarObject{
		Path: r.tree.calendar.below[i].href, ModTime: item.Modified, ContentLength: int64(len(item.File)), ETag: item.ETag, Data: item.Calendar,
	}
}

// matches says whether an entry is asked for. The library's own matching leaves
// out an entry that fills its time-range exactly, and one that begins where an
// open range does; so ranges are judged here, and the rest is the library's.
func matches(f caldav.CompFilter, item entry.Item, o caldav.CalendarObject) (bool, error) {
	if f.Name != ical.CompCalendar || f.IsNotDefined {
		return false, nil
	}
	rest := caldav.CompFilter{Name: f.Name, Props: f.Props}
	for _, c := range f.Comps {
		switch {
		case c.Name != ical.CompEvent:
			if !c.IsNotDefined {
				return false, nil
			}
		case c.IsNotDefined || !within(c, item):
			return false, nil
		default:
			rest.Comps = append(rest.Comps, caldav.CompFilter{Name: c.Name, Props: c.Props, Comps: c.Comps})
		}
	}
	return caldav.Match(rest, &o)
}

// within is RFC 4791, 9.9: what begins before the range's end and ends after its
// start overlaps it. Either may be open.
func within(f caldav.CompFilter, item entry.Item) bool {
	return (f.End.IsZero() || item.Start.Before(f.End)) && (f.Start.IsZero() || item.End.After(f.Start))
}
