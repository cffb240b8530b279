package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

type loginRow struct {
	Hash      []byte
	StaffID   int64
	OfficeID  int64
	ExpiresAt int64
	BeganAt   int64
	SeenAt    int64
	How       string
	Agent     string
	Role      string
	FactorAt  int64
	Passkeys  int64
}

// readLogins is the beginning of every query for log-ins.
const readLogins = `SELECT t.hash, t.staff_id, t.office_id, t.expires_at, t.began_at, t.seen_at, t.how, t.agent, t.role, a.factor_at,
	(SELECT COUNT(*) FROM staff_passkeys p WHERE p.staff_id = t.staff_id) AS passkeys FROM staff_tokens t JOIN staff_accounts a ON a.staff_id = t.staff_id `

// between parts of one column stand these.
const (
	betweenWays  = "+"
	betweenNames = "/"
)

func (r loginRow) login() scheduling.StaffLogin {
	out := scheduling.StaffLogin{
		ID: hex.EncodeToString(r.Hash[:8]), Token: scheduling.Digest(r.Hash), StaffID: r.StaffID, OfficeID: r.OfficeID,
		Began: at(r.BeganAt), Seen: at(r.SeenAt), Expires: at(r.ExpiresAt), How: strings.Split(r.How, betweenWays),
		Role: account.Role(r.Role), HasFactor: r.FactorAt > 0 || r.Passkeys > 0,
	}
	out.Browser, out.System, _ = strings.Cut(r.Agent, betweenNames)
	if r.BeganAt == 0 { // it is older than the column
		out.Began = out.Expires.Add(-account.StaffTokenLife)
	}
	if r.SeenAt == 0 {
		out.Seen = out.Began
	}
	return out
}

// StartSession stores a log-in's token. It holds the account's row as it was
// read, so that no log-in slips in beside a change of what it was decided on.
func (s *Store) StartSession(ctx context.Context, w scheduling.LoginWrite) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		revision := w.Revision
		if revision == 0 { // somebody who never had a password may have no account
			if err := must(tx, "begin an account", s.dialect.ignore()+" INTO staff_accounts (staff_id, hash) VALUES (?, '')", w.StaffID); err != nil {
				return err
			}
		}
		if w.Spent != nil {
			if err := s.saveFactor(tx, w.StaffID, revision, *w.Spent); err != nil {
				return err
			}
			revision++
		}
		if err := usePasskey(tx, w.Used); err != nil {
			return err
		}
		now := unix(w.Now)
		n, err := exec(tx, `INSERT INTO staff_tokens (hash, staff_id, office_id, expires_at, began_at, seen_at, how, agent, role)
			SELECT ?, r.id, r.office_id, ?, ?, ?, ?, ?, ? FROM resources r JOIN staff_accounts a ON a.staff_id = r.id WHERE r.id = ? AND a.revision = ?`+s.dialect.share(),
			w.Token[:], unix(w.Expires), now, now, strings.Join(w.How, betweenWays), w.Browser+betweenNames+w.System, string(w.Role), w.StaffID, revision)
		if err := lostUnless(n == 1, err, "store the log-in"); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// Session answers whose log-in a token is, and at which office.
func (s *Store) Session(ctx context.Context, token scheduling.Digest, now time.Time) (scheduling.StaffLogin, error) {
	all, err := s.logins(ctx, "WHERE t.hash = ? AND t.expires_at > ?", token[:], unix(now))
	if err != nil {
		return scheduling.StaffLogin{}, err
	}
	if len(all) == 0 {
		return scheduling.StaffLogin{}, scheduling.NotFound()
	}
	return all[0], nil
}

// LoginsOf lists a member's live log-ins.
func (s *Store) LoginsOf(ctx context.Context, staffID int64, now time.Time) ([]scheduling.StaffLogin, error) {
	return s.logins(ctx, "WHERE t.staff_id = ? AND t.expires_at > ? ORDER BY t.expires_at DESC, t.hash", staffID, unix(now))
}

