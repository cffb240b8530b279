package scheduling

import (
	"context"
	"errors"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

var (
	// ErrLost says that what was decided on is no longer so: a claim was
	// refused, a revision rose, an id was taken. Nothing was written; decide
	// again on fresh facts.
	ErrLost = errors.New("the facts have changed")
	// ErrAnswered says that the idempotency key has an answer already.
	ErrAnswered = errors.New("the key has an answer already")
)

// Digest is a SHA-256.
type Digest [32]byte

// Remember is the row that makes a request safe to repeat. It is written as
// the first statement of its transaction, with the whole answer, so that a
// second request with the key waits for the first and then reads it.
type Remember struct {
	ID     Digest // of caller, route and key; zero: the request has no key
	Body   Digest
	Answer []byte // sealed by the store
}

// None says that there is nothing to remember.
func (r Remember) None() bool { return r.ID == Digest{} }

// Claim is what a session takes of one resource on one UTC day.
type Claim struct {
	Resource Resource
	Day      calendar.Day
	// Busy are the quanta taken; Clear those in which no leave may lie.
	Busy  calendar.Words
	Clear calendar.Words
	// Known says that the row exists; otherwise it is inserted.
	Known bool
}

// Seat says how an appointment or a hold gets its place.
type Seat struct {
	// Session is made, unless Join or Hold says that it exists.
	Session Session
	// Join takes a place in a class session that is on.
	Join bool
	// Hold is the hold whose place is used; 0: none. HoldHeads is how many
	// people it kept room for.
	Hold      int64
	HoldHeads int
	// GiveUp is a hold whose place is too small for those who come, and which
	// ends so that the new session may lie where it lay; 0: none.
	GiveUp int64
	// Share is what the place is to the part of the day that citizens may take.
	Share Share
	// Claims of the room and the counsellor, in the order of their rows.
	Claims []Claim
	// SessionsCap is the counsellor's sessions_per_day; 0: no limit.
	SessionsCap int
}

// NewPerson is a person to be written: the asker with a number never seen, or
// a party that does not count and has a sealing key of its own.
type NewPerson struct {
	Person Person
	// Claimed says that the number stands for the person from now on.
	Claimed bool
}

// OwedMessage is a message of the appointment's present revision.
type OwedMessage = messages.Due

// BookingWrite is everything that one booking writes, in one transaction.
type BookingWrite struct {
	Remember     Remember
	Appointment  Appointment
	Seat         Seat
	PersonClaims []Claim
	NewPersons   []NewPerson
	// Word is the code word that becomes the asker's; without a hash theirs stays.
	Word WordWrite
	// OpenCap is open_per_person; 0: counted without a limit.
	OpenCap  int
	Messages []OwedMessage
	Audit    AuditEntry
	Now      time.Time
}

// MoveWrite moves an appointment: what is new is in the BookingWrite.
type MoveWrite struct {
	BookingWrite
	Old Appointment
	// Change is what staff may take back; nil: nothing is.
	Change *LastChange
	// Untell says that this takes a change back.
	Untell *Untell
	// Offer is the offer of which this takes a time; zero: none.
	Offer OfferEnd
}

// AdvanceWrite changes an appointment's status, and frees what is left.
type AdvanceWrite struct {
	Remember Remember
	Old      Appointment
	To       Status
	Reason   Private
	// FreeFrom is from when the person, and the resources once the session
	// is empty, are free again; zero: nothing is freed.
	FreeFrom time.Time
	// Buffer is kept after FreeFrom for room and counsellor.
	Buffer time.Duration
	// GiveBack says that the session did not take place and is not counted.
	GiveBack bool
	// KeepUntil is until when the place is kept by a hold of the number KeepID,
	// after a cancellation by the reply Reply to the message Answers; zero: it
	// is not.
	KeepUntil time.Time
	KeepID    int64
	Reply     Digest
	Answers   int64
	Messages  []OwedMessage
	Change    *LastChange // that staff may take back; nil: nothing is
	Audit     AuditEntry
	Now       time.Time
}

// Remembered is a stored answer.
type Remembered struct {
	Body   Digest
	Answer []byte
}

// Bookings reads the facts and writes decisions. Book, Move and Advance answer
// ErrLost, ErrAnswered, or an *Error such as overlap or limit_reached; each
// writes everything or nothing.
type Bookings interface {
	Facts(ctx context.Context, q FactsQuery) (*Facts, error)
	Book(ctx context.Context, w BookingWrite) error
	Move(ctx context.Context, w MoveWrite) error
	Advance(ctx context.Context, w AdvanceWrite) error
	// Answer gives the answer remembered under a key; not_found: none.
	Answer(ctx context.Context, id Digest, now time.Time) (Remembered, error)
	// Settle returns when no handing over of an older revision's message can
	// begin any more.
	Settle(ctx context.Context, appointment int64) error
}

// HoldWrite is everything that one hold writes.
type HoldWrite struct {
	Remember  Remember
	ID        int64
	Secret    Digest // of the secret
	OfficeID  int64
	Revision  int64
	Start     time.Time
	Seat      Seat
	Heads     int
	Person    int64  // 0: without a token
	Address   string // without a token; hashed by the store
	ExpiresAt time.Time
	Wish      Wish
	// AddressCap and StartCap bound the live holds without a token, of the
	// address and of the start; 0: no limit. PersonCap those of a person.
	AddressCap, StartCap, PersonCap int
	// Cooling is how long an address may not hold a start again after its
	// hold there ended unused; 0: no limit.
	Cooling time.Duration
	Now     time.Time
}

// HeldTime is a live hold as stored.
type HeldTime struct {
	ID        int64
	OfficeID  int64
	Session   Session
	Heads     int
	Person    int64
	ExpiresAt time.Time
	Renewed   bool
	Wish      Wish
	// ByCitizen says that a citizen keeps it, and not the desk.
	ByCitizen bool
}

// Holds keeps times for a while.
type Holds interface {
	Hold(ctx context.Context, w HoldWrite) error
	// Held answers a live hold by its secret's digest; not_found: none.
	Held(ctx context.Context, secret Digest, now time.Time) (HeldTime, error)
	// Renew moves the end once; wrong_state the second time.
	Renew(ctx context.Context, r Remember, id int64, until, now time.Time) error
	Drop(ctx context.Context, id int64, now time.Time) error
	// ClearHolds gives back the places of holds that have ended.
	ClearHolds(ctx context.Context, ended []EndedHold, now time.Time) error
}

// claims are what a session takes of its room and counsellor, in the order in
// which rows are claimed everywhere: kind, resource, day.
func (s Session) claims(f *Facts) []Claim {
	busy, clear := calendar.Mask(s.Claim()), calendar.Mask(calendar.Span{From: s.Start, To: s.End})
	var out []Claim
	for _, r := range []Resource{{RoomResource, s.Room}, {CounsellorResource, s.Counsellor}} {
		out = append(out, claimsOf(f, r, busy, clear)...)
	}
	return out
}

// personClaims are what a session takes of the person who counts.
func (s Session) personClaims(f *Facts, person int64) []Claim {
	if person == 0 {
		return nil
	}
	mask := calendar.Mask(calendar.Span{From: s.Start, To: s.End})
	return claimsOf(f, Resource{PersonResource, person}, mask, nil)
}

func claimsOf(f *Facts, r Resource, busy, clear []calendar.DayWords) []Claim {
	out := make([]Claim, 0, len(busy))
	for _, m := range busy {
		c := Claim{Resource: r, Day: m.Day, Busy: m.Words, Known: f.Knows(r, m.Day)}
		for _, n := range clear {
			if n.Day == m.Day {
				c.Clear = n.Words
			}
		}
		out = append(out, c)
	}
	return out
}
