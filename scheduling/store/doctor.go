package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// dayKey names one row of words.
type dayKey struct {
	kind     int
	resource int64
	day      calendar.Day
}

// Doctor recomputes what is derived from sessions, holds, appointments, leave
// and messages, and reports every difference, one line each. It reads in one
// transaction, so it may run beside servers.
func (s *Store) Doctor(ctx context.Context) ([]string, error) {
	var out []string
	err := s.read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, check := range []func(context.Context, *gorm.DB) ([]string, error){
			s.checkWords, s.checkSessions, s.checkLoads, s.checkOpen, s.checkMessages, s.checkDeliveries, s.checkCitizens, s.checkCounts, s.checkTasks, s.checkTexts,
		} {
			lines, err := check(ctx, tx)
			if err != nil {
				return err
			}
			out = append(out, lines...)
		}
		return nil
	}, s.dialect.oneView()...)
	if err != nil {
		return nil, fmt.Errorf("compare what is derived: %w", err)
	}
	return out, nil
}

// checkWords compares the busy and off words with what makes them.
func (s *Store) checkWords(ctx context.Context, tx *gorm.DB) ([]string, error) {
	since := calendar.DayOf(s.now()) - personDaysKept
	busy, lines, err := busyFromSessions(tx)
	if err != nil {
		return nil, err
	}
	overlaps, err := busyFromPeople(tx, busy, since)
	if err != nil {
		return nil, err
	}
	lines = append(lines, overlaps...)
	off, err := s.offFromLeave(ctx, tx)
	if err != nil {
		return nil, err
	}
	differences, err := compareWords(tx, busy, off, since)
	return append(lines, differences...), err
}

// busyFromSessions claims every session anew, and reports two that overlap.
func busyFromSessions(tx *gorm.DB) (map[dayKey]calendar.Words, []string, error) {
	busy := make(map[dayKey]calendar.Words)
	var lines []string
	var rows []sessionRow
	err := tx.Where("claim_end > start_at").FindInBatches(&rows, 5000, func(*gorm.DB, int) error {
		for _, r := range rows {
			for _, res := range r.resources() {
				if !addTo(busy, res, calendar.Span{From: at(r.StartAt), To: at(r.ClaimEnd)}) {
					lines = append(lines, fmt.Sprintf("session %d: kind %d %d is in two sessions at once from %s", r.ID, res.Kind, res.ID, at(r.StartAt).Format("2006-01-02T15:04Z")))
				}
			}
		}
		return nil
	}).Error
	return busy, lines, err
}

func busyFromPeople(tx *gorm.DB, busy map[dayKey]calendar.Words, since calendar.Day) ([]string, error) {
	var lines []string
	var rows []appointmentRow
	err := tx.Where("asker_id <> 0 AND claim_end > start_at AND status <> 'cancelled' AND end_at >= ?", since.Start().Unix()).FindInBatches(&rows, 5000, func(*gorm.DB, int) error {
		for _, r := range rows {
			span := calendar.Span{From: at(r.StartAt), To: at(r.ClaimEnd)}
			if !addTo(busy, scheduling.Resource{Kind: scheduling.PersonResource, ID: r.AskerID}, span) {
				lines = append(lines, fmt.Sprintf("appointment %d: its person is in two at once", r.ID))
			}
		}
		return nil
	}).Error
	return lines, err
}

// addTo sets a span's bits, and answers false where one was set already.
func addTo(busy map[dayKey]calendar.Words, r scheduling.Resource, span calendar.Span) bool {
	alone := true
	for _, m := range calendar.Mask(span) {
		key := dayKey{int(r.Kind), r.ID, m.Day}
		alone = alone && !busy[key].Overlaps(m.Words)
		busy[key] = busy[key].Or(m.Words)
	}
	return alone
}

// offFromLeave claims every leave anew, and what counsellors are busy with
// elsewhere.
func (s *Store) offFromLeave(ctx context.Context, tx *gorm.DB) (map[dayKey]calendar.Words, error) {
	off := make(map[dayKey]calendar.Words)
	var rows []timeOffRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, r := range rows {
		office, err := s.OfficeByID(ctx, r.OfficeID)
		if err != nil {
			return nil, err
		}
		t, err := r.days()
		if err != nil {
			return nil, err
		}
		for _, span := range t.Spans(office.Location) {
			addTo(off, scheduling.Resource{Kind: scheduling.CounsellorResource, ID: r.StaffID}, span)
		}
	}
	var busy []outsideBusyRow
	if err := tx.Find(&busy).Error; err != nil {
		return nil, err
	}
	for _, r := range busy {
		addTo(off, scheduling.Resource{Kind: scheduling.CounsellorResource, ID: r.StaffID}, r.span())
	}
	return off, nil
}

