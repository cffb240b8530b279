package storetest

import (
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
)

var erasingTests = []test{
	ownDataIsOnesOwnAndNobodyElses,
	whoAsksIsErasedAfterSevenDaysAndNotBefore,
	nothingOfAnErasedPersonIsLeft,
	noReplyIsTakenForAnErasedPersons,
	whatIsBookedPutsAnErasureOffUntilADayAfterIt,
	askingAgainKeepsTheFirstTime,
	dataAreKeptAfterAllWhereTheAskingIsTakenBack,
	signingInMeanwhileChangesNothing,
	anErasureNeedsACodeOfThisVeryNumber,
	aCodeAsksForOneErasureOnly,
}

// asksErasure asks for somebody's erasure, with a fresh code.
func (b *Bundle) asksErasure(t tb, a scheduling.Actor) time.Time {
	t.Helper()
	b.send(t)
	v := b.ask(t, a.Person.Phone.Reveal(), "203.0.113.1")
	at, err := b.Scheduler.AskErasure(background, a, v.ID, b.code(t, a.Person.Phone.Reveal()))
	if err != nil {
		t.Fatalf("asking for an erasure: %v", err)
	}
	return at
}

func (b *Bundle) ownData(t tb, a scheduling.Actor) scheduling.OwnData {
	t.Helper()
	own, err := b.Scheduler.OwnData(background, a)
	if err != nil {
		t.Fatalf("reading one's own data: %v", err)
	}
	return own
}

// knows says whether a number stands for somebody.
func (b *Bundle) knows(t tb, number string) bool {
	t.Helper()
	_, err := b.Store.ByPhone(background, scheduling.NewPrivate(number))
	if err != nil {
		refused(t, err, scheduling.CodeNotFound)
	}
	return err == nil
}

// erasures are the lines of the audit about erasing, oldest first.
func (b *Bundle) erasures(t tb) []string {
	t.Helper()
	var out []string
	for _, row := range b.rows(t, "SELECT action, actor_kind, subject FROM audit WHERE action LIKE 'person.%' ORDER BY id") {
		out = append(out, strings.Join(row, " "))
	}
	return out
}

