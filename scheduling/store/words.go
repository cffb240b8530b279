package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

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
