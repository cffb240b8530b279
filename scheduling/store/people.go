package store

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/messages"
)

const codeLife = account.CodeLife

type verificationRow struct {
	ID        string `gorm:"primaryKey"`
	Number    int64
	CodeID    string
	PhoneHash []byte
	Phone     []byte
	Code      []byte
	CodeHash  []byte
	Locale    string
	ExpiresAt int64
	Used      int
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (verificationRow) TableName() string { return "verifications" }

// ByPhone finds the person whom a number stands for, under whichever key its
// hash was made.
func (s *Store) ByPhone(ctx context.Context, phone scheduling.Private) (scheduling.Person, error) {
	return s.byPhone(s.read.WithContext(ctx), phone)
}

func (s *Store) byPhone(db *gorm.DB, phone scheduling.Private) (scheduling.Person, error) {
	row, err := s.rowByPhone(db, phone)
	if err != nil {
		return scheduling.Person{}, err
	}
	return s.person(row)
}

func (s *Store) rowByPhone(db *gorm.DB, phone scheduling.Private) (personRow, error) {
	var row personRow
	err := db.Raw("SELECT p.* FROM contacts c JOIN persons p ON p.id = c.person_id WHERE c.hash IN ?",
		s.keys.digests("phone", phone.Reveal())).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, scheduling.NotFound()
	}
	if err != nil {
		return row, fmt.Errorf("look up a number: %w", s.reading(err))
	}
	return row, nil
}

// people reads persons by their ids.
func (s *Store) people(ctx context.Context, ids []int64) (map[int64]scheduling.Person, error) {
	return s.peopleIn(s.read.WithContext(ctx), ids)
}

func (s *Store) peopleIn(db *gorm.DB, ids []int64) (map[int64]scheduling.Person, error) {
	out := make(map[int64]scheduling.Person, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []personRow
	if err := db.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read people: %w", s.reading(err))
	}
	for _, r := range rows {
		p, err := s.person(r)
		if err != nil {
			return nil, err
		}
		out[r.ID] = p
	}
	return out, nil
}

// SendCode writes a verification and, unless it is silent, voids the last code
// and owes the message with the new one. Both ways write one row.
func (s *Store) SendCode(ctx context.Context, w scheduling.VerificationWrite) error {
	row := verificationRow{
		ID: w.ID, Number: newID(w.Now), CodeID: w.ID, Locale: w.Locale, ExpiresAt: unix(w.ExpiresAt), CreatedAt: unix(w.Now),
		PhoneHash: s.keys.digest("phone", w.Phone.Reveal()),
		Phone:     s.keys.sealMaster([]byte(w.Phone.Reveal()), "verifications|phone|"+w.ID),
	}
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if w.Silent {
			return s.standIn(tx, row, w.Now)
		}
		row.Code = s.keys.sealMaster([]byte(w.Code.Reveal()), "verifications|code|"+w.ID)
		row.CodeHash = s.keys.digest("code", w.ID+w.Code.Reveal())
		if err := must(tx, "void the last code", "UPDATE verifications SET used = 1 WHERE phone_hash = ? AND used = 0", row.PhoneHash); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("insert the verification: %w", err)
		}
		m := owed(messages.Due{Kind: messages.Code, Channel: messages.SMS, At: w.Now, Until: w.ExpiresAt}, w.Now)
		if m.OfficeID = w.OfficeID; m.OfficeID == 0 {
			m.OfficeID = s.firstOffice(ctx)
		}
		m.SubjectKind, m.SubjectID, m.Locale = aboutVerification, row.Number, w.Locale
		return tx.Create(&m).Error
	})
}

// standIn lets a new id stand for the code that is still alive for the number,
// if there is one: somebody who asked twice can still use the message they
// got. Without one no code fits.
func (s *Store) standIn(tx *gorm.DB, row verificationRow, now time.Time) error {
	var alive []verificationRow
	err := tx.Where("phone_hash = ? AND used = 0 AND expires_at > ? AND code_hash IS NOT NULL", row.PhoneHash, unix(now)).Order("created_at DESC").Limit(1).Find(&alive).Error
	if err != nil {
		return fmt.Errorf("look for a code that is alive: %w", err)
	}
	row.Used = 1
	if len(alive) > 0 {
		row.CodeID, row.CodeHash, row.ExpiresAt, row.Used = alive[0].CodeID, alive[0].CodeHash, alive[0].ExpiresAt, 0
	}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("insert the verification: %w", err)
	}
	return nil
}

