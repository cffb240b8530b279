package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

func (f *fake) SecondFactor(_ context.Context, a scheduling.Actor) (scheduling.FactorView, error) {
	return scheduling.FactorView{Active: true, Since: at(8), CodesLeft: 9, Required: true}, f.note(a, nil)
}

func (f *fake) BeginFactor(_ context.Context, a scheduling.Actor, shown scheduling.Shown) (scheduling.NewFactor, error) {
	return scheduling.NewFactor{Secret: scheduling.NewPrivate("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), URI: scheduling.NewPrivate("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ")}, f.note(a, shown)
}

func (f *fake) ConfirmFactor(_ context.Context, a scheduling.Actor, otp scheduling.Private) ([]string, error) {
	return []string{"ABCD-EFGH-JKLM"}, f.note(a, otp.Reveal())
}

func (f *fake) RenewRecovery(_ context.Context, a scheduling.Actor, shown scheduling.Shown) ([]string, error) {
	return []string{"ABCD-EFGH-JKLM"}, f.note(a, shown)
}

func (f *fake) RemoveFactor(_ context.Context, a scheduling.Actor, shown scheduling.Shown) error {
	return f.note(a, shown)
}

func (f *fake) ResetFactor(_ context.Context, a scheduling.Actor, _, username string) error {
	return f.note(a, username)
}

func TestWhoMustHaveASecondFactorGetsNoFurtherThanSettingItUp(t *testing.T) {
	s := start(t)
	for _, r := range routes {
		if r.token == "" || r.token == citizensToken {
			continue
		}
		before := s.calls
		r.token = limitedToken
		answer := s.ask(t, r)
		open := false
		for key := range account.WithoutFactor {
			open = open || key == r.method+" "+strings.Replace(r.path, "0123456789abcdef", "{id}", 1)
		}
		if open && (answer.Code >= 300 || s.calls != before+1) {
			t.Errorf("%s %s answered %d, and called %d", r.method, r.path, answer.Code, s.calls-before)
		}
		if !open {
			refusedWith(t, answer, http.StatusUnauthorized, "second_factor")
			if s.calls != before {
				t.Errorf("%s %s called the use case", r.method, r.path)
			}
		}
	}
}

func TestTheLogInTakesACodeAndAsksForOne(t *testing.T) {
	s := start(t)
	ask := func(body string) scheduling.Login {
		t.Helper()
		if answer := s.ask(t, request{method: "POST", path: "/api/v1/staff/login", body: body}); answer.Code != http.StatusOK {
			t.Fatalf("answered %d: %s", answer.Code, answer.Body)
		}
		l, _ := s.got.(scheduling.Login)
		return l
	}
	if l := ask(`{"office":"anhua","username":"qiantai","password":"p"}`); !l.OTP.IsZero() {
		t.Errorf("without a code it is %q", l.OTP.Reveal())
	}
	if l := ask(`{"office":"anhua","username":"qiantai","password":"p","otp":"123456"}`); l.OTP.Reveal() != "123456" {
		t.Errorf("the code is %q", l.OTP.Reveal())
	}
	s.err = scheduling.SecondFactor()
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/login", body: `{"office":"anhua","username":"qiantai","password":"p"}`}), http.StatusUnauthorized, "second_factor")
}

func TestASecondFactorIsShownAsItStands(t *testing.T) {
	s := start(t)
	got := said(t, s.ask(t, request{method: "GET", path: "/api/v1/staff/second-factor", token: desksToken}))
	if got["active"] != true || got["required"] != true || got["recovery_codes_left"] != 9.0 || got["since"] != "2026-12-03T00:00:00Z" {
		t.Errorf("it is %v", got)
	}
	s.ask(t, request{method: "DELETE", path: "/api/v1/staff/offices/anhua/staff/fudao-a/second-factor", token: directorsToken})
	if s.got != "fudao-a" || s.actor.Scope != account.Office {
		t.Errorf("reset for %v by %+v", s.got, s.actor)
	}
}
