// Watching over the messages: what is due, how gateways fare, what is missing.

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"magpie/notify"
	"magpie/scheduling/store"
)

const (
	// judgedOver is the time whose receipts say how a gateway fares.
	judgedOver = 15 * time.Minute
	// lateAfter is how long the oldest message may be due until readiness says so.
	lateAfter = time.Minute
	// namesWithin is how far back bookings are looked through for two names under
	// one number; the job comes by far more often.
	namesWithin = 10 * time.Minute
	// ceilingWarning is the share of a month's segments from which on a warning
	// is given.
	ceilingWarning = 0.8
)

// watched is the store's part of it.
type watched interface {
	CountDue(ctx context.Context) (int, time.Time, error)
	CountMinutes(ctx context.Context, since time.Time) ([]store.GatewayMinutes, error)
	MatchStrays(ctx context.Context) (int, error)
	MissReceipts(ctx context.Context, gateways []string) (int64, error)
	NoticeNames(ctx context.Context, since time.Time) error
	NearCeiling(ctx context.Context, share float64) ([]store.Spending, error)
}

// judged is the worker's part of it.
type judged interface {
	Judge(receipts map[string]notify.Receipts)
	Troubles() []string
}

// watch keeps what was seen last, for metrics and readiness.
type watch struct {
	store  watched
	worker judged
	now    func() time.Time

	mu       sync.Mutex
	due      int
	oldest   time.Time
	minutes  []store.GatewayMinutes
	spending []store.Spending
}

func newWatch(st watched, w judged, now func() time.Time) *watch {
	return &watch{store: st, worker: w, now: now}
}

// jobs are what the watch does again and again.
func (w *watch) jobs(withReceipts []string) []job {
	return []job{
		{"count what is due", "@every 5s", w.countDue},
		{"judge the gateways", "@every 5s", w.judge},
		{"match early receipts", "@every 2s", func(ctx context.Context) error {
			_, err := w.store.MatchStrays(ctx)
			return err
		}},
		{"miss receipts", "@every 10m", func(ctx context.Context) error {
			_, err := w.store.MissReceipts(ctx, withReceipts)
			return err
		}},
		{"notice two names", "@every 30s", func(ctx context.Context) error { return w.store.NoticeNames(ctx, w.now().Add(-namesWithin)) }},
		{"look at the ceilings", "@every 1m", w.lookAtCeilings},
	}
}

func (w *watch) countDue(ctx context.Context) error {
	n, oldest, err := w.store.CountDue(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due, w.oldest = n, oldest
	return nil
}

func (w *watch) judge(ctx context.Context) error {
	minutes, err := w.store.CountMinutes(ctx, w.now().Add(-judgedOver))
	if err != nil {
		return err
	}
	receipts := make(map[string]notify.Receipts, len(minutes))
	for _, m := range minutes {
		receipts[m.Gateway] = notify.Receipts{Delivered: m.Delivered, Failed: m.Failed}
	}
	w.worker.Judge(receipts)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.minutes = minutes
	return nil
}

func (w *watch) lookAtCeilings(ctx context.Context) error {
	spending, err := w.store.NearCeiling(ctx, ceilingWarning)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spending = spending
	return nil
}

// warnings is what the director should know.
func (w *watch) warnings() []string {
	out := w.worker.Troubles()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.oldest.IsZero() && w.now().Sub(w.oldest) > lateAfter {
		out = append(out, fmt.Sprintf("messages: the oldest that is due has waited since %s", w.oldest.UTC().Format(time.RFC3339)))
	}
	for _, s := range w.spending {
		out = append(out, fmt.Sprintf("office %s: %d of this month's %d segments are used", s.Office, s.Used, s.Ceiling))
	}
	return out
}

var (
	messagesDue = prometheus.NewDesc("magpie_messages_due",
		"Messages that are due and in nobody's hands, up to a hundred thousand.", nil, nil)
	messagesOldestDue = prometheus.NewDesc("magpie_messages_oldest_due_timestamp_seconds",
		"Since when the oldest message has been due; 0: none is.", nil, nil)
	gatewayHanded = prometheus.NewDesc("magpie_gateway_handed_over_recent",
		"Messages that a gateway took in the last quarter of an hour, of all replicas.", []string{"gateway"}, nil)
	gatewayReceipts = prometheus.NewDesc("magpie_gateway_receipts_recent",
		"Receipts of a gateway in the last quarter of an hour, of all replicas.", []string{"gateway", "receipt"}, nil)
)

// Describe lists the metrics.
func (w *watch) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(w, out) }

// Collect reads them.
func (w *watch) Collect(out chan<- prometheus.Metric) {
	w.mu.Lock()
	defer w.mu.Unlock()
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	gauge(messagesDue, int64(w.due))
	gauge(messagesOldestDue, seconds(w.oldest))
	for _, m := range w.minutes {
		gauge(gatewayHanded, int64(m.Handed), m.Gateway)
		gauge(gatewayReceipts, int64(m.Delivered), m.Gateway, "delivered")
		gauge(gatewayReceipts, int64(m.Failed), m.Gateway, "failed")
	}
}
