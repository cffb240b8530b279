package storetest

import (
	"time"

	"magpie/scheduling"
)

var idempotencyTests = []test{
	aRepeatedBookingGetsTheSameAnswer,
	aRepeatedMoveGetsTheSameAnswerAfterAnotherMove,
	aRepeatedStepGetsTheSameAnswer,
	aRepeatedHoldGetsTheSameSecret,
	aRepeatedLeaveGetsTheSameEntry,
	aKeyWithAnotherBodyIsRefused,
	aKeyBelongsToItsCallerAndRoute,
	anErrorIsNotRemembered,
	afterADayAKeyIsForgotten,
	aRepeatedBookingThatFillsItsOwnSlotIsAnswered,
	anAnswerOutlivesTheRoomItNames,
}

func aRepeatedBookingGetsTheSameAnswer(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Parties = people(2)
	r.Parties[1].Phone = scheduling.NewPrivate(phone(2))
	r.Note, r.Wish.Counsellor, r.Locale = scheduling.NewPrivate("想问财产"), "anna", "en"
	first := b.mustBook(t, r)
	before := b.state(t)
	b.Clock.Pass(time.Hour)
	same(t, "answers", show(first), show(b.mustBook(t, r)))
	b.unchanged(t, before)
	same(t, "answers of a replica", show(first), func() shown {
		a, err := b.Replica(t).Book(background, r)
		if err != nil {
			t.Fatalf("a replica's answer: %v", err)
		}
		return show(a)
	}())
	b.mustDo(t, cancel, b.changeOf(r.Actor, first))
	same(t, "answers after the cancellation", show(first), show(b.mustBook(t, r)))
}

func aRepeatedMoveGetsTheSameAnswerAfterAnotherMove(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	c := b.moveOf(me, a, "2026-03-03 09:30")
	first := b.mustDo(t, move, c)
	same(t, "answers", show(first), show(b.mustDo(t, move, c)))
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-04 09:30"))
	b.mustDo(t, cancel, b.changeOf(me, a))
	same(t, "answers once it is cancelled", show(first), show(b.mustDo(t, move, c)))
	if now := b.read(t, a.Reference); !now.Start.Equal(on("2026-03-04 09:30")) || now.Status != scheduling.Cancelled {
		t.Errorf("it is %s at %s", now.Status, now.Start)
	}
}

func aRepeatedStepGetsTheSameAnswer(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	for _, do := range []step{checkIn, start, complete} {
		c := b.changeOf(desk, a)
		first := b.mustDo(t, do, c)
		same(t, "answers", show(first), show(b.mustDo(t, do, c)))
	}
}

func aRepeatedHoldGetsTheSameSecret(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.holds(me, "family", "2026-03-03 09:00")
	first := b.mustHold(t, r)
	b.Clock.Pass(time.Minute)
	same(t, "holds", first, b.mustHold(t, r))
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 1 {
		t.Errorf("%d holds", n)
	}
	renew := scheduling.HoldChange{Actor: me, Office: "suite", Secret: first.Secret, Idempotency: scheduling.Idempotency{Key: b.key(), Route: "renew"}}
	var answers []scheduling.Hold
	for range 2 {
		h, err := b.Scheduler.RenewHold(background, renew)
		if err != nil {
			t.Fatalf("renewing: %v", err)
		}
		answers = append(answers, h)
		b.Clock.Pass(time.Minute)
	}
	same(t, "renewals", answers[0], answers[1])
}

func aRepeatedLeaveGetsTheSameEntry(t tb, b *Bundle) {
	r := b.leave(t, "anna", "2026-03-03", "2026-03-04")
	r.Idempotency = scheduling.Idempotency{Key: b.key(), Route: "leave"}
	first, err := b.Scheduler.AddTimeOff(background, r)
	if err != nil {
		t.Fatalf("entering leave: %v", err)
	}
	second, err := b.Scheduler.AddTimeOff(background, r)
	if err != nil {
		t.Fatalf("entering it again: %v", err)
	}
	same(t, "leave", first, second)
	if n := b.count(t, "SELECT COUNT(*) FROM time_off"); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func aKeyWithAnotherBodyIsRefused(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	b.mustBook(t, r)
	before := b.state(t)
	r.Idempotency.Body = []byte("another")
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeKeyReused)
	r.Start = on("2026-03-04 09:00")
	_, err = b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeKeyReused)
	b.unchanged(t, before)
}

func aKeyBelongsToItsCallerAndRoute(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	first := b.mustBook(t, r)
	r.Actor = b.Citizen(t, phone(2))
	second := b.mustBook(t, r)
	if first.Reference == second.Reference {
		t.Error("two citizens with the same key share an appointment")
	}
	r.Idempotency.Route, r.Start = "POST /elsewhere", on("2026-03-04 09:00")
	if third := b.mustBook(t, r); third.Reference == second.Reference {
		t.Error("two routes share an answer")
	}
	h := b.holds(passerBy("203.0.113.1"), "family", "2026-03-05 09:00")
	one := b.mustHold(t, h)
	h.Actor = passerBy("203.0.113.2")
	h.Start = on("2026-03-05 14:30")
	if two := b.mustHold(t, h); one.Secret == two.Secret {
		t.Error("two addresses share a hold")
	}
}

func anErrorIsNotRemembered(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	blocking := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
	b.mustDo(t, cancel, b.changeOf(desk, blocking))
	b.mustBook(t, r)
	c := b.changeOf(desk, b.mustBook(t, b.wants(desk, "family", "2026-03-04 09:00")))
	_, err = b.Scheduler.NoShow(background, c)
	refused(t, err, scheduling.CodeWrongState)
	b.Clock.Set(on("2026-03-04 09:00"))
	b.mustDo(t, noShow, c)
}

func afterADayAKeyIsForgotten(t tb, b *Bundle) {
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:00")
	first := b.mustBook(t, r)
	b.Clock.Pass(24*time.Hour - time.Second)
	same(t, "answers", show(first), show(b.mustBook(t, r)))
	b.Clock.Pass(time.Second)
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeOverlap)
	r.Start, r.Idempotency.Body = on("2026-03-06 09:00"), []byte("another")
	second := b.mustBook(t, r)
	if second.Reference == first.Reference {
		t.Error("the forgotten answer was given")
	}
	same(t, "new answers", show(second), show(b.mustBook(t, r)))
}

func aRepeatedBookingThatFillsItsOwnSlotIsAnswered(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 09:00")
	first := b.mustBook(t, desk)
	same(t, "answers", show(first), show(b.mustBook(t, desk)))
	mine := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 10:30")
	booked := b.mustBook(t, mine)
	same(t, "answers", show(booked), show(b.mustBook(t, mine)))
	b.Clock.Set(on("2026-03-03 08:50"))
	same(t, "answers once it is too late", show(booked), show(b.mustBook(t, mine)))
	b.Clock.Set(on("2026-03-03 08:59"))
	same(t, "answers of the desk", show(first), show(b.mustBook(t, desk)))
}

func anAnswerOutlivesTheRoomItNames(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna"
	first := b.mustBook(t, r)
	b.mustDo(t, cancel, b.changeOf(desk, first))
	b.Change(t, func(o *scheduling.Office) { o.Rooms, o.Staff = o.Rooms[1:], o.Staff[1:] })
	again := b.mustBook(t, r)
	if again.Reference != first.Reference || again.Room.Code != "small" || again.Counsellor.Username != "anna" {
		t.Errorf("the answer names %s, %q and %q", again.Reference, again.Room.Code, again.Counsellor.Username)
	}
}
