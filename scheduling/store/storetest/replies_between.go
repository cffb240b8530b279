package storetest

import (
	"context"
	"time"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// answering are replies between whose question and answer something happens,
// once.
type answering struct {
	scheduling.Replies
	happen func()
}

func (a *answering) Asked(ctx context.Context, from scheduling.Private, since, now time.Time) ([]scheduling.Asked, int64, error) {
	asked, office, err := a.Replies.Asked(ctx, from, since, now)
	if happen := a.happen; happen != nil {
		a.happen = nil
		happen()
	}
	return asked, office, err
}

func (b *Bundle) answeringBetween(happen func()) *scheduling.Scheduler {
	s := *b.Scheduler
	s.Replies = &answering{Replies: b.Store, happen: happen}
	return &s
}

func aMoveInBetweenIsNotConfirmed(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	for _, text := range []string{"1", "2"} {
		b.Reset(t)
		b.Change(t, cancelsByReply)
		a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
		s := b.answeringBetween(func() { b.mustDo(t, move, b.moveOf(b.Staff(t, "desk"), a, "2026-03-06 09:00")) })
		if err := s.Reply(background, b.replyOf(phone(1), text)); err != nil {
			t.Fatalf("replying: %v", err)
		}
		now := b.read(t, a.Reference)
		if now.Status != scheduling.Booked || !now.ConfirmedAt.IsZero() || now.Revision != 2 {
			t.Errorf("%s: it is %s, confirmed at %s", text, now.Status, now.ConfirmedAt)
		}
		if tasks := b.tasks(t, false); len(tasks) != 1 || tasks[0].Kind != scheduling.TaskReply {
			t.Errorf("%s: the tasks are %+v", text, tasks)
		}
	}
}

func aWishInBetweenKeepsATimeFromBeingCancelled(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	a, _ := b.remind(t, phone(1), "premarital", "2026-03-05 09:00")
	s := b.answeringBetween(func() { b.wish(t, b.Citizen(t, phone(1)), scheduling.ContactWish{Text: true, Locale: "en"}) })
	if err := s.Reply(background, b.replyOf(phone(1), "2")); err != nil {
		t.Fatalf("replying: %v", err)
	}
	if now := b.read(t, a.Reference); now.Status != scheduling.Booked {
		t.Errorf("it is %s", now.Status)
	}
	if tasks := b.tasks(t, false); len(tasks) != 1 || tasks[0].Reason != string(messages.ReplyCancel) {
		t.Errorf("the tasks are %+v", tasks)
	}
}

func aReplyAndAMoveAtOnceAgree(t tb, b *Bundle) {
	b.Change(t, cancelsByReply)
	desk, servers := b.Staff(t, "desk"), b.replicas(t)
	for i, text := range []string{"1", "2", "T", "1", "2"} {
		number := phone(i + 1)
		a, _ := b.remind(t, number, "premarital", days[2+i]+" 09:00")
		errs := together(2, func(k int) error {
			if k == 0 {
				return servers[1].Reply(background, b.replyOf(number, text))
			}
			_, err := servers[2].Move(background, b.moveOf(desk, a, days[2+i]+" 14:30"))
			return err
		})
		outcomes(t, errs, scheduling.CodeWrongState)
		now := b.read(t, a.Reference)
		if cancelled := errs[1] != nil; errs[0] != nil || cancelled != (now.Status == scheduling.Cancelled) {
			t.Errorf("%s: it is %s after %v", text, now.Status, errs)
		}
		if now.Revision == 2 && !now.ConfirmedAt.IsZero() {
			t.Errorf("%s: the new time is confirmed", text)
		}
		b.consistent(t)
	}
}
