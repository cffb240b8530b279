package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"magpie/config"
)

func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the server and its jobs, from the settings",
		Args:  cobra.NoArgs,
		RunE:  does(func(ctx context.Context, _ []string) error { return p.serve(ctx) }),
	}
}

// serve runs until ctx ends, and then ends in an orderly way.
func (p *program) serve(ctx context.Context) error {
	settings, ways, err := p.serving()
	if err != nil {
		return err
	}
	if !settings.RateLimits {
		p.log.Warn("the limits per address are off, for load tests alone", "setting", config.RateLimits)
	}
	st, err := p.openStore(ctx, settings)
	if err != nil {
		return err
	}
	if err := st.Prepare(ctx); err != nil {
		return errors.Join(databaseError(err), st.Close())
	}
	a, err := openApp(ctx, parts{settings: settings, store: st, gateways: ways, now: p.now, log: p.log})
	if err == nil {
		err = a.Start(ctx)
	}
	if err != nil {
		return errors.Join(err, stop(ctx, a))
	}
	taken := settings.Listening(a.server.Addr().String())
	p.log.Info("listening", "address", taken.Listen, "public_url", taken.PublicURL.String())
	<-ctx.Done()
	p.log.Info("stopping")
	if err := stop(ctx, a); err != nil {
		return err
	}
	p.log.Info("stopped")
	return nil
}

// stop ends an app within its time, also after ctx has ended.
func stop(ctx context.Context, a *app) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return a.Stop(ctx)
}
