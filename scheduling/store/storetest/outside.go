package storetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

var outsideTests = []test{
	busyTimesElsewhereBlockAndComeBack,
	whatIsBookedStaysAndIsToldAsBookedInside,
	busyTimesAndLeaveBlockTogether,
	aCalendarThatCannotBeReadGoesOnBlockingAndIsTriedLaterAndLater,
	aCalendarThatHasNotChangedIsReadWholeOnceADay,
	aCalendarIsReadByOneProcessAtATime,
	aReadingOfACalendarThatWasSetAnewIsDropped,
	removingACalendarFreesItsTimes,
	anAccountThatCannotBeIsInvalid,
	anAccountIsSealedAndReadUnderTheNewKey,
	whoIsNoCounsellorAnyMoreIsNotReadFor,
	readingsLeaveAndBookingsAtOnceLeaveTheWordsRight,
}

// elsewhere stands for the calendars out there.
type elsewhere struct {
	mu    sync.Mutex
	busy  []calendar.Span
	err   error
	tag   string // of what it has; empty: it tells none
	reads []string
	loc   *time.Location
	from  time.Time
	to    time.Time
	hook  func()
}

// Check implements scheduling.OutsideReader.
func (*elsewhere) Check(address string) error {
	if strings.Contains(address, "inner") {
		return errors.New("refused")
	}
	return nil
}

