package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date, and say what was done",
		Args:  cobra.NoArgs,
		RunE:  does(func(ctx context.Context, _ []string) error { return p.migrate(ctx) }),
	}
}

// migrate prints a line for each step taken, or that there was none.
func (p *program) migrate(ctx context.Context) (err error) {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	st, err := p.openStore(ctx, settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	steps, err := st.Migrate(ctx)
	if err != nil {
		return databaseError(err)
	}
	for _, step := range steps {
		if err := p.print("applied " + step); err != nil {
			return err
		}
	}
	if len(steps) == 0 {
		return p.print("the schema is up to date")
	}
	return p.print(fmt.Sprintf("the schema is up to date after %d steps", len(steps)))
}
