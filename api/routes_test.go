package api_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"magpie/api"
	"magpie/api/rest"
	"magpie/scheduling/account"
)

var parameter = regexp.MustCompile(`:([a-z_]+)`)

// served lists the routes that Echo has, written as the document writes them.
func served(s setup) []string {
	var out []string
	for _, r := range s.server.Routes() {
		out = append(out, r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}"))
	}
	slices.Sort(out)
	return out
}

func operations(t *testing.T) []rest.Operation {
	t.Helper()
	spec, err := rest.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return spec.Operations()
}

func TestTheServerTheDocumentAndThePermissionsHaveTheSameRoutes(t *testing.T) {
	var documented []string
	for _, o := range operations(t) {
		documented = append(documented, o.Key)
	}
	if got := served(start(t)); !slices.Equal(got, documented) {
		t.Errorf("served\n%s\ndocumented\n%s", strings.Join(got, "\n"), strings.Join(documented, "\n"))
	}
	for _, key := range documented {
		if _, listed := account.Permissions[key]; !listed {
			t.Errorf("%s has no row in account.Permissions", key)
		}
	}
	for key := range account.WithoutVerification {
		if !slices.Contains(documented, key) {
			t.Errorf("%s is open without verification and is not served", key)
		}
	}
}

func TestTheDocumentsSecurityIsThatOfThePermissions(t *testing.T) {
	for _, o := range operations(t) {
		row := account.Permissions[o.Key]
		staff := false
		for _, role := range account.StaffRoles() {
			staff = staff || row[role] > account.None
		}
		_, withoutVerification := account.WithoutVerification[o.Key]
		if open := row[account.Anyone] > account.None || withoutVerification; o.Open != open {
			t.Errorf("%s: open is %t in the document and %t in the table", o.Key, o.Open, open)
		}
		if row[account.Citizen] > account.None && !o.Citizen {
			t.Errorf("%s: the table lets citizens in, the document does not", o.Key)
		}
		if staff != o.Staff {
			t.Errorf("%s: staff is %t in the document and %t in the table", o.Key, o.Staff, staff)
		}
	}
}

func TestARouteWithoutARowIsRefused(t *testing.T) {
	const key = "GET /api/v1/offices"
	row := account.Permissions[key]
	delete(account.Permissions, key)
	defer func() { account.Permissions[key] = row }()
	s := start(t)
	refusedWith(t, s.ask(t, request{method: http.MethodGet, path: "/api/v2/nothing"}), http.StatusNotFound, "not_found")
	answer := serve(s, http.MethodGet, "/api/v1/offices")
	refusedWith(t, answer, http.StatusForbidden, "forbidden")
	if s.calls != 0 {
		t.Error("the use case was called")
	}
}

