package scheduling

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"time"

	"magpie/scheduling/account"
)

const (
	citizenPrefix = "mc_"
	staffPrefix   = "ms_"
)

// Tallies count tries and sendings. Keys are hashed by the store.
type Tallies interface {
	// Count adds an event unless the rule makes it wait; it cannot be passed
	// in a race.
	Count(ctx context.Context, scope, key string, now time.Time, rule func(account.Tally) time.Duration) (time.Duration, error)
	// Undo takes one event of that instant back.
	Undo(ctx context.Context, scope, key string, at time.Time) error
	Clear(ctx context.Context, scope, key string) error
}

// VerificationWrite is a code on its way, or, with Silent, the same answer
// with nothing sent.
type VerificationWrite struct {
	ID        string
	Phone     Private
	Code      Private
	Locale    string
	ExpiresAt time.Time
	// OfficeID is the office under whose signature the code goes; 0: the first by
	// code.
	OfficeID int64
	// Silent: nothing is sent and nothing voided. The new id stands for the
	// code that is still alive for the number, if there is one.
	Silent bool
	Now    time.Time
}

// Proof is what is known of a verification when its code is tried.
type Proof struct {
	Phone Private
	// Matches says that the code is the right one, unused and in time.
	Matches bool
}

// People are the persons who count, their codes and tokens.
type People interface {
	// ByPhone answers not_found for a number that nobody proved or entered.
	ByPhone(ctx context.Context, phone Private) (Person, error)
	SendCode(ctx context.Context, w VerificationWrite) error
	// Try compares a code; not_found for an id that was never given out.
	Try(ctx context.Context, id string, code Private, now time.Time) (Proof, error)
	// Prove uses the code up and gives the number's person a token; not_found
	// if another request used it first.
	Prove(ctx context.Context, id string, token Digest, expires, now time.Time) error
	ByToken(ctx context.Context, token Digest, now time.Time) (Person, error)
	EndToken(ctx context.Context, token Digest) error
}

// CodeRequest asks for a code by text message.
type CodeRequest struct {
	Phone  Private
	Locale string // "zh" (also when empty) or "en"
	// Office is the code of the office under whose signature it goes; empty: it
	// is asked for before one is chosen, and goes under that of the first by code.
	Office  string
	Address string
}

// RequestCode sends a code to a number by text message. The answer is the same
// for every number; past the limits of a number nothing is sent, silently.
//
// Errors: invalid (phone, locale), not_found for the office, rate_limited by the
// address alone.
func (s *Scheduler) RequestCode(ctx context.Context, c CodeRequest) (Verification, error) {
	number, ok := NormalPhone(c.Phone.Reveal())
	if !ok {
		return Verification{}, Invalid("phone", "请填11位手机号。", "must be a mobile number of 11 digits")
	}
	office, err := s.signing(ctx, c.Office)
	if err != nil {
		return Verification{}, err
	}
	now := s.now()
	if s.Settings.RateLimits {
		if err := s.count(ctx, "codes by address", c.Address, now, account.CodesPerAddress); err != nil {
			return Verification{}, err
		}
	}
	wait, err := s.Tallies.Count(ctx, "codes by number", number, now, within(now, account.CodesPerNumber...))
	if err != nil {
		return Verification{}, fmt.Errorf("count the codes of a number: %w", err)
	}
	w := VerificationWrite{
		ID: base64.RawURLEncoding.EncodeToString(randomBytes(16)), Phone: NewPrivate(number), Code: newCode(),
		Locale: c.Locale, OfficeID: office, ExpiresAt: now.Add(account.CodeLife), Silent: wait > 0, Now: now,
	}
	if err := s.People.SendCode(ctx, w); err != nil {
		return Verification{}, fmt.Errorf("write down the code: %w", err)
	}
	s.nudge()
	return Verification{ID: w.ID, ExpiresAt: w.ExpiresAt, ResendAt: now.Add(account.CodeResend)}, nil
}

// signing is the number of the office under whose signature a code goes; 0: the
// first.
func (s *Scheduler) signing(ctx context.Context, code string) (int64, error) {
	if code == "" {
		return 0, nil
	}
	office, err := s.Offices.Office(ctx, code)
	if err != nil {
		return 0, err
	}
	return office.ID, nil
}