func (s *Store) logins(ctx context.Context, which string, args ...any) ([]scheduling.StaffLogin, error) {
	var rows []loginRow
	if err := s.read.WithContext(ctx).Raw(readLogins+which, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("look up log-ins: %w", s.reading(err))
	}
	out := make([]scheduling.StaffLogin, len(rows))
	for i, r := range rows {
		out[i] = r.login()
	}
	return out, nil
}

// SignInsOf tells of each member of an office who has an account.
func (s *Store) SignInsOf(ctx context.Context, officeID int64, now time.Time) (map[int64]scheduling.SignIn, error) {
	var rows []struct {
		StaffID                            int64
		Password, FactorAt, Passkeys, Live int64
		SeenAt                             int64
	}
	err := s.read.WithContext(ctx).Raw(`SELECT a.staff_id, CASE WHEN a.hash = '' THEN 0 ELSE 1 END AS password, a.factor_at,
		(SELECT COUNT(*) FROM staff_passkeys p WHERE p.staff_id = a.staff_id) AS passkeys,
		(SELECT COUNT(*) FROM staff_tokens t WHERE t.staff_id = a.staff_id AND t.expires_at > ?) AS live,
		COALESCE((SELECT MAX(t.seen_at) FROM staff_tokens t WHERE t.staff_id = a.staff_id AND t.expires_at > ?), 0) AS seen_at
		FROM staff_accounts a JOIN resources r ON r.id = a.staff_id WHERE r.office_id = ?`, unix(now), unix(now), officeID).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the accounts of an office: %w", s.reading(err))
	}
	out := make(map[int64]scheduling.SignIn, len(rows))
	for _, r := range rows {
		out[r.StaffID] = scheduling.SignIn{Password: r.Password == 1, SecondFactor: r.FactorAt > 0 || r.Passkeys > 0, Logins: int(r.Live), Seen: at(r.SeenAt)}
	}
	return out, nil
}

// MarkSeen writes a log-in's last use, once for all who see that it is old.
func (s *Store) MarkSeen(ctx context.Context, token scheduling.Digest, now, before time.Time) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "mark a log-in as seen", "UPDATE staff_tokens SET seen_at = ? WHERE hash = ? AND seen_at <= ?", unix(now), token[:], unix(before))
	})
}

// EndSession ends a log-in on every replica.
func (s *Store) EndSession(ctx context.Context, token scheduling.Digest) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "end the log-in", "DELETE FROM staff_tokens WHERE hash = ?", token[:])
	})
}

// EndLogin ends one of a member's log-ins.
func (s *Store) EndLogin(ctx context.Context, staffID int64, token scheduling.Digest, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		n, err := exec(tx, "DELETE FROM staff_tokens WHERE staff_id = ? AND hash = ?", staffID, token[:])
		return auditIf(tx, n, err, "end the log-in", e)
	})
}

// EndLogins ends a member's log-ins but one.
func (s *Store) EndLogins(ctx context.Context, staffID int64, keep scheduling.Digest, e scheduling.AuditEntry) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		n, err := exec(tx, "DELETE FROM staff_tokens WHERE staff_id = ? AND hash <> ?", staffID, keep[:])
		if err != nil || n == 0 {
			return err // nothing has changed, nothing is written down
		}
		e.After = fmt.Sprintf(`{"ended":%d}`, n)
		return insertAudit(tx, e)
	})
}

// ActAs changes the role in which a log-in acts.
func (s *Store) ActAs(ctx context.Context, token scheduling.Digest, role account.Role, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		n, err := exec(tx, "UPDATE staff_tokens SET role = ? WHERE hash = ? AND role <> ?", string(role), token[:], string(role))
		return auditIf(tx, n, err, "change the acting role", e)
	})
}

// auditIf writes down what one row was changed for; none is not_found.
func auditIf(tx *gorm.DB, n int64, err error, doing string, e scheduling.AuditEntry) error {
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", doing, err)
	case n == 0:
		return scheduling.NotFound()
	}
	return insertAudit(tx, e)
}
