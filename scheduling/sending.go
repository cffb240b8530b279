package scheduling

import (
	"context"
	"time"
)

// Sending is whether an office's messages go out, and what they cost.
type Sending struct {
	Stopped   bool
	ChangedBy string    // username; empty: never changed
	ChangedAt time.Time // zero: never changed
	// Owed counts what is planned and due by now, up to a hundred thousand.
	Owed int
	// Segments are those of this month, by the office's calendar; Messages those
	// of today.
	Segments, Messages int
}

// SendingWrite turns the switch.
type SendingWrite struct {
	Office  *Office
	Stopped bool
	Audit   AuditEntry
	Now     time.Time
}

// SendingOf answers the switch of an office. Errors: not_found.
func (s *Scheduler) SendingOf(ctx context.Context, a Actor, code string) (*Office, Sending, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, Sending{}, err
	}
	out, err := s.Ledger.Sending(ctx, office, s.now())
	return office, out, err
}

// SetSending stops all sending of an office, or lets it go on. What is owed is
// kept: let go on, what is still worth sending goes out. Errors: not_found.
func (s *Scheduler) SetSending(ctx context.Context, a Actor, code string, stopped bool) (*Office, Sending, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, Sending{}, err
	}
	now, action := s.now(), "sending.go_on"
	if stopped {
		action = "sending.stop"
	}
	w := SendingWrite{Office: office, Stopped: stopped, Now: now, Audit: auditOf(a, action, office.Code, now, nil, nil)}
	if err := s.Ledger.SetSending(ctx, w); err != nil {
		return nil, Sending{}, err
	}
	s.nudge()
	out, err := s.Ledger.Sending(ctx, office, now)
	return office, out, err
}
