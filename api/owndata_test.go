package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling"
)

const erasureBody = `{"verification":"v1","code":"123456"}`

func TestOwnDataAreToldWholeAndOfNobodyElse(t *testing.T) {
	s := start(t)
	mine := request{method: "GET", path: "/api/v1/me", token: citizensToken}
	s.told.own = scheduling.OwnData{Number: scheduling.NewPrivate(citizensPhone), Wish: scheduling.AnyWish()}
	silent := map[string]any{"text": true, "call": false, "mail": false, "neutral": false, "hours": []any{}, "reminders": true}
	want := map[string]any{"number": citizensPhone, "contact": silent, "appointments": []any{}}
	if diff := cmp.Diff(want, said(t, s.ask(t, mine))); diff != "" {
		t.Errorf("of somebody new: %s", diff)
	}

	s.told.own.Wish, s.told.own.Appointments, s.told.own.EraseAt = s.told.wish, []scheduling.Appointment{s.appointment}, at(9)
	s.told.own.Wish.Number = scheduling.NewPrivate("13700137000") // nobody's who comes
	answer := s.ask(t, mine)
	got := said(t, answer)
	single := said(t, s.ask(t, request{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken}))
	if diff := cmp.Diff([]any{single}, got["appointments"]); diff != "" {
		t.Errorf("an appointment is not as its citizen sees it: %s", diff)
	}
	if wish := got["contact"].(map[string]any); wish["number"] != "13700137000" || got["erased_at"] != at(9).Format(time.RFC3339) {
		t.Errorf("the wish is %v, erased at %v", wish, got["erased_at"])
	}
	for _, other := range s.appointment.Parties[1:] {
		for _, theirs := range []string{other.Name.Reveal(), other.Phone.Reveal()} {
			if theirs == "" || strings.Contains(answer.Body.String(), theirs) {
				t.Errorf("it tells of %q: %s", theirs, answer.Body)
			}
		}
	}
	if s.actor.Person.ID != 7 {
		t.Errorf("%+v was asked about", s.actor)
	}
}

func TestAnErasureIsAskedForWithACodeAndTakenBackWithoutOne(t *testing.T) {
	s := start(t)
	ask := request{method: "POST", path: "/api/v1/me/erasure", token: citizensToken, body: erasureBody}
	s.told.own.EraseAt = at(33)
	answer := s.ask(t, ask)
	if got := said(t, answer); answer.Code != http.StatusAccepted || len(got) != 1 || got["erased_at"] != at(33).Format(time.RFC3339) || s.got != "v1 123456" || s.actor.Person.ID != 7 {
		t.Errorf("answered %d %v, asked with %v by %+v", answer.Code, got, s.got, s.actor)
	}
	for _, wrong := range []string{`{"verification":"v1"}`, `{"code":"123456"}`, `{"verification":"v1","code":"12345"}`, `{"verification":"v1","code":"123456","phone":"13800138000"}`} {
		ask.body = wrong
		refusedWith(t, s.ask(t, ask), http.StatusUnprocessableEntity, "invalid")
	}
	if answer := s.ask(t, request{method: "DELETE", path: "/api/v1/me/erasure", token: citizensToken}); answer.Code != http.StatusNoContent || answer.Body.Len() != 0 {
		t.Errorf("taken back it is answered %d %s", answer.Code, answer.Body)
	}
	if s.calls != 2 {
		t.Errorf("the use cases were called %d times", s.calls)
	}
	s.err = scheduling.Invalid("code", "验证码不对或已过期，请核对短信，或再发一次。", "wrong, used or expired")
	ask.body = erasureBody
	refusedWith(t, s.ask(t, ask), http.StatusUnprocessableEntity, "invalid")
}
