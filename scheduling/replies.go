package scheduling

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"magpie/scheduling/messages"
)

const (
	// repliesWithin is how long after a message a reply to it counts.
	repliesWithin = 72 * time.Hour
	// keptAfterReply is how long a time cancelled by reply is kept, so that the
	// desk can give it back.
	keptAfterReply = 2 * time.Hour
)

// InboundReply is a text message that came back through a gateway.
type InboundReply struct {
	Gateway string
	// ID names the reply at the gateway; empty where it gives none.
	ID   string
	From Private // eleven digits
	Text Private
	At   time.Time // zero: the gateway did not say
}

// digest is what makes one of a reply that is pushed twice.
func (r InboundReply) digest(now time.Time) Digest {
	parts := []string{r.Gateway, r.ID}
	if r.ID == "" {
		at := r.At
		if at.IsZero() {
			at = now.Truncate(time.Minute)
		}
		parts = append(parts, r.From.Reveal(), r.Text.Reveal(), at.UTC().Format(time.RFC3339))
	}
	return sha256.Sum256([]byte(strings.Join(parts, "\x00")))
}

// Asked is a coming appointment about which a message asked for a reply.
type Asked struct {
	MessageID   int64
	Appointment Appointment
}

// ReplyWrite writes what a reply did: it confirmed, or it is for the desk.
type ReplyWrite struct {
	ID Digest
	// Confirm is the appointment that was confirmed by the answer to a message;
	// zero: the reply is a task.
	Confirm   Asked
	Confirmed bool
	Task      Task
	Person    int64 // of the task; 0: nobody known
	Audit     AuditEntry
	Now       time.Time
}

// Replies is what people answered.
type Replies interface {
	// Asked lists the coming appointments about which a message to the number
	// asked for a reply since then, each once; and the office of the last
	// message to the number, 0 where there is none.
	Asked(ctx context.Context, from Private, since, now time.Time) ([]Asked, int64, error)
	// TakeReply answers ErrAnswered for a reply that was taken before.
	TakeReply(ctx context.Context, w ReplyWrite) error
}

// Reply takes what somebody answered: 1 or 确认 confirms, T or 退订 stops
// reminders, 2 or 取消 cancels where the office has reply_cancels for the
// service and the person has no safe-contact wish. It counts only if exactly one
// coming appointment's message of the last 72 hours to that number asked for a
// reply; whatever else comes changes nothing and goes to the desk's list. One
// that comes twice counts once.
func (s *Scheduler) Reply(ctx context.Context, r InboundReply) error {
	now := s.now()
	id := r.digest(now)
	_, err := untilWon(ctx, func() (struct{}, error) {
		asked, lastOffice, err := s.Replies.Asked(ctx, r.From, now.Add(-repliesWithin), now)
		if err != nil {
			return struct{}{}, fmt.Errorf("look for what was asked: %w", err)
		}
		return struct{}{}, s.act(ctx, r, id, asked, lastOffice, now)
	})
	if errors.Is(err, ErrAnswered) {
		return nil
	}
	return err
}

func (s *Scheduler) act(ctx context.Context, r InboundReply, id Digest, asked []Asked, lastOffice int64, now time.Time) error {
	meant := messages.ParseReply(r.Text.Reveal())
	if len(asked) != 1 || meant == messages.ReplyOther {
		return s.forDesk(ctx, r, id, meant, asked, lastOffice, now)
	}
	one := asked[0]
	switch meant {
	case messages.ReplyConfirm:
		return s.confirm(ctx, id, one, now)
	case messages.ReplyStop:
		return s.stopReminders(ctx, id, one, now)
	}
	if !one.Appointment.cancelsByReply() {
		return s.forDesk(ctx, r, id, meant, asked, lastOffice, now)
	}
	_, err := s.cancelByReply(ctx, id, one)
	var refused *Error
	if errors.As(err, &refused) && refused.ofState() { // too late, or no longer booked: somebody must see to it
		return s.forDesk(ctx, r, id, meant, asked, lastOffice, now)
	}
	return err
}

