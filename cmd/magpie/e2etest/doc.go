// Package e2etest drives the real program from outside, as an operator, a
// phone and a browser would: it builds magpie, runs its commands and servers as
// processes on SQLite or MariaDB, plays the text message gateway, or a vendor's
// as its documents have it, keeps a real mail server, sets the clock, and asks
// over HTTP.
//
// It promises that a process which it started does not outlive the test
// binary, however that ends; that every answer is held against the OpenAPI
// document, and an answer that is 500 fails the test unless the test broke
// something on purpose; that every server ends in an orderly way, with status
// 0, if the test did not kill it; and that no log of a [Site] holds a name, a
// number, a note, a password, a code or a token that the test has used.
//
// It knows nothing of the program's inside: no test that uses it may look
// further than the contract does, the database's content aside.
package e2etest

import "os"

// Amounts say how much of everything the tests use. They are few, so that all
// end-to-end tests take minutes; MAGPIE_TEST_SOAK, set to anything, makes them
// many.
type Amounts struct {
	Rounds    int // of a race
	Kills     int // of a server under load
	Clients   int // that load a server which is killed
	Reminders int // that fall due in one minute
	Faulted   int // reminders that meet a hundred faults
}

// Scale answers how much the run shall use.
func Scale() Amounts {
	if os.Getenv("MAGPIE_TEST_SOAK") != "" {
		return Amounts{Rounds: 40, Kills: 40, Clients: 16, Reminders: 5000, Faulted: 10_000}
	}
	return Amounts{Rounds: 2, Kills: 5, Clients: 8, Reminders: 1000, Faulted: 1000}
}
