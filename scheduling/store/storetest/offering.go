package storetest

import (
	"time"

	"magpie/scheduling"
)

var offeringTests = []test{
	timesAreKeptForWhoIsAskedToChoose,
	oneOfTheTimesIsTakenAndTheOthersAreFree,
	whoDoesNotChooseIsCalled,
	anOfferEndsWithTheTimeItIsAbout,
	whomNoMessageReachesIsCalledAtOnce,
	anOfferThatCannotBeIsRefused,
	anOfferIsWithdrawn,
	aTimeIsTakenOnce,
	whatIsKeptForTheDeskIsOfferedAndTaken,
}

func (b *Bundle) offers(a scheduling.Actor, ap scheduling.Appointment, starts ...string) scheduling.OfferRequest {
	r := scheduling.OfferRequest{Actor: a, Reference: ap.Reference, Idempotency: scheduling.Idempotency{Key: b.key(), Route: "POST /offer"}}
	for _, start := range starts {
		r.Starts = append(r.Starts, on(start))
	}
	return r
}

func (b *Bundle) mustOffer(t tb, r scheduling.OfferRequest) scheduling.Offer {
	t.Helper()
	out, err := b.Scheduler.OfferTimes(background, r)
	if err != nil {
		t.Fatalf("offering: %v", err)
	}
	return out
}

func take(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.TakeOffer(background, c)
}

func timesAreKeptForWhoIsAskedToChoose(t tb, b *Bundle) {
	b.Change(t, pairs(2))
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	r := b.offers(b.Staff(t, "desk"), a, "2026-03-04 09:00", "2026-03-04 09:30", "2026-03-06 14:30")
	out := b.mustOffer(t, r)
	again := b.mustOffer(t, r)
	if !out.Deadline.Equal(on("2026-03-03 09:00")) || len(out.Times) != 3 || again.ID != out.ID || !again.Times[1].Session.Start.Equal(on("2026-03-04 09:30")) {
		t.Errorf("%d times until %s; again %d", len(out.Times), out.Deadline, len(again.Times))
	}
	b.consistent(t)
	for start, want := range map[string]int{"2026-03-04 09:00": 0, "2026-03-04 09:30": 0, "2026-03-06 14:30": 1, "2026-03-05 09:00": 1} {
		if got := b.free(t, "premarital", start); got != want {
			t.Errorf("at %s %d are free, not %d", start, got, want)
		}
	}
	_, seen, err := b.Scheduler.OfferOf(background, me, a.Reference)
	if err != nil || len(seen.Times) != 3 || !seen.Times[0].Session.Start.Equal(on("2026-03-04 09:00")) {
		t.Errorf("the citizen sees %d, %v", len(seen.Times), err)
	}
	_, _, err = b.Scheduler.OfferOf(background, b.Citizen(t, phone(2)), a.Reference)
	refused(t, err, scheduling.CodeNotFound)
	got := b.rows(t, "SELECT status, due_at, until_at FROM messages WHERE subject_id = ? AND kind = 'offer'", a.ID)
	same(t, "the message", [][]string{{"planned", itoa(on("2026-03-02 09:00").Unix()), itoa(on("2026-03-03 09:00").Unix())}}, got)
	b.handOver(t)
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_id = ? AND kind = 'offer' AND status = 'handed_over'", a.ID); n != 1 {
		t.Errorf("%d are handed over", n)
	}
	near := b.mustBook(t, b.wants(b.Citizen(t, phone(3)), "family", "2026-03-03 07:30"))
	if got := b.mustOffer(t, b.offers(b.Staff(t, "desk"), near, "2026-03-03 14:30")).Deadline; !got.Equal(on("2026-03-03 05:30")) {
		t.Errorf("two hours before the start is %s", got)
	}
}

