package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// Erased counts what one run of the daily job took away.
type Erased struct {
	Appointments int64 // whose names, numbers, note and reason are gone
	Persons      int64
	Messages     int64
	Audit        int64
	Passing      int64 // codes, tokens, answers, tallies, days of persons
}

const (
	eraseBatch = 500
	// personDaysKept is how long a person's busy words stay after their day:
	// nobody is booked into the past.
	personDaysKept = 2
	// tasksKept is how long a task that is about no message stays.
	tasksKept = 30 * 24 * time.Hour
	// auditOfNobody is how long lines of the audit stay that belong to no office,
	// such as a citizen's own wish: as long as an office keeps its own where it
	// says nothing.
	auditOfNobody = 1095 * 24 * time.Hour
	// verificationKept is how long a used or ended code stays, for the limits
	// of its day.
	verificationKept = 24 * time.Hour
)

// Erase takes away what has passed its time: whoever asked for it and has
// nothing booked, contact data, messages and audit after the office's keep, and
// whatever lives for a day. It may be run at any
// time and by several replicas; it goes in small transactions.
func (s *Store) Erase(ctx context.Context) (Erased, error) {
	var out Erased
	now := s.now().UTC()
	for _, step := range []struct {
		n  *int64
		do func(context.Context, time.Time) (int64, error)
	}{
		{&out.Persons, s.eraseAsked}, {&out.Appointments, s.eraseContacts}, {&out.Persons, s.erasePersons}, {&out.Messages, s.eraseMessages},
		{&out.Audit, s.eraseAudit}, {&out.Passing, s.erasePassing},
	} {
		n, err := step.do(ctx, now)
		*step.n += n
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// eraseContacts empties what is personal of appointments past their time.
func (s *Store) eraseContacts(ctx context.Context, now time.Time) (int64, error) {
	return s.perOffice(ctx, func(tx *gorm.DB, o *scheduling.Office) (int64, error) {
		var ids []int64
		if err := tx.Raw("SELECT id FROM appointments WHERE office_id = ? AND erased = 0 AND end_at < ? LIMIT ?", o.ID, lastKept(o, now, o.Keep.Contact), eraseBatch).Scan(&ids).Error; err != nil || len(ids) == 0 {
			return 0, err
		}
		return emptyAppointments(tx, ids)
	})
}

func emptyAppointments(tx *gorm.DB, ids []int64) (int64, error) {
	if err := must(tx, "erase names and numbers", "UPDATE parties SET name = NULL, phone = NULL WHERE appointment_id IN ?", ids); err != nil {
		return 0, err
	}
	return exec(tx, "UPDATE appointments SET note = NULL, reason = NULL, asks = NULL, contact_name = NULL, contact_relation = NULL, erased = 1 WHERE id IN ?", ids)
}

// erasePersons deletes people, and with them their keys, once no appointment
// that is still kept and no live token names them. Whoever asked or is told
// of an appointment keeps it, too.
func (s *Store) erasePersons(ctx context.Context, now time.Time) (int64, error) {
	const kept = `EXISTS (SELECT 1 FROM appointments a WHERE a.keeper_id = p.id AND a.erased = 0)
		OR EXISTS (SELECT 1 FROM parties y JOIN appointments a ON a.id = y.appointment_id WHERE y.person_id = p.id AND a.erased = 0)
		OR EXISTS (SELECT 1 FROM citizen_tokens t WHERE t.person_id = p.id AND t.expires_at > ?)`
	return s.inOrder(ctx, func(tx *gorm.DB, after int64) (last, n int64, err error) {
		var ids []int64
		err = tx.Raw("SELECT p.id FROM persons p WHERE p.id > ? AND p.created_at <= ? AND NOT ("+kept+") ORDER BY p.id LIMIT ?",
			after, since(now, verificationKept), unix(now), eraseBatch).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return 0, 0, err
		}
		n, err = forgetPersons(tx, ids)
		return ids[len(ids)-1], n, err
	})
}

// forgetPersons deletes people and what is looked up or counted by them.
func forgetPersons(tx *gorm.DB, ids []int64) (int64, error) {
	if err := must(tx, "forget numbers", "DELETE FROM contacts WHERE person_id IN ?", ids); err != nil {
		return 0, err
	}
	if err := must(tx, "forget counts", "DELETE FROM open_counts WHERE person_id IN ?", ids); err != nil {
		return 0, err
	}
	if err := must(tx, "count their past appointments no more", "UPDATE appointments SET counted = 0 WHERE keeper_id IN ? AND asker_id IN ? AND counted = 1", ids, ids); err != nil {
		return 0, err
	}
	return exec(tx, "DELETE FROM persons WHERE id IN ?", ids)
}

// eraseMessages deletes messages past each office's keep, counted from the end
// of their validity, which is the start of what they speak of, with what they
// led to.
func (s *Store) eraseMessages(ctx context.Context, now time.Time) (int64, error) {
	if _, err := s.perOffice(ctx, func(tx *gorm.DB, o *scheduling.Office) (int64, error) {
		return exec(tx, "DELETE FROM tasks WHERE office_id = ? AND message_id = 0 AND until_at < ?", o.ID, lastKept(o, now, o.Keep.Messages))
	}); err != nil {
		return 0, err
	}
	return s.perOffice(ctx, func(tx *gorm.DB, o *scheduling.Office) (int64, error) {
		last := lastKept(o, now, o.Keep.Messages)
		var ids []int64
		err := tx.Raw("SELECT id FROM messages WHERE office_id = ? AND due_at < ? AND until_at < ? AND created_at < ? LIMIT ?", o.ID, last, last, last, eraseBatch).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return 0, err
		}
		for _, also := range []string{"DELETE FROM deliveries WHERE message_id IN ?", "DELETE FROM tasks WHERE message_id IN ?"} {
			if err := must(tx, "erase what messages led to", also, ids); err != nil {
				return 0, err
			}
		}
		return exec(tx, "DELETE FROM messages WHERE id IN ?", ids)
	})
}

