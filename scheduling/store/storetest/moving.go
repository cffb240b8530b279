package storetest

import (
	"time"

	"magpie/scheduling"
)

var movingTests = []test{
	aMoveFreesTheOldTimeAndTakesTheNew,
	theNewTimeMayOverlapTheOld,
	theCounsellorIsKeptWhereFree,
	aRefusedMoveKeepsEverything,
	aCitizenMovesUntilChangeUntilAndTheDeskAlways,
	onlyABookedAppointmentMoves,
	messagesOfTheOldTimeAreSuppressedAndNewOnesPlanned,
	wishesAndSeatsHoldAtTheNewTime,
	aMoveFromAClassLeavesTheOthers,
}

func aMoveFreesTheOldTimeAndTakesTheNew(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
	moved := b.mustDo(t, move, b.moveOf(me, a, "2026-03-04 14:30"))
	if moved.Reference != a.Reference || moved.Revision != 2 || !moved.Start.Equal(on("2026-03-04 14:30")) || !moved.End.Equal(on("2026-03-04 15:30")) {
		t.Errorf("moved to %s–%s in revision %d", moved.Start, moved.End, moved.Revision)
	}
	same(t, "appointment", show(moved), show(b.read(t, a.Reference)))
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-03 09:00"))
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(3)), "premarital", "2026-03-04 14:30"))
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func theNewTimeMayOverlapTheOld(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	for _, start := range []string{"2026-03-03 09:30", "2026-03-03 09:00", "2026-03-03 08:30", "2026-03-03 08:00", "2026-03-03 07:30", "2026-03-03 08:00"} {
		moved := b.mustDo(t, move, b.moveOf(me, a, start))
		if !moved.Start.Equal(on(start)) {
			t.Errorf("moved to %s, not %s", moved.Start, start)
		}
		b.consistent(t)
	}
}

func theCounsellorIsKeptWhereFree(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "bert"
	for _, start := range []string{"2026-03-03 09:00", "2026-03-03 14:30", "2026-03-04 09:00", "2026-03-04 10:30"} {
		busy := b.wants(desk, "family", start)
		busy.Wish.Counsellor = "bert"
		b.mustBook(t, busy)
	}
	me := b.Citizen(t, phone(1))
	taken := b.wants(me, "family", "2026-03-05 09:00")
	taken.Wish.Gender = ""
	a := b.mustBook(t, taken)
	if a.Counsellor.Username != "anna" {
		t.Fatalf("anna has fewer, and %s was taken", a.Counsellor.Username)
	}
	for range 5 {
		r := b.wants(desk, "family", "2026-03-06 09:00")
		r.Wish.Counsellor = "anna"
		if x, err := b.Scheduler.Book(background, r); err == nil {
			b.mustDo(t, move, b.moveOf(desk, x, "2026-03-06 14:30"))
			break
		}
	}
	if got := b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00")).Counsellor.Username; got != "anna" {
		t.Errorf("anna was free, and %s was taken", got)
	}
	if got := b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 15:00")).Counsellor.Username; got != "bert" {
		t.Errorf("anna was not free, and %s was taken", got)
	}
}

func aRefusedMoveKeepsEverything(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-04 09:00"))
	other := b.mustBook(t, b.wants(me, "family", "2026-03-04 14:30"))
	before := b.state(t)
	for start, want := range map[string]scheduling.Code{
		"2026-03-04 09:00": scheduling.CodeSlotTaken,
		"2026-03-04 14:30": scheduling.CodeOverlap,
		"2026-03-04 09:10": scheduling.CodeInvalid,
		"2026-03-02 10:00": scheduling.CodeTooLate,
		"2026-04-07 09:00": scheduling.CodeNotOpen,
		"2026-02-27 09:00": scheduling.CodeInvalid,
	} {
		_, err := b.Scheduler.Move(background, b.moveOf(me, a, start))
		e := refused(t, err, want)
		if want == scheduling.CodeSlotTaken && len(e.Alternatives) == 0 {
			t.Error("there are no alternatives")
		}
	}
	b.unchanged(t, before, "audit") // which tells of the refusals
	_, err := b.Scheduler.Move(background, b.moveOf(me, other, "2026-03-03 09:30"))
	refused(t, err, scheduling.CodeOverlap)
	b.unchanged(t, before, "audit") // which tells of the refusals
}

