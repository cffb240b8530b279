package store

import (
	"fmt"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// The rows are private: nothing outside this package sees one, and none is
// ever encoded.

type sessionRow struct {
	ID           int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID     int64
	ServiceID    int64
	RoomID       int64
	CounsellorID int64
	StartAt      int64
	EndAt        int64
	ClaimEnd     int64
	Taken        int
	Places       int
	Heads        int
	Seats        int
	Date         int32
	Status       int
}

// The states of a session.
const (
	sessionOn        = 0
	sessionGivenBack = 1
	sessionOver      = 2
)

func (sessionRow) TableName() string { return "sessions" }

func sessionToRow(s scheduling.Session) sessionRow {
	return sessionRow{
		ID: s.ID, OfficeID: s.OfficeID, ServiceID: s.ServiceID, RoomID: s.Room, CounsellorID: s.Counsellor,
		StartAt: unix(s.Start), EndAt: unix(s.End), ClaimEnd: unix(s.ClaimEnd),
		Taken: s.Taken, Places: s.Places, Heads: s.Heads, Seats: s.Seats, Date: int32(s.Date),
	}
}

func (r sessionRow) session() scheduling.Session {
	return scheduling.Session{
		ID: r.ID, OfficeID: r.OfficeID, ServiceID: r.ServiceID, Room: r.RoomID, Counsellor: r.CounsellorID,
		Start: at(r.StartAt), End: at(r.EndAt), ClaimEnd: at(r.ClaimEnd),
		Taken: r.Taken, Places: r.Places, Heads: r.Heads, Seats: r.Seats, Date: calendar.Date(r.Date),
	}
}

type appointmentRow struct {
	ID              int64 `gorm:"primaryKey;autoIncrement:false"`
	Reference       string
	OfficeID        int64
	ServiceID       int64
	SessionID       int64
	Status          string
	StartAt         int64
	EndAt           int64
	ClaimEnd        int64 // until when the person who counts is taken
	Heads           int
	AskerID         int64
	NotifiedID      int64
	KeeperID        int64
	WishCounsellor  string
	WishGender      string
	WishAccessible  int
	Locale          string
	Note            []byte
	Reason          []byte
	ContactName     []byte
	ContactRelation []byte
	Counted         int
	Revision        int
	Erased          int
	ConfirmedAt     int64
	Asks            []byte
	Silent          int
	ByCitizen       int
	CreatedAt       int64 `gorm:"autoCreateTime:false"`
	UpdatedAt       int64 `gorm:"autoUpdateTime:false"`
}

func (appointmentRow) TableName() string { return "appointments" }

// appointmentToRow seals what is personal under the keeper's key.
func appointmentToRow(a scheduling.Appointment) appointmentRow {
	key := a.Keeper().Key
	r := appointmentRow{
		ID: a.ID, Reference: a.Reference, OfficeID: a.Office.ID, ServiceID: a.Service.ID, SessionID: a.Session.ID,
		Status: string(a.Status), StartAt: unix(a.Start), EndAt: unix(a.End), ClaimEnd: unix(a.End), Heads: a.Heads,
		AskerID: a.Asker.ID, NotifiedID: a.Notified.ID, KeeperID: a.Keeper().ID,
		WishCounsellor: a.Wish.Counsellor, WishGender: a.Wish.Gender, WishAccessible: flag(a.Wish.Accessible),
		Locale: a.Locale, Revision: a.Revision, ConfirmedAt: unix(a.ConfirmedAt), CreatedAt: unix(a.CreatedAt), UpdatedAt: unix(a.UpdatedAt),
		Note:   sealText(key, a.Note, inAppointment("note", a.ID)),
		Reason: sealText(key, a.Reason, inAppointment("reason", a.ID)),
		Asks:   sealText(key, asksToSeal(a), inAppointment("asks", a.ID)), Silent: flag(a.Silent),
		ByCitizen: flag(a.ByCitizen),
	}
	if a.Asker.ID != 0 && a.Status.Open() {
		r.Counted = 1
	}
	if a.Contact != nil {
		r.ContactName = sealText(key, a.Contact.Name, inAppointment("contact_name", a.ID))
		r.ContactRelation = sealText(key, a.Contact.Relation, inAppointment("contact_relation", a.ID))
	}
	return r
}

type partyRow struct {
	ID            int64 `gorm:"primaryKey;autoIncrement:false"`
	AppointmentID int64
	Position      int
	PersonID      int64
	Name          []byte
	Phone         []byte
	Attendance    string
}

func (partyRow) TableName() string { return "parties" }

// partyToRow seals a party. A number that stands with the person is not
// written again.
func partyToRow(appointment int64, position int, p scheduling.Party) partyRow {
	r := partyRow{
		ID: p.ID, AppointmentID: appointment, Position: position, PersonID: p.Person.ID,
		Name: sealText(p.Person.Key, p.Name, inParty("name", p.ID)), Attendance: string(p.Attendance),
	}
	if p.Person.Phone.IsZero() {
		r.Phone = sealText(p.Person.Key, p.Phone, inParty("phone", p.ID))
	}
	return r
}

type personRow struct {
	ID         int64 `gorm:"primaryKey;autoIncrement:false"`
	WrappedKey []byte
	KeyID      string
	Phone      []byte
	Wish       []byte
	CodeWord   []byte
	EraseAt    int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (personRow) TableName() string { return "persons" }

type contactRow struct {
	Hash     []byte `gorm:"primaryKey"`
	KeyID    string
	PersonID int64
}

func (contactRow) TableName() string { return "contacts" }

func (s *Store) personToRow(p scheduling.Person, now int64) personRow {
	return personRow{
		ID: p.ID, KeyID: s.keys.active, CreatedAt: now,
		WrappedKey: s.keys.sealMaster(p.Key, inPerson("wrapped_key", p.ID)),
		Phone:      sealText(p.Key, p.Phone, inPerson("phone", p.ID)),
	}
}

// person unwraps the key and opens the number.
func (s *Store) person(r personRow) (scheduling.Person, error) {
	key, err := s.keys.openMaster(r.WrappedKey, inPerson("wrapped_key", r.ID))
	if err != nil {
		return scheduling.Person{}, err
	}
	phone, err := openText(key, r.Phone, inPerson("phone", r.ID))
	if err != nil {
		return scheduling.Person{}, err
	}
	wish, err := openWish(key, r.Wish, r.ID)
	return scheduling.Person{ID: r.ID, Key: key, Phone: phone, Wish: wish, EraseAt: at(r.EraseAt)}, err
}

type auditRow struct {
	ID          int64 `gorm:"primaryKey"`
	OfficeID    int64
	At          int64
	ActorKind   string
	ActorID     int64
	ActorName   string
	ActorRole   string
	Action      string
	Subject     string
	Refused     string
	BeforeState string
	AfterState  string
}

func (auditRow) TableName() string { return "audit" }

func auditToRow(e scheduling.AuditEntry) auditRow {
	return auditRow{
		OfficeID: e.OfficeID, At: unix(e.At), ActorKind: string(e.Actor.Kind), ActorID: e.Actor.ID,
		ActorName: e.Actor.Name, ActorRole: string(e.Actor.Role), Action: clip(e.Action, 100), Subject: clip(e.Subject, 64), Refused: string(e.Refused),
		BeforeState: e.Before, AfterState: e.After,
	}
}

func (r auditRow) entry() scheduling.AuditEntry {
	return scheduling.AuditEntry{
		ID: r.ID, At: at(r.At), OfficeID: r.OfficeID, Action: r.Action, Subject: r.Subject,
		Actor:   scheduling.AuditActor{Kind: scheduling.ActorKind(r.ActorKind), ID: r.ActorID, Name: r.ActorName, Role: account.Role(r.ActorRole)},
		Refused: scheduling.Code(r.Refused), Before: r.BeforeState, After: r.AfterState,
	}
}

// Where a sealed value stands: the additional data that binds it there.
func inAppointment(column string, id int64) string { return where("appointments", column, id) }
func inParty(column string, id int64) string       { return where("parties", column, id) }
func inPerson(column string, id int64) string      { return where("persons", column, id) }

func where(table, column string, id int64) string {
	return fmt.Sprintf("%s|%s|%d", table, column, id)
}

// sealText seals a text; nothing stays nothing.
func sealText(key []byte, p scheduling.Private, where string) []byte {
	if p.IsZero() {
		return nil
	}
	return sealWith(key, []byte(p.Reveal()), where)
}

func openText(key, sealed []byte, where string) (scheduling.Private, error) {
	if len(sealed) == 0 {
		return scheduling.Private{}, nil
	}
	plain, err := openWith(key, sealed, where)
	return scheduling.NewPrivate(string(plain)), err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
