package dav

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/entry"
)

// The namespaces of properties: WebDAV (RFC 4918), CalDAV (RFC 4791), and that
// of Apple's calendar server, whose ctag every phone asks for.
const (
	nsDAV    = "DAV:"
	nsCalDAV = "urn:ietf:params:xml:ns:caldav"
	nsApple  = "http://calendarserver.org/ns/"
)

// tree is what one counsellor may see: the root, their principal, its home, one
// calendar and its entries, each below the one before. The entries are written
// when somebody asks for them, which a phone does only once the tag is another.
type tree struct {
	diary                           scheduling.Diary
	root, principal, home, calendar *resource
	items                           []entry.Item
	objects                         map[string]int // of items, by address
}

// resource is one address. Without a file there is nothing to GET, but for the
// calendar's own, which is put together when somebody asks for it.
type resource struct {
	href       string
	properties map[xml.Name]string // each with its value as XML
	file       []byte
	etag       string
	below      []*resource
}

func newTree(d scheduling.Diary) *tree {
	principal := root + strconv.FormatInt(d.Staff.ID, 10) + "/"
	t := &tree{diary: d}
	t.root = &resource{href: root}
	t.principal = &resource{href: principal}
	t.home = &resource{href: principal + "calendars/"}
	t.calendar = &resource{href: t.home.href + "appointments/", etag: entry.Tag(d)}
	t.root.below, t.principal.below, t.home.below = []*resource{t.principal}, []*resource{t.home}, []*resource{t.calendar}
	t.describe(d)
	return t
}

// write writes the entries, once.
func (t *tree) write() error {
	if t.objects != nil {
		return nil
	}
	var err error
	if t.items, err = entry.Items(t.diary); err != nil {
		return err
	}
	t.objects = make(map[string]int, len(t.items))
	for i, item := range t.items {
		o := &resource{href: t.calendar.href + item.UID + ".ics", file: item.File, etag: item.ETag}
		t.common(o, "", "", "")
		delete(o.properties, xml.Name{Space: nsDAV, Local: "displayname"})
		for name, value := range map[string]string{
			"getetag": `"` + o.etag + `"`, "getcontenttype": "text/calendar; charset=utf-8; component=vevent",
			"getcontentlength": strconv.Itoa(len(o.file)), "getlastmodified": httpTime(item.Modified),
		} {
			o.properties[xml.Name{Space: nsDAV, Local: name}] = value
		}
		t.objects[o.href] = i
		t.calendar.below = append(t.calendar.below, o)
	}
	return nil
}

// at finds an address, nil where there is none; one without its last slash is
// the same.
func (t *tree) at(path string) (*resource, error) {
	for _, r := range []*resource{t.root, t.principal, t.home, t.calendar} {
		if path == r.href || path+"/" == r.href {
			return r, nil
		}
	}
	if !strings.HasPrefix(path, t.calendar.href) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err := t.write(); err != nil {
		return nil, err
	}
	if i, ok := t.objects[path]; ok {
		return t.calendar.below[i], nil
	}
	return nil, nil //nolint:nilnil // there is none
}

// describe says what each address is.
func (t *tree) describe(d scheduling.Diary) {
	const collection = "<D:collection/>"
	t.common(t.root, collection, "Magpie", "")
	t.common(t.principal, collection+"<D:principal/>", cmp.Or(d.Staff.Name.ZH, d.Staff.Username), "")
	t.common(t.home, collection, "日历", "")
	t.common(t.calendar, collection+"<C:calendar/>", "预约", report("C:calendar-query")+report("C:calendar-multiget"))
	for name, value := range map[xml.Name]string{
		{Space: nsDAV, Local: "principal-URL"}:            href(t.principal),
		{Space: nsCalDAV, Local: "calendar-home-set"}:     href(t.home),
		{Space: nsDAV, Local: "principal-collection-set"}: href(t.root),
	} {
		t.principal.properties[name] = value
	}
	for name, value := range map[xml.Name]string{
		{Space: nsApple, Local: "getctag"}:                           `"` + t.calendar.etag + `"`,
		{Space: nsDAV, Local: "getetag"}:                             `"` + t.calendar.etag + `"`,
		{Space: nsDAV, Local: "getcontenttype"}:                      "text/calendar; charset=utf-8",
		{Space: nsCalDAV, Local: "calendar-description"}:             "只能看，不能改",
		{Space: nsCalDAV, Local: "supported-calendar-component-set"}: `<C:comp name="VEVENT"/>`,
		{Space: nsCalDAV, Local: "supported-calendar-data"}:          `<C:calendar-data content-type="text/calendar" version="2.0"/>`,
	} {
		t.calendar.properties[name] = value
	}
}

// common is what every address is asked for.
func (t *tree) common(r *resource, kind, name, reports string) {
	r.properties = map[xml.Name]string{
		{Space: nsDAV, Local: "resourcetype"}:               kind,
		{Space: nsDAV, Local: "displayname"}:                escape(name),
		{Space: nsDAV, Local: "current-user-principal"}:     href(t.principal),
		{Space: nsDAV, Local: "owner"}:                      href(t.principal),
		{Space: nsDAV, Local: "supported-report-set"}:       reports,
		{Space: nsDAV, Local: "current-user-privilege-set"}: "<D:privilege><D:read/></D:privilege><D:privilege><D:read-current-user-privilege-set/></D:privilege>",
	}
}

func report(name string) string {
	return "<D:supported-report><D:report><" + name + "/></D:report></D:supported-report>"
}

func href(r *resource) string { return "<D:href>" + escape(r.href) + "</D:href>" }

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder takes everything
	return out.String()
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
