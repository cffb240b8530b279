package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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

// exec runs one statement and answers how many rows it changed. It goes to the
// driver past GORM, which would only copy it, and slowly where there are lists.
func exec(tx *gorm.DB, query string, args ...any) (int64, error) {
	query, args = spread(query, args)
	r, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// spread gives each element of a list a mark of its own; of an empty one
// nothing is found. A query has no question marks but those for arguments.
func spread(query string, args []any) (string, []any) {
	if !slices.ContainsFunc(args, isList) {
		return query, args
	}
	var text strings.Builder
	var all []any
	for i, part := range strings.Split(query, "?") {
		switch {
		case i == 0:
		case i > len(args): // one too many, of which the driver complains
			text.WriteByte('?')
		default:
			all = appendArg(&text, all, args[i-1])
		}
		text.WriteString(part)
	}
	return text.String(), all
}

func appendArg(text *strings.Builder, all []any, arg any) []any {
	switch list := arg.(type) {
	case []int64:
		return appendList(text, all, list)
	case []string:
		return appendList(text, all, list)
	case [][]byte:
		return appendList(text, all, list)
	}
	text.WriteByte('?')
	return append(all, arg)
}

func appendList[T any](text *strings.Builder, all []any, list []T) []any {
	if len(list) == 0 {
		text.WriteString("(NULL)")
		return all
	}
	text.WriteString("(" + marks(len(list)) + ")")
	for _, one := range list {
		all = append(all, one)
	}
	return all
}

// isList says whether an argument must be spread.
func isList(arg any) bool {
	switch arg.(type) {
	case []int64, [][]byte, []string:
		return true
	}
	return false
}

// must runs one statement whose rows do not matter.
func must(tx *gorm.DB, doing, query string, args ...any) error {
	if _, err := exec(tx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
