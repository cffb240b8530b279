package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// OfSession lists the open appointments of a session.
func (s *Store) OfSession(ctx context.Context, session int64) ([]scheduling.Appointment, error) {
	var rows []appointmentRow
	err := s.read.WithContext(ctx).Where("session_id = ? AND status IN ('booked', 'checked_in', 'in_session')", session).Order("reference").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list who is in the session: %w", s.reading(err))
	}
	return s.complete(ctx, rows)
}

// Reassign gives a session another counsellor, another room or both. The number
// of its places holds who was read to be in it.
func (s *Store) Reassign(ctx context.Context, w scheduling.ReassignWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		if err := s.begin(tx, w.Remember, w.Office, w.Now); err != nil {
			return err
		}
		n, err := exec(tx, "UPDATE sessions SET room_id = ?, counsellor_id = ?, seats = ? WHERE id = ? AND room_id = ? AND counsellor_id = ? AND status = ? AND taken = ? AND heads = ? AND claim_end = ?",
			w.To.Room, w.To.Counsellor, w.To.Seats, w.From.ID, w.From.Room, w.From.Counsellor, sessionOn, w.From.Taken, w.From.Heads, unix(w.From.ClaimEnd))
		if err := lostUnless(n == 1, err, "change the session"); err != nil {
			return err
		}
		if err := s.swap(tx, w); err != nil {
			return err
		}
		if err := must(tx, "note when", "UPDATE appointments SET updated_at = ? WHERE session_id = ? AND status IN ('booked', 'checked_in', 'in_session')", unix(w.Now), w.From.ID); err != nil {
			return err
		}
		for _, t := range w.Told {
			if err := s.retell(tx, w, t); err != nil {
				return err
			}
		}
		if w.Undone != 0 {
			if err := forgetChange(tx, w.Undone); err != nil {
				return err
			}
		}
		if err := s.noteChange(tx, w.Change); err != nil {
			return err
		}
		audit := make([]auditRow, len(w.Audit))
		for i, e := range w.Audit {
			audit[i] = auditToRow(e)
		}
		return s.insertTogether(tx, "write the audit", audit)
	})
}

// swap frees whom and what the session leaves, and takes whom and what it comes
// to.
func (s *Store) swap(tx *gorm.DB, w scheduling.ReassignWrite) error {
	var left []scheduling.Resource
	if w.To.Room != w.From.Room {
		left = append(left, scheduling.Resource{Kind: scheduling.RoomResource, ID: w.From.Room})
	}
	if w.To.Counsellor != w.From.Counsellor {
		left = append(left, scheduling.Resource{Kind: scheduling.CounsellorResource, ID: w.From.Counsellor})
	}
	if err := clearBusy(tx, left, calendar.Span{From: w.From.Start, To: w.From.ClaimEnd}); err != nil {
		return err
	}
	ok, err := claim(tx, w.Claims)
	if err := lostUnless(ok, err, "claim the other"); err != nil || w.To.Counsellor == w.From.Counsellor {
		return err
	}
	if err := returnSession(tx, w.From.Counsellor, w.From.Date); err != nil {
		return err
	}
	limit := w.SessionsCap
	if limit == 0 {
		limit = unlimited
	}
	counted := s.countSession(w.To.Counsellor, w.From.Date, limit)
	n, err := exec(tx, counted.query, counted.args...)
	return lostUnless(n > 0, err, "count the session")
}

// retell raises the revision of an appointment whose person is told.
func (s *Store) retell(tx *gorm.DB, w scheduling.ReassignWrite, t scheduling.Retold) error {
	n, err := exec(tx, "UPDATE appointments SET revision = ?, confirmed_at = 0 WHERE id = ? AND revision = ? AND session_id = ?",
		t.New.Revision, t.New.ID, t.Old.Revision, w.From.ID)
	if err := lostUnless(n == 1, err, "raise the revision"); err != nil {
		return err
	}
	if t.Untell != nil {
		return s.untell(tx, t.Old, t.New, t.Untell, t.Messages, w.Now)
	}
	if err := suppress(tx, t.New.ID, t.Old.Revision, "moved", w.Now); err != nil {
		return err
	}
	return s.insertMessages(tx, t.New, t.Old.Start, t.Messages, w.Now)
}

// GivenBefore says who gave what to some people before.
func (s *Store) GivenBefore(ctx context.Context, people []int64) (map[scheduling.Given]bool, error) {
	out := make(map[scheduling.Given]bool)
	people = distinct(people)
	if len(people) == 0 {
		return out, nil
	}
	var rows []struct{ AskerID, ServiceID, CounsellorID int64 }
	err := s.read.WithContext(ctx).Raw("SELECT DISTINCT a.asker_id, a.service_id, s.counsellor_id FROM appointments a JOIN sessions s ON s.id = a.session_id WHERE a.keeper_id IN ? AND a.asker_id = a.keeper_id AND a.status IN ('completed', 'in_session')",
		people).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read who gave what before: %w", s.reading(err))
	}
	for _, r := range rows {
		out[scheduling.Given{Person: r.AskerID, Service: r.ServiceID, Counsellor: r.CounsellorID}] = true
	}
	return out, nil
}
