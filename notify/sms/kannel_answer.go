package sms

import (
	"net/http"
	"strconv"
	"strings"
)

// judgeKannel reads an answer: nil if the message was accepted. Kannel documents
// 202 with "0: Accepted for delivery" and "3: Queued for later delivery", 4xx
// for a request or a configuration that can never be delivered, and 503 for
// "Temporal failure, try again later"; its smsbox also answers 202 "Sent." where
// it does not wait for the bearerbox, and some that speak Kannel say it with
// 200. Any other answer may come from something in front of a gateway that took
// the message.
func judgeKannel(a answer) *Error {
	detail, body := "answer "+strconv.Itoa(a.status), string(a.body)
	switch {
	case a.status == http.StatusAccepted:
		return nil // whatever became of the body
	case a.status == http.StatusOK:
		if !a.broken && acceptedByKannel(body) {
			return nil
		}
		return &Error{Class: Uncertain, Detail: detail + " without a word that it was accepted"}
	case a.status >= 300 && a.status < 400:
		return &Error{Class: SetUp, Detail: detail + ", a redirect: check the address"}
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests || a.status == http.StatusRequestTimeout:
		return &Error{Class: RetryLater, Detail: detail + ", try again later"}
	case a.status >= 400 && a.status < 500:
		return refusedByKannel(a.status, detail, body)
	}
	return &Error{Class: Uncertain, Detail: detail}
}

// refusedByKannel reads a 4xx.
func refusedByKannel(status int, detail, body string) *Error {
	switch {
	case status == http.StatusForbidden && strings.HasPrefix(body, "Not routable"):
		return &Error{Class: WrongNumber, Detail: detail + ", no route to this number"}
	case status == http.StatusBadRequest && strings.HasPrefix(body, "Number(s) has/have been denied"):
		return &Error{Class: WrongNumber, Detail: detail + ", the gateway's lists deny this number"}
	case status == http.StatusBadRequest && strings.HasPrefix(body, "Sender missing"):
		return &Error{Class: SetUp, Detail: detail + ", no sender: set default-sender at the gateway"}
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired:
		return &Error{Class: SetUp, Detail: detail + ", not let in: check user, password and allowed addresses"}
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return &Error{Class: SetUp, Detail: detail + ": check the path"}
	}
	return &Error{Class: Content, Detail: detail}
}

func acceptedByKannel(body string) bool {
	for _, word := range []string{"0:", "3:", "Sent."} {
		if strings.HasPrefix(body, word) {
			return true
		}
	}
	return false
}
