// Package notify hands over the messages that are due: it claims them from a
// queue, gives them to a gateway, many at a time, and writes what became of
// them.
//
// It promises that no gateway call begins later than BeginWithin after its
// message was asked for, that a claimed message never waits for a free sender
// unless calls are quick, and then half a second at most (see room), that a
// message which a gateway may have taken is neither tried again nor given to
// another, and that Stop leaves no claimed message without an outcome while
// the queue can be written. It does not promise that a message arrives, and
// after a crash the messages in the dead process's hands are for the queue to
// find by their lease. What is due, and when, is the queue's to say: cron only
// knocks, and nothing depends on a knock having come.
//
// Of two gateways the first carries everything, or the one that the office wants.
// The other takes over from one that fails or whose receipts are bad, message by
// message where the answer was a no and altogether after three troubles in a row,
// and the traffic goes back by itself. See board.
package notify

import (
	"context"
	"time"

	"magpie/notify/mail"
	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

const (
	// BeginWithin is how long after the call of Queue.Claim a gateway call may
	// still begin, on this machine's monotonic clock. Whoever cancels waits for
	// claimed rows no longer than that: nothing about the old time begins after
	// the cancellation is answered.
	BeginWithin = 2 * time.Second

	// CallTimeout ends a gateway call without an answer; the message is Unknown.
	CallTimeout = 10 * time.Second

	// Lease is how long a claim holds, from the call of Queue.Claim: what may
	// begin and what a call may take, and three seconds to write the result.
	Lease = 15 * time.Second
)

// Message is one claimed message.
type Message struct {
	ID int64
	// Claim is the token of this claim: a result bearing an old one is not
	// written.
	Claim int64
	// Attempt counts the claims of this message, this one included.
	Attempt int
	// Kind is messages.Kind, for the log.
	Kind string
	// Office is the office's code, for the log.
	Office string
	// Prefers is the gateway that the office wants first; empty: the first.
	Prefers string
	// To is eleven digits, or +86 and eleven; Signature and Forms make the text.
	To        string
	Signature string
	Forms     []messages.Form
	// Mail is set for an e-mail, and To is not.
	Mail *mail.Message
	// DueAt is when it was to go, Until the end of its validity.
	DueAt, Until time.Time
	// ResendUnknown tells the queue what to do with an Unknown outcome.
	ResendUnknown bool
	// Of is the queue's own, given back with the result.
	Of any
}

// Outcome is what became of a claimed message.
type Outcome int

// The outcomes there are.
const (
	// Unknown: the gateway may have taken it, and did not say.
	Unknown Outcome = iota
	// HandedOver: the gateway has accepted it.
	HandedOver
	// RetryLater: the gateway surely did not take it; it is due again at NextTry.
	RetryLater
	// Failed: refused for good.
	Failed
	// Expired: it could only have been handed over, or tried again, after Until.
	Expired
	// GivenBack: not begun, and due as it was; no try was made.
	GivenBack

	outcomes = iota
)

// String gives the outcome's name in logs and metrics.
func (o Outcome) String() string {
	switch o {
	case HandedOver:
		return "handed_over"
	case RetryLater:
		return "retry_later"
	case Failed:
		return "failed"
	case Expired:
		return "expired"
	case GivenBack:
		return "given_back"
	}
	return "unknown"
}

// Result is what the queue writes of a message.
type Result struct {
	Message
	Outcome Outcome
	// Detail is why, in fixed phrases: never personal data.
	Detail string
	// Gateway is the one that was asked last, and has the message if any has;
	// GatewayID its own id, where it gives one; Form the place of the form of the
	// text that it was given.
	Gateway, GatewayID string
	Form               int
	// NextTry is set for RetryLater, by Config.Now; Wait is the same as a
	// duration from now, for a queue that goes by the database's clock.
	NextTry time.Time
	Wait    time.Duration
}

// Queue is what is due and what became of it; the store has these methods.
type Queue interface {
	// Claim takes up to limit messages that are due, each for Lease and for this
	// caller alone, and expires those past their validity instead. Time is the
	// database's.
	Claim(ctx context.Context, limit int) ([]Message, error)
	// Finish writes the outcomes of one batch in one transaction. It may be
	// called again with the same batch after an error.
	Finish(ctx context.Context, results []Result) error
	// RecoverLost looks for claims whose lease has ended: they become unknown, or
	// are planned again where the office wants that. It gives how many.
	RecoverLost(ctx context.Context) (int, error)
}

// Gateway hands one text message over; an error is an *sms.Error, and any other
// counts as Unknown.
type Gateway interface {
	Send(ctx context.Context, m sms.Message) (gatewayID string, err error)
}

// Mailer hands one e-mail over; its errors are those of a Gateway.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) (id string, err error)
}

// Route is a gateway with what texts have to know of it.
type Route struct {
	messages.Gateway
	Way Gateway
}

// MailRoute is the name of e-mail in the ledger.
const MailRoute = "mail"
