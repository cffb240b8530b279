package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

type lastChangeRow struct {
	AppointmentID   int64 `gorm:"primaryKey;autoIncrement:false"`
	StaffID         int64
	Action          string
	At              int64
	Status          string
	Revision        int
	SessionID       int64
	WasStatus       string
	WasRevision     int
	WasSessionID    int64
	WasRoomID       int64
	WasCounsellorID int64
	WasStart        int64
	WasEnd          int64
	WasClaimEnd     int64
	PersonFrom      int64
}

func (lastChangeRow) TableName() string { return "last_changes" }

func (r lastChangeRow) change() scheduling.LastChange {
	return scheduling.LastChange{
		Appointment: r.AppointmentID, Staff: r.StaffID, Action: r.Action, At: at(r.At), Status: scheduling.Status(r.Status),
		Revision: r.Revision, Session: r.SessionID, PersonFrom: at(r.PersonFrom),
		Was: scheduling.Standing{
			Status: scheduling.Status(r.WasStatus), Revision: r.WasRevision, Session: r.WasSessionID, Room: r.WasRoomID, Counsellor: r.WasCounsellorID,
			Start: at(r.WasStart), End: at(r.WasEnd), ClaimEnd: at(r.WasClaimEnd),
		},
	}
}

// noteChange writes down what staff may take back; nil is nothing.
func (s *Store) noteChange(tx *gorm.DB, c *scheduling.LastChange) error {
	if c == nil {
		return nil
	}
	columns := []string{
		"staff_id", "action", "at", "status", "revision", "session_id", "was_status", "was_revision", "was_session_id", "was_room_id",
		"was_counsellor_id", "was_start", "was_end", "was_claim_end", "person_from",
	}
	return must(tx, "note what may be taken back", "INSERT INTO last_changes (appointment_id, "+strings.Join(columns, ", ")+") VALUES ("+marks(len(columns)+1)+")"+
		s.dialect.upsert("appointment_id", columns...),
		c.Appointment, c.Staff, clip(c.Action, 32), unix(c.At), string(c.Status), c.Revision, c.Session, string(c.Was.Status), c.Was.Revision, c.Was.Session,
		c.Was.Room, c.Was.Counsellor, unix(c.Was.Start), unix(c.Was.End), unix(c.Was.ClaimEnd), unix(c.PersonFrom))
}

// forgetChange takes the note of a change away that was taken back; where it is
// gone, another was first.
func forgetChange(tx *gorm.DB, appointment int64) error {
	n, err := exec(tx, "DELETE FROM last_changes WHERE appointment_id = ?", appointment)
	return lostUnless(n == 1, err, "forget the change")
}

// LastChange is what staff did to an appointment last.
func (s *Store) LastChange(ctx context.Context, appointment int64) (scheduling.LastChange, error) {
	var rows []lastChangeRow
	if err := s.read.WithContext(ctx).Where("appointment_id = ?", appointment).Find(&rows).Error; err != nil {
		return scheduling.LastChange{}, fmt.Errorf("read the last change: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.LastChange{}, scheduling.NotFound()
	}
	return rows[0].change(), nil
}

const tellingOf = "SELECT COUNT(*) FROM messages WHERE subject_kind = ? AND subject_id = ? AND revision = ? AND kind = ? AND status IN (?, ?, ?, ?)"

// Told says whether a message about a revision went out, or may have.
func (s *Store) Told(ctx context.Context, appointment int64, revision int, kind messages.Kind) (bool, error) {
	var n int
	err := s.read.WithContext(ctx).Raw(tellingOf, aboutAppointment, appointment, revision, string(kind), claimed, handedOver, unknown, failed).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("read what was told: %w", s.reading(err))
	}
	return n > 0, nil
}

// untell keeps what a change owes from being sent, and writes what is owed
// instead: where the change was told, what tells of it anew; else what it had
// suppressed, as it was, but for an offer, which has ended with the change. What
// was read of that is held to.
func (s *Store) untell(tx *gorm.DB, old, a scheduling.Appointment, u *scheduling.Untell, due []scheduling.OwedMessage, now time.Time) error {
	if err := suppress(tx, a.ID, old.Revision, "undone", now); err != nil {
		return err
	}
	var n int
	if err := tx.Raw(tellingOf, aboutAppointment, a.ID, old.Revision, string(u.Kind), claimed, handedOver, unknown, failed).Scan(&n).Error; err != nil {
		return fmt.Errorf("read what was told: %w", err)
	}
	if (n > 0) != u.Told {
		return scheduling.ErrLost
	}
	if u.Told {
		return s.insertMessages(tx, a, old.Start, due, now)
	}
	return must(tx, "owe again what was owed", "UPDATE messages SET revision = ?, status = ?, rule = '', updated_at = ? WHERE subject_kind = ? AND subject_id = ? AND revision = ? AND status = ? AND kind <> ? AND rule IN ('moved', 'cancelled') AND updated_at = ?",
		a.Revision, planned, unix(now), aboutAppointment, a.ID, u.Revision, suppressed, string(messages.Offer), unix(u.Since))
}

