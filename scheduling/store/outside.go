package store

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

type outsideRow struct {
	StaffID  int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID int64
	Version  int64
	Account  []byte
	Tag      []byte
	SetAt    int64
	WholeAt  int64
	ReadAt   int64
	TriedAt  int64
	NextAt   int64
	Failures int
	Problem  string
	Skipped  int
}

func (outsideRow) TableName() string { return "outside_calendars" }

type outsideBusyRow struct {
	StaffID int64
	FromAt  int64
	ToAt    int64
}

func (outsideBusyRow) TableName() string { return "outside_busy" }

func (r outsideBusyRow) span() calendar.Span {
	return calendar.Span{From: at(r.FromAt), To: at(r.ToAt)}
}

func inOutside(staffID int64) string { return where("outside_calendars", "account", staffID) }

// sealedAccount is an account as it is sealed.
type sealedAccount struct{ Kind, URL, Username, Password string }

func (s *Store) sealOutside(staffID int64, a scheduling.OutsideAccount) ([]byte, error) {
	plain, err := json.Marshal(sealedAccount{string(a.Kind), a.URL.Reveal(), a.Username, a.Password.Reveal()}) //nolint:gosec // it is sealed at once
	if err != nil {
		return nil, fmt.Errorf("write the account of an outside calendar: %w", err)
	}
	return s.keys.sealMaster(plain, inOutside(staffID)), nil
}

func (s *Store) openOutside(r outsideRow) (scheduling.OutsideAccount, error) {
	plain, err := s.keys.openMaster(r.Account, inOutside(r.StaffID))
	if err != nil {
		return scheduling.OutsideAccount{}, err
	}
	var in sealedAccount
	if err := json.Unmarshal(plain, &in); err != nil {
		return scheduling.OutsideAccount{}, fmt.Errorf("read the account of an outside calendar: %w", err)
	}
	return scheduling.OutsideAccount{
		Kind: scheduling.OutsideKind(in.Kind), URL: scheduling.NewPrivate(in.URL), Username: in.Username, Password: scheduling.NewPrivate(in.Password),
	}, nil
}

// SetOutside writes where a calendar is, and frees what the one before blocked.
func (s *Store) SetOutside(ctx context.Context, w scheduling.OutsideWrite) error {
	account, err := s.sealOutside(w.StaffID, w.Account)
	if err != nil {
		return err
	}
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := s.rewriteOutside(tx, w.StaffID, w.Office.Location, nil); err != nil {
			return err
		}
		if err := must(tx, "forget the calendar before", "DELETE FROM outside_calendars WHERE staff_id = ?", w.StaffID); err != nil {
			return err
		}
		row := outsideRow{StaffID: w.StaffID, OfficeID: w.Office.ID, Version: w.Version, Account: account, SetAt: unix(w.Now), NextAt: unix(w.Now)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("insert the outside calendar: %w", err)
		}
		return insertAudit(tx, w.Audit)
	})
}

// RemoveOutside forgets a calendar and frees what it blocked.
func (s *Store) RemoveOutside(ctx context.Context, office *scheduling.Office, staffID int64, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if err := s.rewriteOutside(tx, staffID, office.Location, nil); err != nil {
			return err
		}
		n, err := exec(tx, "DELETE FROM outside_calendars WHERE staff_id = ?", staffID)
		if err != nil {
			return fmt.Errorf("delete the outside calendar: %w", err)
		}
		if n == 0 {
			return scheduling.NotFound()
		}
		return insertAudit(tx, e)
	})
}

