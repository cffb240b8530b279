package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/store"
)

var undoTests = []test{
	eachChangeIsTakenBackByWhoMadeIt,
	whatWasNotToldIsNotToldWhenItIsTakenBack,
	whoWasToldIsToldAgain,
	aColleagueIsTakenBack,
	aStretchIsTakenBack,
	aChangeIsTakenBackWithinTenMinutesByWhoMadeItAlone,
	whatHappenedSinceStandsInTheWay,
	aPlaceThatIsTakenIsNotGivenBack,
	aClassIsTakenBackForAll,
	twoWhoTakeBackAtOnceDoItOnce,
}

func undo(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
	return s.Undo(background, c)
}

func eachChangeIsTakenBackByWhoMadeIt(t tb, b *Bundle) {
	w := newWalker(t, b)
	desk := b.Staff(t, "desk")
	for _, c := range []struct {
		from scheduling.Status
		do   step
	}{
		{scheduling.Booked, checkIn}, {scheduling.CheckedIn, start}, {scheduling.InSession, complete}, {scheduling.Booked, cancel}, {scheduling.CheckedIn, cancel}, {scheduling.Booked, noShow},
	} {
		a := w.to(t, c.from)
		for _, passed := range []time.Duration{0, 70 * time.Minute} { // before the start, and while it lasts
			b.Clock.Pass(passed)
			if _, err := c.do(b.Scheduler, b.changeOf(desk, a)); err != nil {
				refused(t, err, scheduling.CodeWrongState) // nobody is missed before the start
				continue
			}
			b.Clock.Pass(10 * time.Minute)
			before := b.read(t, a.Reference)
			back := b.mustDo(t, undo, b.changeOf(desk, a))
			now := b.read(t, a.Reference)
			same(t, "appointment", show(back), show(now))
			if now.Status != c.from || !now.Start.Equal(a.Start) || now.Counsellor.Username != "anna" || now.Reason.Reveal() != "" {
				t.Errorf("from %s it is %s at %s with %s", before.Status, now.Status, now.Start, now.Counsellor.Username)
			}
			b.consistent(t)
			_, err := b.Scheduler.Undo(background, b.changeOf(desk, a))
			refused(t, err, scheduling.CodeWrongState)
			b.Clock.Pass(-10 * time.Minute)
		}
		b.Clock.Set(on("2026-03-02 09:00"))
	}
}

func whatWasNotToldIsNotToldWhenItIsTakenBack(t tb, b *Bundle) {
	var desk scheduling.Actor
	for name, do := range map[string]step{
		"cancelled": cancel,
		"moved": func(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
			c.Start = on("2026-03-06 14:30")
			return s.Move(background, c)
		},
	} {
		b.Reset(t)
		desk = b.Staff(t, "desk")
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
		b.handOver(t)
		b.mustDo(t, do, b.changeOf(desk, a))
		b.Clock.Pass(time.Minute)
		back := b.mustDo(t, undo, b.changeOf(desk, a))
		got := b.rows(t, "SELECT kind, status, due_at FROM messages WHERE subject_id = ? AND status = 'planned' ORDER BY due_at", a.ID)
		want := [][]string{{"reminder", "planned", itoa(on("2026-03-04 09:00").Unix())}, {"reminder", "planned", itoa(on("2026-03-05 07:00").Unix())}}
		same(t, "messages after what was "+name, want, got)
		if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_id = ? AND kind = ? AND status = 'suppressed' AND rule = 'undone'", a.ID, name); n != 1 {
			t.Errorf("%d messages about what was %s are suppressed", n, name)
		}
		if !back.Start.Equal(a.Start) || back.Status != scheduling.Booked {
			t.Errorf("it is %s at %s", back.Status, back.Start)
		}
		b.mustDo(t, cancel, b.changeOf(desk, a)) // the row of a cancellation has a key of its own
		b.consistent(t)
	}
}

// handOver hands over all that is due.
func (b *Bundle) handOver(t tb) {
	t.Helper()
	due, err := b.Store.Claim(background, 50)
	if err != nil {
		t.Fatalf("claiming: %v", err)
	}
	var out []store.MessageOutcome
	for i := range due {
		out = append(out, store.MessageOutcome{ID: due[i].ID, Claim: due[i].Claim, Status: "handed_over", Gateway: "kannel", Of: &due[i]})
	}
	if err := b.Store.Finish(background, out); err != nil {
		t.Fatalf("finishing: %v", err)
	}
}

