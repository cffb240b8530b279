package storetest

import (
	"magpie/scheduling"
)

var limitTests = []test{
	onePersonMayHaveSoManyOpenAppointments,
	aCancelledAppointmentIsGivenBack,
	aNoShowIsGivenBack,
	aCompletedAppointmentIsGivenBack,
	anAppointmentWhoseStartHasPassedIsGivenBack,
	whatHasPassedAndIsMovedOnIsCountedAgain,
	theDeskIsFreeOfThatLimitAndCountsAllTheSame,
	aCounsellorTakesSoManySessionsADay,
	aFreedSessionIsGivenBackToTheCounsellorsDay,
}

// atTheLimit is a citizen with as many appointments as one may have.
func atTheLimit(t tb, b *Bundle) (scheduling.Actor, scheduling.Appointment) {
	t.Helper()
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
	return me, a
}

func onePersonMayHaveSoManyOpenAppointments(t tb, b *Bundle) {
	me, _ := atTheLimit(t, b)
	b.mustBook(t, b.wants(me, "family", "2026-03-05 09:00"))
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-05 09:00"))
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.OpenPerPerson = 2 }))
	b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-09 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func aCancelledAppointmentIsGivenBack(t tb, b *Bundle) {
	me, a := atTheLimit(t, b)
	b.mustDo(t, cancel, b.changeOf(me, a))
	b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
}

func aNoShowIsGivenBack(t tb, b *Bundle) {
	me, a := atTheLimit(t, b)
	b.Clock.Set(a.Start)
	b.mustDo(t, noShow, b.changeOf(b.Staff(t, "desk"), a))
	b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-06 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func aCompletedAppointmentIsGivenBack(t tb, b *Bundle) {
	me, a := atTheLimit(t, b)
	desk := b.Staff(t, "desk")
	for _, do := range []step{checkIn, start, complete} {
		b.mustDo(t, do, b.changeOf(desk, a))
	}
	b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-06 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func anAppointmentWhoseStartHasPassedIsGivenBack(t tb, b *Bundle) {
	me, a := atTheLimit(t, b)
	b.Clock.Set(a.Start)
	b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-06 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
	b.mustDo(t, noShow, b.changeOf(b.Staff(t, "desk"), a))
	_, err = b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-06 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func whatHasPassedAndIsMovedOnIsCountedAgain(t tb, b *Bundle) {
	me, a := atTheLimit(t, b)
	b.Clock.Set(a.Start)
	second := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	b.mustDo(t, move, b.moveOf(b.Staff(t, "desk"), a, "2026-03-06 09:00"))
	b.mustDo(t, cancel, b.changeOf(me, second))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
}

func theDeskIsFreeOfThatLimitAndCountsAllTheSame(t tb, b *Bundle) {
	me, _ := atTheLimit(t, b)
	r := b.wants(b.Staff(t, "desk"), "premarital", "2026-03-05 09:00")
	r.Parties[0].Phone = scheduling.NewPrivate(phone(1))
	a := b.mustBook(t, r)
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.OpenPerPerson = 2 }))
	_, err := b.Scheduler.Book(background, b.wants(me, "premarital", "2026-03-06 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
	b.mustDo(t, cancel, b.changeOf(me, a))
	b.mustBook(t, b.wants(me, "premarital", "2026-03-06 09:00"))
}

// capped lets the two counsellors take one session a day each.
func capped(o *scheduling.Office) {
	for i := range o.Staff[:2] {
		o.Staff[i].SessionsPerDay = 1
	}
}

func aCounsellorTakesSoManySessionsADay(t tb, b *Bundle) {
	b.Change(t, capped)
	desk := b.Staff(t, "desk")
	first := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	if n := b.free(t, "premarital", "2026-03-03 14:30"); n != 1 {
		t.Errorf("with one counsellor left %d are free", n)
	}
	second := b.mustBook(t, b.wants(desk, "premarital", "2026-03-03 14:30"))
	if first.Counsellor.ID == second.Counsellor.ID {
		t.Errorf("%s has two sessions that day", first.Counsellor.Username)
	}
	_, err := b.Scheduler.Book(background, b.wants(desk, "family", "2026-03-03 16:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	closed := b.find(t, scheduling.Search{Service: "family", From: day("2026-03-03")}).Closed
	if closed == nil || closed.Code != scheduling.DayFull {
		t.Errorf("the day is %+v", closed)
	}
	b.mustBook(t, b.wants(desk, "family", "2026-03-04 16:00"))
}

func aFreedSessionIsGivenBackToTheCounsellorsDay(t tb, b *Bundle) {
	b.Change(t, capped)
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	b.mustDo(t, move, b.moveOf(desk, a, "2026-03-03 14:30"))
	b.mustDo(t, move, b.moveOf(desk, a, "2026-03-04 14:30"))
	again := b.mustBook(t, b.wants(desk, "family", "2026-03-03 16:00"))
	b.mustDo(t, cancel, b.changeOf(desk, again))
	over := b.mustBook(t, b.wants(desk, "family", "2026-03-03 16:00"))
	b.Clock.Set(over.Start)
	b.mustDo(t, noShow, b.changeOf(desk, over))
	_, err := b.Scheduler.Book(background, b.wants(desk, "family", "2026-03-03 16:30"))
	refused(t, err, scheduling.CodeSlotTaken)
}
