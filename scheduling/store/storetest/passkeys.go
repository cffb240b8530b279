package storetest

import (
	"bytes"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/store/storetest/authenticator"
)

var passkeyTests = []test{
	aPasskeyLogsItsOwnerInByItself,
	aPasskeyIsASecondFactorAfterThePassword,
	aChallengeIsTakenOnceAndForFiveMinutes,
	aPasskeyWhoseCounterGoesBackIsRefused,
	aDeviceThatHasNotRecognizedItsOwnerIsRefused,
	anotherPageAndAnotherCeremonyAreRefused,
	theFirstPasskeyComesWithRecoveryCodesAndTheSecondNeedsAProof,
	aColleaguesPasskeyIsNobodysSecondFactor,
	aPasskeyIsRenamedAndRemovedByItsOwner,
	aPasskeyLiftsWhatHoldsARoleBack,
	aResetTakesThePasskeysToo,
	whoIsRemovedLogsInByNoPasskey,
	aPasskeyIsReadUnderTheNewKeyAlone,
	withoutAHostNameThereAreNoPasskeys,
}

const suiteOrigin = "https://suite.example"

func device() *authenticator.Device {
	return &authenticator.Device{Origin: suiteOrigin, Counts: true}
}

// addPasskey adds one of a device to somebody's, with what proves them.
func (b *Bundle) addPasskey(t tb, a scheduling.Actor, d *authenticator.Device, shown scheduling.Shown) (scheduling.Passkey, []string) {
	t.Helper()
	begun, err := b.Scheduler.BeginPasskey(background, a, shown)
	if err != nil {
		t.Fatalf("beginning a passkey: %v", err)
	}
	p, codes, err := b.Scheduler.FinishPasskey(background, a, scheduling.NewPasskey{Signature: made(t, begun, d.Create), Name: scheduling.NewPrivate(" 我的手机 ")})
	if err != nil {
		t.Fatalf("adding a passkey: %v", err)
	}
	return p, codes
}

func made(t tb, asked scheduling.Ceremony, by func([]byte) ([]byte, error)) scheduling.Signature {
	t.Helper()
	response, err := by(asked.Options)
	if err != nil {
		t.Fatalf("the device: %v", err)
	}
	return scheduling.Signature{ID: asked.ID, Response: response}
}

// signs is what a device answers to a ceremony of a log-in.
func (b *Bundle) signs(t tb, d *authenticator.Device) scheduling.Signature {
	t.Helper()
	begun, err := b.Scheduler.BeginPasskeyLogin(background, "192.0.2.1")
	if err != nil {
		t.Fatalf("beginning to ask for a passkey: %v", err)
	}
	return made(t, begun, d.Get)
}

func (b *Bundle) byPasskey(s scheduling.Signature) (scheduling.Token, error) {
	return b.Scheduler.FinishPasskeyLogin(background, scheduling.PasskeyLogin{Signature: s, Address: "192.0.2.1", Agent: "Firefox/128.0 (Linux)"})
}

// keyed is somebody logged in with a passkey on a device.
func (b *Bundle) keyed(t tb, username string) (scheduling.Actor, *authenticator.Device, scheduling.Passkey) {
	t.Helper()
	b.setPassword(t, username, password)
	a, d := b.loggedIn(t, username), device()
	p, _ := b.addPasskey(t, a, d, scheduling.Shown{})
	return a, d, p
}

