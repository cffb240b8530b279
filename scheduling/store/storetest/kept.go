package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

var keptTests = []test{
	citizensMayNotTakeWhatIsKeptForTheDesk,
	atNoonOfTheDayBeforeADayIsOpenedToAll,
	whatIsHeldCountsAmongTheCitizensPlaces,
	aMoveTakesAndGivesBackAPlaceOfItsDay,
	aShareThatIsKeptLaterCountsWhatCitizensHave,
	whatWasCancelledByReplyIsNoCitizensPlace,
	placesOfAClassAreKeptToo,
	whatIsKeptIsNotPassedInARace,
	aRoomThatIsClosedIsOfferedToNobody,
	aHoldInARoomThatIsClosedGivesWay,
	hoursHoldForTheirTime,
	noShowIsSaidAfterItsTime,
}

// keeping gives the office one pair, of whose five family sessions a day 40 %
// are kept for the desk: citizens may have three.
func (b *Bundle) keeping(t tb) {
	t.Helper()
	b.Change(t, onePair)
	b.keepTwo(t)
}

func (b *Bundle) keepTwo(t tb) {
	t.Helper()
	b.Change(t, service("family", func(s *scheduling.Service) { s.KeptForDesk = 40 }))
	o := b.Office(t)
	family, _ := o.Service("family")
	if n := o.Capacity(family, day("2026-03-05")); n != 5 {
		t.Fatalf("the capacity is %d", n)
	}
}

// three are bookings of citizens that fill their part of 2026-03-05.
func (b *Bundle) three(t tb) []scheduling.Appointment {
	t.Helper()
	var out []scheduling.Appointment
	for i, start := range []string{"2026-03-05 07:30", "2026-03-05 09:00", "2026-03-05 14:30"} {
		out = append(out, b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "family", start)))
	}
	return out
}

// full fails the test unless a citizen finds 2026-03-05 full, and cannot book.
func (b *Bundle) full(t tb) {
	t.Helper()
	found := b.find(t, scheduling.Search{Service: "family", From: day("2026-03-05")})
	if found.Closed == nil || found.Closed.Code != scheduling.DayFull {
		t.Errorf("the day is %+v with %d starts", found.Closed, len(found.Slots))
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(9)), "family", "2026-03-05 16:00"))
	e := refused(t, err, scheduling.CodeSlotTaken)
	if len(e.Alternatives) == 0 {
		t.Error("no other start is offered")
	}
	for _, s := range e.Alternatives {
		if dateOf(s.Start) == day("2026-03-05") {
			t.Errorf("%s is offered instead", s.Start)
		}
	}
	_, err = b.Scheduler.Hold(background, b.holds(b.Citizen(t, phone(9)), "family", "2026-03-05 16:00"))
	refused(t, err, scheduling.CodeSlotTaken)
}

func citizensMayNotTakeWhatIsKeptForTheDesk(t tb, b *Bundle) {
	b.keeping(t)
	if n := b.free(t, "family", "2026-03-05 16:00"); n != 1 {
		t.Errorf("%d are free on the empty day", n)
	}
	booked := b.three(t)
	b.full(t)
	if n := b.free(t, "premarital", "2026-03-05 16:00"); n != 1 {
		t.Errorf("%d of another service are free", n)
	}
	desk := b.Staff(t, "desk")
	byDesk := b.mustBook(t, b.wants(desk, "family", "2026-03-05 16:00"))
	b.full(t)
	b.mustDo(t, cancel, b.changeOf(desk, byDesk))
	b.full(t)
	b.mustDo(t, cancel, b.changeOf(b.Citizen(t, phone(2)), booked[1]))
	b.mustBook(t, b.wants(b.Citizen(t, phone(9)), "family", "2026-03-05 16:00"))
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(8)), "family", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
}

