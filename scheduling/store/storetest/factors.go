package storetest

import (
	"context"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/store"
)

var factorTests = []test{
	aSecondFactorIsAskedForAfterThePasswordAlone,
	aWrongPasswordIsAnsweredAlikeWithASecondFactor,
	aCodeIsTakenOnceByWhomeverItIsShown,
	aRecoveryCodeIsTakenOnceAndNewOnesReplaceTheOld,
	wrongCodesDelayAndLockAsPasswordsDo,
	confirmingEndsTheLogInsThatHadNoCode,
	removingNeedsAFreshCode,
	aDirectorResetsAColleaguesAndNotTheirOwn,
	whoMustHaveOneIsHeldBackUntilItIsConfirmed,
	aLogInDoesNotSlipInBesideAConfirmation,
	theSecretIsReadUnderTheNewKeyAlone,
	noTableShowsASecretOrARecoveryCode,
}

// enrolled is somebody logged in whose second factor is active.
type enrolled struct {
	username string
	actor    scheduling.Actor
	secret   string
	codes    []string
}

// loggedIn is somebody with a password and a log-in.
func (b *Bundle) loggedIn(t tb, username string) scheduling.Actor {
	t.Helper()
	token, err := b.login(username, password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	return b.holder(t, token)
}

// holder is who has a token.
func (b *Bundle) holder(t tb, token scheduling.Token) scheduling.Actor {
	t.Helper()
	a, err := b.Scheduler.Authenticate(background, token.Token)
	if err != nil {
		t.Fatalf("authenticating: %v", err)
	}
	a.Address, a.Scope = "192.0.2.1", account.Own
	return a
}

// enroll sets somebody's password and second factor up, and lets the next code
// begin.
func (b *Bundle) enroll(t tb, username string) enrolled {
	t.Helper()
	b.setPassword(t, username, password)
	return b.confirmed(t, username, b.loggedIn(t, username))
}

func (b *Bundle) confirmed(t tb, username string, a scheduling.Actor) enrolled {
	t.Helper()
	begun, err := b.Scheduler.BeginFactor(background, a, scheduling.Shown{})
	if err != nil || !strings.HasPrefix(begun.URI.Reveal(), "otpauth://totp/") {
		t.Fatalf("beginning: %s, %v", begun.URI.Reveal(), err)
	}
	e := enrolled{username: username, actor: a, secret: begun.Secret.Reveal()}
	if e.codes, err = b.Scheduler.ConfirmFactor(background, a, b.otp(t, e)); err != nil || len(e.codes) != 10 {
		t.Fatalf("confirming: %q, %v", e.codes, err)
	}
	b.Clock.Pass(30 * time.Second)
	return e
}

// otp is what the authenticator shows now.
func (b *Bundle) otp(t tb, e enrolled) scheduling.Private {
	t.Helper()
	code, err := totp.GenerateCode(e.secret, b.Clock.Now())
	if err != nil {
		t.Fatalf("making a code: %v", err)
	}
	return scheduling.NewPrivate(code)
}

// shows logs somebody in with a code.
func (b *Bundle) shows(username, password string, otp scheduling.Private) (scheduling.Token, error) {
	return b.Scheduler.Login(background, scheduling.Login{
		Office: "suite", Username: username, Password: scheduling.NewPrivate(password), OTP: otp, Address: "192.0.2.1",
	})
}

func aSecondFactorIsAskedForAfterThePasswordAlone(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	before := b.count(t, "SELECT COUNT(*) FROM staff_tokens")
	_, err := b.login("anna", password, "192.0.2.1")
	refused(t, err, scheduling.CodeSecondFactor)
	_, err = b.shows("anna", password, scheduling.NewPrivate("000000"))
	refused(t, err, scheduling.CodeSecondFactor)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); n != before {
		t.Errorf("%d log-ins, not %d", n, before)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM audit WHERE action = 'staff.login' AND refused = 'second_factor'"); n != 1 {
		t.Errorf("%d refusals are in the audit", n)
	}
	token, err := b.shows("anna", password, b.otp(t, e))
	if err != nil {
		t.Fatalf("with the code: %v", err)
	}
	if a := b.holder(t, token); a.StaffID != e.actor.StaffID || a.Limited {
		t.Errorf("the token is %+v's", a)
	}
	view, err := b.Scheduler.SecondFactor(background, e.actor)
	if err != nil || !view.Active || view.CodesLeft != 10 || view.Required {
		t.Errorf("it is shown as %+v, %v", view, err)
	}
	b.setPassword(t, "bert", password)
	if _, err := b.shows("bert", password, scheduling.NewPrivate("123456")); err != nil {
		t.Errorf("a code where none is wanted: %v", err)
	}
}