// compareWords reads every row of words; days of persons that are past may
// have been dropped.
func compareWords(tx *gorm.DB, busy, off map[dayKey]calendar.Words, since calendar.Day) ([]string, error) {
	rows, err := tx.Raw("SELECT kind, resource, day, " + wordColumns + " FROM day_words").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var lines []string
	person := int(scheduling.PersonResource)
	for rows.Next() {
		var k dayKey
		var b, o calendar.Words
		if err := rows.Scan(&k.kind, &k.resource, &k.day, &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &o[0], &o[1], &o[2], &o[3], &o[4], &o[5]); err != nil {
			return nil, err
		}
		if k.kind == person && k.day <= since {
			continue
		}
		if b != busy[k] {
			lines = append(lines, fmt.Sprintf("day words: kind %d %d on %s: busy is %x, should be %x", k.kind, k.resource, k.day.Start().Format("2006-01-02"), b, busy[k]))
		}
		if o != off[k] {
			lines = append(lines, fmt.Sprintf("day words: kind %d %d on %s: off is %x, should be %x", k.kind, k.resource, k.day.Start().Format("2006-01-02"), o, off[k]))
		}
		delete(busy, k)
		delete(off, k)
	}
	for _, missing := range []map[dayKey]calendar.Words{busy, off} {
		for k, w := range missing {
			if !w.IsZero() && (k.kind != person || k.day > since) {
				lines = append(lines, fmt.Sprintf("day words: kind %d %d on %s: the row is missing", k.kind, k.resource, k.day.Start().Format("2006-01-02")))
			}
		}
	}
	sort.Strings(lines)
	return lines, rows.Err()
}

// checkSessions compares the places and the seats taken with the appointments
// and holds.
func (s *Store) checkSessions(_ context.Context, tx *gorm.DB) ([]string, error) {
	var out []string
	for _, c := range []struct{ column, sum string }{{"taken", "COUNT(*)"}, {"heads", "SUM(heads)"}} {
		lines, err := differing(tx, "session %d: "+c.column+" is %d, should be %d", `SELECT s.id AS id, s.`+c.column+` AS have, COALESCE(a.n, 0) + COALESCE(h.n, 0) AS want FROM sessions s
			LEFT JOIN (SELECT session_id, `+c.sum+` AS n FROM appointments WHERE status IN ('booked', 'checked_in', 'in_session') GROUP BY session_id) a ON a.session_id = s.id
			LEFT JOIN (SELECT session_id, `+c.sum+` AS n FROM holds GROUP BY session_id) h ON h.session_id = s.id
			WHERE s.`+c.column+` <> COALESCE(a.n, 0) + COALESCE(h.n, 0)`)
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
	}
	return out, nil
}

// checkLoads compares each counsellor's count of sessions a day.
func (s *Store) checkLoads(_ context.Context, tx *gorm.DB) ([]string, error) {
	type load struct {
		staff int64
		date  int32
	}
	want := make(map[load]int)
	var counted []struct {
		CounsellorID int64
		Date         int32
		N            int
	}
	if err := tx.Raw("SELECT counsellor_id, date, COUNT(*) AS n FROM sessions WHERE status <> ? GROUP BY counsellor_id, date", sessionGivenBack).Scan(&counted).Error; err != nil {
		return nil, err
	}
	for _, c := range counted {
		want[load{c.CounsellorID, c.Date}] = c.N
	}
	var have []struct {
		StaffID  int64
		Date     int32
		Sessions int
	}
	if err := tx.Raw("SELECT staff_id, date, sessions FROM staff_days").Scan(&have).Error; err != nil {
		return nil, err
	}
	var lines []string
	for _, h := range have {
		k := load{h.StaffID, h.Date}
		if h.Sessions != want[k] {
			lines = append(lines, fmt.Sprintf("counsellor %d on %s: %d sessions are counted, should be %d", h.StaffID, calendar.Date(h.Date), h.Sessions, want[k]))
		}
		delete(want, k)
	}
	for _, k := range slices.SortedFunc(maps.Keys(want), func(a, b load) int { return int(a.staff - b.staff) }) {
		lines = append(lines, fmt.Sprintf("counsellor %d on %s: no sessions are counted, should be %d", k.staff, calendar.Date(k.date), want[k]))
	}
	return lines, nil
}

// checkOpen compares each person's count of open appointments of a service.
func (s *Store) checkOpen(_ context.Context, tx *gorm.DB) ([]string, error) {
	return differing(tx, "person %d: open appointments counted %d, should be %d", `SELECT c.person_id AS id, c.open AS have, COALESCE(a.n, 0) AS want FROM open_counts c
		LEFT JOIN (SELECT asker_id, service_id, COUNT(*) AS n FROM appointments WHERE counted = 1 GROUP BY asker_id, service_id) a ON a.asker_id = c.person_id AND a.service_id = c.service_id
		WHERE c.open <> COALESCE(a.n, 0)
		UNION ALL SELECT a.asker_id, 0, COUNT(*) FROM appointments a LEFT JOIN open_counts c ON c.person_id = a.asker_id AND c.service_id = a.service_id
		WHERE a.counted = 1 AND c.person_id IS NULL GROUP BY a.asker_id, a.service_id`)
}

// checkMessages finds messages still planned for a time that is no longer so.
func (s *Store) checkMessages(_ context.Context, tx *gorm.DB) ([]string, error) {
	return differing(tx, "message %d: planned for revision %d, the appointment is at %d", `SELECT m.id AS id, m.revision AS have, a.revision AS want FROM messages m
		JOIN appointments a ON a.id = m.subject_id WHERE m.subject_kind = 1 AND m.status = 'planned' AND m.revision <> a.revision`)
}

// differing prints rows of (id, have, want).
func differing(tx *gorm.DB, format, query string) ([]string, error) {
	var rows []struct {
		ID         int64
		Have, Want int
	}
	if err := tx.Raw(query).Scan(&rows).Error; err != nil {
		return nil, err
	}
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = fmt.Sprintf(format, r.ID, r.Have, r.Want)
	}
	return lines, nil
}
