package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// checkDeliveries finds deliveries of no message, and what is handed over about
// another appointment than its message.
func (s *Store) checkDeliveries(_ context.Context, tx *gorm.DB) ([]string, error) {
	lines, err := differing(tx, "delivery %d: there are %d messages of it, should be %d",
		"SELECT d.message_id AS id, 0 AS have, 1 AS want FROM deliveries d WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = d.message_id)")
	if err != nil {
		return nil, err
	}
	var others []int64
	err = tx.Raw("SELECT d.message_id FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.office_id <> m.office_id OR d.appointment_id <> CASE WHEN m.subject_kind = 1 THEN m.subject_id ELSE 0 END").Scan(&others).Error
	for _, id := range others {
		lines = append(lines, fmt.Sprintf("delivery %d: is about something else than its message", id))
	}
	return lines, err
}

// checkCounts finds days and months in which more was handed over than was
// counted. What was handed over twice was counted twice, so there may be less.
func (s *Store) checkCounts(_ context.Context, tx *gorm.DB) ([]string, error) {
	offices, err := s.List(tx.Statement.Context)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, o := range offices {
		day, month := periods(o, s.now())
		today := calendar.DateIn(s.now(), o.Location)
		_, _, n := today.Civil()
		first := today.Add(1 - n)
		for _, p := range []struct {
			name, sum string
			since     calendar.Date
		}{{day, "COUNT(*)", today}, {month, "SUM(d.segments)", first}} {
			line, err := uncounted(tx, o, p.name, p.sum, p.since.At(0, o.Location))
			if err != nil {
				return nil, err
			}
			lines = append(lines, line...)
		}
	}
	negative, err := differing(tx, "messages of office %d: %d are counted, should be %d", "SELECT office_id AS id, n AS have, 0 AS want FROM message_counts WHERE n < 0")
	return append(lines, negative...), err
}

// uncounted compares a period's count with what was handed over in it; what was
// handed over in its first minute may have been taken from the period before.
func uncounted(tx *gorm.DB, o *scheduling.Office, period, sum string, since time.Time) ([]string, error) {
	var sent, have *int
	err := tx.Raw("SELECT "+sum+" FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.office_id = ? AND d.handed_at >= ? AND m.channel = ?",
		o.ID, unix(since.Add(time.Minute)), string(messages.SMS)).Scan(&sent).Error
	if err != nil || sent == nil || *sent == 0 {
		return nil, err
	}
	counted := 0
	if err := tx.Raw("SELECT n FROM message_counts WHERE office_id = ? AND period = ? AND number = 0", o.ID, period).Scan(&have).Error; err != nil {
		return nil, err
	}
	if have != nil {
		counted = *have
	}
	if counted >= *sent {
		return nil, nil
	}
	return []string{fmt.Sprintf("messages of office %s in %s: %d are counted, %d were handed over", o.Code, period, counted, *sent)}, nil
}

// checkTasks finds calls about no message, and times given up by appointments
// that are not cancelled.
func (s *Store) checkTasks(_ context.Context, tx *gorm.DB) ([]string, error) {
	lines, err := differing(tx, "task %d: there are %d messages of it, should be %d",
		"SELECT t.id AS id, 0 AS have, 1 AS want FROM tasks t WHERE t.message_id <> 0 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = t.message_id)")
	if err != nil {
		return nil, err
	}
	var wrong []struct {
		ID     int64
		Status string
	}
	err = tx.Raw("SELECT t.id, a.status FROM tasks t JOIN appointments a ON a.id = t.appointment_id WHERE t.kind = ? AND a.status <> ? AND (t.done = 0 OR EXISTS (SELECT 1 FROM holds h WHERE h.id = t.hold_id))",
		string(scheduling.TaskGivenUp), string(scheduling.Cancelled)).Scan(&wrong).Error
	for _, w := range wrong {
		lines = append(lines, fmt.Sprintf("task %d: a time is given up, the appointment is %s", w.ID, w.Status))
	}
	return lines, err
}

// checkTexts compares the texts of each office's file with their last versions.
func (s *Store) checkTexts(ctx context.Context, tx *gorm.DB) ([]string, error) {
	var rows []officeRow
	if err := tx.Order("code").Find(&rows).Error; err != nil {
		return nil, err
	}
	var lines []string
	for _, r := range rows {
		office, err := s.parse(r.Code, []byte(r.Document))
		if err != nil {
			return nil, err
		}
		latest, err := latestTexts(tx, r.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range office.Texts.Templates {
			if latest[t.Key].Body != t.Body {
				lines = append(lines, fmt.Sprintf("office %s: the text %s is not its version %d", r.Code, t.Key, latest[t.Key].Version))
			}
			delete(latest, t.Key)
		}
		for k, v := range latest {
			if v.Body != "" {
				lines = append(lines, fmt.Sprintf("office %s: there is no text %s, and a version %d", r.Code, k, v.Version))
			}
		}
	}
	return lines, nil
}
