package storetest

import (
	"fmt"
	"time"

	"magpie/scheduling"
)

var advanceTests = []test{
	eachStepFollowsItsStateAndActorAlone,
	aNoShowIsOneFromTheStartOn,
	completingEarlyFreesTheRestButNotTheBuffer,
	aNoShowFreesWhatIsLeft,
	aCancellationFreesAllOfTheTime,
	cancellingTwiceIsDoneOnce,
	stepsOfAnotherCounsellorsSessionAreNotFound,
	aStepEndsWhatIsPlanned,
}

// walker brings appointments to a status, each on a day of its own.
type walker struct {
	*Bundle
	days int
}

func newWalker(t tb, b *Bundle) *walker {
	b.Change(t, func(o *scheduling.Office) {
		week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
		o.Holidays, o.Hours[0].Days, o.Hours[1].Days, o.Staff[0].Hours[0].Days = "none", week, week, week
	})
	return &walker{Bundle: b}
}

// to books for the first citizen, with anna, and walks on from there. The
// clock is an hour before the start; it is the start for a no-show.
func (w *walker) to(t tb, status scheduling.Status) scheduling.Appointment {
	t.Helper()
	w.days++
	desk := w.Staff(t, "desk")
	r := w.wants(desk, "family", day("2026-03-03").Add(w.days).String()+" 09:00")
	r.Parties[0].Phone, r.Wish.Counsellor = scheduling.NewPrivate(phone(1)), "anna"
	a := w.mustBook(t, r)
	w.Clock.Set(a.Start.Add(-time.Hour))
	if status == scheduling.NoShow {
		w.Clock.Set(a.Start)
	}
	for _, do := range map[scheduling.Status][]step{
		scheduling.CheckedIn: {checkIn},
		scheduling.InSession: {checkIn, start},
		scheduling.Completed: {checkIn, start, complete},
		scheduling.Cancelled: {cancel},
		scheduling.NoShow:    {noShow},
	}[status] {
		w.mustDo(t, do, w.changeOf(desk, a))
	}
	return a
}

var statuses = []scheduling.Status{
	scheduling.Booked, scheduling.CheckedIn, scheduling.InSession, scheduling.Completed, scheduling.Cancelled, scheduling.NoShow,
}

func eachStepFollowsItsStateAndActorAlone(t tb, b *Bundle) {
	type from struct {
		step   string
		status scheduling.Status
	}
	staffs := map[from]scheduling.Status{
		{"check in", scheduling.Booked}:    scheduling.CheckedIn,
		{"start", scheduling.CheckedIn}:    scheduling.InSession,
		{"complete", scheduling.InSession}: scheduling.Completed,
		{"cancel", scheduling.Booked}:      scheduling.Cancelled,
		{"cancel", scheduling.CheckedIn}:   scheduling.Cancelled,
		{"cancel", scheduling.Cancelled}:   scheduling.Cancelled,
		{"move", scheduling.Booked}:        scheduling.Booked,
	}
	citizens := map[from]scheduling.Status{
		{"cancel", scheduling.Booked}:    scheduling.Cancelled,
		{"cancel", scheduling.Cancelled}: scheduling.Cancelled,
		{"move", scheduling.Booked}:      scheduling.Booked,
	}
	steps := map[string]step{"check in": checkIn, "start": start, "complete": complete, "cancel": cancel, "move": move}
	w := newWalker(t, b)
	try := func(who scheduling.Actor, name string, status scheduling.Status, becomes map[from]scheduling.Status) {
		a := w.to(t, status)
		got, err := steps[name](b.Scheduler, b.moveOf(who, a, dateOf(a.Start).String()+" 14:30"))
		want, allowed := becomes[from{name, status}]
		switch {
		case allowed && (err != nil || got.Status != want):
			t.Errorf("%s by %s from %s: %s, %v", name, who.Kind, status, got.Status, err)
		case !allowed && scheduling.CodeOf(err) != scheduling.CodeWrongState:
			t.Errorf("%s by %s from %s: %v", name, who.Kind, status, err)
		case !allowed:
			want = status
		}
		if now := b.read(t, a.Reference).Status; now != want {
			t.Errorf("after %s by %s from %s it is stored as %s", name, who.Kind, status, now)
		}
	}
	me := b.Citizen(t, phone(1))
	for i, status := range statuses {
		for name := range steps {
			try(b.Staff(t, []string{"desk", "chief", "anna"}[i%3]), name, status, staffs)
		}
		for _, name := range []string{"cancel", "move"} {
			try(me, name, status, citizens)
		}
	}
}

