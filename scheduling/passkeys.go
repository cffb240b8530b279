package scheduling

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"magpie/scheduling/account"
)

// PasskeysPerAddress limits the ceremonies that somebody who is not logged in
// may begin from one address: an office behind one address logs in with it.
var PasskeysPerAddress = account.Limit{Max: 120, Per: time.Hour}

// Ceremony is what a browser is asked to do with a passkey.
type Ceremony struct {
	// ID takes it up again: once, within five minutes.
	ID string
	// Options are for navigator.credentials, as JSON: {"publicKey": …}.
	Options []byte
}

// Signature is what a browser answered to a ceremony.
type Signature struct {
	ID string
	// Response is the PublicKeyCredential as JSON.
	Response []byte
}

// Shown is what proves somebody beside the password: a code, a recovery code or
// a passkey.
type Shown struct {
	OTP     Private
	Passkey *Signature
}

// IsZero says that nothing was shown.
func (s Shown) IsZero() bool { return s.OTP.IsZero() && s.Passkey == nil }

// NewPasskey is a passkey to be added.
type NewPasskey struct {
	Signature
	Name Private
}

// PasskeyLogin is a log-in by a passkey alone.
type PasskeyLogin struct {
	Signature
	Role    account.Role
	Address string
	Agent   string
}

// PasskeyWrite adds a passkey.
type PasskeyWrite struct {
	AccountWrite
	Passkey Passkey
}

// Passkeys keeps the passkeys of staff.
type Passkeys interface {
	// Holder answers whose passkey it is, and at which office; not_found.
	Holder(ctx context.Context, credential Digest) (staffID, officeID int64, err error)
	// AddPasskey answers ErrLost where the account has changed; in_use never:
	// a credential that is known already is wrong_state.
	AddPasskey(ctx context.Context, w PasskeyWrite) error
	// RenamePasskey answers not_found for one that is not the member's.
	RenamePasskey(ctx context.Context, staffID, id int64, name Private, e AuditEntry) error
}

// OwnPasskeys lists one's own, by when they were added.
func (s *Scheduler) OwnPasskeys(ctx context.Context, a Actor) ([]Passkey, error) {
	own, err := s.own(ctx, a)
	return own.Passkeys, err
}

