package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What the two clouds, Alibaba's and Tencent's, have in common: approved
// templates with variables, an answer that names a code, and pushes in JSON.

// verdict is what a vendor's code says became of a message that was not
// accepted; wait is as in Error.
type verdict struct {
	class Class
	wait  time.Duration
}

// How long one number is left alone after the vendor's flow control stopped a
// message to it. The vendors count in a window that slides, so that the limit of
// an hour or a day may be over long before the hour or the day is.
const (
	afterHalfMinute = 30 * time.Second
	afterMinute     = time.Minute
	afterHour       = 10 * time.Minute
	afterDay        = time.Hour
)

// cloudEndpoint is where a cloud's one action is called.
func cloudEndpoint(given *url.URL, host string) (url.URL, error) {
	if given == nil {
		given = &url.URL{Scheme: "https", Host: host}
	}
	u := url.URL{Scheme: given.Scheme, Host: given.Host, Path: given.Path}
	if u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return url.URL{}, errors.New("the endpoint is no http or https address")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// template gives the approval code of a message's text at one cloud. It refuses
// what the cloud would refuse whatever it is asked: a text without an approved
// template, and a link in a variable (Alibaba Cloud, document 463270; Tencent
// Cloud, document 382/39023).
func (m Message) template(kind string) (string, *Error) {
	code := m.Codes[kind]
	if code == "" {
		return "", &Error{Class: SetUp, Detail: "no approved template code of this text for " + kind}
	}
	for _, p := range m.Params {
		value := strings.ToLower(p.Value)
		if strings.Contains(value, "://") || strings.Contains(value, "www.") {
			return "", &Error{Class: Content, Detail: "a link in a variable"}
		}
	}
	return code, nil
}

// written is a part of a request as JSON.
func written(part any) ([]byte, *Error) {
	text, err := json.Marshal(part)
	if err != nil {
		return nil, unwritable()
	}
	return text, nil
}

func unwritable() *Error { return &Error{Class: SetUp, Detail: "the request cannot be written"} }

// post makes a POST to a cloud, not yet signed.
func post(ctx context.Context, u url.URL, body []byte) (*http.Request, *Error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, unwritable()
	}
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// judgeCloud says what became of a message from the code in a cloud's answer;
// nil: it was taken. The code is empty where the answer is not in the vendor's
// form, or did not come whole. One that the table does not know still stands in
// an answer of the vendor that says no, so that the message was not taken; but
// not with a 5xx, which breaks off in the middle of anything.
func judgeCloud(status int, code, taken string, table map[string]verdict) *Error {
	switch {
	case status >= 300 && status < 400:
		return &Error{Class: SetUp, Detail: "answer " + strconv.Itoa(status) + ", a redirect: check the endpoint"}
	case code == "":
		return judgeStranger(status)
	}
	detail := "answer " + strconv.Itoa(status) + ", " + codeOr(code, "a code that cannot be read")
	switch v, known := table[code]; {
	case status == http.StatusOK && code == taken:
		return nil
	case status >= 500 || code == taken:
		return &Error{Class: Uncertain, Detail: detail}
	case known:
		return &Error{Class: v.class, Detail: detail, Wait: v.wait}
	}
	return &Error{Class: RetryLater, Detail: detail}
}

// judgeStranger reads an answer that is not in the vendor's form. A 4xx that
// turns the caller away comes from something in front of the vendor that did
// not let the request in; all else may come from behind it.
func judgeStranger(status int) *Error {
	detail := "answer " + strconv.Itoa(status) + " that cannot be read"
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusProxyAuthRequired:
		return &Error{Class: SetUp, Detail: detail + ": check the endpoint and the way to it"}
	case http.StatusTooManyRequests:
		return &Error{Class: RetryLater, Detail: detail + ", try again later"}
	}
	return &Error{Class: Uncertain, Detail: detail}
}

// beijing is the zone of the times that both clouds write without one.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// beijingTime reads such a time; zero where it is written otherwise, since a
// receipt is worth more than its time.
func beijingTime(written string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, written, beijing)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// word is an id that a vendor's document shows once as a string and once as a
// number.
type word string

// UnmarshalJSON takes either.
func (w *word) UnmarshalJSON(raw []byte) error {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err == nil {
		*w = word(number)
		return nil
	}
	return json.Unmarshal(raw, (*string)(w))
}

// pushed reads the body of a POST that is one JSON object or an array of them;
// false if it is anything else.
func pushed[item any](r PushRequest) ([]item, bool) {
	body := bytes.TrimSpace(r.Body)
	if r.Method != http.MethodPost || len(body) == 0 {
		return nil, false
	}
	var items []item
	switch body[0] {
	case '[':
		return items, json.Unmarshal(body, &items) == nil
	case '{':
		items = make([]item, 1)
		return items, json.Unmarshal(body, &items[0]) == nil
	}
	return nil, false
}

// maxID is the longest id of a gateway's that is kept.
const maxID = 64

// gatewayID is a gateway's id as it is kept, the same where the gateway answers
// and where it pushes: one that is too long is none.
func gatewayID(id string) string {
	if len(id) > maxID {
		return ""
	}
	return id
}
