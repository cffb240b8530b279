package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"magpie/scheduling/account"
)

// argon is what a password is hashed with: OWASP's 19 MiB and two passes, two
// at once at most, so that a storm of log-ins cannot take the memory.
var (
	argon      = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	argonTurns = make(chan struct{}, 2)
)

// Account is what a log-in is checked against.
type Account struct {
	StaffID int64
	Hash    string // argon2id; empty: no password was set
}

// Accounts are the passwords and log-ins of staff.
type Accounts interface {
	// Account answers not_found for a username that the office has not.
	Account(ctx context.Context, office *Office, username string) (Account, error)
	SetPassword(ctx context.Context, staffID int64, hash string) error
	StartSession(ctx context.Context, staffID int64, token Digest, expires, now time.Time) error
	// Session answers whose log-in it is and at which office.
	Session(ctx context.Context, token Digest, now time.Time) (staffID, officeID int64, err error)
	EndSession(ctx context.Context, token Digest) error
}

// Login gives a member of staff a token for twelve hours. An unknown office,
// an unknown name and a wrong password are the same answer, at the same cost.
//
// Errors: unauthenticated; rate_limited after wrong passwords.
func (s *Scheduler) Login(ctx context.Context, l Login) (Token, error) {
	now := s.now()
	office, acc, err := s.accountOf(ctx, l)
	if err != nil {
		return Token{}, err
	}
	name := acc.tally(l)
	if err := s.countPassword(ctx, name, l.Address, now); err != nil {
		return Token{}, err
	}
	ok, err := matches(ctx, acc.Hash, l.Password.Reveal())
	if err != nil {
		return Token{}, err
	}
	if !ok || acc.StaffID == 0 {
		if office == nil {
			return Token{}, Unauthenticated()
		}
		who := Actor{Kind: Anonymous, OfficeID: office.ID}
		return Token{}, s.refusal(ctx, who, "staff.login", l.Username, Unauthenticated())
	}
	if err := s.clearPassword(ctx, name, l.Address); err != nil {
		return Token{}, err
	}
	token := newToken(staffPrefix)
	out := Token{Token: token, ExpiresAt: now.Add(account.StaffTokenLife)}
	if err := s.Accounts.StartSession(ctx, acc.StaffID, tokenDigest(token), out.ExpiresAt, now); err != nil {
		return Token{}, fmt.Errorf("start the session: %w", err)
	}
	who := Actor{Kind: StaffKind, StaffID: acc.StaffID, OfficeID: office.ID, Username: l.Username}
	return out, s.Trail.Record(ctx, auditOf(who, "staff.login", l.Username, now, nil, nil))
}

// tally names the wrong passwords of an account. The stored hash is part of
// it, so that a new password lifts every lock of the old one.
func (a Account) tally(l Login) string { return l.Office + "/" + l.Username + " " + a.Hash }

// accountOf finds the account, or one that no password fits.
func (s *Scheduler) accountOf(ctx context.Context, l Login) (*Office, Account, error) {
	office, err := s.Offices.Office(ctx, l.Office)
	if CodeOf(err) == CodeNotFound {
		return nil, Account{}, nil
	} else if err != nil {
		return nil, Account{}, err
	}
	acc, err := s.Accounts.Account(ctx, office, l.Username)
	if CodeOf(err) == CodeNotFound {
		return office, Account{}, nil
	}
	return office, acc, err
}

// countPassword counts the try before the password is looked at, so that many
// at once do not slip by; a right one clears the count.
func (s *Scheduler) countPassword(ctx context.Context, name, address string, now time.Time) error {
	if err := s.count(ctx, "passwords by account and address", name+" "+address, now, account.PasswordLock); err != nil {
		return err
	}
	wait, err := s.Tallies.Count(ctx, "passwords by account", name, now, func(t account.Tally) time.Duration {
		return account.PasswordWait(t, now)
	})
	if err != nil {
		return fmt.Errorf("count the passwords of an account: %w", err)
	}
	if wait > 0 {
		return RateLimited(wait)
	}
	return nil
}

func (s *Scheduler) clearPassword(ctx context.Context, name, address string) error {
	return errors.Join(
		s.Tallies.Clear(ctx, "passwords by account", name),
		s.Tallies.Clear(ctx, "passwords by account and address", name+" "+address),
	)
}

// SetPassword sets the password of a member of staff and lifts a lock. It
// ends the log-ins that the old one gave. Errors: not_found, invalid (password).
func (s *Scheduler) SetPassword(ctx context.Context, office, username string, password Private) error {
	o, err := s.Offices.Office(ctx, office)
	if err != nil {
		return err
	}
	acc, err := s.Accounts.Account(ctx, o, username)
	if err != nil {
		return err
	}
	if err := account.CheckPassword(password.Reveal(), username); err != nil {
		return Invalid("password", "密码不合要求。", err.Error())
	}
	hash, err := hashPassword(ctx, password.Reveal())
	if err != nil {
		return err
	}
	if err := s.Accounts.SetPassword(ctx, acc.StaffID, hash); err != nil {
		return fmt.Errorf("store the password: %w", err)
	}
	who := Actor{Kind: System, OfficeID: o.ID}
	return s.Trail.Record(ctx, auditOf(who, "staff.password", username, s.now(), nil, nil))
}

func (s *Scheduler) authenticateStaff(ctx context.Context, token Digest, now time.Time) (Actor, error) {
	staffID, officeID, err := s.Accounts.Session(ctx, token, now)
	if CodeOf(err) == CodeNotFound {
		return Actor{}, Unauthenticated()
	} else if err != nil {
		return Actor{}, err
	}
	office, err := s.Offices.OfficeByID(ctx, officeID)
	if err != nil {
		return Actor{}, err
	}
	member, ok := office.StaffByID(staffID)
	if !ok {
		return Actor{}, Unauthenticated()
	}
	return Actor{
		Kind: StaffKind, StaffID: staffID, OfficeID: officeID, Office: office.Code,
		Username: member.Username, Roles: member.Roles, TokenHash: token[:],
	}, nil
}

// noPassword is a hash that nothing fits, compared against when there is no
// account, so that the answer takes as long.
const noPassword = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$b8vlaC8cT/bPVtmtQvGb1GNnVJ7pCcDzkzuJ9Q5Xh0E" //nolint:gosec // it is nobody's

func matches(ctx context.Context, hash, password string) (bool, error) {
	if err := takeTurn(ctx); err != nil {
		return false, err
	}
	defer giveTurn()
	if hash == "" {
		_, _ = argon2id.ComparePasswordAndHash(password, noPassword)
		return false, nil
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare the password: %w", err)
	}
	return ok, nil
}

func hashPassword(ctx context.Context, password string) (string, error) {
	if err := takeTurn(ctx); err != nil {
		return "", err
	}
	defer giveTurn()
	hash, err := argon2id.CreateHash(password, argon)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return hash, nil
}

func takeTurn(ctx context.Context) error {
	select {
	case argonTurns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return Overloaded()
	}
}

func giveTurn() { <-argonTurns }
