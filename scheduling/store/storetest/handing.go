package storetest

import (
	"slices"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

var handingTests = []test{
	leaveOfSomeHoursLeavesTheRestOfTheDay,
	leaveOfSomeHoursIsRefusedOverWhatIsInThemAlone,
	whatLeaveWouldDoIsToldWithWhatCanBeDone,
	whatAClosedRoomWouldDoIsTold,
	whatAClosedOfficeWouldDoIsTold,
	whatNewHoursWouldDoIsTold,
	anImpactOfOthersIsForbiddenToACounsellor,
	aDayIsHandedOverToWhomItSuitsBest,
	aPlanDoesWhatItSaysOneByOne,
	aPlanThatCannotBeIsInvalid,
	leaveAndItsPlanComeTogether,
	aPlanThatIsRepeatedMovesNobodyTwice,
	aClassIsHandedOverAsAWhole,
	twoWhoHandOverAtOnceBookNothingTwice,
}

// partLeave asks for some hours of days of the one there is.
func (b *Bundle) partLeave(t tb, from, to string, hours calendar.Period) scheduling.TimeOffRequest {
	t.Helper()
	r := b.leave(t, "anna-1", from, to)
	r.Hours = hours
	return r
}

func leaveOfSomeHoursLeavesTheRestOfTheDay(t tb, b *Bundle) {
	b.Change(t, onePair)
	entered, err := b.Scheduler.AddTimeOff(background, b.partLeave(t, "2026-03-03", "2026-03-05", calendar.Period{From: 7 * 60, To: 10 * 60}))
	if err != nil {
		t.Fatal(err)
	}
	b.consistent(t)
	for start, want := range map[string]int{"2026-03-03 07:30": 0, "2026-03-04 09:30": 0, "2026-03-04 10:00": 1, "2026-03-05 09:30": 0, "2026-03-05 14:30": 1, "2026-03-06 07:30": 1} {
		if got := b.free(t, "family", start); got != want {
			t.Errorf("at %s %d are free, not %d", start, got, want)
		}
	}
	listed, _, err := b.Scheduler.TimeOff(background, b.Staff(t, "chief"), "suite", "anna-1", scheduling.Page{})
	if err != nil || len(listed) != 1 {
		t.Fatalf("%d are listed, %v", len(listed), err)
	}
	same(t, "the leave", entered, listed[0])
	b.mustLeave(t, "anna-1", "2026-03-04", "2026-03-04", false)
	b.consistent(t)
	if err := b.Scheduler.RemoveTimeOff(background, b.Staff(t, "chief"), "suite", "anna-1", entered.ID); err != nil {
		t.Fatal(err)
	}
	b.consistent(t)
	if got := b.free(t, "family", "2026-03-03 07:30"); got != 1 {
		t.Errorf("%d are free when it is taken back", got)
	}
	for field, hours := range map[string]calendar.Period{"from_time": {From: 7*60 + 1, To: 600}, "to_time": {From: 600, To: 601}} {
		_, err := b.Scheduler.AddTimeOff(background, b.partLeave(t, "2026-03-03", "2026-03-05", hours))
		refusedField(t, err, field)
	}
	_, err = b.Scheduler.AddTimeOff(background, b.partLeave(t, "2026-03-03", "2026-03-05", calendar.Period{From: 600, To: 600}))
	refusedField(t, err, "to_time")
	whole, err := b.Scheduler.AddTimeOff(background, b.partLeave(t, "2026-03-06", "2026-03-06", calendar.Period{To: calendar.EndOfDay}))
	if err != nil || whole.Hours != (calendar.Period{}) {
		t.Errorf("all of a day is %v, %v", whole.Hours, err)
	}
}

func leaveOfSomeHoursIsRefusedOverWhatIsInThemAlone(t tb, b *Bundle) {
	b.Change(t, onePair)
	desk := b.Staff(t, "desk")
	var all []scheduling.Appointment
	for _, start := range []string{"2026-03-03 09:00", "2026-03-03 14:30", "2026-03-04 09:30"} {
		all = append(all, b.mustBook(t, b.wants(desk, "family", start)))
	}
	kept := b.mustHold(t, b.holds(desk, "family", "2026-03-04 15:00"))
	b.mustHold(t, b.holds(desk, "family", "2026-03-04 11:00"))
	hours := calendar.Period{From: 9*60 + 30, To: 12 * 60}
	_, err := b.Scheduler.AddTimeOff(background, b.partLeave(t, "2026-03-03", "2026-03-04", hours))
	e := refused(t, err, scheduling.CodeInUse)
	if len(e.InUse) != 2 || e.InUse[0].Reference != all[0].Reference || e.InUse[1].Reference != all[2].Reference {
		t.Errorf("in the way are %d", len(e.InUse))
	}
	r := b.partLeave(t, "2026-03-03", "2026-03-04", hours)
	r.Force = true
	if _, err := b.Scheduler.AddTimeOff(background, r); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 1 {
		t.Errorf("%d holds are left", n)
	}
	w := b.wants(desk, "family", "2026-03-04 15:00")
	w.Hold = kept.Secret
	b.mustBook(t, w)
}

// impactOf is what a change would do, as the director asks.
func (b *Bundle) impactOf(t tb, q scheduling.ImpactQuery) []scheduling.Affected {
	t.Helper()
	q.Actor, q.Office = b.Staff(t, "chief"), "suite"
	before := b.state(t)
	items, more, err := b.Scheduler.Impact(background, q)
	if err != nil || more {
		t.Fatalf("asking of %s: %t, %v", q.What, more, err)
	}
	b.unchanged(t, before)
	return items
}

func references(items []scheduling.Affected) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.Appointment.Reference)
	}
	return out
}

