package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

type timeOffRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID  int64
	StaffID   int64
	FromDate  int32
	ToDate    int32
	Hours     string // HH:MM-HH:MM; empty: whole days
	Reason    []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (timeOffRow) TableName() string { return "time_off" }

func (s *Store) timeOffToRow(w scheduling.TimeOffWrite) timeOffRow {
	row := timeOffRow{
		ID: w.TimeOff.ID, OfficeID: w.Office.ID, StaffID: w.StaffID,
		FromDate: int32(w.TimeOff.From), ToDate: int32(w.TimeOff.To), CreatedAt: unix(w.TimeOff.CreatedAt),
	}
	if h := w.TimeOff.Hours; h != (calendar.Period{}) {
		row.Hours = h.From.String() + "-" + h.To.String()
	}
	if !w.TimeOff.Reason.IsZero() {
		row.Reason = s.keys.sealMaster([]byte(w.TimeOff.Reason.Reveal()), where("time_off", "reason", row.ID))
	}
	return row
}

func (s *Store) timeOff(r timeOffRow) (scheduling.TimeOff, error) {
	out, err := r.days()
	if err != nil || len(r.Reason) == 0 {
		return out, err
	}
	plain, err := s.keys.openMaster(r.Reason, where("time_off", "reason", r.ID))
	out.Reason = scheduling.NewPrivate(string(plain))
	return out, err
}

// days is a row without what is sealed.
func (r timeOffRow) days() (scheduling.TimeOff, error) {
	out := scheduling.TimeOff{ID: r.ID, From: calendar.Date(r.FromDate), To: calendar.Date(r.ToDate), CreatedAt: at(r.CreatedAt)}
	if r.Hours == "" {
		return out, nil
	}
	from, to, _ := strings.Cut(r.Hours, "-")
	if err := errors.Join(out.Hours.From.UnmarshalText([]byte(from)), out.Hours.To.UnmarshalText([]byte(to))); err != nil {
		return out, fmt.Errorf("read the hours of leave: %w", err)
	}
	return out, nil
}

// LeaveOf lists a person's leave by its first day.
func (s *Store) LeaveOf(ctx context.Context, staffID int64, p scheduling.Page) ([]scheduling.TimeOff, string, error) {
	db := s.read.WithContext(ctx).Where("staff_id = ?", staffID)
	if p.After != "" {
		from, text, err := readMark(p.After)
		id, notNumber := strconv.ParseInt(text, 10, 64)
		if err != nil || notNumber != nil {
			return nil, "", scheduling.Invalid("after", "翻页标记不对。", "is not a mark of this list")
		}
		db = db.Where("(from_date > ? OR (from_date = ? AND id > ?))", from, from, id)
	}
	limit := pageSize(p)
	var rows []timeOffRow
	if err := db.Order("from_date, id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list leave: %w", s.reading(err))
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = mark(int64(rows[limit-1].FromDate), fmt.Sprint(rows[limit-1].ID))
	}
	out := make([]scheduling.TimeOff, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = s.timeOff(r); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// AddLeave writes leave and the words it makes. The words are written first
// and then compared with what is booked: a booking at the same moment waits,
// and finds them.
func (s *Store) AddLeave(ctx context.Context, w scheduling.TimeOffWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		if err := s.begin(tx, w.Remember, w.Office, w.Now); err != nil {
			return err
		}
		row := s.timeOffToRow(w)
		if err := lostOnDuplicate(tx.Create(&row).Error, "insert the leave"); err != nil {
			return err
		}
		if err := s.rewriteOff(tx, w.StaffID, w.Office.Location, w.TimeOff.Span(w.Office.Location)); err != nil {
			return err
		}
		spans := w.TimeOff.Spans(w.Office.Location)
		if err := endHoldsOver(tx, w.StaffID, spans); err != nil {
			return err
		}
		if !w.Force {
			if err := refuseOverBooked(tx, w.StaffID, spans); err != nil {
				return err
			}
		}
		return insertAudit(tx, w.Audit)
	})
}

// RemoveLeave takes leave back.
func (s *Store) RemoveLeave(ctx context.Context, office *scheduling.Office, staffID, id int64, e scheduling.AuditEntry, _ time.Time) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		var rows []timeOffRow
		if err := tx.Where("id = ? AND staff_id = ?", id, staffID).Find(&rows).Error; err != nil {
			return fmt.Errorf("read the leave: %w", err)
		}
		if len(rows) == 0 {
			return scheduling.NotFound()
		}
		entry, err := s.timeOff(rows[0])
		if err != nil {
			return err
		}
		n, err := exec(tx, "DELETE FROM time_off WHERE id = ?", id)
		if err := lostUnless(n == 1, err, "delete the leave"); err != nil {
			return err
		}
		if err := s.rewriteOff(tx, staffID, office.Location, entry.Span(office.Location)); err != nil {
			return err
		}
		return insertAudit(tx, e)
	})
}