func aNoShowIsOneFromTheStartOn(t tb, b *Bundle) {
	w := newWalker(t, b)
	a := w.to(t, scheduling.Booked)
	desk := b.Staff(t, "desk")
	b.Clock.Set(a.Start.Add(-time.Second))
	_, err := b.Scheduler.NoShow(background, b.changeOf(desk, a))
	refused(t, err, scheduling.CodeWrongState)
	b.Clock.Set(a.Start)
	if got := b.mustDo(t, noShow, b.changeOf(desk, a)); got.Status != scheduling.NoShow {
		t.Errorf("it is %s", got.Status)
	}
	for _, status := range statuses[1:] {
		a := w.to(t, status)
		b.Clock.Set(a.End)
		_, err := b.Scheduler.NoShow(background, b.changeOf(b.Staff(t, "anna"), a))
		refused(t, err, scheduling.CodeWrongState)
	}
}

func completingEarlyFreesTheRestButNotTheBuffer(t tb, b *Bundle) {
	for minute, want := range map[int]string{-30: "09:00", 0: "09:00", 17: "09:30", 20: "09:30", 55: "10:05", 58: "10:10", 75: "10:10"} {
		b.Reset(t)
		b.Change(t, onePair)
		desk := b.Staff(t, "desk")
		a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
		b.Clock.Set(a.Start.Add(time.Duration(minute) * time.Minute))
		for _, do := range []step{checkIn, start, complete} {
			b.mustDo(t, do, b.changeOf(desk, a))
		}
		if got := b.count(t, "SELECT claim_end FROM sessions"); int64(got) != on("2026-03-03 "+want).Unix() {
			t.Errorf("completed at minute %d, room and counsellor are taken until %s, not %s", minute, time.Unix(int64(got), 0).In(shanghai), want)
		}
		b.consistent(t)
	}
}

func aNoShowFreesWhatIsLeft(t tb, b *Bundle) {
	b.Change(t, onePair)
	a := b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
	b.Clock.Set(a.Start.Add(12 * time.Minute))
	b.mustDo(t, noShow, b.changeOf(b.Staff(t, "desk"), a))
	if n := b.free(t, "family", "2026-03-03 09:30"); n != 1 {
		t.Errorf("%d are free at half past", n)
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(1)), "family", "2026-03-03 09:30"))
}

func aCancellationFreesAllOfTheTime(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	got := b.mustDo(t, cancel, scheduling.Change{Actor: me, Reference: a.Reference, Reason: scheduling.NewPrivate("吵完了")})
	if got.Status != scheduling.Cancelled || got.Reason.Reveal() != "吵完了" {
		t.Errorf("it is %s for %q", got.Status, got.Reason.Reveal())
	}
	for _, start := range []string{"2026-03-03 08:00", "2026-03-03 09:30"} {
		again := b.mustBook(t, b.wants(me, "family", start))
		b.mustDo(t, cancel, b.changeOf(me, again))
	}
}

func cancellingTwiceIsDoneOnce(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	first := b.mustDo(t, cancel, b.changeOf(me, a))
	before := b.state(t)
	b.Clock.Pass(time.Hour)
	same(t, "answers", show(first), show(b.mustDo(t, cancel, b.changeOf(me, a))))
	same(t, "the desk's answer", show(first), show(b.mustDo(t, cancel, b.changeOf(b.Staff(t, "desk"), a))))
	b.unchanged(t, before)
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE kind = 'cancelled'"); n != 1 {
		t.Errorf("%d cancellations are told", n)
	}
}

func stepsOfAnotherCounsellorsSessionAreNotFound(t tb, b *Bundle) {
	a := newWalker(t, b).to(t, scheduling.Booked)
	for name, do := range map[string]step{"check in": checkIn, "start": start, "complete": complete, "no-show": noShow, "cancel": cancel, "move": move} {
		_, err := do(b.Scheduler, b.moveOf(b.Staff(t, "bert"), a, "2026-03-04 09:00"))
		if scheduling.CodeOf(err) != scheduling.CodeNotFound {
			t.Errorf("%s by another counsellor: %v", name, err)
		}
	}
	if now := b.read(t, a.Reference); now.Status != scheduling.Booked || now.Revision != 1 {
		t.Errorf("it is %s in revision %d", now.Status, now.Revision)
	}
	b.mustDo(t, checkIn, b.changeOf(b.Staff(t, "anna"), a))
}

func aStepEndsWhatIsPlanned(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	for i, steps := range [][]step{{checkIn, start, complete}, {cancel}} {
		me := b.Citizen(t, phone(i+1))
		a := b.mustBook(t, b.wants(me, "premarital", "2026-03-05 09:00"))
		for _, do := range steps {
			b.mustDo(t, do, b.changeOf(desk, a))
		}
		got := fmt.Sprint(b.rows(t, "SELECT kind, status FROM messages WHERE subject_id = ? AND status = 'planned'", a.ID))
		if want := []string{"[]", "[[cancelled planned]]"}[i]; got != want {
			t.Errorf("still planned: %s", got)
		}
	}
}
