package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// wrongFields asserts a 422 that names exactly these fields.
func wrongFields(t *testing.T, s setup, r request, want ...string) {
	t.Helper()
	problem := refusedWith(t, s.ask(t, r), http.StatusUnprocessableEntity, "invalid")
	var got []string
	for _, e := range problem["errors"].([]any) {
		one := e.(map[string]any)
		got = append(got, one["field"].(string))
		if one["message"] == "" {
			t.Errorf("%s: nothing is said of it", one["field"])
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s %s %s: named %q, want %q", r.method, r.path, r.body, got, want)
	}
	if s.calls != 0 {
		t.Fatalf("%s %s %s: the use case was called", r.method, r.path, r.body)
	}
}

func TestEachWrongFieldOfABodyIsNamed(t *testing.T) {
	s := start(t)
	book := func(body string) request {
		return request{method: "POST", path: "/api/v1/offices/anhua/appointments", token: citizensToken, key: "k", body: body}
	}
	ok := `"service":"premarital","start":"2026-12-03T09:00:00+08:00"`
	person := `"parties":[{"name":"陈"}]`
	for _, c := range []struct {
		body string
		want []string
	}{
		{`{}`, []string{"service", "start", "parties"}},
		{`{` + ok + `,"parties":[]}`, []string{"parties"}},
		{`{` + ok + `,"parties":[{"name":"  "}]}`, []string{"parties[0].name"}},
		{`{` + ok + `,"parties":[{"name":"陈","phone":"12"}]}`, []string{"parties[0].phone"}},
		{`{` + ok + `,"parties":[{"name":"陈"},{"nom":"李"}]}`, []string{"parties[1].nom", "parties[1].name"}},
		{`{` + ok + `,"parties":[{"name":"` + strings.Repeat("陈", 65) + `"}]}`, []string{"parties[0].name"}},
		{`{` + ok + `,` + person + `,"contact":{"name":"母","phone":"+8613800138000"}}`, []string{"contact.relation"}},
		{`{` + ok + `,` + person + `,"gender":"x","locale":"fr"}`, []string{"gender", "locale"}},
		{`{` + ok + `,` + person + `,"accessible":"yes"}`, []string{"accessible"}},
		{`{` + ok + `,` + person + `,"note":null}`, []string{"note"}},
		{`{` + ok + `,` + person + `,"note":"` + strings.Repeat("x", 501) + `"}`, []string{"note"}},
		{`{` + ok + `,` + person + `,"hold":"a b"}`, []string{"hold"}},
		{`{` + ok + `,` + person + `,"needs":["child","quiet"],"title":"dr","messages":"no","code_word":""}`, []string{"code_word", "messages", "needs[1]", "title"}},
		{`{` + ok + `,` + person + `,"needs":"child","code_word":null}`, []string{"code_word", "needs"}},
		{`{` + ok + `,` + person + `,"code_word":"` + strings.Repeat("船", 129) + `"}`, []string{"code_word"}},
		{`{` + ok + `,` + person + `,"Service":"x","zzz":1}`, []string{"Service", "zzz"}},
		{`{"service":"","start":"2026-12-03T09:00:00+08:00",` + person + `}`, []string{"service"}},
		{`{"service":"premarital","start":"2026-12-03T09:00:00",` + person + `}`, []string{"start"}},
		{`{"service":"premarital","start":"2026-02-30T09:00:00+08:00",` + person + `}`, []string{"start"}},
		{`[]`, []string{"body"}},
		{`null`, []string{"body"}},
		{`"text"`, []string{"body"}},
	} {
		wrongFields(t, s, book(c.body), c.want...)
	}
}

func TestEachWrongFieldOfTheSmallBodiesIsNamed(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		r    request
		want string
	}{
		{request{method: "POST", path: "/api/v1/verifications", body: `{"phone":"138001380001"}`}, "phone"},
		{request{method: "POST", path: "/api/v1/verifications", body: `{"phone":13800138000}`}, "phone"},
		{request{method: "POST", path: "/api/v1/verifications", body: `{"phone":"+86 13800138000"}`}, "phone"},
		{request{method: "POST", path: "/api/v1/verifications", body: `{"phone":"12800138000"}`}, "phone"},
		{request{method: "POST", path: "/api/v1/verifications/v1/confirm", body: `{"code":"12345"}`}, "code"},
		{request{method: "POST", path: "/api/v1/verifications/v1/confirm", body: `{"code":"1234５6"}`}, "code"},
		{request{method: "POST", path: "/api/v1/session", body: `{"phone":"1380013800","word":"x"}`}, "phone word code_word"},
		{request{method: "PUT", path: "/api/v1/code-word", token: citizensToken, body: `{}`}, "code_word"},
		{request{method: "PUT", path: "/api/v1/code-word", token: citizensToken, body: `{"code_word":""}`}, "code_word"},
		{request{method: "POST", path: "/api/v1/offices/anhua/holds", key: "k", body: `{"service":"premarital","start":"2026-12-03T09:00:00+08:00","parties":0}`}, "parties"},
		{request{method: "POST", path: "/api/v1/offices/anhua/holds", key: "k", body: `{"service":"premarital","start":"2026-12-03T09:00:00+08:00","parties":2.0}`}, "parties"},
		{request{method: "POST", path: "/api/v1/offices/anhua/holds", key: "k", body: `{"service":"premarital","start":"2026-12-03T09:00:00+08:00","parties":1.5}`}, "parties"},
		{request{method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai"}`}, "password"},
		{request{method: "POST", path: "/api/v1/appointments/52073164/cancel", token: citizensToken, body: `{"why":"x"}`}, "why"},
		{request{method: "POST", path: "/api/v1/appointments/52073164/reschedule", token: citizensToken, key: "k", body: `{}`}, "start"},
		{request{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: counsellorToken, body: `{"from":"2026-02-29","to":"2026-03-01"}`}, "from"},
		{request{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: counsellorToken, body: `{"from":"2026-02-28","to":"2026-03-01","force":"true"}`}, "force"},
		{request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{"number":"12"}`}, "number"},
		{request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{"hours":[{"from":"09:00","to":"11:00"},{"from":"24:00","to":"25:00"}]}`}, "hours[1].from hours[1].to"},
		{request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{"hours":[{"from":"9:00"}]}`}, "hours[0].from hours[0].to"},
		{request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{"text":"yes","locale":"fr","stopped":true}`}, "locale stopped text"},
		{request{method: "PUT", path: "/api/v1/staff/appointments/52073164/contact", token: desksToken, body: `{"number_token":"mc_x"}`}, "number_token"},
		{request{method: "PUT", path: "/api/v1/staff/offices/anhua/sending", token: directorsToken, body: `{}`}, "stopped"},
		{request{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/reminder/zh", token: directorsToken, body: `{"body":""}`}, "body"},
		{request{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/reminder/zh", token: directorsToken, body: `{"body":"` + strings.Repeat("好", 501) + `"}`}, "body"},
		{request{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/reminder/zh", token: directorsToken, body: `{"body":"x","codes":{"kannel":"1"}}`}, "codes.kannel"},
		{request{method: "PUT", path: "/api/v1/staff/offices/anhua/texts/reminder/zh", token: directorsToken, body: `{"body":"x","codes":{"aliyun":"SMS 1"}}`}, "codes.aliyun"},
		{request{method: "POST", path: "/api/v1/staff/offices/anhua/messages/91/resolve", token: directorsToken, body: `{"outcome":"lost"}`}, "outcome"},
		{request{method: "POST", path: "/api/v1/staff/offices/anhua/tasks/77/done", token: desksToken, body: `{"outcome":"restored"}`}, "outcome"},
	} {
		wrongFields(t, s, c.r, strings.Fields(c.want)...)
	}
}

func TestEachWrongQueryParameterIsNamed(t *testing.T) {
	s := start(t)
	const find = "/api/v1/offices/anhua/availability"
	for _, c := range []struct {
		path  string
		token string
		want  []string
	}{
		{path: find, want: []string{"service", "from", "to"}},
		{path: find + "?service=&from=2026-12-03&to=2026-12-04", want: []string{"service"}},
		{path: find + "?service=premarital&from=2026-02-30&to=2026-13-01", want: []string{"from", "to"}},
		{path: find + "?service=premarital&from=3.12.2026&to=2026-12-04", want: []string{"from"}},
		{path: find + "?service=premarital&from=2026-12-03&from=2026-12-04&to=2026-12-04", want: []string{"from"}},
		{path: find + "?service=premarital&from=2026-12-03&to=2026-12-04&parties=two", want: []string{"parties"}},
		{path: find + "?service=premarital&from=2026-12-03&to=2026-12-04&parties=0", want: []string{"parties"}},
		{path: find + "?service=premarital&from=2026-12-03&to=2026-12-04&parties=99999999999999999999", want: []string{"parties"}},
		{path: find + "?service=premarital&from=2026-12-03&to=2026-12-04&accessible=1&gender=f", want: []string{"gender", "accessible"}},
		{path: find + "?service=premarital&from=2026-12-03&to=2026-12-04&adviser=a", want: []string{"adviser"}},
		{path: "/api/v1/offices?limit=201", want: []string{"limit"}},
		{path: "/api/v1/offices?limit=0", want: []string{"limit"}},
		{path: "/api/v1/offices?limit=-1&after=", want: []string{"limit", "after"}},
		{path: "/api/v1/statute/thirty-days?received=2026-03-03&practice=none", want: []string{"practice"}},
		{path: "/api/v1/staff/offices/anhua/appointments?from=2026-12-03&to=2026-12-03&status=gone", token: desksToken, want: []string{"status"}},
		{path: ledgerPath + "&status=sent&kind=sms&channel=fax&receipt=&gateway=Kannel", token: desksToken, want: []string{"kind", "channel", "status", "gateway", "receipt"}},
		{path: ledgerPath + "&format=xml&reference=1&name=x", token: desksToken, want: []string{"reference", "format", "name"}},
		{path: "/api/v1/staff/offices/anhua/messages?format=csv", token: desksToken, want: []string{"from", "to"}},
		{path: "/api/v1/staff/offices/anhua/tasks?done=yes&kind=mail", token: desksToken, want: []string{"kind", "done"}},
		{path: "/api/v1/staff/offices/anhua/texts/reminder/zh/versions?neutral=1", token: desksToken, want: []string{"neutral"}},
		{path: "/api/v1/staff/offices/anhua/texts?kind=code", token: desksToken, want: []string{"kind"}},
	} {
		wrongFields(t, s, request{method: "GET", path: c.path, token: c.token}, c.want...)
	}
}

func TestABodyThatIsNoJSONIsMalformed(t *testing.T) {
	s := start(t)
	send := request{method: "POST", path: "/api/v1/verifications"}
	for _, body := range []string{"", "{", `{"phone":"13800138000"} {}`, "phone=13800138000", "{\"phone\":\"\xff\"}"} {
		send.body = body
		send.header = http.Header{echo.HeaderContentType: {echo.MIMEApplicationJSON}}
		refusedWith(t, s.ask(t, send), http.StatusBadRequest, "malformed")
	}
	send.body = `{"phone":"13800138000"}`
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", ""} {
		send.header = http.Header{echo.HeaderContentType: {media}}
		refusedWith(t, s.ask(t, send), http.StatusBadRequest, "malformed")
	}
	if s.calls != 0 {
		t.Errorf("the use case was called %d times", s.calls)
	}
}

func TestAWrongIdempotencyKeyIsMalformed(t *testing.T) {
	s := start(t)
	for _, r := range routes {
		if r.key == "" {
			continue
		}
		for name, header := range map[string]http.Header{
			"missing":  {},
			"empty":    {"Idempotency-Key": {""}},
			"too long": {"Idempotency-Key": {strings.Repeat("k", 256)}},
			"twice":    {"Idempotency-Key": {"a", "b"}},
		} {
			r.key, r.header = "", header
			if answer := s.ask(t, r); answer.Code != http.StatusBadRequest || said(t, answer)["code"] != "malformed" {
				t.Errorf("%s %s with a key that is %s: %d %s", r.method, r.path, name, answer.Code, answer.Body)
			}
		}
	}
	if s.calls != 0 {
		t.Fatalf("use cases were called %d times", s.calls)
	}
	long := request{method: "POST", path: "/api/v1/offices/anhua/holds", key: strings.Repeat("k", 255), body: holdBody}
	if answer := s.ask(t, long); answer.Code != http.StatusCreated {
		t.Errorf("a key of 255 characters: %d %s", answer.Code, answer.Body)
	}
}

func TestAnAddressThatCannotExistIsNotFound(t *testing.T) {
	s := start(t)
	for _, path := range []string{
		"/api/v1/appointments/1234567", "/api/v1/appointments/123456789", "/api/v1/appointments/12345678901",
		"/api/v1/appointments/1234567a", "/api/v1/appointments/%31234567", "/api/v1/appointments/1234567%2F",
		"/api/v1/appointments/5207316x/calendar.ics",
	} {
		refusedWith(t, s.ask(t, request{method: "GET", path: path, token: citizensToken}), http.StatusNotFound, "not_found")
	}
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/offices/%20"}), http.StatusNotFound, "not_found")
	refusedWith(t, s.ask(t, request{method: "GET", path: "/api/v1/offices/" + strings.Repeat("a", 65)}), http.StatusNotFound, "not_found")
	refusedWith(t, s.ask(t, request{method: "DELETE", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off/x", token: counsellorToken}),
		http.StatusNotFound, "not_found")
	for path, body := range map[string]string{
		"/api/v1/staff/offices/anhua/messages/x/resolve": `{"outcome":"sent"}`, "/api/v1/staff/offices/anhua/tasks/x/done": `{"outcome":"settled"}`,
	} {
		refusedWith(t, s.ask(t, request{method: "POST", path: path, token: directorsToken, body: body}), http.StatusNotFound, "not_found")
	}
	for _, key := range []string{"reminder/fr", "birthday/zh"} {
		refusedWith(t, s.ask(t, request{method: "DELETE", path: "/api/v1/staff/offices/anhua/texts/" + key, token: directorsToken}), http.StatusNotFound, "not_found")
	}
	if s.calls != 0 {
		t.Errorf("use cases were called %d times", s.calls)
	}
}

func TestWrongFieldsAreToldInTheLanguageAskedFor(t *testing.T) {
	s := start(t)
	send := request{method: "POST", path: "/api/v1/verifications", body: `{"phone":"1"}`}
	zh := refusedWith(t, s.ask(t, send), http.StatusUnprocessableEntity, "invalid")
	send.header = http.Header{"Accept-Language": {"en-GB,en;q=0.9"}}
	en := refusedWith(t, s.ask(t, send), http.StatusUnprocessableEntity, "invalid")
	message := func(p map[string]any) any { return p["errors"].([]any)[0].(map[string]any)["message"] }
	if message(zh) != "手机号应是11位数字，或+86加11位数字。" || message(en) != "must be 11 digits, or +86 and 11" {
		t.Errorf("said %v and %v", message(zh), message(en))
	}
	if zh["title"] != "有些内容需要改一改" || en["title"] != "Some fields are not valid" {
		t.Errorf("titled %v and %v", zh["title"], en["title"])
	}
}

func BenchmarkABookingThroughTheServerAlone(b *testing.B) {
	s := start(b)
	for b.Loop() {
		answer := serveBooking(s)
		if answer.Code != http.StatusCreated {
			b.Fatal(answer.Body)
		}
	}
}
