package scheduling

import (
	"context"
	"fmt"
	"time"

	"magpie/scheduling/account"
)

// Words keeps the code words that people have chosen, so that they can sign in
// without a text message.
type Words interface {
	// WordOf answers the hash of the code word of the number's person; empty:
	// none was chosen. not_found: nobody has the number.
	WordOf(ctx context.Context, phone Private) (Person, Private, error)
	SetWord(ctx context.Context, w WordWrite) error
	// GiveToken gives a person a token.
	GiveToken(ctx context.Context, person int64, token Digest, expires time.Time) error
}

// WordWrite sets a person's code word, or removes it where Hash is empty.
type WordWrite struct {
	Person Person
	Hash   Private // argon2id
	Audit  AuditEntry
}

// SignIn gives the citizen's token for a number and its code word. A wrong word,
// a number without one and an unknown number are the same answer, at the same
// cost.
//
// Errors: invalid (phone for its form alone, code_word, also past the tries of
// the number); rate_limited by the address alone.
func (s *Scheduler) SignIn(ctx context.Context, phone, word Private, address string) (Token, error) {
	number, ok := NormalPhone(phone.Reveal())
	if !ok {
		return Token{}, Invalid("phone", "请填11位手机号。", "must be a mobile number of 11 digits")
	}
	now := s.now()
	if s.Settings.RateLimits {
		if err := s.count(ctx, "code words by address", address, now, account.WordsPerAddress); err != nil {
			return Token{}, err
		}
	}
	wrong := Invalid("code_word", "手机号和暗号对不上，请核对，或用短信验证。", "the number and the code word do not belong together")
	wait, err := s.Tallies.Count(ctx, "code words by number", number, now, within(now, account.WrongWordsPerNumber))
	if err != nil {
		return Token{}, fmt.Errorf("count the code words of a number: %w", err)
	}
	person, hash, err := s.Words.WordOf(ctx, NewPrivate(number))
	if err != nil && CodeOf(err) != CodeNotFound {
		return Token{}, fmt.Errorf("look up the code word: %w", err)
	}
	fits, err := matches(ctx, hash.Reveal(), account.NormalWord(word.Reveal()))
	if err != nil {
		return Token{}, err
	}
	if wait > 0 || !fits || person.ID == 0 {
		return Token{}, wrong
	}
	if err := s.Tallies.Undo(ctx, "code words by number", number, now); err != nil {
		return Token{}, fmt.Errorf("take a right try back: %w", err)
	}
	token := newToken(citizenPrefix)
	out := Token{Token: token, ExpiresAt: now.Add(account.CitizenTokenLife)}
	return out, s.Words.GiveToken(ctx, person.ID, tokenDigest(token), out.ExpiresAt)
}

// SetCodeWord sets the citizen's own code word, or removes it where word is
// empty. It ends no token. Errors: invalid (code_word).
func (s *Scheduler) SetCodeWord(ctx context.Context, a Actor, word Private) error {
	if a.Kind != Citizen {
		return Unauthenticated()
	}
	if word.IsZero() {
		return s.Words.SetWord(ctx, wordWrite(a, a.Person, Private{}, s.now()))
	}
	if err := checkWord(word, a.Person.Phone); err != nil {
		return err
	}
	hash, err := hashWord(ctx, word)
	if err != nil {
		return err
	}
	return s.Words.SetWord(ctx, wordWrite(a, a.Person, hash, s.now()))
}

func wordWrite(a Actor, p Person, hash Private, now time.Time) WordWrite {
	action := "code_word.set"
	if hash.IsZero() {
		action = "code_word.removed"
	}
	return WordWrite{Person: p, Hash: hash, Audit: auditOf(a, action, itoa(p.ID), now, nil, nil)}
}

// HasCodeWord says whether the citizen has chosen one.
func (s *Scheduler) HasCodeWord(ctx context.Context, a Actor) (bool, error) {
	if a.Kind != Citizen {
		return false, Unauthenticated()
	}
	_, hash, err := s.Words.WordOf(ctx, a.Person.Phone)
	if CodeOf(err) == CodeNotFound {
		return false, nil
	}
	return !hash.IsZero(), err
}

// checkWord tests a code word that comes with a booking: it becomes that of
// whoever counts, so somebody must.
func (b Booking) checkWord(p Person) error {
	switch {
	case b.CodeWord.IsZero():
		return nil
	case p.ID == 0:
		return Invalid("code_word", "留了手机号才能设暗号。", "needs a number that counts")
	}
	return checkWord(b.CodeWord, p.Phone)
}

// checkWord tests a new code word against the number that it stands beside.
func checkWord(word, number Private) error {
	if err := account.CheckWord(account.NormalWord(word.Reveal()), number.Reveal()); err != nil {
		return Invalid("code_word", "暗号要4到32个字，别太好猜，也别用手机号里的数字。", err.Error())
	}
	return nil
}

// hashWord hashes a code word as a password is.
func hashWord(ctx context.Context, word Private) (Private, error) {
	hash, err := hashPassword(ctx, account.NormalWord(word.Reveal()))
	return NewPrivate(hash), err
}
