package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// Book writes a booking: the key with its answer, the claims, the session, the
// appointment, its parties, the messages owed and the audit; all or nothing.
func (s *Store) Book(ctx context.Context, w scheduling.BookingWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		if err := s.begin(tx, w.Remember, w.Appointment.Office, w.Now); err != nil {
			return err
		}
		return s.book(tx, w)
	})
}

// book is one booking of a transaction that has begun.
func (s *Store) book(tx *gorm.DB, w scheduling.BookingWrite) error {
	if err := s.holdPerson(tx, w.Appointment.Asker); err != nil {
		return err
	}
	rows, err := s.takeSeat(tx, w.Seat, w.Appointment.Heads, w.Now)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(w.PersonClaims, func(c scheduling.Claim) bool { return c.Known }) {
		if err := claimPerson(tx, w.PersonClaims); err != nil {
			return err
		}
	} else if len(w.PersonClaims) > 0 {
		rows = append(rows, wordsOfClaims(w.PersonClaims)) // a row that came into being meanwhile is ErrLost
	}
	if a := w.Appointment; a.Asker.ID != 0 && w.OpenCap > 0 {
		if err := s.takeOpen(tx, a.Asker.ID, a.Service.ID, w.OpenCap, unix(w.Now)); err != nil {
			return err
		}
	} else if a.Asker.ID != 0 {
		rows = append(rows, s.countOpen(a.Asker.ID, a.Service.ID, unlimited))
	}
	return s.insertTogether(tx, "insert the booking", append(rows, s.bookingRows(w)...)...)
}

// bookingRows are what a booking inserts and nothing can refuse but a key that
// is taken.
func (s *Store) bookingRows(w scheduling.BookingWrite) []any {
	persons, contacts := s.personRows(w.NewPersons, w.Now)
	out := []any{
		persons, contacts, []appointmentRow{appointmentToRow(w.Appointment)}, partyRows(w.Appointment),
		messageRows(w.Appointment, time.Time{}, w.Messages, w.Now), []auditRow{auditToRow(w.Audit)},
	}
	if w.Word.Hash.IsZero() {
		return out
	}
	return append(out, wordStatement(w.Word), []auditRow{auditToRow(w.Word.Audit)})
}

// begin is the first statement of every write that was decided on an office's
// rules: it remembers the key, waits for another request with the same one,
// and holds the office's row as it was read, so that new hours and a booking
// under the old ones cannot both slip in.
func (s *Store) begin(tx *gorm.DB, r scheduling.Remember, o *scheduling.Office, now time.Time) error {
	if err := s.remember(tx, r, now); err != nil {
		return err
	}
	return s.holdRules(tx, o)
}

// holdRules holds an office's row as it was read, or finds out that it is no
// longer so.
func (s *Store) holdRules(tx *gorm.DB, o *scheduling.Office) error {
	var revision int64
	if err := tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, "SELECT revision FROM offices WHERE id = ?"+s.dialect.share(), o.ID).Scan(&revision); err != nil {
		return fmt.Errorf("hold the office's rules: %w", err)
	}
	if revision != o.Revision {
		s.offices.forget()
		return scheduling.ErrLost
	}
	return nil
}

// remember writes a key with its answer, or finds that it has one.
func (s *Store) remember(tx *gorm.DB, r scheduling.Remember, now time.Time) error {
	if r.None() {
		return nil
	}
	insert := func() error {
		return must(tx, "remember the key", "INSERT INTO remembered (id, body, answer, created_at) VALUES (?, ?, ?, ?)", r.ID[:], r.Body[:], s.sealAnswer(r), unix(now))
	}
	err := insert()
	if !duplicate(err) {
		return err
	}
	// One that has outlived its day makes room: the daily job may not have
	// come by yet.
	gone, err := exec(tx, "DELETE FROM remembered WHERE id = ? AND created_at <= ?", r.ID[:], unix(now.Add(-rememberedFor)))
	if err != nil {
		return fmt.Errorf("forget an old key: %w", err)
	}
	if gone == 0 {
		return scheduling.ErrAnswered
	}
	return lostOnDuplicate(insert(), "remember the key")
}

func (s *Store) sealAnswer(r scheduling.Remember) []byte {
	return s.keys.sealMaster(r.Answer, fmt.Sprintf("remembered|answer|%x", r.ID))
}

// rememberedFor is how long an answer is given again.
const rememberedFor = 24 * time.Hour

