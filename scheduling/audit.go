package scheduling

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"magpie/scheduling/account"
)

// Trail is the append-only record of who did what.
type Trail interface {
	Record(ctx context.Context, e AuditEntry) error
	// Entries lists an office's entries, newest first.
	Entries(ctx context.Context, officeID int64, p Page) ([]AuditEntry, string, error)
}

// auditState is what the record says of an appointment: where it stood and
// when, by codes. Nothing of it is personal, so nothing of it must be erased
// before its time.
type auditState struct {
	Status     Status `json:"status"`
	Service    string `json:"service"`
	Start      string `json:"start"`
	End        string `json:"end"`
	Room       string `json:"room,omitempty"`
	Counsellor string `json:"counsellor,omitempty"`
	Heads      int    `json:"heads"`
}

func stateOf(a *Appointment) string {
	if a == nil {
		return ""
	}
	text, err := json.Marshal(auditState{
		Status: a.Status, Service: a.Service.Code, Heads: a.Heads, Room: a.Room.Code, Counsellor: a.Counsellor.Username,
		Start: a.Start.UTC().Format(time.RFC3339), End: a.End.UTC().Format(time.RFC3339),
	})
	if err != nil {
		panic("encode strings and a number: " + err.Error())
	}
	return string(text)
}

// auditOf makes an entry; the store writes it in the transaction it speaks of.
func auditOf(a Actor, action, subject string, now time.Time, before, after *Appointment) AuditEntry {
	e := AuditEntry{
		At: now, Action: action, Subject: subject, OfficeID: a.OfficeID, Before: stateOf(before), After: stateOf(after),
		Actor: AuditActor{Kind: a.Kind, ID: a.StaffID, Name: a.Username, Role: a.Acting},
	}
	if a.Kind == Citizen {
		e.Actor.ID = a.Person.ID
	}
	for _, ap := range []*Appointment{before, after} {
		if ap != nil {
			e.OfficeID = ap.Office.ID
		}
	}
	return e
}

// refusal records that something was refused, and gives the refusal back.
func (s *Scheduler) refusal(ctx context.Context, a Actor, action, subject string, refused *Error) error {
	e := auditOf(a, action, subject, s.now(), nil, nil)
	e.Refused = refused.Code
	if err := s.Trail.Record(ctx, e); err != nil {
		return fmt.Errorf("record the refusal: %w", err)
	}
	return refused
}

// Refused records a refusal that was decided before a use case was reached:
// the permission table's. action is the route.
func (s *Scheduler) Refused(ctx context.Context, a Actor, action, subject string, code Code) error {
	e := auditOf(a, action, subject, s.now(), nil, nil)
	e.Refused = code
	return s.Trail.Record(ctx, e)
}

// Audit lists who did what at an office, newest first.
func (s *Scheduler) Audit(ctx context.Context, a Actor, code string, p Page) ([]AuditEntry, string, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, "", err
	}
	if a.Scope != account.Office {
		return nil, "", Forbidden()
	}
	return s.Trail.Entries(ctx, office.ID, p)
}