// Outside answers what a counsellor is told of their calendar.
func (s *Store) Outside(ctx context.Context, staffID int64) (scheduling.OutsideCalendar, error) {
	var rows []outsideRow
	if err := s.read.WithContext(ctx).Where("staff_id = ?", staffID).Find(&rows).Error; err != nil {
		return scheduling.OutsideCalendar{}, fmt.Errorf("read the outside calendar: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.OutsideCalendar{}, scheduling.NotFound()
	}
	r := rows[0]
	account, err := s.openOutside(r)
	if err != nil {
		return scheduling.OutsideCalendar{}, err
	}
	out := scheduling.OutsideCalendar{
		Kind: account.Kind, Username: account.Username, SetAt: at(r.SetAt), ReadAt: at(r.ReadAt), TriedAt: at(r.TriedAt), NextAt: at(r.NextAt),
		Problem: scheduling.OutsideProblem(r.Problem), Skipped: r.Skipped,
	}
	if u, err := url.Parse(account.URL.Reveal()); err == nil {
		out.Host = u.Host
	}
	return out, nil
}

// HurryOutside makes it the calendar's turn.
func (s *Store) HurryOutside(ctx context.Context, staffID int64, now time.Time) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		var n int
		if err := tx.Raw("SELECT COUNT(*) FROM outside_calendars WHERE staff_id = ?", staffID).Scan(&n).Error; err != nil {
			return fmt.Errorf("look for the outside calendar: %w", err)
		}
		if n == 0 {
			return scheduling.NotFound()
		}
		return must(tx, "hurry the outside calendar", "UPDATE outside_calendars SET next_at = ? WHERE staff_id = ? AND next_at > ?", unix(now), staffID, unix(now))
	})
}

// ClaimOutside takes calendars whose turn it is, until an instant at which they
// are given to others. One that another process takes is left out.
func (s *Store) ClaimOutside(ctx context.Context, now, until time.Time, most int) ([]scheduling.OutsideDue, error) {
	var rows []outsideRow
	if err := s.read.WithContext(ctx).Where("next_at <= ?", unix(now)).Order("next_at").Limit(most).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("look for outside calendars: %w", s.reading(err))
	}
	var out []scheduling.OutsideDue
	for _, r := range rows {
		var n int64
		err := s.tx(ctx, true, func(tx *gorm.DB) error {
			var err error
			n, err = exec(tx, "UPDATE outside_calendars SET next_at = ? WHERE staff_id = ? AND version = ? AND next_at = ?", unix(until), r.StaffID, r.Version, r.NextAt)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("take an outside calendar: %w", err)
		}
		if n == 0 {
			continue
		}
		account, err := s.openOutside(r)
		if err != nil {
			return nil, err
		}
		out = append(out, scheduling.OutsideDue{
			StaffID: r.StaffID, OfficeID: r.OfficeID, Version: r.Version, Account: account, Tag: string(r.Tag), WholeAt: at(r.WholeAt), Failures: r.Failures,
		})
	}
	return out, nil
}

// FinishOutside writes what was read, and the words it makes.
func (s *Store) FinishOutside(ctx context.Context, r scheduling.OutsideResult) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := holdPerson(tx, r.Due.StaffID); err != nil {
			return err
		}
		var rows []outsideRow
		if err := tx.Where("staff_id = ? AND version = ?", r.Due.StaffID, r.Due.Version).Find(&rows).Error; err != nil {
			return fmt.Errorf("read the outside calendar: %w", err)
		}
		if len(rows) == 0 {
			return scheduling.ErrLost
		}
		row := rows[0]
		row.TriedAt, row.NextAt, row.Failures, row.Problem = unix(r.Now), unix(r.NextAt), r.Failures, string(r.Problem)
		if r.Problem == "" && (r.Changed || r.Reading.Unchanged) {
			row.ReadAt = unix(r.Now)
		}
		if r.Changed {
			row.Tag, row.WholeAt, row.Skipped = tagOf(r.Reading.Tag), unix(r.WholeAt), r.Reading.Skipped
			if err := s.rewriteOutside(tx, r.Due.StaffID, r.Office.Location, r.Reading.Busy); err != nil {
				return err
			}
		}
		return must(tx, "write the reading", "UPDATE outside_calendars SET tag = ?, whole_at = ?, read_at = ?, tried_at = ?, next_at = ?, failures = ?, problem = ?, skipped = ? WHERE staff_id = ? AND version = ?",
			row.Tag, row.WholeAt, row.ReadAt, row.TriedAt, row.NextAt, row.Failures, row.Problem, row.Skipped, row.StaffID, row.Version)
	})
}

// tagOf is a tag that has room; a longer one is none.
func tagOf(tag string) []byte {
	if tag == "" || len(tag) > 512 {
		return nil
	}
	return []byte(tag)
}

