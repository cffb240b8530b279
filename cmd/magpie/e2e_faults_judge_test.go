package main_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// heldMessages are those that were claimed just after a replica or the database
// had been killed, or while a replica stood still: what a replica that is gone
// had in hand, and perhaps what others had.
type heldMessages struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (h *heldMessages) add(ids map[string]int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids == nil {
		h.ids = make(map[string]bool)
	}
	for id := range ids {
		h.ids[id] = true
	}
}

// noteInHand adds what is claimed now.
func (r *faultRun) noteInHand() error {
	ids, err := r.db.counted("SELECT id, 1 FROM messages WHERE status = 'claimed'")
	r.inHand.add(ids)
	return err
}

func (r *faultRun) mustNoteInHand(t *testing.T) {
	t.Helper()
	if err := r.noteInHand(); err != nil {
		t.Fatal(err)
	}
}

// senderLost is what the ledger says of a message in whose sending a replica
// was lost.
const senderLost = "the sender was lost"

// noAnswer is what it says of one whose answer came too late to be read, as it
// does for a replica that stands still after it has asked.
const noAnswer = "no answer in time"

// judge holds the ledger against what the gateway really took.
func (r *faultRun) judge(t *testing.T) {
	t.Helper()
	calls := make(map[string][]e2etest.Call)
	for _, c := range r.Gateway.Calls() {
		calls[c.ID] = append(calls[c.ID], c)
	}
	r.claimedAt = r.db.counts(t, "SELECT id, lease_until - 15 FROM messages WHERE status = 'unknown'")
	cancelled, cases := r.cancelled(), make(map[string]int)
	var unknown []string
	missing := r.references()
	for _, line := range r.desk.Ledger(t, "") {
		c := calls[line.ID]
		delete(calls, line.ID)
		for _, wrong := range r.faultsOf(line, c, cancelled[line.Reference]) {
			t.Errorf("%s %s, %s %q: %s; %s; receipts taken: %v", line.Kind, line.ID, line.Status, line.Detail, wrong, told(c), r.Gateway.Reported(line.ID))
		}
		if line.Status == "unknown" {
			unknown = append(unknown, line.ID)
		}
		if line.Kind == "reminder" {
			delete(missing, line.Reference)
		}
		cases[line.Kind+" "+caseOf(line, c)]++
	}
	if len(missing) > 0 {
		t.Errorf("%d reminders are not in the ledger", len(missing))
	}
	for id := range calls {
		t.Errorf("the gateway was handed message %q, which is not in the ledger", id)
	}
	r.listed(t, unknown)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Logf("%6d %s", cases[name], name)
	}
}

// references are those of all appointments.
func (r *faultRun) references() map[string]bool {
	out := make(map[string]bool)
	for _, f := range r.faults {
		for _, one := range f.reminders {
			out[one.reference] = true
		}
	}
	return out
}

// cancelled are the reminders of appointments that were cancelled, by reference.
func (r *faultRun) cancelled() map[string]*reminder {
	out := make(map[string]*reminder)
	for _, f := range r.faults {
		for _, one := range f.reminders {
			if !one.cancelled.IsZero() {
				out[one.reference] = one
			}
		}
	}
	return out
}

