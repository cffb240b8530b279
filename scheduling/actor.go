package scheduling

import (
	"slices"
	"time"

	"magpie/scheduling/account"
)

// ActorKind says on whose behalf something is done.
type ActorKind string

// The kinds of actors, as the audit names them.
const (
	Anonymous ActorKind = "anonymous"
	Citizen   ActorKind = "citizen"
	StaffKind ActorKind = "staff"
	System    ActorKind = "system"
)

// Actor is who asks.
type Actor struct {
	Kind ActorKind
	// Person is the number that counts, for citizens.
	Person Person
	// StaffID, OfficeID and Roles are set for staff.
	StaffID  int64
	OfficeID int64
	Office   string
	Username string
	Roles    []account.Role
	// Acting is the one role in which the log-in acts, which Roles then is;
	// empty: all of the member's count.
	Acting account.Role
	// Limited says that the office wants a second factor of this member, who has
	// none: only the routes of account.WithoutFactor are open, and Roles is empty.
	Limited bool
	// Scope is what the permission table gives this actor on this route.
	Scope account.Scope
	// Address is the network address, an IPv6 one as its /64.
	Address string
	// TokenHash names the token that was shown, so that it can be ended.
	TokenHash []byte
}

// Is says whether the actor has a role.
func (a Actor) Is(role account.Role) bool { return slices.Contains(a.Roles, role) }

// Caller is whose idempotency keys these are: the person, the staff member,
// or the address where there is no token.
func (a Actor) Caller() string {
	switch a.Kind {
	case Citizen:
		return "person:" + itoa(a.Person.ID)
	case StaffKind:
		return "staff:" + itoa(a.StaffID)
	default:
		return "address:" + a.Address
	}
}

// Person is somebody who counts: a proven or entered number behind a random
// id. A second name under the number is a label, never a second person.
type Person struct {
	ID    int64
	Phone Private
	// Key is the person's own key, unwrapped; it never leaves memory.
	Key []byte
	// Wish is how they want to be reached; nil: they never said.
	Wish *ContactWish
	// EraseAt is from when on they may be erased, as they asked; zero: they did
	// not.
	EraseAt time.Time
}

// Token is a bearer token, shown once: 256 random bits, kept hashed.
type Token struct {
	Token     string
	ExpiresAt time.Time
}
