package storetest

import (
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

var leaveTests = []test{
	leaveTakesTheCounsellorAway,
	leaveOverWhatIsBookedIsRefusedWithAList,
	forcedLeaveStaysOverWhatIsBooked,
	leaveEndsWhatIsHeld,
	leaveThatIsTakenBackLeavesTheRestAway,
	leaveIsListedByItsFirstDay,
	leaveOfAnotherIsForbidden,
	leaveThatCannotBeIsInvalid,
}

// leave asks for somebody's leave, as the director.
func (b *Bundle) leave(t tb, username, from, to string) scheduling.TimeOffRequest {
	t.Helper()
	return scheduling.TimeOffRequest{Actor: b.Staff(t, "chief"), Office: "suite", Username: username, From: day(from), To: day(to)}
}

func (b *Bundle) mustLeave(t tb, username, from, to string, force bool) scheduling.TimeOff {
	t.Helper()
	r := b.leave(t, username, from, to)
	r.Force = force
	out, err := b.Scheduler.AddTimeOff(background, r)
	if err != nil {
		t.Fatalf("entering leave of %s: %v", username, err)
	}
	return out
}

func leaveTakesTheCounsellorAway(t tb, b *Bundle) {
	b.mustLeave(t, "anna", "2026-03-03", "2026-03-04", false)
	b.consistent(t)
	for start, want := range map[string]int{"2026-03-02 17:00": 0, "2026-03-02 16:30": 2, "2026-03-03 07:30": 1, "2026-03-04 16:30": 1, "2026-03-05 07:30": 2} {
		if got := b.free(t, "family", start); got != want {
			t.Errorf("at %s %d are free, not %d", start, got, want)
		}
	}
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna"
	_, err := b.Scheduler.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
	r.Wish.Counsellor = ""
	if got := b.mustBook(t, r).Counsellor.Username; got != "bert" {
		t.Errorf("%s was taken", got)
	}
	b.mustLeave(t, "bert", "2026-03-04", "2026-03-04", false)
	closed := b.find(t, scheduling.Search{Service: "family", From: day("2026-03-04")}).Closed
	if closed == nil || closed.Code != scheduling.DayFull {
		t.Errorf("a day on which all are away is %+v", closed)
	}
}

func leaveOverWhatIsBookedIsRefusedWithAList(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	var want []string
	for _, start := range []string{"2026-03-03 07:30", "2026-03-03 16:30", "2026-03-05 09:00"} {
		r := b.wants(desk, "family", start)
		r.Wish.Counsellor = "anna"
		want = append(want, b.mustBook(t, r).Reference)
	}
	b.mustHold(t, b.holds(desk, "family", "2026-03-03 09:00"))
	before := b.state(t)
	_, err := b.Scheduler.AddTimeOff(background, b.leave(t, "anna", "2026-03-03", "2026-03-04"))
	e := refused(t, err, scheduling.CodeInUse)
	if len(e.InUse) != 2 || e.InUse[0].Reference != want[0] || e.InUse[1].Reference != want[1] {
		t.Errorf("in the way are %+v, not %v", e.InUse, want[:2])
	}
	b.unchanged(t, before)
	b.mustLeave(t, "anna", "2026-03-04", "2026-03-04", false)
	b.mustLeave(t, "bert", "2026-03-03", "2026-03-05", false)
}

func forcedLeaveStaysOverWhatIsBooked(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna"
	a := b.mustBook(t, r)
	b.mustLeave(t, "anna", "2026-03-03", "2026-03-03", true)
	if now := b.read(t, a.Reference); now.Status != scheduling.Booked || now.Counsellor.Username != "anna" {
		t.Errorf("it is %s with %s", now.Status, now.Counsellor.Username)
	}
	_, err := b.Scheduler.Move(background, b.moveOf(me, a, "2026-03-03 14:30"))
	refused(t, err, scheduling.CodeSlotTaken)
	b.mustDo(t, move, b.moveOf(me, a, "2026-03-04 14:30"))
}

func leaveEndsWhatIsHeld(t tb, b *Bundle) {
	b.Change(t, onePair)
	for _, force := range []bool{false, true} {
		start := map[bool]string{false: "2026-03-03 09:00", true: "2026-03-04 09:00"}[force]
		me := b.Citizen(t, phone(1))
		h := b.mustHold(t, b.holds(me, "family", start))
		d := dateOf(on(start)).String()
		b.mustLeave(t, "anna-1", d, d, force)
		r := b.wants(me, "family", start)
		r.Hold = h.Secret
		_, err := b.Scheduler.Book(background, r)
		refused(t, err, scheduling.CodeSlotTaken)
		b.consistent(t)
	}
}

func leaveThatIsTakenBackLeavesTheRestAway(t tb, b *Bundle) {
	b.Change(t, onePair)
	entries := []scheduling.TimeOff{
		b.mustLeave(t, "anna-1", "2026-03-03", "2026-03-05", false),
		b.mustLeave(t, "anna-1", "2026-03-04", "2026-03-06", false),
		b.mustLeave(t, "anna-1", "2026-03-04", "2026-03-04", false),
	}
	chief := b.Staff(t, "chief")
	for i, want := range []map[string]int{
		{"2026-03-03 07:30": 1, "2026-03-03 16:30": 1, "2026-03-04 07:30": 0, "2026-03-05 16:30": 0},
		{"2026-03-04 07:30": 0, "2026-03-04 16:30": 0, "2026-03-05 07:30": 1, "2026-03-06 16:30": 1},
		{"2026-03-04 07:30": 1, "2026-03-04 16:30": 1},
	} {
		if err := b.Scheduler.RemoveTimeOff(background, chief, "suite", "anna-1", entries[i].ID); err != nil {
			t.Fatalf("taking leave back: %v", err)
		}
		b.consistent(t)
		for start, n := range want {
			if got := b.free(t, "family", start); got != n {
				t.Errorf("after %d were taken back %d are free at %s", i+1, got, start)
			}
		}
		err := b.Scheduler.RemoveTimeOff(background, chief, "suite", "anna-1", entries[i].ID)
		refused(t, err, scheduling.CodeNotFound)
	}
}

func leaveIsListedByItsFirstDay(t tb, b *Bundle) {
	r := b.leave(t, "anna", "2026-03-10", "2026-03-11")
	r.Reason = scheduling.NewPrivate("培训")
	training, err := b.Scheduler.AddTimeOff(background, r)
	if err != nil {
		t.Fatalf("entering leave: %v", err)
	}
	for range 3 {
		b.mustLeave(t, "anna", "2026-03-05", "2026-03-05", false)
	}
	var got []scheduling.TimeOff
	after := ""
	for range 10 {
		items, next, err := b.Scheduler.TimeOff(background, b.Staff(t, "anna"), "suite", "anna", scheduling.Page{Limit: 1, After: after})
		if err != nil {
			t.Fatalf("listing leave: %v", err)
		}
		got = append(got, items...)
		if after = next; after == "" {
			break
		}
	}
	if len(got) != 4 {
		t.Fatalf("%d entries are listed", len(got))
	}
	same(t, "the last", training, got[3])
	for i := range 3 {
		if got[i].From != day("2026-03-05") || i > 0 && got[i].ID <= got[i-1].ID {
			t.Errorf("entry %d is %+v", i, got[i])
		}
	}
}

func leaveOfAnotherIsForbidden(t tb, b *Bundle) {
	entry := b.mustLeave(t, "anna", "2026-03-05", "2026-03-05", false)
	bert := b.Staff(t, "bert")
	r := b.leave(t, "anna", "2026-03-06", "2026-03-06")
	r.Actor = bert
	_, err := b.Scheduler.AddTimeOff(background, r)
	refused(t, err, scheduling.CodeForbidden)
	_, _, err = b.Scheduler.TimeOff(background, bert, "suite", "anna", scheduling.Page{})
	refused(t, err, scheduling.CodeForbidden)
	refused(t, b.Scheduler.RemoveTimeOff(background, bert, "suite", "anna", entry.ID), scheduling.CodeForbidden)
	refused(t, b.Scheduler.RemoveTimeOff(background, bert, "suite", "bert", entry.ID), scheduling.CodeNotFound)
	r.Username = "bert"
	if _, err := b.Scheduler.AddTimeOff(background, r); err != nil {
		t.Errorf("one's own leave: %v", err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM time_off"); n != 2 {
		t.Errorf("%d entries", n)
	}
}

func leaveThatCannotBeIsInvalid(t tb, b *Bundle) {
	before := b.state(t)
	for field, r := range map[string]scheduling.TimeOffRequest{
		"to":     b.leave(t, "anna", "2026-03-05", "2026-03-04"),
		"reason": b.leave(t, "anna", "2026-03-05", "2026-03-05"),
	} {
		long := make([]rune, 501)
		for i := range long {
			long[i] = '假'
		}
		r.Reason = scheduling.NewPrivate(string(long))
		_, err := b.Scheduler.AddTimeOff(background, r)
		refusedField(t, err, field)
	}
	r := b.leave(t, "anna", "2026-03-05", "2026-03-05")
	r.To = r.From + calendar.Date(400)
	_, err := b.Scheduler.AddTimeOff(background, r)
	refusedField(t, err, "to")
	r.Username = "nobody"
	_, err = b.Scheduler.AddTimeOff(background, r)
	refused(t, err, scheduling.CodeNotFound)
	b.unchanged(t, before)
	b.Clock.Pass(time.Second)
}
