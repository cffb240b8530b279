package scheduling

import "context"

// Marks tells that something has changed.
type Marks interface {
	// Mark differs from an earlier one once anything was written into the audit of
	// an office in between, in whatever order that was committed.
	Mark(ctx context.Context, officeID int64) (string, error)
}

// Mark is a value that differs once something has changed at an office.
func (s *Scheduler) Mark(ctx context.Context, officeID int64) (string, error) {
	return s.Marks.Mark(ctx, officeID)
}