func whatLeaveWouldDoIsToldWithWhatCanBeDone(t tb, b *Bundle) {
	first := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	second := b.withAnna(t, phone(2), "family", "2026-03-03 14:30")
	b.withAnna(t, phone(3), "family", "2026-03-04 09:00")
	taken := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 09:30")
	taken.Wish.Counsellor = "bert"
	b.mustBook(t, taken)
	items := b.impactOf(t, scheduling.ImpactQuery{What: scheduling.ImpactLeave, Username: "anna", From: day("2026-03-03"), To: day("2026-03-03")})
	same(t, "in the way", []string{first.Reference, second.Reference}, references(items))
	if len(items[0].Colleagues) != 0 || len(items[0].Times) != 3 {
		t.Errorf("for the first: %+v, %+v", items[0].Colleagues, items[0].Times)
	}
	if c := items[1].Colleagues; len(c) != 1 || c[0].Counsellor.Username != "bert" || !c[0].SameRoom || c[0].Sessions != 1 {
		t.Errorf("for the second: %+v", c)
	}
	part := b.impactOf(t, scheduling.ImpactQuery{What: scheduling.ImpactLeave, Username: "anna", From: day("2026-03-03"), To: day("2026-03-04"), Part: calendar.Period{From: 13 * 60, To: 18 * 60}})
	same(t, "in the way of an afternoon", []string{second.Reference}, references(part))
}

func whatAClosedRoomWouldDoIsTold(t tb, b *Bundle) {
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	items := b.impactOf(t, scheduling.ImpactQuery{What: scheduling.ImpactRoom, Room: "small", From: day("2026-03-03"), To: day("2026-03-03")})
	same(t, "in the way", []string{a.Reference}, references(items))
	if r := items[0].Rooms; len(r) != 1 || r[0].Code != "large" || len(items[0].Colleagues) != 1 || items[0].Colleagues[0].Room.Code != "large" {
		t.Errorf("what can be done: %+v, %+v", r, items[0].Colleagues)
	}
}

func whatAClosedOfficeWouldDoIsTold(t tb, b *Bundle) {
	a := b.withAnna(t, phone(1), "family", "2026-03-03 16:30")
	items := b.impactOf(t, scheduling.ImpactQuery{What: scheduling.ImpactOffice, From: day("2026-03-03"), To: day("2026-03-03")})
	same(t, "in the way", []string{a.Reference}, references(items))
	if len(items[0].Colleagues) != 0 || len(items[0].Times) != 3 || slices.ContainsFunc(items[0].Times, func(s scheduling.Slot) bool { return dateOf(s.Start) == day("2026-03-03") }) {
		t.Errorf("what can be done: %+v, %+v", items[0].Colleagues, items[0].Times)
	}
}

func whatNewHoursWouldDoIsTold(t tb, b *Bundle) {
	b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	a := b.withAnna(t, phone(2), "family", "2026-03-03 15:00")
	late := b.withAnna(t, phone(3), "family", "2026-03-05 15:00")
	mornings := []scheduling.Hours{{Days: []time.Weekday{1, 2, 3, 4, 5}, Period: calendar.Period{From: 450, To: 720}}}
	q := scheduling.ImpactQuery{What: scheduling.ImpactHours, Username: "anna", From: day("2026-03-03"), To: day("2026-03-20"), Hours: mornings}
	items := b.impactOf(t, q)
	same(t, "in the way", []string{a.Reference, late.Reference}, references(items))
	q.From = day("2026-03-05")
	same(t, "from Thursday on", []string{late.Reference}, references(b.impactOf(t, q)))
}