func aPasskeyLogsItsOwnerInByItself(t tb, b *Bundle) {
	_, d, p := b.keyed(t, "anna")
	if p.Name.Reveal() != "我的手机" || !p.CreatedAt.Equal(b.Clock.Now()) || !p.UsedAt.IsZero() {
		t.Errorf("added %+v", p)
	}
	for range 2 {
		b.Clock.Pass(time.Minute)
		token, err := b.byPasskey(b.signs(t, d))
		if err != nil || token.ExpiresAt.Sub(b.Clock.Now()) != 12*time.Hour {
			t.Fatalf("logged in until %s: %v", token.ExpiresAt, err)
		}
		a := b.holder(t, token)
		all := b.logins(t, a)
		if a.Username != "anna" || a.Limited || all[0].How[0] != scheduling.ByPasskey || len(all[0].How) != 1 || all[0].Browser != "Firefox" {
			t.Errorf("the log-in is %+v's: %+v", a, all[0])
		}
		own, err := b.Scheduler.OwnPasskeys(background, a)
		if err != nil || len(own) != 1 || !own[0].UsedAt.Equal(b.Clock.Now()) || own[0].Counter != d.Counter {
			t.Errorf("the passkeys are %+v, %v", own, err)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM staff_challenges"); n != 0 {
		t.Errorf("%d challenges are left", n)
	}
	role, err := b.Scheduler.FinishPasskeyLogin(background, scheduling.PasskeyLogin{Signature: b.signs(t, d), Role: account.Counsellor, Address: "192.0.2.1"})
	if err != nil || b.holder(t, role).Acting != account.Counsellor {
		t.Errorf("in a role: %v", err)
	}
	_, err = b.Scheduler.FinishPasskeyLogin(background, scheduling.PasskeyLogin{Signature: b.signs(t, d), Role: account.Desk, Address: "192.0.2.1"})
	refusedField(t, err, "role")
}

func aPasskeyIsASecondFactorAfterThePassword(t tb, b *Bundle) {
	_, d, _ := b.keyed(t, "anna")
	_, err := b.login("anna", password, "192.0.2.1")
	refused(t, err, scheduling.CodeSecondFactor)
	b.Clock.Pass(time.Minute)
	signed := b.signs(t, d)
	login := scheduling.Login{Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), Passkey: &signed, Address: "192.0.2.1"}
	token, err := b.Scheduler.Login(background, login)
	if err != nil {
		t.Fatalf("with the passkey: %v", err)
	}
	same(t, "how", []string{scheduling.ByPassword, scheduling.ByPasskey}, b.logins(t, b.holder(t, token))[0].How)
	_, err = b.Scheduler.Login(background, login)
	refused(t, err, scheduling.CodeSecondFactor)
	again := b.signs(t, d)
	login.Passkey, login.Password = &again, scheduling.NewPrivate("wrong")
	_, err = b.Scheduler.Login(background, login)
	refused(t, err, scheduling.CodeUnauthenticated)
}

func aChallengeIsTakenOnceAndForFiveMinutes(t tb, b *Bundle) {
	_, d, _ := b.keyed(t, "anna")
	signed := b.signs(t, d)
	errs := together(4, func(int) error {
		_, err := b.byPasskey(signed)
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			refused(t, err, scheduling.CodeUnauthenticated)
		}
	}
	if won != 1 {
		t.Errorf("%d were let in by one signature", won)
	}
	late := b.signs(t, d)
	b.Clock.Pass(5 * time.Minute)
	_, err := b.byPasskey(late)
	refused(t, err, scheduling.CodeUnauthenticated)
	begun, err := b.Scheduler.BeginPasskeyLogin(background, "192.0.2.1")
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	b.Clock.Pass(5*time.Minute - time.Second)
	if _, err := b.byPasskey(made(t, begun, d.Get)); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	if _, err := b.Scheduler.BeginPasskeyLogin(background, "192.0.2.1"); err != nil {
		t.Fatalf("beginning: %v", err)
	}
	b.Clock.Pass(time.Hour)
	b.erase(t)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_challenges"); n != 0 {
		t.Errorf("%d challenges are left after an hour", n)
	}
}

