package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

func TestACitizenSeesTheirOwnEntryAndNothingOfTheOther(t *testing.T) {
	s := start(t)
	get := request{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken}
	want := map[string]any{
		"reference": "52073164", "office": "anhua", "service": "premarital", "status": "booked",
		"start": "2026-12-03T09:00:00+08:00", "end": "2026-12-03T10:00:00+08:00",
		"created_at": "2026-12-03T08:00:00+08:00", "updated_at": "2026-12-03T08:00:00+08:00",
		"parties": []any{map[string]any{"id": "21", "name": "陈女士", "phone": citizensPhone}}, "others": 1.0,
		"needs": []any{}, "messages": true,
	}
	if diff := cmp.Diff(want, said(t, s.ask(t, get))); diff != "" {
		t.Error(diff)
	}
	s.appointment.Needs, s.appointment.Title, s.appointment.Silent = []scheduling.Need{scheduling.StepFree, scheduling.Child}, scheduling.Ms, true
	want["needs"], want["title"], want["messages"] = []any{"step_free", "child"}, "ms", false
	if diff := cmp.Diff(want, said(t, s.ask(t, get))); diff != "" {
		t.Errorf("what was asked for: %s", diff)
	}
	s.appointment.Wish.Counsellor = "fudao-a"
	want["counsellor"] = map[string]any{"username": "fudao-a", "name": map[string]any{"zh": "辅导师甲", "en": "Counsellor A"}, "gender": "female"}
	if diff := cmp.Diff(want, said(t, s.ask(t, get))); diff != "" {
		t.Errorf("who asked for a counsellor: %s", diff)
	}
	s.appointment.Contact = &scheduling.Contact{Name: scheduling.NewPrivate("母亲"), Phone: scheduling.NewPrivate("13700137000"), Relation: scheduling.NewPrivate("母女")}
	family := said(t, s.ask(t, get))
	if diff := cmp.Diff([]any{map[string]any{"name": "母亲", "phone": "13700137000"}}, family["parties"]); diff != "" || family["others"] != 2.0 {
		t.Errorf("who books for the family: %s, others %v", diff, family["others"])
	}
}

func TestStaffSeeOfAPartyWhatTheirWorkNeeds(t *testing.T) {
	s := start(t)
	s.appointment.Contact = &scheduling.Contact{Name: scheduling.NewPrivate("母亲"), Phone: scheduling.NewPrivate("13700137000"), Relation: scheduling.NewPrivate("母女")}
	s.appointment.Needs, s.appointment.Title, s.appointment.Silent = []scheduling.Need{scheduling.Hearing}, scheduling.Mr, true
	person := func(id, name, phone string) map[string]any {
		out := map[string]any{}
		for k, v := range map[string]string{"id": id, "name": name, "phone": phone} {
			if v != "" {
				out[k] = v
			}
		}
		return out
	}
	for token, want := range map[string]map[string]any{
		desksToken: {
			"parties": []any{person("21", "陈女士", citizensPhone), person("22", "李先生", "13900139000")},
			"contact": person("", "母亲", "13700137000"), "note": "轮椅", "reason": "出差", "needs": []any{"hearing"}, "title": "mr",
		},
		counsellorToken: {
			"parties": []any{person("21", "陈女士", "8000"), person("22", "李先生", "9000")},
			"contact": person("", "母亲", "7000"), "note": "轮椅", "reason": "出差", "needs": []any{"hearing"}, "title": "mr",
		},
		othersToken: {"parties": []any{person("21", "", ""), person("22", "", "")}},
	} {
		answer := s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/appointments?from=2026-12-03&to=2026-12-03", token: token})
		got := said(t, answer)["items"].([]any)[0].(map[string]any)
		if diff := cmp.Diff(map[string]any{"code": "fudao", "name": map[string]any{"zh": "婚姻家庭辅导室", "en": "Counselling room"}}, got["room"]); diff != "" {
			t.Errorf("%s: %s", token, diff)
		}
		if got["messages"] != false {
			t.Errorf("%s is told that messages go: %v", token, got["messages"])
		}
		for _, name := range []string{"parties", "contact", "note", "reason", "needs", "title"} {
			if diff := cmp.Diff(want[name], got[name]); diff != "" {
				t.Errorf("%s sees of %s: %s", token, name, diff)
			}
		}
	}
}

