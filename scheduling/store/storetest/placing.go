package storetest

import (
	"slices"
	"strings"
	"time"

	"magpie/scheduling"
)

var placingTests = []test{
	staffMoveToAPersonARoomAndAnEndAtOnce,
	aColleagueAtTheSameTimeIsNotTold,
	whoHadAskedForTheCounsellorIsTold,
	aWholeClassGetsAnotherCounsellorAndRoom,
	aSessionIsStretchedAndKeepsItsLength,
	aSessionUnderWayIsHandedOnOrStretched,
	whatIsInTheWayRefusesThePlaceAndKeepsTheOld,
	aCheckSaysWhatAMoveWouldAndWritesNothing,
	theTargetsOfADateAreThoseThatCanBeMovedTo,
	aPlaceIsTheSameWhenAskedForTwice,
	twoWhoDragIntoOnePlaceDoNotBothGetIt,
}

// placed is a change to a place that staff name.
func (b *Bundle) placed(a scheduling.Actor, ap scheduling.Appointment, start, counsellor, room string) scheduling.Change {
	c := b.moveOf(a, ap, start)
	c.Counsellor, c.Room = counsellor, room
	c.Idempotency.Body = []byte(start + counsellor + room)
	return c
}

// withAnna books with anna in the small room.
func (b *Bundle) withAnna(t tb, number, service, start string) scheduling.Appointment {
	t.Helper()
	r := b.wants(b.Staff(t, "desk"), service, start)
	r.Parties[0].Phone = scheduling.NewPrivate(number)
	a := b.mustBook(t, r)
	if a.Counsellor.Username != "anna" || a.Room.Code != "small" {
		a = b.mustDo(t, move, b.placed(b.Staff(t, "desk"), a, start, "anna", "small"))
	}
	return a
}

func (b *Bundle) told(t tb, a scheduling.Appointment) []string {
	t.Helper()
	var out []string
	for _, r := range b.rows(t, "SELECT revision, kind, status, rule FROM messages WHERE subject_id = ? ORDER BY revision, due_at, kind", a.ID) {
		out = append(out, strings.TrimSpace(strings.Join(r, " ")))
	}
	return out
}

func staffMoveToAPersonARoomAndAnEndAtOnce(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	c := b.placed(desk, a, "2026-03-04 14:30", "bert", "large")
	c.End = on("2026-03-04 16:00")
	moved := b.mustDo(t, move, c)
	if moved.Counsellor.Username != "bert" || moved.Room.Code != "large" || !moved.End.Equal(on("2026-03-04 16:00")) || moved.Revision != a.Revision+1 {
		t.Errorf("it is with %s in %s until %s, revision %d", moved.Counsellor.Username, moved.Room.Code, moved.End, moved.Revision)
	}
	same(t, "appointment", show(moved), show(b.read(t, a.Reference)))
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 2 {
		t.Errorf("%d are free at the old time", n)
	}
	if n := b.free(t, "family", "2026-03-04 16:00"); n != 1 {
		t.Errorf("%d are free while the buffer lasts", n)
	}
}

func aColleagueAtTheSameTimeIsNotTold(t tb, b *Bundle) {
	a := b.withAnna(t, phone(1), "premarital", "2026-03-04 09:00")
	before := b.told(t, a)
	moved := b.mustDo(t, move, b.placed(b.Staff(t, "anna"), a, "2026-03-04 09:00", "bert", "large"))
	if moved.Revision != a.Revision || moved.Counsellor.Username != "bert" || moved.Room.Code != "large" || moved.Session.ID != a.Session.ID {
		t.Errorf("it is with %s in %s, revision %d", moved.Counsellor.Username, moved.Room.Code, moved.Revision)
	}
	same(t, "appointment", show(moved), show(b.read(t, a.Reference)))
	same(t, "messages", before, b.told(t, a))
	taken := b.wants(b.Staff(t, "desk"), "family", "2026-03-04 09:00")
	taken.Wish.Counsellor = "bert"
	_, err := b.Scheduler.Book(background, taken)
	refused(t, err, scheduling.CodeSlotTaken)
	taken.Wish.Counsellor = "anna"
	if got := b.mustBook(t, taken).Room.Code; got != "small" {
		t.Errorf("the other was given %s", got)
	}
	if _, err := b.Scheduler.CheckIn(background, b.changeOf(b.Staff(t, "anna"), moved)); scheduling.CodeOf(err) != scheduling.CodeNotFound {
		t.Errorf("the old counsellor is answered %v", err)
	}
	b.mustDo(t, checkIn, b.changeOf(b.Staff(t, "bert"), moved))
}

