package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Move gives an appointment another start. The new time is had, or the old
// one is kept: both happen in one transaction. The new time may overlap the
// old one, and the counsellor is kept where free.
//
// Staff may say with whom, where and until when as well. Where neither start nor
// end changes, nobody is told, but for who had asked for that counsellor, and
// the session is changed where it lies: in a class, for all who come.
//
// Errors: those of Book; too_late inside change_until for citizens;
// wrong_state once it is under way or over.
func (s *Scheduler) Move(ctx context.Context, c Change) (Appointment, error) {
	r := remember(c.Actor, c.Idempotency)
	out, err := once(ctx, s, r, s.decodeAppointment(ctx), func() (Appointment, error) {
		return untilWon(ctx, func() (Appointment, error) { return s.move(ctx, c, r) })
	})
	return out, s.settled(ctx, out, s.recordRefusal(ctx, c, "appointment.reschedule", err))
}

func (s *Scheduler) move(ctx context.Context, c Change, r Remember) (Appointment, error) {
	old, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return Appointment{}, err
	}
	now, rules := s.now(), rulesFor(c.Actor)
	if c.placed() {
		return s.place(ctx, c, old, r, now)
	}
	if err := movable(c, old, now); err != nil {
		return Appointment{}, err
	}
	service := old.Service
	if length := old.End.Sub(old.Start); c.Actor.Kind == StaffKind && c.Hold == "" && service.lasts(length) {
		service.Duration = length
	}
	held, err := s.heldFor(ctx, c.Hold, old.Service, c.Start, now)
	if err != nil {
		return Appointment{}, err
	}
	g := newGrid(old.Office, service, old.Heads, old.Wish).askedBy(rules, now)
	if held.ID != 0 && !newGrid(old.Office, old.Service, held.Heads, old.Wish).asWished(held.Session) {
		return Appointment{}, Invalid("hold", "保留的时间和原来的要求不一样，请重新选时间。", "was made for other wishes")
	}
	if err := g.checkStart(c.Start, now, rules); err != nil {
		return Appointment{}, err
	}
	if err := s.readFacts(ctx, g, c.Start, old.Asker.ID, now); err != nil {
		return Appointment{}, err
	}
	g.facts.Leave(old.Session, old.Heads)
	g.facts.ForgetPerson(old.Asker.ID, calendar.Span{From: old.Start, To: old.End})
	g.facts.returnCitizen(old.Session, old.ByCitizen)
	seat, err := s.seat(ctx, g, c.Start, old.Asker.ID, old.Session.Counsellor, held, rules)
	if err != nil {
		return Appointment{}, err
	}
	w := s.moveWrite(c, g, old, seat, now)
	if w.Remember, err = r.withAnswer(encodeAppointment(w.Appointment)); err != nil {
		return Appointment{}, err
	}
	return w.Appointment, s.Bookings.Move(ctx, w)
}

// movable says whether the appointment may be moved, by whom and when.
func movable(c Change, old Appointment, now time.Time) error {
	if old.Status != Booked {
		return WrongState()
	}
	if err := refuseChange(c.Actor, old.Service, old.Start, now); err != nil {
		return err
	}
	if _, ok := old.Office.ServiceByID(old.Service.ID); !ok {
		return WrongState()
	}
	return nil
}

func (s *Scheduler) moveWrite(c Change, g *grid, old Appointment, seat Seat, now time.Time) MoveWrite {
	a := old
	a.Session, a.Start, a.End = seat.Session, seat.Session.Start, seat.Session.End
	a.Room, _ = g.office.Room(seat.Session.Room)
	a.Counsellor, _ = g.office.StaffByID(seat.Session.Counsellor)
	a.Revision, a.UpdatedAt, a.ConfirmedAt = old.Revision+1, now, time.Time{}
	a.ByCitizen = c.Actor.Kind != StaffKind
	w := MoveWrite{Old: old, BookingWrite: BookingWrite{
		Appointment: a, Seat: seat, Now: now,
		PersonClaims: seat.Session.personClaims(g.facts, old.Asker.ID),
		Audit:        auditOf(c.Actor, "appointment.reschedule", a.Reference, now, &old, &a),
	}}
	w.Messages, w.Change = s.plan(messages.Moved, now, a), changeOf(c.Actor, w.Audit, old, a)
	return w
}

// Cancel ends an appointment before it has begun. It is done also when it was
// done before.
//
// Errors: too_late inside change_until for citizens; wrong_state once it is
// under way or over.
func (s *Scheduler) Cancel(ctx context.Context, c Change) (Appointment, error) {
	out, err := s.advance(ctx, c, step{action: "appointment.cancel", to: Cancelled, from: []Status{Booked, CheckedIn}, giveBack: true})
	return out, s.settled(ctx, out, err)
}

// CheckIn notes that they have come; at any time.
func (s *Scheduler) CheckIn(ctx context.Context, c Change) (Appointment, error) {
	return s.advance(ctx, c, step{action: "appointment.check_in", to: CheckedIn, from: []Status{Booked}})
}

// Start notes that the session has begun; at any time.
func (s *Scheduler) Start(ctx context.Context, c Change) (Appointment, error) {
	return s.advance(ctx, c, step{action: "appointment.start", to: InSession, from: []Status{CheckedIn}})
}

// Complete notes that the session is over; what is left of the time becomes
// free, but for the buffer.
func (s *Scheduler) Complete(ctx context.Context, c Change) (Appointment, error) {
	return s.advance(ctx, c, step{action: "appointment.complete", to: Completed, from: []Status{InSession}, buffer: true})
}