// Read implements scheduling.OutsideReader.
func (e *elsewhere) Read(_ context.Context, a scheduling.OutsideAccount, tag string, loc *time.Location, from, to time.Time) (scheduling.OutsideReading, error) {
	if e.hook != nil {
		e.hook()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reads = append(e.reads, a.URL.Reveal()+" "+a.Password.Reveal()+" "+tag)
	e.loc, e.from, e.to = loc, from, to
	if e.err != nil {
		return scheduling.OutsideReading{}, e.err
	}
	if e.tag != "" && e.tag == tag {
		return scheduling.OutsideReading{Tag: tag, Unchanged: true}, nil
	}
	return scheduling.OutsideReading{Busy: e.busy, Tag: e.tag, Skipped: 1}, nil
}

func busyFrom(spans ...string) []calendar.Span {
	var out []calendar.Span
	for i := 0; i < len(spans); i += 2 {
		out = append(out, calendar.Span{From: on(spans[i]), To: on(spans[i+1])})
	}
	return out
}

// connect sets an outside calendar and has it read once.
func (b *Bundle) connect(t tb, username string, e *elsewhere) {
	t.Helper()
	b.Scheduler.OutsideReader = e
	_, err := b.Scheduler.SetOutside(background, b.Staff(t, username), scheduling.OutsideAccount{
		Kind: scheduling.OutsideFile, URL: scheduling.NewPrivate("https://calendar.example/" + username + ".ics"), Username: "me", Password: scheduling.NewPrivate("打开吧"),
	})
	if err != nil {
		t.Fatalf("setting an outside calendar: %v", err)
	}
	b.readOutside(t)
}

func (b *Bundle) readOutside(t tb) {
	t.Helper()
	if err := b.Scheduler.ReadOutside(background); err != nil {
		t.Fatalf("reading outside calendars: %v", err)
	}
	b.consistent(t)
}

func (b *Bundle) outside(t tb, username string) scheduling.OutsideCalendar {
	t.Helper()
	out, err := b.Scheduler.OutsideOf(background, b.Staff(t, username))
	if err != nil {
		t.Fatalf("asking for the outside calendar of %s: %v", username, err)
	}
	return out
}

// frees demands how many pairs are free at some starts.
func (b *Bundle) frees(t tb, want map[string]int) {
	t.Helper()
	for start, n := range want {
		if got := b.free(t, "family", start); got != n {
			t.Errorf("at %s %d are free, not %d", start, got, n)
		}
	}
}

func busyTimesElsewhereBlockAndComeBack(t tb, b *Bundle) {
	e := &elsewhere{busy: busyFrom("2026-03-03 09:02", "2026-03-03 09:58", "2026-03-03 09:30", "2026-03-03 10:01", "2026-03-05 00:00", "2026-03-06 00:00")}
	b.connect(t, "anna", e)
	b.frees(t, map[string]int{"2026-03-03 07:30": 2, "2026-03-03 09:00": 1, "2026-03-05 09:00": 1, "2026-03-06 09:00": 2})
	if rows := b.rows(t, "SELECT from_at, to_at FROM outside_busy ORDER BY from_at"); len(rows) != 2 {
		t.Errorf("kept are %v", rows)
	}
	if e.loc.String() != "Asia/Shanghai" || e.to.Sub(b.Clock.Now()) < 180*24*time.Hour || !e.from.Before(b.Clock.Now()) {
		t.Errorf("read from %s to %s in %s", e.from, e.to, e.loc)
	}
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna"
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
	told := b.outside(t, "anna")
	if told.Host != "calendar.example" || told.Problem != "" || !told.ReadAt.Equal(b.Clock.Now()) || !told.NextAt.Equal(b.Clock.Now().Add(10*time.Minute)) || told.Skipped != 1 {
		t.Errorf("told is %+v", told)
	}
	b.readOutside(t)
	if len(e.reads) != 1 {
		t.Errorf("it was read %d times before its turn", len(e.reads))
	}
	e.busy = busyFrom("2026-03-05 00:00", "2026-03-06 00:00")
	b.Clock.Pass(10 * time.Minute)
	b.readOutside(t)
	b.frees(t, map[string]int{"2026-03-03 09:00": 2, "2026-03-05 09:00": 1})
	// What lies behind is no longer read, and blocks the past no more.
	b.Clock.Set(on("2026-03-08 09:00"))
	e.busy = nil
	b.readOutside(t)
	if n := b.count(t, "SELECT COUNT(*) FROM outside_busy"); n != 0 {
		t.Errorf("%d times are kept", n)
	}
}

func whatIsBookedStaysAndIsToldAsBookedInside(t tb, b *Bundle) {
	inside := b.bookWith(t, "anna", "2026-03-03 09:00")
	b.bookWith(t, "anna", "2026-03-04 09:00")
	b.bookWith(t, "bert", "2026-03-03 09:00")
	gone := b.bookWith(t, "anna", "2026-03-03 14:30")
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), gone))
	b.connect(t, "anna", &elsewhere{busy: busyFrom("2026-03-03 09:30", "2026-03-03 16:00")})
	if now := b.read(t, inside.Reference); now.Status != scheduling.Booked || now.Counsellor.Username != "anna" {
		t.Errorf("what was booked is %s with %s", now.Status, now.Counsellor.Username)
	}
	told, err := b.Scheduler.BookedInside(background, b.Staff(t, "anna"))
	if err != nil || len(told) != 1 || told[0].Reference != inside.Reference || told[0].OwnEntry().Name == "" {
		t.Errorf("told are %+v, %v", told, err)
	}
	if told, err := b.Scheduler.BookedInside(background, b.Staff(t, "bert")); err != nil || len(told) != 0 {
		t.Errorf("told to the other are %+v, %v", told, err)
	}
	b.Clock.Set(on("2026-03-03 10:00"))
	if told, err := b.Scheduler.BookedInside(background, b.Staff(t, "anna")); err != nil || len(told) != 0 {
		t.Errorf("told once it has begun are %+v, %v", told, err)
	}
}

func busyTimesAndLeaveBlockTogether(t tb, b *Bundle) {
	leave := b.mustLeave(t, "anna", "2026-03-03", "2026-03-03", false)
	e := &elsewhere{busy: busyFrom("2026-03-03 09:00", "2026-03-04 10:30")}
	b.connect(t, "anna", e)
	b.frees(t, map[string]int{"2026-03-03 07:30": 1, "2026-03-03 09:00": 1, "2026-03-04 09:00": 1, "2026-03-04 14:30": 2})
	if err := b.Scheduler.RemoveTimeOff(background, b.Staff(t, "anna"), "suite", "anna", leave.ID); err != nil {
		t.Fatalf("taking leave back: %v", err)
	}
	b.consistent(t)
	b.frees(t, map[string]int{"2026-03-03 07:30": 2, "2026-03-03 09:00": 1, "2026-03-04 09:00": 1})
	b.mustLeave(t, "anna", "2026-03-04", "2026-03-04", false)
	e.busy = nil
	b.Clock.Pass(10 * time.Minute)
	b.readOutside(t)
	b.frees(t, map[string]int{"2026-03-03 09:00": 2, "2026-03-04 09:00": 1, "2026-03-04 14:30": 1})
}