func ownDataIsOnesOwnAndNobodyElses(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	same(t, "of somebody new", scheduling.OwnData{Number: scheduling.NewPrivate(phone(1)), Wish: scheduling.AnyWish()}, b.ownData(t, me))
	b.longAgo(t)
	want := everyWish()
	b.wish(t, me, want)
	var booked []string
	for _, start := range []string{"2026-03-03 09:00", "2026-03-05 09:00", "2026-03-06 09:00", "2026-03-09 09:00"} {
		if start != "2026-03-03 09:00" {
			b.mustBook(t, b.bookAgain(t, me, "family", start))
		}
		booked = append(booked, start)
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-05 14:30"))
	b.Clock.Set(on("2026-03-05 12:00"))
	own := b.ownData(t, me)
	if own.Number.Reveal() != phone(1) || !own.EraseAt.IsZero() {
		t.Errorf("the number is %s, erased at %s", own.Number.Reveal(), own.EraseAt)
	}
	same(t, "wish", want, own.Wish)
	var got []string
	for _, a := range own.Appointments {
		got = append(got, a.Start.In(shanghai).Format("2006-01-02 15:04"))
	}
	same(t, "appointments", booked, got)
	for _, who := range []scheduling.Actor{b.Staff(t, "desk"), passerBy("203.0.113.1")} {
		_, err := b.Scheduler.OwnData(background, who)
		refused(t, err, scheduling.CodeUnauthenticated)
	}
}

func whoAsksIsErasedAfterSevenDaysAndNotBefore(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-02 14:30"))
	b.Clock.Set(on("2026-03-02 15:30"))
	b.mustDo(t, complete, b.changeOf(b.Staff(t, "desk"), b.attended(t, a)))
	at := b.asksErasure(t, me)
	if want := on("2026-03-09 15:30").UTC(); at != want || b.ownData(t, me).EraseAt != want {
		t.Errorf("it is promised for %s, and shown for %s", at, b.ownData(t, me).EraseAt)
	}
	b.Clock.Set(at.Add(-time.Second))
	if b.erase(t); !b.knows(t, phone(1)) || b.read(t, a.Reference).Parties[0].Name.Reveal() == "" {
		t.Error("a second before their time they are erased")
	}
	b.Clock.Set(at)
	if out := b.erase(t); out.Persons != 1 || b.knows(t, phone(1)) {
		t.Errorf("at their time %+v were erased", out)
	}
	left := b.read(t, a.Reference)
	if left.Status != scheduling.Completed || !left.Start.Equal(a.Start) || left.Heads != 1 || left.Parties[0].Name.Reveal() != "" || left.Parties[0].Phone.Reveal() != "" {
		t.Errorf("of what was booked %+v is left", show(left))
	}
	same(t, "audit", []string{"person.erasure_asked citizen " + itoa(me.Person.ID), "person.erased system " + itoa(me.Person.ID)}, b.erasures(t))
	b.erase(t)
	if n := len(b.erasures(t)); n != 2 {
		t.Errorf("erased again there are %d lines", n)
	}
}

// attended is an appointment whose session is on.
func (b *Bundle) attended(t tb, a scheduling.Appointment) scheduling.Appointment {
	t.Helper()
	desk := b.Staff(t, "desk")
	b.mustDo(t, checkIn, b.changeOf(desk, a))
	return b.mustDo(t, start, b.changeOf(desk, a))
}

// nothingOfAnErasedPersonIsLeft has somebody leave traces wherever they can, two
// others beside them, and looks for them afterwards.
func nothingOfAnErasedPersonIsLeft(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	reminded, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	me := b.Citizen(t, phone(1))
	other := b.mustBook(t, b.wants(b.Citizen(t, phone(3)), "family", "2026-03-05 14:30"))
	b.wish(t, me, everyWish())
	b.reply(t, phone(1), "我想问问孩子归谁")
	family := b.bookAgain(t, me, "family", "2026-03-06 09:00")
	family.Parties = people(2)
	family.Parties[1].Phone = scheduling.NewPrivate(phone(2))
	family.Note = scheduling.NewPrivate("家里的房子怎么分")
	family.Contact = &scheduling.ContactRequest{Name: scheduling.NewPrivate("上官婉儿"), Phone: scheduling.NewPrivate(phone(1)), Relation: scheduling.NewPrivate("姑姑的妹妹")}
	second := b.mustBook(t, family)
	third := b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-20 09:00"))
	at := b.asksErasure(t, me)
	b.stop(t, true)
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), third))
	b.Clock.Set(on("2026-03-11 09:00"))
	b.send(t)
	if b.count(t, "SELECT COUNT(*) FROM tasks WHERE phone IS NOT NULL") == 0 || b.count(t, "SELECT COUNT(*) FROM messages WHERE status = 'planned'") == 0 {
		t.Fatal("no task holds a number, or nothing is owed")
	}
	if over := b.ownData(t, me).EraseAt; !over.Equal(on("2026-03-11 09:00")) || !over.Before(at) {
		t.Fatalf("with that cancelled it is %s, and was %s", over, at)
	}
	token := b.tokenFor(t, phone(1))
	if out := b.erase(t); out.Persons != 4 { // me, the two who came with me, and whose number the wish was
		t.Errorf("%+v were erased", out)
	}
	if _, err := b.Scheduler.Authenticate(background, token); scheduling.CodeOf(err) != scheduling.CodeUnauthenticated {
		t.Errorf("their token is answered %v", err)
	}
	for _, table := range []string{"contacts", "citizen_tokens", "tasks", "open_counts"} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table+" WHERE person_id = ?", me.Person.ID); n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	for _, a := range []scheduling.Appointment{reminded, second, third} {
		left := show(b.read(t, a.Reference))
		if left.Contact != (scheduling.Contact{}) || left.Note != "" || slices.ContainsFunc(left.Parties, func(p scheduling.PartyView) bool { return p.Name+p.Phone != "" }) {
			t.Errorf("%s still says %+v", a.Reference, left)
		}
	}
	if b.count(t, "SELECT COUNT(*) FROM messages WHERE person_id = ?", me.Person.ID) == 0 {
		t.Error("the ledger has forgotten what went")
	}
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE person_id = ? AND status = 'planned'", me.Person.ID); n != 0 {
		t.Errorf("%d messages are still owed to nobody", n)
	}
	// The other keeps all of theirs, and the number can begin anew.
	same(t, "another's appointment", show(other), show(b.read(t, other.Reference)))
	again, err := b.Scheduler.Authenticate(background, b.tokenFor(t, phone(1)))
	if err != nil || again.Person.ID == me.Person.ID || len(b.ownData(t, again).Appointments) != 0 {
		t.Errorf("the number is %d again with %d appointments, %v", again.Person.ID, len(b.ownData(t, again).Appointments), err)
	}
}

