package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
)

type seriesRow struct {
	AppointmentID int64 `gorm:"primaryKey;autoIncrement:false"`
	SeriesID      int64
	OfficeID      int64
	Position      int
}

func (seriesRow) TableName() string { return "series_places" }

// BookSeries books all of a course in one transaction, or nothing of it.
func (s *Store) BookSeries(ctx context.Context, w scheduling.SeriesWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		if err := s.begin(tx, w.Remember, w.Office, w.Now); err != nil {
			return err
		}
		var rows []seriesRow
		for i, b := range w.Bookings {
			if err := s.book(tx, b); err != nil {
				return err
			}
			rows = append(rows, seriesRow{AppointmentID: b.Appointment.ID, SeriesID: w.ID, OfficeID: w.Office.ID, Position: i + 1})
		}
		return s.insertTogether(tx, "note what belongs together", rows, []auditRow{auditToRow(w.Audit)})
	})
}

// SeriesOf lists the series of an appointment, by start.
func (s *Store) SeriesOf(ctx context.Context, appointment int64) (scheduling.Series, error) {
	var places []seriesRow
	err := s.read.WithContext(ctx).Where("series_id = (SELECT series_id FROM series_places WHERE appointment_id = ?)", appointment).Find(&places).Error
	if err != nil {
		return scheduling.Series{}, fmt.Errorf("read the course: %w", s.reading(err))
	}
	if len(places) == 0 {
		return scheduling.Series{}, scheduling.NotFound()
	}
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.AppointmentID
	}
	var rows []appointmentRow
	if err := s.read.WithContext(ctx).Where("id IN ?", ids).Order("start_at, reference").Find(&rows).Error; err != nil {
		return scheduling.Series{}, fmt.Errorf("read the appointments of the course: %w", s.reading(err))
	}
	all, err := s.complete(ctx, rows)
	return scheduling.Series{ID: places[0].SeriesID, Appointments: all}, err
}

// SetAttendance writes down who came.
func (s *Store) SetAttendance(ctx context.Context, w scheduling.AttendanceWrite) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		for _, p := range w.Parties {
			if err := must(tx, "write down who came", "UPDATE parties SET attendance = ? WHERE id = ? AND appointment_id = ?", string(p.Attendance), p.Party, w.Appointment.ID); err != nil {
				return err
			}
		}
		return insertAudit(tx, w.Audit)
	})
}