func whoWasToldIsToldAgain(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-05 09:00"))
	b.mustDo(t, move, b.moveOf(desk, a, "2026-03-06 14:30"))
	b.handOver(t)
	b.Clock.Pass(time.Minute)
	b.mustDo(t, undo, b.changeOf(desk, a))
	got := b.rows(t, "SELECT revision, kind, old_start FROM messages WHERE subject_id = ? AND status = 'planned' ORDER BY due_at", a.ID)
	same(t, "messages after a move", [][]string{{"3", "moved", itoa(on("2026-03-06 14:30").Unix())}, {"3", "reminder", "0"}, {"3", "reminder", "0"}}, got)
	b.mustDo(t, cancel, b.changeOf(desk, a))
	b.handOver(t)
	b.Clock.Pass(time.Minute)
	b.mustDo(t, undo, b.changeOf(desk, a))
	got = b.rows(t, "SELECT revision, kind FROM messages WHERE subject_id = ? AND status = 'planned' ORDER BY due_at", a.ID)
	same(t, "messages after a cancellation", [][]string{{"5", "booked"}, {"5", "reminder"}, {"5", "reminder"}}, got)
}

func aColleagueIsTakenBack(t tb, b *Bundle) {
	anna := b.Staff(t, "anna")
	a := b.withAnna(t, phone(1), "premarital", "2026-03-05 09:00")
	before := b.told(t, a)
	b.mustDo(t, move, b.placed(anna, a, "2026-03-05 09:00", "bert", "large"))
	back := b.mustDo(t, undo, b.changeOf(anna, a))
	if back.Counsellor.Username != "anna" || back.Room.Code != "small" || back.Revision != a.Revision {
		t.Errorf("it is with %s in %s, revision %d", back.Counsellor.Username, back.Room.Code, back.Revision)
	}
	same(t, "messages", before, b.told(t, a))
	r := b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-06 09:00")
	r.Wish.Counsellor = "anna"
	asked := b.mustBook(t, r)
	b.handOver(t)
	for _, telling := range []bool{false, true} {
		b.mustDo(t, move, b.placed(anna, asked, "2026-03-06 09:00", "bert", ""))
		if telling {
			b.handOver(t)
		}
		b.Clock.Pass(time.Minute)
		back := b.mustDo(t, undo, b.changeOf(anna, asked))
		n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_id = ? AND kind = 'moved' AND status = 'planned' AND revision = ?", asked.ID, back.Revision)
		if back.Counsellor.Username != "anna" || n != map[bool]int{true: 1}[telling] {
			t.Errorf("it is with %s, and %d messages say so (told: %t)", back.Counsellor.Username, n, telling)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_id = ? AND kind = 'reminder' AND status = 'planned' AND revision = ?", asked.ID, back.Revision); n != 2 {
			t.Errorf("%d reminders (told: %t)", n, telling)
		}
	}
}

func aStretchIsTakenBack(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	c := b.placed(desk, a, "2026-03-03 09:00", "", "")
	c.End = on("2026-03-03 10:30")
	b.mustDo(t, move, c)
	back := b.mustDo(t, undo, b.changeOf(desk, a))
	if !back.End.Equal(a.End) || back.Counsellor.Username != "anna" || back.Room.Code != "small" {
		t.Errorf("it ends at %s with %s in %s", back.End, back.Counsellor.Username, back.Room.Code)
	}
}

func aChangeIsTakenBackWithinTenMinutesByWhoMadeItAlone(t tb, b *Bundle) {
	desk, chief := b.Staff(t, "desk"), b.Staff(t, "chief")
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	for _, actor := range []scheduling.Actor{desk, chief} {
		_, err := b.Scheduler.Undo(background, b.changeOf(actor, a))
		refused(t, err, scheduling.CodeWrongState)
	}
	b.mustDo(t, move, b.moveOf(desk, a, "2026-03-04 09:00"))
	_, err := b.Scheduler.Undo(background, b.changeOf(chief, a))
	refused(t, err, scheduling.CodeWrongState)
	_, err = b.Scheduler.Undo(background, b.changeOf(me, a))
	refused(t, err, scheduling.CodeNotFound)
	b.Clock.Pass(10*time.Minute + time.Second)
	_, err = b.Scheduler.Undo(background, b.changeOf(desk, a))
	refused(t, err, scheduling.CodeWrongState)
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-05 09:00"))
	_, err = b.Scheduler.Undo(background, b.changeOf(desk, a))
	refused(t, err, scheduling.CodeWrongState)
}

