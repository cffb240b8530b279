package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"magpie/scheduling/store"
)

// chart is chores that are only counted.
type chart struct {
	slow time.Duration // how long counting takes

	mu         sync.Mutex
	counts     counts
	leaseTaken bool // by another
	leases     []time.Duration
	failErase  error
}

type counts struct{ Cleared, Panicked, Forgotten, Counted, Erased, Refused int }

// look gives what was counted until now.
func (c *chart) look() counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

func (c *chart) ClearEnded(ctx context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Cleared++
	if c.counts.Cleared == 2 {
		c.counts.Panicked++
		panic("a job panics")
	}
	return 0, nil
}

func (c *chart) LapseOffers(context.Context) (int, error) { return 0, nil }

func (c *chart) ClearVisits(context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Forgotten++
	return 0, nil
}

func (c *chart) CountReferences(ctx context.Context) error {
	select {
	case <-time.After(c.slow):
	case <-ctx.Done():
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Counted++
	return nil
}

func (c *chart) Erase(context.Context) (store.Erased, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failErase != nil {
		err := c.failErase
		c.failErase = nil
		return store.Erased{}, err
	}
	c.counts.Erased++
	return store.Erased{}, nil
}

func (c *chart) Lease(_ context.Context, _, _ string, d time.Duration) (bool, int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaseTaken {
		c.counts.Refused++
		return false, 1, nil
	}
	c.leases = append(c.leases, d)
	return true, 1, nil
}

// startJobs starts the jobs but for that of the memory, which looks at the real
// one.
func startJobs(t *testing.T, c *chart) *jobs {
	t.Helper()
	j := newJobs(c, time.Now, slog.New(slog.DiscardHandler))
	j.table = slices.DeleteFunc(j.table, func(job job) bool { return job.name == "give memory back" })
	if err := j.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return j
}

func TestJobsRunAtTheStartAndWheneverItIsTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chart{}
		j := startJobs(t, c)
		if diff := cmp.Diff(counts{Cleared: 1, Forgotten: 1, Counted: 1, Erased: 1}, c.look()); diff != "" {
			t.Errorf("at the start (-want +got):\n%s", diff)
		}
		time.Sleep(48*time.Hour + time.Minute + time.Second)
		if err := j.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		const fives = (48*60 + 1) * 12
		want := counts{Cleared: 1 + fives, Panicked: 1, Forgotten: 1 + 48*60 + 1, Counted: 1 + 48*6, Erased: 3}
		if diff := cmp.Diff(want, c.look()); diff != "" {
			t.Errorf("after two days and a panic (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]time.Duration{eraseLease, 0, eraseLease, 0, eraseLease, 0}, c.leases); diff != "" {
			t.Errorf("each lease is taken and given back (-want +got):\n%s", diff)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff(want, c.look()); diff != "" {
			t.Errorf("they ran after Stop (-want +got):\n%s", diff)
		}
		if err := j.Stop(t.Context()); err != nil {
			t.Errorf("stopped twice: %v", err)
		}
	})
}

func TestErasingWaitsForAnotherReplicaAndIsMadeUpForAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chart{leaseTaken: true, failErase: errors.New("the database is away")}
		j := startJobs(t, c)
		time.Sleep(10*time.Minute + time.Second)
		if got := c.look(); got.Erased != 0 || got.Refused != 61 {
			t.Errorf("while another replica was at it: %+v", got)
		}
		c.mu.Lock()
		c.leaseTaken = false
		c.mu.Unlock()
		time.Sleep(10 * time.Second)
		if got, failed := c.look(), failures(t, j); got.Erased != 0 || failed != 1 {
			t.Errorf("erased %d times, %v failures are counted", got.Erased, failed)
		}
		time.Sleep(10 * time.Second)
		if got := c.look(); got.Erased != 1 {
			t.Errorf("ten seconds after the error it has erased %d times", got.Erased)
		}
		if err := j.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestStoppingWaitsForAJobUnderWayButNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			slow, patience time.Duration
			counted        int
			cut            bool
		}{{10 * time.Second, time.Minute, 1, false}, {time.Hour, 10 * time.Second, 0, true}} {
			c := &chart{slow: test.slow}
			j := startJobs(t, c)
			ctx, cancel := context.WithTimeout(t.Context(), test.patience)
			err := j.Stop(ctx)
			cancel()
			synctest.Wait()
			if got := c.look(); got.Counted != test.counted || (err != nil) != test.cut {
				t.Errorf("with a job of %v it counted %d times: %v", test.slow, got.Counted, err)
			}
		}
	})
}

// failures is what Prometheus would be told.
func failures(t *testing.T, j *jobs) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(j.failures)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			total += metric.GetCounter().GetValue()
		}
	}
	return total
}