// Answer gives the answer remembered under a key.
func (s *Store) Answer(ctx context.Context, id scheduling.Digest, now time.Time) (scheduling.Remembered, error) {
	var rows []struct{ Body, Answer []byte }
	err := s.read.WithContext(ctx).Raw("SELECT body, answer FROM remembered WHERE id = ? AND created_at > ?", id[:], unix(now.Add(-rememberedFor))).Scan(&rows).Error
	if err != nil {
		return scheduling.Remembered{}, fmt.Errorf("read a remembered answer: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.Remembered{}, scheduling.NotFound()
	}
	answer, err := s.keys.openMaster(rows[0].Answer, fmt.Sprintf("remembered|answer|%x", id))
	if err != nil {
		return scheduling.Remembered{}, err
	}
	out := scheduling.Remembered{Answer: answer}
	copy(out.Body[:], rows[0].Body)
	return out, nil
}

// takeSeat takes the place in a session, or answers what makes the session, for
// the caller to insert with the rest.
func (s *Store) takeSeat(tx *gorm.DB, seat scheduling.Seat, heads int, now time.Time) ([]any, error) {
	if seat.GiveUp != 0 {
		if err := giveUpHold(tx, seat.GiveUp, now); err != nil {
			return nil, err
		}
	}
	switch {
	case seat.Hold != 0:
		if err := s.useHold(tx, seat, heads, now); err != nil {
			return nil, err
		}
		return s.shareOut(tx, seat.Share)
	case seat.Join:
		n, err := exec(tx, "UPDATE sessions SET taken = taken + 1, heads = heads + ? WHERE id = ? AND status = ? AND taken > 0 AND taken < places AND heads + ? <= seats AND counsellor_id = ? AND room_id = ?",
			heads, seat.Session.ID, sessionOn, heads, seat.Session.Counsellor, seat.Session.Room)
		if err := lostUnless(n == 1, err, "join a class"); err != nil {
			return nil, err
		}
		return s.shareOut(tx, seat.Share)
	}
	ok, err := claim(tx, seat.Claims)
	if err != nil || !ok {
		return nil, lostUnless(ok, err, "claim room and counsellor")
	}
	row := sessionToRow(seat.Session)
	row.Heads = heads
	rows, err := s.shareOut(tx, seat.Share)
	if err != nil {
		return nil, err
	}
	rows = append(rows, []sessionRow{row})
	if seat.SessionsCap == 0 {
		return append(rows, s.countSession(seat.Session.Counsellor, seat.Session.Date, unlimited)), nil
	}
	counted := s.countSession(seat.Session.Counsellor, seat.Session.Date, seat.SessionsCap)
	n, err := exec(tx, counted.query, counted.args...)
	return rows, lostUnless(n > 0, err, "count the session")
}

func claimPerson(tx *gorm.DB, claims []scheduling.Claim) error {
	ok, err := claim(tx, claims)
	switch {
	case err != nil:
		return err
	case ok:
		return nil
	case slices.ContainsFunc(claims, func(c scheduling.Claim) bool { return !c.Known }):
		return scheduling.ErrLost // the row came into being meanwhile
	}
	return scheduling.Overlap()
}

func (s *Store) insertPersons(tx *gorm.DB, people []scheduling.NewPerson, now time.Time) error {
	if len(people) == 0 {
		return nil
	}
	persons, contacts := s.personRows(people, now)
	return s.insertTogether(tx, "insert persons", persons, contacts)
}

func (s *Store) personRows(people []scheduling.NewPerson, now time.Time) (persons []personRow, contacts []contactRow) {
	for _, p := range people {
		persons = append(persons, s.personToRow(p.Person, unix(now)))
		if p.Claimed {
			contacts = append(contacts, s.contactToRow(p.Person))
		}
	}
	return persons, contacts
}

func (s *Store) contactToRow(p scheduling.Person) contactRow {
	return contactRow{Hash: s.keys.digest("phone", p.Phone.Reveal()), KeyID: s.keys.active, PersonID: p.ID}
}

func partyRows(a scheduling.Appointment) []partyRow {
	parties := make([]partyRow, len(a.Parties))
	for i, p := range a.Parties {
		parties[i] = partyToRow(a.ID, i, p)
	}
	return parties
}

func insertAudit(tx *gorm.DB, e scheduling.AuditEntry) error {
	row := auditToRow(e)
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("write the audit: %w", err)
	}
	return nil
}

// lostUnless makes a refused conditional update a reason to decide again.
func lostUnless(ok bool, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if !ok {
		return scheduling.ErrLost
	}
	return nil
}

func lostOnDuplicate(err error, doing string) error {
	if duplicate(err) {
		return scheduling.ErrLost
	}
	return lostUnless(true, err, doing)
}