func aCalendarThatCannotBeReadGoesOnBlockingAndIsTriedLaterAndLater(t tb, b *Bundle) {
	e := &elsewhere{busy: busyFrom("2026-03-05 09:00", "2026-03-05 10:00")}
	b.connect(t, "anna", e)
	first := b.Clock.Now()
	e.err = scheduling.OutsideLogin
	b.Clock.Pass(10 * time.Minute)
	for i, pause := range []time.Duration{10, 20, 40, 80, 160, 320, 360, 360} {
		b.readOutside(t)
		told := b.outside(t, "anna")
		if told.Problem != scheduling.OutsideLogin || !told.ReadAt.Equal(first) || !told.TriedAt.Equal(b.Clock.Now()) || told.NextAt.Sub(b.Clock.Now()) != pause*time.Minute {
			t.Fatalf("after %d failures told is %+v", i+1, told)
		}
		b.frees(t, map[string]int{"2026-03-05 09:00": 1})
		b.Clock.Set(told.NextAt)
	}
	b.Clock.Pass(-time.Hour)
	if told, err := b.Scheduler.HurryOutside(background, b.Staff(t, "anna")); err != nil || told.NextAt.After(b.Clock.Now()) {
		t.Errorf("hurried it is %+v, %v", told, err)
	}
	_, err := b.Scheduler.HurryOutside(background, b.Staff(t, "anna"))
	refused(t, err, scheduling.CodeRateLimited)
	e.err = nil
	b.readOutside(t)
	if told := b.outside(t, "anna"); told.Problem != "" || !told.ReadAt.Equal(b.Clock.Now()) || told.NextAt.Sub(b.Clock.Now()) != 10*time.Minute {
		t.Errorf("read again it is %+v", told)
	}
	_, err = b.Scheduler.HurryOutside(background, b.Staff(t, "bert"))
	refused(t, err, scheduling.CodeNotFound)
}

func aCalendarThatHasNotChangedIsReadWholeOnceADay(t tb, b *Bundle) {
	e := &elsewhere{busy: busyFrom("2026-03-05 09:00", "2026-03-05 10:00"), tag: "v1"}
	b.connect(t, "anna", e)
	for range 145 {
		b.Clock.Pass(10 * time.Minute)
		if err := b.Scheduler.ReadOutside(background); err != nil {
			t.Fatalf("reading: %v", err)
		}
	}
	whole := 0
	for _, r := range e.reads {
		if strings.HasSuffix(r, " ") {
			whole++
		}
	}
	if whole != 2 || len(e.reads) != 146 || !b.outside(t, "anna").ReadAt.Equal(b.Clock.Now()) {
		t.Errorf("of %d readings %d were whole, the last at %s", len(e.reads), whole, b.outside(t, "anna").ReadAt)
	}
	b.frees(t, map[string]int{"2026-03-05 09:00": 1})
}