// BeginPasskey begins to add a passkey. Where there is a second factor already,
// it must be shown: what is added here signs in by itself.
//
// Errors: wrong_state where the public address has no host name; limit_reached
// with ten; invalid (otp); rate_limited.
func (s *Scheduler) BeginPasskey(ctx context.Context, a Actor, shown Shown) (Ceremony, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return Ceremony{}, err
	}
	seen, err := s.look(ctx, shown)
	if err != nil {
		return Ceremony{}, err
	}
	own, err := untilWon(ctx, func() (ownAccount, error) { return s.mayAdd(ctx, a, seen) })
	if err != nil {
		return Ceremony{}, err
	}
	of := own.holder()
	creation, session, err := rp.BeginRegistration(of, webauthn.WithExclusions(webauthn.Credentials(of.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin to add a passkey: %w", err)
	}
	creation.Response.RelyingParty.Name = own.office.Name.ZH
	return s.ceremony(ctx, addPasskeyChallenge, session, creation, own.now)
}

// mayAdd proves who adds a passkey, where there is something to prove it by.
func (s *Scheduler) mayAdd(ctx context.Context, a Actor, seen looked) (ownAccount, error) {
	own, err := s.own(ctx, a)
	if err != nil || !own.HasFactor() {
		return own, err
	}
	if len(own.Passkeys) >= passkeysEach {
		return own, tooManyPasskeys()
	}
	own, left, err := s.proveOwn(ctx, a, seen)
	if err != nil {
		return own, err
	}
	return own, s.saveProved(ctx, own, own.write("staff.passkey.begin", left))
}

// FinishPasskey adds the passkey that a device has made. The first second factor
// of a member comes with ten recovery codes, shown once, and ends their other
// log-ins, as ConfirmFactor does.
//
// Errors: invalid (name; id: it was not begun, or is over; credential);
// limit_reached; wrong_state where it was added already.
func (s *Scheduler) FinishPasskey(ctx context.Context, a Actor, n NewPasskey) (Passkey, []string, error) {
	name, err := nameOf(n.Name)
	if err != nil {
		return Passkey{}, nil, err
	}
	rp, err := s.relyingParty()
	if err != nil {
		return Passkey{}, nil, err
	}
	var session webauthn.SessionData
	if ok, err := s.takeUp(ctx, addPasskeyChallenge, n.ID, &session); err != nil || !ok {
		return Passkey{}, nil, orInvalid(err, "id", "已经过期，请再来一次。", "was not begun, or is over")
	}
	type added struct {
		passkey Passkey
		codes   []string
	}
	out, err := untilWon(ctx, func() (added, error) {
		own, err := s.own(ctx, a)
		if err != nil {
			return added{}, err
		}
		if len(own.Passkeys) >= passkeysEach {
			return added{}, tooManyPasskeys()
		}
		p, err := registered(rp, session, n.Response, own.holder())
		if err != nil {
			return added{}, Invalid("credential", "这个设备的回答不对，请再来一次。", "is not what was asked for")
		}
		p.ID, p.StaffID, p.OfficeID, p.Name, p.CreatedAt = newID(own.now), own.StaffID, own.office.ID, name, own.now
		f, codes := own.Factor, []string(nil)
		if !own.HasFactor() {
			f, codes = f.withRecovery()
		}
		w := PasskeyWrite{AccountWrite: own.write("staff.passkey.add", spent{Factor: f}), Passkey: p}
		w.Audit.Before, w.Audit.After = own.passkeyState(0), own.passkeyState(1)
		if codes != nil {
			w.EndLogins, w.Keep = true, Digest(a.TokenHash)
		}
		return added{p, codes}, s.Passkeys.AddPasskey(ctx, w)
	})
	return out.passkey, out.codes, err
}

// RenamePasskey gives one of one's passkeys another name. Errors: invalid (name),
// not_found.
func (s *Scheduler) RenamePasskey(ctx context.Context, a Actor, id int64, name Private) (Passkey, error) {
	name, err := nameOf(name)
	if err != nil {
		return Passkey{}, err
	}
	own, p, err := s.ownPasskey(ctx, a, id)
	if err != nil {
		return Passkey{}, err
	}
	p.Name = name
	return p, s.Passkeys.RenamePasskey(ctx, own.StaffID, id, name, auditOf(a, "staff.passkey.rename", a.Username, own.now, nil, nil))
}

// RemovePasskey removes one of one's passkeys, for a fresh code, a recovery code
// or a passkey, this one too. Errors: not_found, invalid (otp), rate_limited.
func (s *Scheduler) RemovePasskey(ctx context.Context, a Actor, id int64, shown Shown) error {
	seen, err := s.look(ctx, shown)
	if err != nil {
		return err
	}
	_, err = untilWon(ctx, func() (struct{}, error) {
		if _, _, err := s.ownPasskey(ctx, a, id); err != nil {
			return struct{}{}, err
		}
		own, left, err := s.proveOwn(ctx, a, seen)
		if err != nil {
			return struct{}{}, err
		}
		if len(own.Passkeys) == 1 && !own.Factor.HasCodes() {
			left.Factor = Factor{} // what the recovery codes stood for is gone
		}
		w := own.write("staff.passkey.remove", left)
		w.Audit.Before, w.Audit.After = own.passkeyState(0), own.passkeyState(-1)
		w.Remove = id
		return struct{}{}, s.saveProved(ctx, own, w)
	})
	return err
}

// BeginPasskeyLogin asks a browser for any passkey of this server; whose it is,
// the passkey says. Open to anyone. Errors: wrong_state, rate_limited by the
// address.
func (s *Scheduler) BeginPasskeyLogin(ctx context.Context, address string) (Ceremony, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return Ceremony{}, err
	}
	now := s.now()
	if s.Settings.RateLimits {
		if err := s.count(ctx, "passkeys by address", address, now, PasskeysPerAddress); err != nil {
			return Ceremony{}, err
		}
	}
	assertion, session, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin to ask for a passkey: %w", err)
	}
	return s.ceremony(ctx, showPasskeyChallenge, session, assertion, now)
}

// FinishPasskeyLogin gives the owner of a passkey a token for twelve hours: the
// device is one factor, and that it has recognized its owner the other.
//
// Errors: unauthenticated for whatever does not fit, a copied passkey too;
// invalid (role).
func (s *Scheduler) FinishPasskeyLogin(ctx context.Context, l PasskeyLogin) (Token, error) {
	seen, err := s.look(ctx, Shown{Passkey: &l.Signature})
	if err != nil {
		return Token{}, err
	}
	if seen.response == nil {
		return Token{}, Unauthenticated()
	}
	return untilWon(ctx, func() (Token, error) {
		office, member, err := s.holderOf(ctx, seen)
		if err != nil {
			return Token{}, err
		}
		now := s.now()
		acc, err := s.Accounts.Account(ctx, office, member.Username)
		if err != nil {
			return Token{}, fmt.Errorf("read the account: %w", err)
		}
		left, ok := s.spend(acc, member, seen, now)
		if !ok {
			who := Actor{Kind: Anonymous, OfficeID: office.ID}
			return Token{}, s.refusal(ctx, who, "staff.login", member.Username, Unauthenticated())
		}
		if err := member.mayAct(l.Role); err != nil {
			return Token{}, err
		}
		w := LoginWrite{StaffID: acc.StaffID, Revision: acc.Revision, Used: left.Used, How: []string{ByPasskey}}
		return s.startLogin(ctx, w, office, Login{Username: member.Username, Role: l.Role, Agent: l.Agent}, now)
	})
}

