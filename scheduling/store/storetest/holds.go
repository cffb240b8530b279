package storetest

import (
	"time"

	"magpie/scheduling"
)

var holdTests = []test{
	aHoldLivesTenMinutesWithATokenAndFiveWithout,
	aHoldKeepsItsTime,
	anEndedHoldFreesItsTime,
	aHoldIsRenewedOnceWithAToken,
	aBookingUsesItsHold,
	aHoldForAnotherServiceOrStartIsInvalid,
	aHoldThatHasEndedIsAsNone,
	aHoldSeatsMoreInItsRoomOrGivesWayToALargerOne,
	aHoldGivenBackIsFreeAtOnce,
	anAddressHoldsThreeTimesAtMost,
	aPersonHoldsThreeTimesAtMost,
	halfOfAStartsSessionsAreHeldAtMost,
	whatTheDeskHoldsIsNotOfThatHalf,
	anAddressWhoseHoldEndedUnusedWaits,
	withoutLimitsPerAddressNeitherBinds,
	whatIsHeldIsClearedByTheJobToo,
	aMoveUsesAHold,
}

// holds asks for a hold, with a key of its own.
func (b *Bundle) holds(a scheduling.Actor, service, start string) scheduling.HoldRequest {
	return scheduling.HoldRequest{
		Actor: a, Office: "suite", Service: service, Start: on(start),
		Idempotency: scheduling.Idempotency{Key: b.key(), Route: "POST /holds", Body: []byte(service + start)},
	}
}

func (b *Bundle) mustHold(t tb, r scheduling.HoldRequest) scheduling.Hold {
	t.Helper()
	h, err := b.Scheduler.Hold(background, r)
	if err != nil {
		t.Fatalf("holding %s at %s: %v", r.Service, r.Start, err)
	}
	return h
}

// holdChange renews or gives back.
func (b *Bundle) holdChange(a scheduling.Actor, h scheduling.Hold) scheduling.HoldChange {
	return scheduling.HoldChange{Actor: a, Office: "suite", Secret: h.Secret, Idempotency: scheduling.Idempotency{Key: b.key(), Route: "hold"}}
}

func aHoldLivesTenMinutesWithATokenAndFiveWithout(t tb, b *Bundle) {
	for _, c := range []struct {
		who  scheduling.Actor
		want time.Duration
	}{
		{b.Citizen(t, phone(1)), 10 * time.Minute},
		{passerBy("203.0.113.1"), 5 * time.Minute},
		{b.Staff(t, "desk"), 10 * time.Minute},
	} {
		h := b.mustHold(t, b.holds(c.who, "family", "2026-03-04 09:00"))
		if got := h.ExpiresAt.Sub(b.Clock.Now()); got != c.want {
			t.Errorf("%s holds for %s", c.who.Kind, got)
		}
		if len(h.Secret) != 22 {
			t.Errorf("the secret %q is no 128 bits", h.Secret)
		}
		if err := b.Scheduler.ReleaseHold(background, b.holdChange(c.who, h)); err != nil {
			t.Fatalf("giving back: %v", err)
		}
	}
}