func anImpactOfOthersIsForbiddenToACounsellor(t tb, b *Bundle) {
	anna := b.Staff(t, "anna")
	q := scheduling.ImpactQuery{Actor: anna, Office: "suite", What: scheduling.ImpactLeave, Username: "anna", From: day("2026-03-03"), To: day("2026-03-03")}
	if _, _, err := b.Scheduler.Impact(background, q); err != nil {
		t.Errorf("of oneself: %v", err)
	}
	for what, username := range map[scheduling.ImpactKind]string{scheduling.ImpactLeave: "bert", scheduling.ImpactOffice: "", scheduling.ImpactRoom: "anna"} {
		q.What, q.Username, q.Room = what, username, "small"
		_, _, err := b.Scheduler.Impact(background, q)
		refused(t, err, scheduling.CodeForbidden)
	}
	q = scheduling.ImpactQuery{Actor: b.Staff(t, "chief"), Office: "suite", From: day("2026-03-03"), To: day("2026-03-03")}
	for field, c := range map[string]scheduling.ImpactQuery{
		"what": {What: "weather"}, "username": {What: scheduling.ImpactHours, Username: "nobody"}, "room": {What: scheduling.ImpactRoom, Room: "cellar"},
	} {
		q.What, q.Username, q.Room = c.What, c.Username, c.Room
		_, _, err := b.Scheduler.Impact(background, q)
		refusedField(t, err, field)
	}
}

func (b *Bundle) hands(a scheduling.Actor, all bool, plan ...scheduling.PlanItem) scheduling.HandOverRequest {
	return scheduling.HandOverRequest{
		Actor: a, Office: "suite", All: all, Plan: plan, Idempotency: scheduling.Idempotency{Key: b.key(), Route: "POST /hand-over", Body: []byte("plan")},
	}
}

func (b *Bundle) handedOver(t tb, r scheduling.HandOverRequest) []scheduling.Outcome {
	t.Helper()
	out, err := b.Scheduler.HandOver(background, r)
	if err != nil || len(out) != len(r.Plan) {
		t.Fatalf("%d outcomes, %v", len(out), err)
	}
	for i, o := range out {
		if o.Reference != r.Plan[i].Reference {
			t.Fatalf("outcome %d is of %s, not of %s", i, o.Reference, r.Plan[i].Reference)
		}
	}
	return out
}

func aDayIsHandedOverToWhomItSuitsBest(t tb, b *Bundle) {
	first := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	second := b.withAnna(t, phone(2), "family", "2026-03-03 10:30")
	third := b.withAnna(t, phone(3), "family", "2026-03-03 14:30")
	taken := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 14:30")
	taken.Wish.Counsellor = "bert"
	b.mustBook(t, taken)
	b.Clock.Set(on("2026-03-03 08:30"))
	b.mustDo(t, checkIn, b.changeOf(b.Staff(t, "desk"), first)) // who is here already is handed on too
	out := b.handedOver(t, b.hands(b.Staff(t, "desk"), true, scheduling.PlanItem{Reference: third.Reference}, scheduling.PlanItem{Reference: first.Reference}, scheduling.PlanItem{Reference: second.Reference}, scheduling.PlanItem{Reference: "00000000"}))
	for i, want := range []scheduling.OutcomeKind{scheduling.OutcomeCall, scheduling.OutcomeDone, scheduling.OutcomeDone, scheduling.OutcomeRefused} {
		if out[i].What != want {
			t.Errorf("outcome %d is %s: %v", i, out[i].What, out[i].Refused)
		}
	}
	for _, a := range []scheduling.Appointment{first, second} {
		if now := b.read(t, a.Reference); now.Counsellor.Username != "bert" || now.Room.Code != "small" || now.Revision != a.Revision {
			t.Errorf("%s is with %s in %s", a.Reference, now.Counsellor.Username, now.Room.Code)
		}
	}
	tasks, _, err := b.Scheduler.DeskTasks(background, scheduling.TaskFilter{Actor: b.Staff(t, "desk"), Office: "suite"})
	if err != nil || len(tasks) != 1 || tasks[0].Kind != scheduling.TaskCall || tasks[0].Reason != scheduling.ReasonHandOver || tasks[0].Reference != third.Reference || tasks[0].Phone.Reveal() != phone(3) {
		t.Errorf("the desk has %+v, %v", tasks, err)
	}
}

