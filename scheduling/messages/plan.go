package messages

import (
	"cmp"
	"slices"
	"time"
)

// CancelledGrace is how long a cancellation may still be handed over if the
// start is nearer than that, or past: somebody on the way is still served by
// it; two hours later they have been told at the door, and a late message would
// only be read by others.
const CancelledGrace = 2 * time.Hour

// QuietLeast is how long before the start a reminder that was held back may
// still go: later than that, whoever comes is on the way.
const QuietLeast = 30 * time.Minute

// Channel is the way by which a message goes.
type Channel string

// The channels there are.
const (
	SMS  Channel = "sms"
	Mail Channel = "mail"
	Call Channel = "call" // the desk's list of people to call
)

// Reach is how one person may be reached: what they asked for to be safe.
type Reach struct {
	// Text: text messages may go. Mail: e-mail goes too, and there is an
	// address. Call: the desk may call where no text may go.
	Text, Mail, Call bool
	// Neutral: texts go under the neutral signature, in the neutral words.
	Neutral bool
	// Hours are when anything may reach the person; none: at any time.
	Hours []Window
	// Silent: what was booked is to owe no message, by any way.
	Silent bool
	// Stopped: the person stopped reminders (退订).
	Stopped bool
	// Asked: the person expressed some wish about being reached.
	Asked bool
}

// AnyReach is that of somebody who never asked for anything.
func AnyReach() Reach { return Reach{Text: true} }

// Rule says why a message that is owed does not go.
type Rule string

// The rules that hold a message back from the beginning.
const (
	RuleSilent    Rule = "silent"               // the booking was made without messages
	RuleStopped   Rule = "stopped"              // the person stopped reminders
	RuleNoText    Rule = "no_text"              // the person wants no text messages
	RuleNoNeutral Rule = "no_neutral_signature" // the office has no signature that says less
	RuleQuiet     Rule = "quiet"                // after the office's quiet hours it is too late
	RuleHours     Rule = "hours"                // at the person's next hours it is too late
	RuleSameTime  Rule = "same_time"            // another reminder goes at the same moment
)

// Policy is what the office and the service say of messages.
type Policy struct {
	// Leads are how long before a start the service reminds; one given twice is
	// owed once.
	Leads []time.Duration
	// Quiet is when no reminder goes; nil: there is no such time.
	Quiet *Window
	// Location is the office's time zone; nil leaves the times in their own.
	Location *time.Location
	// NeutralSignature: the office has a signature that says less.
	NeutralSignature bool
}

// Due is one message that is owed.
type Due struct {
	Kind    Kind
	Channel Channel
	// Lead is how long before the start a reminder goes out; zero for others.
	Lead time.Duration
	// At is when the message is due.
	At time.Time
	// Until is the end of its validity: from then on it is expired, not sent.
	Until time.Time
	// Rule is why it does not go, or empty. It is written down all the same, so
	// that the ledger can tell.
	Rule Rule
}

// Plan says what an event owes, in the order it falls due. now is when the
// event is written and start when the session begins: the new one for a move,
// the one called off for a cancellation; for an offer it is when the offer lapses.
//
// A booking or a move owes a message at once and the reminders whose time is
// not already past; all of them are valid until the start and none is owed
// when that is not ahead. A cancellation owes one message, valid until the
// start but no shorter than CancelledGrace. An offer owes one message, valid until
// it lapses. Other kinds owe nothing.
//
// Each is owed as a text message, and as an e-mail too where the person asked
// for it; a call takes the place of a text message that may not go to the
// person, for the reasons of RuleNoText (if they may be called) and
// RuleNoNeutral. Quiet hours hold back reminders alone, and not calls; the
// person's own hours go before them and hold back everything: whoever can only
// be reached from nine to eleven is in danger from a text at eight in the
// evening, whatever it is about. What is held back goes when it may, never
// earlier: a reminder QuietLeast before the start, all else while it is valid.
// Of two reminders of one channel at the same moment the nearer to the start
// goes. A message that a rule holds back is due when it would have been. What was
// booked without messages owes none by any way: each is held back as a text.
func Plan(event Kind, now, start time.Time, p Policy, r Reach) []Due {
	var due []Due
	for _, d := range owed(event, now, start, p.Leads) {
		for _, d := range r.channels(d, p) {
			due = append(due, d.whenAllowed(p, r))
		}
	}
	slices.SortStableFunc(due, func(a, b Due) int { return a.At.Compare(b.At) })
	return dropSameTime(due)
}

