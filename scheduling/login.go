package scheduling

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// Revision rises with every change of what follows.
	Revision int64
	Hash     string // argon2id; empty: no password was set
	Factor   Factor
	// Passkeys are the member's; each is a second factor, too.
	Passkeys []Passkey
}

// HasFactor says whether a second factor is asked for.
func (a Account) HasFactor() bool { return a.Factor.HasCodes() || len(a.Passkeys) > 0 }

// LoginWrite gives a member of staff a token, where the account is still as it
// was read; otherwise it is ErrLost, and nothing was written.
type LoginWrite struct {
	StaffID  int64
	Revision int64
	// Spent is the factor with what was shown used up; nil: none was shown.
	Spent *Factor
	// Used is the passkey that was shown; nil: none was.
	Used  *PasskeyUse
	Token Digest
	// How it is begun, by the By… words.
	How             []string
	Browser, System string
	Role            account.Role
	Expires, Now    time.Time
	Audit           AuditEntry
}

// Accounts are the passwords, second factors and log-ins of staff.
type Accounts interface {
	// Account answers not_found for a username that the office has not.
	Account(ctx context.Context, office *Office, username string) (Account, error)
	SetPassword(ctx context.Context, staffID int64, hash string) error
	// SaveAccount changes a second factor; ErrLost: it was changed meanwhile.
	SaveAccount(ctx context.Context, w AccountWrite) error
	StartSession(ctx context.Context, w LoginWrite) error
	// Session answers whose log-in it is and at which office.
	Session(ctx context.Context, token Digest, now time.Time) (StaffLogin, error)
	EndSession(ctx context.Context, token Digest) error
}

// The scopes of tries at a log-in.
const (
	passwordTries = "passwords"
	factorTries   = "second factors"
)

// Login gives a member of staff a token for twelve hours. An unknown office,
// an unknown name and a wrong password are the same answer, at the same cost,
// whether there is a second factor or not: it is asked for after the password.
//
// Errors: unauthenticated; invalid (role) where the password is right and the role
// is not the member's; second_factor where it is right and the code is missing,
// wrong or used; rate_limited after wrong passwords or codes.
func (s *Scheduler) Login(ctx context.Context, l Login) (Token, error) {
	seen, err := s.look(ctx, Shown{OTP: l.OTP, Passkey: l.Passkey})
	if err != nil {
		return Token{}, err
	}
	return untilWon(ctx, func() (Token, error) { return s.login(ctx, l, seen) })
}

func (s *Scheduler) login(ctx context.Context, l Login, seen looked) (Token, error) {
	now := s.now()
	office, acc, err := s.accountOf(ctx, l)
	if err != nil {
		return Token{}, err
	}
	if err := s.provePassword(ctx, office, acc, l, now); err != nil {
		return Token{}, err
	}
	member, _ := office.StaffMember(l.Username)
	if err := member.mayAct(l.Role); err != nil {
		return Token{}, err
	}
	w := LoginWrite{StaffID: acc.StaffID, Revision: acc.Revision, How: []string{ByPassword}}
	if acc.HasFactor() {
		left, err := s.proveFactor(ctx, office, acc, l, seen, now)
		if err != nil {
			return Token{}, err
		}
		w.Spent, w.Used, w.How = &left.Factor, left.Used, append(w.How, left.By)
	}
	return s.startLogin(ctx, w, office, l, now)
}

// startLogin gives a token to a member who has proved all that was asked for.
func (s *Scheduler) startLogin(ctx context.Context, w LoginWrite, office *Office, l Login, now time.Time) (Token, error) {
	token := newToken(staffPrefix)
	w.Token, w.Expires, w.Now, w.Role = tokenDigest(token), now.Add(account.StaffTokenLife), now, l.Role
	w.Browser, w.System = account.Browser(l.Agent)
	who := Actor{Kind: StaffKind, StaffID: w.StaffID, OfficeID: office.ID, Username: l.Username, Acting: l.Role}
	w.Audit = auditOf(who, "staff.login", l.Username, now, nil, nil)
	if err := s.Accounts.StartSession(ctx, w); err != nil {
		return Token{}, fmt.Errorf("start the session: %w", err)
	}
	return Token{Token: token, ExpiresAt: w.Expires}, nil
}

