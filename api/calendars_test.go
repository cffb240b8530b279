package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
)

const (
	feedSecret = "dGhpcyBpcyBub3QgYSBzZWNyZXQgYXQgYWxsISEhISE"
	feed       = "/feeds/" + feedSecret + ".ics"
)

func (f *fake) own() scheduling.OwnCalendar {
	return scheduling.OwnCalendar{
		Login: "anhua/fudao-a", Details: true, MadeAt: at(8), ReadAt: at(9),
		Passwords: []scheduling.AppPassword{{ID: 31, Name: scheduling.NewPrivate("我的手机"), MadeAt: at(8)}},
	}
}

func (f *fake) OwnCalendar(_ context.Context, a scheduling.Actor) (scheduling.OwnCalendar, error) {
	return f.own(), f.note(a, nil)
}

func (f *fake) SetCalendarDetails(_ context.Context, a scheduling.Actor, details bool) (scheduling.OwnCalendar, error) {
	return f.own(), f.note(a, details)
}

func (f *fake) MakeCalendarAddress(_ context.Context, a scheduling.Actor) (scheduling.CalendarAddress, error) {
	return scheduling.CalendarAddress{Path: scheduling.NewPrivate(feed), MadeAt: at(8)}, f.note(a, nil)
}

func (f *fake) RevokeCalendarAddress(_ context.Context, a scheduling.Actor) error {
	return f.note(a, nil)
}

func (f *fake) AddAppPassword(_ context.Context, a scheduling.Actor, name string) (scheduling.NewAppPassword, error) {
	return scheduling.NewAppPassword{
		AppPassword: scheduling.AppPassword{ID: 31, Name: scheduling.NewPrivate(name), MadeAt: at(8)},
		Login:       "anhua/fudao-a", Password: scheduling.NewPrivate("abcde-fghij"),
	}, f.note(a, name)
}

func (f *fake) RemoveAppPassword(_ context.Context, a scheduling.Actor, id int64) error {
	return f.note(a, id)
}

func (f *fake) CalendarByAddress(_ context.Context, secret, address string) (scheduling.Diary, error) {
	if secret != feedSecret {
		return scheduling.Diary{}, scheduling.NotFound()
	}
	return scheduling.Diary{Office: anhua(), Staff: anhua().Staff[0], Appointments: []scheduling.Appointment{booked()}}, f.note(scheduling.Actor{Address: address}, secret)
}

func TestACounsellorSeesAndSetsTheirOwnCalendar(t *testing.T) {
	s := start(t)
	want := map[string]any{
		"login": "anhua/fudao-a", "details": true,
		"address":       map[string]any{"made_at": "2026-12-03T08:00:00+08:00", "read_at": "2026-12-03T09:00:00+08:00"},
		"app_passwords": []any{map[string]any{"id": "31", "name": "我的手机", "made_at": "2026-12-03T08:00:00+08:00"}},
	}
	const path = "/api/v1/staff/me/calendar"
	for _, r := range []request{{method: "GET", path: path, token: counsellorToken}, {method: "PUT", path: path, token: counsellorToken, body: `{"details":true}`}} {
		if diff := cmp.Diff(want, said(t, s.ask(t, r))); diff != "" {
			t.Errorf("%s: %s", r.method, diff)
		}
	}
	if s.got != true || s.actor.Username != "fudao-a" {
		t.Errorf("%v was set by %s", s.got, s.actor.Username)
	}
	refusedWith(t, s.ask(t, request{method: "PUT", path: path, token: counsellorToken, body: `{}`}), http.StatusUnprocessableEntity, "invalid")
	for _, token := range []string{desksToken, auditorsToken, directorsToken} {
		refusedWith(t, s.ask(t, request{method: "GET", path: path, token: token}), http.StatusForbidden, "forbidden")
	}
}

func TestWhatOpensACalendarIsShownOnce(t *testing.T) {
	s := start(t)
	made := said(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/me/calendar/address", token: counsellorToken}))
	if diff := cmp.Diff(map[string]any{"path": feed, "made_at": "2026-12-03T08:00:00+08:00"}, made); diff != "" {
		t.Error(diff)
	}
	password := said(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/me/calendar/app-passwords", token: counsellorToken, body: `{"name":"平板"}`}))
	want := map[string]any{"id": "31", "name": "平板", "login": "anhua/fudao-a", "password": "abcde-fghij", "made_at": "2026-12-03T08:00:00+08:00"}
	if diff := cmp.Diff(want, password); diff != "" || s.got != "平板" {
		t.Errorf("named %v: %s", s.got, diff)
	}
}

func TestACalendarIsReadAtItsAddressAndIsNotSentTwice(t *testing.T) {
	s := start(t)
	answer := s.ask(t, request{method: "GET", path: feed, peer: "203.0.113.9:4000"})
	h := answer.Header()
	if answer.Code != http.StatusOK || h.Get("Content-Type") != "text/calendar; charset=utf-8" || h.Get("Cache-Control") != "private, no-cache" || h.Get("Set-Cookie") != "" {
		t.Fatalf("answered %d %v", answer.Code, h)
	}
	if s.actor.Address != "203.0.113.9" || !strings.Contains(answer.Body.String(), "SUMMARY:预约 52073164\r\n") || strings.Contains(answer.Body.String(), "陈女士") {
		t.Errorf("to %s it said %s", s.actor.Address, answer.Body)
	}
	head := s.ask(t, request{method: "HEAD", path: feed})
	if head.Code != http.StatusOK || head.Header().Get("ETag") != h.Get("ETag") {
		t.Errorf("HEAD answered %d %v", head.Code, head.Header())
	}
	for tag, code := range map[string]int{h.Get("ETag"): 304, "W/" + h.Get("ETag"): 304, `"old", ` + h.Get("ETag"): 304, "*": 304, `"old"`: 200, "": 200} {
		again := s.ask(t, request{method: "GET", path: feed, header: http.Header{"If-None-Match": {tag}}})
		if again.Code != code || (code == http.StatusNotModified) != (again.Body.Len() == 0) || again.Header().Get("ETag") != h.Get("ETag") {
			t.Errorf("%q is answered %d with %d bytes", tag, again.Code, again.Body.Len())
		}
	}
	for _, wrong := range []string{"/feeds/wrong.ics", "/feeds/" + feedSecret, "/feeds/.ics", feed + "x"} {
		refusedWith(t, s.ask(t, request{method: "GET", path: wrong}), http.StatusNotFound, "not_found")
	}
	if log := s.log.String(); strings.Contains(log, feedSecret) || !strings.Contains(log, "route=/feeds/:secret.ics") {
		t.Errorf("logged\n%s", log)
	}
}
