package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Rekeyed counts what was sealed or hashed anew.
type Rekeyed struct {
	Persons, Contacts, Leave, Tasks, Factors, Calendars, Passkeys int64
}

// Rekey re-wraps every person's key, re-hashes every number and re-seals what
// the master key itself seals, under the newest key, while servers run that
// know both. What lives for a day, a visit too, is left to end by itself. It may be stopped
// and run again.
func (s *Store) Rekey(ctx context.Context) (Rekeyed, error) {
	var out Rekeyed
	var err error
	if out.Persons, err = s.inOrder(ctx, s.rewrap); err != nil {
		return out, fmt.Errorf("re-wrap people's keys: %w", err)
	}
	if out.Contacts, err = s.inBatches(ctx, s.rehash); err != nil {
		return out, fmt.Errorf("re-hash numbers: %w", err)
	}
	if out.Leave, err = s.inOrder(ctx, s.resealLeave); err != nil {
		return out, fmt.Errorf("re-seal reasons of leave: %w", err)
	}
	if out.Tasks, err = s.inOrder(ctx, s.resealTasks); err != nil {
		return out, fmt.Errorf("re-seal the desk's tasks: %w", err)
	}
	if out.Factors, err = s.inOrder(ctx, s.resealFactors); err != nil {
		return out, fmt.Errorf("re-seal second factors: %w", err)
	}
	for _, reseal := range []func(*gorm.DB, int64) (int64, int64, error){s.resealAppPasswords, s.resealOutside} {
		n, err := s.inOrder(ctx, reseal)
		if out.Calendars += n; err != nil {
			return out, fmt.Errorf("re-seal what belongs to calendars: %w", err)
		}
	}
	if out.Passkeys, err = s.inOrder(ctx, s.resealPasskeys); err != nil {
		return out, fmt.Errorf("re-seal passkeys: %w", err)
	}
	return out, nil
}

func (s *Store) resealAppPasswords(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []appPasswordRow
	if err := tx.Where("id > ?", after).Order("id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		name, err := s.keys.openMaster(r.Name, inAppPassword(r.ID))
		if err != nil {
			return 0, 0, err
		}
		if _, err := exec(tx, "UPDATE app_passwords SET name = ? WHERE id = ?", s.keys.sealMaster(name, inAppPassword(r.ID)), r.ID); err != nil {
			return 0, 0, err
		}
		last = r.ID
	}
	return last, int64(len(rows)), nil
}

func (s *Store) rewrap(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []personRow
	if err := tx.Where("id > ? AND key_id <> ?", after, s.keys.active).Order("id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		key, err := s.keys.openMaster(r.WrappedKey, inPerson("wrapped_key", r.ID))
		if err != nil {
			return 0, 0, err
		}
		if _, err := exec(tx, "UPDATE persons SET wrapped_key = ?, key_id = ? WHERE id = ?", s.keys.sealMaster(key, inPerson("wrapped_key", r.ID)), s.keys.active, r.ID); err != nil {
			return 0, 0, err
		}
		last = r.ID
	}
	return last, int64(len(rows)), nil
}

// rehash gives a number's row its new hash. Where a server has meanwhile made
// one under the newest key, the older row is no longer needed.
func (s *Store) rehash(tx *gorm.DB) (int64, error) {
	var rows []contactRow
	if err := tx.Where("key_id <> ?", s.keys.active).Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, err
	}
	for _, r := range rows {
		var person personRow
		if err := tx.Where("id = ?", r.PersonID).Take(&person).Error; err != nil {
			return 0, err
		}
		p, err := s.person(person)
		if err != nil {
			return 0, err
		}
		_, err = exec(tx, "UPDATE contacts SET hash = ?, key_id = ? WHERE hash = ?", s.keys.digest("phone", p.Phone.Reveal()), s.keys.active, r.Hash)
		if duplicate(err) {
			_, err = exec(tx, "DELETE FROM contacts WHERE hash = ?", r.Hash)
		}
		if err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

func (s *Store) resealLeave(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []timeOffRow
	if err := tx.Where("id > ? AND reason IS NOT NULL", after).Order("id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		plain, err := s.keys.openMaster(r.Reason, where("time_off", "reason", r.ID))
		if err != nil {
			return 0, 0, err
		}
		if _, err := exec(tx, "UPDATE time_off SET reason = ? WHERE id = ?", s.keys.sealMaster(plain, where("time_off", "reason", r.ID)), r.ID); err != nil {
			return 0, 0, err
		}
		last = r.ID
	}
	return last, int64(len(rows)), nil
}

func (s *Store) resealTasks(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []taskRow
	if err := tx.Where("id > ? AND phone IS NOT NULL", after).Order("id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		phone, err := s.keys.openMaster(r.Phone, inTask("phone", r.ID))
		if err != nil {
			return 0, 0, err
		}
		text, err := s.keys.openMaster(r.Text, inTask("text", r.ID))
		if err != nil {
			return 0, 0, err
		}
		if _, err := exec(tx, "UPDATE tasks SET phone = ?, text = ? WHERE id = ?", s.keys.sealMaster(phone, inTask("phone", r.ID)), s.keys.sealMaster(text, inTask("text", r.ID)), r.ID); err != nil {
			return 0, 0, err
		}
		last = r.ID
	}
	return last, int64(len(rows)), nil
}
