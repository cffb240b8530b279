package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

var restoringTests = []test{
	twoCancelsAndKeepsTheTimeForTwoHours,
	aTimeIsKeptNoLongerThanUntilItsStart,
	theDeskGivesATimeBackThatWasCancelledByReply,
	aTimeIsGivenBackOnlyWhileItIsKept,
	aTimeIsNotGivenBackToWhoHasAnother,
	aTimeIsGivenBackOnce,
	aPlaceInAClassIsKeptToo,
}

func restore(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.Restore(background, c)
}

// cancelled is an appointment of the office's only pair that was cancelled by
// reply, at nine on the day before.
func (b *Bundle) cancelled(t tb) scheduling.Appointment {
	t.Helper()
	b.Change(t, onePair)
	b.Change(t, cancelsByReply)
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	b.reply(t, phone(1), "1")
	b.reply(t, phone(1), "2")
	if now := b.read(t, a.Reference); now.Status != scheduling.Cancelled {
		t.Fatalf("it is %s", now.Status)
	}
	b.consistent(t)
	return a
}

func twoCancelsAndKeepsTheTimeForTwoHours(t tb, b *Bundle) {
	a := b.cancelled(t)
	me := b.Citizen(t, phone(1))
	tasks := b.tasks(t, false)
	if len(tasks) != 1 || tasks[0].Kind != scheduling.TaskGivenUp || tasks[0].Reference != a.Reference || !tasks[0].Until.Equal(b.Clock.Now().Add(2*time.Hour)) {
		t.Fatalf("the tasks are %+v", tasks)
	}
	if due := b.send(t); len(due) != 1 || due[0].Kind != messages.Cancelled {
		t.Errorf("%d messages say so", len(due))
	}
	// Nobody else gets the time, and the person is free for another.
	if n := b.free(t, "family", "2026-03-05 09:00"); n != 0 {
		t.Errorf("%d are free while it is kept", n)
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	again := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 14:30"))
	b.mustDo(t, cancel, b.changeOf(me, again))
	b.consistent(t)
	b.Clock.Pass(2 * time.Hour)
	if n, err := b.Store.ClearEnded(background); err != nil || n != 1 {
		t.Errorf("%d holds have ended, %v", n, err)
	}
	if n := b.free(t, "family", "2026-03-05 09:00"); n != 1 {
		t.Errorf("%d are free after two hours", n)
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-05 09:00"))
	if tasks := b.tasks(t, false); len(tasks) != 0 {
		t.Errorf("after two hours the tasks are %+v", tasks)
	}
}

func aTimeIsKeptNoLongerThanUntilItsStart(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.ChangeUntil = 0 }))
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	b.Clock.Set(a.Start.Add(-time.Hour))
	b.reply(t, phone(1), "2")
	if until := b.tasks(t, false)[0].Until; !until.Equal(a.Start) {
		t.Errorf("it is kept until %s", until)
	}
}

func theDeskGivesATimeBackThatWasCancelledByReply(t tb, b *Bundle) {
	a := b.cancelled(t)
	b.Clock.Pass(2*time.Hour - time.Second)
	back := b.mustDo(t, restore, b.changeOf(b.Staff(t, "desk"), a))
	b.consistent(t)
	now := b.read(t, a.Reference)
	same(t, "the answer", show(now), show(back))
	if now.Status != scheduling.Booked || now.Revision != 3 || now.Session.ID != a.Session.ID || !now.Start.Equal(a.Start) || now.Room.Code != a.Room.Code || !now.ConfirmedAt.IsZero() {
		t.Errorf("it is %+v", show(now))
	}
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 0 {
		t.Errorf("%d holds are left", n)
	}
	same(t, "the cancellation", [][]string{{"suppressed", "restored"}}, b.rows(t, "SELECT status, rule FROM messages WHERE kind = 'cancelled'"))
	due := b.send(t)
	if len(due) != 1 || due[0].Kind != messages.Booked {
		t.Errorf("%d messages say so", len(due))
	}
	done := b.tasks(t, true)
	if len(done) != 1 || done[0].Outcome != "restored" || done[0].DoneBy != "desk" || !done[0].DoneAt.Equal(b.Clock.Now()) {
		t.Errorf("the tasks done are %+v", done)
	}
	b.Clock.Set(on("2026-03-05 07:00"))
	if due := b.send(t); len(due) != 1 || due[0].Kind != messages.Reminder {
		t.Errorf("%d reminders go", len(due))
	}
	b.reply(t, phone(1), "1")
	if b.read(t, a.Reference).ConfirmedAt.IsZero() {
		t.Error("it cannot be confirmed any more")
	}
}

