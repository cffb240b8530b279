package scheduling

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"magpie/scheduling/account"
)

// Identity is whom an office's own log-in service has let in.
type Identity struct {
	Username string
	// MFA says that the service itself has asked for a second factor.
	MFA bool
}

// Identities is that service (OpenID Connect).
type Identities interface {
	// Address is where the browser goes to log in.
	Address(ctx context.Context, state, nonce, verifier string) (string, error)
	// Redeem answers unauthenticated for a code or a token that does not fit.
	Redeem(ctx context.Context, code, nonce, verifier string) (Identity, error)
}

// Ways of a log-in.
const (
	ByIdentity = "oidc"
	ByMFA      = "mfa"
)

const (
	begunIdentity = "oidc.begun"
	knownIdentity = "oidc.known"
	// identityWithin is how long somebody may take at the service, and for the
	// second factor.
	identityWithin = 10 * time.Minute
)

// IdentityStart sends a browser to the service.
type IdentityStart struct {
	Address string
	// State comes back with the code; whoever begins keeps it, so that nobody
	// is logged in by another's code.
	State     string
	ExpiresAt time.Time
}

// IdentityLogin takes up what the service sent the browser back with. Where a
// second factor was asked for, it is taken up once more, with that: the code
// is not looked at again.
type IdentityLogin struct {
	State string
	Code  string
	Shown
	Role    account.Role
	Address string
	Agent   string
}

// identityBegun is kept from the beginning to the code.
type identityBegun struct {
	Office, Nonce, Verifier string
	Until                   time.Time
}

// identityKnown is kept from the code to the second factor.
type identityKnown struct {
	Office   string
	Identity Identity
	Until    time.Time
}

// BeginIdentityLogin begins a log-in by the office's own service. Errors:
// not_found where the office has none; rate_limited by the address; overloaded
// where the service cannot be reached.
func (s *Scheduler) BeginIdentityLogin(ctx context.Context, office, address string) (IdentityStart, error) {
	if s.Identities == nil || !slices.Contains(s.Settings.IdentityOffices, office) {
		return IdentityStart{}, NotFound()
	}
	if _, err := s.Offices.Office(ctx, office); err != nil {
		return IdentityStart{}, err
	}
	now := s.now()
	if s.Settings.RateLimits {
		if err := s.count(ctx, "identities by address", address, now, PasskeysPerAddress); err != nil {
			return IdentityStart{}, err
		}
	}
	b := identityBegun{Office: office, Nonce: randomWord(), Verifier: randomWord(), Until: now.Add(identityWithin)}
	state, err := s.begun(ctx, begunIdentity, b, b.Until)
	if err != nil {
		return IdentityStart{}, err
	}
	to, err := s.Identities.Address(ctx, state, b.Nonce, b.Verifier)
	if err != nil {
		return IdentityStart{}, s.unreachable(ctx, err)
	}
	return IdentityStart{Address: to, State: state, ExpiresAt: b.Until}, nil
}

// FinishIdentityLogin gives the member whom the service names a token for twelve
// hours. A second factor that the member has here is asked for, unless the
// service has asked for one itself.
//
// Errors: unauthenticated; second_factor; invalid (role); rate_limited;
// overloaded where the service cannot be reached.
func (s *Scheduler) FinishIdentityLogin(ctx context.Context, l IdentityLogin) (Token, error) {
	known, err := s.identityOf(ctx, l)
	if err != nil {
		return Token{}, err
	}
	seen, err := s.look(ctx, l.Shown)
	if err != nil {
		return Token{}, err
	}
	token, err := untilWon(ctx, func() (Token, error) { return s.identityLogin(ctx, l, known, seen) })
	if code := CodeOf(err); err != nil && (code == CodeSecondFactor || code == CodeRateLimited || code == CodeInvalid) {
		if keeping := s.keep(ctx, l.State, knownIdentity, known, known.Until); keeping != nil {
			return Token{}, keeping
		}
	}
	return token, err
}

// identityOf answers whom the service named: now, for the code, or when a
// second factor was asked for.
func (s *Scheduler) identityOf(ctx context.Context, l IdentityLogin) (identityKnown, error) {
	var b identityBegun
	var known identityKnown
	ok, err := s.takeUp(ctx, begunIdentity, l.State, &b)
	switch {
	case err != nil:
		return known, err
	case !ok:
		if ok, err = s.takeUp(ctx, knownIdentity, l.State, &known); err == nil && !ok {
			err = Unauthenticated()
		}
		return known, err
	case s.Identities == nil:
		return known, Unauthenticated()
	}
	who, err := s.Identities.Redeem(ctx, l.Code, b.Nonce, b.Verifier)
	if CodeOf(err) == CodeUnauthenticated {
		s.warn(ctx, "a log-in by the office's own service was refused", err)
		return known, Unauthenticated()
	} else if err != nil {
		return known, s.unreachable(ctx, err)
	}
	return identityKnown{Office: b.Office, Identity: who, Until: b.Until}, nil
}

func (s *Scheduler) identityLogin(ctx context.Context, l IdentityLogin, known identityKnown, seen looked) (Token, error) {
	now := s.now()
	login := Login{Office: known.Office, Username: known.Identity.Username, OTP: l.OTP, Passkey: l.Passkey, Role: l.Role, Address: l.Address, Agent: l.Agent}
	office, acc, err := s.accountOf(ctx, login)
	if err != nil {
		return Token{}, err
	}
	if office == nil {
		return Token{}, Unauthenticated()
	}
	member, ok := office.StaffMember(login.Username)
	if !ok {
		who := Actor{Kind: Anonymous, OfficeID: office.ID}
		return Token{}, s.refusal(ctx, who, "staff.login", login.Username, Unauthenticated())
	}
	if err := member.mayAct(l.Role); err != nil {
		return Token{}, err
	}
	w := LoginWrite{StaffID: acc.StaffID, Revision: acc.Revision, How: []string{ByIdentity}}
	switch {
	case known.Identity.MFA:
		w.How = append(w.How, ByMFA)
	case acc.HasFactor():
		left, err := s.proveFactor(ctx, office, acc, login, seen, now)
		if err != nil {
			return Token{}, err
		}
		w.Spent, w.Used, w.How = &left.Factor, left.Used, append(w.How, left.By)
	}
	return s.startLogin(ctx, w, office, login, now)
}

// unreachable is the answer where the service does not: it is not ours to mend.
func (s *Scheduler) unreachable(ctx context.Context, err error) error {
	s.warn(ctx, "the office's own log-in service cannot be asked", err)
	return Overloaded()
}

func (s *Scheduler) warn(ctx context.Context, what string, err error) {
	if s.Log != nil {
		s.Log.WarnContext(ctx, what, "error", err)
	}
}

// randomWord is 256 random bits: a nonce, or a verifier (RFC 7636, 4.1).
func randomWord() string { return base64.RawURLEncoding.EncodeToString(randomBytes(32)) }
