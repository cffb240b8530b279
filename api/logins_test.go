package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

func twoHats(acting account.Role) scheduling.SignedIn {
	m := scheduling.Staff{ID: 1, Username: "qiantai", Name: scheduling.Text{ZH: "前台", EN: "Desk"}, Roles: []account.Role{account.Desk, account.Director}}
	return scheduling.SignedIn{Office: anhua(), Member: m, Acting: acting, Login: scheduling.StaffLogin{Expires: at(21)}}
}

func (f *fake) OwnSession(_ context.Context, a scheduling.Actor) (scheduling.SignedIn, error) {
	return twoHats(""), f.note(a, nil)
}

func (f *fake) Act(_ context.Context, a scheduling.Actor, role account.Role) (scheduling.SignedIn, error) {
	return twoHats(role), f.note(a, role)
}

func (f *fake) OwnLogins(_ context.Context, a scheduling.Actor) ([]scheduling.StaffLogin, error) {
	return []scheduling.StaffLogin{
		{ID: "0123456789abcdef", Began: at(9), Seen: at(10), Expires: at(21), How: []string{scheduling.ByPassword, scheduling.ByTOTP}, Browser: "Chrome", System: "Windows", Role: account.Desk, Current: true},
		{ID: "fedcba9876543210", Began: at(8), Seen: at(8), Expires: at(20), How: []string{scheduling.ByPassword}},
	}, f.note(a, nil)
}

func (f *fake) EndOwnLogin(_ context.Context, a scheduling.Actor, id string) error {
	return f.note(a, id)
}

func (f *fake) EndOtherLogins(_ context.Context, a scheduling.Actor) error { return f.note(a, nil) }

func (f *fake) EndLoginsOf(_ context.Context, a scheduling.Actor, _, username string) error {
	return f.note(a, username)
}

func (f *fake) SignIns(_ context.Context, a scheduling.Actor, office string) ([]scheduling.SignIn, error) {
	return []scheduling.SignIn{
		{Member: twoHats("").Member, Password: true, SecondFactor: true, Required: true, Logins: 2, Seen: at(9)}, {Member: anhua().Staff[0]},
	}, f.note(a, office)
}

func TestADirectorSeesWhoCanLogIn(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/sign-ins", token: directorsToken}))
	want := map[string]any{"next": nil, "items": []any{
		map[string]any{
			"username": "qiantai", "name": map[string]any{"zh": "前台", "en": "Desk"}, "password": true, "second_factor": true,
			"second_factor_required": true, "logins": 2.0, "seen_at": "2026-12-03T01:00:00Z",
		},
		map[string]any{
			"username": "fudao-a", "name": map[string]any{"zh": "辅导师甲", "en": "Counsellor A"}, "password": false, "second_factor": false,
			"second_factor_required": false, "logins": 0.0,
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" || s.actor.Scope != account.Office {
		t.Errorf("%s to %+v", diff, s.actor)
	}
}

func TestAMemberSeesWhoTheyAreAndChangesTheirRole(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/session", token: desksToken}))
	want := map[string]any{
		"office": "anhua", "username": "qiantai", "name": map[string]any{"zh": "前台", "en": "Desk"}, "roles": []any{"desk", "director"},
		"role": nil, "second_factor_missing": false, "expires_at": "2026-12-03T13:00:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for body, role := range map[string]account.Role{`{"role":"director"}`: account.Director, `{"role":null}`: ""} {
		if answer := s.ask(t, request{method: "PUT", path: "/api/v1/staff/session", token: desksToken, body: body}); answer.Code != http.StatusOK || s.got != role {
			t.Errorf("%s answered %d, and asked for %v", body, answer.Code, s.got)
		}
	}
	for _, body := range []string{`{}`, `{"role":"citizen"}`, `{"role":""}`} {
		refusedWith(t, s.ask(t, request{method: "PUT", path: "/api/v1/staff/session", token: desksToken, body: body}), http.StatusUnprocessableEntity, "invalid")
	}
}

func TestTheLogInTakesARoleAndTheBrowser(t *testing.T) {
	s := start(t)
	s.ask(t, request{
		method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai","password":"p","role":"desk"}`,
		header: http.Header{"User-Agent": {"curl/8"}},
	})
	if l, _ := s.got.(scheduling.Login); l.Role != account.Desk || l.Agent != "curl/8" {
		t.Errorf("it is %+v", s.got)
	}
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai","password":"p","role":"boss"}`}),
		http.StatusUnprocessableEntity, "invalid")
}

func TestLogInsAreListedAPageAtATime(t *testing.T) {
	s := start(t)
	first := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/logins?limit=1", token: desksToken}))
	items, _ := first["items"].([]any)
	want := map[string]any{
		"id": "0123456789abcdef", "began_at": "2026-12-03T01:00:00Z", "seen_at": "2026-12-03T02:00:00Z", "expires_at": "2026-12-03T13:00:00Z",
		"how": []any{"password", "totp"}, "browser": "Chrome", "system": "Windows", "role": "desk", "current": true,
	}
	if diff := cmp.Diff([]any{want}, items); diff != "" || first["next"] != "0123456789abcdef" {
		t.Errorf("next %v %s", first["next"], diff)
	}
	second := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/logins?limit=1&after=0123456789abcdef", token: desksToken}))
	if items, _ := second["items"].([]any); len(items) != 1 || second["next"] != nil {
		t.Errorf("the second page is %v", second)
	}
}
