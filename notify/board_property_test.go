package notify

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/notify/sms"
)

// answerGen is what a gateway may answer; nil: it takes the message.
func answerGen() *rapid.Generator[*sms.Error] {
	return rapid.Custom(func(t *rapid.T) *sms.Error {
		classes := append(sms.Classes(), -1)
		class := rapid.SampledFrom(classes).Draw(t, "class")
		if class == -1 {
			return nil
		}
		e := &sms.Error{Class: class, Detail: "as drawn"}
		if class == sms.RetryLater && rapid.Bool().Draw(t, "this number alone") {
			e.Wait = time.Hour
		}
		return e
	})
}

// told is what the rules say of one gateway, told once more and plainly, for
// calls that come one after the other.
type told struct {
	row      int  // troubles since it last did well
	doubtful bool // one of them may have been taken
	rests    int  // how often the rest doubled
	restedAt time.Time
	wellAt   time.Time
	badly    bool
}

func (g *told) inTrouble() bool { return g.row >= 3 }

func (g *told) isResting(now time.Time, otherWell bool) bool {
	rest := 5 * time.Second
	for range g.rests - 1 {
		rest = min(2*rest, 5*time.Minute)
	}
	if !otherWell {
		rest = 5 * time.Second
	}
	return g.inTrouble() && now.Before(g.restedAt.Add(rest))
}

func (g *told) hear(e *sms.Error, wasProbe bool, now time.Time) {
	if e == nil || e.Class == sms.WrongNumber || e.Class == sms.Content || e.Wait > 0 {
		if g.inTrouble() {
			g.wellAt = now
		}
		g.row, g.doubtful = 0, false
		return
	}
	g.row++
	g.doubtful = g.doubtful || e.Class == sms.Uncertain
	switch {
	case g.row == 3 && now.Sub(g.wellAt) > 5*time.Minute:
		g.rests, g.restedAt = 1, now
	case g.row == 3 || wasProbe:
		g.rests++
		g.restedAt = now
	}
}

// expected is whom a message asks, in order, if all say "not now".
func expected(order []string, gateways map[string]*told, prefers string, now time.Time) []string {
	if i := slices.Index(order, prefers); i > 0 {
		order = append([]string{prefers}, slices.DeleteFunc(slices.Clone(order), func(n string) bool { return n == prefers })...)
	}
	classes := make([][]string, 3)
	for _, name := range order {
		g, otherWell := gateways[name], false
		for other, o := range gateways {
			otherWell = otherWell || other != name && !o.inTrouble()
		}
		switch {
		case len(order) == 1:
			classes[0] = append(classes[0], name)
		case g.isResting(now, otherWell) && g.doubtful:
		case g.isResting(now, otherWell):
			classes[2] = append(classes[2], name)
		case g.badly:
			classes[1] = append(classes[1], name)
		default:
			classes[0] = append(classes[0], name)
		}
	}
	return slices.Concat(classes...)
}

func TestAMessageAsksTheGatewaysInTheOrderOfTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"kannel", "aliyun", "tencent"}[:rapid.IntRange(1, 3).Draw(t, "gateways")]
		b, gateways := newBench(names...), make(map[string]*told)
		for _, name := range names {
			gateways[name] = &told{}
		}
		// What a gateway does it goes on doing for a while.
		habits := make(map[string]*sms.Error)
		for range rapid.IntRange(1, 120).Draw(t, "messages") {
			b.pass(time.Duration(rapid.SampledFrom([]int{0, 1, 300, 2500, 5000, 30000, 301000}).Draw(t, "ms")) * time.Millisecond)
			if rapid.IntRange(0, 3).Draw(t, "change") == 0 {
				habits[rapid.SampledFrom(names).Draw(t, "whose")] = answerGen().Draw(t, "habit")
			}
			if rapid.IntRange(0, 19).Draw(t, "judge") == 0 {
				name := rapid.SampledFrom(names).Draw(t, "of whom")
				failed := rapid.SampledFrom([]int{0, 10, 19, 20, 100}).Draw(t, "failed")
				delivered := rapid.SampledFrom([]int{0, failed, failed + 1}).Draw(t, "delivered")
				b.judge(map[string]Receipts{name: {Failed: failed, Delivered: delivered}})
				for n, g := range gateways {
					g.badly = n == name && failed+delivered >= 20 && 2*failed >= failed+delivered
				}
			}
			prefers := rapid.SampledFrom(append([]string{"", "another"}, names...)).Draw(t, "prefers")
			round := b.round(prefers, b.routes)
			var asked []string
			for {
				want := slices.DeleteFunc(expected(names, gateways, prefers, b.now), func(n string) bool { return slices.Contains(asked, n) })
				turn, ok := round.next()
				if !ok {
					if len(want) > 0 {
						t.Fatalf("nobody is asked after %q, want %q", asked, want)
					}
					break
				}
				if len(want) == 0 || turn.Name != want[0] {
					t.Fatalf("%q is asked after %q, want %q", turn.Name, asked, want)
				}
				asked = append(asked, turn.Name)
				answer := habits[turn.Name]
				b.went(turn, answer)
				gateways[turn.Name].hear(answer, turn.probe, b.now)
				if answer == nil || outcomeOf(answer.Class) != RetryLater {
					break
				}
			}
		}
	})
}