func whoHadAskedForTheCounsellorIsTold(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	r := b.wants(me, "premarital", "2026-03-04 09:00")
	r.Wish.Counsellor = "anna"
	a := b.mustBook(t, r)
	desk := b.Staff(t, "desk")
	room := b.mustDo(t, move, b.placed(desk, a, "2026-03-04 09:00", "", "large"))
	if room.Revision != 1 || room.Room.Code != "large" || room.Counsellor.Username != "anna" {
		t.Errorf("another room made revision %d with %s in %s", room.Revision, room.Counsellor.Username, room.Room.Code)
	}
	moved := b.mustDo(t, move, b.placed(desk, a, "2026-03-04 09:00", "bert", ""))
	if moved.Revision != 2 || moved.Room.Code != "large" {
		t.Errorf("revision %d in %s", moved.Revision, moved.Room.Code)
	}
	got := b.rows(t, "SELECT kind, status, old_start FROM messages WHERE subject_id = ? AND revision = 2 ORDER BY due_at", a.ID)
	at := itoa(a.Start.Unix())
	same(t, "messages", [][]string{{"moved", "planned", at}, {"reminder", "planned", "0"}, {"reminder", "planned", "0"}}, got)
}

func aWholeClassGetsAnotherCounsellorAndRoom(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) {
		o.Rooms = append(o.Rooms, scheduling.Room{Code: "aula", Name: o.Rooms[2].Name, Kind: "hall", Seats: 3})
	})
	r := b.wants(b.Citizen(t, phone(1)), "lesson", lesson)
	r.Wish.Counsellor = "anna"
	first := b.mustBook(t, r)
	second := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	if first.Room.Code != "aula" || second.Session.ID != first.Session.ID {
		t.Fatalf("the class is in %s", first.Room.Code)
	}
	start := first.Start.In(shanghai).Format("2006-01-02 15:04")
	b.mustDo(t, move, b.placed(b.Staff(t, "desk"), second, start, "bert", "hall"))
	for reference, revision := range map[string]int{first.Reference: 2, second.Reference: 1} {
		if a := b.read(t, reference); a.Counsellor.Username != "bert" || a.Room.Code != "hall" || a.Revision != revision || a.Session.Seats != 5 {
			t.Errorf("%s is with %s in %s, revision %d", reference, a.Counsellor.Username, a.Room.Code, a.Revision)
		}
	}
	r = b.wants(b.Citizen(t, phone(3)), "lesson", lesson)
	r.Parties = people(2)
	if third := b.mustBook(t, r); third.Session.ID != first.Session.ID {
		t.Error("the larger room is not joined")
	}
	_, err := b.Scheduler.Move(background, b.placed(b.Staff(t, "desk"), second, start, "bert", "aula"))
	refusedField(t, err, "room")
}

