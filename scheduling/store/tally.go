package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/account"
)

// tallyKept is how long an event is kept: the longest window of any rule.
const tallyKept = 24 * time.Hour

type tallyRow struct {
	ID      []byte
	Events  string
	Version int64
}

// Count adds an event to a tally unless the rule makes it wait. The row is
// compared and set, so of many at once only as many pass as the rule allows.
func (s *Store) Count(ctx context.Context, scope, key string, now time.Time, rule func(account.Tally) time.Duration) (time.Duration, error) {
	var wait time.Duration
	err := s.changeTally(ctx, scope, key, now, func(t account.Tally) (account.Tally, bool) {
		if wait = rule(t); wait > 0 {
			return nil, false
		}
		return t.Add(now), true
	})
	return wait, err
}

// Undo takes one event of that instant back.
func (s *Store) Undo(ctx context.Context, scope, key string, at time.Time) error {
	return s.changeTally(ctx, scope, key, at, func(t account.Tally) (account.Tally, bool) {
		i := slices.Index(t, at.Unix())
		if i < 0 {
			return nil, false
		}
		return slices.Delete(t, i, i+1), true
	})
}

// Clear forgets a tally.
func (s *Store) Clear(ctx context.Context, scope, key string) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		return must(tx, "clear a tally", "DELETE FROM tallies WHERE id = ?", s.keys.digest("tally "+scope, key))
	})
}

// tallyTries bounds how often a tally is compared and set anew; more at once
// on one key than that is an attack.
const tallyTries = 50

func (s *Store) changeTally(ctx context.Context, scope, key string, now time.Time, change func(account.Tally) (account.Tally, bool)) error {
	id := s.keys.digest("tally "+scope, key)
	for range tallyTries {
		var rows []tallyRow
		if err := s.read.WithContext(ctx).Raw("SELECT id, events, version FROM tallies WHERE id = ?", id).Scan(&rows).Error; err != nil {
			return fmt.Errorf("read a tally: %w", s.reading(err))
		}
		var row tallyRow
		if len(rows) > 0 {
			row = rows[0]
		}
		events, err := list(row.Events)
		if len(rows) > 0 && err != nil {
			return fmt.Errorf("read a tally: %w", err)
		}
		next, ok := change(account.Tally(events).Prune(now, tallyKept))
		if !ok {
			return nil
		}
		set, err := s.setTally(ctx, id, row, next, now)
		if err != nil || set {
			return err
		}
	}
	return scheduling.Overloaded()
}

func (s *Store) setTally(ctx context.Context, id []byte, old tallyRow, next account.Tally, now time.Time) (bool, error) {
	text, err := json.Marshal([]int64(next))
	if err != nil {
		return false, err
	}
	expires := unix(now.Add(tallyKept))
	var n int64
	err = s.tx(ctx, false, func(tx *gorm.DB) error {
		var err error
		if old.Version == 0 {
			n, err = exec(tx, s.dialect.ignore()+" INTO tallies (id, events, version, expires_at) VALUES (?, ?, 1, ?)", id, string(text), expires)
		} else {
			n, err = exec(tx, "UPDATE tallies SET events = ?, version = version + 1, expires_at = ? WHERE id = ? AND version = ?", string(text), expires, id, old.Version)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("write a tally: %w", err)
	}
	return n == 1, nil
}
