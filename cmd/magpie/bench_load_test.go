package main

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is what came of one cell in one repetition.
type load struct {
	rate     float64 // a second
	p50, p99 time.Duration
	errors   int
	first    error // of the errors
}

// drive has so many clients do n things between them, each the next when it
// has done one.
func drive(clients, n int, do func(i int) error) load {
	runtime.GC() // what others left behind is not this cell's to clear away
	took := make([]time.Duration, n)
	failures := make([]error, n)
	var next atomic.Int64
	var wait sync.WaitGroup
	began := time.Now()
	for range clients {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				from := time.Now()
				failures[i] = do(int(i))
				took[i] = time.Since(from)
			}
		})
	}
	wait.Wait()
	out := load{rate: float64(n) / time.Since(began).Seconds()}
	slices.Sort(took)
	out.p50, out.p99 = took[n/2], took[min(n-1, n*99/100)]
	for _, err := range failures {
		if err != nil {
			out.errors++
			out.first = cmp.Or(out.first, err)
		}
	}
	return out
}

// loads are the repetitions of one cell.
type loads []load

// good fails the test for every repetition that had an error.
func (l loads) good(t testing.TB, what string) {
	t.Helper()
	for _, one := range l {
		if one.errors > 0 {
			t.Errorf("%s: %d errors, the first: %v", what, one.errors, one.first)
		}
	}
}

func (l loads) errors() int {
	n := 0
	for _, one := range l {
		n += one.errors
	}
	return n
}

func (l loads) rate() float64 { return middle(l, func(one load) float64 { return one.rate }) }

func (l loads) p50() time.Duration { return middle(l, func(one load) time.Duration { return one.p50 }) }

func (l loads) p99() time.Duration { return middle(l, func(one load) time.Duration { return one.p99 }) }

// over is the median of the repetitions' ratios: what disturbs a repetition
// disturbs both.
func (l loads) over(other loads) float64 {
	ratios := make([]float64, len(l))
	for i := range l {
		ratios[i] = l[i].rate / other[i].rate
	}
	return median(ratios)
}

// slower is the median of the ratios of how long one takes.
func (l loads) slower(than loads) float64 {
	ratios := make([]float64, len(l))
	for i := range l {
		ratios[i] = float64(l[i].p50) / float64(than[i].p50)
	}
	return median(ratios)
}

func middle[T cmp.Ordered](l loads, of func(load) T) T {
	all := make([]T, len(l))
	for i, one := range l {
		all[i] = of(one)
	}
	return median(all)
}

func median[T cmp.Ordered](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
