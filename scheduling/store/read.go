package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// reading translates an error of a plain read: a lost database or a time that
// ran out is the caller's to try again, the rest is internal.
func (s *Store) reading(err error) error {
	if err == nil {
		return nil
	}
	if severed(err) || again(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errors.Join(scheduling.Overloaded(), err)
	}
	return err
}

// ByReference finds an appointment with all that belongs to it.
func (s *Store) ByReference(ctx context.Context, reference string) (scheduling.Appointment, error) {
	var rows []appointmentRow
	if err := s.read.WithContext(ctx).Where("reference = ?", reference).Find(&rows).Error; err != nil {
		return scheduling.Appointment{}, fmt.Errorf("read the appointment: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.Appointment{}, scheduling.NotFound()
	}
	out, err := s.complete(ctx, rows)
	if err != nil {
		return scheduling.Appointment{}, err
	}
	return out[0], nil
}

// OfPerson lists what was booked with a person's number, by start.
func (s *Store) OfPerson(ctx context.Context, person int64, p scheduling.Page) ([]scheduling.Appointment, string, error) {
	return s.page(ctx, s.read.WithContext(ctx).Where("keeper_id = ? AND asker_id = ?", person, person), p) // who asks keeps: the index is on the keeper
}

// OfOffice lists an office's appointments by start, then reference.
func (s *Store) OfOffice(ctx context.Context, q scheduling.OfficeQuery) ([]scheduling.Appointment, string, error) {
	db := s.read.WithContext(ctx).Where("office_id = ? AND start_at >= ? AND start_at < ?", q.Office.ID, unix(q.From), unix(q.To))
	if q.Service != 0 {
		db = db.Where("service_id = ?", q.Service)
	}
	if q.Status != "" {
		db = db.Where("status = ?", string(q.Status))
	}
	if q.Counsellor != 0 {
		db = db.Where("EXISTS (SELECT 1 FROM sessions s WHERE s.id = appointments.session_id AND s.counsellor_id = ?)", q.Counsellor)
	}
	if q.Room != 0 {
		db = db.Where("EXISTS (SELECT 1 FROM sessions s WHERE s.id = appointments.session_id AND s.room_id = ?)", q.Room)
	}
	return s.page(ctx, db, q.Page)
}

// page reads one page after a mark, which is the start and the reference of
// the last item of the page before.
func (s *Store) page(ctx context.Context, db *gorm.DB, p scheduling.Page) ([]scheduling.Appointment, string, error) {
	if p.After != "" {
		start, reference, err := readMark(p.After)
		if err != nil {
			return nil, "", scheduling.Invalid("after", "翻页标记不对。", "is not a mark of this list")
		}
		db = db.Where("(start_at > ? OR (start_at = ? AND reference > ?))", start, start, reference)
	}
	limit := pageSize(p)
	var rows []appointmentRow
	if err := db.Order("start_at, reference").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list appointments: %w", s.reading(err))
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = mark(last.StartAt, last.Reference)
	}
	out, err := s.complete(ctx, rows)
	return out, next, err
}

// pageSize is the limit asked for, within the contract's.
func pageSize(p scheduling.Page) int {
	if p.Limit <= 0 {
		return 50
	}
	return min(p.Limit, 200)
}

func mark(n int64, text string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", n, text))
}

func readMark(m string) (n int64, text string, err error) {
	plain, err := base64.RawURLEncoding.DecodeString(m)
	if err != nil {
		return 0, "", err
	}
	_, err = fmt.Sscanf(string(plain), "%d %s", &n, &text)
	return n, text, err
}

// complete reads what belongs to appointments, in a number of statements that
// does not grow with them.
func (s *Store) complete(ctx context.Context, rows []appointmentRow) ([]scheduling.Appointment, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids, sessionIDs := make([]int64, len(rows)), make([]int64, len(rows))
	var personIDs []int64
	for i, r := range rows {
		ids[i], sessionIDs[i] = r.ID, r.SessionID
		personIDs = append(personIDs, r.AskerID, r.NotifiedID, r.KeeperID)
	}
	var sessions []sessionRow
	if err := s.read.WithContext(ctx).Where("id IN ?", sessionIDs).Find(&sessions).Error; err != nil {
		return nil, fmt.Errorf("read sessions: %w", s.reading(err))
	}
	var parties []partyRow
	if err := s.read.WithContext(ctx).Where("appointment_id IN ?", ids).Order("appointment_id, position").Find(&parties).Error; err != nil {
		return nil, fmt.Errorf("read parties: %w", s.reading(err))
	}
	for _, p := range parties {
		personIDs = append(personIDs, p.PersonID)
	}
	people, err := s.people(ctx, distinct(personIDs))
	if err != nil {
		return nil, err
	}
	out := make([]scheduling.Appointment, 0, len(rows))
	for _, r := range rows {
		a, err := s.appointment(ctx, r, people)
		if err != nil {
			return nil, err
		}
		if err := a.fill(r, sessions, parties, people); err != nil {
			return nil, err
		}
		out = append(out, a.Appointment)
	}
	return out, nil
}

