package scheduling

import (
	"context"
	"fmt"
	"time"
)

// Attempt is a call that was tried.
type Attempt struct {
	At      time.Time
	By      string // username
	Outcome AttemptOutcome
}

// AttemptOutcome is what came of a call that was tried.
type AttemptOutcome string

// What can come of a call.
const (
	AttemptCalled AttemptOutcome = "called"       // they answered, and it is not settled yet
	AttemptNobody AttemptOutcome = "nobody"       // nobody answered
	AttemptWrong  AttemptOutcome = "wrong_number" // somebody else answered
)

// TaskTried is a call that somebody tried; the task stays open.
type TaskTried struct {
	Actor   Actor
	Office  string
	ID      int64
	Outcome AttemptOutcome
}

// AttemptWrite writes an attempt down.
type AttemptWrite struct {
	Office  *Office
	ID      int64
	Attempt Attempt
	Audit   AuditEntry
}

// TryTask notes a call that was tried. Errors: not_found; wrong_state for a task
// that is done.
func (s *Scheduler) TryTask(ctx context.Context, t TaskTried) error {
	office, err := s.officeFor(ctx, t.Actor, t.Office)
	if err != nil {
		return err
	}
	now := s.now()
	w := AttemptWrite{
		Office: office, ID: t.ID, Attempt: Attempt{At: now, By: t.Actor.Username, Outcome: t.Outcome},
		Audit: auditOf(t.Actor, "task.attempt", itoa(t.ID), now, nil, nil),
	}
	w.Audit.After = fmt.Sprintf(`{"outcome":%q}`, t.Outcome)
	return s.Tasks.TryTask(ctx, w)
}
