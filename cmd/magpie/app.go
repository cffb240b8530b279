// The parts, put together: the only place that knows every one of them.

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"magpie/api"
	"magpie/api/dav"
	"magpie/api/identity"
	"magpie/api/rest"
	"magpie/api/web"
	"magpie/config"
	"magpie/notify"
	"magpie/scheduling"
	"magpie/scheduling/office"
	"magpie/scheduling/outside"
	"magpie/scheduling/outside/guard"
	"magpie/scheduling/store"
)

// stopWithin is how long an orderly end may take, and answerWithin what of it
// is for the requests under way.
const (
	stopWithin   = 15 * time.Second
	answerWithin = 12 * time.Second
)

// parts is what an app is made of. The store is the app's to close.
type parts struct {
	settings config.Settings
	store    *store.Store
	gateways gateways
	now      func() time.Time
	log      *slog.Logger
	// inbox lists the messages of the demonstration; nil: there is no such page.
	inbox func() []web.ShownMessage
}

// app is a running Magpie, from Start to Stop.
type app struct {
	scheduler *scheduling.Scheduler
	worker    *notify.Worker
	jobs      *jobs
	server    *api.Server
	store     *store.Store
	mailer    notify.Mailer
	stopOnce  sync.Once
	stopped   error
}

// openApp puts the parts together. Nothing runs yet; Stop closes the store in
// any case, also after an error.
func openApp(ctx context.Context, p parts) (*app, error) {
	debug.SetGCPercent(gcPercent)
	a := &app{store: p.store, mailer: p.gateways.mailer}
	a.worker = notify.New(notify.Config{
		Queue: queue{p.store, p.gateways.from, p.now}, Routes: p.gateways.routes, Mailer: p.gateways.mailer, Now: p.now, Log: p.log,
	})
	a.scheduler = newScheduler(p.store, p.settings, p.now, a.worker.Nudge, p.log)
	a.scheduler.Gateways = p.gateways.names()
	a.scheduler.OutsideReader = outside.Reader{Asker: guard.New(guard.Allow(p.settings.OutsideAllow), nil, nil)}
	watch := newWatch(p.store, a.worker, p.now)
	a.jobs = newJobs(p.store, p.now, p.log)
	a.jobs.add(job{"read outside calendars", "@every 10s", a.scheduler.ReadOutside})
	a.jobs.add(watch.jobs(p.gateways.withReceipts())...)
	registry := prometheus.NewRegistry()
	registry.MustRegister(messageMetrics{a.worker}, watch, a.jobs.failures)
	served, err := api.New(ctx, api.Config{
		Listen:         p.settings.Listen,
		MetricsListen:  p.settings.MetricsListen,
		TrustedProxies: p.settings.TrustedProxies,
		VerifyPhones:   p.settings.VerifyPhones,
		HTTPS:          p.settings.PublicURL.Scheme == "https",
		API: &rest.API{
			Offices: a.scheduler, Accounts: a.scheduler, Holds: a.scheduler, Bookings: a.scheduler, Desk: a.scheduler, Moves: a.scheduler,
			Records: a.scheduler, Factors: a.scheduler, Ledger: a.scheduler, Texts: a.scheduler, Tasks: a.scheduler, Contacts: a.scheduler,
			Logins:    a.scheduler,
			Calendars: a.scheduler,
			Setup:     a.scheduler, Links: a.scheduler,
			Handing:  a.scheduler,
			Passkeys: a.scheduler, SignIns: a.scheduler,
			Holidays: a.scheduler,
			Courses:  a.scheduler,
			AtDesk:   a.scheduler,
			Offers:   a.scheduler,
			Outsides: a.scheduler,
			Hooks: &hooks{
				secret: p.settings.HookSecret, senders: p.settings.HookSenders, pushers: p.gateways.pushers,
				receipts: newReceiptWriter(p.store), replies: a.scheduler,
			},
		},
		Web: web.New(web.Config{
			Use: a.scheduler, Visits: p.store, PublicURL: p.settings.PublicURL, VerifyPhones: p.settings.VerifyPhones,
			Inbox: p.inbox, Now: p.now, Log: p.log,
		}),
		DAV:      dav.New(a.scheduler),
		Session:  a.scheduler,
		Ready:    readiness{p.store, a.scheduler, watch},
		Registry: registry,
		Now:      p.now,
		Log:      p.log,
	})
	if err != nil {
		return a, fmt.Errorf("make the server: %w", err)
	}
	a.server = served
	return a, nil
}

