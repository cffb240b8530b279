package storetest

import (
	"fmt"
	"math/rand/v2"

	"magpie/scheduling"
)

var raceTests = []test{
	ofSixtyFourClientsAsManySucceedAsPairsAreFree,
	overlappingStartsAreNeverBookedTwice,
	sessionsPerDayIsNotPassedInARace,
	openPerPersonIsNotPassedInARace,
	onePersonIsNeverInTwoAtOnce,
	placesOfAClassAreNotPassedInARace,
	oneKeySixteenTimesAtOnceIsOneBooking,
	twoMovesAtOnceLeaveOneTime,
	aMoveAndACancellationAtOnceAgree,
	leaveAndABookingAtOnceAreNeverBoth,
	leaveAndAHoldThatIsUsedAtOnceAreNeverBoth,
	leaveAndTheJoiningOfAHeldClassAreNeverBoth,
	anOfficeFileAndABookingAtOnceAgree,
	holdsOfAnAddressAndAStartAreNotPassedInARace,
	oneHoldUsedManyTimesAtOnceIsUsedOnce,
}

// citizens are so many people with proven numbers.
func (b *Bundle) citizens(t tb, n int) []scheduling.Actor {
	t.Helper()
	out := make([]scheduling.Actor, n)
	for i := range out {
		out[i] = b.Citizen(t, phone(i+1))
	}
	return out
}

// replicas are the bundle's use cases and those of two more servers.
func (b *Bundle) replicas(t tb) []*scheduling.Scheduler {
	t.Helper()
	return []*scheduling.Scheduler{b.Scheduler, b.Replica(t), b.Replica(t)}
}

