package account

import (
	"slices"
	"time"
)

// Limit allows Max events within any stretch of time as long as Per (rolling,
// not by the calendar's hour or day). Max is at least 1.
type Limit struct {
	Max int
	Per time.Duration
}

// The limits on codes by text (contract, "Tries").
var (
	// CodesPerNumber limits the codes sent to one number, silently: one a minute,
	// five an hour, ten a day. They are the strictest of the domestic providers'
	// (domain.md, 5.1), so that ours are reached first.
	CodesPerNumber = []Limit{{1, time.Minute}, {5, time.Hour}, {10, 24 * time.Hour}}

	// CodesPerAddress limits the codes asked for by one address (an IPv6 /64);
	// past it the answer is rate_limited.
	CodesPerAddress = Limit{20, time.Hour}

	// WrongCodesPerNumber limits the wrong codes given for one number over all of
	// its codes; past it a right code is refused as a wrong one. A guess then has
	// ten chances in a million a day.
	WrongCodesPerNumber = Limit{10, 24 * time.Hour}
)

// Lives and tries of what proves a citizen or a member of staff.
const (
	// CodeDigits is the length of a code.
	CodeDigits = 6
	// CodeTries is how often one code may be tried.
	CodeTries = 5
	// CodeLife is how long a code holds.
	CodeLife = 5 * time.Minute
	// CodeResend is when, after a code was asked for, another may be.
	CodeResend = time.Minute
	// CitizenTokenLife is how long a citizen's token holds.
	CitizenTokenLife = 2 * time.Hour
	// StaffTokenLife is how long a log-in of staff holds.
	StaffTokenLife = 12 * time.Hour
)

// WrongReferencesPerAddress limits the references that were wrong or another's,
// which answer alike. There are 10^8 references and no more than one in a
// hundred is used (then they get ten digits), so thirty an hour hit at most
// seven of somebody's a day, and the answer does not tell that they were hit:
// the limit is there should a difference in timing ever tell. Nobody who reads
// a number from a slip is wrong that often, not even several behind one
// carrier's address.
var WrongReferencesPerAddress = Limit{30, time.Hour}

// Tally is when something that is counted happened: Unix seconds, ascending. Its
// methods give new tallies and leave the old ones as they were.
type Tally []int64

// Prune drops what is as old as the longest limit or older, so that a tally does
// not grow for ever.
func (t Tally) Prune(now time.Time, longest time.Duration) Tally {
	from := now.Add(-longest).Unix()
	i, _ := slices.BinarySearch(t, from+1)
	return slices.Clone(t[i:])
}

// Next says when the next event is allowed under all the limits; the zero time
// means now. An event leaves a limit exactly Per after it happened. Events that
// lie ahead, since a clock was set back, count.
func (t Tally) Next(now time.Time, limits ...Limit) time.Time {
	var next time.Time
	for _, l := range limits {
		if len(t) < l.Max {
			continue
		}
		free := time.Unix(t[len(t)-l.Max], 0).Add(l.Per)
		if free.Unix() > now.Unix() && free.After(next) {
			next = free
		}
	}
	return next
}

// Add counts an event at now.
func (t Tally) Add(now time.Time) Tally {
	s := now.Unix()
	i, _ := slices.BinarySearch(t, s)
	return slices.Insert(slices.Clone(t), i, s)
}

// Longest gives the longest stretch of the limits, for Prune.
func Longest(limits ...Limit) time.Duration {
	var longest time.Duration
	for _, l := range limits {
		longest = max(longest, l.Per)
	}
	return longest
}