func aCitizenMovesUntilChangeUntilAndTheDeskAlways(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
	b.Clock.Set(on("2026-03-03 07:00"))
	moved := b.mustDo(t, move, b.moveOf(me, a, "2026-03-03 09:30"))
	b.Clock.Set(on("2026-03-03 07:30").Add(time.Second))
	_, err := b.Scheduler.Move(background, b.moveOf(me, moved, "2026-03-04 09:00"))
	refused(t, err, scheduling.CodeTooLate)
	_, err = b.Scheduler.Cancel(background, b.changeOf(me, moved))
	refused(t, err, scheduling.CodeTooLate)
	desk := b.Staff(t, "desk")
	b.mustDo(t, move, b.moveOf(desk, moved, "2026-03-03 08:00"))
	b.Clock.Set(on("2026-03-03 08:30"))
	late := b.mustDo(t, move, b.moveOf(desk, moved, "2026-03-30 14:30"))
	if !late.Start.Equal(on("2026-03-30 14:30")) {
		t.Errorf("the desk moved it to %s", late.Start)
	}
	b.consistent(t)
	_, err = b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-04 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func onlyABookedAppointmentMoves(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	for _, do := range []step{checkIn, start, complete} {
		b.mustDo(t, do, b.changeOf(desk, a))
		_, err := b.Scheduler.Move(background, b.moveOf(desk, a, "2026-03-04 09:00"))
		refused(t, err, scheduling.CodeWrongState)
	}
	if now := b.read(t, a.Reference); now.Revision != 1 || !now.Start.Equal(a.Start) {
		t.Errorf("it is at %s in revision %d", now.Start, now.Revision)
	}
}

func messagesOfTheOldTimeAreSuppressedAndNewOnesPlanned(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00"))
	got := b.rows(t, "SELECT revision, kind, lead_seconds, status, rule, due_at, old_start FROM messages WHERE subject_id = ? ORDER BY revision, due_at", a.ID)
	at := func(text string) string { return itoa(on(text).Unix()) }
	want := [][]string{
		{"1", "booked", "0", "suppressed", "moved", at("2026-03-02 09:00"), "0"},
		{"1", "reminder", "86400", "suppressed", "moved", at("2026-03-04 09:00"), "0"},
		{"1", "reminder", "7200", "suppressed", "moved", at("2026-03-05 07:00"), "0"},
		{"2", "moved", "0", "planned", "", at("2026-03-02 09:00"), at("2026-03-05 09:00")},
		{"2", "reminder", "86400", "planned", "", at("2026-03-05 09:00"), "0"},
		{"2", "reminder", "7200", "planned", "", at("2026-03-06 07:00"), "0"},
	}
	same(t, "messages", want, got)
	b.mustDo(t, cancel, b.changeOf(me, a))
	got = b.rows(t, "SELECT revision, kind, rule FROM messages WHERE subject_id = ? AND revision = 2 ORDER BY kind, due_at", a.ID)
	want = [][]string{{"2", "cancelled", ""}, {"2", "moved", "cancelled"}, {"2", "reminder", "cancelled"}, {"2", "reminder", "cancelled"}}
	same(t, "messages after the cancellation", want, got)
}

func wishesAndSeatsHoldAtTheNewTime(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "family", "2026-03-03 09:00")
	r.Wish, r.Parties = scheduling.Wish{Counsellor: "anna"}, people(3)
	a := b.mustBook(t, r)
	busy := b.wants(b.Staff(t, "desk"), "family", "2026-03-04 09:00")
	busy.Wish.Counsellor = "anna"
	b.mustBook(t, busy)
	_, err := b.Scheduler.Move(background, b.moveOf(me, a, "2026-03-04 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	moved := b.mustDo(t, move, b.moveOf(me, a, "2026-03-04 14:30"))
	if moved.Counsellor.Username != "anna" || moved.Room.Code != "large" {
		t.Errorf("it is with %s in %s", moved.Counsellor.Username, moved.Room.Code)
	}
}

func aMoveFromAClassLeavesTheOthers(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "lesson", lesson))
	other := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	moved := b.mustDo(t, move, b.moveOf(me, a, "2026-03-03 09:30"))
	if moved.Session.ID == other.Session.ID {
		t.Error("the session did not change")
	}
	back := b.mustDo(t, move, b.moveOf(me, a, lesson))
	if back.Session.ID != other.Session.ID {
		t.Error("the class was not joined again")
	}
	if n := b.count(t, "SELECT COUNT(*) FROM sessions WHERE status = 0"); n != 1 {
		t.Errorf("%d sessions are on", n)
	}
}
