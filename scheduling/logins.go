package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/account"
)

// seenEvery is how old the last sign of a log-in may be before a new one is
// written down.
const seenEvery = 5 * time.Minute

// StaffLogin is a live log-in.
type StaffLogin struct {
	// ID names it to its owner; it is no secret and opens nothing.
	ID       string
	Token    Digest
	StaffID  int64
	OfficeID int64
	Began    time.Time
	// Seen is when it was last used, to within five minutes.
	Seen    time.Time
	Expires time.Time
	// How it was begun, by the By… words.
	How []string
	// Browser and System are coarse words; empty: not known.
	Browser, System string
	// Role is that in which it acts; empty: in all of the member's.
	Role account.Role
	// HasFactor says whether the account has a second factor now.
	HasFactor bool
	// Current says that it is the one which asks.
	Current bool
}

// Logins are the live log-ins of staff.
type Logins interface {
	// LoginsOf lists a member's, the newest first.
	LoginsOf(ctx context.Context, staffID int64, now time.Time) ([]StaffLogin, error)
	// MarkSeen writes down that a log-in is used, unless that was since before.
	MarkSeen(ctx context.Context, token Digest, now, before time.Time) error
	// EndLogin answers not_found where there is no such log-in of the member.
	EndLogin(ctx context.Context, staffID int64, token Digest, e AuditEntry) error
	// EndLogins ends all but that of keep.
	EndLogins(ctx context.Context, staffID int64, keep Digest, e AuditEntry) error
	// SignInsOf tells of each member of an office who has an account.
	SignInsOf(ctx context.Context, officeID int64, now time.Time) (map[int64]SignIn, error)
	// ActAs changes the role of a log-in; not_found where it has ended.
	ActAs(ctx context.Context, token Digest, role account.Role, e AuditEntry) error
}

// OwnLogins lists where one is logged in, the newest first.
func (s *Scheduler) OwnLogins(ctx context.Context, a Actor) ([]StaffLogin, error) {
	all, err := s.Logins.LoginsOf(ctx, a.StaffID, s.now())
	if err != nil {
		return nil, fmt.Errorf("list log-ins: %w", err)
	}
	for i := range all {
		all[i].Current = slices.Equal(all[i].Token[:], a.TokenHash)
	}
	return all, nil
}

// EndOwnLogin ends one of one's log-ins, at once and on every replica; the one
// that asks, too. Errors: not_found.
func (s *Scheduler) EndOwnLogin(ctx context.Context, a Actor, id string) error {
	all, err := s.OwnLogins(ctx, a)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(l StaffLogin) bool { return l.ID == id })
	if i < 0 {
		return NotFound()
	}
	return s.Logins.EndLogin(ctx, a.StaffID, all[i].Token, auditOf(a, "staff.login.end", a.Username, s.now(), nil, nil))
}

// EndOtherLogins ends all of one's log-ins but that which asks.
func (s *Scheduler) EndOtherLogins(ctx context.Context, a Actor) error {
	return s.Logins.EndLogins(ctx, a.StaffID, Digest(a.TokenHash), auditOf(a, "staff.logins.end", a.Username, s.now(), nil, nil))
}

// EndLoginsOf ends all log-ins of a member, for a director. Errors: forbidden,
// not_found.
func (s *Scheduler) EndLoginsOf(ctx context.Context, a Actor, office, username string) error {
	if a.Scope != account.Office {
		return Forbidden()
	}
	_, member, err := s.memberFor(ctx, a, office, username)
	if err != nil {
		return err
	}
	return s.Logins.EndLogins(ctx, member.ID, Digest{}, auditOf(a, "staff.logins.end", username, s.now(), nil, nil))
}

// SignIn is how a member of staff can log in, and whether they have.
type SignIn struct {
	Member Staff
	// Password and SecondFactor say that there is one; Required that the office
	// wants a second factor of this member.
	Password, SecondFactor, Required bool
	// Logins are the live ones, and Seen is when the last of them was used; zero:
	// there is none.
	Logins int
	Seen   time.Time
}