// NoShow notes that nobody came, from the office's no_show_after after the start
// on; what is left of the time becomes free. Errors: wrong_state, before that
// with the time from which it can be said.
func (s *Scheduler) NoShow(ctx context.Context, c Change) (Appointment, error) {
	return s.advance(ctx, c, step{action: "appointment.no_show", to: NoShow, from: []Status{Booked}, fromStart: true})
}

// step is one move of an appointment's state.
type step struct {
	action    string
	to        Status
	from      []Status
	fromStart bool // only from the start on
	giveBack  bool // the session does not take place
	buffer    bool // the buffer is kept after it
	// keep is how long the time is kept after a cancellation by reply, whose
	// digest reply is and which answers a message about revision.
	keep     time.Duration
	reply    Digest
	answers  int64
	revision int
}

func (s *Scheduler) advance(ctx context.Context, c Change, st step) (Appointment, error) {
	r := remember(c.Actor, c.Idempotency)
	out, err := once(ctx, s, r, s.decodeAppointment(ctx), func() (Appointment, error) {
		return untilWon(ctx, func() (Appointment, error) { return s.advanceOnce(ctx, c, st, r) })
	})
	return out, s.recordRefusal(ctx, c, st.action, err)
}

// recordRefusal records that a change was refused, once it is sure that it was
// and that it is no repetition of one that was made.
func (s *Scheduler) recordRefusal(ctx context.Context, c Change, action string, err error) error {
	var refused *Error
	if !errors.As(err, &refused) || !refused.ofState() {
		return err
	}
	found, err := s.Lists.ByReference(ctx, c.Reference)
	if err != nil {
		return fmt.Errorf("read what was refused: %w", err)
	}
	return s.refusal(ctx, c.Actor.at(found), action, c.Reference, refused)
}

func (s *Scheduler) advanceOnce(ctx context.Context, c Change, st step, r Remember) (Appointment, error) {
	old, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return Appointment{}, err
	}
	if st.to == Cancelled && old.Status == Cancelled {
		return old, nil
	}
	now := s.now()
	if err := st.refuse(c.Actor, old, now); err != nil {
		return Appointment{}, err
	}
	a := old
	a.Status, a.UpdatedAt = st.to, now
	if !c.Reason.IsZero() {
		a.Reason = c.Reason
	}
	w := AdvanceWrite{
		Old: old, To: st.to, Reason: a.Reason, GiveBack: st.giveBack, Now: now,
		Audit: auditOf(c.Actor, st.action, a.Reference, now, &old, &a),
	}
	st.free(&w)
	if w.Change = changeOf(c.Actor, w.Audit, old, a); w.Change != nil && w.FreeFrom.Before(old.End) {
		w.Change.PersonFrom = w.FreeFrom
	}
	if st.keep > 0 {
		w.KeepUntil, w.KeepID, w.Reply, w.Answers = earlier(now.Add(st.keep), old.Start), newID(now), st.reply, st.answers
	}
	if st.to == Cancelled && old.Start.After(now) {
		w.Messages = s.plan(messages.Cancelled, now, old)
	}
	if w.Remember, err = r.withAnswer(encodeAppointment(a)); err != nil {
		return Appointment{}, err
	}
	return a, s.Bookings.Advance(ctx, w)
}

// refuse says why the step cannot be taken.
func (st step) refuse(a Actor, old Appointment, now time.Time) *Error {
	if st.keep > 0 && (old.Revision != st.revision || !old.cancelsByReply()) {
		return WrongState()
	}
	allowed := false
	for _, from := range st.from {
		allowed = allowed || old.Status == from
	}
	if st.to == Cancelled && a.Kind == Citizen {
		if old.Status != Booked {
			return WrongState()
		}
		return refuseChange(a, old.Service, old.Start, now)
	}
	if !allowed {
		return WrongState()
	}
	if from := old.Start.Add(old.Office.NoShowAfter); st.fromStart && now.Before(from) {
		return NotNoShowYet(from.In(old.Office.Location).Format("15:04"))
	}
	return nil
}

// free works out from when the time is free again: from the next quantum on,
// and all of it where the session does not take place.
func (st step) free(w *AdvanceWrite) {
	if st.to.Open() {
		return
	}
	w.FreeFrom = w.Old.Start
	if rounded := w.Now.Add(calendar.Quantum - 1).Truncate(calendar.Quantum); !st.giveBack && rounded.After(w.Old.Start) {
		w.FreeFrom = rounded
		if st.buffer {
			w.Buffer = w.Old.Service.Buffer
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// settled waits, after a move or a cancellation was written, until nothing
// about the old time can begin to be handed over.
func (s *Scheduler) settled(ctx context.Context, a Appointment, err error) error {
	if err != nil {
		return err
	}
	s.nudge()
	return s.Bookings.Settle(ctx, a.ID)
}

// at is the actor at an appointment's office: a citizen belongs to none, and
// the office is to read what it refused.
func (a Actor) at(ap Appointment) Actor {
	a.OfficeID = ap.Office.ID
	return a
}

// sees says whether a member of staff may see and change an appointment.
func (a Actor) sees(ap Appointment) bool {
	switch a.Kind {
	case Citizen:
		return ap.Asker.ID != 0 && ap.Asker.ID == a.Person.ID
	case StaffKind:
		return ap.Office.ID == a.OfficeID &&
			(a.Scope == account.Office || a.Scope == account.Own && ap.Session.Counsellor == a.StaffID)
	}
	return false
}