func aCalendarIsReadByOneProcessAtATime(t tb, b *Bundle) {
	e := &elsewhere{}
	b.Scheduler.OutsideReader = e
	for _, username := range []string{"anna", "bert"} {
		b.connect(t, username, e)
	}
	e.reads = nil
	b.Clock.Pass(10 * time.Minute)
	replicas := []*scheduling.Scheduler{b.Scheduler, b.Replica(t), b.Replica(t)}
	for _, r := range replicas {
		r.OutsideReader = e
	}
	for _, err := range together(len(replicas), func(i int) error { return replicas[i].ReadOutside(background) }) {
		if err != nil {
			t.Errorf("reading: %v", err)
		}
	}
	if len(e.reads) != 2 {
		t.Errorf("two calendars were read %d times", len(e.reads))
	}
	// A process that died in the middle is made up for.
	b.Clock.Pass(10 * time.Minute)
	if taken, err := b.Store.ClaimOutside(background, b.Clock.Now(), b.Clock.Now().Add(2*time.Minute), 10); err != nil || len(taken) != 2 {
		t.Fatalf("taken are %d, %v", len(taken), err)
	}
	b.readOutside(t)
	b.Clock.Pass(2 * time.Minute)
	b.readOutside(t)
	if len(e.reads) != 4 {
		t.Errorf("after a process died they were read %d times", len(e.reads)-2)
	}
}

func aReadingOfACalendarThatWasSetAnewIsDropped(t tb, b *Bundle) {
	slow := &elsewhere{busy: busyFrom("2026-03-05 09:00", "2026-03-05 10:00")}
	slow.hook = func() {
		slow.hook = nil
		_, err := b.Scheduler.SetOutside(background, b.Staff(t, "anna"), scheduling.OutsideAccount{Kind: scheduling.OutsideCalDAV, URL: scheduling.NewPrivate("https://other.example/")})
		if err != nil {
			t.Errorf("setting it anew: %v", err)
		}
	}
	b.connect(t, "anna", slow)
	if told := b.outside(t, "anna"); told.Host != "other.example" || !told.ReadAt.IsZero() || !told.TriedAt.IsZero() {
		t.Errorf("told is %+v", told)
	}
	b.frees(t, map[string]int{"2026-03-05 09:00": 2})
	b.readOutside(t)
	b.frees(t, map[string]int{"2026-03-05 09:00": 1})
}

func removingACalendarFreesItsTimes(t tb, b *Bundle) {
	b.connect(t, "anna", &elsewhere{busy: busyFrom("2026-03-05 09:00", "2026-08-05 10:00")})
	b.frees(t, map[string]int{"2026-03-05 14:30": 1})
	if err := b.Scheduler.RemoveOutside(background, b.Staff(t, "anna")); err != nil {
		t.Fatalf("removing it: %v", err)
	}
	b.consistent(t)
	b.frees(t, map[string]int{"2026-03-05 14:30": 2})
	refused(t, b.Scheduler.RemoveOutside(background, b.Staff(t, "anna")), scheduling.CodeNotFound)
	_, err := b.Scheduler.OutsideOf(background, b.Staff(t, "anna"))
	refused(t, err, scheduling.CodeNotFound)
	for _, table := range []string{"outside_calendars", "outside_busy"} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
}

func anAccountThatCannotBeIsInvalid(t tb, b *Bundle) {
	b.Scheduler.OutsideReader = &elsewhere{}
	before := b.state(t)
	good := scheduling.OutsideAccount{Kind: scheduling.OutsideFile, URL: scheduling.NewPrivate("webcal://calendar.example/x.ics")}
	for field, changes := range map[string][]func(a *scheduling.OutsideAccount){
		"kind": {func(a *scheduling.OutsideAccount) { a.Kind = "carddav" }},
		"url": {
			func(a *scheduling.OutsideAccount) { a.URL = scheduling.NewPrivate("") },
			func(a *scheduling.OutsideAccount) { a.URL = scheduling.NewPrivate("https://me:p@calendar.example/") },
			func(a *scheduling.OutsideAccount) { a.URL = scheduling.NewPrivate("https://inner.example/") },
			func(a *scheduling.OutsideAccount) {
				a.URL = scheduling.NewPrivate("https://calendar.example/" + strings.Repeat("x", 2000))
			},
		},
		"username": {
			func(a *scheduling.OutsideAccount) { a.Password = scheduling.NewPrivate("p") },
			func(a *scheduling.OutsideAccount) { a.Username = "a:b" },
		},
		"password": {func(a *scheduling.OutsideAccount) {
			a.Username, a.Password = "me", scheduling.NewPrivate(strings.Repeat("p", 257))
		}},
	} {
		for _, change := range changes {
			a := good
			change(&a)
			_, err := b.Scheduler.SetOutside(background, b.Staff(t, "anna"), a)
			refusedField(t, err, field)
		}
	}
	b.unchanged(t, before)
	if told, err := b.Scheduler.SetOutside(background, b.Staff(t, "anna"), good); err != nil || told.Host != "calendar.example" || told.Kind != scheduling.OutsideFile {
		t.Errorf("told is %+v, %v", told, err)
	}
}

