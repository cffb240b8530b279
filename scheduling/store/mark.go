package store

import (
	"context"
	"fmt"
)

// Mark is made of the last lines of an office's audit: of more than the newest,
// since a line that got its number first may be committed last.
func (s *Store) Mark(ctx context.Context, officeID int64) (string, error) {
	var row struct{ Newest, Total string }
	err := s.read.WithContext(ctx).Raw(
		"SELECT COALESCE(MAX(id), 0) AS newest, COALESCE(SUM(id), 0) AS total FROM (SELECT id FROM audit WHERE office_id = ? ORDER BY id DESC LIMIT 64) AS recent", officeID,
	).Scan(&row).Error
	if err != nil {
		return "", fmt.Errorf("read the newest of the audit: %w", s.reading(err))
	}
	return row.Newest + "-" + row.Total, nil
}