func aSessionIsStretchedAndKeepsItsLength(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	for _, end := range []string{"2026-03-03 10:05", "2026-03-03 11:00", "2026-03-03 10:30"} {
		c := b.placed(desk, a, "2026-03-03 09:00", "", "")
		c.End = on(end)
		if a = b.mustDo(t, move, c); !a.End.Equal(on(end)) || a.Counsellor.Username != "anna" || a.Room.Code != "small" {
			t.Fatalf("it ends at %s with %s in %s", a.End, a.Counsellor.Username, a.Room.Code)
		}
		b.consistent(t)
	}
	for _, end := range []string{"2026-03-03 09:55", "2026-03-03 11:05", "2026-03-03 10:32"} {
		c := b.placed(desk, a, "2026-03-03 09:00", "", "")
		c.End = on(end)
		_, err := b.Scheduler.Move(background, c)
		refusedField(t, err, "end")
	}
	moved := b.mustDo(t, move, b.moveOf(desk, a, "2026-03-04 09:00"))
	if moved.End.Sub(moved.Start) != 90*time.Minute {
		t.Errorf("moved by staff it lasts %s", moved.End.Sub(moved.Start))
	}
	byCitizen := b.mustDo(t, move, b.moveOf(b.Citizen(t, phone(1)), moved, "2026-03-05 09:00"))
	if byCitizen.End.Sub(byCitizen.Start) != time.Hour {
		t.Errorf("moved by the citizen it lasts %s", byCitizen.End.Sub(byCitizen.Start))
	}
	c := b.placed(desk, b.mustBook(t, b.wants(desk, "lesson", lesson)), lesson, "", "")
	c.End = c.Start.Add(90 * time.Minute)
	_, err := b.Scheduler.Move(background, c)
	refusedField(t, err, "end")
	c = b.moveOf(b.Citizen(t, phone(1)), byCitizen, "2026-03-05 09:00")
	c.Counsellor = "bert"
	_, err = b.Scheduler.Move(background, c)
	refused(t, err, scheduling.CodeForbidden)
}

func aSessionUnderWayIsHandedOnOrStretched(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	b.Clock.Set(on("2026-03-03 09:20"))
	b.mustDo(t, checkIn, b.changeOf(desk, a))
	b.mustDo(t, move, b.placed(desk, a, "2026-03-03 09:00", "bert", ""))
	b.mustDo(t, start, b.changeOf(desk, a))
	c := b.placed(desk, a, "2026-03-03 09:00", "", "")
	c.End = on("2026-03-03 10:20")
	longer := b.mustDo(t, move, c)
	if longer.Status != scheduling.InSession || longer.Counsellor.Username != "bert" || !longer.End.Equal(on("2026-03-03 10:20")) {
		t.Errorf("it is %s with %s until %s", longer.Status, longer.Counsellor.Username, longer.End)
	}
	_, err := b.Scheduler.Move(background, b.placed(desk, a, "2026-03-03 14:30", "bert", ""))
	refused(t, err, scheduling.CodeWrongState)
	b.mustDo(t, complete, b.changeOf(desk, a))
}

func whatIsInTheWayRefusesThePlaceAndKeepsTheOld(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	taken := b.wants(desk, "family", "2026-03-03 09:30")
	taken.Wish.Counsellor = "bert"
	b.mustBook(t, taken)
	b.mustLeave(t, "bert", "2026-03-05", "2026-03-05", false)
	before := b.state(t)
	for _, c := range []struct {
		start, counsellor, room string
		want                    scheduling.Code
	}{
		{"2026-03-03 09:00", "bert", "", scheduling.CodeSlotTaken},
		{"2026-03-03 09:00", "", "large", scheduling.CodeSlotTaken},
		{"2026-03-05 09:00", "bert", "", scheduling.CodeSlotTaken},
		{"2026-03-03 09:10", "anna", "", scheduling.CodeInvalid},
		{"2026-03-03 10:00", "nobody", "", scheduling.CodeInvalid},
		{"2026-03-03 10:00", "", "hall", scheduling.CodeInvalid},
		{"2026-02-27 10:00", "anna", "", scheduling.CodeInvalid},
	} {
		_, err := b.Scheduler.Move(background, b.placed(desk, a, c.start, c.counsellor, c.room))
		refused(t, err, c.want)
	}
	b.unchanged(t, before, "audit") // which tells of the refusals
}