func aPlanDoesWhatItSaysOneByOne(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	var all []scheduling.Appointment
	for i, start := range []string{"2026-03-03 07:30", "2026-03-03 09:00", "2026-03-03 10:30", "2026-03-03 14:30", "2026-03-03 16:00"} {
		all = append(all, b.withAnna(t, phone(i+1), "family", start))
	}
	busy := b.wants(desk, "family", "2026-03-03 14:30")
	busy.Wish.Counsellor = "bert"
	b.mustBook(t, busy)
	item := func(i int) scheduling.PlanItem { return scheduling.PlanItem{Reference: all[i].Reference} }
	keep, call, to, taken, moved := item(0), item(1), item(2), item(3), item(4)
	keep.Keep, call.Call, to.Counsellor, to.Room, taken.Counsellor, moved.Start = true, true, "bert", "large", "bert", on("2026-03-04 16:00")
	out := b.handedOver(t, b.hands(desk, false, keep, call, to, taken, moved))
	for i, want := range []scheduling.OutcomeKind{scheduling.OutcomeKept, scheduling.OutcomeCall, scheduling.OutcomeDone, scheduling.OutcomeTaken, scheduling.OutcomeDone} {
		if out[i].What != want {
			t.Errorf("outcome %d is %s: %v", i, out[i].What, out[i].Refused)
		}
	}
	if a := b.read(t, to.Reference); a.Counsellor.Username != "bert" || a.Room.Code != "large" {
		t.Errorf("it is with %s in %s", a.Counsellor.Username, a.Room.Code)
	}
	if a := b.read(t, moved.Reference); !a.Start.Equal(on("2026-03-04 16:00")) || a.Revision != all[4].Revision+1 {
		t.Errorf("it is at %s, revision %d", a.Start, a.Revision)
	}
	if a := b.read(t, taken.Reference); a.Counsellor.Username != "anna" {
		t.Errorf("what was taken is with %s", a.Counsellor.Username)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM tasks"); n != 1 {
		t.Errorf("%d tasks", n)
	}
	b.Clock.Set(on("2026-03-03 07:30"))
	b.mustDo(t, noShow, b.changeOf(desk, all[0]))
	if out := b.handedOver(t, b.hands(desk, true, item(0))); out[0].What != scheduling.OutcomeRefused || out[0].Refused.Code != scheduling.CodeWrongState {
		t.Errorf("what is over is %s", out[0].What)
	}
	if out := b.handedOver(t, b.hands(b.Staff(t, "bert"), true, item(0))); out[0].What != scheduling.OutcomeRefused || out[0].Refused.Code != scheduling.CodeNotFound {
		t.Errorf("another's is %s", out[0].What)
	}
}

func aPlanThatCannotBeIsInvalid(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	a := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	before := b.state(t)
	for field, plan := range map[string][]scheduling.PlanItem{
		"plan[0]":           {{Reference: a.Reference}},
		"plan[1]":           {{Reference: "00000000", Keep: true}, {Reference: a.Reference, Keep: true, Counsellor: "bert"}},
		"plan[1].reference": {{Reference: a.Reference, Keep: true}, {Reference: a.Reference, Call: true}},
		"plan":              make([]scheduling.PlanItem, 201),
	} {
		_, err := b.Scheduler.HandOver(background, b.hands(desk, false, plan...))
		refusedField(t, err, field)
	}
	b.unchanged(t, before)
}