// listed expects the list of what is unknown to be exactly these.
func (r *faultRun) listed(t *testing.T, want []string) {
	t.Helper()
	var got []string
	for _, line := range r.desk.Ledger(t, "&status=unknown") {
		got = append(got, line.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d messages are listed as unknown, should be %d", len(got), len(want))
	}
}

// faultsOf says what is wrong with one message.
func (r *faultRun) faultsOf(line e2etest.Entry, calls []e2etest.Call, cancelled *reminder) []string {
	var out []string
	wrong := func(is bool, format string, arguments ...any) {
		if is {
			out = append(out, fmt.Sprintf(format, arguments...))
		}
	}
	times, reports := 0, r.Gateway.Reported(line.ID)
	for i, c := range calls {
		if c.Taken {
			times++
		}
		wrong(i < len(calls)-1 && (c.Mode.Doubtful() || c.Taken), "it was handed over again although the gateway may have had it")
		if cancelled != nil && line.Kind == "reminder" {
			wrong(c.Real.After(cancelled.cancelled), "it was handed over %v after the cancellation was answered", c.Real.Sub(cancelled.cancelled))
		}
	}
	wrong(times > 1, "it was taken %d times", times)
	switch line.Status {
	case "handed_over":
		wrong(times == 0, "it is lost: the gateway never took it")
		wrong(len(reports) == 0 && leftOpen(calls), "it is doubtful, and not unknown")
	case "unknown":
		wrong(len(reports) > 0, "its receipt came, and it is still unknown")
		wrong(!r.doubtful(line, calls), "it is unknown, and nothing about it was doubtful")
	case "suppressed":
		wrong(cancelled == nil || line.Kind != "reminder" || times > 0, "it is held back by %s", line.Rule)
	default:
		wrong(true, "it is %s", line.Status)
	}
	wrong(!receiptFits(line.Receipt, reports), "its receipt is %q", line.Receipt)
	return out
}

// taken says that the gateway has the message.
func taken(calls []e2etest.Call) bool {
	return slices.ContainsFunc(calls, func(c e2etest.Call) bool { return c.Taken })
}

// leftOpen says that the last call left open what became of the message.
func leftOpen(calls []e2etest.Call) bool {
	return len(calls) > 0 && calls[len(calls)-1].Mode.Doubtful()
}

// doubtful says whether nobody can know what became of a message: the gateway
// did not say, or a replica was killed or stood still while it was in hand, or
// the database was killed then, or the gateway crashed with it unread.
func (r *faultRun) doubtful(line e2etest.Entry, calls []e2etest.Call) bool {
	switch {
	case leftOpen(calls):
		return true
	case line.Detail == senderLost, strings.Contains(line.Detail, noAnswer):
		return r.inHand.ids[line.ID]
	}
	return !taken(calls) && r.unread(line)
}

// unread says that the gateway crashed on a message that it had not read: one
// that was claimed so that its call may have begun by then.
func (r *faultRun) unread(line e2etest.Entry) bool {
	claimed := time.Unix(int64(r.claimedAt[line.ID]), 0)
	return strings.Contains(line.Detail, "the connection ended without an answer") && slices.ContainsFunc(r.outages, func(o outage) bool {
		return claimed.After(o.from.Add(-4*time.Second)) && claimed.Before(o.to)
	})
}

// receiptFits says whether a receipt is one of those that were reported, if any
// were.
func receiptFits(receipt string, reports []e2etest.ReceiptType) bool {
	if len(reports) == 0 {
		return receipt == ""
	}
	return receipt == "delivered" && slices.Contains(reports, e2etest.Delivered) ||
		receipt == "failed" && slices.Contains(reports, e2etest.Undelivered)
}

// caseOf names what became of a message, for the log.
func caseOf(line e2etest.Entry, calls []e2etest.Call) string {
	open, what := leftOpen(calls), ""
	switch {
	case line.Status == "unknown" && !open && taken(calls):
		what = ": its replica was lost after the answer"
	case line.Status == "unknown" && !open && line.Detail == senderLost:
		what = ": its replica was lost before the call"
	case line.Status == "unknown" && !open:
		what = ": the gateway crashed before it read the call"
	case line.Status == "unknown" && taken(calls):
		what = ": taken, and no receipt tells"
	case line.Status == "unknown":
		what = ": not taken"
	case line.Status == "handed_over" && open:
		what = ": a receipt settled the doubt"
	case line.Status == "handed_over" && line.Detail != "":
		what = ": a receipt told what a lost replica could not"
	case line.Status == "handed_over" && len(calls) > 1:
		what = " at a later try"
	}
	return line.Status + what
}

// told are calls in short.
func told(calls []e2etest.Call) string {
	modes := [...]string{"accepted", "refused", "throttled", "failed", "hung", "dropped"}
	out := []string{fmt.Sprintf("%d calls", len(calls))}
	for _, c := range calls {
		out = append(out, fmt.Sprintf("%s by %s, %s, taken %t", clock(c.Real), c.From, modes[c.Mode], c.Taken))
	}
	return strings.Join(out, "; ")
}
