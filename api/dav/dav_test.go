package dav_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"magpie/api/dav"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

const (
	calendarPath = "/dav/17/calendars/appointments/"
	rightName    = "anhua/fudao-a"
	rightWord    = "abcde-fghij"
)

var shanghai = time.FixedZone("CST", 8*60*60)

// fake is the use cases: one counsellor with three appointments and a leave.
type fake struct {
	roles []account.Role
	err   error
	diary scheduling.Diary
	login scheduling.Login
}

func (f *fake) CalendarLogin(_ context.Context, l scheduling.Login) (scheduling.Actor, error) {
	f.login = l
	if l.Office+"/"+l.Username != rightName || l.Password.Reveal() != rightWord {
		return scheduling.Actor{}, scheduling.Unauthenticated()
	}
	return scheduling.Actor{Kind: scheduling.StaffKind, StaffID: 17, Roles: f.roles}, f.err
}

func (f *fake) CalendarOf(context.Context, scheduling.Actor) (scheduling.Diary, error) {
	return f.diary, nil
}

// at is an hour of a day of December 2026.
func at(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, shanghai) }

func appointment(id int64, start, end time.Time) scheduling.Appointment {
	return scheduling.Appointment{ID: id, Reference: fmt.Sprintf("5207316%d", id), Start: start, End: end, Revision: 1, UpdatedAt: at(1, 8)}
}

func open(t *testing.T) (*fake, *echo.Echo) {
	t.Helper()
	f := &fake{roles: []account.Role{account.Counsellor}, diary: scheduling.Diary{
		Office: &scheduling.Office{Location: shanghai}, Staff: scheduling.Staff{ID: 17, Username: "fudao-a", Name: scheduling.Text{ZH: "辅导师甲 & 乙"}},
		Appointments: []scheduling.Appointment{appointment(1, at(3, 9), at(3, 10)), appointment(2, at(3, 14), at(3, 15)), appointment(3, at(4, 9), at(4, 10))},
		Leave:        []scheduling.TimeOff{{ID: 5, From: calendar.NewDate(2026, 12, 10), To: calendar.NewDate(2026, 12, 11), CreatedAt: at(1, 8)}},
	}}
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		var known *scheduling.Error
		if errors.As(err, &known) {
			_ = c.String(http.StatusTooManyRequests, string(known.Code))
			return
		}
		e.DefaultHTTPErrorHandler(err, c)
	}
	dav.New(f).Register(e)
	return f, e
}

// ask sends a request with the right password.
func ask(e *echo.Echo, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth(rightName, rightWord)
	r.Header.Set("Content-Type", "application/xml")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, r)
	return answer
}

// multistatus is an answer as a phone reads it.
type multistatus struct {
	XMLName   xml.Name `xml:"DAV: multistatus"`
	Responses []struct {
		Href     string `xml:"DAV: href"`
		Propstat []struct {
			Status string `xml:"DAV: status"`
			Prop   struct {
				All []struct {
					XMLName xml.Name
					Value   string `xml:",innerxml"`
				} `xml:",any"`
			} `xml:"DAV: prop"`
		} `xml:"DAV: propstat"`
		Status string `xml:"DAV: status"`
	} `xml:"DAV: response"`
}

func statuses(t *testing.T, answer *httptest.ResponseRecorder) multistatus {
	t.Helper()
	var out multistatus
	if answer.Code != http.StatusMultiStatus || !strings.HasPrefix(answer.Header().Get("Content-Type"), "application/xml") {
		t.Fatalf("answered %d %s: %s", answer.Code, answer.Header().Get("Content-Type"), answer.Body)
	}
	if err := xml.Unmarshal(answer.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v in %s", err, answer.Body)
	}
	return out
}

func (m multistatus) hrefs() []string {
	var out []string
	for _, r := range m.Responses {
		out = append(out, r.Href)
	}
	return out
}

// property is the value and the status of a property of the first address.
func (m multistatus) property(name string) (value, status string) {
	for _, s := range m.Responses[0].Propstat {
		for _, p := range s.Prop.All {
			if p.XMLName.Space+" "+p.XMLName.Local == name {
				return p.Value, s.Status
			}
		}
	}
	return "", ""
}

const wholeProp = `<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"><D:prop>
<D:resourcetype/><D:displayname/><D:current-user-principal/><D:current-user-privilege-set/><D:supported-report-set/><D:getetag/><D:owner/>
<CS:getctag/><C:calendar-home-set/><C:supported-calendar-component-set/><D:sync-token/></D:prop></D:propfind>`