func aPasskeyWhoseCounterGoesBackIsRefused(t tb, b *Bundle) {
	_, d, _ := b.keyed(t, "anna")
	copied := *d
	for range 3 {
		if _, err := b.byPasskey(b.signs(t, d)); err != nil {
			t.Fatalf("the device itself: %v", err)
		}
	}
	_, err := b.byPasskey(b.signs(t, &copied))
	refused(t, err, scheduling.CodeUnauthenticated)
	if n := b.count(t, "SELECT COUNT(*) FROM audit WHERE action = 'staff.login' AND refused = 'unauthenticated' AND subject = 'anna'"); n != 1 {
		t.Errorf("%d refusals are in the audit", n)
	}
	if _, err := b.byPasskey(b.signs(t, d)); err != nil {
		t.Errorf("the device itself after the copy: %v", err)
	}
	b.setPassword(t, "bert", password)
	silent := &authenticator.Device{Origin: suiteOrigin}
	b.addPasskey(t, b.loggedIn(t, "bert"), silent, scheduling.Shown{})
	for range 2 {
		if _, err := b.byPasskey(b.signs(t, silent)); err != nil {
			t.Errorf("a device that does not count: %v", err)
		}
	}
}

func aDeviceThatHasNotRecognizedItsOwnerIsRefused(t tb, b *Bundle) {
	a, d, _ := b.keyed(t, "anna")
	d.Stranger = true
	_, err := b.byPasskey(b.signs(t, d))
	refused(t, err, scheduling.CodeUnauthenticated)
	d.Stranger = false
	signed := b.signs(t, d)
	other := device()
	other.Stranger = true
	begun, err := b.Scheduler.BeginPasskey(background, a, scheduling.Shown{Passkey: &signed})
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	_, _, err = b.Scheduler.FinishPasskey(background, a, scheduling.NewPasskey{Signature: made(t, begun, other.Create), Name: scheduling.NewPrivate("x")})
	refusedField(t, err, "credential")
}