func aWrongPasswordIsAnsweredAlikeWithASecondFactor(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	b.setPassword(t, "bert", password)
	_, want := b.login("bert", "wrong", "192.0.2.1")
	refused(t, want, scheduling.CodeUnauthenticated)
	for _, otp := range []scheduling.Private{{}, b.otp(t, e), scheduling.NewPrivate("000000"), scheduling.NewPrivate(e.codes[0])} {
		_, err := b.shows("anna", "wrong", otp)
		same(t, "answers", want, err)
	}
	if _, err := b.shows("anna", password, scheduling.NewPrivate(e.codes[0])); err != nil {
		t.Errorf("the recovery code was used up by a wrong password: %v", err)
	}
}

func aCodeIsTakenOnceByWhomeverItIsShown(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	code, second := b.otp(t, e), b.Replica(t)
	errs := together(4, func(i int) error {
		s := []*scheduling.Scheduler{b.Scheduler, second}[i%2]
		_, err := s.Login(background, scheduling.Login{Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), OTP: code, Address: "192.0.2.1"})
		return err
	})
	won := 0
	for _, err := range errs {
		switch scheduling.CodeOf(err) {
		case scheduling.CodeSecondFactor, scheduling.CodeRateLimited:
		default:
			if err != nil {
				t.Errorf("answered %v", err)
			}
			won++
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); won != 1 || n != 2 {
		t.Errorf("%d were let in by one code; %d log-ins", won, n)
	}
	b.Clock.Pass(time.Minute)
	_, err := b.shows("anna", password, code)
	refused(t, err, scheduling.CodeSecondFactor)
	if _, err := b.shows("anna", password, b.otp(t, e)); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

func aRecoveryCodeIsTakenOnceAndNewOnesReplaceTheOld(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	given := func(code string) error {
		_, err := b.shows("anna", password, scheduling.NewPrivate(code))
		return err
	}
	if err := given(strings.ToLower(e.codes[3])); err != nil {
		t.Fatalf("a recovery code: %v", err)
	}
	refused(t, given(e.codes[3]), scheduling.CodeSecondFactor)
	errs := together(3, func(int) error { return given(e.codes[4]) })
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d were let in by one recovery code", won)
	}
	b.Clock.Pass(time.Minute)
	renewed, err := b.Scheduler.RenewRecovery(background, e.actor, scheduling.Shown{OTP: scheduling.NewPrivate(e.codes[0])})
	if err != nil || len(renewed) != 10 {
		t.Fatalf("new ones: %q, %v", renewed, err)
	}
	refused(t, given(e.codes[1]), scheduling.CodeSecondFactor)
	if err := given(renewed[0]); err != nil {
		t.Errorf("a new one: %v", err)
	}
	if view, err := b.Scheduler.SecondFactor(background, e.actor); err != nil || view.CodesLeft != 9 {
		t.Errorf("%d are left, %v", view.CodesLeft, err)
	}
}

func wrongCodesDelayAndLockAsPasswordsDo(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	wrong := scheduling.NewPrivate("AAAA-AAAA-AAAA")
	for range 5 {
		_, err := b.shows("anna", password, wrong)
		refused(t, err, scheduling.CodeSecondFactor)
	}
	_, err := b.shows("anna", password, b.otp(t, e))
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != time.Second {
		t.Errorf("wait %s", e.RetryAfter)
	}
	_, err = b.login("anna", "wrong", "192.0.2.1")
	refused(t, err, scheduling.CodeUnauthenticated)
	_, err = b.Scheduler.RenewRecovery(background, e.actor, scheduling.Shown{OTP: b.otp(t, e)})
	refused(t, err, scheduling.CodeRateLimited)
	for range 3 { // what had to wait counts for the lock of the address
		b.Clock.Pass(61 * time.Second)
		_, err := b.shows("anna", password, wrong)
		refused(t, err, scheduling.CodeSecondFactor)
	}
	b.Clock.Pass(61 * time.Second)
	_, err = b.shows("anna", password, b.otp(t, e))
	refused(t, err, scheduling.CodeRateLimited)
	elsewhere := scheduling.Login{Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), OTP: b.otp(t, e), Address: "192.0.2.2"}
	if _, err := b.Scheduler.Login(background, elsewhere); err != nil {
		t.Errorf("another address is locked: %v", err)
	}
	b.Clock.Pass(15 * time.Minute)
	if _, err := b.shows("anna", password, b.otp(t, e)); err != nil {
		t.Errorf("still locked after a quarter of an hour: %v", err)
	}
}