func TestAPhoneFindsTheCalendarFromTheRoot(t *testing.T) {
	_, e := open(t)
	well := httptest.NewRecorder()
	e.ServeHTTP(well, httptest.NewRequest("PROPFIND", "/.well-known/caldav", nil))
	if well.Code != http.StatusMovedPermanently || well.Header().Get("Location") != "/dav/" {
		t.Fatalf("the well-known address answered %d %q", well.Code, well.Header().Get("Location"))
	}
	const read = "<D:privilege><D:read/></D:privilege>"
	for path, want := range map[string]map[string]string{
		"/dav/":             {"DAV: current-user-principal": "<D:href>/dav/17/</D:href>", "DAV: resourcetype": "<D:collection/>"},
		"/dav":              {"DAV: current-user-principal": "<D:href>/dav/17/</D:href>"},
		"/dav/17/":          {"urn:ietf:params:xml:ns:caldav calendar-home-set": "<D:href>/dav/17/calendars/</D:href>", "DAV: displayname": "辅导师甲 &amp; 乙", "DAV: resourcetype": "<D:collection/><D:principal/>"},
		"/dav/17/calendars": {"DAV: owner": "<D:href>/dav/17/</D:href>"},
		calendarPath: {
			"DAV: resourcetype": "<D:collection/><C:calendar/>", "DAV: displayname": "预约",
			"urn:ietf:params:xml:ns:caldav supported-calendar-component-set": `<C:comp name="VEVENT"/>`,
		},
	} {
		m := statuses(t, ask(e, "PROPFIND", path, wholeProp, "Depth", "0"))
		if len(m.Responses) != 1 {
			t.Fatalf("%s gives %v", path, m.hrefs())
		}
		for name, value := range want {
			if got, status := m.property(name); got != value || status != "HTTP/1.1 200 OK" {
				t.Errorf("%s: %s is %q, %s", path, name, got, status)
			}
		}
		if got, _ := m.property("DAV: current-user-privilege-set"); !strings.Contains(got, read) || strings.Contains(got, "write") {
			t.Errorf("%s: the privileges are %q", path, got)
		}
		if _, status := m.property("DAV: sync-token"); status != "HTTP/1.1 404 Not Found" {
			t.Errorf("%s: sync-token is %q", path, status)
		}
	}
	m := statuses(t, ask(e, "PROPFIND", calendarPath, wholeProp, "Depth", "0"))
	tag, _ := m.property("http://calendarserver.org/ns/ getctag")
	etag, _ := m.property("DAV: getetag")
	reports, _ := m.property("DAV: supported-report-set")
	if len(tag) < 20 || tag != etag || !strings.Contains(reports, "calendar-query") || !strings.Contains(reports, "calendar-multiget") || strings.Contains(reports, "sync") {
		t.Errorf("the tags are %q and %q, the reports %q", tag, etag, reports)
	}
}

func TestDepthOneListsWhatIsBelowAndInfinityIsRefused(t *testing.T) {
	_, e := open(t)
	for path, want := range map[string]int{"/dav/": 2, "/dav/17/": 2, "/dav/17/calendars/": 2, calendarPath: 5} {
		m := statuses(t, ask(e, "PROPFIND", path, "", "Depth", "1"))
		if len(m.Responses) != want || strings.TrimSuffix(m.Responses[0].Href, "/") != strings.TrimSuffix(path, "/") {
			t.Errorf("%s gives %v", path, m.hrefs())
		}
	}
	for _, depth := range []string{"infinity", "", "2"} {
		answer := ask(e, "PROPFIND", calendarPath, "", "Depth", depth)
		if answer.Code != http.StatusForbidden || !strings.Contains(answer.Body.String(), "propfind-finite-depth") {
			t.Errorf("depth %q: %d %s", depth, answer.Code, answer.Body)
		}
	}
	names := statuses(t, ask(e, "PROPFIND", calendarPath, `<propfind xmlns="DAV:"><propname/></propfind>`, "Depth", "0"))
	if got, status := names.property("DAV: getetag"); got != "" || status != "HTTP/1.1 200 OK" {
		t.Errorf("propname gives %q, %s", got, status)
	}
	if answer := ask(e, "PROPFIND", calendarPath, "<propfind", "Depth", "0"); answer.Code != http.StatusBadRequest {
		t.Errorf("a broken body: %d", answer.Code)
	}
}

func TestTheTagChangesWithWhatIsBookedAndNotByItself(t *testing.T) {
	f, e := open(t)
	tag := func() string {
		got, _ := statuses(t, ask(e, "PROPFIND", calendarPath, wholeProp, "Depth", "0")).property("http://calendarserver.org/ns/ getctag")
		return got
	}
	first := tag()
	if again := tag(); again != first {
		t.Errorf("it became %s from %s", again, first)
	}
	seen := []string{first}
	for _, change := range []func(){
		func() { f.diary.Appointments[0].Start = at(3, 8) },
		func() { f.diary.Appointments = f.diary.Appointments[1:] },
		func() { f.diary.Leave = nil },
	} {
		change()
		if now := tag(); slices.Contains(seen, now) {
			t.Errorf("%s came before", now)
		} else {
			seen = append(seen, now)
		}
	}
}

