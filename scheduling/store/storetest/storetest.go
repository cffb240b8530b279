// Package storetest is the conformance suite of package store: the use cases of
// package scheduling over a real database, with a clock that the tests set. It
// is imported by tests alone.
//
// It promises that whatever engine [Run] is given answers alike in everything
// that the contract says of bookings, holds, moves, codes, log-ins, leave, calendars on
// phones, office files, the messages owed, their receipts, replies, ceilings and texts, how
// people want to be reached, visits, and erasing who asked, that races between
// goroutines pass no limit and book nothing twice, and that after every history
// what is derived (day words, counters, places) equals what is recomputed here
// from the sessions, holds, appointments and leave.
//
// It does not test HTTP, gateways, migrations of old databases or the loss of
// a server, and it measures no speed.
package storetest

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// test is one test of the suite; its function's name is a sentence.
type test func(t tb, b *Bundle)

// groups are the tests by topic, in the order in which they run.
var groups = []struct {
	topic string
	tests []test
}{
	{"booking", bookingTests},
	{"who counts", askerTests},
	{"limits", limitTests},
	{"classes", classTests},
	{"idempotency", idempotencyTests},
	{"holds", holdTests},
	{"what is asked for beside", askingTests},
	{"moving", movingTests},
	{"advancing", advanceTests},
	{"placing", placingTests},
	{"taking back", undoTests},
	{"codes", codeTests},
	{"code words", codeWordTests},
	{"staff", staffTests},
	{"second factors", factorTests},
	{"log-ins", loginTests},
	{"passkeys", passkeyTests},
	{"an office's own log-in service", identityTests},
	{"leave", leaveTests},
	{"calendars on phones", diaryTests},
	{"handing over", handingTests},
	{"courses", seriesTests},
	{"the day at the desk", todayTests},
	{"offering", offeringTests},
	{"calendars elsewhere", outsideTests},
	{"office files", applyTests},
	{"the desk's share, and hours for a time", keptTests},
	{"setting up", settingUpTests},
	{"holidays by year", holidayTests},
	{"a first office", firstOfficeTests},
	{"privacy", privacyTests},
	{"audit", auditTests},
	{"messages", messageTests},
	{"deliveries", deliveryTests},
	{"receipts", receiptTests},
	{"replies", replyTests},
	{"giving back", restoringTests},
	{"the desk's tasks", taskTests},
	{"safe contact", reachTests},
	{"visits", visitTests},
	{"rules of messages", policyTests},
	{"ceilings", ceilingTests},
	{"the switch", switchTests},
	{"texts", textTests},
	{"the ledger", ledgerTests},
	{"beforehand", beforehandTests},
	{"looking back", lookingBackTests},
	{"names", nameTests},
	{"keeping and erasing", keepingTests},
	{"erasing who asked", erasingTests},
	{"erasing and booking", erasingBetweenTests},
	{"keeping messages", keepingMessagesTests},
	{"in between", betweenTests},
	{"races", raceTests},
	{"races of messages", messageRaceTests},
	{"histories", historyTests},
}

// Run runs the suite. open gives each test a database of its own, or one that
// was emptied, as [Open] does.
func Run(t *testing.T, open func(t *testing.T) *Bundle) {
	t.Helper()
	for _, g := range groups {
		t.Run(g.topic, func(t *testing.T) {
			for _, f := range g.tests {
				t.Run(sentence(f), func(t *testing.T) {
					b := open(t)
					f(t, b)
					if !t.Failed() {
						b.consistent(t)
					}
				})
			}
		})
	}
}

// sentence is a test's name: its function's, beginning with a capital letter.
func sentence(f test) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	name = name[strings.LastIndex(name, ".")+1:]
	return strings.ToUpper(name[:1]) + name[1:]
}

// background is the context of every call; none is ever cancelled.
var background = context.Background()
