package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

var loginTests = []test{
	aLogInIsListedWithHowAndWhereItBegan,
	aLogInIsMarkedAsSeenEveryFiveMinutesAtMost,
	oneEndsOnesOwnLogInsAndNobodyElses,
	aDirectorEndsEveryLogInOfAMember,
	inOneRoleOneHasItsRightsAlone,
	theAuditNamesTheActingRole,
	aRoleThatWasTakenAwayActsNoMore,
	aLogInOfAnOlderVersionGoesOn,
	aDirectorSeesWhoCanLogInAndHow,
}

// hats gives the desk the director's role as well.
func hats(o *scheduling.Office) { o.Staff[2].Roles = []account.Role{account.Desk, account.Director} }

func (b *Bundle) logins(t tb, a scheduling.Actor) []scheduling.StaffLogin {
	t.Helper()
	all, err := b.Scheduler.OwnLogins(background, a)
	if err != nil {
		t.Fatalf("listing log-ins: %v", err)
	}
	return all
}

func aLogInIsListedWithHowAndWhereItBegan(t tb, b *Bundle) {
	e := b.enroll(t, "anna")
	b.Clock.Pass(time.Hour)
	now := b.Clock.Now()
	token, err := b.Scheduler.Login(background, scheduling.Login{
		Office: "suite", Username: "anna", Password: scheduling.NewPrivate(password), OTP: b.otp(t, e), Address: "192.0.2.1",
		Agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/109.0 Safari/537.36",
	})
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	a := b.holder(t, token)
	all := b.logins(t, a)
	if len(all) != 2 || all[0].ID == all[1].ID || all[0].ID == "" {
		t.Fatalf("the log-ins are %+v", all)
	}
	first := all[0]
	if !first.Current || all[1].Current || !first.Began.Equal(now) || !first.Seen.Equal(now) || !first.Expires.Equal(token.ExpiresAt) || first.Browser != "Chrome" || first.System != "Windows" {
		t.Errorf("the new one is %+v", first)
	}
	same(t, "how", []string{scheduling.ByPassword, scheduling.ByTOTP}, first.How)
	same(t, "how the old one was", []string{scheduling.ByPassword}, all[1].How)
	for _, row := range b.rows(t, "SELECT agent, how, role FROM staff_tokens WHERE began_at = ?", now.Unix()) {
		same(t, "what is kept", []string{"Chrome/Windows", "password+totp", ""}, row)
	}
	b.Clock.Set(token.ExpiresAt)
	if left := b.logins(t, a); len(left) != 0 {
		t.Errorf("after their end %d are listed", len(left))
	}
}

func aLogInIsMarkedAsSeenEveryFiveMinutesAtMost(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	token := b.tokenOf(t, "anna")
	began := b.Clock.Now()
	seen := func() time.Duration {
		t.Helper()
		return b.logins(t, b.holder(t, token))[0].Seen.Sub(began)
	}
	for _, c := range []struct{ pass, want time.Duration }{
		{0, 0}, {4*time.Minute + 59*time.Second, 0}, {time.Second, 5 * time.Minute}, {4 * time.Minute, 5 * time.Minute}, {time.Hour, 69 * time.Minute},
	} {
		b.Clock.Pass(c.pass)
		if got := seen(); got != c.want {
			t.Errorf("%s after its beginning it was seen after %s, not %s", b.Clock.Now().Sub(began), got, c.want)
		}
	}
}