func aCheckSaysWhatAMoveWouldAndWritesNothing(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	r := b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00")
	r.Wish = scheduling.Wish{Counsellor: "anna", Gender: "female"}
	a := b.mustBook(t, r)
	before := b.state(t)
	check, err := b.Scheduler.CheckMove(background, b.placed(desk, a, "2026-03-03 09:00", "bert", ""))
	if err != nil || len(check.Problems) != 0 || !check.Told || len(check.Warnings) != 2 {
		t.Errorf("a colleague: %+v, %v", check, err)
	}
	check, err = b.Scheduler.CheckMove(background, b.placed(desk, a, "2026-03-03 09:10", "anna", "hall"))
	if err != nil || len(check.Problems) != 2 || check.Problems[0].Code != scheduling.MeetsUnfit || check.Problems[1].Code != scheduling.MeetsClosed {
		t.Errorf("what cannot be: %+v, %v", check, err)
	}
	_, err = b.Scheduler.CheckMove(background, b.placed(b.Staff(t, "bert"), a, "2026-03-03 09:00", "bert", ""))
	refused(t, err, scheduling.CodeNotFound)
	b.unchanged(t, before)
}

func theTargetsOfADateAreThoseThatCanBeMovedTo(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	busy := b.wants(desk, "family", "2026-03-03 14:30")
	busy.Wish.Counsellor = "bert"
	b.mustBook(t, busy)
	before := b.state(t)
	found, err := b.Scheduler.Targets(background, desk, a.Reference, day("2026-03-03"), 0)
	if err != nil || found.Length != time.Hour || len(found.Starts) != 13 {
		t.Fatalf("%d starts for %s, %v", len(found.Starts), found.Length, err)
	}
	at := func(all []scheduling.TargetsOf, name, start string) bool {
		return slices.ContainsFunc(all, func(one scheduling.TargetsOf) bool {
			return one.Name == name && slices.ContainsFunc(one.Starts, on(start).Equal)
		})
	}
	for start, want := range map[string][2]bool{"2026-03-03 09:00": {true, true}, "2026-03-03 09:30": {true, true}, "2026-03-03 14:30": {true, false}, "2026-03-03 15:30": {true, false}, "2026-03-03 16:00": {true, true}} {
		if anna, bert := at(found.Counsellors, "anna", start), at(found.Counsellors, "bert", start); anna != want[0] || bert != want[1] {
			t.Errorf("at %s anna could: %t, bert could: %t", start, anna, bert)
		}
	}
	b.unchanged(t, before)
	b.mustDo(t, checkIn, b.changeOf(desk, a))
	_, err = b.Scheduler.Targets(background, desk, a.Reference, day("2026-03-03"), 0)
	refused(t, err, scheduling.CodeWrongState)
}

func aPlaceIsTheSameWhenAskedForTwice(t tb, b *Bundle) {
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	c := b.placed(b.Staff(t, "desk"), a, "2026-03-03 09:00", "bert", "")
	first := b.mustDo(t, move, c)
	before := b.state(t)
	b.Clock.Pass(time.Minute)
	second := b.mustDo(t, move, c)
	same(t, "answers", show(first), show(second))
	same(t, "nothing new", first.Counsellor.Username, b.mustDo(t, move, b.placed(b.Staff(t, "desk"), a, "2026-03-03 09:00", "bert", "")).Counsellor.Username)
	b.unchanged(t, before)
}

func twoWhoDragIntoOnePlaceDoNotBothGetIt(t tb, b *Bundle) {
	for range 6 {
		b.Reset(t)
		desk := b.Staff(t, "desk")
		var all []scheduling.Appointment
		for _, start := range []string{"2026-03-03 09:00", "2026-03-03 09:00", "2026-03-03 10:30"} {
			all = append(all, b.mustBook(t, b.wants(desk, "family", start)))
		}
		other := map[string]string{"anna": "bert", "bert": "anna"}
		errs := together(4, func(n int) error {
			c := b.placed(desk, all[n%3], "2026-03-03 10:00", "anna", "")
			if n == 3 { // at its own time, while the other is dragged
				c = b.placed(desk, all[2], "2026-03-03 10:30", other[all[2].Counsellor.Username], "")
			}
			_, err := b.Scheduler.Move(background, c)
			return err
		})
		outcomes(t, errs, scheduling.CodeSlotTaken)
		b.consistent(t)
	}
}
