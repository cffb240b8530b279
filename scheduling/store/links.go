package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

type linkRow struct {
	Digest    []byte `gorm:"primaryKey"`
	OfficeID  int64
	StaffID   int64
	ExpiresAt int64
}

func (linkRow) TableName() string { return "one_time_links" }

func (r linkRow) link() scheduling.Link {
	return scheduling.Link{OfficeID: r.OfficeID, StaffID: r.StaffID, ExpiresAt: at(r.ExpiresAt)}
}

// MakeLink writes a link; an older one for the same is of no use any more.
func (s *Store) MakeLink(ctx context.Context, w scheduling.LinkWrite) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		// Each server that starts gives a link that sets up, and all hold.
		if err := must(tx, "end older links", "DELETE FROM one_time_links WHERE staff_id <> 0 AND staff_id = ? OR expires_at <= ?", w.StaffID, unix(w.Now)); err != nil {
			return err
		}
		row := linkRow{Digest: w.Token[:], OfficeID: w.OfficeID, StaffID: w.StaffID, ExpiresAt: unix(w.ExpiresAt)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write the link: %w", err)
		}
		return insertAudit(tx, w.Audit)
	})
}

// Link answers a link that can still be used.
func (s *Store) Link(ctx context.Context, token scheduling.Digest, now time.Time) (scheduling.Link, error) {
	var rows []linkRow
	if err := s.read.WithContext(ctx).Where("digest = ? AND expires_at > ?", token[:], unix(now)).Find(&rows).Error; err != nil {
		return scheduling.Link{}, fmt.Errorf("read the link: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.Link{}, scheduling.NotFound()
	}
	return rows[0].link(), nil
}

// UseLink sets a password by a link, once.
func (s *Store) UseLink(ctx context.Context, w scheduling.LinkUse) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if err := useLink(tx, w.Token, w.Now); err != nil {
			return err
		}
		if err := s.setPassword(tx, w.StaffID, w.Hash); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// useLink uses a link up, by one conditional delete.
func useLink(tx *gorm.DB, token scheduling.Digest, now time.Time) error {
	n, err := exec(tx, "DELETE FROM one_time_links WHERE digest = ? AND expires_at > ?", token[:], unix(now))
	if err != nil {
		return fmt.Errorf("use the link: %w", err)
	}
	if n == 0 {
		return scheduling.NotFound()
	}
	return nil
}

// SetUp makes the first office and its director's password. The links that set
// up are used up all together, so of two at once one waits and finds none.
func (s *Store) SetUp(ctx context.Context, w scheduling.SetUpWrite) error {
	defer s.offices.forget()
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if err := useLink(tx, w.Token, w.Now); err != nil {
			return err
		}
		if err := must(tx, "end the other links", "DELETE FROM one_time_links WHERE staff_id = 0"); err != nil {
			return err
		}
		var offices int
		if err := tx.Raw("SELECT COUNT(*) FROM offices").Scan(&offices).Error; err != nil {
			return fmt.Errorf("count the offices: %w", err)
		}
		if offices > 0 {
			return scheduling.WrongState()
		}
		office, err := s.apply(tx, w.OfficeWrite)
		if err != nil {
			return lostOnDuplicate(err, "make the first office")
		}
		var director resourceRow
		if err := tx.Where("office_id = ? AND kind = ? AND code = ?", office, staffThing, w.Username).Take(&director).Error; err != nil {
			return fmt.Errorf("read the director's number: %w", err)
		}
		return s.setPassword(tx, director.ID, w.Hash)
	})
}
