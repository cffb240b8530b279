package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"magpie/scheduling/store"
)

func (p *program) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "export OFFICE",
		Short: "Print the office file of an office",
		Args:  cobra.ExactArgs(1),
		RunE:  does(func(ctx context.Context, args []string) error { return p.export(ctx, args[0]) }),
	}
}

func (p *program) export(ctx context.Context, code string) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	return p.withExisting(ctx, settings, func(st *store.Store) error {
		if _, err := findOffice(ctx, newScheduler(st, settings, p.now, nil, p.log), code); err != nil {
			return err
		}
		document, err := st.Document(ctx, code)
		if err != nil {
			return databaseError(err)
		}
		if _, err := p.stdout.Write(document); err != nil {
			return fmt.Errorf("write to standard output: %w", err)
		}
		return nil
	})
}
