package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

type passkeyRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	StaffID   int64
	OfficeID  int64
	Hash      []byte
	Inside    []byte // sealed under the master key
	Counter   int64
	Uses      int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UsedAt    int64
}

func (passkeyRow) TableName() string { return "staff_passkeys" }

func inPasskey(id int64) string { return where("staff_passkeys", "inside", id) }

// passkeyInside is what is sealed of a passkey.
type passkeyInside struct {
	Name       string          `json:"name"`
	Credential json.RawMessage `json:"credential"`
}

func (s *Store) sealPasskey(p scheduling.Passkey) ([]byte, error) {
	plain, err := json.Marshal(passkeyInside{p.Name.Reveal(), p.Credential})
	if err != nil {
		return nil, fmt.Errorf("encode a passkey: %w", err)
	}
	return s.keys.sealMaster(plain, inPasskey(p.ID)), nil
}

func (s *Store) passkeyToRow(p scheduling.Passkey) (passkeyRow, error) {
	inside, err := s.sealPasskey(p)
	return passkeyRow{
		ID: p.ID, StaffID: p.StaffID, OfficeID: p.OfficeID, Hash: p.Hash[:], Inside: inside,
		Counter: int64(p.Counter), Uses: p.Uses, CreatedAt: unix(p.CreatedAt), UsedAt: unix(p.UsedAt),
	}, err
}

func (s *Store) passkey(r passkeyRow) (scheduling.Passkey, error) {
	out := scheduling.Passkey{
		ID: r.ID, StaffID: r.StaffID, OfficeID: r.OfficeID, Hash: scheduling.Digest(r.Hash),
		Counter: uint32(r.Counter), Uses: r.Uses, CreatedAt: at(r.CreatedAt), UsedAt: at(r.UsedAt),
	}
	plain, err := s.keys.openMaster(r.Inside, inPasskey(r.ID))
	if err != nil {
		return out, err
	}
	var in passkeyInside
	if err := json.Unmarshal(plain, &in); err != nil {
		return out, fmt.Errorf("read a passkey: %w", err)
	}
	out.Name, out.Credential = scheduling.NewPrivate(in.Name), in.Credential
	return out, nil
}

// passkeysOf lists a member's passkeys by when they were added.
func (s *Store) passkeysOf(ctx context.Context, staffID int64) ([]scheduling.Passkey, error) {
	var rows []passkeyRow
	if err := s.read.WithContext(ctx).Where("staff_id = ?", staffID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list passkeys: %w", s.reading(err))
	}
	out := make([]scheduling.Passkey, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = s.passkey(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Holder answers whose passkey a credential is.
func (s *Store) Holder(ctx context.Context, credential scheduling.Digest) (staffID, officeID int64, err error) {
	var rows []passkeyRow
	if err := s.read.WithContext(ctx).Select("staff_id", "office_id").Where("hash = ?", credential[:]).Find(&rows).Error; err != nil {
		return 0, 0, fmt.Errorf("look a passkey up: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return 0, 0, scheduling.NotFound()
	}
	return rows[0].StaffID, rows[0].OfficeID, nil
}

// AddPasskey adds a passkey where the account is still as it was read.
func (s *Store) AddPasskey(ctx context.Context, w scheduling.PasskeyWrite) error {
	row, err := s.passkeyToRow(w.Passkey)
	if err != nil {
		return err
	}
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if err := s.saveAccount(tx, w.AccountWrite); err != nil {
			return err
		}
		err := tx.Create(&row).Error
		if duplicate(err) {
			return scheduling.WrongState()
		}
		if err != nil {
			return fmt.Errorf("store a passkey: %w", err)
		}
		return nil
	})
}

// RenamePasskey gives a passkey of a member another name.
func (s *Store) RenamePasskey(ctx context.Context, staffID, id int64, name scheduling.Private, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		var rows []passkeyRow
		if err := tx.Raw("SELECT * FROM staff_passkeys WHERE id = ? AND staff_id = ?"+s.dialect.lock(), id, staffID).Scan(&rows).Error; err != nil {
			return fmt.Errorf("read a passkey: %w", err)
		}
		if len(rows) == 0 {
			return scheduling.NotFound()
		}
		p, err := s.passkey(rows[0])
		if err != nil {
			return err
		}
		p.Name = name
		inside, err := s.sealPasskey(p)
		if err != nil {
			return err
		}
		if err := must(tx, "rename a passkey", "UPDATE staff_passkeys SET inside = ? WHERE id = ?", inside, id); err != nil {
			return err
		}
		return insertAudit(tx, e)
	})
}

// usePasskey writes a use down, of a passkey that nobody has used since it was
// read.
func usePasskey(tx *gorm.DB, u *scheduling.PasskeyUse) error {
	if u == nil {
		return nil
	}
	n, err := exec(tx, "UPDATE staff_passkeys SET counter = ?, uses = uses + 1, used_at = ? WHERE id = ? AND uses = ?", int64(u.Counter), unix(u.At), u.ID, u.Uses)
	return lostUnless(n == 1, err, "use a passkey")
}

func (s *Store) resealPasskeys(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []passkeyRow
	if err := tx.Raw("SELECT * FROM staff_passkeys WHERE id > ? ORDER BY id LIMIT ?"+s.dialect.lock(), after, eraseBatch).Scan(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		plain, err := s.keys.openMaster(r.Inside, inPasskey(r.ID))
		if err != nil {
			return 0, 0, err
		}
		if _, err := exec(tx, "UPDATE staff_passkeys SET inside = ? WHERE id = ?", s.keys.sealMaster(plain, inPasskey(r.ID)), r.ID); err != nil {
			return 0, 0, err
		}
		last = r.ID
	}
	return last, int64(len(rows)), nil
}

func inChallenge(id scheduling.Digest) string { return fmt.Sprintf("staff_challenges|data|%x", id) }

// SaveChallenge keeps what a sign-in was begun with.
func (s *Store) SaveChallenge(ctx context.Context, id scheduling.Digest, kind string, data scheduling.Private, expires time.Time) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		return must(tx, "keep a challenge", "INSERT INTO staff_challenges (id, kind, data, expires_at) VALUES (?, ?, ?, ?)",
			id[:], kind, s.keys.sealMaster([]byte(data.Reveal()), inChallenge(id)), unix(expires))
	})
}

// TakeChallenge gives it away: of many who ask, to whoever deletes it.
func (s *Store) TakeChallenge(ctx context.Context, id scheduling.Digest, kind string, now time.Time) (scheduling.Private, error) {
	var sealed [][]byte
	err := s.tx(ctx, false, func(tx *gorm.DB) error {
		sealed = nil
		if err := tx.Raw("SELECT data FROM staff_challenges WHERE id = ? AND kind = ? AND expires_at > ?", id[:], kind, unix(now)).Scan(&sealed).Error; err != nil {
			return fmt.Errorf("read a challenge: %w", err)
		}
		n, err := exec(tx, "DELETE FROM staff_challenges WHERE id = ? AND kind = ?", id[:], kind)
		if err != nil {
			return fmt.Errorf("take a challenge: %w", err)
		}
		if n == 0 || len(sealed) == 0 {
			sealed = nil
		}
		return nil
	})
	if err != nil {
		return scheduling.Private{}, err
	}
	if len(sealed) == 0 {
		return scheduling.Private{}, scheduling.NotFound()
	}
	plain, err := s.keys.openMaster(sealed[0], inChallenge(id))
	return scheduling.NewPrivate(string(plain)), err
}