// ConfirmCode gives the citizen's token for the right code: 256 random bits,
// two hours.
//
// Errors: invalid (code) for a wrong, used or ended code and past the tries of
// the number; rate_limited past the tries of this id.
func (s *Scheduler) ConfirmCode(ctx context.Context, id, code, _ string) (Token, error) {
	now := s.now()
	if err := s.tryCode(ctx, id, code, Private{}, now); err != nil {
		return Token{}, err
	}
	token := newToken(citizenPrefix)
	out := Token{Token: token, ExpiresAt: now.Add(account.CitizenTokenLife)}
	err := s.People.Prove(ctx, id, tokenDigest(token), out.ExpiresAt, now)
	if CodeOf(err) == CodeNotFound {
		return Token{}, wrongCode()
	}
	return out, err
}

// tryCode counts a try of a code and refuses one that is not right, or was sent
// to another number than that which is asked for, if any. It does not use the
// code up.
func (s *Scheduler) tryCode(ctx context.Context, id, code string, of Private, now time.Time) error {
	if err := s.count(ctx, "tries of a code", id, now, account.Limit{Max: account.CodeTries, Per: 24 * time.Hour}); err != nil {
		return err
	}
	proof, err := s.People.Try(ctx, id, NewPrivate(code), now)
	if CodeOf(err) == CodeNotFound {
		return wrongCode()
	} else if err != nil {
		return fmt.Errorf("try the code: %w", err)
	}
	if !of.IsZero() && of != proof.Phone {
		return wrongCode()
	}
	number := proof.Phone.Reveal()
	wait, err := s.Tallies.Count(ctx, "tries by number", number, now, within(now, account.WrongCodesPerNumber))
	if err != nil {
		return fmt.Errorf("count the tries of a number: %w", err)
	}
	if wait > 0 || !proof.Matches {
		return wrongCode()
	}
	if err := s.Tallies.Undo(ctx, "tries by number", number, now); err != nil {
		return fmt.Errorf("take a right try back: %w", err)
	}
	return nil
}

func wrongCode() *Error {
	return Invalid("code", "验证码不对或已过期，请核对短信，或再发一次。", "wrong, used or expired")
}

// Authenticate answers who shows a token. Errors: unauthenticated.
func (s *Scheduler) Authenticate(ctx context.Context, token string) (Actor, error) {
	digest, now := tokenDigest(token), s.now()
	switch {
	case strings.HasPrefix(token, citizenPrefix):
		person, err := s.People.ByToken(ctx, digest, now)
		if CodeOf(err) == CodeNotFound {
			return Actor{}, Unauthenticated()
		}
		return Actor{Kind: Citizen, Person: person, TokenHash: digest[:]}, err
	case strings.HasPrefix(token, staffPrefix):
		return s.authenticateStaff(ctx, digest, now)
	}
	return Actor{}, Unauthenticated()
}

// EndSession ends the token that was shown, at once and on every replica.
func (s *Scheduler) EndSession(ctx context.Context, a Actor) error {
	digest := Digest(a.TokenHash)
	if a.Kind == StaffKind {
		return s.Accounts.EndSession(ctx, digest)
	}
	return s.People.EndToken(ctx, digest)
}

// count refuses with rate_limited what the limits do not allow.
func (s *Scheduler) count(ctx context.Context, scope, key string, now time.Time, limits ...account.Limit) error {
	wait, err := s.Tallies.Count(ctx, scope, key, now, within(now, limits...))
	if err != nil {
		return fmt.Errorf("count %s: %w", scope, err)
	}
	if wait > 0 {
		return RateLimited(wait)
	}
	return nil
}

// within is the rule of some limits: how long to wait, zero for not at all.
func within(now time.Time, limits ...account.Limit) func(account.Tally) time.Duration {
	return func(t account.Tally) time.Duration {
		next := t.Next(now, limits...)
		if next.IsZero() {
			return 0
		}
		return max(next.Sub(now), time.Second)
	}
}

func newToken(prefix string) string {
	return prefix + base64.RawURLEncoding.EncodeToString(randomBytes(32))
}

func tokenDigest(token string) Digest { return sha256.Sum256([]byte(token)) }

func newCode() Private {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic("crypto/rand: " + err.Error())
	}
	return NewPrivate(fmt.Sprintf("%0*d", account.CodeDigits, n))
}