func anotherPageAndAnotherCeremonyAreRefused(t tb, b *Bundle) {
	a, d, _ := b.keyed(t, "anna")
	for _, origin := range []string{"https://evil.example", "http://suite.example", "https://suite.example:8443", "https://sub.suite.example"} {
		d.Origin = origin
		_, err := b.byPasskey(b.signs(t, d))
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	d.Origin = suiteOrigin
	first, second := b.signs(t, d), b.signs(t, d)
	_, err := b.byPasskey(scheduling.Signature{ID: first.ID, Response: second.Response})
	refused(t, err, scheduling.CodeUnauthenticated)
	for _, response := range []string{"", "{}", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
		_, err := b.byPasskey(scheduling.Signature{ID: b.signs(t, d).ID, Response: []byte(response)})
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	begun, err := b.Scheduler.BeginPasskeyLogin(background, "192.0.2.1")
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	_, _, err = b.Scheduler.FinishPasskey(background, a, scheduling.NewPasskey{Signature: scheduling.Signature{ID: begun.ID, Response: []byte("{}")}, Name: scheduling.NewPrivate("x")})
	refusedField(t, err, "id")
	if _, err := b.byPasskey(made(t, begun, d.Get)); err != nil {
		t.Errorf("the ceremony was used up by one of another kind: %v", err)
	}
}

func theFirstPasskeyComesWithRecoveryCodesAndTheSecondNeedsAProof(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	old, a, d := b.tokenOf(t, "anna"), b.loggedIn(t, "anna"), device()
	_, codes := b.addPasskey(t, a, d, scheduling.Shown{})
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	_, err := b.Scheduler.Authenticate(background, old.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	_, err = b.Scheduler.BeginPasskey(background, a, scheduling.Shown{})
	refusedField(t, err, "otp")
	signed := b.signs(t, d)
	if _, codes = b.addPasskey(t, a, device(), scheduling.Shown{Passkey: &signed}); codes != nil {
		t.Error("the second comes with recovery codes")
	}
	signed = b.signs(t, d)
	renewed, err := b.Scheduler.RenewRecovery(background, a, scheduling.Shown{Passkey: &signed})
	if err != nil || len(renewed) != 10 {
		t.Fatalf("new codes for a passkey: %v", err)
	}
	for i := range 8 {
		b.Clock.Pass(time.Second)
		b.addPasskey(t, a, device(), scheduling.Shown{OTP: scheduling.NewPrivate(renewed[i])})
	}
	_, err = b.Scheduler.BeginPasskey(background, a, scheduling.Shown{OTP: scheduling.NewPrivate(renewed[8])})
	refused(t, err, scheduling.CodeLimitReached)
	if own, err := b.Scheduler.OwnPasskeys(background, a); err != nil || len(own) != 10 {
		t.Errorf("%d passkeys, %v", len(own), err)
	}
	if _, err := b.shows("anna", password, scheduling.NewPrivate(renewed[9])); err != nil {
		t.Errorf("a recovery code in place of a passkey: %v", err)
	}
	for _, name := range []string{"", "   ", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"} {
		_, _, err := b.Scheduler.FinishPasskey(background, a, scheduling.NewPasskey{Name: scheduling.NewPrivate(name)})
		refusedField(t, err, "name")
	}
}

func aColleaguesPasskeyIsNobodysSecondFactor(t tb, b *Bundle) {
	anna, _, _ := b.keyed(t, "anna")
	_, berts, _ := b.keyed(t, "bert")
	signed := b.signs(t, berts)
	_, err := b.Scheduler.Login(background, scheduling.Login{Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), Passkey: &signed, Address: "192.0.2.1"})
	refused(t, err, scheduling.CodeSecondFactor)
	signed = b.signs(t, berts)
	_, err = b.Scheduler.RenewRecovery(background, anna, scheduling.Shown{Passkey: &signed})
	refusedField(t, err, "otp")
	if token, err := b.byPasskey(b.signs(t, berts)); err != nil || b.holder(t, token).Username != "bert" {
		t.Errorf("bert: %v", err)
	}
}

func aPasskeyIsRenamedAndRemovedByItsOwner(t tb, b *Bundle) {
	anna, d, p := b.keyed(t, "anna")
	bert, berts, _ := b.keyed(t, "bert")
	_, err := b.Scheduler.RenamePasskey(background, bert, p.ID, scheduling.NewPrivate("mine"))
	refused(t, err, scheduling.CodeNotFound)
	signed := b.signs(t, berts)
	refused(t, b.Scheduler.RemovePasskey(background, bert, p.ID, scheduling.Shown{Passkey: &signed}), scheduling.CodeNotFound)
	if _, err := b.Scheduler.RenamePasskey(background, anna, p.ID, scheduling.NewPrivate("办公室电脑")); err != nil {
		t.Fatalf("renaming: %v", err)
	}
	own, err := b.Scheduler.OwnPasskeys(background, anna)
	if err != nil || own[0].Name.Reveal() != "办公室电脑" || !bytes.Equal(own[0].Credential, p.Credential) {
		t.Errorf("renamed to %+v, %v", own, err)
	}
	for table, rows := range b.state(t) {
		for _, row := range rows {
			if found("办公室电脑", row) {
				t.Errorf("%s holds the name: %s", table, row)
			}
		}
	}
	refusedField(t, b.Scheduler.RemovePasskey(background, anna, p.ID, scheduling.Shown{}), "otp")
	signed = b.signs(t, d)
	if err := b.Scheduler.RemovePasskey(background, anna, p.ID, scheduling.Shown{Passkey: &signed}); err != nil {
		t.Fatalf("removing: %v", err)
	}
	_, err = b.byPasskey(b.signs(t, d))
	refused(t, err, scheduling.CodeUnauthenticated)
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Errorf("the password alone, after the last is gone: %v", err)
	}
	if view, err := b.Scheduler.SecondFactor(background, anna); err != nil || view.Active || view.CodesLeft != 0 {
		t.Errorf("it is shown as %+v, %v", view, err)
	}
	same(t, "audit", [][]string{
		{"staff.passkey.add", `{"passkeys":0}`, `{"passkeys":1}`}, {"staff.passkey.rename", "", ""}, {"staff.passkey.remove", `{"passkeys":1}`, `{"passkeys":0}`},
	}, b.rows(t, "SELECT action, before_state, after_state FROM audit WHERE action LIKE 'staff.passkey%' AND actor_name = 'anna' ORDER BY id"))
}

func aPasskeyLiftsWhatHoldsARoleBack(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.SecondFactor = []account.Role{account.Director} })
	b.setPassword(t, "chief", password)
	token, d := b.tokenOf(t, "chief"), device()
	if !b.holder(t, token).Limited {
		t.Fatal("the director is not held back")
	}
	b.addPasskey(t, b.holder(t, token), d, scheduling.Shown{})
	if b.holder(t, token).Limited {
		t.Error("still held back")
	}
	chief := b.holder(t, token)
	_, err := b.Scheduler.BeginFactor(background, chief, scheduling.Shown{})
	refusedField(t, err, "otp")
	e := enrolled{username: "chief", actor: chief}
	signed := b.signs(t, d)
	begun, err := b.Scheduler.BeginFactor(background, chief, scheduling.Shown{Passkey: &signed})
	if err != nil {
		t.Fatalf("beginning with the passkey: %v", err)
	}
	e.secret = begun.Secret.Reveal()
	if e.codes, err = b.Scheduler.ConfirmFactor(background, chief, b.otp(t, e)); err != nil || len(e.codes) != 10 {
		t.Fatalf("confirming: %v", err)
	}
	b.Clock.Pass(30 * time.Second)
	if err := b.Scheduler.RemoveFactor(background, e.actor, scheduling.Shown{OTP: b.otp(t, e)}); err != nil {
		t.Fatalf("removing the authenticator: %v", err)
	}
	if b.holder(t, token).Limited {
		t.Error("held back with a passkey left")
	}
	if view, err := b.Scheduler.SecondFactor(background, e.actor); err != nil || !view.Active || view.CodesLeft != 10 {
		t.Errorf("the recovery codes of the passkey: %+v, %v", view, err)
	}
}

