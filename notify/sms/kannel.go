package sms

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"magpie/scheduling/messages"
)

// kannel speaks the sendsms interface of Kannel (user's guide, 1.4, "Using the
// HTTP interface to send SMS messages"). The sender's number and the SMSC are
// set up there, by default-sender and default-smsc of the sendsms-user.
type kannel struct {
	endpoint       url.URL
	user, password string
	hook           string // empty: no receipts
	line           *line
}

func openKannel(o Options) (*kannel, error) {
	u, err := address(o.Setting)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("kannel+ is followed by http:// or https://")
	}
	password, hasPassword := u.User.Password()
	if u.User.Username() == "" || !hasPassword {
		return nil, errors.New("user:password@ is missing")
	}
	user := u.User.Username()
	u.User = nil
	return &kannel{endpoint: *u, user: user, password: password, hook: o.HookURL, line: newLine()}, nil
}

// Send makes one request and reads its answer.
func (k *kannel) Send(ctx context.Context, m Message) (string, error) {
	u := k.endpoint
	u.RawQuery = k.query(m).Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", &Error{Class: SetUp, Detail: "the request cannot be written"}
	}
	answer, failed := k.line.do(ctx, req)
	if failed != nil {
		return "", failed
	}
	if failed := judgeKannel(answer); failed != nil {
		return "", failed
	}
	return "", nil
}

func (k *kannel) query(m Message) url.Values {
	text, coding := m.Text(), "2"
	if messages.GSM7(text) {
		coding = "0"
	}
	minutes := max(1, (m.ValidFor+time.Minute-1)/time.Minute)
	q := url.Values{
		"username": {k.user},
		"password": {k.password},
		"to":       {m.To},
		"text":     {text},
		"coding":   {coding},
		"charset":  {"UTF-8"},
		"validity": {strconv.FormatInt(int64(minutes), 10)},
	}
	if k.hook != "" {
		q.Set("dlr-mask", dlrMask)
		q.Set("dlr-url", k.hook+"?id="+m.ID+"&type=%d&time=%T&reason=%A")
	}
	return q
}
