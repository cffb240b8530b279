package main_test

import (
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"magpie/cmd/magpie/e2etest"
)

const ownCalendar = "/api/v1/staff/me/calendar"

// onThePhone is a counsellor with a phone.
type onThePhone struct {
	*testing.T
	site   *e2etest.Site
	server *e2etest.Server
	desk   *e2etest.Client
	c01    *e2etest.Client
	phone  *e2etest.Phone
	login  struct{ Login, Password string }
}

func TestACounsellorsPhoneShowsWhatIsBookedByDebiansClients(t *testing.T) {
	e2etest.RequireCalendars(t)
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 2})
		server := s.Serve(t)
		o := &onThePhone{T: t, site: s, server: server, desk: server.Staff(t, "desk"), c01: server.Staff(t, "c01")}
		o.setUp()
		o.followsTheOffice()
		o.cannotChangeAnything()
		o.showsMoreWhereItIsWanted()
		o.endsWithItsPassword()
		o.isReadAtItsAddress()
		clean(t, s)
	})
}

// setUp makes an app password and finds the calendar by its host alone.
func (o *onThePhone) setUp() {
	o.Helper()
	o.login = e2etest.As[struct{ Login, Password string }](o, o.c01.Post(o, ownCalendar+"/app-passwords", map[string]string{"name": "我的手机"}), http.StatusCreated)
	o.site.Keep("app password", o.login.Password)
	o.newPhone()
}

// newPhone is a phone with nothing on it but the calendar.
func (o *onThePhone) newPhone() {
	o.Helper()
	o.phone = e2etest.NewPhone(o, o.server.URL+"/", o.login.Login, o.login.Password)
	if out, err := o.phone.Discover(); err != nil {
		o.Fatalf("vdirsyncer discover: %v\n%s", err, out)
	}
	o.phone.MustSync()
}

