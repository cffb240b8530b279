package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

var identityTests = []test{
	aMemberWithoutAPasswordLogsInByTheOfficesService,
	aServiceThatDoesNotNameAMemberOpensNothing,
	theSecondFactorIsAskedForUnlessTheServiceHas,
	whatWasBegunIsTakenUpOnceAndForTenMinutes,
	aServiceThatCannotBeAskedIsToldApart,
}

// countyService is an office's own log-in service: codes are the names they stand for.
type countyService struct {
	mfa, down bool
	begun     string // nonce and verifier of the last log-in
}

func (s *countyService) Address(_ context.Context, state, nonce, verifier string) (string, error) {
	if s.down {
		return "", errors.New("no route to host")
	}
	s.begun = nonce + verifier
	return "https://id.example/auth?state=" + state, nil
}

func (s *countyService) Redeem(_ context.Context, code, nonce, verifier string) (scheduling.Identity, error) {
	switch {
	case s.down:
		return scheduling.Identity{}, errors.New("no route to host")
	case code == "" || s.begun != nonce+verifier:
		return scheduling.Identity{}, fmt.Errorf("refused: %w", scheduling.Unauthenticated())
	}
	return scheduling.Identity{Username: code, MFA: s.mfa}, nil
}

// withService gives the suite's office a service of its own.
func (b *Bundle) withService() *countyService {
	s := &countyService{}
	b.Scheduler.Identities, b.Scheduler.Settings.IdentityOffices = s, []string{"suite"}
	return s
}

func (b *Bundle) sentAway(t tb) string {
	t.Helper()
	begun, err := b.Scheduler.BeginIdentityLogin(background, "suite", "192.0.2.1")
	if err != nil || begun.Address != "https://id.example/auth?state="+begun.State || begun.ExpiresAt.Sub(b.Clock.Now()) != 10*time.Minute {
		t.Fatalf("beginning: %+v, %v", begun, err)
	}
	return begun.State
}

func (b *Bundle) sentBack(state, username string, shown scheduling.Shown) (scheduling.Token, error) {
	return b.Scheduler.FinishIdentityLogin(background, scheduling.IdentityLogin{State: state, Code: username, Shown: shown, Address: "192.0.2.1"})
}

func aMemberWithoutAPasswordLogsInByTheOfficesService(t tb, b *Bundle) {
	b.withService()
	for range 2 {
		token, err := b.sentBack(b.sentAway(t), "anna", scheduling.Shown{})
		if err != nil || token.ExpiresAt.Sub(b.Clock.Now()) != 12*time.Hour {
			t.Fatalf("logged in until %s, %v", token.ExpiresAt, err)
		}
		a := b.holder(t, token)
		same(t, "how", []string{scheduling.ByIdentity}, b.logins(t, a)[0].How)
		if a.Username != "anna" {
			t.Errorf("logged in as %+v", a)
		}
	}
	_, err := b.login("anna", "", "192.0.2.1")
	refused(t, err, scheduling.CodeUnauthenticated)
	_, err = b.Scheduler.BeginIdentityLogin(background, "elsewhere", "192.0.2.1")
	refused(t, err, scheduling.CodeNotFound)
	b.Scheduler.Settings.IdentityOffices = nil
	_, err = b.Scheduler.BeginIdentityLogin(background, "suite", "192.0.2.1")
	refused(t, err, scheduling.CodeNotFound)
}

func aServiceThatDoesNotNameAMemberOpensNothing(t tb, b *Bundle) {
	b.withService()
	_, err := b.sentBack(b.sentAway(t), "stranger", scheduling.Shown{})
	refused(t, err, scheduling.CodeUnauthenticated)
	_, err = b.sentBack(b.sentAway(t), "", scheduling.Shown{})
	refused(t, err, scheduling.CodeUnauthenticated)
	old := b.sentAway(t)
	b.sentAway(t)
	_, err = b.sentBack(old, "anna", scheduling.Shown{})
	refused(t, err, scheduling.CodeUnauthenticated)
	_, err = b.sentBack("made-up", "anna", scheduling.Shown{})
	refused(t, err, scheduling.CodeUnauthenticated)
	same(t, "audit", [][]string{{"stranger", "unauthenticated"}}, b.rows(t, "SELECT subject, refused FROM audit WHERE action = 'staff.login'"))
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); n != 0 {
		t.Errorf("%d log-ins", n)
	}
}

func theSecondFactorIsAskedForUnlessTheServiceHas(t tb, b *Bundle) {
	e, s := b.enroll(t, "chief"), b.withService()
	b.Change(t, func(o *scheduling.Office) { o.SecondFactor = []account.Role{account.Director, account.Desk} })
	state := b.sentAway(t)
	for range 2 {
		_, err := b.sentBack(state, "chief", scheduling.Shown{})
		refused(t, err, scheduling.CodeSecondFactor)
	}
	_, err := b.sentBack(state, "anna", scheduling.Shown{OTP: scheduling.NewPrivate("000000")})
	refused(t, err, scheduling.CodeSecondFactor)
	token, err := b.sentBack(state, "anna", scheduling.Shown{OTP: b.otp(t, e)})
	if err != nil {
		t.Fatalf("with the code: %v", err)
	}
	a := b.holder(t, token)
	if a.Username != "chief" || a.Limited {
		t.Errorf("logged in as %+v", a)
	}
	_, err = b.sentBack(state, "chief", scheduling.Shown{OTP: scheduling.NewPrivate(e.codes[0])})
	refused(t, err, scheduling.CodeUnauthenticated)
	token, err = b.sentBack(b.sentAway(t), "desk", scheduling.Shown{})
	if err != nil || !b.holder(t, token).Limited {
		t.Errorf("the desk, who must have one and has none, is not held back: %v", err)
	}
	s.mfa = true
	b.Clock.Pass(time.Minute)
	for _, username := range []string{"chief", "desk"} {
		token, err := b.sentBack(b.sentAway(t), username, scheduling.Shown{})
		if err != nil || b.holder(t, token).Limited {
			t.Errorf("%s, whom the service has asked for two factors: %v", username, err)
			continue
		}
		same(t, "how", []string{scheduling.ByIdentity, scheduling.ByMFA}, b.logins(t, b.holder(t, token))[0].How)
	}
}

func whatWasBegunIsTakenUpOnceAndForTenMinutes(t tb, b *Bundle) {
	b.withService()
	state := b.sentAway(t)
	errs := together(4, func(int) error {
		_, err := b.sentBack(state, "anna", scheduling.Shown{})
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d were let in by one code", won)
	}
	state = b.sentAway(t)
	b.Clock.Pass(10 * time.Minute)
	_, err := b.sentBack(state, "anna", scheduling.Shown{})
	refused(t, err, scheduling.CodeUnauthenticated)
}

func aServiceThatCannotBeAskedIsToldApart(t tb, b *Bundle) {
	s := b.withService()
	state := b.sentAway(t)
	s.down = true
	_, err := b.sentBack(state, "anna", scheduling.Shown{})
	refused(t, err, scheduling.CodeOverloaded)
	_, err = b.Scheduler.BeginIdentityLogin(background, "suite", "192.0.2.1")
	refused(t, err, scheduling.CodeOverloaded)
}
