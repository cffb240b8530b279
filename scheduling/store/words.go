package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

// sealedAsks is what a booking asks for beyond time and place, as it is sealed:
// that somebody hears badly is nobody else's business.
type sealedAsks struct {
	Needs []scheduling.Need `json:"needs,omitempty"`
	Title string            `json:"title,omitempty"`
}

func asksToSeal(a scheduling.Appointment) scheduling.Private {
	if len(a.Needs) == 0 && a.Title == "" {
		return scheduling.Private{}
	}
	plain, err := json.Marshal(sealedAsks{a.Needs, a.Title})
	if err != nil {
		panic("encode needs: " + err.Error()) // strings alone
	}
	return scheduling.NewPrivate(string(plain))
}

func (a *assembled) openAsks(key []byte, r appointmentRow) error {
	plain, err := openText(key, r.Asks, inAppointment("asks", r.ID))
	if err != nil || plain.IsZero() {
		return err
	}
	var asks sealedAsks
	if err := json.Unmarshal([]byte(plain.Reveal()), &asks); err != nil {
		return fmt.Errorf("decode needs: %w", err)
	}
	a.Needs, a.Title = asks.Needs, asks.Title
	return nil
}

// WordOf answers the person of a number and the hash of their code word, in one
// read whether there is one or not.
func (s *Store) WordOf(ctx context.Context, phone scheduling.Private) (scheduling.Person, scheduling.Private, error) {
	row, err := s.rowByPhone(s.read.WithContext(ctx), phone)
	if err != nil {
		return scheduling.Person{}, scheduling.Private{}, err
	}
	person, err := s.person(row)
	if err != nil {
		return scheduling.Person{}, scheduling.Private{}, err
	}
	hash, err := openText(person.Key, row.CodeWord, inPerson("code_word", person.ID))
	return person, hash, err
}

// SetWord writes or removes a code word.
func (s *Store) SetWord(ctx context.Context, w scheduling.WordWrite) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		set := wordStatement(w)
		if err := must(tx, "write the code word", set.query, set.args...); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

func wordStatement(w scheduling.WordWrite) statement {
	sealed := sealText(w.Person.Key, w.Hash, inPerson("code_word", w.Person.ID))
	return statement{"UPDATE persons SET code_word = ? WHERE id = ?", []any{sealed, w.Person.ID}}
}

// GiveToken gives a person a token.
func (s *Store) GiveToken(ctx context.Context, person int64, token scheduling.Digest, expires time.Time) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		return must(tx, "give the token", "INSERT INTO citizen_tokens (hash, person_id, expires_at) VALUES (?, ?, ?)", token[:], person, unix(expires))
	})
}
