package main_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// script is how a gateway treats messages: the next ones as it was told, all
// others well.
type script struct {
	mu     sync.Mutex
	random *rand.Rand
	lines  []scriptLine
}

// scriptLine is for one message that is wanted, which is told to met.
type scriptLine struct {
	e2etest.Treatment
	wanted func(e2etest.Call) bool
	met    chan<- e2etest.Call
}

// treat is for [e2etest.Gateway.Treat].
func (s *script) treat(c e2etest.Call) e2etest.Treatment {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.lines, func(l scriptLine) bool { return l.wanted(c) })
	if i < 0 {
		return e2etest.Treatment{Mode: e2etest.Accepts, Latency: s.between(5, 60), Takes: true, Receipts: s.delivered()}
	}
	line := s.lines[i]
	s.lines = slices.Delete(s.lines, i, i+1)
	line.met <- c
	return line.Treatment
}

// meet has the next n messages that are wanted treated by how, and answers where
// they are told.
func (s *script) meet(n int, wanted func(e2etest.Call) bool, how func(s *script) e2etest.Treatment) <-chan e2etest.Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	met := make(chan e2etest.Call, n)
	for range n {
		s.lines = append(s.lines, scriptLine{how(s), wanted, met})
	}
	return met
}

// between is a time between two numbers of milliseconds.
func (s *script) between(from, to int) time.Duration {
	return time.Duration(from+s.random.IntN(to-from)) * time.Millisecond
}

func (s *script) chance() bool { return s.random.IntN(2) == 0 }

// delivered is the one receipt of a message that meets no fault. It may come
// before the answer.
func (s *script) delivered() []e2etest.Receipt {
	return []e2etest.Receipt{{Type: e2etest.Delivered, After: s.between(0, 150)}}
}

// slow leaves time to do something while messages are handed over.
func (s *script) slow() e2etest.Treatment {
	return e2etest.Treatment{Mode: e2etest.Accepts, Latency: s.between(50, 150), Takes: true, Receipts: s.delivered()}
}

// unsure is an answer from which nobody can tell whether the gateway has the
// message. If it has, its receipt may tell, or be lost.
func (s *script) unsure(mode e2etest.Mode) e2etest.Treatment {
	out := e2etest.Treatment{Mode: mode, Latency: s.between(5, 60), Takes: s.chance()}
	switch {
	case !out.Takes:
	case s.chance():
		out.Receipts = s.delivered()
	case s.chance():
		out.Receipts = s.late()
	}
	return out
}

func (s *script) hangs() e2etest.Treatment { return s.unsure(e2etest.Hangs) }
func (s *script) fails() e2etest.Treatment { return s.unsure(e2etest.Fails) }

func (s *script) takesAndDrops() e2etest.Treatment {
	out := s.unsure(e2etest.Drops)
	if !out.Takes {
		out.Takes, out.Receipts = true, nil
	}
	return out
}

func (s *script) drops() e2etest.Treatment {
	return e2etest.Treatment{Mode: e2etest.Drops, Latency: s.between(5, 60)}
}

func (s *script) refuses() e2etest.Treatment {
	return e2etest.Treatment{Mode: e2etest.Refuses, Latency: s.between(5, 60)}
}

func (s *script) throttles() e2etest.Treatment {
	return e2etest.Treatment{Mode: e2etest.Throttles, Latency: s.between(5, 60)}
}

// accepts takes a message and says so, with receipts of another kind.
func (s *script) accepts(all ...e2etest.Receipt) e2etest.Treatment {
	return e2etest.Treatment{Mode: e2etest.Accepts, Latency: s.between(5, 60), Takes: true, Receipts: all}
}

func (s *script) late() []e2etest.Receipt {
	return []e2etest.Receipt{{Type: e2etest.Delivered, After: s.between(2000, 10000)}}
}

func (s *script) losesReceipt() e2etest.Treatment  { return s.accepts() }
func (s *script) delaysReceipt() e2etest.Treatment { return s.accepts(s.late()...) }

func (s *script) repeatsReceipt() e2etest.Treatment {
	return s.accepts(slices.Concat(s.delivered(), s.delivered(), s.late())...)
}

// disordersReceipts tells of a failure and of a delivery, in any order, also
// before the answer.
func (s *script) disordersReceipts() e2etest.Treatment {
	out := s.accepts(
		e2etest.Receipt{Type: e2etest.Undelivered, After: s.between(0, 400)},
		e2etest.Receipt{Type: e2etest.Delivered, After: s.between(0, 400)},
		e2etest.Receipt{Type: e2etest.Undelivered, After: s.between(0, 6000)},
	)
	out.Latency = s.between(5, 400)
	return out
}
