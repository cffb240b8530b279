package storetest

import (
	"time"

	"magpie/scheduling"
)

var staffTests = []test{
	aPasswordGivesATokenForTwelveHours,
	aWrongPasswordAnUnknownNameAndAnUnknownOfficeAreAnsweredAlike,
	wrongPasswordsDelayTheAccountMoreAndMore,
	tenWrongPasswordsLockTheAccountForThatAddress,
	aNewPasswordLiftsTheLockAndEndsOldLogIns,
	whoIsRemovedIsLoggedOut,
	staffSeeTheirOwnOfficeAlone,
}

const password = "correct horse battery"

func (b *Bundle) setPassword(t tb, username, password string) {
	t.Helper()
	if err := b.Scheduler.SetPassword(background, "suite", username, scheduling.NewPrivate(password)); err != nil {
		t.Fatalf("setting a password: %v", err)
	}
}

func (b *Bundle) login(username, password, address string) (scheduling.Token, error) {
	return b.Scheduler.Login(background, scheduling.Login{Office: "suite", Username: username, Password: scheduling.NewPrivate(password), Address: address})
}

func aPasswordGivesATokenForTwelveHours(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	token, err := b.login("anna", password, "192.0.2.1")
	if err != nil || token.ExpiresAt.Sub(b.Clock.Now()) != 12*time.Hour {
		t.Fatalf("logged in until %s, %v", token.ExpiresAt, err)
	}
	b.Clock.Set(token.ExpiresAt.Add(-time.Second))
	anna, err := b.Scheduler.Authenticate(background, token.Token)
	want := b.Staff(t, "anna")
	if err != nil || anna.StaffID != want.StaffID || anna.OfficeID != want.OfficeID || anna.Username != "anna" || len(anna.Roles) != 1 {
		t.Fatalf("the token is %+v's: %v", anna, err)
	}
	if err := b.Scheduler.EndSession(background, anna); err != nil {
		t.Fatalf("logging out: %v", err)
	}
	_, err = b.Replica(t).Authenticate(background, token.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	second, err := b.login("anna", password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in again: %v", err)
	}
	b.Clock.Set(second.ExpiresAt)
	_, err = b.Scheduler.Authenticate(background, second.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
}

func aWrongPasswordAnUnknownNameAndAnUnknownOfficeAreAnsweredAlike(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	_, want := b.login("anna", password+"!", "192.0.2.1")
	refused(t, want, scheduling.CodeUnauthenticated)
	for _, l := range []scheduling.Login{
		{Office: "suite", Username: "nobody"}, {Office: "nowhere", Username: "anna"}, {Office: "suite", Username: "bert"},
	} {
		l.Password, l.Address = scheduling.NewPrivate(password), "192.0.2.1"
		_, err := b.Scheduler.Login(background, l)
		same(t, "answers", want, err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM audit WHERE action = 'staff.login' AND refused = 'unauthenticated'"); n != 3 {
		t.Errorf("%d refusals are in the audit", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); n != 0 {
		t.Errorf("%d log-ins", n)
	}
}

func wrongPasswordsDelayTheAccountMoreAndMore(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	for i := range 5 {
		_, err := b.login("anna", "wrong", "192.0.2."+itoa(int64(i)))
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	for i, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		address := "192.0.2.1" + itoa(int64(i))
		_, err := b.login("anna", password, address)
		if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != want {
			t.Errorf("wait %s, not %s", e.RetryAfter, want)
		}
		b.Clock.Pass(want)
		_, err = b.login("anna", "wrong", address)
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	b.Clock.Pass(time.Minute)
	if _, err := b.login("anna", password, "192.0.2.99"); err != nil {
		t.Errorf("the right one after a minute: %v", err)
	}
	for range 4 {
		_, err := b.login("anna", "wrong", "192.0.2.99")
		refused(t, err, scheduling.CodeUnauthenticated)
	}
}

func tenWrongPasswordsLockTheAccountForThatAddress(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	for range 10 {
		_, err := b.login("anna", "wrong", "192.0.2.1")
		refused(t, err, scheduling.CodeUnauthenticated)
		b.Clock.Pass(61 * time.Second)
	}
	_, err := b.login("anna", password, "192.0.2.1")
	refused(t, err, scheduling.CodeRateLimited)
	if _, err := b.login("anna", password, "192.0.2.2"); err != nil {
		t.Errorf("another address is locked: %v", err)
	}
	b.setPassword(t, "bert", password)
	if _, err := b.login("bert", password, "192.0.2.1"); err != nil {
		t.Errorf("another account is locked: %v", err)
	}
	b.Clock.Pass(15 * time.Minute)
	if _, err := b.login("anna", password, "192.0.2.1"); err != nil {
		t.Errorf("still locked after a quarter of an hour: %v", err)
	}
}

func aNewPasswordLiftsTheLockAndEndsOldLogIns(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	token, err := b.login("anna", password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	for range 10 {
		_, err := b.login("anna", "wrong", "192.0.2.1")
		refused(t, err, scheduling.CodeUnauthenticated)
		b.Clock.Pass(61 * time.Second)
	}
	_, err = b.login("anna", password, "192.0.2.1")
	refused(t, err, scheduling.CodeRateLimited)
	b.setPassword(t, "anna", "another horse battery")
	_, err = b.Scheduler.Authenticate(background, token.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	if _, err := b.login("anna", "another horse battery", "192.0.2.1"); err != nil {
		t.Errorf("the lock is not lifted: %v", err)
	}
	_, err = b.login("anna", password, "192.0.2.2")
	refused(t, err, scheduling.CodeUnauthenticated)
	err = b.Scheduler.SetPassword(background, "suite", "anna", scheduling.NewPrivate("short"))
	refusedField(t, err, "password")
	err = b.Scheduler.SetPassword(background, "suite", "nobody", scheduling.NewPrivate(password))
	refused(t, err, scheduling.CodeNotFound)
}

func whoIsRemovedIsLoggedOut(t tb, b *Bundle) {
	b.setPassword(t, "bert", password)
	token, err := b.login("bert", password, "192.0.2.1")
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	b.Change(t, func(o *scheduling.Office) { o.Staff = append(o.Staff[:1:1], o.Staff[2:]...) })
	_, err = b.Scheduler.Authenticate(background, token.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	_, err = b.login("bert", password, "192.0.2.1")
	refused(t, err, scheduling.CodeUnauthenticated)
	if n := b.count(t, "SELECT COUNT(*) FROM staff_tokens"); n != 0 {
		t.Errorf("%d log-ins are left", n)
	}
}

func staffSeeTheirOwnOfficeAlone(t tb, b *Bundle) {
	desk, anna := b.Staff(t, "desk"), b.Staff(t, "anna")
	for i, counsellor := range []string{"anna", "bert", "anna"} {
		r := b.wants(desk, "family", []string{"2026-03-03 14:30", "2026-03-03 09:00", "2026-03-04 09:00"}[i])
		r.Wish.Counsellor = counsellor
		b.mustBook(t, r)
	}
	list := func(f scheduling.Filter) int {
		t.Helper()
		f.Office, f.From, f.To = "suite", day("2026-03-03"), day("2026-03-04")
		seen, after := 0, ""
		for range 5 {
			f.Page = scheduling.Page{Limit: 1, After: after}
			items, next, err := b.Scheduler.OfficeAppointments(background, f)
			if err != nil {
				t.Fatalf("listing: %v", err)
			}
			seen += len(items)
			if after = next; after == "" {
				break
			}
		}
		return seen
	}
	for want, f := range map[int]scheduling.Filter{
		3: {Actor: desk}, 2: {Actor: anna}, 1: {Actor: desk, Counsellor: "bert"}, 0: {Actor: desk, Room: "large"},
	} {
		if got := list(f); got != want {
			t.Errorf("%s sees %d, not %d", f.Actor.Username, got, want)
		}
	}
	_, _, err := b.Scheduler.OfficeAppointments(background, scheduling.Filter{Actor: anna, Office: "suite", From: 1, To: 2, Counsellor: "bert"})
	refused(t, err, scheduling.CodeForbidden)
	desk.OfficeID++
	_, _, err = b.Scheduler.OfficeAppointments(background, scheduling.Filter{Actor: desk, Office: "suite", From: 1, To: 2})
	refused(t, err, scheduling.CodeNotFound)
}