func oneOfTheTimesIsTakenAndTheOthersAreFree(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	for i, by := range []scheduling.Actor{b.Citizen(t, phone(1)), desk} {
		me := b.Citizen(t, phone(i+1))
		a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
		b.mustOffer(t, b.offers(desk, a, "2026-03-04 09:00", "2026-03-06 14:30"))
		_, err := b.Scheduler.TakeOffer(background, b.moveOf(by, a, "2026-03-06 09:00"))
		refusedField(t, err, "start")
		c := b.moveOf(by, a, "2026-03-06 14:30")
		moved := b.mustDo(t, take, c)
		same(t, "answers", show(moved), show(b.mustDo(t, take, c)))
		if now := b.read(t, a.Reference); !now.Start.Equal(on("2026-03-06 14:30")) || now.Revision != 2 || now.Status != scheduling.Booked {
			t.Errorf("it is %s at %s", now.Status, now.Start)
		}
		b.consistent(t)
		for start, want := range map[string]int{"2026-03-04 09:00": 1, "2026-03-05 09:00": 1, "2026-03-06 14:30": 0} {
			if got := b.free(t, "premarital", start); got != want {
				t.Errorf("at %s %d are free, not %d", start, got, want)
			}
		}
		if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_id = ? AND kind = 'offer' AND status = 'planned'", a.ID); n != 0 {
			t.Errorf("%d offers are still to be told", n)
		}
		_, err = b.Scheduler.TakeOffer(background, b.moveOf(by, a, "2026-03-04 09:00"))
		refused(t, err, scheduling.CodeWrongState)
		b.mustDo(t, cancel, b.changeOf(desk, a))
	}
}

func (b *Bundle) lapse(t tb) int {
	t.Helper()
	n, err := b.Store.LapseOffers(background)
	if err != nil {
		t.Fatalf("ending offers: %v", err)
	}
	return n
}

func whoDoesNotChooseIsCalled(t tb, b *Bundle) {
	b.Change(t, onePair)
	me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	b.mustOffer(t, b.offers(desk, a, "2026-03-04 09:00", "2026-03-06 14:30"))
	b.Clock.Set(on("2026-03-03 08:59"))
	if n := b.lapse(t); n != 0 {
		t.Errorf("%d ended before their time", n)
	}
	b.Clock.Set(on("2026-03-03 09:00"))
	_, err := b.Scheduler.TakeOffer(background, b.moveOf(me, a, "2026-03-06 14:30"))
	refused(t, err, scheduling.CodeWrongState)
	if n := b.lapse(t); n != 1 || b.lapse(t) != 0 {
		t.Errorf("%d ended", n)
	}
	if got := b.free(t, "premarital", "2026-03-06 14:30"); got != 1 {
		t.Errorf("%d are free", got)
	}
	tasks, _, err := b.Scheduler.DeskTasks(background, scheduling.TaskFilter{Actor: desk, Office: "suite"})
	if err != nil || len(tasks) != 1 || tasks[0].Reason != scheduling.ReasonOfferLapsed || tasks[0].Phone.Reveal() != phone(1) {
		t.Errorf("the tasks are %+v, %v", tasks, err)
	}
	if now := b.read(t, a.Reference); now.Status != scheduling.Booked || now.Revision != 1 {
		t.Errorf("it is %s in revision %d", now.Status, now.Revision)
	}
	_, err = b.Scheduler.OfferTimes(background, b.offers(desk, a, "2026-03-06 14:30"))
	refused(t, err, scheduling.CodeWrongState)
}

func anOfferEndsWithTheTimeItIsAbout(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	for i, since := range []func(a scheduling.Appointment){
		func(a scheduling.Appointment) { b.mustDo(t, move, b.moveOf(desk, a, "2026-03-05 14:30")) },
		func(a scheduling.Appointment) { b.mustDo(t, cancel, b.changeOf(desk, a)) },
	} {
		me := b.Citizen(t, phone(i+1))
		a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
		b.mustOffer(t, b.offers(desk, a, "2026-03-06 14:30"))
		since(a)
		_, err := b.Scheduler.TakeOffer(background, b.moveOf(me, a, "2026-03-06 14:30"))
		refused(t, err, scheduling.CodeWrongState)
		if n := b.lapse(t); n != 1 {
			t.Errorf("%d ended", n)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM holds") + b.count(t, "SELECT COUNT(*) FROM tasks"); n != 0 {
			t.Errorf("%d are left", n)
		}
		b.consistent(t)
	}
}

