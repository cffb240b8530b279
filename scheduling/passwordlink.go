package scheduling

import (
	"context"
	"fmt"
	"time"

	"magpie/scheduling/account"
)

const (
	// linkLife is how long a link that sets a password can be used.
	linkLife = 24 * time.Hour
	// linkPrefix begins the token of such a link.
	linkPrefix = "mpl_"
)

// Link is a token that can be used once, kept as a digest.
type Link struct {
	OfficeID  int64
	StaffID   int64 // 0: it sets up the first office
	ExpiresAt time.Time
}

// LinkWrite makes a link; an older one for the same person ends.
type LinkWrite struct {
	Token             Digest
	OfficeID, StaffID int64
	ExpiresAt         time.Time
	Audit             AuditEntry
	Now               time.Time
}

// LinkUse sets a password by a link.
type LinkUse struct {
	Token   Digest
	StaffID int64
	Hash    string // argon2id
	Audit   AuditEntry
	Now     time.Time
}

// Links are tokens that can be used once.
type Links interface {
	MakeLink(ctx context.Context, w LinkWrite) error
	// Link answers not_found for one that is unknown, used or past its time.
	Link(ctx context.Context, token Digest, now time.Time) (Link, error)
	// UseLink answers not_found where somebody used it first. It ends the log-ins
	// that the old password gave.
	UseLink(ctx context.Context, w LinkUse) error
}

// PasswordLink gives a token with which a member of staff sets their own
// password, once and within 24 hours: for who is new, and for who has forgotten
// it. An older one of theirs is of no use any more; their password stays until
// then. Directors alone. Errors: forbidden, not_found.
func (s *Scheduler) PasswordLink(ctx context.Context, a Actor, code, username string) (Token, error) {
	office, err := s.officeToDirect(ctx, a, code)
	if err != nil {
		return Token{}, err
	}
	member, ok := office.StaffMember(username)
	if !ok {
		return Token{}, NotFound()
	}
	now := s.now()
	out := Token{Token: newToken(linkPrefix), ExpiresAt: now.Add(linkLife)}
	err = s.Links.MakeLink(ctx, LinkWrite{
		Token: tokenDigest(out.Token), OfficeID: office.ID, StaffID: member.ID, ExpiresAt: out.ExpiresAt, Now: now,
		Audit: auditOf(a, "staff.password_link", username, now, nil, nil),
	})
	if err != nil {
		return Token{}, fmt.Errorf("make the link: %w", err)
	}
	return out, nil
}

// LinkHolder answers whose password a link sets, and uses nothing up. Errors:
// not_found.
func (s *Scheduler) LinkHolder(ctx context.Context, token string) (*Office, Staff, error) {
	link, err := s.Links.Link(ctx, tokenDigest(token), s.now())
	if err != nil {
		return nil, Staff{}, err
	}
	office, err := s.Offices.OfficeByID(ctx, link.OfficeID)
	if err != nil {
		return nil, Staff{}, err
	}
	member, ok := office.StaffByID(link.StaffID)
	if !ok {
		return nil, Staff{}, NotFound()
	}
	return office, member, nil
}

// UsePasswordLink sets the password of whoever holds the link, and uses it up.
// Errors: not_found where it is unknown, used or past its time; invalid
// (password), and the link can be used again.
func (s *Scheduler) UsePasswordLink(ctx context.Context, token string, password Private) error {
	office, member, err := s.LinkHolder(ctx, token)
	if err != nil {
		return err
	}
	if err := account.CheckPassword(password.Reveal(), member.Username); err != nil {
		return Invalid("password", "密码不合要求：至少十个字符，不要用常见的词或自己的用户名。", err.Error())
	}
	hash, err := hashPassword(ctx, password.Reveal())
	if err != nil {
		return err
	}
	now := s.now()
	who := Actor{Kind: StaffKind, StaffID: member.ID, OfficeID: office.ID, Username: member.Username}
	return s.Links.UseLink(ctx, LinkUse{
		Token: tokenDigest(token), StaffID: member.ID, Hash: hash, Now: now,
		Audit: auditOf(who, "staff.password", member.Username, now, nil, nil),
	})
}
