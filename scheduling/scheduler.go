package scheduling

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Scheduler is the use cases. Every way in (API, pages, commands, jobs) calls
// it; what it needs of a store is in the small interfaces of its fields.
type Scheduler struct {
	Offices     Offices
	Bookings    Bookings
	Holds       Holds
	Lists       Appointments
	People      People
	Words       Words
	Tallies     Tallies
	Accounts    Accounts
	Logins      Logins
	Passkeys    Passkeys
	Challenges  Challenges
	Leave       Leave
	Diaries     Diaries
	Outsides    Outsides
	Trail       Trail
	Wishes      Wishes
	Erasures    Erasures
	Ledger      Ledger
	Tasks       Tasks
	Replies     Replies
	TextHistory TextHistory
	Marks       Marks
	Changes     Changes
	// OfficeHistory and Links are what setting up by pages needs.
	OfficeHistory OfficeHistory
	Links         Links
	Holidays      Holidays
	Courses       Courses
	SetUps        SetUps
	Offers        Offers

	// WriteOffice writes an office file, as package office does.
	WriteOffice func(*Office) []byte
	// ReadOffice reads an office file, or tells what is wrong with it; DiffOffice
	// lists what is different, a line each. They are package office's.
	ReadOffice func(file []byte) (*Office, []FileProblem)
	DiffOffice func(old, new *Office) []string
	// Identities is the offices' own log-in service; nil: there is none.
	Identities Identities
	// OutsideReader reads counsellors' calendars elsewhere.
	OutsideReader OutsideReader
	// Gateways are those that messages go through, the first one first.
	Gateways []messages.Gateway
	// Now is the clock; the instant of one use case is read once.
	Now func() time.Time
	// Settings are the office-independent rules from the environment.
	Settings Settings
	// Nudge tells the sender of messages that something may be due.
	Nudge func()
	Log   *slog.Logger
}

// Settings are the rules that the environment decides.
type Settings struct {
	VerifyPhones bool
	RateLimits   bool
	// Mail says that there is a server for e-mail.
	Mail bool
	// Origin is the scheme and host of the public address, to which passkeys are
	// bound.
	Origin string
	// IdentityOffices are the codes of the offices that have Identities.
	IdentityOffices []string
	// Address is the fixed web address that a text may name.
	Address string
}

// Offices gives offices as their files say them.
type Offices interface {
	// Office answers not_found for a code that no office has.
	Office(ctx context.Context, code string) (*Office, error)
	OfficeByID(ctx context.Context, id int64) (*Office, error)
	// Fresh is Office as it is now, and not as it was a moment ago.
	Fresh(ctx context.Context, code string) (*Office, error)
	List(ctx context.Context) ([]*Office, error)
	// Statutory is the calendar of legal working days.
	Statutory(ctx context.Context) (*calendar.Statutory, error)
	Apply(ctx context.Context, w OfficeWrite) error
}

// now is the instant of a use case: UTC and whole seconds.
func (s *Scheduler) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
