package scheduling

import (
	"context"
	"fmt"
	"time"
)

// FactorView is what a member of staff is shown of their second factor.
type FactorView struct {
	// Active says that a code is asked for at every log-in.
	Active bool
	// Since is when it became active.
	Since time.Time
	// CodesLeft are the recovery codes that were not used.
	CodesLeft int
	// Required says that the office wants one of this member.
	Required bool
}

// NewFactor is a secret for an authenticator, shown once.
type NewFactor struct {
	Secret Private // base32
	URI    Private // otpauth://totp/…, for a QR code
}

// AccountWrite changes what a log-in is decided on.
type AccountWrite struct {
	StaffID int64
	// Revision is that which was read; another one is ErrLost.
	Revision int64
	Factor   Factor
	// Used is the passkey that was shown for it; nil: none was.
	Used *PasskeyUse
	// Remove is a passkey that is removed, and RemoveAll removes every one.
	Remove    int64
	RemoveAll bool
	// EndLogins ends every log-in of the member but that of Keep.
	EndLogins bool
	Keep      Digest
	Audit     AuditEntry
}

// SecondFactor shows one's own.
func (s *Scheduler) SecondFactor(ctx context.Context, a Actor) (FactorView, error) {
	own, err := s.own(ctx, a)
	if err != nil {
		return FactorView{}, err
	}
	f := own.Factor
	return FactorView{Active: own.HasFactor(), Since: f.Since, CodesLeft: len(f.Recovery), Required: own.office.NeedsFactor(own.member)}, nil
}

// BeginFactor draws a secret for one's authenticator. It is not active before
// ConfirmFactor; another begin replaces it. Where there are passkeys, one of
// them or a recovery code must be shown: whoever has an open log-in alone must
// not make themselves a second factor.
//
// Errors: wrong_state where one is active; invalid (otp); rate_limited.
func (s *Scheduler) BeginFactor(ctx context.Context, a Actor, shown Shown) (NewFactor, error) {
	seen, err := s.look(ctx, shown)
	if err != nil {
		return NewFactor{}, err
	}
	return untilWon(ctx, func() (NewFactor, error) {
		own, err := s.own(ctx, a)
		if err != nil {
			return NewFactor{}, err
		}
		if own.Factor.HasCodes() {
			return NewFactor{}, WrongState()
		}
		left := spent{Factor: own.Factor}
		if own.HasFactor() {
			if own, left, err = s.proveOwn(ctx, a, seen); err != nil {
				return NewFactor{}, err
			}
		}
		f, uri, err := newFactor(own.office, own.member.Username)
		if err != nil {
			return NewFactor{}, err
		}
		f.Recovery = left.Factor.Recovery
		left.Factor = f
		return NewFactor{Secret: f.Secret, URI: uri}, s.saveProved(ctx, own, own.write("staff.factor.begin", left))
	})
}

// ConfirmFactor makes the begun secret active by its first code, ends one's
// other log-ins, which had none, and answers ten recovery codes, shown once.
// The log-in that confirms may do everything from now on.
//
// Errors: wrong_state where none was begun or one is active; invalid (otp);
// rate_limited after wrong codes.
func (s *Scheduler) ConfirmFactor(ctx context.Context, a Actor, code Private) ([]string, error) {
	return untilWon(ctx, func() ([]string, error) {
		own, err := s.own(ctx, a)
		if err != nil {
			return nil, err
		}
		if own.Factor.HasCodes() || own.Factor.Secret.IsZero() {
			return nil, WrongState()
		}
		if err := s.countTries(ctx, factorTries, own.tries(), a.Address, own.now); err != nil {
			return nil, err
		}
		f, ok := own.Factor.confirmed(code.Reveal(), own.now)
		if !ok {
			return nil, wrongOTP()
		}
		f, codes := f.withRecovery()
		w := own.write("staff.factor.confirm", spent{Factor: f})
		w.EndLogins, w.Keep = true, Digest(a.TokenHash)
		return codes, s.saveProved(ctx, own, w)
	})
}

// RenewRecovery answers ten new recovery codes in place of the old ones, for a
// fresh code, a passkey or one of the old recovery codes.
//
// Errors: wrong_state without a second factor; invalid (otp); rate_limited.
func (s *Scheduler) RenewRecovery(ctx context.Context, a Actor, shown Shown) ([]string, error) {
	seen, err := s.look(ctx, shown)
	if err != nil {
		return nil, err
	}
	return untilWon(ctx, func() ([]string, error) {
		own, left, err := s.proveOwn(ctx, a, seen)
		if err != nil {
			return nil, err
		}
		var codes []string
		left.Factor, codes = left.Factor.withRecovery()
		return codes, s.saveProved(ctx, own, own.write("staff.factor.recovery_codes", left))
	})
}

