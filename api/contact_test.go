package api_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

func TestAWishIsToldWhole(t *testing.T) {
	s := start(t)
	want := map[string]any{
		"number": "13900139000", "email": "chen@example.com", "text": true, "call": false, "mail": true, "neutral": true, "locale": "en", "reminders": false,
		"hours": []any{map[string]any{"from": "09:00", "to": "11:00"}, map[string]any{"from": "22:00", "to": "24:00"}},
	}
	for path, token := range map[string]string{"/api/v1/contact": citizensToken, "/api/v1/staff/appointments/52073164/contact": desksToken} {
		if diff := cmp.Diff(want, said(t, s.ask(t, request{method: "GET", path: path, token: token}))); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if reference := map[string]string{citizensToken: "", desksToken: "52073164"}[token]; s.got != reference {
			t.Errorf("%s: asked for %q", path, s.got)
		}
	}
	s.told.wish = scheduling.AnyWish()
	silent := map[string]any{"text": true, "call": false, "mail": false, "neutral": false, "hours": []any{}, "reminders": true}
	if diff := cmp.Diff(silent, said(t, s.ask(t, request{method: "GET", path: "/api/v1/contact", token: citizensToken}))); diff != "" {
		t.Errorf("of somebody who never said anything: %s", diff)
	}
}

// revealed is a wish with its personal data to be compared.
type revealed struct {
	Wish          scheduling.ContactWish
	Number, Email string
}

func reveal(w scheduling.ContactWish) revealed {
	out := revealed{Wish: w, Number: w.Number.Reveal(), Email: w.Email.Reveal()}
	out.Wish.Number, out.Wish.Email = scheduling.Private{}, scheduling.Private{}
	return out
}

func TestAWishIsReplacedAsAWholeAndWhatIsLeftOutHasItsDefault(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		body string
		want revealed
	}{
		{`{}`, revealed{Wish: scheduling.AnyWish()}},
		{`{"text":false,"call":true}`, revealed{Wish: scheduling.ContactWish{Call: true}}},
		{`{"reminders":false}`, revealed{Wish: scheduling.ContactWish{Text: true, Stopped: true}}},
		{`{"reminders":true,"hours":[]}`, revealed{Wish: scheduling.AnyWish()}},
		{`{"number":"+8613900139000","email":"chen@example.com","text":true,"mail":true,"neutral":true,"hours":[{"from":"22:30","to":"06:00"},{"from":"09:00","to":"24:00"}],"locale":"zh"}`,
			revealed{Number: "+8613900139000", Email: "chen@example.com", Wish: scheduling.ContactWish{
				Text: true, Mail: true, Neutral: true, Locale: "zh", Hours: []messages.Window{{From: 1350, To: 360}, hours(9, 24)},
			}}},
	} {
		for path, token := range map[string]string{"/api/v1/contact": citizensToken, "/api/v1/staff/appointments/52073164/contact": desksToken} {
			if answer := s.ask(t, request{method: "PUT", path: path, token: token, body: c.body}); answer.Code != http.StatusOK {
				t.Errorf("%s: answered %d %s", c.body, answer.Code, answer.Body)
			}
			got := s.got.(scheduling.WishChange)
			if diff := cmp.Diff(c.want, reveal(got.Wish), cmp.AllowUnexported(scheduling.Private{})); diff != "" {
				t.Errorf("%s: %s", c.body, diff)
			}
			if got.NumberToken != "" || got.Reference != map[string]string{citizensToken: "", desksToken: "52073164"}[token] {
				t.Errorf("%s: asked of %q", path, got.Reference)
			}
		}
	}
}

func TestACitizensOtherNumberComesWithItsToken(t *testing.T) {
	s := start(t)
	answer := s.ask(t, request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{"number":"13900139000","number_token":"mc_other"}`})
	if got := s.got.(scheduling.WishChange); got.NumberToken != "mc_other" || got.Actor.Person.ID != 7 {
		t.Errorf("asked with the token %q", got.NumberToken)
	}
	if got := said(t, answer); got["number"] != "13900139000" || got["number_token"] != nil {
		t.Errorf("answered %v", got)
	}
	s.err = scheduling.Invalid("number_token", "请先用短信验证这个号码。", "must be a token for this number")
	refusedWith(t, s.ask(t, request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: `{"number":"13900139000"}`}), http.StatusUnprocessableEntity, "invalid")
}

func TestAWishIsForTheDeskAloneAmongStaff(t *testing.T) {
	s := start(t)
	for _, token := range []string{counsellorToken, auditorsToken} {
		for _, r := range []request{{method: "GET"}, {method: "PUT", body: `{}`}} {
			r.path, r.token = "/api/v1/staff/appointments/52073164/contact", token
			refusedWith(t, s.ask(t, r), http.StatusForbidden, "forbidden")
		}
	}
	if s.calls != 0 {
		t.Errorf("the use cases were called %d times", s.calls)
	}
}