// owed is what an event owes, whatever the way it goes.
func owed(event Kind, now, start time.Time, leads []time.Duration) []Due {
	switch event {
	case Cancelled:
		until := now.Add(CancelledGrace)
		if start.After(until) {
			until = start
		}
		return []Due{{Kind: Cancelled, At: now, Until: until}}
	case Offer:
		if start.After(now) {
			return []Due{{Kind: Offer, At: now, Until: start}}
		}
		return nil
	case Booked, Moved:
	default:
		return nil
	}
	if !start.After(now) {
		return nil
	}
	due := []Due{{Kind: event, At: now, Until: start}}
	for _, lead := range longestFirst(leads) {
		at := start.Add(-lead)
		if lead <= 0 || at.Before(now) {
			continue
		}
		due = append(due, Due{Kind: Reminder, Lead: lead, At: at, Until: start})
	}
	return due
}

func longestFirst(leads []time.Duration) []time.Duration {
	sorted := slices.SortedFunc(slices.Values(leads), func(a, b time.Duration) int { return cmp.Compare(b, a) })
	return slices.Compact(sorted)
}

// channels are the ways by which the person is owed a message. A code goes by
// text alone, whatever the person wants otherwise: they asked for it just now,
// at that number.
func (r Reach) channels(d Due, p Policy) []Due {
	text, call := d, false
	text.Channel = SMS
	switch {
	case d.Kind == Code:
		return []Due{text}
	case r.Silent:
		text.Rule = RuleSilent
		return []Due{text}
	case r.Stopped && d.Kind == Reminder:
		text.Rule = RuleStopped
	case !r.Text:
		text.Rule, call = RuleNoText, r.Call
	case r.Neutral && !p.NeutralSignature:
		text.Rule, call = RuleNoNeutral, true
	}
	out := []Due{text}
	if r.Mail {
		mail := d
		mail.Channel = Mail
		if text.Rule == RuleStopped {
			mail.Rule = RuleStopped
		}
		out = append(out, mail)
	}
	if call {
		d.Channel = Call
		out = append(out, d)
	}
	return out
}

// whenAllowed moves a message out of the time in which it may not go.
func (d Due) whenAllowed(p Policy, r Reach) Due {
	windows, rule := d.windows(p, r)
	if len(windows) == 0 || d.Rule != "" {
		return d
	}
	at := d.At
	if p.Location != nil {
		at = at.In(p.Location)
	}
	switch moved, ok := next(at, windows); {
	case !ok || !moved.Equal(at) && d.tooLate(moved):
		d.Rule = rule
	default:
		d.At = moved.In(d.At.Location())
	}
	return d
}

// windows are the times in which a message may go, none if it may at any time,
// and the rule that says so.
func (d Due) windows(p Policy, r Reach) ([]Window, Rule) {
	switch {
	case d.Kind == Code:
		return nil, ""
	case len(r.Hours) > 0:
		return r.Hours, RuleHours
	case p.Quiet != nil && d.Kind == Reminder && d.Channel != Call:
		return []Window{p.Quiet.rest()}, RuleQuiet
	}
	return nil, ""
}

// tooLate says of a message that was held back whether there is no more use in
// it.
func (d Due) tooLate(at time.Time) bool {
	if d.Kind == Reminder {
		return d.Until.Sub(at) < QuietLeast
	}
	return !at.Before(d.Until)
}

// dropSameTime leaves one of the reminders of a channel that would go at the
// same moment: the one with the shortest lead.
func dropSameTime(due []Due) []Due {
	for i := range due {
		for j := range due {
			a, b := due[i], due[j]
			if a.Kind == Reminder && b.Kind == Reminder && a.Rule == "" && b.Rule == "" && a.Channel == b.Channel && a.At.Equal(b.At) && a.Lead > b.Lead {
				due[i].Rule = RuleSameTime
			}
		}
	}
	return due
}

// maxBackoff keeps every message within ten seconds of a gateway's return: five
// of waiting, one of the knock, one of rounding, and time to drain.
const maxBackoff = 5 * time.Second

// Backoff is the wait after the attempt-th try, counted from one, that the
// gateway surely did not take: 1, 2, 4 and then always 5 seconds. It has no
// jitter; the worker takes some off.
func Backoff(attempt int) time.Duration {
	switch {
	case attempt <= 1:
		return time.Second
	case attempt <= 3:
		return time.Second << (attempt - 1)
	}
	return maxBackoff
}