func aHoldKeepsItsTime(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	b.mustHold(t, b.holds(me, "family", "2026-03-03 09:00"))
	if n := b.free(t, "family", "2026-03-03 09:30"); n != 0 {
		t.Errorf("%d are free beside the hold", n)
	}
	_, err := b.Scheduler.Book(background, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-03 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.Hold(background, b.holds(b.Citizen(t, phone(2)), "family", "2026-03-03 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
	_, err = b.Scheduler.Book(background, b.wants(me, "family", "2026-03-03 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
}

func anEndedHoldFreesItsTime(t tb, b *Bundle) {
	b.Change(t, onePair)
	b.Change(t, member("anna-1", func(m *scheduling.Staff) { m.SessionsPerDay = 1 }))
	b.mustHold(t, b.holds(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
	b.Clock.Pass(10*time.Minute - time.Second)
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 0 {
		t.Errorf("%d are free before the hold has ended", n)
	}
	b.Clock.Pass(time.Second)
	for _, start := range []string{"2026-03-03 09:00", "2026-03-03 09:30", "2026-03-03 14:30"} {
		if n := b.free(t, "family", start); n != 1 {
			t.Errorf("%d are free at %s after the hold has ended", n, start)
		}
	}
	b.mustBook(t, b.wants(b.Citizen(t, phone(2)), "family", "2026-03-03 09:30"))
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 0 {
		t.Errorf("%d ended holds are left", n)
	}
}

func aHoldIsRenewedOnceWithAToken(t tb, b *Bundle) {
	b.Change(t, onePair)
	walker, me := passerBy("203.0.113.1"), b.Citizen(t, phone(1))
	h := b.mustHold(t, b.holds(walker, "family", "2026-03-03 09:00"))
	_, err := b.Scheduler.RenewHold(background, b.holdChange(walker, h))
	refused(t, err, scheduling.CodeUnauthenticated)
	b.Clock.Pass(4 * time.Minute)
	renewed, err := b.Scheduler.RenewHold(background, b.holdChange(me, h))
	if err != nil || renewed.Secret != h.Secret || !renewed.ExpiresAt.Equal(h.ExpiresAt.Add(10*time.Minute)) {
		t.Fatalf("renewed to %s, %v", renewed.ExpiresAt, err)
	}
	_, err = b.Scheduler.RenewHold(background, b.holdChange(me, h))
	refused(t, err, scheduling.CodeWrongState)
	b.Clock.Pass(11*time.Minute - time.Second)
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 0 {
		t.Errorf("%d are free while it is renewed", n)
	}
	b.Clock.Pass(time.Second)
	_, err = b.Scheduler.RenewHold(background, b.holdChange(me, h))
	refused(t, err, scheduling.CodeNotFound)
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 1 {
		t.Errorf("%d are free after it has ended", n)
	}
}

func aBookingUsesItsHold(t tb, b *Bundle) {
	b.Change(t, onePair)
	h := b.mustHold(t, b.holds(passerBy("203.0.113.1"), "premarital", "2026-03-03 09:00"))
	r := b.wants(b.Citizen(t, phone(1)), "premarital", "2026-03-03 09:00")
	r.Hold = h.Secret
	a := b.mustBook(t, r)
	for table, want := range map[string]int{"holds": 0, "hold_cooling": 0, "sessions": 1, "appointments": 1} {
		if n := b.count(t, "SELECT COUNT(*) FROM "+table); n != want {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	same(t, "answers", show(a), show(b.mustBook(t, r)))
	again := b.wants(b.Citizen(t, phone(2)), "premarital", "2026-03-03 09:00")
	again.Hold = h.Secret
	_, err := b.Scheduler.Book(background, again)
	refused(t, err, scheduling.CodeSlotTaken)
}

func aHoldForAnotherServiceOrStartIsInvalid(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	wish := b.holds(me, "family", "2026-03-03 09:00")
	wish.Wish.Counsellor = "anna"
	h := b.mustHold(t, wish)
	for _, r := range []scheduling.Booking{b.wants(me, "premarital", "2026-03-03 09:00"), b.wants(me, "family", "2026-03-03 09:30")} {
		r.Hold = h.Secret
		_, err := b.Scheduler.Book(background, r)
		refusedField(t, err, "hold")
	}
	r := b.wants(me, "family", "2026-03-03 09:00")
	r.Hold, r.Wish.Counsellor = h.Secret, "bert"
	_, err := b.Scheduler.Book(background, r)
	refusedField(t, err, "hold")
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 1 {
		t.Errorf("%d holds are left", n)
	}
	r.Wish.Counsellor = ""
	if a := b.mustBook(t, r); a.Wish.Counsellor != "anna" || a.Counsellor.Username != "anna" {
		t.Errorf("the hold's wish became %q, with %s", a.Wish.Counsellor, a.Counsellor.Username)
	}
}

func aHoldThatHasEndedIsAsNone(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	h := b.mustHold(t, b.holds(me, "family", "2026-03-03 09:00"))
	b.Clock.Pass(10 * time.Minute)
	r := b.wants(me, "family", "2026-03-03 09:00")
	r.Hold = h.Secret
	b.mustBook(t, r)
	late := b.wants(b.Citizen(t, phone(2)), "family", "2026-03-03 09:00")
	late.Hold = "no-such-hold"
	_, err := b.Scheduler.Book(background, late)
	refused(t, err, scheduling.CodeSlotTaken)
}

func aHoldSeatsMoreInItsRoomOrGivesWayToALargerOne(t tb, b *Bundle) {
	b.Change(t, func(o *scheduling.Office) { o.Staff = append(o.Staff[:1:1], o.Staff[2:]...) })
	me := b.Citizen(t, phone(1))
	for start, want := range map[string]struct {
		people int
		room   string
	}{
		"2026-03-03 09:00": {2, "small"},
		"2026-03-03 14:30": {4, "large"},
	} {
		h := b.mustHold(t, b.holds(me, "family", start))
		r := b.wants(me, "family", start)
		r.Hold, r.Parties = h.Secret, people(want.people)
		if a := b.mustBook(t, r); a.Room.Code != want.room || a.Heads != want.people {
			t.Errorf("%d people sit in %s", a.Heads, a.Room.Code)
		}
		b.consistent(t)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 0 {
		t.Errorf("%d holds are left", n)
	}
}

func aHoldGivenBackIsFreeAtOnce(t tb, b *Bundle) {
	b.Change(t, onePair)
	walker := passerBy("203.0.113.1")
	h := b.mustHold(t, b.holds(walker, "family", "2026-03-03 09:00"))
	elsewhere := b.holdChange(walker, h)
	elsewhere.Office = "nowhere"
	refused(t, b.Scheduler.ReleaseHold(background, elsewhere), scheduling.CodeNotFound)
	if err := b.Scheduler.ReleaseHold(background, b.holdChange(walker, h)); err != nil {
		t.Fatalf("giving back: %v", err)
	}
	refused(t, b.Scheduler.ReleaseHold(background, b.holdChange(walker, h)), scheduling.CodeNotFound)
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 1 {
		t.Errorf("%d are free", n)
	}
	b.mustHold(t, b.holds(walker, "family", "2026-03-03 09:00"))
}

func anAddressHoldsThreeTimesAtMost(t tb, b *Bundle) {
	walker := passerBy("203.0.113.1")
	var held []scheduling.Hold
	for _, start := range []string{"2026-03-03 09:00", "2026-03-04 09:00", "2026-03-05 09:00"} {
		held = append(held, b.mustHold(t, b.holds(walker, "family", start)))
	}
	fourth := b.holds(walker, "family", "2026-03-06 09:00")
	_, err := b.Scheduler.Hold(background, fourth)
	refused(t, err, scheduling.CodeRateLimited)
	b.mustHold(t, b.holds(passerBy("203.0.113.2"), "family", "2026-03-06 09:00"))
	if err := b.Scheduler.ReleaseHold(background, b.holdChange(walker, held[0])); err != nil {
		t.Fatalf("giving back: %v", err)
	}
	b.mustHold(t, b.holds(walker, "family", "2026-03-06 14:30"))
	b.Clock.Pass(5 * time.Minute)
	b.mustHold(t, fourth)
}

func aPersonHoldsThreeTimesAtMost(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	for _, start := range []string{"2026-03-03 09:00", "2026-03-04 09:00", "2026-03-05 09:00"} {
		b.mustHold(t, b.holds(me, "family", start))
	}
	_, err := b.Scheduler.Hold(background, b.holds(me, "family", "2026-03-06 09:00"))
	refused(t, err, scheduling.CodeLimitReached)
	b.mustHold(t, b.holds(b.Citizen(t, phone(2)), "family", "2026-03-06 09:00"))
}

func halfOfAStartsSessionsAreHeldAtMost(t tb, b *Bundle) {
	for pairsFree, want := range map[int]int{1: 1, 2: 1, 3: 2, 4: 2, 5: 3} {
		b.Reset(t)
		b.Change(t, pairs(pairsFree))
		held := 0
		for i := range pairsFree {
			_, err := b.Scheduler.Hold(background, b.holds(passerBy("203.0.113."+itoa(int64(i))), "family", "2026-03-03 09:00"))
			if err == nil {
				held++
				continue
			}
			refused(t, err, scheduling.CodeSlotTaken)
		}
		if held != want {
			t.Errorf("of %d sessions %d are held, not %d", pairsFree, held, want)
		}
		if n := b.free(t, "family", "2026-03-03 09:00"); n != pairsFree-want {
			t.Errorf("of %d sessions %d are free", pairsFree, n)
		}
		if pairsFree > want {
			b.mustHold(t, b.holds(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
		}
	}
}

func whatTheDeskHoldsIsNotOfThatHalf(t tb, b *Bundle) {
	b.Change(t, pairs(3))
	b.mustHold(t, b.holds(b.Staff(t, "desk"), "family", "2026-03-03 09:00"))
	for i := range 2 {
		b.mustHold(t, b.holds(passerBy("203.0.113."+itoa(int64(i))), "family", "2026-03-03 09:00"))
	}
}

func anAddressWhoseHoldEndedUnusedWaits(t tb, b *Bundle) {
	walker := passerBy("203.0.113.1")
	b.mustHold(t, b.holds(walker, "family", "2026-03-03 09:00"))
	b.Clock.Pass(5 * time.Minute)
	_, err := b.Scheduler.Hold(background, b.holds(walker, "family", "2026-03-03 09:00"))
	if e := refused(t, err, scheduling.CodeRateLimited); e.RetryAfter != 10*time.Minute {
		t.Errorf("wait %s", e.RetryAfter)
	}
	b.mustHold(t, b.holds(walker, "family", "2026-03-03 14:30"))
	b.mustHold(t, b.holds(passerBy("203.0.113.2"), "family", "2026-03-03 09:00"))
	b.Clock.Pass(10*time.Minute - time.Second)
	_, err = b.Scheduler.Hold(background, b.holds(walker, "family", "2026-03-03 09:00"))
	refused(t, err, scheduling.CodeRateLimited)
	b.Clock.Pass(time.Second)
	b.mustHold(t, b.holds(walker, "family", "2026-03-03 09:00"))
}

func withoutLimitsPerAddressNeitherBinds(t tb, b *Bundle) {
	b.Scheduler.Settings.RateLimits = false
	walker := passerBy("203.0.113.1")
	for _, start := range []string{"2026-03-03 09:00", "2026-03-04 09:00", "2026-03-05 09:00", "2026-03-06 09:00"} {
		b.mustHold(t, b.holds(walker, "family", start))
	}
	b.Clock.Pass(5 * time.Minute)
	b.mustHold(t, b.holds(walker, "family", "2026-03-03 09:00"))
}

func whatIsHeldIsClearedByTheJobToo(t tb, b *Bundle) {
	b.mustHold(t, b.holds(b.Citizen(t, phone(1)), "family", "2026-03-03 09:00"))
	b.mustHold(t, b.holds(passerBy("203.0.113.1"), "lesson", "2026-03-03 08:30"))
	b.Clock.Pass(5 * time.Minute)
	for _, want := range []int{1, 0} {
		if n, err := b.Store.ClearEnded(background); err != nil || n != want {
			t.Errorf("%d holds were cleared, not %d: %v", n, want, err)
		}
		b.consistent(t)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM holds"); n != 1 {
		t.Errorf("%d holds are left", n)
	}
}

func aMoveUsesAHold(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "family", "2026-03-03 09:00"))
	h := b.mustHold(t, b.holds(me, "family", "2026-03-04 09:00"))
	c := b.moveOf(me, a, "2026-03-04 09:30")
	c.Hold = h.Secret
	_, err := b.Scheduler.Move(background, c)
	refusedField(t, err, "hold")
	c.Start = on("2026-03-04 09:00")
	moved := b.mustDo(t, move, c)
	if !moved.Start.Equal(on("2026-03-04 09:00")) || b.count(t, "SELECT COUNT(*) FROM holds") != 0 {
		t.Errorf("it is at %s", moved.Start)
	}
	if n := b.free(t, "family", "2026-03-03 09:00"); n != 1 {
		t.Errorf("the old time has %d free", n)
	}
}