func query(from, to string) string {
	limit := ""
	if from != "" {
		limit += ` start="` + from + `"`
	}
	if to != "" {
		limit += ` end="` + to + `"`
	}
	return `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>
		<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range` + limit + `/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`
}

// numbers are those of the appointments in an answer; 0 is leave.
func numbers(t *testing.T, answer *httptest.ResponseRecorder) []int {
	t.Helper()
	var out []int
	for _, r := range statuses(t, answer).Responses {
		text := fmt.Sprint(r)
		n := 0
		if _, after, ok := strings.Cut(text, "SUMMARY:预约 5207316"); ok {
			_, _ = fmt.Sscan(after[:1], &n)
		} else if !strings.Contains(text, "SUMMARY:请假") {
			t.Errorf("%s is neither", text)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// The hours are UTC: nine o'clock in Shanghai is one.
func TestATimeRangeLeavesOutWhatLiesOutsideIt(t *testing.T) {
	_, e := open(t)
	for _, c := range []struct {
		from, to string
		want     []int
	}{
		{"20261203T000000Z", "20261204T000000Z", []int{1, 2}},
		{"20261203T010000Z", "20261203T020000Z", []int{1}}, // exactly its time
		{"20261203T011500Z", "20261203T013000Z", []int{1}}, // within it
		{"20261203T000000Z", "20261203T010000Z", nil},      // ends where it begins
		{"20261203T020000Z", "20261203T060000Z", nil},      // between two
		{"20261203T020000Z", "20261203T060001Z", []int{2}},
		{"20261203T015959Z", "20261203T060000Z", []int{1}},
		{"20261204T000000Z", "", []int{0, 3}},
		{"", "20261203T010001Z", []int{1}},
		{"20270101T000000Z", "20280101T000000Z", nil},
		{"20261209T160000Z", "20261209T160001Z", []int{0}}, // leave begins at the office's midnight
		{"20261209T000000Z", "20261209T160000Z", nil},
		{"20261211T155959Z", "20261212T000000Z", []int{0}},
		{"20261211T160000Z", "20261212T000000Z", nil},
		{"20261101T000000Z", "20261231T000000Z", []int{0, 1, 2, 3}},
	} {
		if got := numbers(t, ask(e, "REPORT", calendarPath, query(c.from, c.to), "Depth", "1")); !slices.Equal(got, c.want) {
			t.Errorf("from %s to %s there are %v, want %v", c.from, c.to, got, c.want)
		}
	}
	for filter, want := range map[string]int{
		`<C:comp-filter name="VEVENT"/>`: 4, ``: 4, `<C:comp-filter name="VTODO"/>`: 0, `<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>`: 4,
		`<C:comp-filter name="VEVENT"><C:is-not-defined/></C:comp-filter>`:                                                           0,
		`<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY"><C:text-match>请假</C:text-match></C:prop-filter></C:comp-filter>`: 1,
	} {
		body := `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR">` + filter + `</C:comp-filter></C:filter></C:calendar-query>`
		if got := statuses(t, ask(e, "REPORT", calendarPath, body, "Depth", "1")); len(got.Responses) != want {
			t.Errorf("%s gives %d, want %d", filter, len(got.Responses), want)
		}
	}
}

func TestAPhoneGetsTheEntriesItNamesAndIsToldOfThoseThatAreGone(t *testing.T) {
	_, e := open(t)
	hrefs := statuses(t, ask(e, "PROPFIND", calendarPath, "", "Depth", "1")).hrefs()[1:]
	body := `<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>` +
		hrefs[0] + `</D:href><D:href>` + calendarPath + `gone.ics</D:href><D:href>/dav/18/calendars/appointments/x.ics</D:href></C:calendar-multiget>`
	m := statuses(t, ask(e, "REPORT", calendarPath, body, "Depth", "0"))
	if len(m.Responses) != 3 || !strings.Contains(m.Responses[1].Status, "404") || !strings.Contains(m.Responses[2].Status, "404") {
		t.Fatalf("answered %+v", m)
	}
	etag, _ := m.property("DAV: getetag")
	data, _ := m.property("urn:ietf:params:xml:ns:caldav calendar-data")
	got := ask(e, http.MethodGet, hrefs[0], "")
	if got.Code != http.StatusOK || got.Header().Get("ETag") != strings.ReplaceAll(etag, "&#34;", `"`) || !strings.Contains(data, "SUMMARY:预约 52073161") || !strings.Contains(got.Body.String(), "SUMMARY:预约 52073161") {
		t.Errorf("GET answered %d %v, the report %s %s", got.Code, got.Header(), etag, data)
	}
	if again := ask(e, http.MethodGet, hrefs[0], "", "If-None-Match", got.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("what has not changed is sent with %d", again.Code)
	}
	if whole := ask(e, http.MethodGet, calendarPath, ""); strings.Count(whole.Body.String(), "BEGIN:VEVENT") != 4 {
		t.Errorf("the collection is\n%s", whole.Body)
	}
	for _, path := range []string{"/dav/18/", "/dav/18/calendars/appointments/", calendarPath + "nothing.ics", "/dav/17/other/"} {
		for _, method := range []string{http.MethodGet, "PROPFIND", "REPORT"} {
			if answer := ask(e, method, path, "", "Depth", "0"); answer.Code != http.StatusNotFound {
				t.Errorf("%s %s answered %d", method, path, answer.Code)
			}
		}
	}
	sync := `<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:prop><D:getetag/></D:prop></D:sync-collection>`
	if answer := ask(e, "REPORT", calendarPath, sync, "Depth", "1"); answer.Code != http.StatusForbidden || !strings.Contains(answer.Body.String(), "supported-report") {
		t.Errorf("sync-collection: %d %s", answer.Code, answer.Body)
	}
}

func TestNothingCanBeChanged(t *testing.T) {
	f, e := open(t)
	before := fmt.Sprint(f.diary)
	target := statuses(t, ask(e, "PROPFIND", calendarPath, "", "Depth", "1")).hrefs()[1]
	for _, method := range []string{"PUT", "DELETE", "POST", "PATCH", "PROPPATCH", "MKCALENDAR", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "ACL"} {
		for _, path := range []string{target, calendarPath, calendarPath + "new.ics", "/dav/17/calendars/new/", "/dav/"} {
			answer := ask(e, method, path, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "If-Match", `"x"`, "Content-Type", "text/calendar")
			body := answer.Body.String()
			if answer.Code != http.StatusForbidden || !strings.Contains(body, "<D:need-privileges>") || !strings.Contains(body, "只能看") || xml.Unmarshal([]byte(body), new(struct{})) != nil {
				t.Errorf("%s %s answered %d %s", method, path, answer.Code, body)
			}
		}
	}
	if after := fmt.Sprint(f.diary); after != before {
		t.Errorf("the calendar became %s", after)
	}
}

func TestWithoutTheRightPasswordNothingIsShown(t *testing.T) {
	f, e := open(t)
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "PUT", "DELETE"} {
		for name, header := range map[string]func(r *http.Request){
			"nothing":          func(*http.Request) {},
			"a wrong password": func(r *http.Request) { r.SetBasicAuth(rightName, "wrong") },
			"a wrong name":     func(r *http.Request) { r.SetBasicAuth("anhua/other", rightWord) },
			"no office":        func(r *http.Request) { r.SetBasicAuth("fudao-a", rightWord) },
			"a bearer token":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer ms_counsellor") },
			"a cookie":         func(r *http.Request) { r.Header.Set("Cookie", "session=ms_counsellor") },
		} {
			r := httptest.NewRequest(method, calendarPath, nil)
			header(r)
			answer := httptest.NewRecorder()
			e.ServeHTTP(answer, r)
			if answer.Code != http.StatusUnauthorized || answer.Header().Get("WWW-Authenticate") != `Basic realm="Magpie", charset="UTF-8"` || answer.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s with %s answered %d %v", method, name, answer.Code, answer.Header())
			}
		}
	}
	f.err = scheduling.RateLimited(time.Minute)
	if answer := ask(e, "PROPFIND", "/dav/", "", "Depth", "0"); answer.Code != http.StatusTooManyRequests {
		t.Errorf("too many tries are answered %d", answer.Code)
	}
	f.err = nil
	f.roles = []account.Role{account.Desk}
	if answer := ask(e, "PROPFIND", "/dav/", "", "Depth", "0"); answer.Code != http.StatusForbidden {
		t.Errorf("who is no counsellor is answered %d", answer.Code)
	}
}

func TestEveryMethodThatReadsHasARowInThePermissions(t *testing.T) {
	_, e := open(t)
	for _, r := range e.Routes() {
		if !strings.HasPrefix(r.Path, "/dav/") {
			continue
		}
		_, listed := account.Allowed(r.Method+" "+r.Path, nil)
		reads := slices.Contains([]string{"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}, r.Method)
		if listed != reads {
			t.Errorf("%s %s is in the table: %t", r.Method, r.Path, listed)
		}
	}
}

func TestOptionsTellWhatCanBeDone(t *testing.T) {
	_, e := open(t)
	answer := ask(e, "OPTIONS", calendarPath, "")
	if answer.Code != http.StatusOK || answer.Header().Get("DAV") != "1, calendar-access" || answer.Header().Get("Allow") != "OPTIONS, GET, HEAD, PROPFIND, REPORT" {
		t.Errorf("answered %d %v", answer.Code, answer.Header())
	}
}
