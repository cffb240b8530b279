package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// Account answers what a log-in is checked against.
func (s *Store) Account(ctx context.Context, office *scheduling.Office, username string) (scheduling.Account, error) {
	member, ok := office.StaffMember(username)
	if !ok {
		return scheduling.Account{}, scheduling.NotFound()
	}
	var rows []accountRow
	if err := s.read.WithContext(ctx).Where("staff_id = ?", member.ID).Find(&rows).Error; err != nil {
		return scheduling.Account{}, fmt.Errorf("read the account: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.Account{StaffID: member.ID}, nil
	}
	out := scheduling.Account{StaffID: member.ID, Revision: rows[0].Revision, Hash: rows[0].Hash}
	var err error
	if out.Factor, err = s.openFactor(rows[0]); err != nil {
		return out, err
	}
	// Read after the revision: whoever adds one meanwhile raises it.
	out.Passkeys, err = s.passkeysOf(ctx, member.ID)
	return out, err
}

// SetPassword stores a password's hash and ends the log-ins of the old one.
func (s *Store) SetPassword(ctx context.Context, staffID int64, hash string) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error { return s.setPassword(tx, staffID, hash) })
}

func (s *Store) setPassword(tx *gorm.DB, staffID int64, hash string) error {
	if err := must(tx, "store the password", "INSERT INTO staff_accounts (staff_id, hash) VALUES (?, ?)"+s.dialect.upsert("staff_id", "hash"), staffID, hash); err != nil {
		return err
	}
	if err := must(tx, "raise the account's revision", "UPDATE staff_accounts SET revision = revision + 1 WHERE staff_id = ?", staffID); err != nil {
		return err
	}
	return must(tx, "end the old log-ins", "DELETE FROM staff_tokens WHERE staff_id = ?", staffID)
}

// SaveAccount changes a second factor by comparing and setting the account's
// revision.
func (s *Store) SaveAccount(ctx context.Context, w scheduling.AccountWrite) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		return s.saveAccount(tx, w)
	})
}

func (s *Store) saveAccount(tx *gorm.DB, w scheduling.AccountWrite) error {
	if err := s.saveFactor(tx, w.StaffID, w.Revision, w.Factor); err != nil {
		return err
	}
	if err := usePasskey(tx, w.Used); err != nil {
		return err
	}
	if err := must(tx, "remove a passkey", "DELETE FROM staff_passkeys WHERE staff_id = ? AND (id = ? OR ? = 1)", w.StaffID, w.Remove, flag(w.RemoveAll)); err != nil {
		return err
	}
	if w.EndLogins {
		if err := must(tx, "end the other log-ins", "DELETE FROM staff_tokens WHERE staff_id = ? AND hash <> ?", w.StaffID, w.Keep[:]); err != nil {
			return err
		}
	}
	return insertAudit(tx, w.Audit)
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
