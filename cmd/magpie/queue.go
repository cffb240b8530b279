// Between the store's messages and the worker that sends them.

package main

import (
	"context"

	"magpie/notify"
	"magpie/scheduling/store"
)

// The states that an outcome becomes in the store.
const (
	handedOver = "handed_over"
	planned    = "planned"
	failed     = "failed"
	expired    = "expired"
	unknown    = "unknown"
)

// queue is the store as package notify sees it.
type queue struct{ store *store.Store }

var _ notify.Queue = queue{}

func (q queue) Claim(ctx context.Context, limit int) ([]notify.Message, error) {
	due, err := q.store.Claim(ctx, limit)
	out := make([]notify.Message, len(due))
	for i, m := range due {
		out[i] = notify.Message{
			ID: m.ID, Claim: m.Claim, Attempt: m.Attempt, Kind: m.Kind, Office: m.Office,
			To: m.To.Reveal(), Text: m.Text.Reveal(), DueAt: m.DueAt, Until: m.Until, ResendUnknown: m.ResendAgain,
		}
	}
	return out, err
}

func (q queue) Finish(ctx context.Context, results []notify.Result) error {
	out := make([]store.MessageOutcome, len(results))
	for i, r := range results {
		out[i] = outcome(r)
	}
	return q.store.Finish(ctx, out)
}

func (q queue) RecoverLost(ctx context.Context) (int, error) { return q.store.RecoverLost(ctx) }

// outcome is a result as it is written. An unknown one is planned again only
// where the office wants that, and says so: it may come twice.
func outcome(r notify.Result) store.MessageOutcome {
	out := store.MessageOutcome{ID: r.ID, Claim: r.Claim, GatewayID: r.GatewayID, Detail: r.Detail}
	switch r.Outcome {
	case notify.HandedOver:
		out.Status = handedOver
	case notify.RetryLater:
		out.Status, out.Wait = planned, r.Wait
	case notify.Failed:
		out.Status = failed
	case notify.Expired:
		out.Status = expired
	case notify.GivenBack:
		out.Status, out.GivenBack = planned, true
	case notify.Unknown:
		out.Status = unknown
		if r.ResendUnknown {
			out.Status, out.Detail = planned, "resend_unknown: "+r.Detail
		}
	}
	return out
}
