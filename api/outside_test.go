package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
)

func (f *fake) elsewhere() scheduling.OutsideCalendar {
	return scheduling.OutsideCalendar{
		Kind: scheduling.OutsideCalDAV, Host: "calendar.example", Username: "me", SetAt: at(8), TriedAt: at(9), NextAt: at(10),
		Problem: scheduling.OutsideLogin, Skipped: 2,
	}
}

func (f *fake) OutsideOf(_ context.Context, a scheduling.Actor) (scheduling.OutsideCalendar, error) {
	return f.elsewhere(), f.note(a, nil)
}

func (f *fake) SetOutside(_ context.Context, a scheduling.Actor, acc scheduling.OutsideAccount) (scheduling.OutsideCalendar, error) {
	return f.elsewhere(), f.note(a, acc)
}

func (f *fake) RemoveOutside(_ context.Context, a scheduling.Actor) error { return f.note(a, nil) }

func (f *fake) HurryOutside(_ context.Context, a scheduling.Actor) (scheduling.OutsideCalendar, error) {
	return f.elsewhere(), f.note(a, nil)
}

func (f *fake) BookedInside(_ context.Context, a scheduling.Actor) ([]scheduling.Appointment, error) {
	return []scheduling.Appointment{f.appointment, f.appointment}, f.note(a, nil)
}

const outsidePath = "/api/v1/staff/me/outside-calendar"

func TestAnOutsideCalendarIsToldWithoutItsAddressAndWithItsTroubleInWords(t *testing.T) {
	s := start(t)
	want := map[string]any{
		"kind": "caldav", "host": "calendar.example", "username": "me", "set_at": "2026-12-03T08:00:00+08:00", "tried_at": "2026-12-03T09:00:00+08:00",
		"next_at": "2026-12-03T10:00:00+08:00", "skipped": 2.0, "problem": map[string]any{"code": "login", "message": "用户名或密码不对。"},
	}
	put := request{method: "PUT", path: outsidePath, token: counsellorToken, body: `{"kind":"caldav","url":"https://calendar.example/dav/","username":"me","password":"secret"}`}
	for _, r := range []request{{method: "GET", path: outsidePath, token: counsellorToken}, {method: "POST", path: outsidePath + "/read", token: counsellorToken}, put} {
		if diff := cmp.Diff(want, said(t, s.ask(t, r))); diff != "" {
			t.Errorf("%s: %s", r.method, diff)
		}
	}
	got := s.got.(scheduling.OutsideAccount)
	if got.Kind != scheduling.OutsideCalDAV || got.URL.Reveal() != "https://calendar.example/dav/" || got.Username != "me" || got.Password.Reveal() != "secret" {
		t.Errorf("set was %+v", got)
	}
	english := request{method: "GET", path: outsidePath, token: counsellorToken, header: http.Header{"Accept-Language": {"en"}}}
	if got := said(t, s.ask(t, english))["problem"].(map[string]any)["message"]; got != "The user name or the password is wrong." {
		t.Errorf("in English it is %v", got)
	}
	put.body = `{"kind":"webcal","url":"https://calendar.example/"}`
	refusedWith(t, s.ask(t, put), http.StatusUnprocessableEntity, "invalid")
	for _, token := range []string{desksToken, auditorsToken, directorsToken} {
		refusedWith(t, s.ask(t, request{method: "GET", path: outsidePath, token: token}), http.StatusForbidden, "forbidden")
	}
}

func TestWhatIsBookedInsideIsListedAsTheCounsellorSeesIt(t *testing.T) {
	s := start(t)
	first := said(t, s.ask(t, request{method: "GET", path: outsidePath + "/booked-inside?limit=1", token: counsellorToken}))
	items := first["items"].([]any)
	if len(items) != 1 || first["next"] != "52073164" || items[0].(map[string]any)["parties"].([]any)[0].(map[string]any)["phone"] != "8000" {
		t.Errorf("listed are %v", first)
	}
}
