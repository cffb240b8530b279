package notify

import (
	"fmt"
	"time"

	"magpie/notify/sms"
)

const (
	// troublesToLeave is after how many troubles in a row a gateway is left for
	// another.
	troublesToLeave = 3
	// firstRest and lastRest are how long a gateway that is in trouble is left
	// alone before one message tries it again; the rest doubles each time, and
	// goes on doubling where the gateway was well for less than lastRest.
	firstRest = 5 * time.Second
	lastRest  = 5 * time.Minute

	// receiptsToJudge is the least number of receipts that say something; a
	// gateway is bad when half of them, or more, tell of a failure.
	receiptsToJudge = 20

	// lackShown is how long it is told that a text without approval was met.
	lackShown = time.Hour
)

// Receipts counts a gateway's receipts of some time.
type Receipts struct{ Delivered, Failed int }

// bad says whether so many fail that another gateway is worth a try.
func (r Receipts) bad() bool {
	return r.Delivered+r.Failed >= receiptsToJudge && r.Failed >= r.Delivered
}

// standing is how willingly a gateway is asked.
type standing int

const (
	// fit: it is well, or its rest is over and nobody tries it yet.
	fit standing = iota
	// behind: its receipts are bad.
	behind
	// resting: it takes no messages, and says so. It is asked after the others:
	// that costs a call, and no message.
	resting
	// avoided: it rests, and a message that it is given may be taken without a
	// word. None but the probe is.
	avoided
)

// gatewayState is how one gateway fares. The zero value is well.
type gatewayState struct {
	troubles int           // in a row
	doubtful bool          // after one of them nobody knows whether the message went
	left     time.Time     // when the rest began
	rest     time.Duration // the last one taken
	back     time.Time     // when the last trouble ended
	probing  bool          // one message is trying it
	good     int64         // the latest call, by its number, that went well
	badly    bool          // its receipts are bad
	lacked   time.Time     // when it last had no approval for a text
	why      *sms.Error    // the last trouble
}

func (s *gatewayState) troubled() bool { return s.troubles >= troublesToLeave }

func (s *gatewayState) wentWell(number int64, now time.Time) {
	if s.troubled() {
		s.back = now
	}
	s.troubles, s.doubtful, s.why = 0, false, nil
	s.good = max(s.good, number)
}

// wentWrong counts a trouble. The rest begins with the one that makes the row
// full and again with each probe in vain, but not with the calls that were under
// way then: thirty-two messages that meet a dead gateway at once are one trouble.
func (s *gatewayState) wentWrong(err *sms.Error, probe bool, now time.Time) {
	s.troubles++
	s.doubtful = s.doubtful || err.Class == sms.Uncertain
	s.why = err
	first := s.troubles == troublesToLeave
	if first && now.Sub(s.back) > lastRest {
		s.rest = 0
	}
	if first || probe {
		s.rest = min(max(2*s.rest, firstRest), lastRest)
		s.left = now
	}
}

// complaint says in one line what is wrong; empty: nothing.
func (s *gatewayState) complaint(now time.Time) string {
	switch {
	case s.why != nil && (s.why.Class == sms.SetUp || s.why.Class == sms.NoMoney):
		return fmt.Sprintf("somebody must act: %s: %s", s.why.Class, s.why.Detail)
	case s.troubled():
		return fmt.Sprintf("%d calls in a row went wrong", s.troubles)
	case !s.lacked.IsZero() && now.Sub(s.lacked) < lackShown:
		return fmt.Sprintf("somebody must act: %s: %s", sms.SetUp, noApproval)
	case s.badly:
		return "too many of its receipts are failures"
	}
	return ""
}