// newScheduler makes the use cases over a store. nudge may be nil where no
// messages are sent.
func newScheduler(st *store.Store, s config.Settings, now func() time.Time, nudge func(), log *slog.Logger) *scheduling.Scheduler {
	out := &scheduling.Scheduler{
		Offices: st, Bookings: st, Holds: st, Lists: st, People: st, Words: st, Tallies: st, Accounts: st, Leave: st, Trail: st, Wishes: st,
		Erasures: st, Ledger: st, Tasks: st, Replies: st, TextHistory: st, Marks: st, Changes: st, Logins: st, Diaries: st,
		OfficeHistory: st, Links: st, Passkeys: st, Challenges: st, Holidays: st, Courses: st, SetUps: st, Offers: st, Outsides: st,
		WriteOffice: office.Write,
		ReadOffice:  office.Read,
		DiffOffice:  office.Diff,
		Now:         now,
		Settings:    scheduling.Settings{VerifyPhones: s.VerifyPhones, RateLimits: s.RateLimits, Mail: s.Mail != "", Address: publicAddress(s), Origin: publicAddress(s), IdentityOffices: s.OIDC.Offices},
		Nudge:       nudge,
		Log:         log,
	}
	if s.OIDC.Issuer != "" {
		out.Identities = identity.New(identity.Config{
			Issuer: s.OIDC.Issuer, ClientID: s.OIDC.ClientID, ClientSecret: s.OIDC.ClientSecret, UsernameClaim: s.OIDC.UsernameClaim,
			RedirectURL: publicAddress(s) + identity.CallbackPath, Now: now,
		})
	}
	return out
}

// Start listens, and begins to send messages and to run the jobs. Its end is
// Stop's and not that of ctx, so that it is an orderly one.
func (a *app) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if err := a.server.Start(ctx); err != nil {
		return fmt.Errorf("%s: %w", a.addressRefused(), err)
	}
	if err := a.worker.Start(ctx); err != nil {
		return err
	}
	return a.jobs.Start(ctx)
}

// addressRefused is the setting whose address could not be taken: that of the
// metrics comes second.
func (a *app) addressRefused() string {
	if a.server.Addr() == nil {
		return config.Listen
	}
	return config.MetricsListen
}

// Stop takes no new request, answers those under way, finishes jobs and
// messages under way or gives them back, and closes the database. What is not
// over when ctx ends is cut off, and that is an error. It may be called twice.
func (a *app) Stop(ctx context.Context) error {
	a.stopOnce.Do(func() { a.stopped = a.stop(ctx) })
	return a.stopped
}

func (a *app) stop(ctx context.Context) error {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		a.worker.Stop()
		if kept, ok := a.mailer.(interface{ Close() }); ok {
			kept.Close() // the connections that wait for more
		}
	}()
	var errs []error
	if a.server != nil {
		answering, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		errs = append(errs, a.server.Stop(answering))
	}
	errs = append(errs, a.jobs.Stop(ctx))
	select {
	case <-sent:
	case <-ctx.Done():
		errs = append(errs, errors.New("messages under way were not finished in time"))
	}
	return errors.Join(append(errs, a.store.Close())...)
}

// readiness says whether requests can be served, and what the director should
// know.
type readiness struct {
	store     *store.Store
	scheduler *scheduling.Scheduler
	watch     *watch
}

func (r readiness) Ready(ctx context.Context) ([]string, error) {
	if err := r.store.Ping(ctx); err != nil {
		return nil, fmt.Errorf("ask the database: %w", err)
	}
	warnings, err := r.scheduler.Ready(ctx)
	return append(warnings, r.watch.warnings()...), err
}
