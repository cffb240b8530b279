package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

type staffCalendarRow struct {
	StaffID  int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID int64
	Details  int
	Secret   []byte
	MadeAt   int64
	ReadAt   int64
}

func (staffCalendarRow) TableName() string { return "staff_calendars" }

type appPasswordRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	StaffID   int64
	OfficeID  int64
	Digest    []byte
	Name      []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UsedAt    int64
}

func (appPasswordRow) TableName() string { return "app_passwords" }

func inAppPassword(id int64) string { return where("app_passwords", "name", id) }

// toTheHour is how exactly it is told when a calendar was read: so one that is
// read every minute is written once an hour.
func toTheHour(t time.Time) int64 { return unix(t.Truncate(time.Hour)) }

// OwnCalendar answers what a counsellor has set, or nothing set.
func (s *Store) OwnCalendar(ctx context.Context, staffID int64) (scheduling.OwnCalendar, error) {
	var out scheduling.OwnCalendar
	var set []staffCalendarRow
	if err := s.read.WithContext(ctx).Where("staff_id = ?", staffID).Find(&set).Error; err != nil {
		return out, fmt.Errorf("read the calendar's settings: %w", s.reading(err))
	}
	if len(set) > 0 {
		out.Details = set[0].Details == 1
	}
	if len(set) > 0 && len(set[0].Secret) > 0 {
		out.MadeAt, out.ReadAt = at(set[0].MadeAt), at(set[0].ReadAt)
	}
	var rows []appPasswordRow
	if err := s.read.WithContext(ctx).Where("staff_id = ?", staffID).Order("created_at, id").Find(&rows).Error; err != nil {
		return out, fmt.Errorf("list app passwords: %w", s.reading(err))
	}
	for _, r := range rows {
		name, err := s.keys.openMaster(r.Name, inAppPassword(r.ID))
		if err != nil {
			return out, err
		}
		out.Passwords = append(out.Passwords, scheduling.AppPassword{
			ID: r.ID, Name: scheduling.NewPrivate(string(name)), MadeAt: at(r.CreatedAt), UsedAt: at(r.UsedAt),
		})
	}
	return out, nil
}

// SetCalendarDetails writes whether names, service and room are shown.
func (s *Store) SetCalendarDetails(ctx context.Context, a scheduling.Actor, details bool, e scheduling.AuditEntry) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := must(tx, "set the calendar's details", "INSERT INTO staff_calendars (staff_id, office_id, details) VALUES (?, ?, ?)"+
			s.dialect.upsert("staff_id", "details"), a.StaffID, a.OfficeID, flag(details)); err != nil {
			return err
		}
		return insertAudit(tx, e)
	})
}

// SetCalendarSecret replaces the digest of the calendar's address, or takes it
// away.
func (s *Store) SetCalendarSecret(ctx context.Context, a scheduling.Actor, secret scheduling.Digest, now time.Time, e scheduling.AuditEntry) error {
	var digest []byte
	if (secret != scheduling.Digest{}) {
		digest = secret[:]
	}
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := must(tx, "set the calendar's address", "INSERT INTO staff_calendars (staff_id, office_id, secret, made_at, read_at) VALUES (?, ?, ?, ?, 0)"+
			s.dialect.upsert("staff_id", "secret", "made_at", "read_at"), a.StaffID, a.OfficeID, digest, unix(now)); err != nil {
			return err
		}
		return insertAudit(tx, e)
	})
}