// holderOf finds the member whom the shown passkey belongs to.
func (s *Scheduler) holderOf(ctx context.Context, seen looked) (*Office, Staff, error) {
	staffID, officeID, err := s.Passkeys.Holder(ctx, seen.hash)
	if CodeOf(err) == CodeNotFound {
		return nil, Staff{}, Unauthenticated()
	} else if err != nil {
		return nil, Staff{}, err
	}
	office, err := s.Offices.OfficeByID(ctx, officeID)
	if err != nil {
		return nil, Staff{}, err
	}
	member, ok := office.StaffByID(staffID)
	if !ok {
		return nil, Staff{}, Unauthenticated()
	}
	return office, member, nil
}

// ceremony keeps what was begun, and answers what the browser is asked.
func (s *Scheduler) ceremony(ctx context.Context, kind string, session *webauthn.SessionData, options any, now time.Time) (Ceremony, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("write what a browser is asked: %w", err)
	}
	id, err := s.begun(ctx, kind, session, now.Add(passkeyWithin))
	return Ceremony{ID: id, Options: text}, err
}

func (s *Scheduler) ownPasskey(ctx context.Context, a Actor, id int64) (ownAccount, Passkey, error) {
	own, err := s.own(ctx, a)
	if err != nil {
		return own, Passkey{}, err
	}
	i := slices.IndexFunc(own.Passkeys, func(p Passkey) bool { return p.ID == id })
	if i < 0 {
		return own, Passkey{}, NotFound()
	}
	return own, own.Passkeys[i], nil
}

func (o ownAccount) holder() holder { return holder{o.StaffID, o.member, o.Passkeys} }

// passkeyState is how many passkeys there are, so many more.
func (o ownAccount) passkeyState(more int) string {
	return fmt.Sprintf(`{"passkeys":%d}`, len(o.Passkeys)+more)
}

func nameOf(name Private) (Private, error) {
	text := strings.TrimSpace(name.Reveal())
	if n := utf8.RuneCountInString(text); n == 0 || n > passkeyName {
		return Private{}, Invalid("name", "请起个名字，不超过40个字。", "1 to 40 characters")
	}
	return NewPrivate(text), nil
}

func orInvalid(err error, field, zh, en string) error {
	if err != nil {
		return err
	}
	return Invalid(field, zh, en)
}

func tooManyPasskeys() *Error {
	return &Error{Code: CodeLimitReached, Text: Text{ZH: "最多10个通行密钥，请先删掉一个。", EN: "ten passkeys at most, please remove one first"}}
}

// looked is what was shown, read once: a ceremony can be taken up only once,
// however often the decision is taken anew.
type looked struct {
	otp      Private
	session  webauthn.SessionData
	response *protocol.ParsedCredentialAssertionData // nil: no passkey, or none that can be read
	hash     Digest                                  // of the passkey's credential
}

// look reads what was shown.
func (s *Scheduler) look(ctx context.Context, shown Shown) (looked, error) {
	out := looked{otp: shown.OTP}
	if shown.Passkey == nil {
		return out, nil
	}
	ok, err := s.takeUp(ctx, showPasskeyChallenge, shown.Passkey.ID, &out.session)
	if err != nil || !ok {
		return out, err
	}
	response, err := protocol.ParseCredentialRequestResponseBytes(shown.Passkey.Response)
	if err != nil {
		return out, nil //nolint:nilerr // it proves nothing, and that is told
	}
	out.response, out.hash = response, hashOf(response.RawID)
	return out, nil
}

// spent is a second factor that was shown and is used up.
type spent struct {
	Factor Factor
	Used   *PasskeyUse
	By     string
}

// spend tests what was shown against an account; not ok: it proves nothing.
func (s *Scheduler) spend(acc Account, member Staff, seen looked, now time.Time) (spent, bool) {
	if seen.response == nil {
		f, by, ok := acc.Factor.spent(seen.otp.Reveal(), now)
		return spent{Factor: f, By: by}, ok
	}
	rp, err := s.relyingParty()
	if err != nil {
		return spent{}, false
	}
	use, err := signed(rp, seen.session, seen.response, holder{acc.StaffID, member, acc.Passkeys}, now)
	return spent{Factor: acc.Factor, Used: &use, By: ByPasskey}, err == nil
}
