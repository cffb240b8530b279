package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"magpie/config"
	"magpie/scheduling"
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
	if err := p.offerSetUp(ctx, a, taken); err != nil {
		return errors.Join(err, stop(ctx, a))
	}
	p.log.Info("listening", "address", taken.Listen, "public_url", taken.PublicURL.String())
	<-ctx.Done()
	p.log.Info("stopping")
	if err := stop(ctx, a); err != nil {
		return err
	}
	p.log.Info("stopped")
	return nil
}

// setUpPath is where the first office is set up; the token follows.
const setUpPath = "/staff/setup/"

// offerSetUp prints where the first office is set up, while there is none.
func (p *program) offerSetUp(ctx context.Context, a *app, s config.Settings) error {
	link, err := a.scheduler.SetUpLink(ctx)
	if scheduling.CodeOf(err) == scheduling.CodeWrongState {
		return nil
	} else if err != nil {
		return databaseError(err)
	}
	return p.print(fmt.Sprintf("还没有登记处，请在24小时内打开这个地址设置（只能用一次）。There is no office yet; set one up within 24 hours: %s", s.PublicURL.JoinPath(setUpPath, link.Token)))
}

// stop ends an app within its time, also after ctx has ended.
func stop(ctx context.Context, a *app) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return a.Stop(ctx)
}
