package storetest

import (
	"time"

	"magpie/scheduling"
)

var todayTests = []test{
	theDayStandsAsItIs,
	somebodyAtTheDeskIsFoundByNumberOrLastDigits,
	visitorsAreToldTheNextTimesOfToday,
	callsThatWereTriedStandWithTheirTask,
}

func theDayStandsAsItIs(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	first := b.withAnna(t, phone(1), "family", "2026-03-02 10:00")
	second := b.withAnna(t, phone(2), "family", "2026-03-02 14:30")
	other := b.wants(desk, "family", "2026-03-02 10:00")
	other.Wish.Counsellor = "bert"
	third := b.mustBook(t, other)
	b.withAnna(t, phone(3), "family", "2026-03-03 10:00")
	b.mustDo(t, checkIn, b.changeOf(desk, first))
	b.mustDo(t, start, b.changeOf(desk, first))
	b.mustDo(t, cancel, b.changeOf(desk, third))
	today, err := b.Scheduler.Today(background, desk, "suite", 0)
	if err != nil || today.Date != day("2026-03-02") || len(today.Rows) != 3 {
		t.Fatalf("%d rows on %s, %v", len(today.Rows), today.Date, err)
	}
	for i, want := range []scheduling.Appointment{first, second, third} {
		if got := today.Rows[i].Appointment; got.Reference != want.Reference {
			t.Errorf("row %d is %s at %s", i, got.Status, got.Start)
		}
	}
	if n := today.Rows[0].Next; len(n) != 1 || n[0] != scheduling.StepComplete || today.Counts[scheduling.Cancelled] != 1 {
		t.Errorf("the first can be %v; counts %v", n, today.Counts)
	}
	own, err := b.Scheduler.Today(background, b.Staff(t, "bert"), "suite", day("2026-03-02"))
	if err != nil || len(own.Rows) != 1 || own.Rows[0].Appointment.Reference != third.Reference {
		t.Errorf("bert has %d, %v", len(own.Rows), err)
	}
	tomorrow, err := b.Scheduler.Today(background, desk, "suite", day("2026-03-03"))
	if err != nil || len(tomorrow.Rows) != 1 {
		t.Errorf("tomorrow has %d, %v", len(tomorrow.Rows), err)
	}
}

func somebodyAtTheDeskIsFoundByNumberOrLastDigits(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	me := b.withAnna(t, phone(1234), "family", "2026-03-02 10:00")
	r := b.wants(desk, "family", "2026-03-03 10:00")
	r.Parties = people(2)
	r.Parties[1].Phone = scheduling.NewPrivate("13900001234")
	second := b.mustBook(t, r)
	r = b.wants(desk, "family", "2026-03-04 10:00")
	r.Contact = &scheduling.ContactRequest{Name: scheduling.NewPrivate("母亲"), Phone: scheduling.NewPrivate("13700001234"), Relation: scheduling.NewPrivate("母女")}
	family := b.mustBook(t, r)
	find := func(q scheduling.DeskSearch) []string {
		t.Helper()
		q.Actor, q.Office = desk, "suite"
		rows, err := b.Scheduler.FindAtDesk(background, q)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, row := range rows {
			out = append(out, row.Appointment.Reference)
		}
		return out
	}
	for _, c := range []struct {
		q    scheduling.DeskSearch
		want []string
	}{
		{scheduling.DeskSearch{Reference: family.Reference}, []string{family.Reference}},
		{scheduling.DeskSearch{Reference: "00000000"}, []string{}},
		{scheduling.DeskSearch{LastFour: "1234"}, []string{me.Reference}},
		{scheduling.DeskSearch{LastFour: "1234", From: day("2026-03-02"), To: day("2026-03-08")}, []string{me.Reference, second.Reference, family.Reference}},
		{scheduling.DeskSearch{LastFour: "4321", From: day("2026-03-02"), To: day("2026-03-08")}, []string{}},
	} {
		same(t, "found", c.want, find(c.q))
	}
	for field, q := range map[string]scheduling.DeskSearch{
		"reference": {}, "last_four": {LastFour: "12a4"}, "to": {LastFour: "1234", From: day("2026-03-02"), To: day("2026-03-09")},
	} {
		q.Actor, q.Office = desk, "suite"
		_, err := b.Scheduler.FindAtDesk(background, q)
		refusedField(t, err, field)
	}
	_, err := b.Scheduler.FindAtDesk(background, scheduling.DeskSearch{Actor: desk, Office: "suite", Reference: me.Reference, LastFour: "1234"})
	refusedField(t, err, "reference")
}