func whomNoMessageReachesIsCalledAtOnce(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-05 09:00")
	r.Silent, r.Parties[0].Phone = true, scheduling.NewPrivate(phone(1))
	a := b.mustBook(t, r)
	b.mustOffer(t, b.offers(desk, a, "2026-03-06 14:30"))
	if n := b.count(t, "SELECT COUNT(*) FROM tasks WHERE reason = 'offer'"); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

func anOfferThatCannotBeIsRefused(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
	b.mustBook(t, b.wants(desk, "family", "2026-03-06 09:00"))
	soon := b.mustBook(t, b.wants(desk, "family", "2026-03-02 11:00"))
	before := b.state(t)
	for field, starts := range map[string][]string{
		"starts": {"2026-03-04 09:00", "2026-03-04 10:00", "2026-03-04 11:00", "2026-03-05 10:00"}, "starts[0]": {"2026-03-04 09:10"},
		"starts[1]": {"2026-03-04 09:00", "2026-03-04 09:00"},
	} {
		_, err := b.Scheduler.OfferTimes(background, b.offers(desk, a, starts...))
		refusedField(t, err, field)
	}
	for _, start := range []string{"2026-03-05 09:00", "2026-03-02 14:30"} {
		_, err := b.Scheduler.OfferTimes(background, b.offers(desk, a, start))
		refusedField(t, err, "starts[0]")
	}
	_, err := b.Scheduler.OfferTimes(background, b.offers(desk, a, "2026-03-04 09:00", "2026-03-06 09:30"))
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.OfferTimes(background, b.offers(desk, a, "2026-03-04 09:00", "2026-03-04 09:30")) // one after the other has the one pair
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.OfferTimes(background, b.offers(desk, soon, "2026-03-04 09:00"))
	refused(t, err, scheduling.CodeWrongState)
	b.unchanged(t, before)
}

func anOfferIsWithdrawn(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
	refused(t, b.Scheduler.WithdrawOffer(background, desk, a.Reference), scheduling.CodeNotFound)
	b.mustOffer(t, b.offers(desk, a, "2026-03-04 09:00", "2026-03-06 14:30"))
	if err := b.Scheduler.WithdrawOffer(background, desk, a.Reference); err != nil {
		t.Fatal(err)
	}
	if got := b.free(t, "premarital", "2026-03-06 14:30"); got != 1 {
		t.Errorf("%d are free", got)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE kind = 'offer' AND status = 'planned'"); n != 0 {
		t.Errorf("%d offers are still to be told", n)
	}
	_, _, err := b.Scheduler.OfferOf(background, b.Citizen(t, phone(1)), a.Reference)
	refused(t, err, scheduling.CodeNotFound)
	refused(t, b.Scheduler.WithdrawOffer(background, desk, a.Reference), scheduling.CodeNotFound)
}

func aTimeIsTakenOnce(t tb, b *Bundle) {
	for range 4 {
		b.Reset(t)
		me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
		a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
		b.mustOffer(t, b.offers(desk, a, "2026-03-04 09:00", "2026-03-04 10:30", "2026-03-06 14:30"))
		errs := together(4, func(i int) error {
			if i == 3 {
				return b.Scheduler.WithdrawOffer(background, desk, a.Reference)
			}
			_, err := b.Scheduler.TakeOffer(background, b.moveOf(me, a, []string{"2026-03-04 09:00", "2026-03-04 10:30", "2026-03-06 14:30"}[i]))
			return err
		})
		if n := outcomes(t, errs, scheduling.CodeWrongState, scheduling.CodeNotFound); n != 1 {
			t.Errorf("%d were done", n)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 0 {
			t.Errorf("%d holds are left", n)
		}
		b.Clock.Pass(time.Second)
		b.consistent(t)
	}
}

func whatIsKeptForTheDeskIsOfferedAndTaken(t tb, b *Bundle) {
	b.Change(t, onePair)
	me, desk := b.Citizen(t, phone(1)), b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.KeptForDesk = 100 }))
	if n := b.free(t, "premarital", "2026-03-06 14:30"); n != 0 {
		t.Fatalf("%d are free to citizens", n)
	}
	b.mustOffer(t, b.offers(desk, a, "2026-03-06 14:30", "2026-03-06 16:00"))
	if moved := b.mustDo(t, take, b.moveOf(me, a, "2026-03-06 16:00")); !moved.Start.Equal(on("2026-03-06 16:00")) {
		t.Errorf("it is at %s", moved.Start)
	}
}
