package dav

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// propfindBody is the body of a PROPFIND (RFC 4918, 14.20).
type propfindBody struct {
	XMLName  xml.Name  `xml:"DAV: propfind"`
	PropName *struct{} `xml:"DAV: propname"`
	Prop     *struct {
		Names []struct{ XMLName xml.Name } `xml:",any"`
	} `xml:"DAV: prop"`
}

// xmlStart stands in front of every answer, with the prefixes that the values of
// properties use.
const xmlStart = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

const prefixes = ` xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"`

// propfind answers PROPFIND of depth 0 and 1. A missing depth is infinity, which
// is refused as RFC 4918 (9.1) allows: nobody needs it for one calendar.
func (t *tree) propfind(c echo.Context, r *resource) error {
	var in propfindBody
	switch err := xml.NewDecoder(c.Request().Body).Decode(&in); {
	case errors.Is(err, io.EOF): // no body asks for all
	case err != nil:
		return c.NoContent(http.StatusBadRequest)
	}
	all := []*resource{r}
	switch c.Request().Header.Get("Depth") {
	case "0":
	case "1":
		if r == t.calendar {
			if err := t.write(); err != nil {
				return err
			}
		}
		all = append(all, r.below...)
	default:
		return refuse(c, "<D:propfind-finite-depth/>")
	}
	var out strings.Builder
	out.WriteString(xmlStart + "<D:multistatus" + prefixes + ">")
	for _, one := range all {
		one.answer(&out, in)
	}
	out.WriteString("</D:multistatus>\n")
	return c.Blob(http.StatusMultiStatus, "application/xml; charset=utf-8", []byte(out.String()))
}

// answer writes what is asked for of one address, and what of it there is not.
func (r *resource) answer(out *strings.Builder, in propfindBody) {
	var found, missing strings.Builder
	switch {
	case in.PropName != nil:
		for _, name := range r.names() {
			element(&found, name, "")
		}
	case in.Prop == nil:
		for _, name := range r.names() {
			element(&found, name, r.properties[name])
		}
	default:
		for _, asked := range in.Prop.Names {
			if value, ok := r.properties[asked.XMLName]; ok {
				element(&found, asked.XMLName, value)
			} else {
				element(&missing, asked.XMLName, "")
			}
		}
	}
	out.WriteString("<D:response>" + href(r))
	if found.Len() > 0 || missing.Len() == 0 {
		out.WriteString("<D:propstat><D:prop>" + found.String() + "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>")
	}
	if missing.Len() > 0 {
		out.WriteString("<D:propstat><D:prop>" + missing.String() + "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>")
	}
	out.WriteString("</D:response>")
}

func (r *resource) names() []xml.Name {
	return slices.SortedFunc(maps.Keys(r.properties), func(a, b xml.Name) int {
		return strings.Compare(a.Space+a.Local, b.Space+b.Local)
	})
}

// element writes a property with its value; its name is the caller's own, and a
// name of XML.
func element(out *strings.Builder, name xml.Name, value string) {
	out.WriteString("<" + name.Local + ` xmlns="` + escape(name.Space) + `">` + value + "</" + name.Local + ">")
}

// refuse answers 403 with what the request failed by (RFC 4918, section 16).
func refuse(c echo.Context, condition string) error {
	body := xmlStart + "<D:error" + prefixes + ">" + condition + "</D:error>\n"
	return c.Blob(http.StatusForbidden, "application/xml; charset=utf-8", []byte(body))
}

// needPrivileges refuses a change (RFC 3744, 7.1.1), for programs and in words.
func needPrivileges(c echo.Context) error {
	return refuse(c, "<D:need-privileges><D:resource><D:href>"+escape(c.Request().URL.EscapedPath())+
		"</D:href><D:privilege><D:write/></D:privilege></D:resource></D:need-privileges>"+
		`<text xmlns="urn:magpie">这个日历只能看，要改请到网页上改。This calendar can only be read; change it on the pages.</text>`)
}
