package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// personsBatch is how many people are erased at once, each with all that was
// booked with their number.
const personsBatch = 100

// AskErasure uses a code up and writes down from when on its person may be
// erased.
func (s *Store) AskErasure(ctx context.Context, w scheduling.ErasureWrite) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if _, err := s.useCode(tx, w.Verification); err != nil {
			return err
		}
		if err := must(tx, "write down when", "UPDATE persons SET erase_at = ? WHERE id = ? AND erase_at = 0", unix(w.At), w.Person); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// KeepData forgets that a person asked to be erased.
func (s *Store) KeepData(ctx context.Context, person int64, e scheduling.AuditEntry) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		n, err := exec(tx, "UPDATE persons SET erase_at = 0 WHERE id = ? AND erase_at <> 0", person)
		if err != nil || n == 0 {
			return lostUnless(true, err, "forget when")
		}
		return insertAudit(tx, e)
	})
}

// holdPerson holds the row of a person who asked to be erased, or finds out that
// they are gone, so that a booking and their erasing cannot both slip in. Nobody
// is erased within days of asking: others' rows need not be held.
func (s *Store) holdPerson(tx *gorm.DB, p scheduling.Person) error {
	if p.EraseAt.IsZero() {
		return nil
	}
	var ids []int64
	err := tx.Raw("SELECT id FROM persons WHERE id = ?"+s.dialect.share(), p.ID).Scan(&ids).Error
	return lostUnless(len(ids) == 1, err, "hold the person")
}

// eraseAsked erases the people who asked for it and whose time has come, with
// their tokens and all that is personal of what was booked with their number.
// Whoever still has an appointment ahead waits until a day after it.
func (s *Store) eraseAsked(ctx context.Context, now time.Time) (int64, error) {
	return s.inOrder(ctx, func(tx *gorm.DB, after int64) (last, n int64, err error) {
		ids, err := s.askedAndOver(tx, after, now)
		if err != nil || len(ids) == 0 {
			return 0, 0, err
		}
		return ids[len(ids)-1], int64(len(ids)), s.forget(tx, ids, now)
	})
}

// askedAndOver finds people to erase, and holds their rows. It looks for what is
// ahead once more when it holds them: somebody may have booked at this moment.
func (s *Store) askedAndOver(tx *gorm.DB, after int64, now time.Time) ([]int64, error) {
	const over = ` AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.keeper_id = p.id AND a.status IN ('booked', 'checked_in', 'in_session') AND a.end_at > ?) ORDER BY p.id`
	const asked = "erase_at > 0 AND erase_at <= ?"
	ended := since(now, scheduling.KeptAfterEnd)
	var ids, held, out []int64
	if err := tx.Raw("SELECT p.id FROM persons p WHERE p.id > ? AND p."+asked+over+" LIMIT ?", after, unix(now), ended, personsBatch).Scan(&ids).Error; err != nil || len(ids) == 0 {
		return nil, err
	}
	if err := tx.Raw("SELECT id FROM persons WHERE id IN ? AND "+asked+s.dialect.lock(), ids, unix(now)).Scan(&held).Error; err != nil || len(held) == 0 {
		return nil, err
	}
	err := tx.Raw("SELECT p.id FROM persons p WHERE p.id IN ?"+over, held, ended).Scan(&out).Error
	return out, err
}

// forget erases people, and writes that down.
func (s *Store) forget(tx *gorm.DB, ids []int64, now time.Time) error {
	var booked []int64
	if err := tx.Raw("SELECT id FROM appointments WHERE keeper_id IN ? AND erased = 0", ids).Scan(&booked).Error; err != nil {
		return fmt.Errorf("read what was booked: %w", err)
	}
	if len(booked) > 0 {
		if err := forgetBooked(tx, booked, now); err != nil {
			return err
		}
	}
	for _, also := range []string{"DELETE FROM tasks WHERE person_id IN ?", "DELETE FROM citizen_tokens WHERE person_id IN ?"} {
		if err := must(tx, "erase what belongs to a person", also, ids); err != nil {
			return err
		}
	}
	if _, err := forgetPersons(tx, ids); err != nil {
		return err
	}
	lines := make([]auditRow, len(ids))
	for i, id := range ids {
		lines[i] = auditToRow(scheduling.AuditEntry{At: now, Actor: scheduling.AuditActor{Kind: scheduling.System}, Action: "person.erased", Subject: strconv.FormatInt(id, 10)})
	}
	return s.insertTogether(tx, "write the audit", lines)
}

// forgetBooked empties what is personal of appointments, and of what was and is
// to be said about them.
func forgetBooked(tx *gorm.DB, ids []int64, now time.Time) error {
	if _, err := emptyAppointments(tx, ids); err != nil {
		return err
	}
	if err := must(tx, "suppress messages to nobody", "UPDATE messages SET status = ?, rule = 'superseded', updated_at = ? WHERE subject_kind = ? AND subject_id IN ? AND status = ?",
		suppressed, unix(now), aboutAppointment, ids, planned); err != nil {
		return err
	}
	return must(tx, "forget where messages went", "UPDATE deliveries SET to_hash = NULL WHERE message_id IN (SELECT id FROM messages WHERE subject_kind = ? AND subject_id IN ?)", aboutAppointment, ids)
}