func visitorsAreToldTheNextTimesOfToday(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	b.Clock.Set(on("2026-03-02 09:10"))
	b.mustBook(t, b.wants(desk, "family", "2026-03-02 09:30"))
	all, err := b.Scheduler.WalkIns(background, desk, "suite")
	if err != nil || len(all) != 3 {
		t.Fatalf("%d services, %v", len(all), err)
	}
	for _, w := range all {
		if w.Service.Code == "family" && (len(w.Slots) != 3 || !w.Slots[0].Start.Equal(on("2026-03-02 11:00"))) {
			t.Errorf("the next are %+v", w.Slots)
		}
	}
	b.Clock.Set(on("2026-03-02 18:00"))
	all, err = b.Scheduler.WalkIns(background, desk, "suite")
	if err != nil || all[0].Closed == nil || all[0].Closed.Code != scheduling.DayPast {
		t.Errorf("in the evening: %+v, %v", all[0], err)
	}
	b.mustLeave(t, "anna-1", "2026-03-03", "2026-03-03", false)
	b.Clock.Set(on("2026-03-03 08:00"))
	if all, err = b.Scheduler.WalkIns(background, desk, "suite"); err != nil || all[0].Closed == nil || len(all[0].Slots) != 0 {
		t.Errorf("while all are away: %+v, %v", all[0], err)
	}
}

func callsThatWereTriedStandWithTheirTask(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-03 10:00")
	r.Parties[0].Phone, r.Title = scheduling.NewPrivate(phone(1)), scheduling.Ms
	a := b.mustBook(t, r)
	b.handedOver(t, b.hands(desk, false, scheduling.PlanItem{Reference: a.Reference, Call: true}))
	b.handedOver(t, b.hands(desk, false, scheduling.PlanItem{Reference: a.Reference, Call: true}))
	tasks := func(done bool) []scheduling.Task {
		t.Helper()
		all, _, err := b.Scheduler.DeskTasks(background, scheduling.TaskFilter{Actor: desk, Office: "suite", Done: done})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := tasks(false); len(all) != 1 || all[0].Title != scheduling.Ms || len(all[0].Attempts) != 0 {
		t.Fatalf("the tasks are %+v", all)
	}
	id := tasks(false)[0].ID
	try := scheduling.TaskTried{Actor: desk, Office: "suite", ID: id, Outcome: scheduling.AttemptNobody}
	if err := b.Scheduler.TryTask(background, try); err != nil {
		t.Fatal(err)
	}
	b.Clock.Pass(time.Minute)
	try.Outcome = scheduling.AttemptWrong
	if err := b.Scheduler.TryTask(background, try); err != nil {
		t.Fatal(err)
	}
	want := []scheduling.Attempt{{At: on("2026-03-02 09:00"), By: "desk", Outcome: scheduling.AttemptNobody}, {At: on("2026-03-02 09:01"), By: "desk", Outcome: scheduling.AttemptWrong}}
	same(t, "calls", want, tasks(false)[0].Attempts)
	if err := b.Scheduler.FinishTask(background, scheduling.TaskDone{Actor: desk, Office: "suite", ID: id, Outcome: "reached"}); err != nil {
		t.Fatal(err)
	}
	refused(t, b.Scheduler.TryTask(background, try), scheduling.CodeWrongState)
	b.handedOver(t, b.hands(desk, false, scheduling.PlanItem{Reference: a.Reference, Call: true}))
	if all := tasks(false); len(all) != 1 || all[0].ID == id || len(all[0].Attempts) != 0 {
		t.Errorf("asked once more, the tasks are %+v", all)
	}
	same(t, "calls of what is done", want, tasks(true)[0].Attempts)
	try.ID = 7
	refused(t, b.Scheduler.TryTask(background, try), scheduling.CodeNotFound)
	b.Clock.Pass(400 * 24 * time.Hour)
	if _, err := b.Store.Erase(background); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM task_attempts"); n != 0 {
		t.Errorf("%d calls are kept", n)
	}
}
