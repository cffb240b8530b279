package sms

import "time"

// Class says what became of a message that was not accepted.
type Class int

// The classes there are. All but Uncertain promise that the gateway has not
// taken the message.
const (
	// Uncertain: the gateway may have taken it; trying again may send it twice.
	Uncertain Class = iota
	// RetryLater: it may be tried again.
	RetryLater
	// WrongNumber: this number cannot be reached, now or later.
	WrongNumber
	// SetUp: what a human has set up here or there is wrong: an account, a
	// signature, a template, an address.
	SetUp
	// NoMoney: the account or its quota is used up.
	NoMoney
	// Content: the gateway refuses this text.
	Content

	classes = iota
)

// Classes lists every class.
func Classes() []Class {
	out := make([]Class, classes)
	for i := range out {
		out[i] = Class(i)
	}
	return out
}

// String gives the class's name in logs, metrics and the ledger.
func (c Class) String() string {
	switch c {
	case RetryLater:
		return "retry_later"
	case WrongNumber:
		return "wrong_number"
	case SetUp:
		return "set_up"
	case NoMoney:
		return "no_money"
	case Content:
		return "content"
	}
	return "uncertain"
}

// Error is why a message was not accepted. Detail is made of fixed phrases, an
// HTTP status, a vendor's code or an address of the gateway: never a number, a
// text or a password. It wraps nothing, for what the HTTP client returns holds
// the whole request.
type Error struct {
	Class  Class
	Detail string
	// Wait is how long the gateway will not take a message to this number, with
	// RetryLater; zero: it is the gateway as a whole that is in trouble.
	Wait time.Duration
}

func (e *Error) Error() string { return "sms gateway: " + e.Class.String() + ": " + e.Detail }

// Trouble says that the gateway as a whole, and not this one message, is what
// failed, so that another gateway may do better.
func (e *Error) Trouble() bool {
	switch e.Class {
	case RetryLater:
		return e.Wait == 0
	case SetUp, NoMoney, Uncertain:
		return true
	}
	return false
}
