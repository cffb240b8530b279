package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// maxVisit bounds a visit, in bytes: the pages keep a few short answers.
const maxVisit = 16 << 10

type visitRow struct {
	ID        []byte `gorm:"primaryKey"`
	Version   int64
	Data      []byte
	ExpiresAt int64
}

func (visitRow) TableName() string { return "visits" }

func inVisit(id scheduling.Digest) string { return fmt.Sprintf("visits|data|%x", id) }

// Visit reads a visit that has not ended.
func (s *Store) Visit(ctx context.Context, id scheduling.Digest, now time.Time) (scheduling.Visit, error) {
	var row visitRow
	err := s.read.WithContext(ctx).Where("id = ? AND expires_at > ?", id[:], unix(now)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return scheduling.Visit{}, scheduling.NotFound()
	}
	if err != nil {
		return scheduling.Visit{}, fmt.Errorf("read the visit: %w", s.reading(err))
	}
	data, err := s.keys.openMaster(row.Data, inVisit(id))
	return scheduling.Visit{Version: row.Version, Data: scheduling.NewPrivate(string(data)), ExpiresAt: at(row.ExpiresAt)}, err
}

// SaveVisit writes a visit by comparing and setting its version.
func (s *Store) SaveVisit(ctx context.Context, id scheduling.Digest, v scheduling.Visit) error {
	if n := len(v.Data.Reveal()); n > maxVisit {
		return fmt.Errorf("save the visit: %d bytes are more than %d", n, maxVisit)
	}
	row := visitRow{ID: id[:], Version: v.Version + 1, Data: s.keys.sealMaster([]byte(v.Data.Reveal()), inVisit(id)), ExpiresAt: unix(v.ExpiresAt)}
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if v.Version == 0 {
			return lostOnDuplicate(tx.Create(&row).Error, "begin the visit")
		}
		n, err := exec(tx, "UPDATE visits SET version = ?, data = ?, expires_at = ? WHERE id = ? AND version = ?", row.Version, row.Data, row.ExpiresAt, row.ID, v.Version)
		return lostUnless(n == 1, err, "save the visit")
	})
}

// EndVisit forgets a visit; one that is unknown is forgotten already.
func (s *Store) EndVisit(ctx context.Context, id scheduling.Digest) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "end the visit", "DELETE FROM visits WHERE id = ?", id[:])
	})
}

// ClearVisits forgets the visits that have ended, and says how many.
func (s *Store) ClearVisits(ctx context.Context) (int, error) {
	var ended [][]byte
	if err := s.read.WithContext(ctx).Raw("SELECT id FROM visits WHERE expires_at <= ? LIMIT ?", unix(s.now()), eraseBatch).Scan(&ended).Error; err != nil {
		return 0, fmt.Errorf("find ended visits: %w", s.reading(err))
	}
	if len(ended) == 0 {
		return 0, nil
	}
	var n int64
	err := s.tx(ctx, true, func(tx *gorm.DB) (err error) {
		n, err = exec(tx, "DELETE FROM visits WHERE id IN ? AND expires_at <= ?", ended, unix(s.now()))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget ended visits: %w", err)
	}
	return int(n), nil
}