// routes asks for every route once, with everything that it needs.
var routes = []request{
	{method: "GET", path: "/healthz"},
	{method: "GET", path: "/readyz"},
	{method: "GET", path: "/api/v1/openapi.json"},
	{method: "GET", path: "/api/v1/docs"},
	{method: "GET", path: "/api/v1/offices"},
	{method: "GET", path: "/api/v1/offices/anhua"},
	{method: "GET", path: "/api/v1/offices/anhua/services"},
	{method: "GET", path: "/api/v1/offices/anhua/counsellors?service=premarital"},
	{method: "GET", path: "/api/v1/offices/anhua/availability?service=premarital&from=2026-12-03&to=2026-12-04"},
	{method: "POST", path: "/api/v1/verifications", body: `{"phone":"13800138000"}`},
	{method: "POST", path: "/api/v1/verifications/v1/confirm", body: `{"code":"123456"}`},
	{method: "POST", path: "/api/v1/session", body: `{"phone":"13800138000","code_word":"小船过河"}`},
	{method: "DELETE", path: "/api/v1/session", token: citizensToken},
	{method: "PUT", path: "/api/v1/code-word", token: citizensToken, body: `{"code_word":null}`},
	{method: "POST", path: "/api/v1/offices/anhua/holds", key: "k", body: holdBody},
	{method: "POST", path: "/api/v1/offices/anhua/holds/h-1/renew", token: citizensToken},
	{method: "DELETE", path: "/api/v1/offices/anhua/holds/h-1"},
	{method: "POST", path: "/api/v1/offices/anhua/appointments", token: citizensToken, key: "k", body: bookingBody},
	{method: "GET", path: "/api/v1/appointments", token: citizensToken},
	{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken},
	{method: "POST", path: "/api/v1/appointments/52073164/cancel", token: citizensToken},
	{method: "POST", path: "/api/v1/appointments/52073164/reschedule", token: citizensToken, key: "k", body: moveBody},
	{method: "GET", path: "/api/v1/appointments/52073164/calendar.ics", token: citizensToken},
	{method: "GET", path: "/api/v1/statute/thirty-days?received=2026-03-03"},
	{method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai","password":"p"}`},
	{method: "DELETE", path: "/api/v1/staff/session", token: desksToken},
	{method: "POST", path: "/api/v1/staff/login/passkey/begin"},
	{method: "POST", path: "/api/v1/staff/login/passkey", body: `{"id":"c1","credential":{"id":"x"}}`},
	{method: "POST", path: "/api/v1/staff/login/oidc/begin", body: `{"office":"anhua"}`},
	{method: "POST", path: "/api/v1/staff/login/oidc", body: `{"state":"s1","code":"c1"}`},
	{method: "GET", path: "/api/v1/staff/passkeys", token: desksToken},
	{method: "POST", path: "/api/v1/staff/passkeys/begin", token: desksToken},
	{method: "POST", path: "/api/v1/staff/passkeys", token: desksToken, body: `{"id":"c1","credential":{"id":"x"},"name":"手机"}`},
	{method: "PUT", path: "/api/v1/staff/passkeys/7", token: desksToken, body: `{"name":"电脑"}`},
	{method: "POST", path: "/api/v1/staff/passkeys/7/remove", token: desksToken, body: `{"passkey":{"id":"c1","credential":{"id":"x"}}}`},
	{method: "GET", path: "/api/v1/staff/session", token: desksToken},
	{method: "PUT", path: "/api/v1/staff/session", token: desksToken, body: `{"role":null}`},
	{method: "GET", path: "/api/v1/staff/logins", token: desksToken},
	{method: "DELETE", path: "/api/v1/staff/logins", token: desksToken},
	{method: "DELETE", path: "/api/v1/staff/logins/0123456789abcdef", token: desksToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/sign-ins?limit=1", token: directorsToken},
	{method: "DELETE", path: "/api/v1/staff/offices/anhua/staff/fudao-a/logins", token: directorsToken},
	{method: "GET", path: "/api/v1/staff/second-factor", token: desksToken},
	{method: "POST", path: "/api/v1/staff/second-factor", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/second-factor/confirm", token: auditorsToken, body: `{"otp":"123456"}`},
	{method: "POST", path: "/api/v1/staff/second-factor/recovery-codes", token: directorsToken, body: `{"otp":"123456"}`},
	{method: "POST", path: "/api/v1/staff/second-factor/remove", token: desksToken, body: `{"otp":"ABCD-EFGH-JKLM"}`},
	{method: "DELETE", path: "/api/v1/staff/offices/anhua/staff/fudao-a/second-factor", token: directorsToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/appointments?from=2026-12-03&to=2026-12-03", token: desksToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/appointments", token: desksToken, key: "k", body: bookingBody},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/check-in", token: desksToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/start", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/complete", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/no-show", token: desksToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/cancel", token: desksToken, body: `{"reason":"出差"}`},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/reschedule", token: desksToken, key: "k", body: moveBody},
	{method: "GET", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: counsellorToken, body: `{"from":"2026-12-10","to":"2026-12-11"}`},
	{method: "DELETE", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off/5", token: counsellorToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/audit", token: auditorsToken},
	{method: "GET", path: "/api/v1/appointments/52073164/messages", token: citizensToken},
	{method: "GET", path: "/api/v1/contact", token: citizensToken},
	{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{}`},
	{method: "GET", path: "/api/v1/me", token: citizensToken},
	{method: "POST", path: "/api/v1/me/erasure", token: citizensToken, body: erasureBody},
	{method: "DELETE", path: "/api/v1/me/erasure", token: citizensToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/restore", token: desksToken},
	{method: "GET", path: "/api/v1/staff/appointments/52073164/contact", token: desksToken},
	{method: "PUT", path: "/api/v1/staff/appointments/52073164/contact", token: desksToken, body: `{"neutral":true}`},
	{method: "GET", path: "/api/v1/staff/appointments/52073164/messages/preview", token: counsellorToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/messages?from=2026-12-03&to=2026-12-03", token: auditorsToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/messages?from=2026-12-03&to=2026-12-03&format=csv", token: desksToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/messages/91/resolve", token: directorsToken, body: `{"outcome":"sent"}`},
	{method: "GET", path: "/api/v1/staff/offices/anhua/sending", token: auditorsToken},
	{method: "PUT", path: "/api/v1/staff/offices/anhua/sending", token: directorsToken, body: `{"stopped":true}`},
	{method: "GET", path: "/api/v1/staff/offices/anhua/texts", token: desksToken},
	{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/reminder/zh?neutral=true", token: directorsToken, body: `{"body":"请记得{start}。"}`},
	{method: "DELETE", path: "/api/v1/staff/offices/anhua/texts/reminder/zh", token: directorsToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/texts/reminder/zh/versions", token: auditorsToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/tasks?kind=call&done=false", token: desksToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/tasks/77/done", token: desksToken, body: `{"outcome":"reached"}`},
	{method: "GET", path: "/api/v1/staff/appointments/52073164/moves?date=2026-12-03", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/moves", token: desksToken, body: moveBody},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/undo", token: desksToken},
	{method: "GET", path: "/api/v1/staff/me/calendar", token: counsellorToken},
	{method: "PUT", path: "/api/v1/staff/me/calendar", token: counsellorToken, body: `{"details":true}`},
	{method: "POST", path: "/api/v1/staff/me/calendar/address", token: counsellorToken},
	{method: "DELETE", path: "/api/v1/staff/me/calendar/address", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/me/calendar/app-passwords", token: counsellorToken, body: `{"name":"我的手机"}`},
	{method: "DELETE", path: "/api/v1/staff/me/calendar/app-passwords/31", token: counsellorToken},
	{method: "GET", path: "/api/v1/staff/me/outside-calendar", token: counsellorToken},
	{method: "PUT", path: "/api/v1/staff/me/outside-calendar", token: counsellorToken, body: `{"kind":"ics","url":"https://calendar.example/x.ics"}`},
	{method: "DELETE", path: "/api/v1/staff/me/outside-calendar", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/me/outside-calendar/read", token: counsellorToken},
	{method: "GET", path: "/api/v1/staff/me/outside-calendar/booked-inside", token: counsellorToken},
	{method: "GET", path: feed},
	{method: "HEAD", path: feed},
	{method: "GET", path: "/api/v1/staff/offices/anhua/file", token: directorsToken},
	{method: "PUT", path: "/api/v1/staff/offices/anhua/file?dry_run=true", token: directorsToken, body: `{"revision":3,"file":"office: {}","note":"试"}`},
	{method: "GET", path: "/api/v1/staff/offices/anhua/versions?limit=2", token: directorsToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/versions/3", token: directorsToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/versions/3/undo", token: directorsToken, body: `{"revision":3}`},
	{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/password-link", token: directorsToken},
	{method: "POST", path: "/api/v1/staff/password", body: `{"token":"mpl_x","password":"correct horse battery"}`},
	{method: "POST", path: "/api/v1/staff/offices/anhua/impact", token: counsellorToken, body: `{"what":"leave","username":"fudao-a","from":"2026-12-03","to":"2026-12-03"}`},
	{method: "POST", path: "/api/v1/staff/offices/anhua/hand-over", token: desksToken, body: `{"plan":[{"reference":"52073164","keep":true}]}`},
	{method: "GET", path: "/api/v1/staff/offices/anhua/holidays", token: directorsToken},
	{method: "PUT", path: "/api/v1/staff/offices/anhua/holidays/2027", token: directorsToken, body: `{"table":"2027-01-01,元旦,true"}`},
	{method: "DELETE", path: "/api/v1/staff/offices/anhua/holidays/2027", token: directorsToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/warnings", token: directorsToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/series", token: desksToken, key: "k", body: seriesBody},
	{method: "GET", path: "/api/v1/staff/appointments/52073164/series", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/series/cancel", token: desksToken},
	{method: "PUT", path: "/api/v1/staff/appointments/52073164/attendance", token: counsellorToken, body: `{"parties":[{"id":"21","attendance":"absent"}]}`},
	{method: "POST", path: "/api/v1/setup", body: `{"token":"mpl_x","code":"taojiang","region":"430922","name":{"zh":"桃江县民政局婚姻登记处","en":""},"address":{"zh":"桃花江镇","en":""},"phone":"0737-8880000","sms_signature":"桃江民政","username":"zhuren","director":{"zh":"主任","en":"Director"},"password":"correct horse battery"}`},
	{method: "GET", path: "/api/v1/staff/offices/anhua/today", token: counsellorToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/search?last_four=8000&from=2026-12-03", token: desksToken},
	{method: "GET", path: "/api/v1/staff/offices/anhua/walk-in", token: desksToken},
	{method: "POST", path: "/api/v1/staff/offices/anhua/tasks/77/attempts", token: desksToken, body: `{"outcome":"nobody"}`},
	{method: "GET", path: "/api/v1/appointments/52073164/offer", token: citizensToken},
	{method: "POST", path: "/api/v1/appointments/52073164/offer", token: citizensToken, key: "k", body: moveBody},
	{method: "GET", path: "/api/v1/staff/appointments/52073164/offer", token: counsellorToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/offer", token: desksToken, key: "k", body: `{"starts":["2026-12-04T09:00:00+08:00"]}`},
	{method: "DELETE", path: "/api/v1/staff/appointments/52073164/offer", token: desksToken},
	{method: "POST", path: "/api/v1/staff/appointments/52073164/offer/take", token: desksToken, key: "k", body: moveBody},
	{method: "GET", path: "/hooks/kannel/" + hookSecret + "?id=91&type=1"},
	{method: "POST", path: "/hooks/kannel/" + hookSecret, body: `[{"sid":"1"}]`},
}

const (
	holdBody    = `{"service":"premarital","start":"2026-12-03T09:00:00+08:00"}`
	moveBody    = `{"start":"2026-12-04T09:00:00+08:00"}`
	bookingBody = `{"service":"premarital","start":"2026-12-03T09:00:00+08:00","parties":[{"name":"陈女士","phone":"13800138000"}]}`
)

func TestEveryRouteAnswersAsTheDocumentSays(t *testing.T) {
	s := start(t)
	asked := make(map[string]bool)
	for _, r := range routes {
		answer := s.ask(t, r)
		if answer.Code >= 300 {
			t.Errorf("%s %s answered %d: %s", r.method, r.path, answer.Code, answer.Body)
		}
		for _, known := range s.server.Routes() {
			if known.Method == r.method && fits(known.Path, r.path) {
				asked[known.Method+" "+known.Path] = true
			}
		}
	}
	for _, known := range s.server.Routes() {
		if !asked[known.Method+" "+known.Path] {
			t.Errorf("nobody asked for %s %s", known.Method, known.Path)
		}
	}
}

func fits(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(a, b string) bool { return a == b || strings.HasPrefix(a, ":") })
}

func TestATokenOfOneKindOpensNoRouteOfTheOther(t *testing.T) {
	s := start(t)
	for _, r := range routes {
		wrong := map[string]string{citizensToken: desksToken, desksToken: citizensToken, counsellorToken: citizensToken, auditorsToken: citizensToken, directorsToken: citizensToken}[r.token]
		if wrong == "" {
			continue
		}
		for _, token := range []string{wrong, "ms_nobody", ""} {
			if token == "" && strings.Contains(r.path, "/holds") {
				continue
			}
			r.token = token
			answer := s.ask(t, r)
			refusedWith(t, answer, http.StatusUnauthorized, "unauthenticated")
			if got := answer.Header().Get(echo.HeaderWWWAuthenticate); got != "Bearer" {
				t.Errorf("%s %s: WWW-Authenticate is %q", r.method, r.path, got)
			}
		}
	}
	if s.calls != 0 {
		t.Errorf("use cases were called %d times", s.calls)
	}
}

func TestAStaleTokenKeepsNobodyFromWhatIsOpen(t *testing.T) {
	s := start(t)
	for _, r := range routes {
		if r.token == "" && !strings.Contains(r.path, "/holds") {
			r.token = "mc_stale"
			if answer := s.ask(t, r); answer.Code >= 300 {
				t.Errorf("%s %s answered %d", r.method, r.path, answer.Code)
			}
		}
	}
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/offices/anhua/holds", token: "mc_stale", key: "k", body: holdBody}),
		http.StatusUnauthorized, "unauthenticated")
}

func TestAnotherRoleIsRefusedAndTheRefusalIsWrittenDown(t *testing.T) {
	s := start(t)
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/offices/anhua/audit", token: desksToken}), http.StatusForbidden, "forbidden")
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/appointments/52073164/check-in", token: auditorsToken}), http.StatusForbidden, "forbidden")
	want := []string{
		"qiantai GET /api/v1/staff/offices/{office}/audit anhua forbidden",
		"jiandu POST /api/v1/staff/appointments/{reference}/check-in 52073164 forbidden",
	}
	if !slices.Equal(s.refused, want) || s.calls != 0 {
		t.Errorf("written down: %q, want %q; use cases called: %d", s.refused, want, s.calls)
	}
}

func TestBookingNeedsNoTokenOnlyWherePhonesAreNotVerified(t *testing.T) {
	book := request{method: "POST", path: "/api/v1/offices/anhua/appointments", key: "k", body: bookingBody, peer: "203.0.113.9:4000"}
	refusedWith(t, start(t).ask(t, book), http.StatusUnauthorized, "unauthenticated")

	s := start(t, func(c *api.Config) { c.VerifyPhones = false })
	if answer := s.ask(t, book); answer.Code != http.StatusCreated {
		t.Fatalf("answered %d: %s", answer.Code, answer.Body)
	}
	if s.actor.Address != "203.0.113.9" || s.actor.Kind != "anonymous" || s.actor.Scope != account.Own {
		t.Errorf("booked by %+v", s.actor)
	}
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/appointments"}), http.StatusUnauthorized, "unauthenticated")
	book.token = citizensToken
	if s.ask(t, book); s.actor.Person.ID != 7 {
		t.Errorf("with a token booked by %+v", s.actor)
	}
}

func TestTheActorHasTheScopeOfTheTable(t *testing.T) {
	s := start(t)
	list := request{method: "GET", path: "/api/v1/staff/offices/anhua/appointments?from=2026-12-03&to=2026-12-03"}
	for token, want := range map[string]account.Scope{desksToken: account.Office, counsellorToken: account.Own} {
		list.token = token
		if s.ask(t, list); s.actor.Scope != want {
			t.Errorf("%s has the scope %s, want %s", token, s.actor.Scope, want)
		}
	}
}