// RemoveFactor ends the authenticator's codes, for a fresh one, a passkey or a
// recovery code. Where the office wants a second factor and no passkey is left,
// one's log-ins are then good for setting up another and nothing else.
//
// Errors: wrong_state without one; invalid (otp); rate_limited.
func (s *Scheduler) RemoveFactor(ctx context.Context, a Actor, shown Shown) error {
	seen, err := s.look(ctx, shown)
	if err != nil {
		return err
	}
	_, err = untilWon(ctx, func() (struct{}, error) {
		own, left, err := s.proveOwn(ctx, a, seen)
		if err != nil {
			return struct{}{}, err
		}
		if !own.Factor.HasCodes() {
			return struct{}{}, WrongState()
		}
		left.Factor = own.without(left.Factor)
		return struct{}{}, s.saveProved(ctx, own, own.write("staff.factor.remove", left))
	})
	return err
}

// ResetFactor takes a colleague's second factor away who has lost it, with
// passkeys and recovery codes, and ends their log-ins. Nobody resets their own: whoever has
// a director's open log-in alone must not be rid of the factor.
//
// Errors: forbidden, not_found (also where there is none).
func (s *Scheduler) ResetFactor(ctx context.Context, a Actor, office, username string) error {
	o, member, err := s.memberFor(ctx, a, office, username)
	if err != nil {
		return err
	}
	if member.ID == a.StaffID {
		return s.refusal(ctx, a, "staff.factor.reset", username, Forbidden())
	}
	_, err = untilWon(ctx, func() (struct{}, error) {
		own, err := s.accountFor(ctx, a, o, member)
		if err != nil {
			return struct{}{}, err
		}
		if !own.HasFactor() && own.Factor.Secret.IsZero() {
			return struct{}{}, NotFound()
		}
		w := own.write("staff.factor.reset", spent{})
		w.EndLogins, w.RemoveAll = true, true
		return struct{}{}, s.Accounts.SaveAccount(ctx, w)
	})
	return err
}

// ownAccount is an account that is being changed, with the one who does it.
type ownAccount struct {
	Account
	actor  Actor
	office *Office
	member Staff
	now    time.Time
}

// own is the account of who asks.
func (s *Scheduler) own(ctx context.Context, a Actor) (ownAccount, error) {
	office, err := s.Offices.OfficeByID(ctx, a.OfficeID)
	if err != nil {
		return ownAccount{}, err
	}
	member, ok := office.StaffByID(a.StaffID)
	if !ok {
		return ownAccount{}, Unauthenticated()
	}
	return s.accountFor(ctx, a, office, member)
}

func (s *Scheduler) accountFor(ctx context.Context, a Actor, office *Office, member Staff) (ownAccount, error) {
	acc, err := s.Accounts.Account(ctx, office, member.Username)
	if err != nil {
		return ownAccount{}, fmt.Errorf("read the account: %w", err)
	}
	return ownAccount{Account: acc, actor: a, office: office, member: member, now: s.now()}, nil
}

// write changes the factor, with a line of the audit.
func (o ownAccount) write(action string, left spent) AccountWrite {
	e := auditOf(o.actor, action, o.member.Username, o.now, nil, nil)
	e.Before, e.After = o.Factor.state(), left.Factor.state()
	return AccountWrite{StaffID: o.StaffID, Revision: o.Revision, Factor: left.Factor, Used: left.Used, Audit: e}
}

// without is a factor without its authenticator, and without recovery codes
// where nothing else is left that they would stand for.
func (o ownAccount) without(f Factor) Factor {
	if len(o.Passkeys) == 0 {
		return Factor{}
	}
	return Factor{Recovery: f.Recovery}
}

// tries names the tries of this account's second factor.
func (o ownAccount) tries() string {
	return o.tally(Login{Office: o.office.Code, Username: o.member.Username})
}

// proveOwn asks once more for the second factor of somebody who is logged in.
func (s *Scheduler) proveOwn(ctx context.Context, a Actor, seen looked) (ownAccount, spent, error) {
	own, err := s.own(ctx, a)
	if err != nil {
		return own, spent{}, err
	}
	if !own.HasFactor() {
		return own, spent{}, WrongState()
	}
	if err := s.countTries(ctx, factorTries, own.tries(), a.Address, own.now); err != nil {
		return own, spent{}, err
	}
	left, ok := s.spend(own.Account, own.member, seen, own.now)
	if !ok {
		return own, spent{}, wrongOTP()
	}
	return own, left, nil
}

// saveProved writes what was proved, and forgets the tries.
func (s *Scheduler) saveProved(ctx context.Context, own ownAccount, w AccountWrite) error {
	if err := s.Accounts.SaveAccount(ctx, w); err != nil {
		return err
	}
	return s.clearTries(ctx, factorTries, own.tries(), own.actor.Address)
}

func wrongOTP() *Error {
	return Invalid("otp", "验证码不对或已经用过。请等下一个6位数字，或用一个备用码。", "wrong or used; wait for the next code, or give a recovery code")
}