func whatHappenedSinceStandsInTheWay(t tb, b *Bundle) {
	var desk, chief, me scheduling.Actor
	for name, since := range map[string]func(a scheduling.Appointment){
		"moved by the citizen":     func(a scheduling.Appointment) { b.mustDo(t, move, b.moveOf(me, a, "2026-03-06 09:00")) },
		"cancelled by the citizen": func(a scheduling.Appointment) { b.mustDo(t, cancel, b.changeOf(me, a)) },
		"checked in by another":    func(a scheduling.Appointment) { b.mustDo(t, checkIn, b.changeOf(chief, a)) },
		"given to a colleague": func(a scheduling.Appointment) {
			other := map[string]string{"anna": "bert", "bert": "anna"}[b.read(t, a.Reference).Counsellor.Username]
			b.mustDo(t, move, b.placed(chief, a, "2026-03-04 09:00", other, ""))
		},
	} {
		b.Reset(t)
		desk, chief, me = b.Staff(t, "desk"), b.Staff(t, "chief"), b.Citizen(t, phone(1))
		a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
		b.mustDo(t, move, b.moveOf(desk, a, "2026-03-04 09:00"))
		since(a)
		before := b.state(t)
		if _, err := b.Scheduler.Undo(background, b.changeOf(desk, a)); scheduling.CodeOf(err) != scheduling.CodeWrongState {
			t.Errorf("%s: it is answered %v", name, err)
		}
		b.unchanged(t, before, "audit") // which tells of the refusals
	}
}

func aPlaceThatIsTakenIsNotGivenBack(t tb, b *Bundle) {
	var desk scheduling.Actor
	for name, do := range map[string]step{
		"cancelled": cancel,
		"moved": func(s *scheduling.Scheduler, c scheduling.Change) (scheduling.Appointment, error) {
			c.Start = on("2026-03-06 14:30")
			return s.Move(background, c)
		},
	} {
		b.Reset(t)
		b.Change(t, onePair)
		desk = b.Staff(t, "desk")
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
		b.mustDo(t, do, b.changeOf(desk, a))
		b.mustBook(t, b.wants(desk, "family", "2026-03-03 09:30"))
		before := b.state(t)
		if _, err := b.Scheduler.Undo(background, b.changeOf(desk, a)); scheduling.CodeOf(err) != scheduling.CodeSlotTaken {
			t.Errorf("%s: it is answered %v", name, err)
		}
		b.unchanged(t, before, "audit") // which tells of the refusals
	}
	b.Reset(t)
	desk = b.Staff(t, "desk")
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	b.mustDo(t, cancel, b.changeOf(desk, a))
	b.mustBook(t, b.wants(me, "family", "2026-03-03 09:30"))
	_, err := b.Scheduler.Undo(background, b.changeOf(desk, a))
	refused(t, err, scheduling.CodeOverlap)
}

func aClassIsTakenBackForAll(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	first := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "lesson", lesson))
	second := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	other := map[string]string{"anna": "bert", "bert": "anna"}[first.Counsellor.Username]
	b.mustDo(t, move, b.placed(desk, first, lesson, other, ""))
	b.mustDo(t, undo, b.changeOf(desk, first))
	for _, a := range []scheduling.Appointment{first, second} {
		if got := b.read(t, a.Reference).Counsellor.Username; got != first.Counsellor.Username {
			t.Errorf("%s is with %s", a.Reference, got)
		}
	}
	b.mustDo(t, cancel, b.changeOf(desk, first))
	if back := b.mustDo(t, undo, b.changeOf(desk, first)); back.Session.ID != second.Session.ID {
		t.Error("the class was not joined again")
	}
	b.mustDo(t, cancel, b.changeOf(desk, second))
	b.mustDo(t, cancel, b.changeOf(desk, first))
	b.mustDo(t, undo, b.changeOf(desk, first))
	if n := b.count(t, "SELECT COUNT(*) FROM sessions WHERE status = 0 AND taken = 1"); n != 1 {
		t.Errorf("%d sessions are on", n)
	}
}

func twoWhoTakeBackAtOnceDoItOnce(t tb, b *Bundle) {
	for range 5 {
		b.Reset(t)
		desk := b.Staff(t, "desk")
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
		b.mustDo(t, cancel, b.changeOf(desk, a))
		errs := together(3, func(int) error {
			_, err := b.Scheduler.Undo(background, b.changeOf(desk, a))
			return err
		})
		if n := outcomes(t, errs, scheduling.CodeWrongState); n != 1 {
			t.Errorf("%d took it back", n)
		}
		b.consistent(t)
	}
}
