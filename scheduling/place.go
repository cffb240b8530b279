package scheduling

import (
	"context"
	"slices"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Changes changes sessions where they lie, and takes changes back.
type Changes interface {
	// OfSession lists the open appointments of a session.
	OfSession(ctx context.Context, session int64) ([]Appointment, error)
	// Reassign gives a session another counsellor, another room or both.
	Reassign(ctx context.Context, w ReassignWrite) error
	// LastChange is what staff did to an appointment last; not_found: nothing, or
	// it is long ago.
	LastChange(ctx context.Context, appointment int64) (LastChange, error)
	// Told says whether a message of that kind about a revision went out, or may
	// have.
	Told(ctx context.Context, appointment int64, revision int, kind messages.Kind) (bool, error)
	// GivenBefore says who gave what to some people before.
	GivenBefore(ctx context.Context, people []int64) (map[Given]bool, error)
	// UndoStatus gives an appointment the status back that it had.
	UndoStatus(ctx context.Context, w UndoWrite) error
}

// ReassignWrite gives a session another counsellor, another room or both, for
// all who are in it, at its own time.
type ReassignWrite struct {
	Remember Remember
	Office   *Office
	// From is the session as it was read; To has the same id.
	From, To Session
	// Claims are of what is new alone.
	Claims      []Claim
	SessionsCap int
	// Told are the appointments whose people are told.
	Told  []Retold
	Audit []AuditEntry
	// Change is what may be taken back, of the appointment that was named; nil:
	// this takes one back, of the appointment Undone.
	Change *LastChange
	Undone int64
	Now    time.Time
}

// Retold is an appointment that is told of as another revision.
type Retold struct {
	Old, New Appointment
	Messages []OwedMessage
	Untell   *Untell
}

// place moves an appointment to where staff want it.
func (s *Scheduler) place(ctx context.Context, c Change, old Appointment, r Remember, now time.Time) (Appointment, error) {
	m, problems, err := s.placing(ctx, c, old, now)
	if err != nil {
		return Appointment{}, err
	}
	if len(problems) > 0 {
		return Appointment{}, s.refusePlace(ctx, m, problems[0])
	}
	if m.nothing() {
		return old, nil
	}
	if m.same {
		return s.reassign(ctx, c, m, r, now)
	}
	seat, err := s.seat(ctx, m.grid, m.start, old.Asker.ID, old.Session.Counsellor, HeldTime{}, rulesFor(c.Actor))
	if err != nil {
		return Appointment{}, err
	}
	w := s.moveWrite(c, m.grid, old, seat, now)
	if w.Remember, err = r.withAnswer(encodeAppointment(w.Appointment)); err != nil {
		return Appointment{}, err
	}
	return w.Appointment, s.Bookings.Move(ctx, w)
}

// placing reads what is booked, and says what is in the way.
func (s *Scheduler) placing(ctx context.Context, c Change, old Appointment, now time.Time) (*moving, []MoveProblem, error) {
	if c.Actor.Kind != StaffKind {
		return nil, nil, Forbidden()
	}
	if c.Hold != "" {
		return nil, nil, Invalid("hold", "指定老师、房间或时长时不能用保留的时间。", "cannot be used where counsellor, room or end are named")
	}
	if _, ok := old.Office.ServiceByID(old.Service.ID); !ok {
		return nil, nil, WrongState()
	}
	m, refused := newMoving(c, old)
	if refused != nil {
		return nil, nil, refused
	}
	m.grid.askedBy(rulesFor(c.Actor), now)
	if err := s.readFacts(ctx, m.grid, m.start, old.Asker.ID, now); err != nil {
		return nil, nil, err
	}
	m.leave()
	return m, m.problems(now), nil
}

// refusePlace is the error of what is in the way.
func (s *Scheduler) refusePlace(ctx context.Context, m *moving, p MoveProblem) error {
	switch p.Code {
	case MeetsState:
		return WrongState()
	case MeetsPast, MeetsClosed:
		return Invalid("start", p.Text.ZH, p.Text.EN)
	case MeetsLength:
		return Invalid("end", p.Text.ZH, p.Text.EN)
	case MeetsUnqualified:
		return Invalid("counsellor", p.Text.ZH, p.Text.EN)
	case MeetsUnfit:
		return Invalid("room", p.Text.ZH, p.Text.EN)
	case MeetsPerson:
		return Overlap()
	}
	nearest, err := s.alternatives(ctx, m.grid, m.start, bookingRules{desk: true})
	if err != nil {
		return err
	}
	taken := SlotTaken(nearest)
	taken.Text = p.Text
	return taken
}

// reassign changes the session where it lies.
func (s *Scheduler) reassign(ctx context.Context, c Change, m *moving, r Remember, now time.Time) (Appointment, error) {
	w := m.reassignWrite(now)
	all, err := s.inSession(ctx, m.old)
	if err != nil {
		return Appointment{}, err
	}
	var out Appointment
	for _, old := range all {
		if !w.seats(old) {
			return Appointment{}, Invalid("room", problemTexts[MeetsUnfit].ZH, problemTexts[MeetsUnfit].EN)
		}
		a := w.of(old)
		action := "appointment.reassign"
		if tells(old, a.Start, a.End, w.To.Counsellor) {
			a.Revision, a.ConfirmedAt, action = old.Revision+1, time.Time{}, "appointment.reschedule"
			w.Told = append(w.Told, Retold{Old: old, New: a, Messages: s.plan(messages.Moved, now, a)})
		}
		audit := auditOf(c.Actor, action, a.Reference, now, &old, &a)
		w.Audit = append(w.Audit, audit)
		if old.ID == m.old.ID {
			out, w.Change = a, changeOf(c.Actor, audit, old, a)
		}
	}
	if out.ID == 0 {
		return Appointment{}, ErrLost
	}
	if w.Remember, err = r.withAnswer(encodeAppointment(out)); err != nil {
		return Appointment{}, err
	}
	return out, s.Changes.Reassign(ctx, w)
}

// inSession are those who are told, or at least written down, of a session that
// changes: all of a class.
func (s *Scheduler) inSession(ctx context.Context, a Appointment) ([]Appointment, error) {
	if a.Session.Places <= 1 {
		return []Appointment{a}, nil
	}
	return s.Changes.OfSession(ctx, a.Session.ID)
}

// reassignWrite is a session's change, for a grid that knows the one counsellor
// and the one room.
func (m *moving) reassignWrite(now time.Time) ReassignWrite {
	g, from := m.grid, m.old.Session
	w := ReassignWrite{Office: m.old.Office, From: from, To: from, Now: now}
	busy, clear := calendar.Mask(from.Claim()), calendar.Mask(calendar.Span{From: from.Start, To: from.End})
	if m.newRoom {
		w.To.Room, w.To.Seats = g.rooms[0].ID, g.rooms[0].Seats
		w.Claims = append(w.Claims, claimsOf(g.facts, Resource{RoomResource, w.To.Room}, busy, clear)...)
	}
	if m.newCounsellor {
		w.To.Counsellor, w.SessionsCap = g.staff[0].ID, g.staff[0].SessionsPerDay
		w.Claims = append(w.Claims, claimsOf(g.facts, Resource{CounsellorResource, w.To.Counsellor}, busy, clear)...)
	}
	return w
}

// of is an appointment in the changed session.
func (w ReassignWrite) of(a Appointment) Appointment {
	a.Session, a.UpdatedAt = w.To, w.Now
	a.Room, _ = w.Office.Room(w.To.Room)
	a.Counsellor, _ = w.Office.StaffByID(w.To.Counsellor)
	return a
}

// seats says whether a new room suits somebody who is in the session.
func (w ReassignWrite) seats(a Appointment) bool {
	room, ok := w.Office.Room(w.To.Room)
	return w.To.Room == w.From.Room || ok && (room.Accessible || !a.Wish.Accessible)
}

// MoveCheck is what a move would meet.
type MoveCheck struct {
	// Problems are in the way; Warnings are not.
	Problems, Warnings []MoveProblem
	// Told says that the person would be sent a message.
	Told       bool
	Start, End time.Time
}

// CheckMove says what a move by staff would meet, by the very rule that decides
// it, and writes nothing. Errors: not_found; invalid (counsellor, room) for what
// the office has not.
func (s *Scheduler) CheckMove(ctx context.Context, c Change) (MoveCheck, error) {
	old, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return MoveCheck{}, err
	}
	m, problems, err := s.placing(ctx, c, old, s.now())
	if err != nil {
		return MoveCheck{}, err
	}
	out := MoveCheck{Problems: problems, Warnings: m.warnings(), Start: m.start.In(old.Office.Location), End: m.end.In(old.Office.Location)}
	counsellor := old.Session.Counsellor
	if m.newCounsellor && len(m.grid.staff) == 1 {
		counsellor = m.grid.staff[0].ID
	}
	out.Told = tells(old, m.start, m.end, counsellor) && old.Notified.ID != 0 && !old.Silent
	return out, nil
}