// shows demands what the phone lists of the first fortnight after a sync.
func (o *onThePhone) shows(want ...string) {
	o.Helper()
	o.phone.MustSync()
	if got := o.phone.List("2026-03-02", "2026-03-16"); !slices.Equal(got, want) {
		o.Errorf("the phone shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (o *onThePhone) book(counsellor string, days, hour int) e2etest.Appointment {
	o.Helper()
	return e2etest.As[e2etest.Appointment](o, o.desk.Post(o, e2etest.DeskPath, e2etest.Booking{
		Service: "talk", Start: e2etest.At(days, hour, 0), Counsellor: counsellor, Parties: []e2etest.Party{{Name: o.site.NewName()}},
	}), http.StatusCreated)
}

func (o *onThePhone) followsTheOffice() {
	o.Helper()
	o.shows()
	first, second := o.book("c01", 1, 9), o.book("c01", 2, 15)
	o.book("c02", 1, 9)
	o.shows("2026-03-03 09:00 10:00 预约 "+first.Reference+"|", "2026-03-04 15:00 16:00 预约 "+second.Reference+"|")
	o.desk.Post(o, "/api/v1/staff/appointments/"+first.Reference+"/reschedule", map[string]any{"start": e2etest.At(3, 10, 0)}).Is(o, http.StatusOK, "")
	o.shows("2026-03-04 15:00 16:00 预约 "+second.Reference+"|", "2026-03-05 10:00 11:00 预约 "+first.Reference+"|")
	o.desk.Post(o, "/api/v1/staff/appointments/"+second.Reference+"/cancel", map[string]any{}).Is(o, http.StatusOK, "")
	o.c01.Post(o, "/api/v1/staff/offices/anhua/staff/c01/time-off", map[string]any{"from": "2026-03-10", "to": "2026-03-11", "reason": "手术"}).Is(o, http.StatusCreated, "")
	o.shows("2026-03-05 10:00 11:00 预约 "+first.Reference+"|", "2026-03-10   请假|", "2026-03-10   请假|")
}

// cannotChangeAnything writes on the phone and deletes, and both are refused.
func (o *onThePhone) cannotChangeAnything() {
	o.Helper()
	before := o.state()
	for name, change := range map[string]func(file string) error{
		"an entry that is changed": func(file string) error {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return os.WriteFile(file, []byte(strings.Replace(string(content), "SUMMARY:", "SUMMARY:x", 1)), 0o600)
		},
		"an entry that is deleted": os.Remove,
	} {
		if err := change(o.phone.Files()[0]); err != nil {
			o.Fatal(err)
		}
		if out, err := o.phone.Sync(); err == nil || !strings.Contains(out, "403") {
			o.Errorf("%s: vdirsyncer says %v\n%s", name, err, out)
		}
		if after := o.state(); after != before {
			o.Errorf("%s: the calendar became\n%s\nfrom\n%s", name, after, before)
		}
		o.newPhone()
	}
}

// state is what the desk and the feed say.
func (o *onThePhone) state() string {
	o.Helper()
	return o.desk.Get(o, e2etest.DeskPath+"?from=2026-03-02&to=2026-03-16").String() + o.c01.Get(o, "/api/v1/staff/offices/anhua/staff/c01/time-off").String()
}

func (o *onThePhone) showsMoreWhereItIsWanted() {
	o.Helper()
	o.c01.Do(o, e2etest.Request{Method: http.MethodPut, Path: ownCalendar, Body: map[string]bool{"details": true}}).Is(o, http.StatusOK, "")
	o.phone.MustSync()
	list := strings.Join(o.phone.List("2026-03-02", "2026-03-09"), "\n")
	names := 0
	for _, name := range o.site.Private() {
		if strings.Contains(list, name) {
			names++
		}
	}
	if names == 0 || strings.HasSuffix(list, "|") {
		o.Errorf("with details the phone shows %s", list)
	}
	o.c01.Do(o, e2etest.Request{Method: http.MethodPut, Path: ownCalendar, Body: map[string]bool{"details": false}}).Is(o, http.StatusOK, "")
	o.phone.MustSync()
	for _, file := range o.phone.Files() {
		content, err := os.ReadFile(file)
		if err != nil {
			o.Fatal(err)
		}
		for _, private := range append(o.site.Private(), "手术", "r01") {
			if strings.Contains(string(content), private) && private != "我的手机" {
				o.Errorf("without details the phone holds %s", private)
			}
		}
	}
}

func (o *onThePhone) endsWithItsPassword() {
	o.Helper()
	set := e2etest.As[struct {
		AppPasswords []struct {
			ID     string `json:"id"`
			UsedAt string `json:"used_at"`
		} `json:"app_passwords"`
	}](o, o.c01.Get(o, ownCalendar), http.StatusOK)
	if len(set.AppPasswords) != 1 || !strings.HasSuffix(set.AppPasswords[0].UsedAt, ":00:00+08:00") {
		o.Fatalf("the passwords are %+v", set)
	}
	o.c01.Delete(o, ownCalendar+"/app-passwords/"+set.AppPasswords[0].ID).Is(o, http.StatusNoContent, "")
	if out, err := o.phone.Sync(); err == nil {
		o.Errorf("without its password vdirsyncer is content:\n%s", out)
	}
}

func (o *onThePhone) isReadAtItsAddress() {
	o.Helper()
	made := e2etest.As[struct{ Path string }](o, o.c01.Post(o, ownCalendar+"/address", nil), http.StatusCreated)
	o.site.Keep("calendar address", made.Path)
	got := o.server.Client(o).Get(o, made.Path)
	if got.Status != http.StatusOK || strings.Count(string(got.Body), "BEGIN:VEVENT") != 2 {
		o.Fatalf("the address answered %s", got)
	}
	again := o.server.Client(o).Do(o, e2etest.Request{Method: http.MethodGet, Path: made.Path, Header: http.Header{"If-None-Match": {got.Header.Get("ETag")}}})
	again.Is(o, http.StatusNotModified, "")
	head, err := http.Head(o.server.URL + made.Path)
	if err != nil {
		o.Fatal(err)
	}
	rest, _ := io.ReadAll(head.Body)
	_ = head.Body.Close()
	if head.StatusCode != http.StatusOK || len(rest) != 0 || head.Header.Get("ETag") != got.Header.Get("ETag") {
		o.Errorf("HEAD answered %d %v", head.StatusCode, head.Header)
	}
	o.c01.Delete(o, ownCalendar+"/address").Is(o, http.StatusNoContent, "")
	o.server.Client(o).Get(o, made.Path).Is(o, http.StatusNotFound, "not_found")
}
