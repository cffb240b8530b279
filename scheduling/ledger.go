package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// MessageStatus is where a message stands.
type MessageStatus string

// The states of a message.
const (
	MessagePlanned    MessageStatus = "planned"
	MessageClaimed    MessageStatus = "claimed"     // in a worker's hands
	MessageHandedOver MessageStatus = "handed_over" // the gateway, or the desk, has it
	MessageFailed     MessageStatus = "failed"      // refused for good
	MessageUnknown    MessageStatus = "unknown"     // the gateway may have it, and did not say
	MessageExpired    MessageStatus = "expired"     // its time passed before it could go
	MessageSuppressed MessageStatus = "suppressed"  // not sent, by Rule
)

// LedgerEntry is one message as the office can lay it before a complainant.
type LedgerEntry struct {
	ID      int64
	Kind    messages.Kind
	Channel messages.Channel
	Status  MessageStatus
	// Rule says why it was suppressed, or may have come twice.
	Rule string
	// Detail is what last went wrong, in fixed phrases.
	Detail    string
	Locale    messages.Locale
	Reference string
	Start     time.Time // of the appointment, as it is now
	Revision  int
	Lead      time.Duration
	// To is where it goes; empty for codes and once the person is erased.
	To       Private
	DueAt    time.Time
	Until    time.Time
	Attempts int
	HandedAt time.Time
	// What the gateway said.
	Gateway     string
	GatewayID   string
	TextVersion int
	Segments    int
	Receipt     messages.Receipt
	ReceiptAt   time.Time
	Reason      string
	Answered    string
}

// MessageQuery narrows the ledger; zero means any.
type MessageQuery struct {
	Office    *Office
	From, To  time.Time // of DueAt, half-open
	Reference string
	Kind      messages.Kind
	Channel   messages.Channel
	Status    MessageStatus
	Gateway   string
	Receipt   messages.Receipt
	Page      Page
}

// MessageFilter is a MessageQuery as asked for.
type MessageFilter struct {
	Actor     Actor
	Office    string
	From, To  calendar.Date // included
	Reference string
	Kind      messages.Kind
	Channel   messages.Channel
	Status    MessageStatus
	Gateway   string
	Receipt   messages.Receipt
	Page      Page
}

// ComingMessage is a message of an appointment as the person will receive it,
// or why they will not.
type ComingMessage struct {
	LedgerEntry
	// Text is the whole text with its signature; Subject that of an e-mail.
	Text, Subject string
}

// ResolveWrite settles a message of unknown outcome.
type ResolveWrite struct {
	Office *Office
	ID     int64
	Again  bool // send it again; otherwise it was sent
	Audit  AuditEntry
	Now    time.Time
}

// Ledger is what was owed and what became of it.
type Ledger interface {
	// Messages lists an office's messages by the time they fell due, newest first.
	Messages(ctx context.Context, q MessageQuery) ([]LedgerEntry, string, error)
	// Coming composes an appointment's messages of its present revision, as they
	// would go through the gateway, or went.
	Coming(ctx context.Context, a Appointment, g messages.Gateway) ([]ComingMessage, error)
	// Compose composes messages that an appointment would owe; nothing is written.
	Compose(a Appointment, due []messages.Due, g messages.Gateway, now time.Time) []ComingMessage
	// Resolve answers not_found for a message of another office, wrong_state for
	// one whose outcome is known.
	Resolve(ctx context.Context, w ResolveWrite) error
	// Sending and SetSending are the switch that stops all sending of an office.
	Sending(ctx context.Context, o *Office, now time.Time) (Sending, error)
	SetSending(ctx context.Context, w SendingWrite) error
}

// Messages lists an office's messages. Errors: not_found, invalid (to).
func (s *Scheduler) Messages(ctx context.Context, f MessageFilter) ([]LedgerEntry, string, error) {
	office, err := s.officeFor(ctx, f.Actor, f.Office)
	if err != nil {
		return nil, "", err
	}
	if f.To < f.From {
		return nil, "", Invalid("to", "结束日期早于开始日期。", "must not be before from")
	}
	q := MessageQuery{
		Office: office, Reference: f.Reference, Kind: f.Kind, Channel: f.Channel, Status: f.Status, Gateway: f.Gateway, Receipt: f.Receipt, Page: f.Page,
		From: f.From.At(0, office.Location), To: f.To.Add(1).At(0, office.Location),
	}
	items, next, err := s.Ledger.Messages(ctx, q)
	for i := range items {
		items[i].To = f.Actor.maySee(items[i].To)
	}
	return items, next, err
}

// maySee is a number as the actor may see it: desk and director whole, all
// others with its middle hidden.
func (a Actor) maySee(number Private) Private {
	if number.IsZero() || a.Is(account.Desk) || a.Is(account.Director) {
		return number
	}
	return NewPrivate(number.Masked())
}

// Preview shows exactly what each person of an appointment will receive, with
// signature, and when; and what will not go, and why. Errors: not_found.
func (s *Scheduler) Preview(ctx context.Context, a Actor, reference string) ([]ComingMessage, error) {
	found, err := s.Appointment(ctx, a, reference)
	if err != nil {
		return nil, err
	}
	out, err := s.Ledger.Coming(ctx, found, s.gatewayOf(found.Office))
	if err != nil {
		return nil, fmt.Errorf("compose what is to come: %w", err)
	}
	for i := range out {
		if a.Kind == StaffKind {
			out[i].To = a.maySee(out[i].To)
		}
	}
	return out, nil
}

// gatewayOf is the gateway that an office's messages go through while it works.
func (s *Scheduler) gatewayOf(o *Office) messages.Gateway {
	if len(s.Gateways) == 0 {
		return messages.Gateway{}
	}
	i := slices.IndexFunc(s.Gateways, func(g messages.Gateway) bool { return g.Name == o.Gateway })
	return s.Gateways[max(i, 0)]
}

// Resolution asks to settle a message of unknown outcome.
type Resolution struct {
	Actor  Actor
	Office string
	ID     int64
	Again  bool
}

// Resolve settles a message of unknown outcome: it was sent, or it is to be
// sent again, and may then come twice.
//
// Errors: not_found; wrong_state where the outcome is known, or where the time
// of the message is over and it is to be sent again.
func (s *Scheduler) Resolve(ctx context.Context, r Resolution) error {
	office, err := s.officeFor(ctx, r.Actor, r.Office)
	if err != nil {
		return err
	}
	now, action := s.now(), "message.sent"
	if r.Again {
		action = "message.send_again"
	}
	w := ResolveWrite{Office: office, ID: r.ID, Again: r.Again, Now: now, Audit: auditOf(r.Actor, action, itoa(r.ID), now, nil, nil)}
	if err := s.Ledger.Resolve(ctx, w); err != nil {
		return err
	}
	s.nudge()
	return nil
}
