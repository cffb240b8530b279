package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"magpie/notify"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

func TestEveryOutcomeIsWrittenAsAState(t *testing.T) {
	message := notify.Message{ID: 7, Claim: 9}
	again := message
	again.ResendUnknown = true
	tests := []struct {
		name   string
		result notify.Result
		want   store.MessageOutcome
	}{
		{"handed over", notify.Result{Message: message, Outcome: notify.HandedOver, GatewayID: "g1"}, store.MessageOutcome{Status: "handed_over", GatewayID: "g1"}},
		{"to be tried again", notify.Result{Message: message, Outcome: notify.RetryLater, Wait: time.Minute, Detail: "busy"}, store.MessageOutcome{Status: "planned", Wait: time.Minute, Detail: "busy"}},
		{"given back", notify.Result{Message: message, Outcome: notify.GivenBack, Detail: "stopping"}, store.MessageOutcome{Status: "planned", GivenBack: true, Detail: "stopping"}},
		{"failed", notify.Result{Message: message, Outcome: notify.Failed, Detail: "no route"}, store.MessageOutcome{Status: "failed", Detail: "no route"}},
		{"expired", notify.Result{Message: message, Outcome: notify.Expired}, store.MessageOutcome{Status: "expired"}},
		{"unknown", notify.Result{Message: message, Outcome: notify.Unknown, Detail: "no answer"}, store.MessageOutcome{Status: "unknown", Detail: "no answer"}},
		{"unknown, at an office that has it sent again", notify.Result{Message: again, Outcome: notify.Unknown, Detail: "no answer"}, store.MessageOutcome{Status: "planned", Rule: "resend_unknown", Detail: "resend_unknown: no answer"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.want.ID, test.want.Claim = 7, 9
			if diff := cmp.Diff(test.want, outcome(test.result), cmpopts.IgnoreUnexported(store.DueMessage{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsDueIsClaimedWithItsTextAndWrittenOnce(t *testing.T) {
	m := newOffice(t)
	a := m.book(t, "premarital", tomorrow(8, 30))
	st, _ := m.open(t)
	q := queue{store: st, now: time.Now}
	due, err := q.Claim(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	// The reminder of 24 hours before is past, that of 2 hours not yet due.
	if len(due) != 1 || due[0].To != "13900000001" || due[0].Kind != "booked" || due[0].Office != "anhua" || due[0].Attempt != 1 {
		t.Fatalf("claimed: %+v", due)
	}
	if want := "【安化县民政局】您好，11月24日（周二）上午8:30已为您约好，编号" + a.Reference + "。改期或取消请致电0737-7220000。"; messages.Signed(due[0].Signature, due[0].Forms[0].Body) != want {
		t.Errorf("the text is %q of %q, want %q", due[0].Forms[0].Body, due[0].Signature, want)
	}
	result := []notify.Result{{Message: due[0], Outcome: notify.HandedOver}}
	for range 2 {
		if err := q.Finish(t.Context(), result); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.sql(t, "SELECT kind, status, attempt FROM messages ORDER BY next_at"); got != "booked handed_over 1\nreminder planned 0\n" {
		t.Errorf("the messages are:\n%s", got)
	}
}