func TestABookingIsHandedOnWhole(t *testing.T) {
	s := start(t)
	body := `{"service":"premarital","start":"2026-12-03T01:00:00Z","parties":[{"name":"陈女士","phone":"+8613800138000"},{"name":"李先生"}],
		"contact":{"name":"母亲","phone":"13700137000","relation":"母女"},"hold":"h-1","counsellor":"fudao-a","gender":"female","accessible":true,"locale":"en","note":"轮椅",
		"needs":["hearing","child"],"title":"ms","messages":false,"code_word":"小船过河"}`
	s.ask(t, request{method: "POST", path: "/api/v1/offices/anhua/appointments", token: citizensToken, key: "key 1", body: body, peer: "203.0.113.9:4000"})
	got, ok := s.got.(scheduling.Booking)
	if !ok {
		t.Fatalf("the command is %T", s.got)
	}
	if got.Idempotency.Key != "key 1" || got.Idempotency.Route != "POST /api/v1/offices/anhua/appointments" || string(got.Idempotency.Body) != body {
		t.Errorf("the request is named %q %q", got.Idempotency.Key, got.Idempotency.Route)
	}
	if got.Actor.Kind != scheduling.Citizen || got.Actor.Scope != account.Own || got.Actor.Address != "203.0.113.9" {
		t.Errorf("asked by %+v", got.Actor)
	}
	if got.Office != "anhua" || got.Service != "premarital" || !got.Start.Equal(at(9)) || got.Hold != "h-1" || got.Locale != "en" ||
		got.Wish != (scheduling.Wish{Counsellor: "fudao-a", Gender: "female", Accessible: true}) || got.Note.Reveal() != "轮椅" {
		t.Errorf("asked for %+v", got)
	}
	if !slices.Equal(got.Needs, []scheduling.Need{scheduling.Hearing, scheduling.Child}) || got.Title != scheduling.Ms || !got.Silent || got.CodeWord.Reveal() != "小船过河" {
		t.Errorf("asked beside for %v, %q, %t", got.Needs, got.Title, got.Silent)
	}
	if len(got.Parties) != 2 || got.Parties[0].Phone.Reveal() != "+8613800138000" || got.Parties[1].Name.Reveal() != "李先生" || !got.Parties[1].Phone.IsZero() {
		t.Errorf("for %d parties", len(got.Parties))
	}
	if got.Contact == nil || got.Contact.Relation.Reveal() != "母女" || got.Contact.Phone.Reveal() != "13700137000" {
		t.Error("the contact is not theirs")
	}
	s.ask(t, request{method: "POST", path: "/api/v1/offices/anhua/appointments", token: citizensToken, key: "key 2", body: bookingBody})
	if got := s.got.(scheduling.Booking); got.Silent || len(got.Needs) != 0 || got.Title != "" || !got.CodeWord.IsZero() {
		t.Errorf("who asks for nothing beside asks for %v, %q, %t", got.Needs, got.Title, got.Silent)
	}
}

