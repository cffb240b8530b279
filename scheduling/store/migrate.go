package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// ErrOldSchema says that the database is of an older Magpie.
var ErrOldSchema = errors.New("the database's schema is older than this Magpie: run magpie migrate")

// Migrate brings the schema up to date, and says what it did. Several
// replicas may call it at once.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	p, err := s.migrator()
	if err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	out := make([]string, 0, len(results))
	for _, r := range results {
		out = append(out, r.Source.Path)
	}
	return out, nil
}

// Prepare makes the schema in an empty database, and refuses an older one.
func (s *Store) Prepare(ctx context.Context) error {
	p, err := s.migrator()
	if err != nil {
		return err
	}
	for last := int64(-1); ; {
		current, target, err := p.GetVersions(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("read the schema's version: %w", err)
		case current == target:
			return nil
		case current > target:
			return errors.New("the database's schema is newer than this Magpie")
		case current == 0:
			_, err = s.Migrate(ctx)
			return err
		case current == last:
			return ErrOldSchema
		}
		// Another replica may be creating it at this moment: then it rises.
		last = current
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Store) migrator() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations/"+s.dialect.name())
	if err != nil {
		return nil, err
	}
	pool, err := s.write.DB()
	if err != nil {
		return nil, err
	}
	if s.dialect.name() == "sqlite" {
		return goose.NewProvider(goose.DialectSQLite3, pool, dir)
	}
	locker, err := lock.NewMySQLTableLocker()
	if err != nil {
		return nil, fmt.Errorf("make the migration lock: %w", err)
	}
	return goose.NewProvider(goose.DialectMySQL, pool, dir, goose.WithLocker(locker))
}