// ByCalendarSecret answers whose address it is, and notes that it was read.
func (s *Store) ByCalendarSecret(ctx context.Context, secret scheduling.Digest, now time.Time) (staffID, officeID int64, err error) {
	var rows []staffCalendarRow
	if err := s.read.WithContext(ctx).Where("secret = ?", secret[:]).Find(&rows).Error; err != nil {
		return 0, 0, fmt.Errorf("look up a calendar's address: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return 0, 0, scheduling.NotFound()
	}
	if hour := toTheHour(now); rows[0].ReadAt < hour {
		err = s.tx(ctx, true, func(tx *gorm.DB) error {
			return must(tx, "note that a calendar was read", "UPDATE staff_calendars SET read_at = ? WHERE secret = ? AND read_at < ?", hour, secret[:], hour)
		})
	}
	return rows[0].StaffID, rows[0].OfficeID, err
}

// AddAppPassword writes a password unless there are as many already. Two that
// are made at once wait for each other at the person's own row.
func (s *Store) AddAppPassword(ctx context.Context, a scheduling.Actor, p scheduling.AppPassword, digest scheduling.Digest, most int, e scheduling.AuditEntry) error {
	row := appPasswordRow{
		ID: p.ID, StaffID: a.StaffID, OfficeID: a.OfficeID, Digest: digest[:], CreatedAt: unix(p.MadeAt),
		Name: s.keys.sealMaster([]byte(p.Name.Reveal()), inAppPassword(p.ID)),
	}
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		if err := holdPerson(tx, a.StaffID); err != nil {
			return err
		}
		var n int
		if err := tx.Raw("SELECT COUNT(*) FROM app_passwords WHERE staff_id = ?", a.StaffID).Scan(&n).Error; err != nil {
			return fmt.Errorf("count app passwords: %w", err)
		}
		if n >= most {
			return scheduling.LimitReached()
		}
		if err := lostOnDuplicate(tx.Create(&row).Error, "insert the app password"); err != nil {
			return err
		}
		return insertAudit(tx, e)
	})
}

// RemoveAppPassword deletes a password of this person's.
func (s *Store) RemoveAppPassword(ctx context.Context, staffID, id int64, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		n, err := exec(tx, "DELETE FROM app_passwords WHERE id = ? AND staff_id = ?", id, staffID)
		if err != nil {
			return fmt.Errorf("delete the app password: %w", err)
		}
		if n == 0 {
			return scheduling.NotFound()
		}
		return insertAudit(tx, e)
	})
}

// UseAppPassword looks a password of this person's up, and notes its use.
func (s *Store) UseAppPassword(ctx context.Context, staffID int64, digest scheduling.Digest, now time.Time) error {
	var rows []appPasswordRow
	if err := s.read.WithContext(ctx).Where("staff_id = ? AND digest = ?", staffID, digest[:]).Find(&rows).Error; err != nil {
		return fmt.Errorf("look up an app password: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.NotFound()
	}
	hour := toTheHour(now)
	if rows[0].UsedAt >= hour {
		return nil
	}
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "note the use of an app password", "UPDATE app_passwords SET used_at = ? WHERE id = ? AND used_at < ?", hour, rows[0].ID, hour)
	})
}

// DiaryOf lists what a counsellor has from one instant to another, cancelled
// ones aside, by start.
func (s *Store) DiaryOf(ctx context.Context, staffID int64, from, to time.Time, whole bool) ([]scheduling.Appointment, error) {
	var rows []struct {
		Row    appointmentRow `gorm:"embedded"`
		Places int
	}
	err := s.read.WithContext(ctx).Raw("SELECT a.*, s.places AS places FROM sessions s JOIN appointments a ON a.session_id = s.id WHERE s.counsellor_id = ? AND s.start_at >= ? AND s.start_at < ? AND a.status <> 'cancelled' ORDER BY a.start_at, a.id",
		staffID, unix(from), unix(to)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read a counsellor's calendar: %w", s.reading(err))
	}
	all, out := make([]appointmentRow, len(rows)), make([]scheduling.Appointment, len(rows))
	for i, one := range rows {
		r := one.Row
		all[i] = r
		out[i] = scheduling.Appointment{
			ID: r.ID, Reference: r.Reference, Status: scheduling.Status(r.Status), Start: at(r.StartAt), End: at(r.EndAt),
			Session:  scheduling.Session{ID: r.SessionID, Places: one.Places},
			Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt),
		}
	}
	if whole {
		return s.complete(ctx, all)
	}
	return out, nil
}

// LeaveWithin lists a person's leave of some local dates, both included.
func (s *Store) LeaveWithin(ctx context.Context, staffID int64, from, to calendar.Date) ([]scheduling.TimeOff, error) {
	var rows []timeOffRow
	err := s.read.WithContext(ctx).Where("staff_id = ? AND to_date >= ? AND from_date <= ?", staffID, int32(from), int32(to)).Order("from_date, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list leave: %w", s.reading(err))
	}
	out := make([]scheduling.TimeOff, len(rows))
	for i, r := range rows {
		if out[i], err = s.timeOff(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}
