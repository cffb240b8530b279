// What is done again and again beside the requests. cron only knocks: a job
// looks for itself whether there is something to do, and nothing depends on a
// knock having come.

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"

	"magpie/scheduling/store"
)

const (
	// eraseEvery is how often what has passed its time is erased, by the clock
	// that is handed in.
	eraseEvery = 24 * time.Hour
	// eraseLease bounds one run of it; what is left is done by the next.
	eraseLease = 5 * time.Minute
)

// chores is the store's part of the jobs.
type chores interface {
	ClearEnded(ctx context.Context) (int, error)
	ClearVisits(ctx context.Context) (int, error)
	LapseOffers(ctx context.Context) (int, error)
	CountReferences(ctx context.Context) error
	Erase(ctx context.Context) (store.Erased, error)
	Lease(ctx context.Context, name, holder string, d time.Duration) (held bool, epoch int64, err error)
}

// job is something to do at the start and at every knock.
type job struct {
	name, every string
	work        func(context.Context) error
}

// jobs runs the chores from Start to Stop.
type jobs struct {
	table    []job
	store    chores
	now      func() time.Time
	log      *slog.Logger
	holder   string // this process, in leases
	erasedAt time.Time
	failures *prometheus.CounterVec

	cron    *cron.Cron
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newJobs(st chores, now func() time.Time, log *slog.Logger) *jobs {
	j := &jobs{
		store: st, now: now, log: log, holder: rand.Text(),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "magpie_job_failures_total",
			Help: "Runs of a job that ended with an error.",
		}, []string{"job"}),
	}
	j.table = []job{
		{"clear ended holds", "@every 5s", j.clearEnded},
		{"forget ended visits", "@every 1m", j.clearVisits},
		{"end offers", "@every 10s", j.lapseOffers},
		{"count references", "@every 10m", st.CountReferences},
		{"erase", "@every 10s", j.erase},
		{"give memory back", "@every 1s", new(memory).giveBack},
	}
	return j
}

// add has more jobs run, from Start on.
func (j *jobs) add(more ...job) { j.table = append(j.table, more...) }

// Start has every job run now, and whenever it is its turn. The jobs end with
// Stop.
func (j *jobs) Start(ctx context.Context) error {
	ctx, j.cancel = context.WithCancel(ctx)
	logger := cronLog{j.log}
	j.cron = cron.New(cron.WithLocation(time.UTC), cron.WithLogger(logger))
	// The other way round a job that panics once never runs again.
	chain := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(logger))
	for _, job := range j.table {
		guarded := chain.Then(cron.FuncJob(func() { j.do(ctx, job.name, job.work) }))
		if _, err := j.cron.AddJob(job.every, guarded); err != nil {
			j.cancel()
			return fmt.Errorf("schedule the job %q: %w", job.name, err)
		}
		j.running.Go(guarded.Run)
	}
	j.cron.Start()
	return nil
}

// Stop starts no job any more and waits for those under way. When ctx ends
// first they are cut off. It may be called twice, and without Start.
func (j *jobs) Stop(ctx context.Context) error {
	if j.cron == nil {
		return nil
	}
	defer j.cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		<-j.cron.Stop().Done()
		j.running.Wait()
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		j.cancel()
		return fmt.Errorf("wait for the jobs under way: %w", ctx.Err())
	}
}

func (j *jobs) do(ctx context.Context, name string, work func(context.Context) error) {
	if err := work(ctx); err != nil {
		j.failures.WithLabelValues(name).Inc()
		j.log.ErrorContext(ctx, "job failed", "job", name, "error", err)
	}
}

func (j *jobs) clearEnded(ctx context.Context) error {
	_, err := j.store.ClearEnded(ctx)
	return err
}

func (j *jobs) clearVisits(ctx context.Context) error {
	_, err := j.store.ClearVisits(ctx)
	return err
}

// lapseOffers ends offers that nobody took, so that their times are free again
// and whoever did not choose is called.
func (j *jobs) lapseOffers(ctx context.Context) error {
	_, err := j.store.LapseOffers(ctx)
	return err
}

// erase does the daily erasing, if a day has passed and no other replica is at
// it. It is knocked at often, so that one that had to wait for a lease or
// failed is soon made up for. Each replica has its day; the second of them
// finds nothing left.
func (j *jobs) erase(ctx context.Context) error {
	now := j.now()
	if !j.erasedAt.IsZero() && now.Sub(j.erasedAt) < eraseEvery {
		return nil
	}
	held, _, err := j.store.Lease(ctx, "erase", j.holder, eraseLease)
	if err != nil || !held {
		return err
	}
	working, cancel := context.WithTimeout(ctx, eraseLease)
	defer cancel()
	n, err := j.store.Erase(working)
	if err != nil {
		return err
	}
	j.erasedAt = now
	j.log.InfoContext(ctx, "erased what has passed its time", "appointments", n.Appointments,
		"persons", n.Persons, "messages", n.Messages, "audit", n.Audit, "passing", n.Passing)
	_, _, err = j.store.Lease(ctx, "erase", j.holder, 0) // given back
	return err
}

// cronLog gives cron's errors, a panic among them, to our log.
type cronLog struct{ log *slog.Logger }

// Info drops what cron says of its ticks.
func (cronLog) Info(string, ...any) {}

// Error logs.
func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("job: "+msg, append([]any{"error", err}, keysAndValues...)...)
}