func oneEndsOnesOwnLogInsAndNobodyElses(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	b.setPassword(t, "bert", password)
	first, second, third, others := b.tokenOf(t, "anna"), b.tokenOf(t, "anna"), b.tokenOf(t, "anna"), b.tokenOf(t, "bert")
	anna, bert := b.holder(t, first), b.holder(t, others)
	refused(t, b.Scheduler.EndOwnLogin(background, anna, b.logins(t, bert)[0].ID), scheduling.CodeNotFound)
	refused(t, b.Scheduler.EndOwnLogin(background, anna, "0123456789abcdef"), scheduling.CodeNotFound)
	if err := b.Scheduler.EndOwnLogin(background, anna, b.logins(t, b.holder(t, second))[b.current(t, second)].ID); err != nil {
		t.Fatalf("ending one: %v", err)
	}
	_, err := b.Replica(t).Authenticate(background, second.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	if err := b.Scheduler.EndOtherLogins(background, anna); err != nil {
		t.Fatalf("ending the others: %v", err)
	}
	_, err = b.Scheduler.Authenticate(background, third.Token)
	refused(t, err, scheduling.CodeUnauthenticated)
	if len(b.logins(t, anna)) != 1 || !b.logins(t, anna)[0].Current || len(b.logins(t, bert)) != 1 {
		t.Errorf("what is left: %+v", b.logins(t, anna))
	}
	if err := b.Scheduler.EndOtherLogins(background, anna); err != nil {
		t.Errorf("ending none: %v", err)
	}
	same(t, "audit", [][]string{{"staff.login.end", "anna", ""}, {"staff.logins.end", "anna", `{"ended":1}`}},
		b.rows(t, "SELECT action, subject, after_state FROM audit WHERE action LIKE 'staff.login%.end' ORDER BY id"))
}

// current is the place of a token's own log-in in its owner's list.
func (b *Bundle) current(t tb, token scheduling.Token) int {
	t.Helper()
	for i, l := range b.logins(t, b.holder(t, token)) {
		if l.Current {
			return i
		}
	}
	t.Fatalf("no log-in is the current one")
	return 0
}

func aDirectorEndsEveryLogInOfAMember(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	one, two := b.tokenOf(t, "anna"), b.tokenOf(t, "anna")
	refused(t, b.Scheduler.EndLoginsOf(background, b.Staff(t, "anna"), "suite", "anna"), scheduling.CodeForbidden)
	chief := b.Staff(t, "chief")
	refused(t, b.Scheduler.EndLoginsOf(background, chief, "suite", "nobody"), scheduling.CodeNotFound)
	if err := b.Scheduler.EndLoginsOf(background, chief, "suite", "anna"); err != nil {
		t.Fatalf("ending: %v", err)
	}
	for _, token := range []scheduling.Token{one, two} {
		_, err := b.Scheduler.Authenticate(background, token.Token)
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	same(t, "audit", [][]string{{"chief", "anna", `{"ended":2}`}}, b.rows(t, "SELECT actor_name, subject, after_state FROM audit WHERE action = 'staff.logins.end'"))
}

func inOneRoleOneHasItsRightsAlone(t tb, b *Bundle) {
	b.Change(t, hats)
	b.setPassword(t, "desk", password)
	token := b.tokenOf(t, "desk")
	a := b.holder(t, token)
	if len(a.Roles) != 2 || a.Acting != "" {
		t.Errorf("without a choice they are %+v", a)
	}
	_, err := b.Scheduler.Act(background, a, account.Auditor)
	refusedField(t, err, "role")
	in, err := b.Scheduler.Act(background, a, account.Desk)
	if err != nil || in.Acting != account.Desk || len(in.Member.Roles) != 2 || in.Member.Name.ZH != "前台" || !in.Login.Current {
		t.Fatalf("acting at the desk: %+v, %v", in, err)
	}
	a = b.holder(t, token)
	same(t, "roles", []account.Role{account.Desk}, a.Roles)
	if scope, _ := account.Allowed("GET /api/v1/staff/offices/{office}/audit", a.Roles); scope != account.None {
		t.Error("the desk reads the audit")
	}
	if _, err := b.Scheduler.Act(background, a, account.Director); err != nil {
		t.Fatalf("from one role to the other: %v", err)
	}
	same(t, "roles", []account.Role{account.Director}, b.holder(t, token).Roles)
	if in, err = b.Scheduler.Act(background, b.holder(t, token), ""); err != nil || in.Acting != "" {
		t.Fatalf("back to all: %+v, %v", in, err)
	}
	if got := b.holder(t, token); len(got.Roles) != 2 || got.Acting != "" {
		t.Errorf("back to all they are %+v", got)
	}
	login := scheduling.Login{Office: "suite", Username: "desk", Password: scheduling.NewPrivate(password), Role: account.Director, Address: "192.0.2.1"}
	second, err := b.Scheduler.Login(background, login)
	if err != nil {
		t.Fatalf("logging in as director: %v", err)
	}
	own, err := b.Scheduler.OwnSession(background, b.holder(t, second))
	if err != nil || own.Acting != account.Director || own.Login.Role != account.Director || !own.Login.Expires.Equal(second.ExpiresAt) {
		t.Errorf("the session is %+v, %v", own, err)
	}
	login.Role = account.Auditor
	_, err = b.Scheduler.Login(background, login)
	refusedField(t, err, "role")
	login.Password = scheduling.NewPrivate("wrong")
	_, err = b.Scheduler.Login(background, login)
	refused(t, err, scheduling.CodeUnauthenticated)
}

func theAuditNamesTheActingRole(t tb, b *Bundle) {
	b.Change(t, hats)
	b.setPassword(t, "desk", password)
	token := b.tokenOf(t, "desk")
	book := func(start string) {
		t.Helper()
		a := b.holder(t, token)
		a.Scope = account.Office
		b.mustBook(t, b.wants(a, "family", start))
	}
	book("2026-03-03 09:00")
	if _, err := b.Scheduler.Act(background, b.holder(t, token), account.Desk); err != nil {
		t.Fatalf("acting: %v", err)
	}
	book("2026-03-04 09:00")
	if _, err := b.Scheduler.Act(background, b.holder(t, token), account.Desk); err != nil {
		t.Fatalf("acting again: %v", err)
	}
	same(t, "audit", [][]string{
		{"staff.login", "", ""}, {"appointment.book", "", ""}, {"staff.act", "", `{"role":"desk"}`}, {"appointment.book", "desk", ""},
	}, b.withoutStates(t))
	for _, e := range b.trail(t) {
		if e.Action == "staff.act" && e.Actor.Role != "" {
			t.Errorf("%+v", e)
		}
	}
}

// withoutStates is what the desk did, in which role; of a change of role to
// which.
func (b *Bundle) withoutStates(t tb) [][]string {
	t.Helper()
	return b.rows(t, "SELECT action, actor_role, CASE WHEN action = 'staff.act' THEN after_state ELSE '' END FROM audit WHERE actor_name = 'desk' ORDER BY id")
}

func aRoleThatWasTakenAwayActsNoMore(t tb, b *Bundle) {
	b.Change(t, hats)
	b.setPassword(t, "desk", password)
	token := b.tokenOf(t, "desk")
	if _, err := b.Scheduler.Act(background, b.holder(t, token), account.Director); err != nil {
		t.Fatalf("acting: %v", err)
	}
	b.Change(t, func(o *scheduling.Office) { o.Staff[2].Roles = []account.Role{account.Desk} })
	a := b.holder(t, token)
	same(t, "roles", []account.Role{account.Desk}, a.Roles)
	if a.Acting != "" {
		t.Errorf("still acting as %s", a.Acting)
	}
}

func aLogInOfAnOlderVersionGoesOn(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	token := b.tokenOf(t, "anna")
	began := b.Clock.Now()
	b.exec(t, "UPDATE staff_tokens SET began_at = 0, seen_at = 0, how = 'password', agent = '', role = ''")
	all := b.logins(t, b.holder(t, token))
	if len(all) != 1 || !all[0].Began.Equal(began) || !all[0].Seen.Equal(began) || all[0].Browser != "" {
		t.Errorf("it is listed as %+v", all)
	}
}

func aDirectorSeesWhoCanLogInAndHow(t tb, b *Bundle) {
	b.enroll(t, "chief")
	_, d, _ := b.keyed(t, "bert")
	b.Clock.Pass(time.Hour)
	if _, err := b.byPasskey(b.signs(t, d)); err != nil {
		t.Fatalf("logging in: %v", err)
	}
	b.setPassword(t, "anna", password)
	b.Change(t, func(o *scheduling.Office) { o.SecondFactor = []account.Role{account.Director, account.Auditor} })
	chief := b.Staff(t, "chief")
	all, err := b.Scheduler.SignIns(background, chief, "suite")
	if err != nil {
		t.Fatalf("listing: %v", err)
	}
	now := b.Clock.Now()
	type line struct {
		username                   string
		password, factor, required bool
		logins                     int
		seen                       time.Time
	}
	var got []line
	for _, s := range all {
		got = append(got, line{s.Member.Username, s.Password, s.SecondFactor, s.Required, s.Logins, s.Seen})
	}
	same(t, "sign-ins", []line{
		{"anna", true, false, false, 0, time.Time{}}, {"bert", true, true, false, 2, now}, {"desk", false, false, false, 0, time.Time{}},
		{"chief", true, true, true, 1, now.Add(-time.Hour - 30*time.Second)}, {"watch", false, false, true, 0, time.Time{}},
	}, got)
	_, err = b.Scheduler.SignIns(background, b.Staff(t, "anna"), "suite")
	refused(t, err, scheduling.CodeForbidden)
	chief.OfficeID++
	_, err = b.Scheduler.SignIns(background, chief, "suite")
	refused(t, err, scheduling.CodeNotFound)
}