// rewriteOff recomputes a counsellor's off words over a span from the rows of
// leave and those of busy times elsewhere, never from the words that are there. Two changes of one person's
// leave wait for each other at the person's own row.
func (s *Store) rewriteOff(tx *gorm.DB, staffID int64, loc *time.Location, span calendar.Span) error {
	if err := holdPerson(tx, staffID); err != nil {
		return err
	}
	first, last := calendar.DayOf(span.From), calendar.DayOf(span.To)
	off, err := offWords(tx, staffID, loc, first, last)
	if err != nil {
		return err
	}
	var args []any
	for i, words := range off.Days {
		args = append(args, int(scheduling.CounsellorResource), staffID, int(first)+i)
		for _, w := range words {
			args = append(args, int64(w))
		}
	}
	values := strings.TrimSuffix(strings.Repeat("("+marks(9)+"), ", len(off.Days)), ", ")
	return must(tx, "write the words of leave", "INSERT INTO day_words (kind, resource, day, o0, o1, o2, o3, o4, o5) VALUES "+values+
		s.dialect.upsert("kind, resource, day", "o0", "o1", "o2", "o3", "o4", "o5"), args...)
}

// holdPerson makes others who change what is a person's wait.
func holdPerson(tx *gorm.DB, staffID int64) error {
	return must(tx, "hold the person's row", "UPDATE resources SET removed = removed WHERE id = ?", staffID)
}

// offWords are the words that a counsellor's leave, and what they are busy with
// elsewhere, make on some UTC days.
func offWords(tx *gorm.DB, staffID int64, loc *time.Location, first, last calendar.Day) (calendar.Track, error) {
	var rows []timeOffRow
	from, to := calendar.DateIn(first.Start(), loc), calendar.DateIn((last+1).Start(), loc)
	if err := tx.Where("staff_id = ? AND to_date >= ? AND from_date <= ?", staffID, int32(from), int32(to)).Find(&rows).Error; err != nil {
		return calendar.Track{}, fmt.Errorf("read the leave: %w", err)
	}
	off := calendar.NewTrack(first, int(last-first)+1)
	for _, r := range rows {
		t, err := r.days()
		if err != nil {
			return calendar.Track{}, err
		}
		t.From, t.To = max(t.From, from), min(t.To, to)
		for _, span := range t.Spans(loc) {
			off.Add(calendar.Mask(span))
		}
	}
	var busy []outsideBusyRow
	if err := tx.Where("staff_id = ? AND to_at > ? AND from_at < ?", staffID, unix(first.Start()), unix((last + 1).Start())).Find(&busy).Error; err != nil {
		return calendar.Track{}, fmt.Errorf("read the busy times: %w", err)
	}
	for _, r := range busy {
		off.Add(calendar.Mask(r.span()))
	}
	return off, nil
}

// endHoldsOver gives back what is held with a person in some spans. It comes
// before the look for appointments: a booking that uses one of the holds, or joins
// a class that only they keep, has then either been waited for or finds it gone.
func endHoldsOver(tx *gorm.DB, staffID int64, spans []calendar.Span) error {
	if len(spans) == 0 {
		return nil
	}
	var found []struct {
		Hold         holdRow `gorm:"embedded"`
		SFrom, STill int64
	}
	err := tx.Raw("SELECT h.*, s.start_at AS s_from, s.end_at AS s_till FROM sessions s JOIN holds h ON h.session_id = s.id WHERE s.counsellor_id = ? AND s.start_at < ? AND s.end_at > ? ORDER BY h.id",
		staffID, unix(spans[len(spans)-1].To), unix(spans[0].From)).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("look for what is held: %w", err)
	}
	for _, f := range found {
		if !over(spans, f.SFrom, f.STill) {
			continue
		}
		if _, err := giveHoldBack(tx, f.Hold); err != nil {
			return err
		}
	}
	return nil
}

// over says whether a session lies in any of some spans.
func over(spans []calendar.Span, from, till int64) bool {
	return slices.ContainsFunc(spans, calendar.Span{From: at(from), To: at(till)}.Overlaps)
}

// refuseOverBooked lists what a person has booked in some spans.
func refuseOverBooked(tx *gorm.DB, staffID int64, spans []calendar.Span) error {
	if len(spans) == 0 {
		return nil
	}
	var rows []appointmentRow
	err := tx.Raw("SELECT a.* FROM sessions s JOIN appointments a ON a.session_id = s.id WHERE s.counsellor_id = ? AND s.start_at < ? AND s.end_at > ? AND a.status IN ('booked', 'checked_in', 'in_session') ORDER BY a.start_at, a.reference",
		staffID, unix(spans[len(spans)-1].To), unix(spans[0].From)).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("look for what is booked: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(r appointmentRow) bool { return !over(spans, r.StartAt, r.EndAt) })
	if len(rows) > 0 {
		return scheduling.InUse(referencesOf(rows))
	}
	return nil
}
