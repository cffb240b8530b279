package sms

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The types of a receipt, as %d gives them (user's guide, 1.4, "SMS Delivery
// Reports"; gw/dlr.h). Those that are left out say only how far a message is:
// buffered (4), taken by the centre (8), under way (32).
const (
	dlrDelivered = 1
	dlrFailed    = 2
	dlrRejected  = 16
)

// dlrMask asks for delivered, failed and rejected, and for nothing between.
const dlrMask = "19"

// ReadPush reads what smsbox asks for: the dlr-url that Send hands over with
// each message, and the get-url of the sms-service in deploy/kannel,
//
//	?from=%p&id=%I&time=%T&text=%b
//
// with mo-recode, so that a text is UTF-8 whatever its coding was. Any answer
// but 200 is tried again by smsbox, and the body of an answer to a reply would
// go out as a text message: so it is empty.
func (k *kannel) ReadPush(r PushRequest) (Push, error) {
	if r.Method != http.MethodGet {
		return Push{}, ErrNotAPush
	}
	push := Push{Answer: Answer{Status: http.StatusOK, ContentType: "text/plain; charset=UTF-8"}}
	var ok bool
	switch {
	case r.Query.Has("type") && !r.Query.Has("from"):
		push.Receipts, ok = kannelReceipt(r.Query)
	case r.Query.Has("from") && !r.Query.Has("type"):
		push.Replies, ok = kannelReply(r.Query)
	}
	if !ok {
		return Push{}, ErrNotAPush
	}
	return push, nil
}

func kannelReceipt(q url.Values) ([]Receipt, bool) {
	if !each(q, "id", "type", "time", "reason") || !ownID(q.Get("id")) {
		return nil, false
	}
	kind, err := strconv.Atoi(q.Get("type"))
	if err != nil {
		return nil, false
	}
	receipt := Receipt{ID: q.Get("id"), At: unixSeconds(q.Get("time"))}
	switch kind {
	case dlrDelivered:
		receipt.Delivered = true
	case dlrFailed:
		receipt.Reason = kannelReason(q.Get("reason"), "failed")
	case dlrRejected:
		receipt.Reason = kannelReason(q.Get("reason"), "rejected")
	default:
		return nil, true
	}
	return []Receipt{receipt}, true
}

func kannelReply(q url.Values) ([]Reply, bool) {
	if !each(q, "from", "id", "time", "text") {
		return nil, false
	}
	from, ok := mobile(q.Get("from"))
	if !ok {
		return nil, true // a carrier's advertisement, which nobody need repeat
	}
	text := strings.ToValidUTF8(q.Get("text"), "\uFFFD")
	return []Reply{{ID: gatewayID(q.Get("id")), From: from, Text: text, At: unixSeconds(q.Get("time"))}}, true
}

// each says that every parameter is there, once.
func each(q url.Values, names ...string) bool {
	for _, name := range names {
		if len(q[name]) != 1 {
			return false
		}
	}
	return true
}

// ownID says that an id can be one of ours.
func ownID(id string) bool {
	_, err := strconv.ParseUint(id, 10, 64)
	return err == nil
}

// unixSeconds reads %T; zero where it is none, as with gateways that speak
// sendsms and do not know %T, since a receipt is worth more than its time.
func unixSeconds(text string) time.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return secondsSince1970(seconds)
}

var (
	receiptStat = regexp.MustCompile(`\bstat: *([^ ]+)`)
	receiptErr  = regexp.MustCompile(`\berr: *([^ ]+)`)
	receiptText = regexp.MustCompile(`(?is) text:.*`)
)

// maxStatus is the longest stat or err that is one: a number is longer.
const maxStatus = 10

// kannelReason makes a code of %A. From a phone it is the receipt's text, which
// ends in the beginning of the message itself and of which therefore no more
// than stat and err is read (SMPP 3.4, appendix B):
//
//	id:7 sub:001 dlvrd:000 submit date:… done date:… stat:UNDELIV err:034 text:…
//
// From a centre that refused the message it is NACK/ and the centre's answer,
// NACK/0x0000000b/Invalid Destination Address.
func kannelReason(answer, otherwise string) string {
	if nack, ok := strings.CutPrefix(answer, "NACK/"); ok {
		word, _, _ := strings.Cut(nack, "/")
		return codeOr(word, otherwise)
	}
	fields := receiptText.ReplaceAllString(answer, "")
	stat, err := status(receiptStat, fields), status(receiptErr, fields)
	if stat != "" && err != "" {
		return stat + ":" + err
	}
	return codeOr(stat, otherwise)
}

// status is the code that a field of a receipt has; empty if there is none.
func status(field *regexp.Regexp, fields string) string {
	found := field.FindStringSubmatch(fields)
	if found == nil || len(found[1]) > maxStatus {
		return ""
	}
	return Code(found[1])
}

// codeOr is a vendor's word as a code, or another word where nothing is left of
// it.
func codeOr(word, otherwise string) string {
	if code := Code(word); code != "" {
		return code
	}
	return otherwise
}