func aResetTakesThePasskeysToo(t tb, b *Bundle) {
	_, d, _ := b.keyed(t, "anna")
	if err := b.Scheduler.ResetFactor(background, b.Staff(t, "chief"), "suite", "anna"); err != nil {
		t.Fatalf("resetting: %v", err)
	}
	_, err := b.byPasskey(b.signs(t, d))
	refused(t, err, scheduling.CodeUnauthenticated)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_passkeys"); n != 0 {
		t.Errorf("%d passkeys are left", n)
	}
}

func whoIsRemovedLogsInByNoPasskey(t tb, b *Bundle) {
	_, d, _ := b.keyed(t, "bert")
	b.Change(t, func(o *scheduling.Office) { o.Staff = append(o.Staff[:1:1], o.Staff[2:]...) })
	_, err := b.byPasskey(b.signs(t, d))
	refused(t, err, scheduling.CodeUnauthenticated)
}

func aPasskeyIsReadUnderTheNewKeyAlone(t tb, b *Bundle) {
	_, d, _ := b.keyed(t, "anna")
	if out, err := b.under(t, "2027", "2026").Rekey(background); err != nil || out.Passkeys != 1 || out.Factors != 1 {
		t.Errorf("rekeyed %+v, %v", out, err)
	}
	only := b.schedulerOver(b.under(t, "2027"))
	begun, err := only.BeginPasskeyLogin(background, "192.0.2.1")
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	if _, err := only.FinishPasskeyLogin(background, scheduling.PasskeyLogin{Signature: made(t, begun, d.Get), Address: "192.0.2.1"}); err != nil {
		t.Errorf("under the new key alone: %v", err)
	}
}

func withoutAHostNameThereAreNoPasskeys(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	a := b.loggedIn(t, "anna")
	for _, origin := range []string{"", "http://127.0.0.1:8080", "http://[::1]:8080"} {
		b.Scheduler.Settings.Origin = origin
		_, err := b.Scheduler.BeginPasskeyLogin(background, "192.0.2.1")
		refused(t, err, scheduling.CodeWrongState)
		_, err = b.Scheduler.BeginPasskey(background, a, scheduling.Shown{})
		refused(t, err, scheduling.CodeWrongState)
	}
	b.Scheduler.Settings.Origin = "http://localhost:8080"
	d := &authenticator.Device{Origin: "http://localhost:8080"}
	b.addPasskey(t, a, d, scheduling.Shown{})
	if _, err := b.byPasskey(b.signs(t, d)); err != nil {
		t.Errorf("at localhost: %v", err)
	}
}
