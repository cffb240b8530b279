package scheduling

import (
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// Status is where an appointment stands.
type Status string

// The states of an appointment; the last three are ends.
const (
	Booked    Status = "booked"
	CheckedIn Status = "checked_in"
	InSession Status = "in_session"
	Completed Status = "completed"
	Cancelled Status = "cancelled"
	NoShow    Status = "no_show"
)

// Open says whether the appointment still takes up time.
func (s Status) Open() bool { return s == Booked || s == CheckedIn || s == InSession }

// Session is a meeting in a room with a counsellor.
type Session struct {
	ID         int64
	OfficeID   int64
	ServiceID  int64
	Room       int64
	Counsellor int64
	Start      time.Time
	End        time.Time
	// ClaimEnd is until when room and counsellor are taken: the end and the
	// buffer, or earlier once the rest was given back.
	ClaimEnd time.Time
	// Taken counts the open appointments and live holds in it, Heads the
	// people in these.
	Taken  int
	Places int
	Heads  int
	Seats  int
	// Date is the local date on which it counts as one of its counsellor's.
	Date calendar.Date
}

// Claim is the time that the session takes from its room and counsellor.
func (s Session) Claim() calendar.Span { return calendar.Span{From: s.Start, To: s.ClaimEnd} }

// Party is somebody who comes.
type Party struct {
	ID    int64
	Name  Private
	Phone Private
	// Person holds the party's sealing key: the counting person for the party
	// that counts, one of its own for every other.
	Person Person
	// Attendance is whether they came, where somebody wrote it down.
	Attendance Attendance
}

// Contact is somebody of the family who books for the parties.
type Contact struct {
	Name     Private
	Phone    Private
	Relation Private
}

// Wish is what a citizen asks for beyond the time.
type Wish struct {
	Counsellor string // username
	Gender     string // female, male
	Accessible bool
}

// Appointment is somebody's place in a session.
type Appointment struct {
	ID        int64
	Reference string
	Office    *Office
	Service   Service
	Session   Session
	Status    Status
	Start     time.Time
	End       time.Time
	Parties   []Party
	Contact   *Contact
	// Heads is how many people come.
	Heads int
	// Asker is the person who counts; zero where nobody does.
	Asker Person
	// Notified is who gets the messages: the asker, or an unproven number.
	Notified   Person
	Wish       Wish
	Room       Room
	Counsellor Staff
	Locale     string
	Note       Private
	Reason     Private
	Needs      []Need
	Title      string // how the asker is spoken to: "", Ms or Mr
	Silent     bool   // it owes no message
	// ByCitizen says that a citizen chose its time, and not the desk: then it is
	// one of those that kept_for_desk bounds.
	ByCitizen bool
	// Revision rises with every move; messages of older ones are not sent.
	Revision int
	// ConfirmedAt is when the person answered that they come; zero: they have not.
	ConfirmedAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// PartyView is what one actor may see of one party.
type PartyView struct {
	ID         int64
	Name       string
	Phone      string
	Attendance Attendance
}

// OwnEntry is the asker's own entry: the contact's where one books for
// somebody of the family, the first party's otherwise.
func (a Appointment) OwnEntry() PartyView {
	if a.Contact != nil {
		return PartyView{Name: a.Contact.Name.Reveal(), Phone: a.Contact.Phone.Reveal()}
	}
	if len(a.Parties) == 0 {
		return PartyView{}
	}
	p := a.Parties[0]
	return PartyView{ID: p.ID, Name: p.Name.Reveal(), Phone: p.Phone.Reveal()}
}

// Others counts the people besides the asker's own entry.
func (a Appointment) Others() int {
	if a.Contact != nil {
		return a.Heads
	}
	return max(a.Heads-1, 0)
}

// PartiesFor answers what a member of staff may see: desk and director name
// and number, the session's counsellor the name and the last four digits,
// everybody else neither.
func (a Appointment) PartiesFor(actor Actor) []PartyView {
	out := make([]PartyView, 0, len(a.Parties))
	for _, p := range a.Parties {
		view := PartyView{ID: p.ID}
		switch {
		case actor.Is(account.Desk) || actor.Is(account.Director):
			view.Name, view.Phone, view.Attendance = p.Name.Reveal(), p.Phone.Reveal(), p.Attendance
		case actor.Is(account.Counsellor) && actor.StaffID == a.Session.Counsellor:
			view.Name, view.Phone, view.Attendance = p.Name.Reveal(), p.Phone.LastFour(), p.Attendance
		}
		out = append(out, view)
	}
	return out
}

// ContactFor is PartiesFor for the contact; nil where there is none.
func (a Appointment) ContactFor(actor Actor) *PartyView {
	if a.Contact == nil {
		return nil
	}
	switch {
	case actor.Is(account.Desk) || actor.Is(account.Director):
		return &PartyView{Name: a.Contact.Name.Reveal(), Phone: a.Contact.Phone.Reveal()}
	case actor.Is(account.Counsellor) && actor.StaffID == a.Session.Counsellor:
		return &PartyView{Name: a.Contact.Name.Reveal(), Phone: a.Contact.Phone.LastFour()}
	}
	return nil
}
