package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
)

var diaryTests = []test{
	aCalendarHasWhatIsBookedWithItsCounsellorAndNothingElse,
	aCalendarShowsNamesOnlyWhereItsCounsellorWantsThem,
	aCalendarReachesThirtyDaysBackAnd180Ahead,
	anAddressIsReadUntilItIsMadeAnewOrRevoked,
	whoIsNoCounsellorAnyMoreHasNoCalendar,
	wrongAddressesAreLimitedPerAddress,
	anAppPasswordOpensTheCalendarUntilItIsRemoved,
	wrongAppPasswordsAreLimitedAndRightOnesAreNot,
	noMoreThanTwentyAppPasswordsAreMadeAtOnce,
	theNamesOfAppPasswordsAreSealedAndReadUnderTheNewKey,
}

func (b *Bundle) calendarOf(t tb, username string) scheduling.Diary {
	t.Helper()
	d, err := b.Scheduler.CalendarOf(background, b.Staff(t, username))
	if err != nil {
		t.Fatalf("reading the calendar of %s: %v", username, err)
	}
	return d
}

// bookWith books at the desk with one counsellor.
func (b *Bundle) bookWith(t tb, username, start string) scheduling.Appointment {
	t.Helper()
	r := b.wants(b.Staff(t, "desk"), "family", start)
	r.Wish.Counsellor = username
	return b.mustBook(t, r)
}

func referencesIn(d scheduling.Diary) []string {
	var out []string
	for _, a := range d.Appointments {
		out = append(out, a.Reference)
	}
	return out
}

func aCalendarHasWhatIsBookedWithItsCounsellorAndNothingElse(t tb, b *Bundle) {
	first, second, gone := b.bookWith(t, "anna", "2026-03-04 09:00"), b.bookWith(t, "anna", "2026-03-03 09:00"), b.bookWith(t, "anna", "2026-03-05 09:00")
	b.bookWith(t, "bert", "2026-03-03 10:30")
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), gone))
	leave := b.mustLeave(t, "anna", "2026-03-06", "2026-03-08", false)
	b.mustLeave(t, "bert", "2026-03-06", "2026-03-06", false)
	d := b.calendarOf(t, "anna")
	if got := referencesIn(d); !slices.Equal(got, []string{second.Reference, first.Reference}) {
		t.Errorf("in it are %v", got)
	}
	if len(d.Leave) != 1 || d.Leave[0].ID != leave.ID || d.Staff.Username != "anna" || d.Details {
		t.Errorf("it is %+v", d)
	}
	lesson := b.wants(b.Staff(t, "desk"), "lesson", "2026-03-03 14:30")
	lesson.Wish.Counsellor = "anna"
	b.mustBook(t, lesson)
	if class := b.calendarOf(t, "anna").Appointments[1].Session; class.Places != 3 || class.ID == 0 || d.Appointments[0].Session.Places != 1 {
		t.Errorf("a class has %+v", class)
	}
	moved := b.mustDo(t, move, b.moveOf(b.Staff(t, "desk"), first, "2026-03-09 14:30"))
	d = b.calendarOf(t, "anna")
	if last := d.Appointments[len(d.Appointments)-1]; last.Reference != moved.Reference || last.Revision != 2 || !last.Start.Equal(moved.Start) || !last.UpdatedAt.Equal(moved.UpdatedAt) {
		t.Errorf("after a move the last is %+v", last)
	}
}

func aCalendarShowsNamesOnlyWhereItsCounsellorWantsThem(t tb, b *Bundle) {
	a := b.bookWith(t, "anna", "2026-03-03 09:00")
	plain := b.calendarOf(t, "anna").Appointments[0]
	if len(plain.Parties) != 0 || plain.Service.Code != "" || plain.Room.Code != "" {
		t.Errorf("without being asked for it has %+v", plain)
	}
	for _, details := range []bool{true, false, true} {
		set, err := b.Scheduler.SetCalendarDetails(background, b.Staff(t, "anna"), details)
		if err != nil || set.Details != details || set.Login != "suite/anna" {
			t.Fatalf("it is set to %+v, %v", set, err)
		}
	}
	got := b.calendarOf(t, "anna")
	if one := got.Appointments[0]; !got.Details || one.OwnEntry().Name != a.OwnEntry().Name || one.Room.Code != a.Room.Code || one.Service.Code != "family" {
		t.Errorf("it has %+v", one)
	}
	if b.calendarOf(t, "bert").Details {
		t.Error("another's calendar has changed")
	}
}