func anAccountIsSealedAndReadUnderTheNewKey(t tb, b *Bundle) {
	e := &elsewhere{}
	b.connect(t, "anna", e)
	for table, rows := range b.state(t) {
		for _, hidden := range []string{"打开吧", "calendar.example", "anna.ics"} {
			if strings.Contains(strings.Join(rows, "\n"), hidden) {
				t.Errorf("the table %s holds %q", table, hidden)
			}
		}
	}
	if out, err := b.under(t, "2027", "2026").Rekey(background); err != nil || out.Calendars != 1 {
		t.Errorf("rekeyed %+v, %v", out, err)
	}
	newest := b.schedulerOver(b.under(t, "2027"))
	newest.OutsideReader = e
	b.Clock.Pass(10 * time.Minute)
	if err := newest.ReadOutside(background); err != nil || len(e.reads) != 2 || e.reads[1] != e.reads[0] {
		t.Errorf("read by %q, %v", e.reads, err)
	}
	b.Reset(t)
}

func whoIsNoCounsellorAnyMoreIsNotReadFor(t tb, b *Bundle) {
	e := &elsewhere{}
	b.connect(t, "bert", e)
	b.Change(t, member("bert", func(m *scheduling.Staff) { m.Roles = b.Staff(t, "desk").Roles }))
	b.Clock.Pass(10 * time.Minute)
	b.readOutside(t)
	if told := b.outside(t, "bert"); len(e.reads) != 1 || told.NextAt.Sub(b.Clock.Now()) != 24*time.Hour {
		t.Errorf("read %d times, told is %+v", len(e.reads), told)
	}
}

func readingsLeaveAndBookingsAtOnceLeaveTheWordsRight(t tb, b *Bundle) {
	e := &elsewhere{busy: busyFrom("2026-03-05 09:00", "2026-03-05 10:00")}
	b.connect(t, "anna", e)
	b.connect(t, "bert", e)
	leave := b.mustLeave(t, "anna", "2026-03-06", "2026-03-06", false)
	citizens := b.citizens(t, 8)
	for round := range 6 {
		b.Clock.Pass(10 * time.Minute)
		e.busy = busyFrom("2026-03-05 09:00", "2026-03-05 10:30", "2026-03-06 07:30", "2026-03-06 12:00", "2026-03-09 09:00", "2026-03-10 10:00")[round%3:]
		day := []string{"2026-03-05", "2026-03-06", "2026-03-09"}[round%3]
		calls := []func() error{
			func() error { return b.Scheduler.ReadOutside(background) },
			func() error { return b.Scheduler.ReadOutside(background) },
			func() error {
				return b.Scheduler.RemoveTimeOff(background, b.Staff(t, "anna"), "suite", "anna", leave.ID)
			},
			func() error {
				_, err := b.Scheduler.AddTimeOff(background, b.leave(t, "bert", day, day))
				return err
			},
		}
		for i, c := range citizens {
			calls = append(calls, func() error {
				_, err := b.Scheduler.Book(background, b.wants(c, "family", day+[]string{" 09:00", " 10:00", " 14:30", " 15:30"}[i%4]))
				return err
			})
		}
		for _, err := range together(len(calls), func(i int) error { return calls[i]() }) {
			if code := codeOrNone(err); err != nil && code == scheduling.CodeInternal {
				t.Errorf("round %d: %v", round, err)
			}
		}
		b.consistent(t)
	}
}