func aTimeIsGivenBackOnlyWhileItIsKept(t tb, b *Bundle) {
	for what, pass := range map[string]func(a scheduling.Appointment){
		"after two hours": func(scheduling.Appointment) { b.Clock.Pass(2 * time.Hour) },
		"after the start": func(a scheduling.Appointment) { b.Clock.Set(a.Start) },
		"after its service is removed": func(scheduling.Appointment) {
			b.Change(t, func(o *scheduling.Office) { removeService(o, "premarital"); o.ReplyCancels = nil })
		},
	} {
		b.Reset(t)
		a := b.cancelled(t)
		pass(a)
		before := b.state(t)
		_, err := b.Scheduler.Restore(background, b.changeOf(b.Staff(t, "desk"), a))
		if refused(t, err, scheduling.CodeWrongState); err == nil {
			t.Errorf("%s it is given back", what)
		}
		b.unchanged(t, before, "audit")
	}
	b.Reset(t)
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(desk, "family", "2026-03-05 09:00"))
	for range 2 {
		_, err := b.Scheduler.Restore(background, b.changeOf(desk, a))
		refused(t, err, scheduling.CodeWrongState)
		b.mustDo(t, cancel, b.changeOf(desk, a))
	}
}

func aTimeIsNotGivenBackToWhoHasAnother(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	b.reply(t, phone(1), "2")
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-05 09:30"))
	before := b.state(t)
	_, err := b.Scheduler.Restore(background, b.changeOf(b.Staff(t, "desk"), a))
	refused(t, err, scheduling.CodeOverlap)
	b.unchanged(t, before, "audit")
	another := b.another(t, "another")
	stranger := b.Staff(t, "desk")
	stranger.OfficeID = another.ID
	_, err = b.Scheduler.Restore(background, b.changeOf(stranger, a))
	refused(t, err, scheduling.CodeNotFound)
}

func aTimeIsGivenBackOnce(t tb, b *Bundle) {
	a := b.cancelled(t)
	servers := b.replicas(t)
	desk := b.Staff(t, "desk")
	errs := together(6, func(i int) error {
		_, err := servers[i%3].Restore(background, b.changeOf(desk, a))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeWrongState); n != 1 {
		t.Errorf("it was given back %d times", n)
	}
	if now := b.read(t, a.Reference); now.Revision != 3 {
		t.Errorf("it is in revision %d", now.Revision)
	}
	c := b.changeOf(desk, a)
	b.mustDo(t, cancel, b.changeOf(desk, a))
	_, err := b.Scheduler.Restore(background, c)
	refused(t, err, scheduling.CodeWrongState)
}

func aPlaceInAClassIsKeptToo(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.ReplyCancels = []string{"lesson"} })
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", "2026-03-05 08:30"))
	a, _ := b.remind(t, phone(1), "lesson", "2026-03-05 08:30")
	places := b.free(t, "lesson", "2026-03-05 08:30")
	b.reply(t, phone(1), "2")
	b.consistent(t)
	same(t, "places free while it is kept", places, b.free(t, "lesson", "2026-03-05 08:30"))
	back := b.mustDo(t, restore, b.changeOf(b.Staff(t, "desk"), a))
	if back.Session.ID != a.Session.ID {
		t.Error("it is in another session")
	}
	same(t, "places free once it is given back", places, b.free(t, "lesson", "2026-03-05 08:30"))
}