// underWay is a message whose call has not ended.
type underWay struct {
	*round
	turn
	asked []string
}

func TestManyMessagesAtOnceAskNobodyTwiceAndProbeOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"kannel", "aliyun", "tencent"}[:rapid.IntRange(1, 3).Draw(t, "gateways")]
		b := newBench(names...)
		var calls []*underWay
		ask := func(m *underWay) {
			turn, ok := m.next()
			if !ok {
				if len(names) == 1 && len(m.asked) == 0 {
					t.Fatal("the only gateway is not asked")
				}
				return
			}
			if slices.Contains(m.asked, turn.Name) {
				t.Fatalf("%s is asked twice", turn.Name)
			}
			if s := b.states[turn.Name]; s.troubled() && s.doubtful && !turn.probe && len(names) > 1 {
				t.Fatalf("%s is asked while it rests", turn.Name)
			}
			m.turn, m.asked = turn, append(m.asked, turn.Name)
			calls = append(calls, m)
		}
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			b.pass(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 10, 5000, 60000}).Draw(t, "ms")) * time.Millisecond)
			if len(calls) == 0 || len(calls) < 32 && rapid.Bool().Draw(t, "another message") {
				ask(&underWay{round: b.round(rapid.SampledFrom(names).Draw(t, "prefers"), b.routes)})
			} else {
				i := rapid.IntRange(0, len(calls)-1).Draw(t, "which ends")
				m, answer := calls[i], answerGen().Draw(t, "answer")
				calls = slices.Delete(calls, i, i+1)
				b.went(m.turn, answer)
				if answer != nil && outcomeOf(answer.Class) == RetryLater {
					ask(m)
				}
			}
			for _, name := range names {
				probes := 0
				for _, c := range calls {
					if c.turn.Name == name && c.probe {
						probes++
					}
				}
				if probes > 1 || b.states[name].probing != (probes == 1) {
					t.Fatalf("%d probes of %s, probing is %v", probes, name, b.states[name].probing)
				}
			}
		}
		// Whatever happened: when all calls have ended and all goes well, every
		// gateway has its place again within the longest rest.
		for _, c := range calls {
			b.went(c.turn, nil)
		}
		b.pass(lastRest)
		for _, name := range slices.Concat(names, names) {
			if turn, ok := b.round(name, b.routes).next(); ok {
				b.went(turn, nil)
			}
		}
		if got := b.all(""); !slices.Equal(got, names) {
			t.Fatalf("in the end %q are asked, want %q", got, names)
		}
	})
}

func TestABoardCanBeUsedByManySendersAtOnce(t *testing.T) {
	routes := newBench("kannel", "aliyun").routes
	b := newBoard(routes, monotonic, slog.New(slog.NewTextHandler(io.Discard, nil)))
	var senders sync.WaitGroup
	for n := range uint64(32) {
		random := rand.New(rand.NewPCG(1, n))
		senders.Go(func() {
			for range 500 {
				r := b.round("aliyun", routes)
				for turn, ok := r.next(); ok; turn, ok = r.next() {
					var err *sms.Error
					if class := sms.Class(random.IntN(8)); int(class) < len(sms.Classes()) {
						err = &sms.Error{Class: class}
					}
					b.went(turn, err)
				}
				b.judge(map[string]Receipts{"kannel": {Failed: random.IntN(40)}})
				b.troubles()
			}
		})
	}
	senders.Wait()
	for name, s := range b.states {
		if s.probing {
			t.Errorf("%s is being tried by nobody", name)
		}
	}
}
