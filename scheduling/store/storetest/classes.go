package storetest

import (
	"magpie/scheduling"
)

var classTests = []test{
	aClassIsJoinedAndFills,
	aFullClassOpensASecondSession,
	placesAndSeatsBoundAClassTogether,
	theLastToLeaveFreesTheRoom,
	aClassThatTookPlaceIsCountedThoughTheLastCancels,
	aClassWhoseCounsellorIsAwayTakesNobodyMore,
	oneAloneInAClassMovesToItsOwnStart,
	aPlaceOfAClassCanBeHeld,
}

const lesson = "2026-03-03 08:30"

func aClassIsJoinedAndFills(t tb, b *Bundle) {
	var session int64
	for i := range 3 {
		if n := b.free(t, "lesson", lesson); n != 3-i {
			t.Errorf("before appointment %d there are %d places", i+1, n)
		}
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "lesson", lesson))
		if session != 0 && a.Session.ID != session {
			t.Errorf("appointment %d has a session of its own", i+1)
		}
		session = a.Session.ID
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(4)), "lesson", lesson))
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(1)), "lesson", lesson))
	refused(t, err, scheduling.CodeOverlap)
}

func aFullClassOpensASecondSession(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) {
		second := o.Rooms[2]
		second.Code = "hall-2"
		o.Rooms = append(o.Rooms, second)
	})
	if n := b.free(t, "lesson", lesson); n != 6 {
		t.Errorf("%d places in two halls", n)
	}
	for i := range 6 {
		b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "lesson", lesson))
		if n, want := b.count(t, "SELECT COUNT(*) FROM sessions"), i/3+1; n != want {
			t.Errorf("after %d appointments there are %d sessions, not %d", i+1, n, want)
		}
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(7)), "lesson", lesson))
	refused(t, err, scheduling.CodeSlotTaken)
}

func placesAndSeatsBoundAClassTogether(t tb, b *Bundle) {
	for i := range 2 {
		r := b.wants(b.Citizen(t, phone(i+1)), "lesson", lesson)
		r.Parties = people(2)
		b.mustBook(t, r)
	}
	r := b.wants(b.Citizen(t, phone(3)), "lesson", lesson)
	r.Parties = people(2)
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
	if n := b.free(t, "lesson", lesson); n != 1 {
		t.Errorf("five seats, four taken: %d places", n)
	}
	r.Parties = people(1)
	b.mustBook(t, r)
}

func theLastToLeaveFreesTheRoom(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	first := b.mustBook(t, b.wants(desk, "lesson", lesson))
	second := b.mustBook(t, b.wants(desk, "lesson", lesson))
	busy := func() int {
		return b.count(t, "SELECT COUNT(*) FROM day_words WHERE b0 | b1 | b2 | b3 | b4 | b5 <> 0")
	}
	b.mustDo(t, cancel, b.changeOf(desk, first))
	if busy() == 0 {
		t.Error("the room is free while somebody is left")
	}
	b.mustDo(t, cancel, b.changeOf(desk, second))
	if busy() != 0 {
		t.Error("the room is not free")
	}
	third := b.mustBook(t, b.wants(desk, "lesson", lesson))
	if third.Session.ID == first.Session.ID {
		t.Error("a session that was given back is joined")
	}
}

func aClassThatTookPlaceIsCountedThoughTheLastCancels(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	first := b.mustBook(t, b.wants(desk, "lesson", lesson))
	second := b.mustBook(t, b.wants(desk, "lesson", lesson))
	for _, do := range []step{checkIn, start, complete} {
		b.mustDo(t, do, b.changeOf(desk, first))
	}
	b.mustDo(t, cancel, b.changeOf(desk, second))
	if n := b.count(t, "SELECT SUM(sessions) FROM staff_days"); n != 1 {
		t.Errorf("%d sessions are counted", n)
	}
}

func aClassWhoseCounsellorIsAwayTakesNobodyMore(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	first := b.mustBook(t, b.wants(desk, "lesson", lesson))
	b.mustLeave(t, first.Counsellor.Username, "2026-03-03", "2026-03-03", true)
	if n := b.free(t, "lesson", lesson); n != 0 {
		t.Errorf("%d places with somebody who is away", n)
	}
	_, err := b.Scheduler.Book(background, b.wants(desk, "lesson", lesson))
	refused(t, err, scheduling.CodeSlotTaken)
}

func oneAloneInAClassMovesToItsOwnStart(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "lesson", lesson))
	moved := b.mustDo(t, move, b.moveOf(me, a, lesson))
	if !moved.Start.Equal(a.Start) || moved.Revision != 2 {
		t.Errorf("it is at %s in revision %d", moved.Start, moved.Revision)
	}
	other := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	if other.Session.ID != moved.Session.ID {
		t.Error("the second appointment has a session of its own")
	}
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-03 09:30"))
}

func aPlaceOfAClassCanBeHeld(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	h := b.mustHold(t, b.holds(me, "lesson", lesson))
	if n := b.free(t, "lesson", lesson); n != 1 {
		t.Errorf("with one booked and one held there are %d places", n)
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(3)), "lesson", lesson))
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(4)), "lesson", lesson))
	refused(t, err, scheduling.CodeSlotTaken)
	r := b.wants(me, "lesson", lesson)
	r.Hold, r.Parties = h.Secret, people(2)
	b.mustBook(t, r)
	if n := b.count(t, "SELECT COUNT(*) FROM sessions"); n != 1 {
		t.Errorf("there are %d sessions", n)
	}
}
