package notify

import (
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

// boardBench is a board on a clock that is set by hand.
type boardBench struct {
	*board
	now time.Time
}

func newBench(names ...string) *boardBench {
	b := &boardBench{now: time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC)}
	var routes []Route
	for _, name := range names {
		routes = append(routes, Route{Gateway: messages.Gateway{Name: name, Kind: name}})
	}
	b.board = newBoard(routes, func() time.Time { return b.now }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	return b
}

func (b *boardBench) pass(d time.Duration) { b.now = b.now.Add(d) }

// ask begins the first call of a message that prefers nothing.
func (b *boardBench) ask(t *testing.T, want string) turn {
	t.Helper()
	got, ok := b.round("", b.routes).next()
	if !ok || got.Name != want {
		t.Fatalf("the message asks %q (%v), want %q", got.Name, ok, want)
	}
	return got
}

// all gives whom a message asks if everybody says "try again later", and ends
// its calls without a word about how they went.
func (b *boardBench) all(prefers string) []string {
	var names []string
	r := b.round(prefers, b.routes)
	for t, ok := r.next(); ok; t, ok = r.next() {
		names = append(names, t.Name)
		if t.probe {
			b.mu.Lock()
			b.states[t.Name].probing = false
			b.mu.Unlock()
		}
	}
	return names
}

// fail has so many messages in a row meet an error at the gateway.
func (b *boardBench) fail(t *testing.T, n int, gateway string, class sms.Class) {
	t.Helper()
	for range n {
		b.went(b.ask(t, gateway), &sms.Error{Class: class, Detail: "it is down"})
	}
}

func (b *boardBench) wantOrder(t *testing.T, prefers string, want ...string) {
	t.Helper()
	if got := b.all(prefers); !slices.Equal(got, want) {
		t.Errorf("a message that prefers %q asks %q, want %q", prefers, got, want)
	}
}

func TestTheFirstGatewayOrTheOneThatTheOfficeWantsIsAskedFirst(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.wantOrder(t, "", "kannel", "aliyun")
	b.wantOrder(t, "kannel", "kannel", "aliyun")
	b.wantOrder(t, "aliyun", "aliyun", "kannel")
	b.wantOrder(t, "one that is gone", "kannel", "aliyun")
}

func TestAGatewayInTroubleIsLeftAndTheFirstMessageThatItTakesBringsAllBack(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, troublesToLeave, "kannel", sms.RetryLater)
	b.wantOrder(t, "", "aliyun", "kannel")
	b.wantOrder(t, "kannel", "aliyun", "kannel") // whatever the office wants
	b.pass(firstRest - time.Millisecond)
	b.went(b.ask(t, "aliyun"), nil)
	b.pass(time.Millisecond)
	probe := b.ask(t, "kannel")
	for range 32 {
		b.went(b.ask(t, "aliyun"), nil)
	}
	b.went(probe, nil)
	for range 3 {
		b.went(b.ask(t, "kannel"), nil)
	}
}

func TestAnAnswerThatSpeaksOfTheMessageAloneIsNoTroubleAndEndsARow(t *testing.T) {
	for _, good := range []*sms.Error{nil, {Class: sms.WrongNumber}, {Class: sms.Content}, {Class: sms.RetryLater, Wait: time.Minute}} {
		b := newBench("kannel", "aliyun")
		for range 5 {
			b.fail(t, troublesToLeave-1, "kannel", sms.NoMoney)
			b.went(b.ask(t, "kannel"), good)
		}
		b.wantOrder(t, "", "kannel", "aliyun")
	}
}

func TestTheRestDoublesFromFiveSecondsToFiveMinutes(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, troublesToLeave, "kannel", sms.SetUp)
	for _, rest := range []time.Duration{5, 10, 20, 40, 80, 160, 300, 300, 300} {
		b.pass(rest*time.Second - 1)
		b.went(b.ask(t, "aliyun"), nil)
		b.pass(1)
		b.fail(t, 1, "kannel", sms.SetUp)
	}
}

func TestAGatewayThatFailsAgainSoonAfterItsReturnRestsLonger(t *testing.T) {
	for _, c := range []struct{ well, rest time.Duration }{
		{time.Second, 2 * firstRest},
		{lastRest, 2 * firstRest},
		{lastRest + 1, firstRest},
	} {
		b := newBench("kannel", "aliyun")
		b.fail(t, troublesToLeave, "kannel", sms.Uncertain)
		b.pass(firstRest)
		b.went(b.ask(t, "kannel"), nil)
		b.pass(c.well)
		b.fail(t, troublesToLeave, "kannel", sms.Uncertain)
		b.pass(c.rest - 1)
		b.went(b.ask(t, "aliyun"), nil)
		b.pass(1)
		b.went(b.ask(t, "kannel"), nil)
	}
}

