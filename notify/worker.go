package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// defaultSenders is how many calls run at once: a gateway with receipts does
	// 75 messages a second one by one and 2,300 with 32 at a time.
	defaultSenders = 32

	knockEvery   = "@every 1s"
	recoverEvery = "@every 2s"

	// queueTimeout bounds one call of the queue. A Claim is not cut off by
	// BeginWithin: what it took by then would be lost to its lease, while a late
	// answer can be given back.
	queueTimeout = 5 * time.Second
)

// Config is what a Worker works with. Queue, Routes, Now and Log are required.
type Config struct {
	Queue Queue
	// Routes are the gateways for text messages, the first one first.
	Routes []Route
	// Mailer sends e-mails; nil: there is none.
	Mailer Mailer
	// Now is the time that validity is measured by.
	Now func() time.Time
	Log *slog.Logger
	// Senders is how many gateway calls may run at once; 0 means 32.
	Senders int
}

// Worker claims and sends, from Start to Stop.
type Worker struct {
	cfg   Config
	clock func() time.Time // read for its monotonic part alone
	knock chan struct{}
	stats counters
	board *board

	mu      sync.Mutex
	state   state
	cancel  context.CancelFunc
	stopped chan struct{} // closed when all goroutines of Start have ended
}

type state int

const (
	fresh state = iota
	running
	ended
)

// monotonic is the machine's own clock, for how long things take; civil time is
// handed in.
func monotonic() time.Time { return time.Now() } //nolint:forbidigo // no clock that somebody could move may decide what begins

// New makes a Worker that has not started.
func New(cfg Config) *Worker {
	if cfg.Senders <= 0 {
		cfg.Senders = defaultSenders
	}
	w := &Worker{cfg: cfg, clock: monotonic, knock: make(chan struct{}, 1), stopped: make(chan struct{})}
	w.board = newBoard(cfg.Routes, w.clock, cfg.Log)
	return w
}

// Start begins to work and returns. The end of ctx stops the worker as Stop
// does, without waiting. A Worker starts once.
func (w *Worker) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state != fresh {
		return errors.New("start the message worker: it has been started or stopped before")
	}
	ctx, cancel := context.WithCancel(ctx)
	ticks, err := w.schedule(ctx)
	if err != nil {
		cancel()
		return err
	}
	w.state, w.cancel = running, cancel
	ticks.Start()
	go func() {
		defer close(w.stopped)
		defer cancel()
		w.loop(ctx)
		<-ticks.Stop().Done()
	}()
	return nil
}

// Stop ends the work and waits for it: nothing more is claimed, calls under way
// are finished (at most CallTimeout), what is claimed but not begun is given
// back, and all of it is written, tried again until the lease ends if need be.
// It may be called twice, and on a Worker that never started.
func (w *Worker) Stop() {
	w.mu.Lock()
	before := w.state
	w.state = ended
	if before == running {
		w.cancel()
	}
	if before == fresh {
		close(w.stopped)
	}
	w.mu.Unlock()
	<-w.stopped
}

// Nudge has the worker look at once for what is due, for instance after a code
// was asked for. It never waits.
func (w *Worker) Nudge() {
	select {
	case w.knock <- struct{}{}:
	default: // one knock is enough for all that is due
	}
}

// RunOnce sends all that is due and returns when it is written; an error is the
// queue's, after which some may be left. It works beside Start, and without it.
func (w *Worker) RunOnce(ctx context.Context) (Summary, error) {
	r := newRun(w)
	err := r.drain(ctx)
	return r.close(), err
}

// Judge tells how the receipts of each gateway turned out lately, for choosing
// between two.
func (w *Worker) Judge(receipts map[string]Receipts) { w.board.judge(receipts) }

// Troubles says, a line each, which gateways are not used now and why, and
// what a human has to mend.
func (w *Worker) Troubles() []string { return w.board.troubles() }

// Stats gives the counts since the Worker was made.
func (w *Worker) Stats() Stats { return w.stats.read() }

// loop drains at every knock. What a drain could not do for an error is done at
// the next.
func (w *Worker) loop(ctx context.Context) {
	r := newRun(w)
	defer r.close()
	w.Nudge()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.knock:
		}
		if err := r.drain(ctx); err != nil {
			w.stats.failed(w.cfg.Now())
			w.cfg.Log.ErrorContext(ctx, "messages cannot be claimed", "error", err)
		}
	}
}

// schedule sets the knocks up. Skip has to stand before Recover: the other way
// round a job that panics once never runs again.
func (w *Worker) schedule(ctx context.Context) (*cron.Cron, error) {
	logger := cronLog{w.cfg.Log}
	c := cron.New(
		cron.WithLocation(time.UTC),
		cron.WithLogger(logger),
		cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(logger)),
	)
	if _, err := c.AddFunc(knockEvery, w.Nudge); err != nil {
		return nil, fmt.Errorf("schedule the message worker: %w", err)
	}
	if _, err := c.AddFunc(recoverEvery, func() { w.recoverLost(ctx) }); err != nil {
		return nil, fmt.Errorf("schedule the message worker: %w", err)
	}
	return c, nil
}

func (w *Worker) recoverLost(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	n, err := w.cfg.Queue.RecoverLost(ctx)
	switch {
	case err != nil && !errors.Is(ctx.Err(), context.Canceled):
		w.stats.failed(w.cfg.Now())
		w.cfg.Log.ErrorContext(ctx, "lost messages cannot be looked for", "error", err)
	case n > 0:
		w.stats.lost.Add(int64(n))
		w.cfg.Log.WarnContext(ctx, "messages were lost by a worker that ended", "count", n)
		w.Nudge()
	}
}

// jitter takes up to a quarter off a wait, so that messages that failed together
// do not all come back together, and none later than its full wait.
func jitter(d time.Duration) time.Duration {
	return d - rand.N(d/4+1) //nolint:gosec // jitter, nothing secret
}

// cronLog gives cron's errors, a panic among them, to our log.
type cronLog struct{ log *slog.Logger }

func (cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("job: "+msg, append([]any{"error", err}, keysAndValues...)...)
}