func noReplyIsTakenForAnErasedPersons(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.asksErasure(t, me)
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-11 09:00")
	b.Clock.Set(a.End.Add(24 * time.Hour))
	const told = "SELECT COUNT(*) FROM deliveries WHERE to_hash IS NOT NULL"
	before := b.count(t, told)
	if b.erase(t); before == 0 || b.count(t, told) != 0 {
		t.Errorf("%d of %d deliveries still tell the number", b.count(t, told), before)
	}
}

func whatIsBookedPutsAnErasureOffUntilADayAfterIt(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	far := b.mustBook(t, b.wants(me, "premarital", "2026-03-20 09:00"))
	over := far.End.Add(24 * time.Hour).UTC()
	if at := b.asksErasure(t, me); at != over {
		t.Errorf("with an appointment on the twentieth it is promised for %s, not %s", at, over)
	}
	// One that is booked after asking puts it off as well.
	later := b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-27 09:00"))
	if at, want := b.ownData(t, me).EraseAt, later.End.Add(24*time.Hour).UTC(); at != want {
		t.Errorf("with another on the twenty-seventh it is shown for %s, not %s", at, want)
	}
	b.Clock.Set(later.Start.Add(-time.Hour))
	b.erase(t)
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), later))
	if at := b.ownData(t, me).EraseAt; at != over {
		t.Errorf("with that one cancelled it is shown for %s, not %s", at, over)
	}
	if b.erase(t); b.knows(t, phone(1)) {
		t.Error("with nothing ahead they are still kept")
	}

	b.Reset(t)
	me = b.Citizen(t, phone(1))
	forgotten := b.mustBook(t, b.wants(me, "premarital", "2026-03-20 09:00")) // nobody presses a button
	at := b.asksErasure(t, me)
	b.Clock.Set(at.Add(-time.Second))
	if b.erase(t); !b.knows(t, phone(1)) {
		t.Error("less than a day after the end they are erased")
	}
	b.Clock.Set(at)
	if b.erase(t); b.knows(t, phone(1)) || b.read(t, forgotten.Reference).Parties[0].Name.Reveal() != "" {
		t.Error("a day after the end they are kept")
	}
}

func askingAgainKeepsTheFirstTime(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	first := b.asksErasure(t, me)
	b.Clock.Pass(48 * time.Hour)
	if second := b.asksErasure(t, me); second != first {
		t.Errorf("asked for again it is %s and no more %s", second, first)
	}
	b.Clock.Set(first)
	if b.erase(t); b.knows(t, phone(1)) {
		t.Error("they are not erased at the first time")
	}
}

