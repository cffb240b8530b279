// Between the store's messages and the worker that sends them.

package main

import (
	"context"
	"strconv"
	"time"

	"magpie/notify"
	"magpie/notify/mail"
	"magpie/scheduling"
	"magpie/scheduling/entry"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
)

// queue is the store as package notify sees it. from is the sender's address of
// e-mails, now the time that they bear.
type queue struct {
	store *store.Store
	from  string
	now   func() time.Time
}

var _ notify.Queue = queue{}

func (q queue) Claim(ctx context.Context, limit int) ([]notify.Message, error) {
	due, err := q.store.Claim(ctx, limit)
	out := make([]notify.Message, len(due))
	for i := range due {
		out[i] = q.message(&due[i])
	}
	return out, err
}

func (q queue) message(m *store.DueMessage) notify.Message {
	out := notify.Message{
		ID: m.ID, Claim: m.Claim, Attempt: m.Attempt, Kind: string(m.Kind), Office: m.Office, Prefers: m.Gateway,
		To: m.To.Reveal(), Signature: m.Signature, Forms: m.Forms, DueAt: m.DueAt, Until: m.Until, ResendUnknown: m.ResendAgain, Of: m,
	}
	if m.Channel == messages.Mail {
		out.Mail, out.To = q.letter(m), ""
	}
	return out
}

// letter is an e-mail with its calendar file. Without one that can be written
// the text still says what it has to.
func (q queue) letter(m *store.DueMessage) *mail.Message {
	out := &mail.Message{
		ID: strconv.FormatInt(m.ID, 10), To: m.To.Reveal(), From: m.Signature, Subject: m.Subject, Text: m.Forms[0].Body, Date: q.now(),
	}
	if e := m.Entry; e != nil && m.Kind != messages.Reminder {
		facts := entry.Facts{
			AppointmentID: e.AppointmentID, Reference: e.Reference, Start: e.Start, End: e.End, UpdatedAt: e.UpdatedAt,
			Revision: e.Revision, Cancelled: e.Cancelled,
		}
		if file, method, err := entry.Invitation(facts, q.from, out.To, string(e.Locale)); err == nil {
			out.Calendar, out.Method = file, method
		}
	}
	return out
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
	out := store.MessageOutcome{ID: r.ID, Claim: r.Claim, Gateway: r.Gateway, GatewayID: r.GatewayID, Form: r.Form, Detail: r.Detail}
	out.Of, _ = r.Of.(*store.DueMessage)
	status := func(s scheduling.MessageStatus) { out.Status = string(s) }
	switch r.Outcome {
	case notify.HandedOver:
		status(scheduling.MessageHandedOver)
	case notify.RetryLater:
		status(scheduling.MessagePlanned)
		out.Wait = r.Wait
	case notify.Failed:
		status(scheduling.MessageFailed)
	case notify.Expired:
		status(scheduling.MessageExpired)
	case notify.GivenBack:
		status(scheduling.MessagePlanned)
		out.GivenBack = true
	case notify.Unknown:
		status(scheduling.MessageUnknown)
		if r.ResendUnknown {
			status(scheduling.MessagePlanned)
			out.Rule, out.Detail = store.ResendRule, store.ResendRule+": "+r.Detail
		}
	}
	return out
}
