package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

type holidayRow struct {
	Year       int `gorm:"primaryKey;autoIncrement:false"`
	Notice     string
	Author     string
	ImportedAt int64
}

func (holidayRow) TableName() string { return "holiday_years" }

func (r holidayRow) year() (scheduling.HolidayYear, error) {
	out := scheduling.HolidayYear{Author: r.Author, ImportedAt: at(r.ImportedAt)}
	if err := json.Unmarshal([]byte(r.Notice), &out.Notice); err != nil {
		return out, fmt.Errorf("decode the holidays of %d: %w", r.Year, err)
	}
	return out, nil
}

// ImportedYears are the tables of holidays that were imported.
func (s *Store) ImportedYears(ctx context.Context) ([]scheduling.HolidayYear, error) {
	out, err := importedYears(s.read.WithContext(ctx))
	return out, s.reading(err)
}

func importedYears(db *gorm.DB) ([]scheduling.HolidayYear, error) {
	var rows []holidayRow
	if err := db.Order("year").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the years of holidays: %w", err)
	}
	out := make([]scheduling.HolidayYear, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.year(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Statutory is the calendar of legal working days: the shipped years, and those
// that were imported in their place. It is as old as offices may be.
func (s *Store) Statutory(ctx context.Context) (*calendar.Statutory, error) {
	offices, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	if len(offices) > 0 && offices[0].Statutory != nil {
		return offices[0].Statutory, nil
	}
	return s.statutory(s.read.WithContext(ctx))
}

func (s *Store) statutory(db *gorm.DB) (*calendar.Statutory, error) {
	years, err := importedYears(db)
	if err != nil {
		return nil, s.reading(err)
	}
	notices := make([]calendar.Notice, len(years))
	for i, y := range years {
		notices[i] = y.Notice
	}
	out, err := calendar.China().With(notices...)
	if err != nil {
		return nil, fmt.Errorf("make the calendar of the imported holidays: %w", err)
	}
	return out, nil
}

// SetYear writes a year's table or takes it away. The offices' rows are written
// first, as by Apply: a booking holds its office's, so it is either seen or
// decided again; and every replica reads an office anew whose revision rose.
func (s *Store) SetYear(ctx context.Context, w scheduling.HolidayWrite) error {
	defer s.offices.forget()
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := must(tx, "raise the offices' revisions", "UPDATE offices SET revision = revision + 1"); err != nil {
			return err
		}
		if err := s.writeYear(tx, w); err != nil {
			return err
		}
		// Two directors may import neighbouring years at once.
		if _, err := s.statutory(tx); err != nil {
			return scheduling.Invalid("table", "和相邻年份的安排有冲突。", "disagrees with a neighbouring year")
		}
		return insertAudit(tx, w.Audit)
	})
}

func (s *Store) writeYear(tx *gorm.DB, w scheduling.HolidayWrite) error {
	if w.Notice == nil {
		n, err := exec(tx, "DELETE FROM holiday_years WHERE year = ?", w.Year)
		if err != nil {
			return fmt.Errorf("take the holidays away: %w", err)
		}
		if n == 0 {
			return scheduling.NotFound()
		}
		return nil
	}
	text, err := json.Marshal(w.Notice)
	if err != nil {
		return fmt.Errorf("encode the holidays: %w", err)
	}
	return must(tx, "write the holidays", "INSERT INTO holiday_years (year, notice, author, imported_at) VALUES (?, ?, ?, ?)"+
		s.dialect.upsert("year", "notice", "author", "imported_at"), w.Year, string(text), w.Author, unix(w.Now))
}
