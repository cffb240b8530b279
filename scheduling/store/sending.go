package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// Sending is the switch of an office, and what it has sent.
func (s *Store) Sending(ctx context.Context, o *scheduling.Office, now time.Time) (scheduling.Sending, error) {
	var out scheduling.Sending
	var rows []struct {
		Stopped   int
		Author    string
		ChangedAt int64
	}
	db := s.read.WithContext(ctx)
	if err := db.Raw("SELECT stopped, author, changed_at FROM sending WHERE office_id = ?", o.ID).Scan(&rows).Error; err != nil {
		return out, fmt.Errorf("read the switch: %w", s.reading(err))
	}
	for _, r := range rows {
		out.Stopped, out.ChangedBy, out.ChangedAt = r.Stopped == 1, r.Author, at(r.ChangedAt)
	}
	day, month := periods(o, now)
	counts, err := countsOf(db, map[countKey]int{{o.ID, day, 0}: 0, {o.ID, month, 0}: 0})
	if err != nil {
		return out, s.reading(err)
	}
	out.Messages, out.Segments = counts[countKey{o.ID, day, 0}], counts[countKey{o.ID, month, 0}]
	for _, aside := range []int64{0, parkedBy} {
		n := 0
		err := db.Raw("SELECT COUNT(*) FROM (SELECT id FROM messages WHERE status = ? AND next_at >= ? AND next_at <= ? AND office_id = ? AND until_at > ? LIMIT ?) o",
			planned, aside, aside+unix(now), o.ID, unix(now), mostOwed-out.Owed).Scan(&n).Error
		if err != nil {
			return out, fmt.Errorf("count what is owed: %w", s.reading(err))
		}
		out.Owed += n
	}
	return out, nil
}

// mostOwed is up to where what is owed is counted.
const mostOwed = 100_000

// SetSending turns the switch. Going on, it takes up what was put aside, the
// oldest first and a part at a time: turned on once more, it takes up the rest.
func (s *Store) SetSending(ctx context.Context, w scheduling.SendingWrite) error {
	err := s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := must(tx, "turn the switch", "INSERT INTO sending (office_id, stopped, author, changed_at) VALUES (?, ?, ?, ?)"+s.dialect.upsert("office_id", "stopped", "author", "changed_at"),
			w.Office.ID, flag(w.Stopped), w.Audit.Actor.Name, unix(w.Now)); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
	if err != nil || w.Stopped {
		return err
	}
	_, err = s.inBatches(ctx, func(tx *gorm.DB) (int64, error) { return s.takeUp(tx, w.Office.ID) })
	return err
}

// takeUp lets messages that were put aside be looked at again.
func (s *Store) takeUp(tx *gorm.DB, office int64) (int64, error) {
	const batch = 5000
	var ids []int64
	err := tx.Raw("SELECT id FROM messages WHERE status = ? AND next_at >= ? AND office_id = ? ORDER BY next_at LIMIT ?", planned, parkedBy, office, batch).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return exec(tx, "UPDATE messages"+s.dialect.byKey()+" SET next_at = next_at - ? WHERE id IN ? AND status = ? AND next_at >= ?", parkedBy, ids, planned, parkedBy)
}
