package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
)

type officeVersionRow struct {
	OfficeID  int64 `gorm:"primaryKey;autoIncrement:false"`
	Number    int64 `gorm:"primaryKey;autoIncrement:false"`
	Author    string
	Note      string
	Document  string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (officeVersionRow) TableName() string { return "office_versions" }

func (r officeVersionRow) version() scheduling.OfficeVersion {
	return scheduling.OfficeVersion{Number: r.Number, Author: r.Author, Note: r.Note, CreatedAt: at(r.CreatedAt), File: []byte(r.Document)}
}

// keepVersion writes the file down that a change made, by whichever door. Of an
// office that is older than its versions, the file before it too.
func (s *Store) keepVersion(tx *gorm.DB, old, now officeRow, w scheduling.OfficeWrite) error {
	rows := []officeVersionRow{{
		OfficeID: now.ID, Number: now.Revision, Author: w.Author, Note: w.Note, Document: string(w.Document), CreatedAt: unix(w.Now),
	}}
	if old.ID != 0 {
		var n int
		if err := tx.Raw("SELECT COUNT(*) FROM office_versions WHERE office_id = ?", old.ID).Scan(&n).Error; err != nil {
			return fmt.Errorf("count the versions of the office: %w", err)
		}
		if n == 0 {
			rows = append(rows, officeVersionRow{OfficeID: old.ID, Number: old.Revision, Document: old.Document, CreatedAt: old.UpdatedAt})
		}
	}
	return s.insertTogether(tx, "keep the version of the office", rows)
}

// OfficeVersions lists the versions of an office, newest first.
func (s *Store) OfficeVersions(ctx context.Context, office int64, p scheduling.Page) ([]scheduling.OfficeVersion, string, error) {
	db := s.read.WithContext(ctx).Select("office_id", "number", "author", "note", "created_at").Where("office_id = ?", office)
	if p.After != "" {
		number, _, err := readMark(p.After)
		if err != nil {
			return nil, "", scheduling.Invalid("after", "翻页标记不对。", "is not a mark of this list")
		}
		db = db.Where("number < ?", number)
	}
	limit := pageSize(p)
	var rows []officeVersionRow
	if err := db.Order("number DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list the versions of the office: %w", s.reading(err))
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = mark(rows[limit-1].Number, "-")
	}
	out := make([]scheduling.OfficeVersion, len(rows))
	for i, r := range rows {
		out[i] = r.version()
		out[i].File = nil
	}
	return out, next, nil
}

// OfficeVersion is one version of an office.
func (s *Store) OfficeVersion(ctx context.Context, office, number int64) (scheduling.OfficeVersion, error) {
	return s.oneVersion(ctx, "office_id = ? AND number = ?", office, number)
}

// VersionBefore is the last version before another.
func (s *Store) VersionBefore(ctx context.Context, office, number int64) (scheduling.OfficeVersion, error) {
	return s.oneVersion(ctx, "office_id = ? AND number < ?", office, number)
}

func (s *Store) oneVersion(ctx context.Context, where string, args ...any) (scheduling.OfficeVersion, error) {
	var rows []officeVersionRow
	if err := s.read.WithContext(ctx).Where(where, args...).Order("number DESC").Limit(1).Find(&rows).Error; err != nil {
		return scheduling.OfficeVersion{}, fmt.Errorf("read a version of the office: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.OfficeVersion{}, scheduling.NotFound()
	}
	return rows[0].version(), nil
}
