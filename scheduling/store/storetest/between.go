package storetest

import (
	"context"
	"time"

	"magpie/scheduling"
)

// What a race brings only now and then is brought here every time: something
// happens after the facts were read and before the decision is written.

var betweenTests = []test{
	aPairLostInBetweenIsFollowedByTheNext,
	theLastPairLostInBetweenIsASlotTaken,
	leaveInBetweenIsFoundOut,
	leaveInBetweenEndsAHoldThatIsBeingUsed,
	leaveInBetweenEndsAHeldClassThatIsBeingJoined,
	anOfficeFileInBetweenIsDecidedOn,
	aRemovedRoomInBetweenIsNotBooked,
	onesOwnBookingInBetweenIsAnOverlap,
	onesOwnBookingOfTheOtherUTCDayInBetweenIsNone,
	aClassThatFillsInBetweenIsLeftAlone,
	aHoldThatEndsInBetweenIsAsNone,
	aMoveInBetweenIsMovedOn,
	aCancellationInBetweenStopsAMove,
}

// interrupted are bookings between whose facts and decision something happens,
// once.
type interrupted struct {
	scheduling.Bookings
	happen func()
}

func (i *interrupted) Facts(ctx context.Context, q scheduling.FactsQuery) (*scheduling.Facts, error) {
	f, err := i.Bookings.Facts(ctx, q)
	if happen := i.happen; happen != nil {
		i.happen = nil
		happen()
	}
	return f, err
}

// between is a replica that is interrupted once.
func (b *Bundle) between(t tb, happen func()) *scheduling.Scheduler {
	t.Helper()
	s := *b.Scheduler
	i := &interrupted{Bookings: b.Store, happen: happen}
	t.Cleanup(func() {
		if i.happen != nil {
			t.Error("nothing happened in between")
		}
	})
	s.Bookings = i
	return &s
}

const slot = "2026-03-03 09:00"

func aPairLostInBetweenIsFollowedByTheNext(t tb, b *Bundle) {
	b.Change(t, pairs(3))
	desk := b.Staff(t, "desk")
	s := b.between(t, func() {
		b.mustBook(t, b.wants(desk, "family", slot))
		b.mustBook(t, b.wants(desk, "family", slot))
	})
	if _, err := s.Book(background, b.wants(b.Citizen(t, phone(1)), "family", slot)); err != nil {
		t.Errorf("the third pair was not taken: %v", err)
	}
	if n := b.free(t, "family", slot); n != 0 {
		t.Errorf("%d are free", n)
	}
}