func confirmingEndsTheLogInsThatHadNoCode(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	old, err := b.login("anna", password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	a := b.loggedIn(t, "anna")
	_, err = b.Scheduler.ConfirmFactor(background, a, scheduling.NewPrivate("123456"))
	refused(t, err, scheduling.CodeWrongState)
	first, err := b.Scheduler.BeginFactor(background, a, scheduling.Shown{})
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Errorf("a secret that is not confirmed asks for a code: %v", err)
	}
	e := b.confirmed(t, "anna", a)
	if e.secret == first.Secret.Reveal() {
		t.Error("the secret was not drawn anew")
	}
	_, err = b.Scheduler.Authenticate(background, old.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); n != 1 {
		t.Errorf("%d log-ins are left", n)
	}
	_, err = b.Scheduler.BeginFactor(background, a, scheduling.Shown{})
	refused(t, err, scheduling.CodeWrongState)
	_, err = b.Scheduler.ConfirmFactor(background, a, b.otp(t, e))
	refused(t, err, scheduling.CodeWrongState)
}

func removingNeedsAFreshCode(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	used := b.otp(t, e)
	if _, err := b.shows("anna", password, used); err != nil {
		t.Fatalf("logging in: %v", err)
	}
	before := b.state(t, "tallies")
	for _, wrong := range []scheduling.Private{used, scheduling.NewPrivate("000000"), {}} {
		refusedField(t, b.Scheduler.RemoveFactor(background, e.actor, scheduling.Shown{OTP: wrong}), "otp")
	}
	b.unchanged(t, before, "tallies")
	b.Clock.Pass(30 * time.Second)
	if err := b.Scheduler.RemoveFactor(background, e.actor, scheduling.Shown{OTP: b.otp(t, e)}); err != nil {
		t.Fatalf("with a fresh one: %v", err)
	}
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Errorf("the password alone: %v", err)
	}
	refused(t, b.Scheduler.RemoveFactor(background, e.actor, scheduling.Shown{OTP: b.otp(t, e)}), scheduling.CodeWrongState)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_accounts WHERE factor IS NOT NULL OR factor_at <> 0"); n != 0 {
		t.Error("the secret is still there")
	}
	var actions []string
	for _, row := range b.rows(t, "SELECT action, before_state, after_state FROM audit WHERE action LIKE 'staff.factor%' ORDER BY id") {
		actions = append(actions, strings.Join(row, " "))
	}
	same(t, "audit", []string{
		`staff.factor.begin {"totp":false,"recovery_codes":0} {"totp":false,"recovery_codes":0}`,
		`staff.factor.confirm {"totp":false,"recovery_codes":0} {"totp":true,"recovery_codes":10}`,
		`staff.factor.remove {"totp":true,"recovery_codes":10} {"totp":false,"recovery_codes":0}`,
	}, actions)
}

func aDirectorResetsAColleaguesAndNotTheirOwn(t tb, b *Bundle) {
	e, boss := b.enroll(t, "anna"), b.enroll(t, "chief")
	boss.actor.Scope = account.Office
	refused(t, b.Scheduler.ResetFactor(background, boss.actor, "suite", "chief"), scheduling.CodeForbidden)
	refused(t, b.Scheduler.ResetFactor(background, boss.actor, "suite", "bert"), scheduling.CodeNotFound)
	refused(t, b.Scheduler.ResetFactor(background, boss.actor, "suite", "nobody"), scheduling.CodeNotFound)
	refused(t, b.Scheduler.ResetFactor(background, e.actor, "suite", "chief"), scheduling.CodeForbidden)
	if _, err := b.shows("anna", password, b.otp(t, e)); err != nil {
		t.Fatalf("logging in: %v", err)
	}
	if err := b.Scheduler.ResetFactor(background, boss.actor, "suite", "anna"); err != nil {
		t.Fatalf("resetting: %v", err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens WHERE staff_id = ?", e.actor.StaffID); n != 0 {
		t.Errorf("%d log-ins are left", n)
	}
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Errorf("the password alone: %v", err)
	}
	_, err := b.login("chief", password, "192.0.2.1")
	refused(t, err, scheduling.CodeSecondFactor)
	same(t, "audit", [][]string{{"chief", "chief", "forbidden"}, {"chief", "anna", ""}},
		b.rows(t, "SELECT actor_name, subject, refused FROM audit WHERE action = 'staff.factor.reset' ORDER BY id"))
}