// UndoStatus gives an appointment an earlier status back, and its place.
func (s *Store) UndoStatus(ctx context.Context, w scheduling.UndoWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		a := w.New
		if err := s.begin(tx, w.Remember, a.Office, w.Now); err != nil {
			return err
		}
		if err := s.holdPerson(tx, a.Asker); err != nil {
			return err
		}
		n, err := exec(tx, "UPDATE appointments SET status = ?, revision = ?, by_citizen = ?, claim_end = ?, updated_at = ? WHERE id = ? AND revision = ? AND status = ? AND session_id = ?",
			string(a.Status), a.Revision, flag(a.ByCitizen), unix(a.End), unix(w.Now), a.ID, w.Old.Revision, string(w.Old.Status), w.Old.Session.ID)
		if err := lostUnless(n == 1, err, "take the status back"); err != nil {
			return err
		}
		if err := forgetChange(tx, a.ID); err != nil {
			return err
		}
		if w.Reopen {
			if err := s.reopen(tx, w); err != nil {
				return err
			}
		}
		if err := s.toldAgain(tx, w); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// toldAgain writes what is owed once a status was taken back. What a worker
// passed over meanwhile, because of that status, is owed as well.
func (s *Store) toldAgain(tx *gorm.DB, w scheduling.UndoWrite) error {
	if w.Untell != nil {
		if err := must(tx, "forget why", "UPDATE appointments SET reason = NULL, confirmed_at = 0 WHERE id = ?", w.New.ID); err != nil {
			return err
		}
		return s.untell(tx, w.Old, w.New, w.Untell, w.Messages, w.Now)
	}
	return must(tx, "owe again what was passed over", "UPDATE messages SET status = ?, rule = '', updated_at = ? WHERE subject_kind = ? AND subject_id = ? AND revision = ? AND status = ? AND rule IN ('superseded', ?) AND updated_at >= ? AND until_at > ?",
		planned, unix(w.Now), aboutAppointment, w.New.ID, w.New.Revision, suppressed, string(w.Old.Status), unix(w.Since), unix(w.Now))
}

// reopen takes a place again that had been given up.
func (s *Store) reopen(tx *gorm.DB, w scheduling.UndoWrite) error {
	var row sessionRow
	if err := tx.Where("id = ?", w.Old.Session.ID).Take(&row).Error; err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if err := s.reopenSession(tx, row, w); err != nil {
		return err
	}
	if len(w.PersonClaims) > 0 {
		if err := claimPerson(tx, w.PersonClaims); err != nil {
			return err
		}
	}
	return s.recount(tx, w.New, w.Now)
}

func (s *Store) reopenSession(tx *gorm.DB, row sessionRow, w scheduling.UndoWrite) error {
	heads := w.New.Heads
	if w.Old.Session.Taken > 0 {
		n, err := exec(tx, "UPDATE sessions SET taken = taken + 1, heads = heads + ? WHERE id = ? AND status = ? AND taken > 0 AND taken < places AND heads + ? <= seats",
			heads, row.ID, sessionOn, heads)
		return lostUnless(n == 1, err, "join the class again")
	}
	n, err := exec(tx, "UPDATE sessions SET status = ?, taken = 1, heads = ?, claim_end = ? WHERE id = ? AND status = ? AND status <> ? AND taken = 0 AND claim_end = ? AND room_id = ? AND counsellor_id = ?",
		sessionOn, heads, max(row.ClaimEnd, unix(w.ClaimEnd)), row.ID, row.Status, sessionOn, unix(w.Old.Session.ClaimEnd), w.Old.Session.Room, w.Old.Session.Counsellor)
	if err := lostUnless(n == 1, err, "open the session again"); err != nil {
		return err
	}
	ok, err := claim(tx, w.Claims)
	if err := lostUnless(ok, err, "claim the rest again"); err != nil || row.Status != sessionGivenBack {
		return err
	}
	limit := w.SessionsCap
	if limit == 0 {
		limit = unlimited
	}
	counted := s.countSession(row.CounsellorID, calendar.Date(row.Date), limit)
	n, err = exec(tx, counted.query, counted.args...)
	return lostUnless(n > 0, err, "count the session again")
}