// assembled is an appointment being put together from its rows.
type assembled struct{ scheduling.Appointment }

func (s *Store) appointment(ctx context.Context, r appointmentRow, people map[int64]scheduling.Person) (assembled, error) {
	office, err := s.OfficeByID(ctx, r.OfficeID)
	if err != nil {
		return assembled{}, err
	}
	a := scheduling.Appointment{
		ID: r.ID, Reference: r.Reference, Office: office, Status: scheduling.Status(r.Status),
		Start: at(r.StartAt), End: at(r.EndAt), Heads: r.Heads, Asker: people[r.AskerID], Notified: people[r.NotifiedID],
		Wish:   scheduling.Wish{Counsellor: r.WishCounsellor, Gender: r.WishGender, Accessible: r.WishAccessible == 1},
		Silent: r.Silent == 1, ByCitizen: r.ByCitizen == 1,
		Locale: r.Locale, Revision: r.Revision, ConfirmedAt: at(r.ConfirmedAt), CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt),
	}
	// A person who was erased has no row any more, and still is who asked.
	a.Asker.ID, a.Notified.ID = r.AskerID, r.NotifiedID
	var ok bool
	if a.Service, ok = office.ServiceByID(r.ServiceID); !ok {
		name, err := s.resourceName(ctx, r.ServiceID)
		if err != nil {
			return assembled{}, err
		}
		a.Service = scheduling.Service{ID: r.ServiceID, Code: name.Code, Name: name.text(), Places: 1}
	}
	return assembled{a}, nil
}

func (a *assembled) fill(r appointmentRow, sessions []sessionRow, parties []partyRow, people map[int64]scheduling.Person) error {
	for _, row := range sessions {
		if row.ID == r.SessionID {
			a.Session = row.session()
		}
	}
	a.Room, _ = a.Office.Room(a.Session.Room)
	a.Counsellor, _ = a.Office.StaffByID(a.Session.Counsellor)
	for _, p := range parties {
		if p.AppointmentID != r.ID {
			continue
		}
		party, err := p.party(people[p.PersonID])
		if err != nil {
			return err
		}
		a.Parties = append(a.Parties, party)
	}
	return a.open(r, people[r.KeeperID])
}

// open unseals what belongs to the whole appointment.
func (a *assembled) open(r appointmentRow, keeper scheduling.Person) error {
	if keeper.Key == nil {
		return nil // erased
	}
	var errs [5]error
	a.Note, errs[0] = openText(keeper.Key, r.Note, inAppointment("note", r.ID))
	a.Reason, errs[1] = openText(keeper.Key, r.Reason, inAppointment("reason", r.ID))
	errs[4] = a.openAsks(keeper.Key, r)
	if r.ContactName != nil {
		a.Contact = &scheduling.Contact{Phone: keeper.Phone}
		a.Contact.Name, errs[2] = openText(keeper.Key, r.ContactName, inAppointment("contact_name", r.ID))
		a.Contact.Relation, errs[3] = openText(keeper.Key, r.ContactRelation, inAppointment("contact_relation", r.ID))
	}
	return errors.Join(errs[:]...)
}

func (r partyRow) party(p scheduling.Person) (scheduling.Party, error) {
	out := scheduling.Party{ID: r.ID, Person: p, Phone: p.Phone, Attendance: scheduling.Attendance(r.Attendance)}
	if p.Key == nil {
		return out, nil // erased
	}
	var err error
	if out.Name, err = openText(p.Key, r.Name, inParty("name", r.ID)); err != nil {
		return out, err
	}
	if r.Phone != nil {
		out.Phone, err = openText(p.Key, r.Phone, inParty("phone", r.ID))
	}
	return out, err
}

// ReferencesUsed is how many references are used, up to a million; a job
// keeps it fresh.
func (s *Store) ReferencesUsed() int { return int(s.references.Load()) }

// CountReferences refreshes ReferencesUsed.
func (s *Store) CountReferences(ctx context.Context) error {
	const enough = 1_000_000
	if s.references.Load() >= enough {
		return nil
	}
	var n int64
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT id FROM appointments LIMIT ?) t", enough).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("count the references: %w", s.reading(err))
	}
	s.references.Store(n)
	return nil
}

func distinct(ids []int64) []int64 {
	seen := make(map[int64]bool, len(ids))
	out := ids[:0]
	for _, id := range ids {
		if id != 0 && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// since is a retention's cut-off.
func since(now time.Time, kept time.Duration) int64 { return unix(now.Add(-kept)) }