func atNoonOfTheDayBeforeADayIsOpenedToAll(t tb, b *Bundle) {
	b.keeping(t)
	b.three(t)
	b.Clock.Set(on("2026-03-04 12:00").Add(-time.Second))
	b.full(t)
	b.Clock.Pass(time.Second)
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(9)), "family", "2026-03-05 16:00"))
	b.mustDo(t, cancel, b.changeOf(b.Citizen(t, phone(9)), a))
	// On Monday the weekend makes no difference: it opens on Sunday.
	b.Change(t, service("family", func(s *scheduling.Service) { s.KeptForDesk = 100 }))
	b.Clock.Set(on("2026-03-08 11:59"))
	if n := b.free(t, "family", "2026-03-09 09:00"); n != 0 {
		t.Errorf("%d are free before noon", n)
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(8)), "family", "2026-03-09 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	b.Clock.Set(on("2026-03-08 12:00"))
	b.mustBook(t, b.wants(b.Citizen(t, phone(8)), "family", "2026-03-09 09:00"))
}

func whatIsHeldCountsAmongTheCitizensPlaces(t tb, b *Bundle) {
	b.keeping(t)
	me := b.Citizen(t, phone(1))
	first := b.mustHold(t, b.holds(me, "family", "2026-03-05 07:30"))
	b.mustHold(t, b.holds(me, "family", "2026-03-05 09:00"))
	b.mustHold(t, b.holds(passerBy("203.0.113.1"), "family", "2026-03-05 14:30"))
	b.full(t)
	r := b.wants(me, "family", "2026-03-05 07:30")
	r.Hold = first.Secret
	b.mustBook(t, r)
	b.full(t)
	desk := b.Staff(t, "desk")
	byDesk := b.mustHold(t, b.holds(desk, "family", "2026-03-05 16:00"))
	// Who used the desk's hold would take what is kept for it.
	r = b.wants(b.Citizen(t, phone(7)), "family", "2026-03-05 16:00")
	r.Hold = byDesk.Secret
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
	// The one without a token ends, and another citizen has its place at once.
	b.Clock.Pass(5 * time.Minute)
	b.mustBook(t, b.wants(b.Citizen(t, phone(8)), "family", "2026-03-05 10:30"))
	b.full(t)
	b.Clock.Pass(5 * time.Minute)
	if n, err := b.Store.ClearEnded(background); err != nil || n != 2 { // the other of one's own, and the desk's
		t.Errorf("%d holds have ended, %v", n, err)
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(6)), "family", "2026-03-05 09:00"))
	b.full(t)
}

