package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
)

func TestStaffSayWithWhomWhereAndUntilWhen(t *testing.T) {
	s := start(t)
	body := `{"start":"2026-12-03T01:00:00Z","end":"2026-12-03T02:30:00Z","counsellor":"fudao-a","room":"fudao"}`
	s.ask(t, request{method: "POST", path: "/api/v1/staff/appointments/52073164/reschedule", token: desksToken, key: "k", body: body})
	got, ok := s.got.(scheduling.Change)
	if !ok || !got.Start.Equal(at(9)) || got.End.Sub(got.Start) != 90*time.Minute || got.Counsellor != "fudao-a" || got.Room != "fudao" || got.Idempotency.Key != "k" {
		t.Errorf("the command is %+v", s.got)
	}
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/appointments/52073164/reschedule", token: citizensToken, key: "k", body: body}), http.StatusUnprocessableEntity, "invalid")
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/appointments/52073164/reschedule", token: desksToken, key: "k", body: `{"room":"fudao"}`}), http.StatusUnprocessableEntity, "invalid")
}

func TestAMoveIsCheckedAndItsTargetsAreListed(t *testing.T) {
	s := start(t)
	const path = "/api/v1/staff/appointments/52073164/moves"
	got := said(t, s.ask(t, request{method: "POST", path: path, token: desksToken, body: `{"start":"2026-12-03T01:00:00Z"}`}))
	want := map[string]any{
		"ok": false, "told": true, "start": "2026-12-03T09:00:00+08:00", "end": "2026-12-03T10:00:00+08:00",
		"problems": []any{map[string]any{"code": "room_busy", "text": map[string]any{"zh": "有人用", "en": "taken"}}},
		"warnings": []any{map[string]any{"code": "not_gender", "text": map[string]any{"zh": "", "en": ""}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = said(t, s.ask(t, request{method: "GET", path: path + "?date=2026-12-03&minutes=90", token: desksToken}))
	want = map[string]any{
		"date": "2026-12-03", "minutes": 90.0, "starts": []any{"2026-12-03T09:00:00+08:00", "2026-12-03T10:00:00+08:00"},
		"counsellors": []any{map[string]any{"username": "fudao-a", "starts": []any{"2026-12-03T09:00:00+08:00"}}},
		"rooms":       []any{map[string]any{"code": "fudao", "starts": []any{}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	refusedWith(t, s.ask(t, request{method: "GET", path: path + "?date=2026-02-30", token: desksToken}), http.StatusUnprocessableEntity, "invalid")
}

func TestAChangeIsTakenBackByItsAddress(t *testing.T) {
	s := start(t)
	answer := s.ask(t, request{method: "POST", path: "/api/v1/staff/appointments/52073164/undo", token: desksToken, key: "u"})
	if got, ok := s.got.(scheduling.Change); !ok || got.Reference != "52073164" || got.Idempotency.Key != "u" || answer.Code != http.StatusOK {
		t.Errorf("answered %d for %+v", answer.Code, s.got)
	}
}