func leaveAndItsPlanComeTogether(t tb, b *Bundle) {
	first := b.withAnna(t, phone(1), "family", "2026-03-03 09:00")
	second := b.withAnna(t, phone(2), "family", "2026-03-03 10:30")
	third := b.withAnna(t, phone(3), "family", "2026-03-03 14:30")
	other := b.withAnna(t, phone(4), "family", "2026-03-04 14:30")
	busy := b.wants(b.Staff(t, "desk"), "family", "2026-03-03 14:30")
	busy.Wish.Counsellor = "bert"
	b.mustBook(t, busy)
	r := b.leave(t, "anna", "2026-03-03", "2026-03-03")
	r.Actor, r.All = b.Staff(t, "anna"), true
	r.Plan = []scheduling.PlanItem{{Reference: second.Reference, Keep: true}, {Reference: third.Reference, Counsellor: "bert"}}
	entered, out, err := b.Scheduler.TimeOffWithPlan(background, r)
	if err != nil || entered.From != day("2026-03-03") || len(out) != 3 {
		t.Fatalf("%+v, %d outcomes, %v", entered, len(out), err)
	}
	want := map[string]scheduling.OutcomeKind{second.Reference: scheduling.OutcomeKept, third.Reference: scheduling.OutcomeCall, first.Reference: scheduling.OutcomeDone}
	for _, o := range out {
		if o.What != want[o.Reference] {
			t.Errorf("%s is %s: %v", o.Reference, o.What, o.Refused)
		}
	}
	for reference, who := range map[string]string{first.Reference: "bert", second.Reference: "anna", third.Reference: "anna", other.Reference: "anna"} {
		if a := b.read(t, reference); a.Counsellor.Username != who || a.Status != scheduling.Booked {
			t.Errorf("%s is with %s", reference, a.Counsellor.Username)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM tasks WHERE appointment_id = ?", third.ID); n != 1 {
		t.Errorf("%d tasks about whom nobody could take", n)
	}
	r.Plan = []scheduling.PlanItem{{Reference: first.Reference, Keep: true, Call: true}}
	before := b.state(t)
	_, _, err = b.Scheduler.TimeOffWithPlan(background, r)
	refusedField(t, err, "plan[0]")
	r.Username, r.Plan = "bert", nil
	_, _, err = b.Scheduler.TimeOffWithPlan(background, r)
	refused(t, err, scheduling.CodeForbidden)
	b.unchanged(t, before)
}

func aPlanThatIsRepeatedMovesNobodyTwice(t tb, b *Bundle) {
	b.Change(t, pairs(3))
	desk := b.Staff(t, "desk")
	r := b.wants(desk, "family", "2026-03-03 09:00")
	r.Wish.Counsellor = "anna-1"
	a := b.mustBook(t, r)
	h := b.hands(desk, true, scheduling.PlanItem{Reference: a.Reference})
	first := b.handedOver(t, h)
	before := b.state(t)
	second := b.handedOver(t, h)
	same(t, "outcomes", first[0].Appointment.Counsellor.Username, second[0].Appointment.Counsellor.Username)
	if first[0].What != scheduling.OutcomeDone || second[0].What != scheduling.OutcomeDone {
		t.Errorf("%s and %s", first[0].What, second[0].What)
	}
	b.unchanged(t, before)
}

func aClassIsHandedOverAsAWhole(t tb, b *Bundle) {
	first := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "lesson", lesson))
	second := b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	other := map[string]string{"anna": "bert", "bert": "anna"}[first.Counsellor.Username]
	out := b.handedOver(t, b.hands(b.Staff(t, "desk"), true, scheduling.PlanItem{Reference: first.Reference}, scheduling.PlanItem{Reference: second.Reference}))
	for i, a := range []scheduling.Appointment{first, second} {
		if now := b.read(t, a.Reference); out[i].What != scheduling.OutcomeDone || now.Counsellor.Username != other || now.Session.ID != first.Session.ID {
			t.Errorf("%s is %s, with %s: %v", a.Reference, out[i].What, now.Counsellor.Username, out[i].Refused)
		}
	}
}

func twoWhoHandOverAtOnceBookNothingTwice(t tb, b *Bundle) {
	for range 3 {
		b.Reset(t)
		b.Change(t, pairs(4))
		desk := b.Staff(t, "desk")
		plans := make([][]scheduling.PlanItem, 2)
		for i := range 8 {
			r := b.wants(desk, "family", []string{"2026-03-03 09:00", "2026-03-03 09:30", "2026-03-03 10:30", "2026-03-03 14:30"}[i/2])
			if i/2 == 1 {
				r.Start = on("2026-03-03 15:30")
			}
			r.Wish.Counsellor = []string{"anna-1", "anna-2"}[i%2]
			a, err := b.Scheduler.Book(background, r)
			if err != nil {
				continue
			}
			plans[i%2] = append(plans[i%2], scheduling.PlanItem{Reference: a.Reference})
		}
		for _, username := range []string{"anna-1", "anna-2"} {
			b.mustLeave(t, username, "2026-03-03", "2026-03-03", true)
		}
		errs := together(2, func(i int) error {
			out, err := b.Scheduler.HandOver(background, b.hands(desk, true, plans[i]...))
			for _, o := range out {
				if o.What != scheduling.OutcomeDone && o.What != scheduling.OutcomeCall {
					t.Errorf("%s is %s: %v", o.Reference, o.What, o.Refused)
				}
			}
			return err
		})
		outcomes(t, errs)
		b.consistent(t)
	}
}