// MoveTargets is where an appointment could lie on one date: at a start that a
// counsellor and a room have in common.
type MoveTargets struct {
	Date   calendar.Date
	Length time.Duration
	// Starts are all that the date offers; one that is missing here is past, or
	// the asking person has another session then.
	Starts      []time.Time
	Counsellors []TargetsOf
	Rooms       []TargetsOf
}

// TargetsOf are the starts at which a counsellor (a username) or a room (a code)
// is free.
type TargetsOf struct {
	Name   string
	Starts []time.Time
}

// Targets lists where an appointment could lie on a date, so that a page can
// tell while something is dragged. length is how long it is to last; zero: as
// long as it does. Errors: not_found; wrong_state once it is under way or over;
// invalid (minutes).
func (s *Scheduler) Targets(ctx context.Context, a Actor, reference string, d calendar.Date, length time.Duration) (MoveTargets, error) {
	old, err := s.Appointment(ctx, a, reference)
	if err != nil {
		return MoveTargets{}, err
	}
	if _, ok := old.Office.ServiceByID(old.Service.ID); !ok || old.Status != Booked {
		return MoveTargets{}, WrongState()
	}
	service := old.Service
	if was := old.End.Sub(old.Start); length == 0 && service.lasts(was) {
		length = was
	} else if length == 0 {
		length = service.Duration
	}
	if !service.lasts(length) {
		return MoveTargets{}, Invalid("minutes", problemTexts[MeetsLength].ZH, problemTexts[MeetsLength].EN)
	}
	service.Duration = length
	now := s.now()
	g := newGrid(old.Office, service, old.Heads, Wish{Accessible: old.Wish.Accessible}).askedBy(rulesFor(a), now)
	q := g.query(d, d, old.Asker.ID, now)
	monday := mondayOf(d)
	q.LoadsFrom, q.LoadsTo, q.Ended = monday, monday.Add(6), true
	facts, err := s.Bookings.Facts(ctx, q)
	if err != nil {
		return MoveTargets{}, err
	}
	facts.WithoutEnded()
	facts.Leave(old.Session, old.Heads)
	facts.ForgetPerson(old.Asker.ID, calendar.Span{From: old.Start, To: old.End})
	g.know(facts)
	return g.targets(d, old.Asker.ID, now), nil
}