func aCalendarReachesThirtyDaysBackAnd180Ahead(t tb, b *Bundle) {
	b.Change(t, service("family", func(s *scheduling.Service) { s.Horizon = 200 * 24 * time.Hour }))
	b.Clock.Set(on("2026-03-02 06:00"))
	old, far, beyond := b.bookWith(t, "anna", "2026-03-02 09:00"), b.bookWith(t, "anna", "2026-08-31 09:00"), b.bookWith(t, "anna", "2026-09-01 09:00")
	for now, want := range map[string][]string{
		"2026-03-04 23:59": {old.Reference, far.Reference}, "2026-04-01 23:59": {old.Reference, far.Reference, beyond.Reference}, "2026-04-02 00:00": {far.Reference, beyond.Reference},
	} {
		b.Clock.Set(on(now))
		if got := referencesIn(b.calendarOf(t, "anna")); !slices.Equal(got, want) {
			t.Errorf("at %s there are %v, not %v", now, got, want)
		}
	}
}

func (b *Bundle) makeAddress(t tb, username string) string {
	t.Helper()
	made, err := b.Scheduler.MakeCalendarAddress(background, b.Staff(t, username))
	if err != nil {
		t.Fatalf("making an address: %v", err)
	}
	secret := strings.TrimSuffix(strings.TrimPrefix(made.Path.Reveal(), "/feeds/"), ".ics")
	if len(secret) != 43 || !made.MadeAt.Equal(b.Clock.Now()) {
		t.Fatalf("made %q at %s", made.Path.Reveal(), made.MadeAt)
	}
	return secret
}

func (b *Bundle) reads(secret, address string) (string, error) {
	d, err := b.Scheduler.CalendarByAddress(background, secret, address)
	return d.Staff.Username, err
}

func anAddressIsReadUntilItIsMadeAnewOrRevoked(t tb, b *Bundle) {
	anna := b.Staff(t, "anna")
	first, other := b.makeAddress(t, "anna"), b.makeAddress(t, "bert")
	if got, err := b.reads(first, "192.0.2.1"); err != nil || got != "anna" {
		t.Fatalf("it is the calendar of %q, %v", got, err)
	}
	b.Clock.Pass(90 * time.Minute)
	for range 2 {
		if _, err := b.reads(first, "192.0.2.1"); err != nil {
			t.Fatalf("reading it again: %v", err)
		}
	}
	set, err := b.Scheduler.OwnCalendar(background, anna)
	if err != nil || !set.ReadAt.Equal(b.Clock.Now().Truncate(time.Hour)) || !set.MadeAt.Equal(b.Clock.Now().Add(-90*time.Minute)) {
		t.Errorf("it was read at %s, %v", set.ReadAt, err)
	}
	second := b.makeAddress(t, "anna")
	_, err = b.reads(first, "192.0.2.1")
	refused(t, err, scheduling.CodeNotFound)
	if set, _ := b.Scheduler.OwnCalendar(background, anna); !set.ReadAt.IsZero() {
		t.Errorf("the new one was read at %s", set.ReadAt)
	}
	if got, err := b.reads(second, "192.0.2.1"); err != nil || got != "anna" {
		t.Errorf("the new one is the calendar of %q, %v", got, err)
	}
	for range 2 {
		if err := b.Scheduler.RevokeCalendarAddress(background, anna); err != nil {
			t.Fatalf("revoking: %v", err)
		}
	}
	_, err = b.reads(second, "192.0.2.1")
	refused(t, err, scheduling.CodeNotFound)
	if got, err := b.reads(other, "192.0.2.1"); err != nil || got != "bert" {
		t.Errorf("the other is the calendar of %q, %v", got, err)
	}
	for _, secret := range []string{first, second, other} {
		for table, rows := range b.state(t) {
			if strings.Contains(strings.Join(rows, "\n"), secret) {
				t.Errorf("the table %s holds an address", table)
			}
		}
	}
}

