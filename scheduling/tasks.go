package scheduling

import (
	"context"
	"time"

	"magpie/scheduling/messages"
)

// TaskKind is what the desk is asked to do.
type TaskKind string

// The kinds of tasks.
const (
	// TaskCall: call this person: a message could not reach them, or they want
	// to be called.
	TaskCall TaskKind = "call"
	// TaskReply: somebody answered a message with something that only a person
	// can act on.
	TaskReply TaskKind = "reply"
	// TaskGivenUp: an appointment was cancelled by reply; its time is kept until
	// Until, so that it can be given back.
	TaskGivenUp TaskKind = "given_up"
	// TaskNames: two names were given under one number. Nothing changes until the
	// desk has asked.
	TaskNames TaskKind = "names"
)

// Task is something for the desk to do.
type Task struct {
	ID       int64
	OfficeID int64
	Kind     TaskKind
	// Reference is the appointment's, Start its start; empty where the task is
	// about none.
	Reference string
	Start     time.Time
	// Message is what the message was, for calls.
	Message messages.Kind
	// Reason is a fixed word or a gateway's code: why a message did not arrive,
	// what a reply meant.
	Reason string
	Name   Private
	// Title is how they are spoken to, where it is known: Ms or Mr.
	Title string
	// Attempts are the calls that were tried, in their order.
	Attempts []Attempt
	// Phone is the number to call, Hours when the person may be called.
	Phone Private
	Hours []messages.Window
	// Neutral: the office is not to be named first.
	Neutral bool
	// Text is what somebody replied.
	Text      Private
	DueAt     time.Time // not before
	Until     time.Time // no use after
	Done      bool
	Outcome   string
	DoneBy    string // username
	DoneAt    time.Time
	CreatedAt time.Time
}

// TaskQuery narrows a list of tasks.
type TaskQuery struct {
	Office *Office
	Done   bool
	Kind   TaskKind // empty: any
	Now    time.Time
	Page   Page
}

// TaskWrite marks a task as done.
type TaskWrite struct {
	Office  *Office
	ID      int64
	Outcome string
	Audit   AuditEntry
	Now     time.Time
}

// Tasks is the desk's list.
type Tasks interface {
	// Tasks lists open ones by DueAt, those not yet due and those of no use any
	// more left out; done ones newest first.
	Tasks(ctx context.Context, q TaskQuery) ([]Task, string, error)
	// AddTask asks the desk for something; one that is there stays as it is.
	AddTask(ctx context.Context, w NewTask) error
	// TryTask answers as FinishTask.
	TryTask(ctx context.Context, w AttemptWrite) error
	// FinishTask answers not_found, and wrong_state for one that is done.
	FinishTask(ctx context.Context, w TaskWrite) error
	// Kept is the hold that keeps the time of an appointment that was cancelled
	// by reply; not_found: none is alive.
	Kept(ctx context.Context, appointment int64, now time.Time) (HeldTime, error)
	// Restore books a cancelled appointment again in the time that was kept.
	Restore(ctx context.Context, w RestoreWrite) error
}

// NewTask asks the desk to call the person of an appointment.
type NewTask struct {
	Appointment Appointment
	Kind        TaskKind
	Reason      string
	DueAt       time.Time
	Audit       AuditEntry
	Now         time.Time
}

// The reasons of calls that are about no message.
const (
	// ReasonHandOver: the session cannot take place as it is, and nobody is free.
	ReasonHandOver = "hand_over"
	// ReasonOffer: other times are offered, and no message may tell of it.
	ReasonOffer = "offer"
	// ReasonOfferLapsed: other times were offered, and none was chosen.
	ReasonOfferLapsed = "offer_lapsed"
)

// callFor asks the desk to call the person of an appointment, when they may be
// called.
func (s *Scheduler) callFor(ctx context.Context, actor Actor, a Appointment, reason string) error {
	now := s.now()
	return s.Tasks.AddTask(ctx, NewTask{
		Appointment: a, Kind: TaskCall, Reason: reason, Now: now, DueAt: a.Notified.Reach(false).MayCallAt(now, a.Office.Location),
		Audit: auditOf(actor, "task.add", a.Reference, now, nil, &a),
	})
}

