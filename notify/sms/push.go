package sms

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// Pusher is a gateway that calls us with receipts and replies.
type Pusher interface {
	// ReadPush reads one call, whole or not at all. An error says that it is
	// none of the vendor's; it never holds what was sent.
	ReadPush(r PushRequest) (Push, error)
}

// PushRequest is one call at /hooks/{gateway}/{secret}.
type PushRequest struct {
	Method string
	Query  url.Values
	Header http.Header
	Body   []byte
}

// Push is what a gateway told, and what it wants to hear once that is written.
type Push struct {
	Receipts []Receipt
	Replies  []Reply
	Answer   Answer
}

// Answer is an answer as the vendor's document has it.
type Answer struct {
	Status            int
	ContentType, Body string
}

// Receipt says what became of one message on its way to the phone. What is
// neither the one nor the other, such as "accepted by the centre", is no
// receipt.
type Receipt struct {
	// ID is our own number of the message, where the gateway gives it back.
	ID string
	// GatewayID is the gateway's, where it gave one; several messages may share
	// it, and To tells them apart.
	GatewayID string
	To        string // eleven digits, or empty
	Delivered bool
	// Reason is the carrier's or vendor's code of a failure, see Code.
	Reason string
	// At is when it happened; zero: the gateway did not say.
	At time.Time
}

// Reply is a text message that somebody sent back.
type Reply struct {
	// ID names the reply, so that a push that comes twice counts once; empty
	// where the vendor gives none.
	ID   string
	From string // eleven digits
	Text string
	At   time.Time // zero: the gateway did not say
}

// ErrNotAPush says that a call is not what this gateway's vendor documents.
var ErrNotAPush = errors.New("not a push of this gateway")

var notOfACode = regexp.MustCompile(`[^A-Za-z0-9_.:-]+`)

// maxCode is the longest code that is kept.
const maxCode = 64

// Code keeps of a vendor's word what codes are made of, so that no number and
// no text can come into the ledger by that door: a run of eleven digits or more
// is none.
func Code(word string) string {
	word = notOfACode.ReplaceAllString(word, "")
	if longDigits.MatchString(word) {
		return "unreadable"
	}
	if len(word) > maxCode {
		return word[:maxCode]
	}
	return word
}

var longDigits = regexp.MustCompile(`[0-9]{11}`)
