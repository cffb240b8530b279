package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Lease takes or keeps a shared job for a while, by the database's clock. The
// epoch rises each time it changes hands, so that a holder who slept through
// the end of its lease can be told from its successor.
func (s *Store) Lease(ctx context.Context, name, holder string, d time.Duration) (held bool, epoch int64, err error) {
	seconds := int64(d / time.Second)
	err = s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := must(tx, "make the lease", s.dialect.ignore()+" INTO leases (name, holder, until_at, epoch) VALUES (?, '', 0, 0)", name); err != nil {
			return err
		}
		if err := must(tx, "take the lease", "UPDATE leases SET epoch = epoch + CASE WHEN holder = ? THEN 0 ELSE 1 END, until_at = "+s.dialect.clock()+" + ?, holder = ? WHERE name = ? AND (holder = ? OR until_at < "+s.dialect.clock()+")",
			holder, seconds, holder, name, holder); err != nil {
			return err
		}
		var row struct {
			Holder string
			Epoch  int64
		}
		if err := tx.Raw("SELECT holder, epoch FROM leases WHERE name = ?", name).Scan(&row).Error; err != nil {
			return fmt.Errorf("read the lease: %w", err)
		}
		held, epoch = row.Holder == holder, row.Epoch
		return nil
	})
	return held, epoch, err
}
