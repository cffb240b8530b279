package scheduling

import (
	"context"
	"fmt"
	"time"
)

const (
	// eraseAfter is how long somebody who asked to be erased may change their mind.
	eraseAfter = 7 * 24 * time.Hour
	// KeptAfterEnd is how long after the end of what is booked its people are kept
	// in any case, so that the desk can close the day.
	KeptAfterEnd = 24 * time.Hour
)

// OwnData is everything that is kept under a citizen's number, but for the code
// word. Of other people there is nothing in it.
type OwnData struct {
	Number Private
	Wish   ContactWish
	// Appointments are those booked with the number, past and coming, by start.
	Appointments []Appointment
	// EraseAt is when what is kept will be erased, as asked for, UTC; zero: nobody
	// asked.
	EraseAt time.Time
}

// ErasureWrite is a citizen's wish to be erased.
type ErasureWrite struct {
	Person int64
	// Verification is the id whose code is used up.
	Verification string
	// At is the earliest time at which the person may be erased.
	At    time.Time
	Audit AuditEntry
}

// Erasures keeps who asked to be erased.
type Erasures interface {
	// AskErasure uses the code up and writes the time down; one that stands there
	// stays. not_found: another request used the code first.
	AskErasure(ctx context.Context, w ErasureWrite) error
	// KeepData takes the time back, and writes the audit if there was one.
	KeepData(ctx context.Context, person int64, e AuditEntry) error
}

// OwnData answers what is kept under the citizen's own number (Personal
// Information Protection Law, art. 45).
func (s *Scheduler) OwnData(ctx context.Context, a Actor) (OwnData, error) {
	if a.Kind != Citizen {
		return OwnData{}, Unauthenticated()
	}
	p, err := s.People.ByPhone(ctx, a.Person.Phone)
	if CodeOf(err) == CodeNotFound {
		return OwnData{}, Unauthenticated() // erased at this moment, and the token with them
	} else if err != nil {
		return OwnData{}, fmt.Errorf("look up the number: %w", err)
	}
	out := OwnData{Number: p.Phone, Wish: AnyWish()}
	if p.Wish != nil {
		out.Wish = *p.Wish
	}
	for page := (Page{Limit: 200}); ; {
		items, next, err := s.Lists.OfPerson(ctx, p.ID, page)
		if err != nil {
			return OwnData{}, err
		}
		out.Appointments = append(out.Appointments, items...)
		if page.After = next; next == "" {
			break
		}
	}
	out.EraseAt = erasedAt(p.EraseAt, out.Appointments)
	return out, nil
}

// erasedAt puts off the time that was asked for until what is booked is over.
func erasedAt(asked time.Time, booked []Appointment) time.Time {
	if asked.IsZero() {
		return asked
	}
	for _, a := range booked {
		if over := a.End.Add(KeptAfterEnd); a.Status.Open() && over.After(asked) {
			asked = over
		}
	}
	return asked
}

// AskErasure asks that everything kept under the citizen's number be erased:
// number, wish, code word, and names, numbers and notes of what was booked with
// it (Personal Information Protection Law, art. 47). Appointments stay without
// them, and the audit, which holds no personal data. The token does not suffice:
// code is one just sent to the same number, and is used up.
//
// The answer is when, UTC: seven days from now, or from when it was first asked
// for, but not before a day after the end of every appointment that is still
// open. One booked later puts it off as well. The daily job does it, so it is
// done within a day of that time. Until then nothing changes, and signing in
// does not take it back: KeepData does.
//
// Errors: as of ConfirmCode; a code that was sent to another number is invalid
// (code) too.
func (s *Scheduler) AskErasure(ctx context.Context, a Actor, verification, code string) (time.Time, error) {
	if a.Kind != Citizen {
		return time.Time{}, Unauthenticated()
	}
	now := s.now()
	if err := s.tryCode(ctx, verification, code, a.Person.Phone, now); err != nil {
		return time.Time{}, err
	}
	err := s.Erasures.AskErasure(ctx, ErasureWrite{
		Person: a.Person.ID, Verification: verification, At: now.Add(eraseAfter),
		Audit: auditOf(a, "person.erasure_asked", itoa(a.Person.ID), now, nil, nil),
	})
	if CodeOf(err) == CodeNotFound {
		return time.Time{}, wrongCode()
	} else if err != nil {
		return time.Time{}, fmt.Errorf("write down that they want to be erased: %w", err)
	}
	own, err := s.OwnData(ctx, a)
	return own.EraseAt, err
}

// KeepData takes AskErasure back. Where nobody asked it changes nothing.
func (s *Scheduler) KeepData(ctx context.Context, a Actor) error {
	if a.Kind != Citizen {
		return Unauthenticated()
	}
	return s.Erasures.KeepData(ctx, a.Person.ID, auditOf(a, "person.erasure_withdrawn", itoa(a.Person.ID), s.now(), nil, nil))
}