func ofSixtyFourClientsAsManySucceedAsPairsAreFree(t tb, b *Bundle) {
	const free = 7
	b.Change(t, pairs(free))
	who, servers := b.citizens(t, 64), b.replicas(t)
	errs := together(len(who), func(i int) error {
		_, err := servers[i%3].Book(background, b.wants(who[i], "family", "2026-03-03 07:30"))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeSlotTaken); n != free {
		t.Errorf("%d of 64 succeeded", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != free {
		t.Errorf("%d appointments are stored", n)
	}
	for _, start := range []string{"2026-03-03 07:30", "2026-03-03 08:00", "2026-03-03 08:30"} {
		if n := b.free(t, "family", start); n != 0 {
			t.Errorf("%d are free at %s", n, start)
		}
	}
}

// morning are the starts of a day's morning.
var morning = []string{"07:30", "08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00"}

func overlappingStartsAreNeverBookedTwice(t tb, b *Bundle) {
	b.Change(t, pairs(3))
	who, servers := b.citizens(t, 48), b.replicas(t)
	starts := make([]string, 48)
	for i := range starts {
		starts[i] = "2026-03-03 " + morning[i%len(morning)]
	}
	rand.Shuffle(len(starts), func(i, j int) { starts[i], starts[j] = starts[j], starts[i] })
	errs := together(len(who), func(i int) error {
		_, err := servers[i%3].Book(background, b.wants(who[i], "family", starts[i]))
		return err
	})
	n := outcomes(t, errs, scheduling.CodeSlotTaken)
	if stored := b.count(t, "SELECT COUNT(*) FROM appointments"); stored != n {
		t.Errorf("%d were acknowledged, %d are stored", n, stored)
	}
	for i, err := range errs {
		if err != nil && b.free(t, "family", starts[i]) != 0 {
			t.Errorf("%s was refused and is free", starts[i])
		}
	}
}

func sessionsPerDayIsNotPassedInARace(t tb, b *Bundle) {
	b.Change(t, pairs(2))
	for _, name := range []string{"anna-1", "anna-2"} {
		b.Change(t, member(name, func(m *scheduling.Staff) { m.SessionsPerDay = 2 }))
	}
	who := b.citizens(t, 32)
	errs := together(len(who), func(i int) error {
		_, err := b.Scheduler.Book(background, b.wants(who[i], "family", "2026-03-03 "+morning[i%len(morning)]))
		return err
	})
	n := outcomes(t, errs, scheduling.CodeSlotTaken)
	if most := b.count(t, "SELECT MAX(sessions) FROM staff_days"); most > 2 {
		t.Errorf("a counsellor has %d sessions", most)
	}
	if n == 0 || n > 4 {
		t.Errorf("%d of at most four succeeded", n)
	}
	for i, err := range errs {
		if err != nil && b.free(t, "family", "2026-03-03 "+morning[i%len(morning)]) != 0 {
			t.Errorf("%s was refused and is free", morning[i%len(morning)])
		}
	}
}

func openPerPersonIsNotPassedInARace(t tb, b *Bundle) {
	b.Change(t, pairs(4))
	b.Change(t, service("premarital", func(s *scheduling.Service) { s.OpenPerPerson = 3 }))
	me := b.Citizen(t, phone(1))
	errs := together(32, func(i int) error {
		start := fmt.Sprintf("2026-03-%02d %s", 3+7*(i%4)+i/4%4, []string{"09:00", "14:30"}[i/16])
		_, err := b.Scheduler.Book(background, b.wants(me, "premarital", start))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeLimitReached); n != 3 {
		t.Errorf("%d succeeded where three may", n)
	}
}

func onePersonIsNeverInTwoAtOnce(t tb, b *Bundle) {
	b.Change(t, pairs(16))
	me := b.Citizen(t, phone(1))
	errs := together(16, func(i int) error {
		_, err := b.Scheduler.Book(background, b.wants(me, "family", []string{"2026-03-03 07:30", "2026-03-03 08:00"}[i%2]))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeOverlap); n != 1 {
		t.Errorf("%d succeeded", n)
	}
}

func placesOfAClassAreNotPassedInARace(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) {
		second := o.Rooms[2]
		second.Code = "hall-2"
		o.Rooms = append(o.Rooms, second)
	})
	who, servers := b.citizens(t, 32), b.replicas(t)
	errs := together(len(who), func(i int) error {
		_, err := servers[i%3].Book(background, b.wants(who[i], "lesson", lesson))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeSlotTaken); n != 6 {
		t.Errorf("%d of six places were booked", n)
	}
	if n := b.free(t, "lesson", lesson); n != 0 {
		t.Errorf("%d places are free", n)
	}
}

func oneKeySixteenTimesAtOnceIsOneBooking(t tb, b *Bundle) {
	b.Change(t, pairs(4))
	servers := b.replicas(t)
	for _, who := range []scheduling.Actor{b.Citizen(t, phone(1)), b.Staff(t, "desk")} {
		r := b.wants(who, "family", "2026-03-03 09:00")
		answers := make([]shown, 16)
		errs := together(len(answers), func(i int) error {
			a, err := servers[i%3].Book(background, r)
			if err == nil {
				answers[i] = show(a)
			}
			return err
		})
		if n := outcomes(t, errs); n != len(answers) {
			t.Errorf("%d of %d were answered", n, len(answers))
		}
		for _, got := range answers {
			same(t, "answers", answers[0], got)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM appointments"); n != 2 {
		t.Errorf("%d appointments for two keys", n)
	}
}

func twoMovesAtOnceLeaveOneTime(t tb, b *Bundle) {
	me, servers := b.Citizen(t, phone(1)), b.replicas(t)
	a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
	starts := []string{"2026-03-03 09:30", "2026-03-04 09:00", "2026-03-03 08:30", "2026-03-04 14:30"}
	errs := together(len(starts), func(i int) error {
		_, err := servers[i%3].Move(background, b.moveOf(me, a, starts[i]))
		return err
	})
	if n := outcomes(t, errs); n != len(starts) {
		t.Errorf("%d moves succeeded", n)
	}
	if now := b.read(t, a.Reference); now.Revision != 1+len(starts) {
		t.Errorf("it is in revision %d", now.Revision)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM sessions WHERE status = 0"); n != 1 {
		t.Errorf("%d sessions are on", n)
	}
}

func aMoveAndACancellationAtOnceAgree(t tb, b *Bundle) {
	me, servers := b.Citizen(t, phone(1)), b.replicas(t)
	for range 5 {
		a := b.mustBook(t, b.wants(me, "premarital", "2026-03-03 09:00"))
		errs := together(2, func(i int) error {
			if i == 0 {
				_, err := servers[0].Move(background, b.moveOf(me, a, "2026-03-03 09:30"))
				return err
			}
			_, err := servers[1].Cancel(background, b.changeOf(me, a))
			return err
		})
		if outcomes(t, errs, scheduling.CodeWrongState); errs[1] != nil {
			t.Errorf("the cancellation was answered %v", errs[1])
		}
		if now := b.read(t, a.Reference).Status; now != scheduling.Cancelled {
			t.Errorf("it is %s", now)
		}
	}
}

// neverBoth fails the test where leave that was entered lies over what is
// booked, and where leave was refused for nothing.
func (b *Bundle) neverBoth(t tb, leave error, date string) {
	t.Helper()
	over := b.count(t, "SELECT COUNT(*) FROM appointments a JOIN sessions s ON s.id = a.session_id WHERE a.status = 'booked' AND s.date = ?", int(day(date)))
	switch scheduling.CodeOf(leave) {
	case scheduling.CodeInUse:
		if over == 0 {
			t.Errorf("leave was refused over nothing")
		}
	case scheduling.CodeInternal:
		if leave != nil {
			t.Errorf("leave was answered %v", leave)
		} else if over != 0 {
			t.Errorf("leave lies over %d appointments", over)
		}
	default:
		t.Errorf("leave was answered %v", leave)
	}
	b.consistent(t)
}

// days are working days without anything on them.
var days = []string{"2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"}

func leaveAndABookingAtOnceAreNeverBoth(t tb, b *Bundle) {
	b.Change(t, onePair)
	who, servers := b.citizens(t, 3), b.replicas(t)
	for _, d := range days {
		leave := b.leave(t, "anna-1", d, d)
		errs := together(4, func(i int) error {
			if i == 3 {
				_, err := servers[1].AddTimeOff(background, leave)
				return err
			}
			_, err := servers[i].Book(background, b.wants(who[i], "family", d+" "+morning[3*i]))
			return err
		})
		outcomes(t, errs[:3], scheduling.CodeSlotTaken)
		b.neverBoth(t, errs[3], d)
	}
}

func leaveAndAHoldThatIsUsedAtOnceAreNeverBoth(t tb, b *Bundle) {
	b.Change(t, onePair)
	me, servers := b.Citizen(t, phone(1)), b.replicas(t)
	for _, d := range days {
		h := b.mustHold(t, b.holds(me, "family", d+" 09:00"))
		r, leave := b.wants(me, "family", d+" 09:00"), b.leave(t, "anna-1", d, d)
		r.Hold = h.Secret
		errs := together(2, func(i int) error {
			if i == 1 {
				_, err := servers[1].AddTimeOff(background, leave)
				return err
			}
			_, err := servers[0].Book(background, r)
			return err
		})
		outcomes(t, errs[:1], scheduling.CodeSlotTaken)
		b.neverBoth(t, errs[1], d)
	}
}

func leaveAndTheJoiningOfAHeldClassAreNeverBoth(t tb, b *Bundle) {
	b.Change(t, onePair)
	who, servers := b.citizens(t, 2), b.replicas(t)
	for _, d := range days {
		h := b.mustHold(t, b.holds(who[0], "lesson", d+" 08:30"))
		leave := b.leave(t, "anna-1", d, d)
		errs := together(2, func(i int) error {
			if i == 1 {
				_, err := servers[1].AddTimeOff(background, leave)
				return err
			}
			_, err := servers[0].Book(background, b.wants(who[1], "lesson", d+" 08:30"))
			return err
		})
		outcomes(t, errs[:1], scheduling.CodeSlotTaken)
		b.neverBoth(t, errs[1], d)
		if err := b.Scheduler.ReleaseHold(background, b.holdChange(who[0], h)); err != nil {
			refused(t, err, scheduling.CodeNotFound)
		}
	}
}

func anOfficeFileAndABookingAtOnceAgree(t tb, b *Bundle) {
	who, servers := b.citizens(t, 6), b.replicas(t)
	for _, d := range days[:4] {
		closed := scheduling.Exception{Date: day(d), Closed: &scheduling.Text{ZH: "停电"}}
		var outside []scheduling.Appointment
		errs := together(7, func(i int) (err error) {
			if i == 6 {
				outside, err = b.change(func(o *scheduling.Office) { o.Exceptions = append(o.Exceptions, closed) })
				return err
			}
			_, err = servers[i%3].Book(background, b.wants(who[i], "family", d+" "+morning[i]))
			return err
		})
		outcomes(t, errs[:6], scheduling.CodeSlotTaken, scheduling.CodeInvalid)
		if errs[6] != nil {
			t.Fatalf("applying was answered %v", errs[6])
		}
		now, err := b.Scheduler.Outside(background, b.Office(t))
		if err != nil {
			t.Fatalf("listing what is outside: %v", err)
		}
		same(t, "listed as outside", listed(now), listed(outside))
	}
}

func holdsOfAnAddressAndAStartAreNotPassedInARace(t tb, b *Bundle) {
	b.Change(t, pairs(5))
	servers := b.replicas(t)
	errs := together(16, func(i int) error {
		_, err := servers[i%3].Hold(background, b.holds(passerBy("203.0.113.1"), "family", days[i%8]+" 09:00"))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeRateLimited); n != 3 {
		t.Errorf("an address holds %d times", n)
	}
	errs = together(16, func(i int) error {
		_, err := servers[i%3].Hold(background, b.holds(passerBy(fmt.Sprintf("198.51.100.%d", i)), "family", days[0]+" 14:30"))
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeSlotTaken); n != 3 {
		t.Errorf("of a start's five sessions %d are held", n)
	}
}

func oneHoldUsedManyTimesAtOnceIsUsedOnce(t tb, b *Bundle) {
	b.Change(t, onePair)
	who, servers := b.citizens(t, 8), b.replicas(t)
	h := b.mustHold(t, b.holds(who[0], "family", "2026-03-03 09:00"))
	errs := together(len(who), func(i int) error {
		r := b.wants(who[i], "family", "2026-03-03 09:00")
		r.Hold = h.Secret
		_, err := servers[i%3].Book(background, r)
		return err
	})
	if n := outcomes(t, errs, scheduling.CodeSlotTaken); n != 1 {
		t.Errorf("the hold was used %d times", n)
	}
}