func TestThirtyTwoMessagesThatMeetADeadGatewayAtOnceAreOneTrouble(t *testing.T) {
	b := newBench("kannel", "aliyun")
	var under []turn
	for range 32 {
		under = append(under, b.ask(t, "kannel"))
	}
	for i, call := range under {
		b.went(call, &sms.Error{Class: sms.Uncertain})
		if i >= troublesToLeave-1 && i < troublesToLeave-1+25 { // the last ones end when the rest is over
			b.pass(firstRest / 25)
		}
	}
	probe := b.ask(t, "kannel")
	if !probe.probe {
		t.Fatal("no probe")
	}
	b.ask(t, "aliyun")
	b.went(probe, &sms.Error{Class: sms.Uncertain})
	b.pass(2*firstRest - 1)
	b.ask(t, "aliyun")
	b.pass(1)
	b.ask(t, "kannel")
}

func TestACallFromBeforeTheReturnOfAGatewaySaysNothingOfIt(t *testing.T) {
	b := newBench("kannel", "aliyun")
	var under []turn
	for range 32 {
		under = append(under, b.ask(t, "kannel"))
	}
	for _, call := range under[:troublesToLeave] {
		b.went(call, &sms.Error{Class: sms.Uncertain})
	}
	b.ask(t, "aliyun")
	b.pass(firstRest)
	b.went(b.ask(t, "kannel"), nil)
	for _, call := range under[troublesToLeave:] {
		b.went(call, &sms.Error{Class: sms.Uncertain})
		b.went(b.ask(t, "kannel"), nil)
	}
	if lines := b.troubles(); len(lines) != 0 {
		t.Errorf("troubles %q", lines)
	}
}

func TestAProbeThatEndsAfterTheReturnOfItsGatewayDoesNotSendItAwayAgain(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, troublesToLeave, "kannel", sms.RetryLater)
	b.pass(firstRest)
	probe := b.ask(t, "kannel")
	other := b.round("", b.routes)
	if first, _ := other.next(); first.Name != "aliyun" {
		t.Fatalf("%s is asked first", first.Name)
	}
	last, ok := other.next() // aliyun said no
	if !ok || last.Name != "kannel" || last.probe {
		t.Fatalf("then %+v, %v", last, ok)
	}
	b.went(last, nil)
	b.ask(t, "kannel")
	b.went(probe, &sms.Error{Class: sms.RetryLater})
	b.fail(t, troublesToLeave-1, "kannel", sms.RetryLater)
	b.ask(t, "kannel")
}

func TestAGatewayThatMayTakeMessagesWithoutAWordIsAskedByTheProbeAlone(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, 1, "kannel", sms.Uncertain)
	b.fail(t, troublesToLeave-1, "kannel", sms.RetryLater)
	b.wantOrder(t, "", "aliyun")
	b.wantOrder(t, "kannel", "aliyun")
	b.pass(firstRest)
	probe := b.ask(t, "kannel")
	b.wantOrder(t, "", "aliyun")
	b.went(probe, nil)
	b.wantOrder(t, "", "kannel", "aliyun")
}

func TestWhereNoGatewayIsWellEachIsTriedAgainAfterTheShortestRest(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, troublesToLeave, "kannel", sms.Uncertain)
	for rest := firstRest; rest < lastRest; rest *= 2 {
		b.pass(rest)
		b.fail(t, 1, "kannel", sms.Uncertain)
	}
	b.fail(t, troublesToLeave, "aliyun", sms.Uncertain)
	b.wantOrder(t, "")
	b.pass(firstRest)
	one, two := b.ask(t, "kannel"), b.ask(t, "aliyun")
	b.wantOrder(t, "")
	b.went(one, &sms.Error{Class: sms.Uncertain})
	b.pass(firstRest - 1)
	b.wantOrder(t, "")
	b.went(two, nil)
	b.wantOrder(t, "", "aliyun")
}

func TestGatewaysThatSayNoAreAllAskedByEveryMessage(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, troublesToLeave, "kannel", sms.RetryLater)
	b.fail(t, troublesToLeave, "aliyun", sms.NoMoney)
	b.wantOrder(t, "", "kannel", "aliyun")
	b.wantOrder(t, "aliyun", "aliyun", "kannel")
}

func TestTheOnlyGatewayIsAlwaysAsked(t *testing.T) {
	for _, class := range sms.Classes() {
		b := newBench("kannel")
		b.fail(t, 100, "kannel", class)
		for range 5 {
			b.ask(t, "kannel") // as long as nothing is heard of these
		}
		b.judge(map[string]Receipts{"kannel": {Failed: 1000}})
		b.ask(t, "kannel")
	}
}

func TestTheOnlyGatewayThatCanCarryAMessageIsAlwaysAsked(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.fail(t, troublesToLeave, "kannel", sms.Uncertain)
	if got, ok := b.round("aliyun", b.routes[:1]).next(); !ok || got.Name != "kannel" {
		t.Errorf("%+v, %v", got, ok)
	}
}