// SignIns lists for a director how each member of the office can log in, in the
// order of the office file: who has no password yet, and who lacks a second
// factor that the office wants.
func (s *Scheduler) SignIns(ctx context.Context, a Actor, code string) ([]SignIn, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, err
	}
	if a.Scope != account.Office {
		return nil, Forbidden()
	}
	known, err := s.Logins.SignInsOf(ctx, office.ID, s.now())
	if err != nil {
		return nil, fmt.Errorf("list how staff log in: %w", err)
	}
	out := make([]SignIn, len(office.Staff))
	for i, m := range office.Staff {
		out[i] = known[m.ID]
		out[i].Member, out[i].Required = m, office.NeedsFactor(m)
	}
	return out, nil
}

// SignedIn is who is logged in, and as what: what stands on every page.
type SignedIn struct {
	Office *Office
	Member Staff // with all of their roles
	// Acting is the one role in which this log-in acts; empty: in all.
	Acting account.Role
	// Limited says that a second factor must be set up before anything else.
	Limited bool
	Login   StaffLogin
}

// OwnSession answers who is logged in, in which role and until when.
func (s *Scheduler) OwnSession(ctx context.Context, a Actor) (SignedIn, error) {
	own, err := s.own(ctx, a)
	if err != nil {
		return SignedIn{}, err
	}
	all, err := s.OwnLogins(ctx, a)
	if err != nil {
		return SignedIn{}, err
	}
	i := slices.IndexFunc(all, func(l StaffLogin) bool { return l.Current })
	if i < 0 {
		return SignedIn{}, Unauthenticated()
	}
	return SignedIn{Office: own.office, Member: own.member, Acting: a.Acting, Limited: a.Limited, Login: all[i]}, nil
}

// Act makes this log-in act in one of the member's roles alone, or, with an
// empty one, in all of them again. Errors: invalid (role).
func (s *Scheduler) Act(ctx context.Context, a Actor, role account.Role) (SignedIn, error) {
	own, err := s.own(ctx, a)
	if err != nil {
		return SignedIn{}, err
	}
	if err := own.member.mayAct(role); err != nil {
		return SignedIn{}, err
	}
	if role != a.Acting {
		e := auditOf(a, "staff.act", a.Username, own.now, nil, nil)
		e.Before, e.After = actingState(a.Acting), actingState(role)
		err := s.Logins.ActAs(ctx, Digest(a.TokenHash), role, e)
		if CodeOf(err) == CodeNotFound {
			return SignedIn{}, Unauthenticated()
		} else if err != nil {
			return SignedIn{}, fmt.Errorf("change the acting role: %w", err)
		}
	}
	a.Acting, a.Roles = role, own.member.acting(role)
	return s.OwnSession(ctx, a)
}

func actingState(r account.Role) string { return fmt.Sprintf(`{"role":%q}`, r) }

// mayAct refuses a role that the member does not have.
func (m Staff) mayAct(role account.Role) error {
	if role != "" && !slices.Contains(m.Roles, role) {
		return Invalid("role", "您没有这个岗位。", "is none of your roles")
	}
	return nil
}

// acting are the roles that count: the one alone where it is the member's.
func (m Staff) acting(role account.Role) []account.Role {
	if slices.Contains(m.Roles, role) {
		return []account.Role{role}
	}
	return m.Roles
}

// markSeen writes down, every few minutes, that a log-in is used. That it cannot
// be written keeps nobody from working.
func (s *Scheduler) markSeen(ctx context.Context, l StaffLogin, now time.Time) {
	if now.Sub(l.Seen) < seenEvery {
		return
	}
	if err := s.Logins.MarkSeen(ctx, l.Token, now, now.Add(-seenEvery)); err != nil {
		s.warn(ctx, "a log-in was not marked as seen", err)
	}
}
