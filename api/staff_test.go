package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
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

func TestWhatAChangeWouldDoIsAskedWhole(t *testing.T) {
	s := start(t)
	const path = "/api/v1/staff/offices/anhua/impact"
	got := said(t, s.ask(t, request{method: "POST", path: path, token: directorsToken, body: `{"what":"hours","username":"fudao-a","from":"2026-12-03","to":"2026-12-31",
		"from_time":"09:00","to_time":"12:00","hours":[{"days":["mon","sun"],"from":"08:30","to":"12:00"}]}`}))
	q, ok := s.got.(scheduling.ImpactQuery)
	if !ok || q.What != scheduling.ImpactHours || q.Username != "fudao-a" || q.From != december(3) || q.To != december(31) || q.Part != (calendar.Period{From: 540, To: 720}) ||
		len(q.Hours) != 1 || len(q.Hours[0].Days) != 2 || q.Hours[0].Days[1] != time.Sunday || q.Hours[0].Period != (calendar.Period{From: 510, To: 720}) {
		t.Errorf("asked %+v", s.got)
	}
	one := got["items"].([]any)[0].(map[string]any)
	first := one["colleagues"].([]any)[0].(map[string]any)
	if got["more"] != true || first["gave_before"] != true || first["sessions"] != 2.0 || one["appointment"].(map[string]any)["reference"] != "52073164" {
		t.Errorf("answered %v", got)
	}
	for _, body := range []string{`{"what":"leave","from":"2026-12-03"}`, `{"what":"party","from":"2026-12-03","to":"2026-12-03"}`, `{"what":"office","from":"2026-12-03","to":"2026-12-03","from_time":"09:00"}`, `{"what":"office","from":"2026-12-03","to":"2026-12-03","from_time":"09:01","to_time":"10:00"}`} {
		refusedWith(t, s.ask(t, request{method: "POST", path: path, token: directorsToken, body: body}), http.StatusUnprocessableEntity, "invalid")
	}
}

func TestAPlanIsHandedOnAndAnsweredOneByOne(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/hand-over", token: counsellorToken, key: "h",
		body: `{"all":true,"plan":[{"reference":"52073164"},{"reference":"11112222","counsellor":"fudao-a","room":"fudao"},{"reference":"11113333","keep":true}]}`}))
	r, ok := s.got.(scheduling.HandOverRequest)
	if !ok || !r.All || len(r.Plan) != 3 || r.Plan[1].Counsellor != "fudao-a" || !r.Plan[2].Keep || r.Idempotency.Key != "h" {
		t.Errorf("asked %+v", s.got)
	}
	second := got["items"].([]any)[1].(map[string]any)
	if second["outcome"] != "taken" || second["code"] != "slot_taken" {
		t.Errorf("answered %v", got)
	}
	got = said(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: directorsToken,
		body: `{"from":"2026-12-10","to":"2026-12-10","from_time":"13:00","to_time":"24:00","all":true}`}))
	if got["from_time"] != "13:00" || got["to_time"] != "24:00" || got["outcomes"].([]any)[0].(map[string]any)["outcome"] != "call" {
		t.Errorf("answered %v", got)
	}
}

const seriesBody = `{"service":"premarital","start":"2026-12-03T01:00:00Z","count":6,"every_weeks":1,"counsellor":"fudao-a","parties":[{"name":"陈女士","phone":"13800138000"}],"messages":false}`

func TestACourseIsHandedOnWholeAndItsDatesAreAnswered(t *testing.T) {
	s := start(t)
	book := request{method: "POST", path: "/api/v1/staff/offices/anhua/series", token: desksToken, key: "s", body: seriesBody}
	got := said(t, s.ask(t, book))
	r, ok := s.got.(scheduling.SeriesRequest)
	if !ok || r.Count != 6 || r.EveryWeeks != 1 || r.Wish.Counsellor != "fudao-a" || !r.Silent || !r.Start.Equal(at(9)) || r.Idempotency.Key != "s" || r.Office != "anhua" || len(r.Parties) != 1 {
		t.Errorf("asked %+v", s.got)
	}
	if got["id"] != "9" || len(got["items"].([]any)) != 1 {
		t.Errorf("answered %v", got)
	}
	taken := scheduling.SlotTaken(nil)
	taken.Failed = []scheduling.FailedStart{{Start: at(9).In(shanghai), Alternatives: []scheduling.Slot{slotAt(10)}}, {Start: at(11).In(shanghai)}}
	s.err = taken
	refused := refusedWith(t, s.ask(t, book), http.StatusConflict, "slot_taken")
	want := []any{
		map[string]any{"start": "2026-12-03T09:00:00+08:00", "alternatives": []any{map[string]any{"start": "2026-12-03T10:00:00+08:00", "end": "2026-12-03T11:00:00+08:00", "free": 2.0}}},
		map[string]any{"start": "2026-12-03T11:00:00+08:00", "alternatives": []any{}},
	}
	if diff := cmp.Diff(want, refused["dates"]); diff != "" {
		t.Error(diff)
	}
}