func (s *Store) eraseAudit(ctx context.Context, now time.Time) (int64, error) {
	return s.perOffice(ctx, func(tx *gorm.DB, o *scheduling.Office) (int64, error) {
		return eraseOldest(tx, o.ID, lastKept(o, now, o.Keep.Audit))
	})
}

// lastKept is the beginning of the first day whose data is still kept: a keep
// counts whole days of the office, after the day itself.
func lastKept(o *scheduling.Office, now time.Time, keep time.Duration) int64 {
	return unix(calendar.DateIn(now, o.Location).Add(-int(keep/(24*time.Hour))).At(0, o.Location))
}

// eraseOldest deletes the audit's first lines as long as they are old: it only
// ever grows at its end.
func eraseOldest(tx *gorm.DB, office, before int64) (int64, error) {
	var rows []auditRow
	if err := tx.Select("id", "at").Where("office_id = ?", office).Order("id").Limit(eraseBatch).Find(&rows).Error; err != nil {
		return 0, err
	}
	var ids []int64
	for _, r := range rows {
		if r.At >= before {
			break
		}
		ids = append(ids, r.ID)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return exec(tx, "DELETE FROM audit WHERE id IN ?", ids)
}

// erasePassing deletes what lives for a day or less.
func (s *Store) erasePassing(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for _, what := range []struct {
		query string
		args  []any
	}{
		{"DELETE FROM verifications WHERE created_at <= ?", []any{since(now, verificationKept)}},
		{"DELETE FROM deliveries WHERE message_id IN (SELECT id FROM messages WHERE subject_kind = 2 AND created_at <= ?)", []any{since(now, verificationKept)}},
		{"DELETE FROM messages WHERE subject_kind = 2 AND created_at <= ?", []any{since(now, verificationKept)}},
		{"DELETE FROM replies WHERE created_at <= ?", []any{since(now, repliesKept)}},
		{"DELETE FROM stray_receipts WHERE created_at <= ?", []any{since(now, strayFor)}},
		{"DELETE FROM gateway_minutes WHERE minute <= ?", []any{since(now, 24*time.Hour) / 60}},
		{"UPDATE deliveries SET to_hash = NULL WHERE to_hash IS NOT NULL AND handed_at <= ?", []any{since(now, repliesKept)}},
		{"DELETE FROM message_counts WHERE period <= ?", []any{now.AddDate(0, -3, 0).Format(time.DateOnly)}},
		{"DELETE FROM message_counts WHERE number <> 0 AND period <= ?", []any{now.AddDate(0, 0, -2).Format(time.DateOnly)}},
		{"DELETE FROM tasks WHERE until_at <= ? AND message_id = 0", []any{since(now, tasksKept)}},
		{"DELETE FROM task_attempts WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = task_attempts.task_id)", nil},
		{"DELETE FROM audit WHERE office_id = 0 AND at <= ?", []any{since(now, auditOfNobody)}},
		{"DELETE FROM citizen_tokens WHERE expires_at <= ?", []any{unix(now)}},
		{"DELETE FROM staff_tokens WHERE expires_at <= ?", []any{unix(now)}},
		{"DELETE FROM staff_challenges WHERE expires_at <= ?", []any{unix(now)}},
		{"DELETE FROM remembered WHERE created_at <= ?", []any{since(now, rememberedFor)}},
		{"DELETE FROM tallies WHERE expires_at <= ?", []any{unix(now)}},
		{"DELETE FROM last_changes WHERE at <= ?", []any{since(now, time.Hour)}},
		{"DELETE FROM hold_cooling WHERE ended_at <= ?", []any{since(now, time.Hour)}},
		{"DELETE FROM day_words WHERE kind = ? AND day < ?", []any{int(scheduling.PersonResource), int(calendar.DayOf(now)) - personDaysKept}},
	} {
		err := s.tx(ctx, true, func(tx *gorm.DB) error {
			n, err := exec(tx, what.query, what.args...)
			total += n
			return err
		})
		if err != nil {
			return total, fmt.Errorf("delete what has passed: %w", err)
		}
	}
	return total, nil
}

// inBatches repeats a small transaction until it finds nothing more.
func (s *Store) inBatches(ctx context.Context, do func(tx *gorm.DB) (int64, error)) (int64, error) {
	var total int64
	for {
		var n int64
		err := s.tx(ctx, true, func(tx *gorm.DB) error {
			var err error
			n, err = do(tx)
			return err
		})
		total += n
		if err != nil {
			return total, fmt.Errorf("erase what has passed its time: %w", err)
		}
		if n == 0 {
			return total, nil
		}
	}
}

// inOrder is inBatches for rows that stay, or need no second look: each batch
// begins after the last id of the one that was committed before.
func (s *Store) inOrder(ctx context.Context, do func(tx *gorm.DB, after int64) (last, n int64, err error)) (int64, error) {
	var total, after int64
	for {
		var last, n int64
		err := s.tx(ctx, true, func(tx *gorm.DB) error {
			var err error
			last, n, err = do(tx, after)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("go through rows: %w", err)
		}
		if n == 0 {
			return total, nil
		}
		total, after = total+n, last
	}
}

func (s *Store) perOffice(ctx context.Context, do func(*gorm.DB, *scheduling.Office) (int64, error)) (int64, error) {
	offices, err := s.List(ctx)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, o := range offices {
		n, err := s.inBatches(ctx, func(tx *gorm.DB) (int64, error) { return do(tx, o) })
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
