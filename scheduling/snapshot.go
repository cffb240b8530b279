package scheduling

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"magpie/scheduling/calendar"
)

// appointmentSnapshot is an answer as it is remembered under a key. It holds
// personal data in the clear: the store seals it, and drops it after a day.
type appointmentSnapshot struct {
	ID, OfficeID                     int64
	Reference, Service               string
	Session                          sessionSnapshot
	Status                           Status
	Parties                          []partySnapshot
	Contact                          *contactSnapshot
	Heads                            int
	Asker                            int64
	Wish                             Wish
	RoomCode, CounsellorName         string
	Locale, Note, Reason             string
	Revision                         int
	CreatedAt, UpdatedAt, Start, End int64
	ConfirmedAt                      int64  `json:",omitempty"`
	Needs                            []Need `json:",omitempty"`
	Title                            string `json:",omitempty"`
	Silent                           bool   `json:",omitempty"`
}

type sessionSnapshot struct {
	ID, Room, Counsellor int64
	Date                 calendar.Date
}

type partySnapshot struct {
	ID          int64
	Name, Phone string
	Attendance  Attendance `json:",omitempty"`
}

type contactSnapshot struct {
	Name, Phone, Relation string
}

func encodeAppointment(a Appointment) appointmentSnapshot {
	out := appointmentSnapshot{
		ID: a.ID, OfficeID: a.Office.ID, Reference: a.Reference, Service: a.Service.Code,
		Session: sessionSnapshot{ID: a.Session.ID, Room: a.Session.Room, Counsellor: a.Session.Counsellor, Date: a.Session.Date},
		Status:  a.Status, Heads: a.Heads, Asker: a.Asker.ID, Wish: a.Wish,
		RoomCode: a.Room.Code, CounsellorName: a.Counsellor.Username,
		Locale: a.Locale, Note: a.Note.Reveal(), Reason: a.Reason.Reveal(), Revision: a.Revision,
		Needs: a.Needs, Title: a.Title, Silent: a.Silent,
		CreatedAt: a.CreatedAt.Unix(), UpdatedAt: a.UpdatedAt.Unix(), Start: a.Start.Unix(), End: a.End.Unix(),
	}
	if !a.ConfirmedAt.IsZero() {
		out.ConfirmedAt = a.ConfirmedAt.Unix()
	}
	for _, p := range a.Parties {
		out.Parties = append(out.Parties, partySnapshot{p.ID, p.Name.Reveal(), p.Phone.Reveal(), p.Attendance})
	}
	if c := a.Contact; c != nil {
		out.Contact = &contactSnapshot{c.Name.Reveal(), c.Phone.Reveal(), c.Relation.Reveal()}
	}
	return out
}

// decodeAppointment reads a remembered answer, in the office as it is now.
func (s *Scheduler) decodeAppointment(ctx context.Context) func([]byte) (Appointment, error) {
	return func(data []byte) (Appointment, error) {
		var in appointmentSnapshot
		if err := json.Unmarshal(data, &in); err != nil {
			return Appointment{}, fmt.Errorf("decode the remembered answer: %w", err)
		}
		office, err := s.Offices.OfficeByID(ctx, in.OfficeID)
		if err != nil {
			return Appointment{}, err
		}
		return in.in(office), nil
	}
}

func (in appointmentSnapshot) in(office *Office) Appointment {
	at := func(unix int64) time.Time { return time.Unix(unix, 0).UTC() }
	out := Appointment{
		ID: in.ID, Reference: in.Reference, Office: office, Status: in.Status, Heads: in.Heads,
		Session: Session{ID: in.Session.ID, OfficeID: in.OfficeID, Room: in.Session.Room, Counsellor: in.Session.Counsellor,
			Start: at(in.Start), End: at(in.End), Date: in.Session.Date},
		Start: at(in.Start), End: at(in.End), Asker: Person{ID: in.Asker}, Wish: in.Wish, Locale: in.Locale,
		Note: NewPrivate(in.Note), Reason: NewPrivate(in.Reason), Revision: in.Revision,
		Needs: in.Needs, Title: in.Title, Silent: in.Silent,
		CreatedAt: at(in.CreatedAt), UpdatedAt: at(in.UpdatedAt),
	}
	if in.ConfirmedAt != 0 {
		out.ConfirmedAt = at(in.ConfirmedAt)
	}
	if out.Service, _ = office.Service(in.Service); out.Service.Code == "" {
		out.Service = Service{Code: in.Service}
	}
	if out.Room, _ = office.Room(in.Session.Room); out.Room.Code == "" {
		out.Room = Room{ID: in.Session.Room, Code: in.RoomCode}
	}
	if out.Counsellor, _ = office.StaffByID(in.Session.Counsellor); out.Counsellor.Username == "" {
		out.Counsellor = Staff{ID: in.Session.Counsellor, Username: in.CounsellorName}
	}
	for _, p := range in.Parties {
		out.Parties = append(out.Parties, Party{ID: p.ID, Name: NewPrivate(p.Name), Phone: NewPrivate(p.Phone), Attendance: p.Attendance})
	}
	if c := in.Contact; c != nil {
		out.Contact = &Contact{Name: NewPrivate(c.Name), Phone: NewPrivate(c.Phone), Relation: NewPrivate(c.Relation)}
	}
	return out
}