func whoMustHaveOneIsHeldBackUntilItIsConfirmed(t tb, b *Bundle) {
	b.setPassword(t, "chief", password)
	b.setPassword(t, "anna", password)
	if a := b.loggedIn(t, "chief"); a.Limited {
		t.Error("held back where the office wants none")
	}
	b.Change(t, func(o *scheduling.Office) { o.SecondFactor = []account.Role{account.Director} })
	if a := b.loggedIn(t, "anna"); a.Limited {
		t.Error("a counsellor is held back")
	}
	a := b.loggedIn(t, "chief")
	if !a.Limited || len(a.Roles) != 0 {
		t.Fatalf("the director is not held back: %+v", a)
	}
	if view, err := b.Scheduler.SecondFactor(background, a); err != nil || view.Active || !view.Required {
		t.Errorf("it is shown as %+v, %v", view, err)
	}
	other, err := b.login("chief", password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	token := b.tokenOf(t, "chief")
	e := b.confirmed(t, "chief", b.holder(t, token))
	if a := b.holder(t, token); a.Limited || len(a.Roles) != 1 {
		t.Errorf("still held back after the confirmation: %+v", a)
	}
	_, err = b.Scheduler.Authenticate(background, other.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	if err := b.Scheduler.RemoveFactor(background, e.actor, scheduling.Shown{OTP: scheduling.NewPrivate(e.codes[0])}); err != nil {
		t.Fatalf("removing: %v", err)
	}
	if a := b.holder(t, token); !a.Limited {
		t.Error("not held back after the removal")
	}
}

func (b *Bundle) tokenOf(t tb, username string) scheduling.Token {
	t.Helper()
	token, err := b.login(username, password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	return token
}

// meanwhile does something once, after an account was read.
type meanwhile struct {
	*store.Store
	do func()
}

func (m *meanwhile) Account(ctx context.Context, office *scheduling.Office, username string) (scheduling.Account, error) {
	acc, err := m.Store.Account(ctx, office, username)
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return acc, err
}

func aLogInDoesNotSlipInBesideAConfirmation(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	a := b.loggedIn(t, "anna")
	slow := b.Replica(t)
	between := &meanwhile{Store: b.Store, do: func() { b.confirmed(t, "anna", a) }}
	slow.Accounts = between
	_, err := slow.Login(background, scheduling.Login{Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), Address: "192.0.2.1"})
	refused(t, err, scheduling.CodeSecondFactor)
	b.setPassword(t, "bert", password)
	between.do = func() { b.setPassword(t, "bert", "another horse battery") }
	_, err = slow.Login(background, scheduling.Login{Office: "suite", Username: "bert", Password: scheduling.NewPrivate(password), Address: "192.0.2.1"})
	refused(t, err, scheduling.CodeUnauthenticated)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); n != 1 {
		t.Errorf("%d log-ins beside that which confirmed", n-1)
	}
}

func theSecretIsReadUnderTheNewKeyAlone(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	both := b.under(t, "2027", "2026")
	if out, err := both.Rekey(background); err != nil || out.Factors != 1 {
		t.Errorf("rekeyed %+v, %v", out, err)
	}
	only := b.schedulerOver(b.under(t, "2027"))
	login := scheduling.Login{Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), OTP: b.otp(t, e), Address: "192.0.2.1"}
	if _, err := only.Login(background, login); err != nil {
		t.Errorf("under the new key alone: %v", err)
	}
	login.OTP = scheduling.NewPrivate(e.codes[0])
	if _, err := only.Login(background, login); err != nil {
		t.Errorf("by a recovery code: %v", err)
	}
	if _, err := b.Store.Account(background, b.Office(t), "anna"); err == nil {
		t.Error("the old key alone still reads it")
	}
}

func noTableShowsASecretOrARecoveryCode(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	secrets := append([]string{e.secret, b.otp(t, e).Reveal()}, e.codes...)
	for table, rows := range b.state(t) {
		for _, row := range rows {
			for _, s := range secrets {
				if found(s, row) || found(strings.ReplaceAll(s, "-", ""), row) {
					t.Errorf("%s holds %q: %q", table, s, row)
				}
			}
		}
	}
}
