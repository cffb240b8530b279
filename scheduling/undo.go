package scheduling

import (
	"context"
	"strings"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// undoWithin is how long staff may take a change of theirs back.
const undoWithin = 10 * time.Minute

// LastChange is what a member of staff did to an appointment last, as long as it
// may be taken back: how it stands since, and how it was.
type LastChange struct {
	Appointment int64
	Staff       int64
	Action      string // as in the audit, without "appointment."
	At          time.Time
	Status      Status
	Revision    int
	Session     int64
	Was         Standing
	// PersonFrom is from when on the person was free again.
	PersonFrom time.Time
}

// Standing is where an appointment was.
type Standing struct {
	Status               Status
	Revision             int
	Session              int64
	Room, Counsellor     int64
	Start, End, ClaimEnd time.Time
}

// Untell says what becomes of the messages of a change that is taken back. What
// was not told yet is not told, and what had been owed before is owed again.
type Untell struct {
	Kind     messages.Kind // of the message that tells of the change
	Told     bool          // as it was read
	Revision int           // whose messages are owed again
	Since    time.Time     // when they were suppressed
}

// UndoWrite gives an appointment an earlier status back.
type UndoWrite struct {
	Remember Remember
	Old, New Appointment
	// Reopen says that its place had been given up: Claims and PersonClaims take
	// again what is left of it, until ClaimEnd.
	Reopen       bool
	ClaimEnd     time.Time
	Claims       []Claim
	PersonClaims []Claim
	SessionsCap  int
	Untell       *Untell
	Since        time.Time
	Messages     []OwedMessage
	Audit        AuditEntry
	Now          time.Time
}

// changeOf is what staff may take back; nil for what others did.
func changeOf(a Actor, e AuditEntry, old, now Appointment) *LastChange {
	if a.Kind != StaffKind {
		return nil
	}
	return &LastChange{
		Appointment: now.ID, Staff: a.StaffID, Action: strings.TrimPrefix(e.Action, "appointment."), At: e.At,
		Status: now.Status, Revision: now.Revision, Session: now.Session.ID, PersonFrom: old.End,
		Was: Standing{
			Status: old.Status, Revision: old.Revision, Session: old.Session.ID, Room: old.Session.Room, Counsellor: old.Session.Counsellor,
			Start: old.Start, End: old.End, ClaimEnd: old.Session.ClaimEnd,
		},
	}
}

// stands says whether nothing has happened to an appointment since.
func (l LastChange) stands(a Appointment) bool {
	return a.Status == l.Status && a.Revision == l.Revision && a.Session.ID == l.Session && a.UpdatedAt.Equal(l.At)
}

// Undo takes back what a member of staff did to an appointment last: a move, a
// cancellation, a step of its status. It can be done for ten minutes, by who did
// it, where nothing else has happened to it and the place is still free. A
// message that has not gone yet does not go; who was told is told again.
//
// Errors: not_found; wrong_state where there is nothing to take back (any more);
// slot_taken or overlap where the place is taken.
func (s *Scheduler) Undo(ctx context.Context, c Change) (Appointment, error) {
	r := remember(c.Actor, c.Idempotency)
	out, err := once(ctx, s, r, s.decodeAppointment(ctx), func() (Appointment, error) {
		return untilWon(ctx, func() (Appointment, error) { return s.undo(ctx, c, r) })
	})
	return out, s.settled(ctx, out, s.recordRefusal(ctx, c, "appointment.undo", err))
}

func (s *Scheduler) undo(ctx context.Context, c Change, r Remember) (Appointment, error) {
	old, err := s.Lists.ByReference(ctx, c.Reference)
	if err != nil {
		return Appointment{}, err
	}
	if c.Actor.Kind != StaffKind || old.Office.ID != c.Actor.OfficeID {
		return Appointment{}, NotFound()
	}
	last, err := s.Changes.LastChange(ctx, old.ID)
	own := err == nil && last.Staff == c.Actor.StaffID
	switch now := s.now(); {
	case err != nil && CodeOf(err) != CodeNotFound:
		return Appointment{}, err
	case c.Actor.Scope != account.Office && !own && !c.Actor.sees(old): // what one gave to a colleague can be taken back
		return Appointment{}, NotFound()
	case !own || now.Sub(last.At) > undoWithin || !last.stands(old):
		return Appointment{}, WrongState()
	case last.Action != "reschedule" && last.Action != "reassign":
		return s.undoStatus(ctx, c, old, last, r, now)
	case last.Session == last.Was.Session && old.Start.Equal(last.Was.Start) && old.End.Equal(last.Was.End):
		return s.undoReassign(ctx, c, old, last, r, now)
	default:
		return s.undoMove(ctx, c, old, last, r, now)
	}
}

// untell is how the messages of a change are taken back. revision is the one
// whose messages had been owed before.
func (s *Scheduler) untell(ctx context.Context, a Appointment, kind messages.Kind, revision int, since time.Time) (*Untell, error) {
	told, err := s.Changes.Told(ctx, a.ID, a.Revision, kind)
	return &Untell{Kind: kind, Told: told, Revision: revision, Since: since}, err
}

// formerGrid is a grid that knows the old pair at its old time alone.
func (l LastChange) formerGrid(a Appointment) *grid {
	service := a.Service
	service.Duration, service.Buffer = l.Was.End.Sub(l.Was.Start), max(0, l.Was.ClaimEnd.Sub(l.Was.End))
	g := newGrid(a.Office, service, a.Heads, Wish{})
	g.only(l.Was.Counsellor, l.Was.Room)
	return g
}

func (s *Scheduler) undoMove(ctx context.Context, c Change, old Appointment, last LastChange, r Remember, now time.Time) (Appointment, error) {
	g := last.formerGrid(old).askedBy(rulesFor(c.Actor), now)
	if err := s.readFacts(ctx, g, last.Was.Start, old.Asker.ID, now); err != nil {
		return Appointment{}, err
	}
	g.facts.Leave(old.Session, old.Heads)
	g.facts.ForgetPerson(old.Asker.ID, calendar.Span{From: old.Start, To: old.End})
	seat, err := s.seat(ctx, g, last.Was.Start, old.Asker.ID, last.Was.Counsellor, HeldTime{}, rulesFor(c.Actor))
	if err != nil {
		return Appointment{}, s.unlessItself(ctx, old, err)
	}
	w := s.moveWrite(c, g, old, seat, now)
	w.Change, w.Audit.Action = nil, "appointment.undo_reschedule"
	if w.Untell, err = s.untell(ctx, old, messages.Moved, last.Was.Revision, last.At); err != nil {
		return Appointment{}, err
	}
	if w.Remember, err = r.withAnswer(encodeAppointment(w.Appointment)); err != nil {
		return Appointment{}, err
	}
	return w.Appointment, s.Bookings.Move(ctx, w)
}

// unlessItself is ErrLost where what is in the way is the appointment itself,
// taken back meanwhile.
func (s *Scheduler) unlessItself(ctx context.Context, old Appointment, err error) error {
	if code := CodeOf(err); code != CodeOverlap && code != CodeSlotTaken {
		return err
	}
	now, lookup := s.Lists.ByReference(ctx, old.Reference)
	if lookup == nil && (now.Revision != old.Revision || now.Status != old.Status || now.Session.ID != old.Session.ID) {
		return ErrLost
	}
	return err
}

// undoReassign gives a session its counsellor and its room back.
func (s *Scheduler) undoReassign(ctx context.Context, c Change, old Appointment, last LastChange, r Remember, now time.Time) (Appointment, error) {
	counsellor, known := old.Office.StaffByID(last.Was.Counsellor)
	room, there := old.Office.Room(last.Was.Room)
	if !known || !there {
		return Appointment{}, WrongState()
	}
	back := c
	back.Start, back.End, back.Counsellor, back.Room = old.Start, old.End, counsellor.Username, room.Code
	m, problems, err := s.placing(ctx, back, old, now)
	if err != nil {
		return Appointment{}, err
	}
	if len(problems) > 0 {
		return Appointment{}, s.refusePlace(ctx, m, problems[0])
	}
	all, err := s.inSession(ctx, old)
	if err != nil {
		return Appointment{}, err
	}
	w := m.reassignWrite(now)
	w.Undone = old.ID
	var out Appointment
	for _, one := range all {
		a := w.of(one)
		action := "appointment.undo_reassign"
		if last.Was.Counsellor != old.Session.Counsellor && one.Wish.Counsellor == counsellor.Username {
			t, err := s.retold(ctx, one, last, &a, now)
			if err != nil {
				return Appointment{}, err
			}
			w.Told, action = append(w.Told, t), "appointment.undo_reschedule"
		}
		w.Audit = append(w.Audit, auditOf(c.Actor, action, a.Reference, now, &one, &a))
		if one.ID == old.ID {
			out = a
		}
	}
	if w.Remember, err = r.withAnswer(encodeAppointment(out)); err != nil {
		return Appointment{}, err
	}
	return out, s.Changes.Reassign(ctx, w)
}

// retold is an appointment whose person was told of the colleague, or was about
// to be.
func (s *Scheduler) retold(ctx context.Context, old Appointment, last LastChange, a *Appointment, now time.Time) (Retold, error) {
	untell, err := s.untell(ctx, old, messages.Moved, old.Revision-1, last.At)
	if err != nil {
		return Retold{}, err
	}
	a.Revision, a.ConfirmedAt = old.Revision+1, time.Time{}
	return Retold{Old: old, New: *a, Messages: s.plan(messages.Moved, now, *a), Untell: untell}, nil
}

// undoStatus takes a step of the status back, or a cancellation.
func (s *Scheduler) undoStatus(ctx context.Context, c Change, old Appointment, last LastChange, r Remember, now time.Time) (Appointment, error) {
	a := old
	a.Status, a.UpdatedAt = last.Was.Status, now
	w := UndoWrite{Old: old, Since: last.At, Now: now}
	var err error
	if old.Status == Cancelled {
		// By two: in a calendar, the cancellation has counted as one change (RFC 5545, 3.8.7.4).
		a.Reason, a.Revision, a.ConfirmedAt = Private{}, old.Revision+2, time.Time{}
		a.ByCitizen = false // its part of the day was given back, and the desk takes it
		if w.Untell, err = s.untell(ctx, old, messages.Cancelled, last.Was.Revision, last.At); err != nil {
			return Appointment{}, err
		}
		w.Messages = s.plan(messages.Booked, now, a)
	}
	if !old.Status.Open() {
		if err := s.reopen(ctx, &w, &a, last); err != nil {
			return Appointment{}, s.unlessItself(ctx, old, err)
		}
	}
	w.New, w.Audit = a, auditOf(c.Actor, "appointment.undo_"+last.Action, a.Reference, now, &old, &a)
	if w.Remember, err = r.withAnswer(encodeAppointment(a)); err != nil {
		return Appointment{}, err
	}
	return a, s.Changes.UndoStatus(ctx, w)
}

// reopen takes again what was given back of the place: all of it, or what was
// left when the session ended.
func (s *Scheduler) reopen(ctx context.Context, w *UndoWrite, a *Appointment, last LastChange) error {
	g := last.formerGrid(w.Old).askedBy(bookingRules{desk: true}, w.Now)
	if len(g.staff) == 0 || len(g.rooms) == 0 {
		return WrongState()
	}
	if err := s.readFacts(ctx, g, last.Was.Start, w.Old.Asker.ID, w.Now); err != nil {
		return err
	}
	w.Reopen, w.ClaimEnd, w.SessionsCap = true, last.Was.ClaimEnd, g.staff[0].SessionsPerDay
	if w.Old.Asker.ID != 0 && last.PersonFrom.Before(last.Was.End) {
		rest := calendar.Mask(calendar.Span{From: last.PersonFrom, To: last.Was.End})
		person := Resource{PersonResource, w.Old.Asker.ID}
		if g.facts.Line(person).Busy.Hits(rest) {
			return Overlap()
		}
		w.PersonClaims = claimsOf(g.facts, person, rest, nil)
	}
	session := w.Old.Session
	if session.Taken == 0 {
		load := g.facts.Loads[Load{session.Counsellor, session.Date}]
		if w.Old.Status == Cancelled && w.SessionsCap > 0 && load >= w.SessionsCap {
			return SlotTaken(nil)
		}
		if !w.retake(g, session, last) {
			return SlotTaken(nil)
		}
		a.Session.ClaimEnd, a.Session.Taken, a.Session.Heads = last.Was.ClaimEnd, 1, a.Heads
	} else if session.Taken >= session.Places || session.Heads+a.Heads > session.Seats {
		return SlotTaken(nil)
	}
	return nil
}

// retake claims what the session had given back; false: it is taken.
func (w *UndoWrite) retake(g *grid, session Session, last LastChange) bool {
	busy := calendar.Mask(calendar.Span{From: session.ClaimEnd, To: last.Was.ClaimEnd})
	clear := calendar.Mask(calendar.Span{From: session.ClaimEnd, To: last.Was.End})
	for _, r := range []Resource{{RoomResource, session.Room}, {CounsellorResource, session.Counsellor}} {
		if !g.facts.Line(r).Free(busy, clear) {
			return false
		}
		w.Claims = append(w.Claims, claimsOf(g.facts, r, busy, clear)...)
	}
	return true
}