// rewriteOutside replaces a person's busy times, and recomputes the off words of
// the days on which these differ. Past days are such days, since they are no
// longer among what is read.
func (s *Store) rewriteOutside(tx *gorm.DB, staffID int64, loc *time.Location, busy []calendar.Span) error {
	if err := holdPerson(tx, staffID); err != nil {
		return err
	}
	var before []outsideBusyRow
	if err := tx.Where("staff_id = ?", staffID).Order("from_at").Find(&before).Error; err != nil {
		return fmt.Errorf("read the busy times: %w", err)
	}
	after := busyRows(staffID, busy)
	if slices.Equal(before, after) {
		return nil
	}
	if err := must(tx, "forget the busy times", "DELETE FROM outside_busy WHERE staff_id = ?", staffID); err != nil {
		return err
	}
	for rows := range slices.Chunk(after, 200) {
		var args []any
		for _, r := range rows {
			args = append(args, r.StaffID, r.FromAt, r.ToAt)
		}
		values := strings.TrimSuffix(strings.Repeat("("+marks(3)+"), ", len(rows)), ", ")
		if err := must(tx, "write the busy times", "INSERT INTO outside_busy (staff_id, from_at, to_at) VALUES "+values, args...); err != nil {
			return err
		}
	}
	span := whereTheyDiffer(before, after)
	return s.rewriteOff(tx, staffID, loc, span)
}

// busyRows rounds spans outwards to five minutes and joins those that touch.
func busyRows(staffID int64, spans []calendar.Span) []outsideBusyRow {
	const quantum = 300
	var out []outsideBusyRow
	sorted := slices.SortedFunc(slices.Values(spans), func(a, b calendar.Span) int { return a.From.Compare(b.From) })
	for _, span := range sorted {
		from, to := unix(span.From)/quantum*quantum, (unix(span.To)+quantum-1)/quantum*quantum
		switch last := len(out) - 1; {
		case from >= to:
		case last >= 0 && from <= out[last].ToAt:
			out[last].ToAt = max(out[last].ToAt, to)
		default:
			out = append(out, outsideBusyRow{staffID, from, to})
		}
	}
	return out
}

// whereTheyDiffer is the least span outside which two lists are alike.
func whereTheyDiffer(a, b []outsideBusyRow) calendar.Span {
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	a, b = a[same:], b[same:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var from, to int64
	for _, r := range slices.Concat(a, b) {
		if from == 0 || r.FromAt < from {
			from = r.FromAt
		}
		to = max(to, r.ToAt)
	}
	return calendar.Span{From: at(from), To: at(to)}
}

// BookedInside lists what a counsellor has ahead within busy times.
func (s *Store) BookedInside(ctx context.Context, staffID int64, now time.Time) ([]scheduling.Appointment, error) {
	var rows []appointmentRow
	err := s.read.WithContext(ctx).Raw("SELECT a.* FROM sessions s JOIN appointments a ON a.session_id = s.id WHERE s.counsellor_id = ? AND s.start_at >= ? AND a.status IN ('booked', 'checked_in', 'in_session')"+
		" AND EXISTS (SELECT 1 FROM outside_busy o WHERE o.staff_id = s.counsellor_id AND o.from_at < s.end_at AND o.to_at > s.start_at) ORDER BY a.start_at, a.reference LIMIT 200",
		staffID, unix(now)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("look for what is booked inside: %w", s.reading(err))
	}
	return s.complete(ctx, rows)
}

func (s *Store) resealOutside(tx *gorm.DB, after int64) (last, n int64, err error) {
	var rows []outsideRow
	if err := tx.Where("staff_id > ?", after).Order("staff_id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, 0, err
	}
	for _, r := range rows {
		account, err := s.openOutside(r)
		if err != nil {
			return 0, 0, err
		}
		sealed, err := s.sealOutside(r.StaffID, account)
		if err != nil {
			return 0, 0, err
		}
		if _, err := exec(tx, "UPDATE outside_calendars SET account = ? WHERE staff_id = ? AND version = ?", sealed, r.StaffID, r.Version); err != nil {
			return 0, 0, err
		}
		last = r.StaffID
	}
	return last, int64(len(rows)), nil
}