// TaskFilter is a TaskQuery as asked for.
type TaskFilter struct {
	Actor  Actor
	Office string
	Done   bool
	Kind   TaskKind
	Page   Page
}

// DeskTasks lists what the desk is to do. Errors: not_found.
func (s *Scheduler) DeskTasks(ctx context.Context, f TaskFilter) ([]Task, string, error) {
	office, err := s.officeFor(ctx, f.Actor, f.Office)
	if err != nil {
		return nil, "", err
	}
	return s.Tasks.Tasks(ctx, TaskQuery{Office: office, Done: f.Done, Kind: f.Kind, Now: s.now(), Page: f.Page})
}

// TaskDone is a task that somebody has done; Outcome is one of reached,
// not_reached, settled.
type TaskDone struct {
	Actor   Actor
	Office  string
	ID      int64
	Outcome string
}

// FinishTask marks a task as done. Errors: not_found, wrong_state.
func (s *Scheduler) FinishTask(ctx context.Context, d TaskDone) error {
	office, err := s.officeFor(ctx, d.Actor, d.Office)
	if err != nil {
		return err
	}
	now := s.now()
	return s.Tasks.FinishTask(ctx, TaskWrite{
		Office: office, ID: d.ID, Outcome: d.Outcome, Now: now,
		Audit: auditOf(d.Actor, "task.done", itoa(d.ID), now, nil, nil),
	})
}

// RestoreWrite books a cancelled appointment again.
type RestoreWrite struct {
	BookingWrite
	Old Appointment
}

// Restore gives a time back that was cancelled by reply and is still kept: the
// appointment is booked again, with a message that says so.
//
// Errors: not_found; wrong_state where it is not cancelled or its time is not
// kept any more; overlap where the person has another session then.
func (s *Scheduler) Restore(ctx context.Context, c Change) (Appointment, error) {
	r := remember(c.Actor, c.Idempotency)
	out, err := once(ctx, s, r, s.decodeAppointment(ctx), func() (Appointment, error) {
		return untilWon(ctx, func() (Appointment, error) { return s.restore(ctx, c, r) })
	})
	return out, s.settled(ctx, out, s.recordRefusal(ctx, c, "appointment.restore", err))
}

func (s *Scheduler) restore(ctx context.Context, c Change, r Remember) (Appointment, error) {
	old, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return Appointment{}, err
	}
	now := s.now()
	held, err := s.Tasks.Kept(ctx, old.ID, now)
	switch {
	case CodeOf(err) == CodeNotFound || err == nil && (old.Status != Cancelled || !old.Start.After(now)):
		return Appointment{}, WrongState()
	case err != nil:
		return Appointment{}, err
	}
	g := newGrid(old.Office, old.Service, old.Heads, old.Wish).askedBy(rulesFor(c.Actor), now)
	if err := s.readFacts(ctx, g, old.Start, old.Asker.ID, now); err != nil {
		return Appointment{}, err
	}
	seat, err := s.seat(ctx, g, old.Start, old.Asker.ID, 0, held, rulesFor(c.Actor))
	if CodeOf(err) == CodeOverlap {
		// What is in the way may be the appointment itself, given back meanwhile.
		if now, lookup := s.Lists.ByReference(ctx, old.Reference); lookup == nil && now.Revision != old.Revision {
			return Appointment{}, ErrLost
		}
	}
	if err != nil {
		return Appointment{}, err
	}
	a := old
	a.Status, a.Reason, a.Session, a.ByCitizen = Booked, Private{}, seat.Session, c.Actor.Kind != StaffKind
	// By two: in a calendar, the cancellation has counted as one change (RFC 5545, 3.8.7.4).
	a.Revision, a.UpdatedAt, a.ConfirmedAt = old.Revision+2, now, time.Time{}
	w := RestoreWrite{Old: old, BookingWrite: BookingWrite{
		Appointment: a, Seat: seat, Now: now, PersonClaims: seat.Session.personClaims(g.facts, old.Asker.ID),
		Messages: s.plan(messages.Booked, now, a), Audit: auditOf(c.Actor, "appointment.restore", a.Reference, now, &old, &a),
	}}
	if w.Remember, err = r.withAnswer(encodeAppointment(a)); err != nil {
		return Appointment{}, err
	}
	return a, s.Tasks.Restore(ctx, w)
}
