package store

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
)

type accountRow struct {
	StaffID  int64 `gorm:"primaryKey;autoIncrement:false"`
	Hash     string
	Revision int64
	Factor   []byte // sealed under the master key
	FactorAt int64
}

func (accountRow) TableName() string { return "staff_accounts" }

func inFactor(staffID int64) string { return where("staff_accounts", "factor", staffID) }

// factorInside is a second factor as it is sealed.
type factorInside struct {
	Secret   string              `json:"totp"`
	Step     int64               `json:"step"`
	Recovery []scheduling.Digest `json:"recovery"`
}

// sealFactor is the column factor; nothing stays nothing.
func (s *Store) sealFactor(f scheduling.Factor, staffID int64) ([]byte, error) {
	if f.Secret.IsZero() && len(f.Recovery) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(factorInside{f.Secret.Reveal(), f.Step, f.Recovery}) //nolint:gosec // it is sealed at once
	if err != nil {
		return nil, fmt.Errorf("encode the second factor: %w", err)
	}
	return s.keys.sealMaster(plain, inFactor(staffID)), nil
}

func (s *Store) openFactor(r accountRow) (scheduling.Factor, error) {
	if len(r.Factor) == 0 {
		return scheduling.Factor{}, nil
	}
	plain, err := s.keys.openMaster(r.Factor, inFactor(r.StaffID))
	if err != nil {
		return scheduling.Factor{}, err
	}
	var in factorInside
	if err := json.Unmarshal(plain, &in); err != nil {
		return scheduling.Factor{}, fmt.Errorf("read the second factor: %w", err)
	}
	return scheduling.Factor{Secret: scheduling.NewPrivate(in.Secret), Since: at(r.FactorAt), Step: in.Step, Recovery: in.Recovery}, nil
}

// saveFactor sets an account's second factor where its revision is still that
// which was read.
func (s *Store) saveFactor(tx *gorm.DB, staffID, revision int64, f scheduling.Factor) error {
	sealed, err := s.sealFactor(f, staffID)
	if err != nil {
		return err
	}
	var value any // a nil slice would be an empty blob to SQLite
	if sealed != nil {
		value = sealed
	}
	n, err := exec(tx, "UPDATE staff_accounts SET factor = ?, factor_at = ?, revision = revision + 1 WHERE staff_id = ? AND revision = ?", value, unix(f.Since), staffID, revision)
	return lostUnless(n == 1, err, "change the second factor")
}

func (s *Store) resealFactors(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []accountRow
	if err := tx.Where("staff_id > ? AND factor IS NOT NULL", after).Order("staff_id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		plain, err := s.keys.openMaster(r.Factor, inFactor(r.StaffID))
		if err != nil {
			return 0, 0, err
		}
		// Where a log-in has meanwhile written it, that is under the newest key.
		if _, err := exec(tx, "UPDATE staff_accounts SET factor = ? WHERE staff_id = ? AND revision = ?", s.keys.sealMaster(plain, inFactor(r.StaffID)), r.StaffID, r.Revision); err != nil {
			return 0, 0, err
		}
		last = r.StaffID
	}
	return last, int64(len(rows)), nil
}
