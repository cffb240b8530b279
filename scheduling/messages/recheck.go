package messages

import (
	"slices"
	"time"
)

// Verdict is what is to be done with a message that has come due. None: it may
// go now.
type Verdict struct {
	// Rule is why it is not to go at all.
	Rule Rule
	// At is before when it is not to go.
	At time.Time
	// Call: the desk's list takes its place.
	Call bool
}

// Recheck asks once more whether a message may go, and when: since it was
// planned the person may have said something, or its hour may have passed while
// the gateway was down.
func Recheck(d Due, now time.Time, p Policy, r Reach) Verdict {
	d.At, d.Rule = now, ""
	ways := r.channels(d, p)
	call := d.Channel == SMS && slices.ContainsFunc(ways, func(w Due) bool { return w.Channel == Call })
	i := slices.IndexFunc(ways, func(w Due) bool { return w.Channel == d.Channel })
	if i < 0 {
		return Verdict{Rule: RuleNoText}
	}
	switch d := ways[i].whenAllowed(p, r); {
	case d.Rule != "":
		return Verdict{Rule: d.Rule, Call: call}
	case !d.At.Equal(now):
		return Verdict{At: d.At}
	}
	return Verdict{}
}

// MayCallAt is from when on the person may be called, now or at their next hours.
func (r Reach) MayCallAt(now time.Time, zone *time.Location) time.Time {
	if len(r.Hours) == 0 {
		return now
	}
	if at, ok := next(now.In(zone), r.Hours); ok {
		return at.In(now.Location())
	}
	return now
}

// Equal says whether two policies plan alike.
func (p Policy) Equal(o Policy) bool {
	quiet := p.Quiet == nil && o.Quiet == nil || p.Quiet != nil && o.Quiet != nil && *p.Quiet == *o.Quiet
	return quiet && p.NeutralSignature == o.NeutralSignature && slices.Equal(longestFirst(p.Leads), longestFirst(o.Leads)) && zoneOf(p) == zoneOf(o)
}

func zoneOf(p Policy) string {
	if p.Location == nil {
		return ""
	}
	return p.Location.String()
}