func aMoveTakesAndGivesBackAPlaceOfItsDay(t tb, b *Bundle) {
	b.keeping(t)
	booked := b.three(t)
	other := b.mustBook(t, b.wants(b.Citizen(t, phone(4)), "family", "2026-03-06 09:00"))
	_, err := b.Scheduler.Move(background, b.moveOf(b.Citizen(t, phone(4)), other, "2026-03-05 16:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	same(t, "appointment", show(other), show(b.read(t, other.Reference)))
	// Within its day a place is left and taken.
	moved := b.mustDo(t, move, b.moveOf(b.Citizen(t, phone(3)), booked[2], "2026-03-05 16:00"))
	b.full(t)
	// What the desk moves is the desk's, wherever it goes.
	desk := b.Staff(t, "desk")
	b.mustDo(t, move, b.moveOf(desk, moved, "2026-03-05 14:30"))
	b.mustDo(t, move, b.moveOf(b.Citizen(t, phone(4)), other, "2026-03-05 16:00"))
	b.full(t)
	_, err = b.Scheduler.Move(background, b.moveOf(b.Citizen(t, phone(3)), b.read(t, moved.Reference), "2026-03-05 10:30"))
	refused(t, err, scheduling.CodeSlotTaken)
	b.mustDo(t, move, b.moveOf(desk, booked[0], "2026-03-06 07:30"))
	b.mustDo(t, move, b.moveOf(b.Citizen(t, phone(3)), b.read(t, moved.Reference), "2026-03-05 07:30"))
}

func aShareThatIsKeptLaterCountsWhatCitizensHave(t tb, b *Bundle) {
	b.Change(t, onePair)
	booked := b.three(t)
	h := b.mustHold(t, b.holds(b.Citizen(t, phone(4)), "family", "2026-03-06 09:00"))
	if n := b.count(t, "SELECT COUNT(*) FROM citizen_days"); n != 0 {
		t.Errorf("%d days are counted though nothing is kept", n)
	}
	b.keepTwo(t)
	b.full(t)
	if n := b.count(t, "SELECT SUM(taken) FROM citizen_days"); n != 4 {
		t.Errorf("%d places are counted", n)
	}
	b.Change(t, service("family", func(s *scheduling.Service) { s.KeptForDesk = 0 }))
	if n := b.count(t, "SELECT COUNT(*) FROM citizen_days"); n != 0 {
		t.Errorf("%d days are counted though nothing is kept any more", n)
	}
	b.mustDo(t, cancel, b.changeOf(b.Citizen(t, phone(1)), booked[0]))
	if err := b.Scheduler.ReleaseHold(background, b.holdChange(b.Citizen(t, phone(4)), h)); err != nil {
		t.Fatalf("giving the hold back: %v", err)
	}
	b.keepTwo(t)
	if n := b.count(t, "SELECT SUM(taken) FROM citizen_days"); n != 2 {
		t.Errorf("%d places are counted", n)
	}
}

func whatWasCancelledByReplyIsNoCitizensPlace(t tb, b *Bundle) {
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.KeptForDesk = 80 })) // one of five with one pair
	a := b.cancelled(t)
	if n := b.count(t, "SELECT SUM(taken) FROM citizen_days"); n != 0 {
		t.Errorf("%d places are counted", n)
	}
	restored := b.mustDo(t, restore, b.changeOf(b.Staff(t, "desk"), a))
	if n := b.count(t, "SELECT SUM(taken) FROM citizen_days"); n != 0 || b.read(t, restored.Reference).ByCitizen {
		t.Errorf("%d places are counted for what the desk gave back", n)
	}
}

func placesOfAClassAreKeptToo(t tb, b *Bundle) {
	b.Change(t, onePair)
	b.Change(t, func(o *scheduling.Office) {
		o.Hours = []scheduling.Hours{{Days: o.Hours[0].Days, Period: calendar.Period{From: 9 * 60, To: 10 * 60}}}
		service("lesson", func(s *scheduling.Service) { s.KeptForDesk = 34 })(o) // one of the three places
	})
	for i := range 2 {
		if n := b.free(t, "lesson", "2026-03-05 09:00"); n != 2-i {
			t.Errorf("%d places are free, not %d", n, 2-i)
		}
		b.mustBook(t, b.wants(b.Citizen(t, phone(i+1)), "lesson", "2026-03-05 09:00"))
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(3)), "lesson", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "lesson", "2026-03-05 09:00"))
}