func TestWhoCameIsWrittenDownOneByOne(t *testing.T) {
	s := start(t)
	put := request{method: "PUT", path: "/api/v1/staff/appointments/52073164/attendance", token: counsellorToken, body: `{"parties":[{"id":"21","attendance":"came"},{"id":"22","attendance":"unknown"}]}`}
	got := said(t, s.ask(t, put))
	want := []scheduling.AttendanceOf{{Party: 21, Attendance: scheduling.Came}, {Party: 22}}
	if r, ok := s.got.(scheduling.AttendanceChange); !ok || !cmp.Equal(want, r.Parties) {
		t.Errorf("asked %+v", s.got)
	}
	if first := got["parties"].([]any)[0].(map[string]any); first["attendance"] != "came" {
		t.Errorf("answered %v", first)
	}
	put.body = `{"parties":[{"id":"x","attendance":"came"}]}`
	refusedWith(t, s.ask(t, put), http.StatusUnprocessableEntity, "invalid")
}

func TestTheDeskIsToldTheDayAndFindsWhoStandsThere(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/today", token: desksToken}))
	counts := map[string]any{"booked": 3.0, "checked_in": 0.0, "in_session": 0.0, "completed": 0.0, "cancelled": 0.0, "no_show": 1.0}
	first := got["items"].([]any)[0].(map[string]any)
	if diff := cmp.Diff(counts, got["counts"]); diff != "" || got["date"] != "2026-12-03" || !cmp.Equal(first["next"], []any{"check-in", "cancel"}) {
		t.Errorf("answered %v %s", got, diff)
	}
	s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/today?date=2026-12-10", token: desksToken})
	if s.got != december(10) {
		t.Errorf("asked of %v", s.got)
	}
	s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/search?last_four=8000&from=2026-12-03&to=2026-12-05", token: desksToken})
	if q, ok := s.got.(scheduling.DeskSearch); !ok || q.LastFour != "8000" || q.From != december(3) || q.To != december(5) {
		t.Errorf("asked %+v", s.got)
	}
	s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/search?reference=52073164", token: desksToken})
	if q, ok := s.got.(scheduling.DeskSearch); !ok || q.Reference != "52073164" || q.From != 0 {
		t.Errorf("asked %+v", s.got)
	}
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/search?last_four=80", token: desksToken}), http.StatusUnprocessableEntity, "invalid")
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/search?last_four=8000", token: counsellorToken}), http.StatusForbidden, "forbidden")
	got = said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/walk-in", token: desksToken}))
	second := got["items"].([]any)[1].(map[string]any)
	if second["service"] != "legal" || second["closed"].(map[string]any)["code"] != "full" || len(second["slots"].([]any)) != 0 {
		t.Errorf("answered %v", got)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/tasks/77/attempts", token: desksToken, body: `{"outcome":"wrong_number"}`})
	if tried, ok := s.got.(scheduling.TaskTried); !ok || tried.ID != 77 || tried.Outcome != scheduling.AttemptWrong {
		t.Errorf("asked %+v", s.got)
	}
}

func TestTimesAreOfferedAndTaken(t *testing.T) {
	s := start(t)
	const staffs, citizens = "/api/v1/staff/appointments/52073164/offer", "/api/v1/appointments/52073164/offer"
	want := map[string]any{"until": "2026-12-03T20:00:00+08:00", "times": []any{map[string]any{"start": "2026-12-03T21:00:00+08:00", "end": "2026-12-03T22:00:00+08:00"}}}
	for _, r := range []request{
		{method: "GET", path: citizens, token: citizensToken}, {method: "GET", path: staffs, token: desksToken},
		{method: "POST", path: staffs, token: desksToken, key: "o", body: `{"starts":["2026-12-03T21:00:00+08:00"],"counsellor":"fudao-a"}`},
	} {
		if diff := cmp.Diff(want, said(t, s.ask(t, r))); diff != "" {
			t.Errorf("%s %s: %s", r.method, r.path, diff)
		}
	}
	for token, path := range map[string]string{citizensToken: citizens, desksToken: staffs + "/take"} {
		s.ask(t, request{method: "POST", path: path, token: token, key: "t", body: `{"start":"2026-12-03T21:00:00+08:00"}`})
		if got, ok := s.got.(scheduling.Change); !ok || !got.Start.Equal(at(21)) || got.Idempotency.Key != "t" || got.Reference != "52073164" {
			t.Errorf("asked %+v", s.got)
		}
	}
	four := request{method: "POST", path: staffs, token: desksToken, key: "o", body: `{"starts":["2026-12-03T21:00:00+08:00","2026-12-03T21:00:00+08:00","2026-12-03T21:00:00+08:00","2026-12-03T21:00:00+08:00"]}`}
	refusedWith(t, s.ask(t, four), http.StatusUnprocessableEntity, "invalid")
}
