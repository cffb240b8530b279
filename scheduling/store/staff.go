package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// Account answers what a log-in is checked against.
func (s *Store) Account(ctx context.Context, office *scheduling.Office, username string) (scheduling.Account, error) {
	member, ok := office.StaffMember(username)
	if !ok {
		return scheduling.Account{}, scheduling.NotFound()
	}
	var hashes []string
	if err := s.read.WithContext(ctx).Raw("SELECT hash FROM staff_accounts WHERE staff_id = ?", member.ID).Scan(&hashes).Error; err != nil {
		return scheduling.Account{}, fmt.Errorf("read the account: %w", s.reading(err))
	}
	out := scheduling.Account{StaffID: member.ID}
	if len(hashes) > 0 {
		out.Hash = hashes[0]
	}
	return out, nil
}

// SetPassword stores a password's hash and ends the log-ins of the old one.
func (s *Store) SetPassword(ctx context.Context, staffID int64, hash string) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := must(tx, "store the password", "INSERT INTO staff_accounts (staff_id, hash) VALUES (?, ?)"+s.dialect.upsert("staff_id", "hash"), staffID, hash); err != nil {
			return err
		}
		return must(tx, "end the old log-ins", "DELETE FROM staff_tokens WHERE staff_id = ?", staffID)
	})
}

// StartSession stores a log-in's token.
func (s *Store) StartSession(ctx context.Context, staffID int64, token scheduling.Digest, expires, _ time.Time) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		return must(tx, "store the log-in", "INSERT INTO staff_tokens (hash, staff_id, office_id, expires_at) SELECT ?, id, office_id, ? FROM resources WHERE id = ?",
			token[:], unix(expires), staffID)
	})
}

// Session answers whose log-in a token is, and at which office.
func (s *Store) Session(ctx context.Context, token scheduling.Digest, now time.Time) (staffID, officeID int64, err error) {
	var rows []struct{ StaffID, OfficeID int64 }
	err = s.read.WithContext(ctx).Raw("SELECT staff_id, office_id FROM staff_tokens WHERE hash = ? AND expires_at > ?", token[:], unix(now)).Scan(&rows).Error
	if err != nil {
		return 0, 0, fmt.Errorf("look up a log-in: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return 0, 0, scheduling.NotFound()
	}
	return rows[0].StaffID, rows[0].OfficeID, nil
}

// EndSession ends a log-in on every replica.
func (s *Store) EndSession(ctx context.Context, token scheduling.Digest) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "end the log-in", "DELETE FROM staff_tokens WHERE hash = ?", token[:])
	})
}

// Record writes one line of the audit by itself; use cases that change
// something write theirs in the same transaction.
func (s *Store) Record(ctx context.Context, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error { return insertAudit(tx, e) })
}

// Entries lists an office's audit, newest first.
func (s *Store) Entries(ctx context.Context, officeID int64, p scheduling.Page) ([]scheduling.AuditEntry, string, error) {
	db := s.read.WithContext(ctx).Where("office_id = ?", officeID)
	if p.After != "" {
		id, _, err := readMark(p.After)
		if err != nil {
			return nil, "", scheduling.Invalid("after", "翻页标记不对。", "is not a mark of this list")
		}
		db = db.Where("id < ?", id)
	}
	limit := pageSize(p)
	var rows []auditRow
	if err := db.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", s.reading(err))
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = mark(rows[limit-1].ID, "-")
	}
	out := make([]scheduling.AuditEntry, len(rows))
	for i, r := range rows {
		out[i] = r.entry()
	}
	return out, next, nil
}