// CancelsByReply says whether the office lets a reply cancel a service.
func (o *Office) CancelsByReply(service string) bool { return slices.Contains(o.ReplyCancels, service) }

// cancelsByReply says whether 2 cancels the appointment: the office has
// switched it on for the service, and the person asked for nothing special.
func (a Appointment) cancelsByReply() bool {
	if a.Notified.ID == 0 || a.Notified.ID != a.Asker.ID || a.Notified.Wish != nil && a.Notified.Wish.Said() {
		return false
	}
	return a.Office.CancelsByReply(a.Service.Code)
}

// byReply is the person as an actor.
func byReply(a Appointment) Actor { return Actor{Kind: Citizen, Person: a.Notified} }

func (s *Scheduler) confirm(ctx context.Context, id Digest, one Asked, now time.Time) error {
	a := one.Appointment
	return s.Replies.TakeReply(ctx, ReplyWrite{
		ID: id, Confirm: one, Confirmed: true, Now: now,
		Audit: auditOf(byReply(a), "appointment.confirm", a.Reference, now, nil, &a),
	})
}

func (s *Scheduler) stopReminders(ctx context.Context, id Digest, one Asked, now time.Time) error {
	a := one.Appointment
	wish := AnyWish()
	if a.Notified.Wish != nil {
		wish = *a.Notified.Wish
	}
	wish.Stopped = true
	return s.Wishes.SetWish(ctx, WishWrite{
		Person: a.Notified, Wish: wish, Reply: id, Answers: one.MessageID, Plan: s.reminders(now), Now: now,
		Audit: auditOf(byReply(a).at(a), "contact.stop_reminders", a.Reference, now, nil, nil),
	})
}

// cancelByReply cancels as the person themself would, and keeps the time for a
// while.
func (s *Scheduler) cancelByReply(ctx context.Context, id Digest, one Asked) (Appointment, error) {
	a := one.Appointment
	st := step{
		action: "appointment.cancel_by_reply", to: Cancelled, from: []Status{Booked}, giveBack: true,
		keep: keptAfterReply, reply: id, answers: one.MessageID, revision: a.Revision,
	}
	c := Change{Actor: byReply(a), Reference: a.Reference}
	out, err := s.advance(ctx, c, st)
	return out, s.settled(ctx, out, err)
}

// forDesk makes a task of a reply.
func (s *Scheduler) forDesk(ctx context.Context, r InboundReply, id Digest, meant messages.Reply, asked []Asked, lastOffice int64, now time.Time) error {
	office, err := s.officeOfReply(ctx, asked, lastOffice)
	if err != nil || office == 0 {
		return err
	}
	w := ReplyWrite{ID: id, Now: now, Audit: auditOf(Actor{Kind: Anonymous, OfficeID: office}, "reply.for_desk", string(meant), now, nil, nil)}
	w.Task = Task{
		ID: newID(now), OfficeID: office, Kind: TaskReply, Reason: string(meant), Phone: r.From, Text: r.Text,
		DueAt: now, Until: now.Add(repliesWithin), CreatedAt: now,
	}
	if len(asked) == 1 {
		a := asked[0].Appointment
		w.Task.Reference, w.Person = a.Reference, a.Notified.ID
		w.Confirm = asked[0]
	}
	return s.Replies.TakeReply(ctx, w)
}

// officeOfReply is the office whose desk sees a reply: that of what was asked,
// of the last message to the number, or the first of all.
func (s *Scheduler) officeOfReply(ctx context.Context, asked []Asked, lastOffice int64) (int64, error) {
	if len(asked) > 0 {
		return asked[0].Appointment.Office.ID, nil
	}
	if lastOffice != 0 {
		return lastOffice, nil
	}
	offices, err := s.Offices.List(ctx)
	if err != nil || len(offices) == 0 {
		return 0, err
	}
	return offices[0].ID, nil
}
