package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

const (
	maxAttempts = 5
	// maxRetrying ends the repeating of a transaction, counted on the machine's
	// own clock: it is about the database's patience, not about civil time.
	maxRetrying = 5 * time.Second
)

// tx runs f in a transaction, and again, after a rollback and a short pause,
// where the database asks for that. f must be safe to run twice.
//
// A connection lost while it commits leaves the outcome unknown. With a
// remembered key the transaction is repeated, since its first statement then
// tells; without one the answer is overloaded.
func (s *Store) tx(ctx context.Context, repeatable bool, f func(tx *gorm.DB) error) error {
	deadline, cancel := context.WithTimeout(ctx, maxRetrying)
	defer cancel()
	var err error
	for attempt := range maxAttempts {
		if attempt > 0 && !pause(deadline, attempt) {
			break
		}
		var atCommit bool
		atCommit, err = s.once(ctx, f)
		switch {
		case err == nil:
			return nil
		case again(err):
		case severed(err) && (!atCommit || repeatable):
		case severed(err):
			return scheduling.Overloaded()
		default:
			return err
		}
	}
	s.log.WarnContext(ctx, "a transaction was given up", "error", err)
	return scheduling.Overloaded()
}

// once runs one transaction, and says whether an error came while committing.
func (s *Store) once(ctx context.Context, f func(tx *gorm.DB) error) (atCommit bool, err error) {
	tx := s.write.WithContext(ctx).Begin()
	if tx.Error != nil {
		return false, s.unavailable(tx.Error)
	}
	done := false
	defer func() {
		if !done {
			tx.Rollback()
		}
	}()
	if err := f(tx); err != nil {
		return false, err
	}
	done = true
	return true, tx.Commit().Error
}

// unavailable makes a time that ran out while waiting for a connection the
// caller's to try again.
func (s *Store) unavailable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errors.Join(scheduling.Overloaded(), err)
	}
	return fmt.Errorf("begin a transaction: %w", err)
}

// pause waits 5 to 80 milliseconds, more with every attempt.
func pause(ctx context.Context, attempt int) bool {
	//nolint:gosec // jitter, nothing secret
	wait := time.Duration(rand.Int64N(int64(10*time.Millisecond)<<min(attempt, 3))) + 5*time.Millisecond
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// exec runs one statement and answers how many rows it changed. One without
// lists goes to the driver as it is: GORM would only copy it.
func exec(tx *gorm.DB, query string, args ...any) (int64, error) {
	if !slices.ContainsFunc(args, isList) {
		r, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, query, args...)
		if err != nil {
			return 0, err
		}
		return r.RowsAffected()
	}
	for i, a := range args {
		if b, ok := a.([]byte); ok {
			args[i] = blob(b)
		}
	}
	r := tx.Exec(query, args...)
	return r.RowsAffected, r.Error
}

// isList says whether GORM must spread an argument.
func isList(arg any) bool {
	switch arg.(type) {
	case []int64, [][]byte, []string:
		return true
	}
	return false
}

// blob keeps GORM from spreading bytes behind a parenthesis into a list of
// numbers.
type blob []byte

// Value gives the driver the bytes.
func (b blob) Value() (driver.Value, error) { return []byte(b), nil }

// must runs one statement whose rows do not matter.
func must(tx *gorm.DB, doing, query string, args ...any) error {
	if _, err := exec(tx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