// Try compares a code with the one of a verification.
func (s *Store) Try(ctx context.Context, id string, code scheduling.Private, now time.Time) (scheduling.Proof, error) {
	row, err := s.verification(s.read.WithContext(ctx), id)
	if err != nil {
		return scheduling.Proof{}, err
	}
	phone, err := s.keys.openMaster(row.Phone, "verifications|phone|"+row.ID)
	if err != nil {
		return scheduling.Proof{}, err
	}
	fits := false
	for _, h := range s.keys.digests("code", row.CodeID+code.Reveal()) {
		fits = hmac.Equal(h, row.CodeHash) || fits
	}
	return scheduling.Proof{Phone: scheduling.NewPrivate(string(phone)), Matches: fits && row.Used == 0 && row.ExpiresAt > unix(now)}, nil
}

func (s *Store) verification(db *gorm.DB, id string) (verificationRow, error) {
	var row verificationRow
	err := db.Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, scheduling.NotFound()
	}
	if err != nil {
		return row, fmt.Errorf("read the verification: %w", s.reading(err))
	}
	return row, nil
}

// useCode uses a code up, by one conditional update over every id that stands
// for it; not_found if it is used already.
func (s *Store) useCode(tx *gorm.DB, id string) (verificationRow, error) {
	row, err := s.verification(tx, id)
	if err != nil {
		return row, err
	}
	n, err := exec(tx, "UPDATE verifications SET used = 1 WHERE code_id = ? AND used = 0", row.CodeID)
	if err != nil {
		return row, fmt.Errorf("use the code: %w", err)
	}
	if n == 0 {
		return row, scheduling.NotFound()
	}
	return row, nil
}

// Prove uses a code up and gives the number's person a token; a number never
// seen becomes a person.
func (s *Store) Prove(ctx context.Context, id string, token scheduling.Digest, expires, now time.Time) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		row, err := s.useCode(tx, id)
		if err != nil {
			return err
		}
		number, err := s.keys.openMaster(row.Phone, "verifications|phone|"+row.ID)
		if err != nil {
			return err
		}
		phone := scheduling.NewPrivate(string(number))
		person, err := s.byPhone(tx, phone)
		if scheduling.CodeOf(err) == scheduling.CodeNotFound {
			person = scheduling.NewPersonFor(phone)
			err = s.insertPersons(tx, []scheduling.NewPerson{{Person: person, Claimed: true}}, now)
			if errors.Is(err, scheduling.ErrLost) { // the number was entered at the desk at this moment
				person, err = s.byPhone(tx, phone)
			}
		}
		if err != nil {
			return err
		}
		return must(tx, "give the token", "INSERT INTO citizen_tokens (hash, person_id, expires_at) VALUES (?, ?, ?)", token[:], person.ID, unix(expires))
	})
}

// ByToken finds whose token it is.
func (s *Store) ByToken(ctx context.Context, token scheduling.Digest, now time.Time) (scheduling.Person, error) {
	var row personRow
	err := s.read.Statement.ConnPool.QueryRowContext(ctx, "SELECT p.id, p.wrapped_key, p.phone, p.wish, p.erase_at FROM citizen_tokens t JOIN persons p ON p.id = t.person_id WHERE t.hash = ? AND t.expires_at > ?",
		token[:], unix(now)).Scan(&row.ID, &row.WrappedKey, &row.Phone, &row.Wish, &row.EraseAt)
	if errors.Is(err, sql.ErrNoRows) {
		return scheduling.Person{}, scheduling.NotFound()
	}
	if err != nil {
		return scheduling.Person{}, fmt.Errorf("look up a token: %w", s.reading(err))
	}
	return s.person(row)
}

// EndToken ends a citizen's token on every replica.
func (s *Store) EndToken(ctx context.Context, token scheduling.Digest) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "end the token", "DELETE FROM citizen_tokens WHERE hash = ?", token[:])
	})
}

// codesFor opens the codes of verifications that are to be sent.
func (s *Store) codesFor(db *gorm.DB, numbers []int64) (map[int64]verificationFacts, error) {
	out := make(map[int64]verificationFacts, len(numbers))
	if len(numbers) == 0 {
		return out, nil
	}
	var rows []verificationRow
	if err := db.Where("number IN ?", numbers).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read codes: %w", s.reading(err))
	}
	for _, r := range rows {
		phone, err := s.keys.openMaster(r.Phone, "verifications|phone|"+r.ID)
		if err != nil {
			return nil, err
		}
		code, err := s.keys.openMaster(r.Code, "verifications|code|"+r.ID)
		if err != nil {
			return nil, err
		}
		out[r.Number] = verificationFacts{phone: scheduling.NewPrivate(string(phone)), code: scheduling.NewPrivate(string(code))}
	}
	return out, nil
}

// firstOffice is the one under whose signature codes go out where no office is
// named, and which pays for
// them: a code is asked for before an office is chosen, so it is the only one,
// or the first by code; 0: there is none.
func (s *Store) firstOffice(ctx context.Context) int64 {
	offices, err := s.List(ctx)
	if err != nil || len(offices) == 0 {
		return 0
	}
	return offices[0].ID
}
