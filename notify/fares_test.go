package notify

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/notify/sms"
)

func TestAGatewayWithBadReceiptsStandsBehindUntilTheyAreBetter(t *testing.T) {
	for _, c := range []struct {
		Receipts
		bad bool
	}{
		{Receipts{}, false},
		{Receipts{Failed: receiptsToJudge - 1}, false},
		{Receipts{Failed: receiptsToJudge}, true},
		{Receipts{Delivered: 10, Failed: 10}, true},
		{Receipts{Delivered: 11, Failed: 10}, false},
		{Receipts{Delivered: 500, Failed: 500}, true},
		{Receipts{Delivered: 501, Failed: 500}, false},
	} {
		b := newBench("kannel", "aliyun")
		b.judge(map[string]Receipts{"kannel": c.Receipts, "one that is gone": {Failed: 99}})
		want := []string{"kannel", "aliyun"}
		if c.bad {
			want = []string{"aliyun", "kannel"}
		}
		b.wantOrder(t, "", want...)
		b.wantOrder(t, "kannel", want...)
		b.went(b.ask(t, want[0]), nil) // a call that goes well is no receipt
		b.wantOrder(t, "", want...)
		b.judge(nil)
		b.wantOrder(t, "", "kannel", "aliyun")
	}
}

func TestAGatewayWithBadReceiptsIsBetterThanOneInTrouble(t *testing.T) {
	b := newBench("kannel", "aliyun")
	b.judge(map[string]Receipts{"aliyun": {Failed: 20}})
	b.fail(t, troublesToLeave, "kannel", sms.RetryLater)
	b.wantOrder(t, "", "aliyun", "kannel")
	b.judge(map[string]Receipts{"kannel": {Failed: 20}, "aliyun": {Failed: 20}})
	b.wantOrder(t, "", "aliyun", "kannel")
}

func TestTroublesNameWhatIsLeftAloneAndWhatAHumanHasToMend(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(t *testing.T, b *boardBench)
		want string
	}{
		{"well", func(*testing.T, *boardBench) {}, ""},
		{"two troubles", func(t *testing.T, b *boardBench) { b.fail(t, 2, "kannel", sms.RetryLater) }, ""},
		{"three", func(t *testing.T, b *boardBench) { b.fail(t, 3, "kannel", sms.RetryLater) }, "gateway kannel: 3 calls in a row went wrong"},
		{"money", func(t *testing.T, b *boardBench) { b.fail(t, 1, "kannel", sms.NoMoney) }, "gateway kannel: somebody must act: no_money: it is down"},
		{"set-up, mended", func(t *testing.T, b *boardBench) {
			b.fail(t, 1, "kannel", sms.SetUp)
			b.went(b.ask(t, "kannel"), nil)
		}, ""},
		{"receipts", func(_ *testing.T, b *boardBench) { b.judge(map[string]Receipts{"aliyun": {Failed: 20}}) }, "gateway aliyun: too many of its receipts are failures"},
		{"no approval", func(_ *testing.T, b *boardBench) { b.lacks("aliyun") }, "gateway aliyun: somebody must act: set_up: no approved template code of this text"},
		{"no approval an hour ago", func(_ *testing.T, b *boardBench) { b.lacks("aliyun"); b.pass(time.Hour) }, ""},
		{"mail", func(_ *testing.T, b *boardBench) {
			b.went(b.mail(), &sms.Error{Class: sms.SetUp, Detail: "the login: 535"})
		}, "gateway mail: somebody must act: set_up: the login: 535"},
		{"mail, mended", func(_ *testing.T, b *boardBench) {
			b.went(b.mail(), &sms.Error{Class: sms.SetUp})
			b.went(b.mail(), nil)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench("kannel", "aliyun")
			c.set(t, b)
			if got := strings.Join(b.troubles(), "\n"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAMailServerInTroubleChangesNothingForTextMessages(t *testing.T) {
	b := newBench("kannel")
	for range 5 {
		b.went(b.mail(), &sms.Error{Class: sms.Uncertain})
	}
	b.wantOrder(t, "", "kannel")
	if got := b.troubles(); !slices.Equal(got, []string{"gateway mail: 5 calls in a row went wrong"}) {
		t.Errorf("%q", got)
	}
}

func TestTheLogTellsOnceThatAGatewayIsInTroubleAndOnceThatItIsBack(t *testing.T) {
	b, out := newBench("kannel", "aliyun"), &safeBuffer{}
	b.log = slog.New(slog.NewTextHandler(out, nil))
	b.fail(t, troublesToLeave, "kannel", sms.SetUp)
	b.pass(firstRest)
	b.fail(t, 1, "kannel", sms.SetUp)
	b.pass(2 * firstRest)
	b.went(b.ask(t, "kannel"), nil)
	b.went(b.ask(t, "kannel"), nil)
	log := out.String()
	for _, line := range []string{`level=WARN msg="gateway in trouble" gateway=kannel class=set_up detail="it is down"`, `level=INFO msg="gateway is back" gateway=kannel`} {
		if strings.Count(log, line) != 1 {
			t.Errorf("%d times %s in\n%s", strings.Count(log, line), line, log)
		}
	}
}
