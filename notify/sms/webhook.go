package sms

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// WebhookOptions are what a county's own gateway shares with us.
type WebhookOptions struct {
	// Secret signs both ways, as Standard Webhooks has it.
	Secret []byte
}

// webhook hands messages to whatever a county has, by a small protocol of our
// own, deploy/webhook.md, signed as Standard Webhooks
// (github.com/standard-webhooks) has it.
type webhook struct {
	endpoint url.URL
	secret   []byte
	line     *line
	// now is the machine's clock, which either side holds the other's against.
	now func() time.Time
}

func openWebhook(o Options) (*webhook, error) {
	u, err := address(o.Setting)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("webhook+ is followed by https://")
	case u.User != nil:
		return nil, errors.New("webhook+ takes no user and no password: the secret signs")
	case len(o.Webhook.Secret) == 0:
		return nil, errors.New("webhook+ needs a secret")
	}
	return &webhook{endpoint: *u, secret: o.Webhook.Secret, line: newLine(), now: monotonic}, nil
}

// webhookMessage is the data of message.send.
type webhookMessage struct {
	ID         string         `json:"id"`
	To         string         `json:"to"`
	Signature  string         `json:"signature"`
	Body       string         `json:"body"`
	Text       string         `json:"text"`
	Params     []webhookParam `json:"params"`
	ValidUntil time.Time      `json:"valid_until"`
}

type webhookParam struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Send makes one request and reads its answer.
func (w *webhook) Send(ctx context.Context, m Message) (string, error) {
	now := w.now().UTC().Truncate(time.Second)
	body, failed := written(map[string]any{"type": "message.send", "timestamp": now, "data": webhookData(m, now)})
	if failed != nil {
		return "", failed
	}
	req, failed := post(ctx, w.endpoint, body)
	if failed != nil {
		return "", failed
	}
	req.Header.Set("Content-Type", "application/json")
	signWebhook(req.Header, w.secret, m.ID, now, body)
	got, failed := w.line.do(ctx, req)
	if failed != nil {
		return "", failed
	}
	id, failed := judgeWebhook(got)
	if failed != nil {
		return "", failed
	}
	return id, nil
}

func webhookData(m Message, now time.Time) webhookMessage {
	params := make([]webhookParam, 0, len(m.Params))
	for _, p := range m.Params {
		params = append(params, webhookParam(p))
	}
	return webhookMessage{
		ID: m.ID, To: m.Number(), Signature: m.Signature, Body: m.Body, Text: m.Text(), Params: params,
		ValidUntil: now.Add(m.ValidFor).Truncate(time.Second),
	}
}

// webhookErrors are the words with which a gateway may say more than a status.
var webhookErrors = map[string]Class{
	"wrong_number": WrongNumber,
	"content":      Content,
	"set_up":       SetUp,
	"no_money":     NoMoney,
	"retry_later":  RetryLater,
}

// judgeWebhook reads an answer: the gateway's id of a message that was taken,
// where it gives one.
func judgeWebhook(got answer) (id string, failed *Error) {
	var said struct {
		ID    word   `json:"id"`
		Error string `json:"error"`
	}
	readable := !got.broken && json.Unmarshal(got.body, &said) == nil
	detail := "answer " + strconv.Itoa(got.status)
	switch class, known := webhookErrors[said.Error]; {
	case got.status >= 200 && got.status < 300 && readable:
		return gatewayID(string(said.ID)), nil
	case got.status >= 200 && got.status < 300:
		return "", nil
	case got.status >= 300 && got.status < 400:
		return "", &Error{Class: SetUp, Detail: detail + ", a redirect: check the address"}
	case got.status >= 400 && got.status < 500 && readable && known:
		return "", &Error{Class: class, Detail: detail + ", " + said.Error}
	}
	return "", &Error{Class: webhookStatus(got.status), Detail: detail}
}

// webhookStatus is what a status says by itself. 409 says that the id is known,
// so that the message may have been taken before.
func webhookStatus(status int) Class {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return RetryLater
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return Content
	case http.StatusPaymentRequired:
		return NoMoney
	case http.StatusConflict:
		return Uncertain
	}
	if status >= 400 && status < 500 {
		return SetUp
	}
	return Uncertain
}