func theLastPairLostInBetweenIsASlotTaken(t tb, b *Bundle) {
	b.Change(t, onePair)
	s := b.between(t, func() { b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", slot)) })
	_, err := s.Book(background, b.wants(b.Citizen(t, phone(1)), "family", slot))
	if e := refused(t, err, scheduling.CodeSlotTaken); len(e.Alternatives) == 0 {
		t.Error("there are no alternatives")
	}
	if n := b.count(t, "SELECT COUNT(*) FROM messages WHERE subject_kind = 1"); n != 0 {
		t.Errorf("%d messages are owed", n)
	}
}

func leaveInBetweenIsFoundOut(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	for _, d := range []string{"2026-03-03", "2026-03-05"} { // so that the days' words exist
		b.mustDo(t, cancel, b.changeOf(me, b.mustBook(t, b.wants(me, "family", d+" 09:00"))))
	}
	s := b.between(t, func() { b.mustLeave(t, "anna-1", "2026-03-03", "2026-03-03", false) })
	_, err := s.Book(background, b.wants(me, "family", slot))
	refused(t, err, scheduling.CodeSlotTaken)
	a := b.mustBook(t, b.wants(me, "family", "2026-03-04 09:00"))
	s = b.between(t, func() { b.mustLeave(t, "anna-1", "2026-03-05", "2026-03-05", false) })
	_, err = s.Move(background, b.moveOf(me, a, "2026-03-05 09:00"))
	refused(t, err, scheduling.CodeSlotTaken)
}

func leaveInBetweenEndsAHoldThatIsBeingUsed(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	h := b.mustHold(t, b.holds(me, "family", slot))
	s := b.between(t, func() { b.mustLeave(t, "anna-1", "2026-03-03", "2026-03-03", false) })
	r := b.wants(me, "family", slot)
	r.Hold = h.Secret
	_, err := s.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
}

func leaveInBetweenEndsAHeldClassThatIsBeingJoined(t tb, b *Bundle) {
	b.Change(t, onePair)
	b.mustHold(t, b.holds(b.Citizen(t, phone(1)), "lesson", lesson))
	s := b.between(t, func() { b.mustLeave(t, "anna-1", "2026-03-03", "2026-03-03", false) })
	_, err := s.Book(background, b.wants(b.Citizen(t, phone(2)), "lesson", lesson))
	refused(t, err, scheduling.CodeSlotTaken)
}

func anOfficeFileInBetweenIsDecidedOn(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	for i, keyed := range []bool{true, false} {
		d := days[i]
		closed := scheduling.Exception{Date: day(d), Closed: &scheduling.Text{ZH: "停电"}}
		s := b.between(t, func() { b.Change(t, func(o *scheduling.Office) { o.Exceptions = append(o.Exceptions, closed) }) })
		r := b.wants(me, "family", d+" 09:00")
		if !keyed {
			r.Idempotency = scheduling.Idempotency{}
		}
		_, err := s.Book(background, r)
		refusedField(t, err, "start")
		h := b.holds(me, "family", d+" 09:00")
		_, err = s.Hold(background, h)
		refusedField(t, err, "start")
	}
}

func aRemovedRoomInBetweenIsNotBooked(t tb, b *Bundle) {
	s := b.between(t, func() {
		b.Change(t, func(o *scheduling.Office) { o.Rooms = o.Rooms[1:] })
	})
	a, err := s.Book(background, b.wants(b.Citizen(t, phone(1)), "family", slot))
	if err != nil || a.Room.Code != "large" {
		t.Errorf("booked in %q, %v", a.Room.Code, err)
	}
}

func onesOwnBookingInBetweenIsAnOverlap(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	for i, start := range []string{"2026-03-03 09:30", "2026-03-03 07:30"} {
		if i == 1 {
			b.mustBook(t, b.wants(me, "family", "2026-03-03 11:00"))
		}
		s := b.between(t, func() { b.mustBook(t, b.wants(me, "family", start)) })
		_, err := s.Book(background, b.wants(me, "premarital", start))
		refused(t, err, scheduling.CodeOverlap)
	}
}

func onesOwnBookingOfTheOtherUTCDayInBetweenIsNone(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	b.Change(t, func(o *scheduling.Office) {
		o.Hours[0].Period.From, o.Staff[0].Hours[0].Period.From, o.Staff[1].Hours[0].Period.From = 5*60, 5*60, 5*60
	})
	desk := b.Staff(t, "desk")
	for _, start := range []string{"2026-03-03 05:00", "2026-03-03 09:00"} { // so that every row but the person's second exists
		for _, counsellor := range []string{"anna", "bert"} {
			r := b.wants(desk, "family", start)
			r.Wish.Counsellor = counsellor
			a := b.mustBook(t, r)
			b.mustDo(t, cancel, b.changeOf(desk, a))
			r = b.wants(desk, "family", start)
			r.Wish, r.Parties = scheduling.Wish{Counsellor: counsellor, Accessible: true}, people(4)
			b.mustDo(t, cancel, b.changeOf(desk, b.mustBook(t, r)))
		}
	}
	b.mustBook(t, b.wants(me, "family", "2026-03-03 05:00"))
	s := b.between(t, func() { b.mustBook(t, b.wants(me, "family", "2026-03-03 10:30")) })
	if _, err := s.Book(background, b.wants(me, "family", "2026-03-03 07:30")); err != nil {
		t.Errorf("a session over the UTC midnight beside one after it: %v", err)
	}
}

func aClassThatFillsInBetweenIsLeftAlone(t tb, b *Bundle) {
	desk := b.Staff(t, "desk")
	b.mustBook(t, b.wants(desk, "lesson", lesson))
	s := b.between(t, func() {
		b.mustBook(t, b.wants(desk, "lesson", lesson))
		b.mustBook(t, b.wants(desk, "lesson", lesson))
	})
	_, err := s.Book(background, b.wants(b.Citizen(t, phone(1)), "lesson", lesson))
	refused(t, err, scheduling.CodeSlotTaken)
}

func aHoldThatEndsInBetweenIsAsNone(t tb, b *Bundle) {
	b.Change(t, onePair)
	me := b.Citizen(t, phone(1))
	h := b.mustHold(t, b.holds(me, "family", slot))
	s := b.between(t, func() {
		b.Clock.Pass(10 * time.Minute)
		b.mustBook(t, b.wants(b.Staff(t, "desk"), "family", slot))
	})
	r := b.wants(me, "family", slot)
	r.Hold = h.Secret
	_, err := s.Book(background, r)
	refused(t, err, scheduling.CodeSlotTaken)
}

func aMoveInBetweenIsMovedOn(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", slot))
	s := b.between(t, func() { b.mustDo(t, move, b.moveOf(me, a, "2026-03-04 09:00")) })
	moved, err := s.Move(background, b.moveOf(me, a, "2026-03-03 09:30"))
	if err != nil || moved.Revision != 3 {
		t.Errorf("it is in revision %d, %v", moved.Revision, err)
	}
}

func aCancellationInBetweenStopsAMove(t tb, b *Bundle) {
	me := b.Citizen(t, phone(1))
	a := b.mustBook(t, b.wants(me, "premarital", slot))
	s := b.between(t, func() { b.mustDo(t, cancel, b.changeOf(me, a)) })
	_, err := s.Move(background, b.moveOf(me, a, "2026-03-03 09:30"))
	refused(t, err, scheduling.CodeWrongState)
	if now := b.read(t, a.Reference); now.Status != scheduling.Cancelled || now.Revision != 1 {
		t.Errorf("it is %s in revision %d", now.Status, now.Revision)
	}
}