func TestEveryChangeIsHandedOnWithItsRequest(t *testing.T) {
	s := start(t)
	s.ask(t, request{method: "POST", path: "/api/v1/staff/appointments/52073164/reschedule", token: desksToken, key: "k", body: `{"start":"2026-12-04T09:00:00+08:00","hold":"h-2"}`})
	move := s.got.(scheduling.Change)
	if move.Reference != "52073164" || move.Hold != "h-2" || !move.Start.Equal(at(33)) || move.Idempotency.Key != "k" || move.Actor.Username != "qiantai" {
		t.Errorf("moved by %+v", move)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/appointments/52073164/cancel", token: citizensToken, body: `{"reason":"出差"}`})
	if cancel := s.got.(scheduling.Change); cancel.Reason.Reveal() != "出差" || cancel.Idempotency.Key != "" {
		t.Errorf("cancelled by %+v", cancel)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/offices/anhua/holds", key: "k", body: `{"service":"premarital","start":"2026-12-03T09:00:00+08:00","parties":2}`})
	if hold := s.got.(scheduling.HoldRequest); hold.Parties != 2 || hold.Actor.Kind != scheduling.Anonymous || hold.Idempotency.Key != "k" {
		t.Errorf("held by %+v", hold)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/offices/anhua/holds/h-1/renew", token: citizensToken, key: "r"})
	if renew := s.got.(scheduling.HoldChange); renew.Secret != "h-1" || renew.Idempotency.Key != "r" || renew.Actor.Person.ID != 7 {
		t.Errorf("renewed by %+v", renew)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: counsellorToken, body: `{"from":"2026-12-10","to":"2026-12-11","reason":"培训","force":true}`})
	if leave := s.got.(scheduling.TimeOffRequest); !leave.Force || leave.From != december(10) || leave.To != december(11) || leave.Reason.Reveal() != "培训" {
		t.Errorf("leave taken by %+v", leave)
	}
	s.ask(t, request{method: "DELETE", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off/5", token: counsellorToken})
	if s.got != int64(5) {
		t.Errorf("withdrawn: %v", s.got)
	}
}

func TestASearchAndAListAreHandedOnWhole(t *testing.T) {
	s := start(t)
	s.ask(t, request{method: "GET", path: "/api/v1/offices/anhua/availability?service=premarital&from=2026-12-03&to=2026-12-04&parties=2&counsellor=fudao-a&gender=female&accessible=true"})
	want := scheduling.Search{
		Office: "anhua", Service: "premarital", From: december(3), To: december(4), Parties: 2,
		Wish: scheduling.Wish{Counsellor: "fudao-a", Gender: "female", Accessible: true},
	}
	if diff := cmp.Diff(want, s.got); diff != "" {
		t.Error(diff)
	}
	s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/appointments?from=2026-12-03&to=2026-12-04&counsellor=fudao-a&room=fudao&service=premarital&status=no_show&limit=7&after=mark", token: desksToken})
	wantList := scheduling.Filter{
		Office: "anhua", From: december(3), To: december(4), Counsellor: "fudao-a", Room: "fudao", Service: "premarital",
		Status: scheduling.NoShow, Page: scheduling.Page{Limit: 7, After: "mark"},
	}
	if diff := cmp.Diff(wantList, s.got.(scheduling.Filter), cmpopts.IgnoreFields(scheduling.Filter{}, "Actor")); diff != "" {
		t.Error(diff)
	}
	s.ask(t, request{method: "GET", path: "/api/v1/appointments", token: citizensToken})
	if s.got != (scheduling.Page{Limit: 50}) {
		t.Errorf("the page is %+v", s.got)
	}
}

func TestAListInMemoryIsCutIntoPages(t *testing.T) {
	s := start(t)
	first := said(t, s.ask(t, request{method: "GET", path: "/api/v1/offices?limit=1"}))
	if first["next"] != "anhua" || len(first["items"].([]any)) != 1 {
		t.Fatalf("the first page is %v", first)
	}
	second := said(t, s.ask(t, request{method: "GET", path: "/api/v1/offices?limit=1&after=anhua"}))
	if code := second["items"].([]any)[0].(map[string]any)["code"]; code != "taojiang" || second["next"] != nil {
		t.Errorf("the second page is %v", second)
	}
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/offices?after=nowhere"}), http.StatusUnprocessableEntity, "invalid")
}

func TestAPageOfTheUseCasesCarriesItsMark(t *testing.T) {
	s := start(t)
	if last := said(t, s.ask(t, request{method: "GET", path: "/api/v1/appointments", token: citizensToken})); last["next"] != nil {
		t.Errorf("the last page's mark is %v", last["next"])
	}
	s.next = "mark"
	if page := said(t, s.ask(t, request{method: "GET", path: "/api/v1/appointments", token: citizensToken})); page["next"] != "mark" {
		t.Errorf("the mark is %v", page["next"])
	}
}

func TestAnOfficeAndItsServicesAreToldAsInTheirFile(t *testing.T) {
	s := start(t)
	office := said(t, s.ask(t, request{method: "GET", path: "/api/v1/offices/anhua"}))
	hours := []any{map[string]any{"days": []any{"mon", "sun"}, "from": "08:30", "to": "24:00"}}
	if diff := cmp.Diff(hours, office["hours"]); diff != "" {
		t.Error(diff)
	}
	asIs := map[string]any{
		"registration": map[string]any{"link": "https://example.org/r", "note": map[string]any{"zh": "登记预约", "en": "Registration"}},
		"help":         []any{map[string]any{"name": map[string]any{"zh": "报警", "en": "Police"}, "phone": "110"}}, "exit_to": "https://www.weather.com.cn/",
	}
	for key, want := range asIs {
		if diff := cmp.Diff(want, office[key]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	second := said(t, s.ask(t, request{method: "GET", path: "/api/v1/offices"}))["items"].([]any)[1].(map[string]any)
	if none, told := second["registration"]; !told || none != nil {
		t.Errorf("of an office that says nothing of registration it is told %v", none)
	}
	services := said(t, s.ask(t, request{method: "GET", path: "/api/v1/offices/anhua/services"}))
	want := []any{map[string]any{
		"code": "premarital", "kind": "premarital", "name": map[string]any{"zh": "婚前辅导", "en": "Premarital counselling"}, "duration_minutes": 60.0,
		"parties": map[string]any{"min": 1.0, "max": 2.0}, "places": 1.0, "notice_minutes": 120.0, "horizon_days": 30.0,
	}}
	if diff := cmp.Diff(want, services["items"]); diff != "" {
		t.Error(diff)
	}
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/offices/elsewhere/services"}), http.StatusNotFound, "not_found")
}

func TestADayHasItsStartsOrSaysWhyNot(t *testing.T) {
	s := start(t)
	answer := said(t, s.ask(t, request{method: "GET", path: "/api/v1/offices/anhua/availability?service=premarital&from=2026-12-03&to=2026-12-04"}))
	want := []any{
		map[string]any{"date": "2026-12-03", "closed": nil, "slots": []any{map[string]any{"start": "2026-12-03T09:00:00+08:00", "end": "2026-12-03T10:00:00+08:00", "free": 2.0}}},
		map[string]any{"date": "2026-12-04", "slots": []any{}, "closed": map[string]any{"code": "holiday", "text": map[string]any{"zh": "国庆节放假", "en": "National Day"}}},
	}
	if diff := cmp.Diff(want, answer["days"]); diff != "" {
		t.Error(diff)
	}
}

func TestTheThirtyDaysAreToldWithTheirRules(t *testing.T) {
	s := start(t)
	both := said(t, s.ask(t, request{method: "GET", path: "/api/v1/statute/thirty-days?received=2025-12-05"}))
	if both["withdraw_until"] != "2026-01-04" || both["certificate_from"] != "2026-01-05" || both["certificate_until"] != "2026-02-03" || both["provisional"] != false {
		t.Errorf("said %v", both)
	}
	for _, step := range both["steps"].([]any) {
		one := step.(map[string]any)
		if rule := one["rule"].(map[string]any); rule["zh"] == "" || rule["en"] == "" || one["source"] == "" || one["date"] == "" {
			t.Errorf("a step is %v", one)
		}
	}
	s.ask(t, request{method: "GET", path: "/api/v1/statute/thirty-days?received=2025-12-05&practice=roll_second"})
	if s.got != calendar.RollSecond {
		t.Errorf("the practice is %v", s.got)
	}
}

func TestTheCalendarFileSaysWhenAndNothingElse(t *testing.T) {
	s := start(t)
	get := request{method: "GET", path: "/api/v1/appointments/52073164/calendar.ics", token: citizensToken}
	answer := s.ask(t, get)
	file := answer.Body.String()
	for _, line := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "SUMMARY:预约", "DTSTART:20261203T010000Z", "DTEND:20261203T020000Z",
		"DTSTAMP:20261203T000000Z", "SEQUENCE:2", "STATUS:CONFIRMED", "CLASS:PRIVATE",
	} {
		if !strings.Contains(file, line+"\r\n") {
			t.Errorf("no line %s in\n%s", line, file)
		}
	}
	for _, secret := range []string{"52073164", "婚", "陈", "辅导", "fudao", "anhua", "Counsel", "LOCATION", "DESCRIPTION", "ORGANIZER", "ATTENDEE", citizensPhone} {
		if strings.Contains(file, secret) {
			t.Errorf("it says %s:\n%s", secret, file)
		}
	}
	if media := answer.Header().Get("Content-Type"); media != "text/calendar; charset=utf-8" {
		t.Errorf("it is %s", media)
	}
	uid := func(file string) string {
		_, rest, _ := strings.Cut(file, "UID:")
		line, _, _ := strings.Cut(rest, "\r\n")
		return line
	}
	s.appointment.Status, s.appointment.Revision = scheduling.Cancelled, 3
	cancelled := s.ask(t, get).Body.String()
	if !strings.Contains(cancelled, "STATUS:CANCELLED\r\n") || uid(cancelled) != uid(file) || uid(file) == "" {
		t.Errorf("cancelled it is\n%s", cancelled)
	}
}

func TestTheAuditTellsWhoDidWhatWithTheStates(t *testing.T) {
	s := start(t)
	s.entries = []scheduling.AuditEntry{
		{ID: 9, At: at(9), Actor: scheduling.AuditActor{Kind: scheduling.StaffKind, ID: 1, Name: "qiantai"}, Action: "appointment.cancel", Subject: "52073164",
			Before: `{"status":"booked"}`, After: `{"status":"cancelled"}`},
		{ID: 8, At: at(8), Actor: scheduling.AuditActor{Kind: scheduling.Anonymous}, Action: "staff.login", Refused: scheduling.CodeUnauthenticated},
	}
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/audit", token: auditorsToken}))
	want := []any{
		map[string]any{
			"id": "9", "at": "2026-12-03T09:00:00+08:00", "actor": map[string]any{"kind": "staff", "id": "1", "username": "qiantai"},
			"action": "appointment.cancel", "subject": "52073164",
			"before": map[string]any{"status": "booked"}, "after": map[string]any{"status": "cancelled"},
		},
		map[string]any{"id": "8", "at": "2026-12-03T08:00:00+08:00", "actor": map[string]any{"kind": "anonymous"}, "action": "staff.login", "subject": "", "refused": "unauthenticated"},
	}
	if diff := cmp.Diff(want, got["items"]); diff != "" {
		t.Error(diff)
	}
}

func TestCodesAndPasswordsAreHandedOnWithTheAddress(t *testing.T) {
	s := start(t)
	const peer = "203.0.113.9:4000"
	s.ask(t, request{method: "POST", path: "/api/v1/verifications", body: `{"phone":"13800138000","locale":"en"}`, peer: peer})
	if s.got != "13800138000 en" || s.actor.Address != "203.0.113.9" {
		t.Errorf("asked for a code: %v from %s", s.got, s.actor.Address)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/verifications/v1/confirm", body: `{"code":"012345"}`, peer: peer})
	if s.got != "v1 012345" || s.actor.Address != "203.0.113.9" {
		t.Errorf("confirmed: %v from %s", s.got, s.actor.Address)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai","password":"p w"}`, peer: peer})
	login := s.got.(scheduling.Login)
	if login.Password.Reveal() != "p w" || login.Office != "anhua" || login.Username != "qiantai" || login.Address != "203.0.113.9" {
		t.Errorf("logged in: %+v", login)
	}
	s.ask(t, request{method: "POST", path: "/api/v1/session", body: `{"phone":"13800138000","code_word":" 小船过河 "}`, peer: peer})
	if s.got != "13800138000  小船过河 " || s.actor.Address != "203.0.113.9" {
		t.Errorf("signed in: %v from %s", s.got, s.actor.Address)
	}
}

func TestACodeWordIsSetAndRemovedByWhoItStandsFor(t *testing.T) {
	s := start(t)
	for body, want := range map[string]string{`{"code_word":"小船过河"}`: "小船过河", `{"code_word":null}`: ""} {
		answer := s.ask(t, request{method: "PUT", path: "/api/v1/code-word", token: citizensToken, body: body})
		if answer.Code != http.StatusNoContent || s.got != want || s.actor.Person.ID != 7 {
			t.Errorf("%s answered %d and set %q of %d", body, answer.Code, s.got, s.actor.Person.ID)
		}
	}
}

func TestAWrongCodeWordIsToldOfItsField(t *testing.T) {
	s := start(t)
	s.err = scheduling.Invalid("code_word", "手机号和暗号对不上。", "wrong")
	wrongField := refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/session", body: `{"phone":"13800138000","code_word":"小船过河"}`}), http.StatusUnprocessableEntity, "invalid")
	if got := wrongField["errors"].([]any)[0].(map[string]any)["field"]; got != "code_word" {
		t.Errorf("the field is %v", got)
	}
}
