package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"magpie/scheduling/store"
)

func (p *program) rekeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rekey",
		Short: "Re-seal and re-hash personal data under the newest key, while serve runs",
		Args:  cobra.NoArgs,
		RunE:  does(func(ctx context.Context, _ []string) error { return p.rekey(ctx) }),
	}
}

func (p *program) rekey(ctx context.Context) error {
	settings, err := p.keyed()
	if err != nil {
		return err
	}
	return p.withExisting(ctx, settings, func(st *store.Store) error {
		n, err := st.Rekey(ctx)
		if err != nil {
			return databaseError(err)
		}
		return p.print(fmt.Sprintf("under the key %s now: %d people, %d numbers, %d reasons of leave, %d tasks, %d second factors, %d calendars, %d passkeys re-sealed",
			settings.Secret[0].ID, n.Persons, n.Contacts, n.Leave, n.Tasks, n.Factors, n.Calendars, n.Passkeys))
	})
}