func dataAreKeptAfterAllWhereTheAskingIsTakenBack(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	at := b.asksErasure(t, me)
	for range 2 {
		if err := b.Scheduler.KeepData(background, me); err != nil {
			t.Fatalf("taking it back: %v", err)
		}
	}
	if own := b.ownData(t, me); !own.EraseAt.IsZero() {
		t.Errorf("it is still shown for %s", own.EraseAt)
	}
	id := itoa(me.Person.ID)
	same(t, "audit", []string{"person.erasure_asked citizen " + id, "person.erasure_withdrawn citizen " + id}, b.erasures(t))
	b.Clock.Set(at.Add(-time.Hour))
	b.mustBook(t, b.bookAgain(t, me, "family", "2026-03-12 09:00"))
	b.Clock.Set(at.Add(30 * 24 * time.Hour))
	if b.erase(t); !b.knows(t, phone(1)) {
		t.Error("they are erased all the same")
	}
	if err := b.Scheduler.KeepData(background, b.Staff(t, "desk")); scheduling.CodeOf(err) != scheduling.CodeUnauthenticated {
		t.Errorf("staff are answered %v", err)
	}
}

func signingInMeanwhileChangesNothing(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	at := b.asksErasure(t, me)
	b.Clock.Set(at.Add(-time.Minute))
	again, err := b.Scheduler.Authenticate(background, b.tokenFor(t, phone(1)))
	if err != nil || again.Person.ID != me.Person.ID {
		t.Fatalf("signed in they are %d, %v", again.Person.ID, err)
	}
	own := b.ownData(t, again)
	if len(own.Appointments) != 1 || own.EraseAt != at {
		t.Errorf("they see %d appointments, erased at %s", len(own.Appointments), own.EraseAt)
	}
	same(t, "what they see", show(a), show(own.Appointments[0]))
	b.Clock.Set(at)
	if b.erase(t); b.knows(t, phone(1)) {
		t.Error("who is signed in is not erased")
	}
	_, err = b.Scheduler.OwnData(background, again)
	refused(t, err, scheduling.CodeUnauthenticated)
}

func anErasureNeedsACodeOfThisVeryNumber(t tb, b *Bundle) {
	me, other := b.Citizen(t, phone(1)), b.Citizen(t, phone(2))
	b.Clock.Pass(time.Minute)
	mine := b.ask(t, phone(1), "203.0.113.1")
	code := b.code(t, phone(1))
	for _, c := range []struct {
		who      scheduling.Actor
		id, code string
	}{{me, mine.ID, wrongFor(code)}, {me, mine.ID, ""}, {me, mine.ID, "x"}, {me, "no-such-id", code}, {other, mine.ID, code}} {
		_, err := b.Scheduler.AskErasure(background, c.who, c.id, c.code)
		refusedField(t, err, "code")
	}
	for _, who := range []scheduling.Actor{b.Staff(t, "desk"), passerBy("203.0.113.1")} {
		_, err := b.Scheduler.AskErasure(background, who, mine.ID, code)
		refused(t, err, scheduling.CodeUnauthenticated)
	}
	b.Clock.Set(mine.ExpiresAt)
	_, err := b.Scheduler.AskErasure(background, me, mine.ID, code)
	refusedField(t, err, "code")
	b.Clock.Set(mine.ExpiresAt.Add(-time.Second))
	_, err = b.Scheduler.AskErasure(background, me, mine.ID, code)
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter <= 0 {
		t.Errorf("after five tries: wait %s", e.RetryAfter)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM persons WHERE erase_at <> 0"); n != 0 || len(b.erasures(t)) != 0 {
		t.Errorf("%d are to be erased, the audit says %q", n, b.erasures(t))
	}
}

func aCodeAsksForOneErasureOnly(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.Clock.Pass(time.Minute)
	v := b.ask(t, phone(1), "203.0.113.1")
	code := b.code(t, phone(1))
	servers := b.replicas(t)
	errs := together(4, func(i int) error {
		_, err := servers[i%3].AskErasure(background, me, v.ID, code)
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeInvalid); n != 1 || len(b.erasures(t)) != 1 {
		t.Errorf("%d of four succeeded, the audit says %q", n, b.erasures(t))
	}
	_, err := b.confirm(v.ID, code)
	refused(t, err, scheduling.CodeInvalid)
}