// targets is the pure rule of Targets; a class that is on is one of its
// counsellor's and its room's.
func (g *grid) targets(d calendar.Date, person int64, now time.Time) MoveTargets {
	out := MoveTargets{Date: d, Length: g.service.Duration, Counsellors: make([]TargetsOf, len(g.staff)), Rooms: make([]TargetsOf, len(g.rooms))}
	for _, start := range g.starts(d) {
		m := g.masks(start)
		if !start.After(now) || person != 0 && g.facts.Line(Resource{PersonResource, person}).Busy.Hits(m.session) {
			continue
		}
		out.Starts = append(out.Starts, start)
		var on []Session
		if g.service.Places > 1 {
			on = g.joinable(start)
			m = g.masks(start)
		}
		for i, member := range g.staff {
			if g.counsellorFree(i, d, m) || slices.ContainsFunc(on, func(s Session) bool { return s.Counsellor == member.ID }) {
				out.Counsellors[i].Starts = append(out.Counsellors[i].Starts, start)
			}
		}
		for i, room := range g.rooms {
			if g.roomFree(i, m) || slices.ContainsFunc(on, func(s Session) bool { return s.Room == room.ID }) {
				out.Rooms[i].Starts = append(out.Rooms[i].Starts, start)
			}
		}
	}
	for i, member := range g.staff {
		out.Counsellors[i].Name = member.Username
	}
	for i, room := range g.rooms {
		out.Rooms[i].Name = room.Code
	}
	return out
}
