package scheduling

import (
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// Idempotency names a request that may come more than once: its
// Idempotency-Key, the route it came by and a digest of its body. An empty key
// means that the request has none.
type Idempotency struct {
	Key   string // 1 to 255 characters
	Route string // method and path, with the parameters filled in
	Body  []byte // as received
}

// Search asks for free time.
type Search struct {
	Office  string
	Service string
	From    calendar.Date
	To      calendar.Date // included; at most 62 days in all
	Parties int           // 0: the service's least
	Wish    Wish
}

// Slot is a start that is still free.
type Slot struct {
	Start time.Time
	End   time.Time
	// Free counts the sessions that could still start then, or the places in
	// a class.
	Free int
}

// ClosedCode says why a day offers nothing.
type ClosedCode string

// The reasons of the contract.
const (
	DayClosed    ClosedCode = "closed"
	DayHoliday   ClosedCode = "holiday"
	DayFull      ClosedCode = "full"
	DayNotOpen   ClosedCode = "not_open"
	DayPast      ClosedCode = "past"
	DayNotLoaded ClosedCode = "calendar_not_loaded"
)

// Closed is the reason in words beside its code.
type Closed struct {
	Code ClosedCode
	Text Text
}

// Day is a day's free starts, or why there are none.
type Day struct {
	Date   calendar.Date
	Closed *Closed
	Slots  []Slot
}

// HoldRequest keeps a time for somebody who is still typing.
type HoldRequest struct {
	Actor       Actor
	Idempotency Idempotency
	Office      string
	Service     string
	Start       time.Time
	Parties     int // 0: the service's least
	Wish        Wish
}

// Hold is a time that is kept. Secret is 128 random bits in text; who knows
// it may use, renew or give back the hold.
type Hold struct {
	Secret    string
	ExpiresAt time.Time
}

// HoldChange renews a hold or gives it back.
type HoldChange struct {
	Actor       Actor
	Idempotency Idempotency
	Office      string
	Secret      string
}

// PartyRequest is a party as entered.
type PartyRequest struct {
	Name  Private
	Phone Private
}

// ContactRequest is the contact as entered.
type ContactRequest struct {
	Name     Private
	Phone    Private
	Relation Private
}

// Booking asks for an appointment, by a citizen or by the desk.
type Booking struct {
	Actor       Actor
	Idempotency Idempotency
	Office      string
	Service     string
	Start       time.Time
	Parties     []PartyRequest
	Contact     *ContactRequest
	Hold        string // the hold's secret, or empty
	Wish        Wish
	Locale      string // "zh" (also when empty) or "en"
	Note        Private
	Needs       []Need
	Title       string // how the asker is spoken to: "", Ms or Mr
	// Silent: this booking owes no message, now or after a move or a
	// cancellation.
	Silent bool
	// CodeWord becomes that of the number that counts; empty: its own stays.
	CodeWord Private
}

// Change cancels, moves or advances an appointment.
type Change struct {
	Actor       Actor
	Idempotency Idempotency // Key may be empty but for moves
	Reference   string
	Reason      Private   // Cancel
	Start       time.Time // Move
	Hold        string    // Move
	// End, Counsellor (a username) and Room (a code) are where staff want it to
	// lie beside; what is empty is kept or left to the office.
	End        time.Time
	Counsellor string
	Room       string
}

// placed says that staff say more than when it is to begin.
func (c Change) placed() bool { return !c.End.IsZero() || c.Counsellor != "" || c.Room != "" }

// Filter narrows the staff's list of appointments.
type Filter struct {
	Actor      Actor
	Office     string
	From       calendar.Date
	To         calendar.Date // included
	Counsellor string
	Room       string
	Service    string
	Status     Status
	Page       Page
}

// Page asks for a part of a list: at most Limit items after the opaque mark.
type Page struct {
	Limit int
	After string
}

// Verification is a code on its way to a number.
type Verification struct {
	ID        string
	ExpiresAt time.Time
	ResendAt  time.Time
}

// TimeOff is leave or training of a member of staff: whole days of the office,
// or some hours of each.
type TimeOff struct {
	ID        int64
	From      calendar.Date
	To        calendar.Date   // included
	Hours     calendar.Period // of each day; zero: all of it
	Reason    Private
	CreatedAt time.Time
}

// TimeOffRequest enters leave; with Force it goes over what is booked, and with
// All or a Plan what is booked is handed over as well.
type TimeOffRequest struct {
	Actor       Actor
	Idempotency Idempotency
	Office      string
	Username    string
	From        calendar.Date
	To          calendar.Date
	Hours       calendar.Period // of each day; zero: all of it
	Reason      Private
	Force       bool
	// All hands what the plan does not speak of to whom it suits best.
	All  bool
	Plan []PlanItem
}

// Login is a log-in of a member of staff.
type Login struct {
	Office   string
	Username string
	Password Private
	// OTP is an authenticator's code or a recovery code; zero: none was given.
	OTP Private
	// Passkey is shown in place of a code; nil: none was.
	Passkey *Signature
	// Role is that in which the log-in acts; empty: in all of the member's.
	Role    account.Role
	Address string
	// Agent is the User-Agent; no more than two coarse words of it are kept.
	Agent string
}

// AuditEntry is one line of who did what. Before and After hold states,
// times and codes, never personal data.
type AuditEntry struct {
	ID       int64
	At       time.Time
	Actor    AuditActor
	Action   string // "appointment.book", "appointment.cancel", "staff.login", …
	OfficeID int64
	Subject  string // a reference, a username, …
	Refused  Code   // empty where it was done
	Before   string // JSON, or empty
	After    string // JSON, or empty
}

// AuditActor is who did it, by id.
type AuditActor struct {
	Kind ActorKind
	ID   int64  // person or staff
	Name string // a member of staff's username
	// Role is that in which they acted; empty: in all of theirs.
	Role account.Role
}