func whoIsNoCounsellorAnyMoreHasNoCalendar(t tb, b *Bundle) {
	secret := b.makeAddress(t, "bert")
	made := b.mustMakePassword(t, "bert", "手机")
	b.Change(t, member("bert", func(m *scheduling.Staff) { m.Roles = b.Staff(t, "desk").Roles }))
	_, err := b.reads(secret, "192.0.2.1")
	refused(t, err, scheduling.CodeNotFound)
	_, err = b.opens("suite", "bert", made.Password.Reveal(), "192.0.2.1")
	refused(t, err, scheduling.CodeUnauthenticated)
}

func wrongAddressesAreLimitedPerAddress(t tb, b *Bundle) {
	secret := b.makeAddress(t, "anna")
	for i := range 60 {
		_, err := b.reads(fmt.Sprintf("wrong-%d", i), "192.0.2.1")
		refused(t, err, scheduling.CodeNotFound)
	}
	_, err := b.reads("wrong", "192.0.2.1")
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != time.Hour {
		t.Errorf("to be tried again after %s", e.RetryAfter)
	}
	_, err = b.reads("wrong", "192.0.2.2")
	refused(t, err, scheduling.CodeNotFound)
	if got, err := b.reads(secret, "192.0.2.1"); err != nil || got != "anna" {
		t.Errorf("the right one is %q, %v", got, err)
	}
}

func (b *Bundle) mustMakePassword(t tb, username, name string) scheduling.NewAppPassword {
	t.Helper()
	made, err := b.Scheduler.AddAppPassword(background, b.Staff(t, username), name)
	if err != nil {
		t.Fatalf("making an app password: %v", err)
	}
	return made
}

func (b *Bundle) opens(office, username, password, address string) (scheduling.Actor, error) {
	return b.Scheduler.CalendarLogin(background, scheduling.Login{Office: office, Username: username, Password: scheduling.NewPrivate(password), Address: address})
}

