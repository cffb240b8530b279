package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"magpie/scheduling/store"
)

func (p *program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Recompute what is derived from the appointments, and report every difference",
		Args:  cobra.NoArgs,
		RunE:  does(func(ctx context.Context, _ []string) error { return p.doctor(ctx) }),
	}
}

// doctor prints every difference, and fails if there is one.
func (p *program) doctor(ctx context.Context) error {
	settings, err := p.settings()
	if err != nil {
		return err
	}
	return p.withExisting(ctx, settings, func(st *store.Store) error {
		differences, err := st.Doctor(ctx)
		if err != nil {
			return databaseError(err)
		}
		if err := p.printDifferences(differences); err != nil {
			return err
		}
		if len(differences) > 0 {
			return fmt.Errorf("doctor: %d differences", len(differences))
		}
		p.note("doctor: no difference")
		return nil
	})
}