// provePassword counts the try, and refuses a password that is not right.
func (s *Scheduler) provePassword(ctx context.Context, office *Office, acc Account, l Login, now time.Time) error {
	name := acc.tally(l)
	if err := s.countTries(ctx, passwordTries, name, l.Address, now); err != nil {
		return err
	}
	ok, err := matches(ctx, acc.Hash, l.Password.Reveal())
	if err != nil {
		return err
	}
	if !ok || acc.StaffID == 0 {
		if office == nil {
			return Unauthenticated()
		}
		who := Actor{Kind: Anonymous, OfficeID: office.ID}
		return s.refusal(ctx, who, "staff.login", l.Username, Unauthenticated())
	}
	return s.clearTries(ctx, passwordTries, name, l.Address)
}

// proveFactor counts the try, and gives the factor with what was shown used up.
// That nothing was shown is no try: it is how one learns what is wanted.
func (s *Scheduler) proveFactor(ctx context.Context, office *Office, acc Account, l Login, seen looked, now time.Time) (spent, error) {
	if l.OTP.IsZero() && l.Passkey == nil {
		return spent{}, SecondFactor()
	}
	name := acc.tally(l)
	if err := s.countTries(ctx, factorTries, name, l.Address, now); err != nil {
		return spent{}, err
	}
	member, _ := office.StaffMember(l.Username)
	left, ok := s.spend(acc, member, seen, now)
	if !ok {
		who := Actor{Kind: Anonymous, OfficeID: office.ID}
		return spent{}, s.refusal(ctx, who, "staff.login", l.Username, SecondFactor())
	}
	return left, s.clearTries(ctx, factorTries, name, l.Address)
}

// tally names the wrong tries at an account. The stored hash is part of it, so
// that a new password lifts every lock of the old one.
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

// countTries counts a try before it is looked at, so that many at once do not
// slip by; a right one clears the count.
func (s *Scheduler) countTries(ctx context.Context, what, name, address string, now time.Time) error {
	if err := s.count(ctx, what+" by account and address", name+" "+address, now, account.PasswordLock); err != nil {
		return err
	}
	wait, err := s.Tallies.Count(ctx, what+" by account", name, now, func(t account.Tally) time.Duration {
		return account.PasswordWait(t, now)
	})
	if err != nil {
		return fmt.Errorf("count the %s of an account: %w", what, err)
	}
	if wait > 0 {
		return RateLimited(wait)
	}
	return nil
}

func (s *Scheduler) clearTries(ctx context.Context, what, name, address string) error {
	return errors.Join(
		s.Tallies.Clear(ctx, what+" by account", name),
		s.Tallies.Clear(ctx, what+" by account and address", name+" "+address),
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
	login, err := s.Accounts.Session(ctx, token, now)
	if CodeOf(err) == CodeNotFound {
		return Actor{}, Unauthenticated()
	} else if err != nil {
		return Actor{}, err
	}
	office, err := s.Offices.OfficeByID(ctx, login.OfficeID)
	if err != nil {
		return Actor{}, err
	}
	member, ok := office.StaffByID(login.StaffID)
	if !ok {
		return Actor{}, Unauthenticated()
	}
	s.markSeen(ctx, login, now)
	roles, acting := member.acting(login.Role), login.Role
	if member.mayAct(acting) != nil {
		acting = "" // it was the member's once
	}
	limited := office.NeedsFactor(member) && !login.HasFactor && !slices.Contains(login.How, ByMFA)
	if limited {
		roles = nil // so that whatever does not know of it is closed
	}
	return Actor{
		Kind: StaffKind, StaffID: login.StaffID, OfficeID: login.OfficeID, Office: office.Code,
		Username: member.Username, Roles: roles, Acting: acting, TokenHash: token[:], Limited: limited,
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