func whatIsKeptIsNotPassedInARace(t tb, b *Bundle) {
	b.Change(t, pairs(4))
	b.Change(t, service("family", func(s *scheduling.Service) { s.KeptForDesk = 60 })) // twelve of twenty
	who, servers := b.citizens(t, 24), b.replicas(t)
	starts := []string{"2026-03-05 07:30", "2026-03-05 09:00", "2026-03-05 10:30", "2026-03-05 14:30", "2026-03-05 16:00"}
	errs := together(len(who), func(i int) error {
		if i%4 == 0 {
			_, err := servers[i%3].Hold(background, b.holds(who[i], "family", starts[i%5]))
			return err
		}
		_, err := servers[i%3].Book(background, b.wants(who[i], "family", starts[i%5]))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeSlotTaken); n != 8 {
		t.Errorf("%d of 24 succeeded", n)
	}
	if n := b.count(t, "SELECT taken FROM citizen_days"); n != 8 {
		t.Errorf("%d places are counted", n)
	}
	b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", "2026-03-05 16:00"))
}

func aRoomThatIsClosedIsOfferedToNobody(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-05 09:00")
	r.Parties = people(4) // in the large room
	a := b.mustBook(t, r)
	outside := b.Change(t, func(o *scheduling.Office) {
		o.Rooms[1].Closed = []scheduling.Closure{{From: day("2026-03-04"), To: day("2026-03-05"), Why: scheduling.Text{ZH: "粉刷"}}}
	})
	same(t, "outside", []string{a.Reference}, listed(outside))
	same(t, "appointment", show(a), show(b.read(t, a.Reference)))
	for start, want := range map[string]int{"2026-03-03 14:30": 2, "2026-03-04 14:30": 1, "2026-03-05 14:30": 1, "2026-03-06 14:30": 2} {
		if n := b.free(t, "family", start); n != want {
			t.Errorf("%d are free at %s, not %d", n, start, want)
		}
	}
	r.Start = on("2026-03-05 14:30")
	r.Idempotency.Key = b.key()
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
	found := b.find(t, scheduling.Search{Service: "family", From: day("2026-03-05"), Parties: 4})
	if found.Closed == nil || found.Closed.Code != scheduling.DayClosed {
		t.Errorf("for four the day is %+v", found.Closed)
	}
	b.mustDo(t, move, b.moveOf(desk, a, "2026-03-06 09:00"))
}

func aHoldInARoomThatIsClosedGivesWay(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	h := b.mustHold(t, b.holds(me, "family", "2026-03-05 09:00")) // in the small room
	b.Change(t, func(o *scheduling.Office) {
		o.Rooms[0].Closed = []scheduling.Closure{{From: day("2026-03-05"), To: day("2026-03-05"), Why: scheduling.Text{ZH: "粉刷"}}}
	})
	r := b.wants(me, "family", "2026-03-05 09:00")
	r.Hold = h.Secret
	if a := b.mustBook(t, r); a.Room.Code != "large" {
		t.Errorf("it is in %q", a.Room.Code)
	}
}

func hoursHoldForTheirTime(t tb, b *Bundle) {
	r := b.wants(b.Staff(t, "desk"), "family", "2026-03-10 09:00")
	r.Wish.Counsellor = "anna"
	outside := b.mustBook(t, r)
	listedOutside := b.Change(t, func(o *scheduling.Office) {
		days := o.Hours[0].Days
		o.Hours = append(o.Hours[1:],
			scheduling.Hours{Days: days, Period: calendar.Period{From: 450, To: 720}, ValidTo: day("2026-03-06")},
			scheduling.Hours{Days: days, Period: calendar.Period{From: 600, To: 720}, ValidFrom: day("2026-03-09"), EveryOther: true})
		member("anna", func(m *scheduling.Staff) { m.Hours[0].ValidTo = day("2026-03-09") })(o)
		member("bert", func(m *scheduling.Staff) { m.Hours[0].ValidFrom = day("2026-03-06") })(o)
	})
	same(t, "outside", []string{outside.Reference}, listed(listedOutside))
	for start, want := range map[string]int{
		"2026-03-05 07:30": 1, "2026-03-06 07:30": 2, "2026-03-09 07:30": 0, "2026-03-09 10:00": 2,
		"2026-03-10 10:00": 1, "2026-03-16 10:00": 0, "2026-03-16 14:30": 1, "2026-03-23 10:00": 1,
	} {
		if n := b.free(t, "family", start); n != want {
			t.Errorf("%d are free at %s, not %d", n, start, want)
		}
	}
	b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), outside))
}

func noShowIsSaidAfterItsTime(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.NoShowAfter = 15 * time.Minute })
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:00"))
	b.Clock.Set(on("2026-03-03 09:15").Add(-time.Second))
	_, err := b.Scheduler.NoShow(background, b.changeOf(desk, a))
	if e := refused(t, err, scheduling.CodeWrongState); e.Text.ZH != "还早，09:15以后才能记“没来”，请再等一等。" || e.Text.EN == "" {
		t.Errorf("it says %+v", e.Text)
	}
	b.Clock.Pass(time.Second)
	if done := b.mustDo(t, noShow, b.changeOf(desk, a)); done.Status != scheduling.NoShow {
		t.Errorf("it is %s", done.Status)
	}
}