func anAppPasswordOpensTheCalendarUntilItIsRemoved(t tb, b *Bundle) {
	b.setPassword(t, "anna", password)
	phone := b.mustMakePassword(t, "anna", " 我的手机 ")
	b.Clock.Pass(time.Second)
	tablet := b.mustMakePassword(t, "anna", "平板")
	plain := phone.Password.Reveal()
	if len(strings.ReplaceAll(plain, "-", "")) != 26 || plain != strings.ToLower(plain) || phone.Login != "suite/anna" {
		t.Errorf("made %q for %s", plain, phone.Login)
	}
	for _, typed := range []string{plain, strings.ToUpper(plain), strings.ReplaceAll(plain, "-", " "), strings.ReplaceAll(plain, "-", "")} {
		got, err := b.opens("suite", "anna", typed, "192.0.2.1")
		if want := b.Staff(t, "anna"); err != nil || got.StaffID != want.StaffID || got.OfficeID != want.OfficeID || got.Kind != scheduling.StaffKind {
			t.Errorf("%q is %+v's, %v", typed, got, err)
		}
	}
	for _, wrong := range [][3]string{{"suite", "bert", plain}, {"nowhere", "anna", plain}, {"suite", "nobody", plain}, {"suite", "anna", password}, {"suite", "anna", ""}} {
		_, err := b.opens(wrong[0], wrong[1], wrong[2], "192.0.2.1")
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	_, err := b.login("anna", plain, "192.0.2.9")
	refused(t, err, scheduling.CodeUnauthenticated)
	set, err := b.Scheduler.OwnCalendar(background, b.Staff(t, "anna"))
	if err != nil || len(set.Passwords) != 2 || set.Passwords[0].Name.Reveal() != "我的手机" || !set.Passwords[0].UsedAt.Equal(b.Clock.Now().Truncate(time.Hour)) || !set.Passwords[1].UsedAt.IsZero() {
		t.Errorf("listed are %+v, %v", set.Passwords, err)
	}
	refused(t, b.Scheduler.RemoveAppPassword(background, b.Staff(t, "bert"), phone.ID), scheduling.CodeNotFound)
	if err := b.Scheduler.RemoveAppPassword(background, b.Staff(t, "anna"), phone.ID); err != nil {
		t.Fatalf("removing it: %v", err)
	}
	_, err = b.opens("suite", "anna", plain, "192.0.2.1")
	refused(t, err, scheduling.CodeUnauthenticated)
	if _, err := b.opens("suite", "anna", tablet.Password.Reveal(), "192.0.2.1"); err != nil {
		t.Errorf("the other one: %v", err)
	}
	for _, name := range []string{"", "  ", strings.Repeat("长", 61), "\xff"} {
		_, err := b.Scheduler.AddAppPassword(background, b.Staff(t, "anna"), name)
		refusedField(t, err, "name")
	}
}

func wrongAppPasswordsAreLimitedAndRightOnesAreNot(t tb, b *Bundle) {
	right := b.mustMakePassword(t, "anna", "手机").Password.Reveal()
	for range 10 {
		_, err := b.opens("suite", "anna", "wrong", "192.0.2.1")
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	_, err := b.opens("suite", "anna", "wrong", "192.0.2.1")
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != 15*time.Minute {
		t.Errorf("to be tried again after %s", e.RetryAfter)
	}
	_, err = b.opens("suite", "anna", "wrong", "192.0.2.2")
	refused(t, err, scheduling.CodeUnauthenticated)
	for range 30 {
		if _, err := b.opens("suite", "anna", right, "192.0.2.1"); err != nil {
			t.Fatalf("the right one: %v", err)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM audit WHERE action = 'calendar.login' AND refused = 'unauthenticated'"); n != 11 {
		t.Errorf("%d refusals are written down, not 11", n)
	}
}

func noMoreThanTwentyAppPasswordsAreMadeAtOnce(t tb, b *Bundle) {
	for i := range 16 {
		b.mustMakePassword(t, "anna", fmt.Sprint("手机", i))
	}
	errs := together(12, func(i int) error {
		_, err := b.Scheduler.AddAppPassword(background, b.Staff(t, "anna"), fmt.Sprint("平板", i))
		return err
	})
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
			continue
		}
		refused(t, err, scheduling.CodeLimitReached)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM app_passwords"); made != 4 || n != 20 {
		t.Errorf("%d were made, there are %d", made, n)
	}
}

func theNamesOfAppPasswordsAreSealedAndReadUnderTheNewKey(t tb, b *Bundle) {
	made := b.mustMakePassword(t, "anna", "欧阳修远的手机")
	secret := b.makeAddress(t, "anna")
	for table, rows := range b.state(t) {
		for _, hidden := range []string{"欧阳修远", made.Password.Reveal(), strings.ReplaceAll(made.Password.Reveal(), "-", "")} {
			if strings.Contains(strings.Join(rows, "\n"), hidden) {
				t.Errorf("the table %s holds %q", table, hidden)
			}
		}
	}
	both := b.under(t, "2027", "2026")
	if out, err := both.Rekey(background); err != nil || out.Calendars != 1 {
		t.Errorf("rekeyed %+v, %v", out, err)
	}
	newest := b.schedulerOver(b.under(t, "2027"))
	set, err := newest.OwnCalendar(background, b.Staff(t, "anna"))
	if err != nil || len(set.Passwords) != 1 || set.Passwords[0].Name.Reveal() != "欧阳修远的手机" {
		t.Errorf("under the new key it is %+v, %v", set.Passwords, err)
	}
	login := scheduling.Login{Office: "suite", Username: "anna", Password: made.Password, Address: "192.0.2.1"}
	if _, err := newest.CalendarLogin(background, login); err != nil {
		t.Errorf("under the new key the password is answered with %v", err)
	}
	if _, err := newest.CalendarByAddress(background, secret, "192.0.2.1"); err != nil {
		t.Errorf("under the new key the address is answered with %v", err)
	}
	b.Reset(t)
}
