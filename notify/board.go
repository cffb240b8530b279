package notify

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"magpie/notify/sms"
)

// board knows how the gateways of this process fare, and which one a message
// asks next.
//
// A gateway that fails is left for the other and rests; when its rest is over
// one message tries it, and the first that it takes brings all the traffic back.
// A call counts by when it began: one that began before another that went well
// says nothing of how the gateway fares since. With one gateway there is nothing
// to choose, and every message asks it.
type board struct {
	routes []Route
	clock  func() time.Time
	log    *slog.Logger

	mu     sync.Mutex
	states map[string]*gatewayState // those of the routes, and of MailRoute
	calls  int64                    // how many have begun
}

// turn is one call of a gateway, from begin to went.
type turn struct {
	Route
	number int64 // in the order in which calls begin
	probe  bool  // it tries a gateway whose rest is over
}

func newBoard(routes []Route, clock func() time.Time, log *slog.Logger) *board {
	b := &board{routes: routes, clock: clock, log: log, states: make(map[string]*gatewayState, len(routes)+1)}
	for _, name := range b.names() {
		b.states[name] = &gatewayState{}
	}
	return b
}

// names lists whose states there are, in the order of Troubles.
func (b *board) names() []string {
	var out []string
	for _, r := range b.routes {
		out = append(out, r.Name)
	}
	return append(out, MailRoute)
}

// round is one message's way through the gateways that can carry it.
type round struct {
	board   *board
	prefers string
	left    []Route // not asked yet
	only    bool    // there was one from the beginning
}

func (b *board) round(prefers string, able []Route) *round {
	return &round{board: b, prefers: prefers, left: able, only: len(able) == 1}
}

// next begins the call of the gateway that stands best: the one that the office
// prefers before the others, and of these the first. None is asked twice. It is
// false where no gateway is left, or only such as are better left alone.
func (r *round) next() (turn, bool) {
	b := r.board
	b.mu.Lock()
	defer b.mu.Unlock()
	best, place := -1, 0
	for i, route := range r.left {
		s := b.standing(route.Name)
		if s == avoided && !r.only {
			continue
		}
		p := 2 * int(s)
		if route.Name != r.prefers {
			p++
		}
		if best < 0 || p < place {
			best, place = i, p
		}
	}
	if best < 0 {
		return turn{}, false
	}
	chosen := r.left[best]
	r.left = slices.Concat(r.left[:best], r.left[best+1:])
	return b.begin(chosen), true
}

// mail begins a call of the mail server.
func (b *board) mail() turn {
	b.mu.Lock()
	defer b.mu.Unlock()
	var r Route
	r.Name = MailRoute
	return b.begin(r)
}

// begin numbers a call. The first that meets a gateway at the end of its rest is
// the probe: until it has come back the gateway goes on resting for the others.
func (b *board) begin(r Route) turn {
	b.calls++
	s := b.states[r.Name]
	probe := s.troubled() && !b.rests(r.Name)
	s.probing = s.probing || probe
	return turn{Route: r, number: b.calls, probe: probe}
}

// went notes what a call came to; nil: the message was taken. Each turn comes
// back once.
func (b *board) went(t turn, err *sms.Error) {
	b.mu.Lock()
	s, now := b.states[t.Name], b.clock()
	if t.probe {
		s.probing = false
	}
	before := s.troubled()
	switch {
	case err == nil || !err.Trouble():
		s.wentWell(t.number, now)
	case t.number > s.good:
		s.wentWrong(err, t.probe, now)
	}
	after := s.troubled()
	b.mu.Unlock()
	switch {
	case after && !before:
		b.log.Warn("gateway in trouble", "gateway", t.Name, "class", err.Class.String(), "detail", err.Detail)
	case before && !after:
		b.log.Info("gateway is back", "gateway", t.Name)
	}
}

// lacks notes that a gateway has no approval for a text.
func (b *board) lacks(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.states[name].lacked = b.clock()
}

// judge takes in how receipts turned out lately.
func (b *board) judge(receipts map[string]Receipts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, s := range b.states {
		s.badly = receipts[name].bad()
	}
}

// troubles says what is wrong, a line for each gateway that is left alone or
// that needs a human.
func (b *board) troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, name := range b.names() {
		if line := b.states[name].complaint(b.clock()); line != "" {
			out = append(out, "gateway "+name+": "+line)
		}
	}
	return out
}

// standing is where a gateway stands now.
func (b *board) standing(name string) standing {
	switch s := b.states[name]; {
	case b.rests(name) && s.doubtful:
		return avoided
	case b.rests(name):
		return resting
	case s.badly:
		return behind
	}
	return fit
}

// rests says whether a gateway is left alone now. Where no other is well there
// is none to leave it for, and it is tried again after the shortest rest.
func (b *board) rests(name string) bool {
	s := b.states[name]
	if !s.troubled() {
		return false
	}
	rest := firstRest
	for _, r := range b.routes {
		if r.Name != name && !b.states[r.Name].troubled() {
			rest = s.rest
		}
	}
	return s.probing || b.clock().Sub(s.left) < rest
}
