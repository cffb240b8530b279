package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// webhookTolerance is how far the other side's clock may be off: what is older
// is somebody's recording.
const webhookTolerance = 5 * time.Minute

// signWebhook sets the three headers of Standard Webhooks.
func signWebhook(h http.Header, secret []byte, id string, at time.Time, body []byte) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", timestamp)
	h.Set("Webhook-Signature", "v1,"+webhookSignature(secret, id, timestamp, body))
}

func webhookSignature(secret []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signed says that a call bears our secret and was made now. While a secret is
// changed a sender may sign with both: one that is right is enough.
func (w *webhook) signed(r PushRequest) bool {
	id, timestamp := r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || err != nil || w.now().Sub(time.Unix(seconds, 0)).Abs() > webhookTolerance {
		return false
	}
	want := []byte("v1," + webhookSignature(w.secret, id, timestamp, r.Body))
	for _, given := range strings.Fields(r.Header.Get("Webhook-Signature")) {
		if hmac.Equal([]byte(given), want) {
			return true
		}
	}
	return false
}

// ReadPush reads message.receipt and message.reply, see deploy/webhook.md.
func (w *webhook) ReadPush(r PushRequest) (Push, error) {
	if r.Method != http.MethodPost || !w.signed(r) {
		return Push{}, ErrNotAPush
	}
	var call struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(r.Body, &call) != nil {
		return Push{}, ErrNotAPush
	}
	push := Push{Answer: Answer{Status: http.StatusOK, ContentType: "application/json", Body: `{"ok":true}`}}
	var ok bool
	switch data := (PushRequest{Method: r.Method, Body: call.Data}); call.Type {
	case "message.receipt":
		push.Receipts, ok = webhookReceipts(data)
	case "message.reply":
		push.Replies, ok = webhookReplies(data)
	}
	if !ok {
		return Push{}, ErrNotAPush
	}
	return push, nil
}

func webhookReceipts(data PushRequest) ([]Receipt, bool) {
	items, ok := pushed[struct {
		ID        word      `json:"id"`
		Delivered *bool     `json:"delivered"`
		Reason    string    `json:"reason"`
		At        time.Time `json:"at"`
	}](data)
	if !ok {
		return nil, false
	}
	out := make([]Receipt, 0, len(items))
	for _, item := range items {
		if !ownID(string(item.ID)) || item.Delivered == nil {
			return nil, false
		}
		receipt := Receipt{ID: string(item.ID), Delivered: *item.Delivered, At: secondsSince1970(item.At.Unix())}
		if !receipt.Delivered {
			receipt.Reason = codeOr(item.Reason, "failed")
		}
		out = append(out, receipt)
	}
	return out, true
}

func webhookReplies(data PushRequest) ([]Reply, bool) {
	items, ok := pushed[struct {
		ID   word      `json:"id"`
		From string    `json:"from"`
		Text *string   `json:"text"`
		At   time.Time `json:"at"`
	}](data)
	if !ok {
		return nil, false
	}
	out := make([]Reply, 0, len(items))
	for _, item := range items {
		if item.From == "" || item.Text == nil {
			return nil, false
		}
		from, ok := mobile(item.From)
		if !ok {
			continue // no person's phone sent it
		}
		out = append(out, Reply{ID: gatewayID(string(item.ID)), From: from, Text: *item.Text, At: secondsSince1970(item.At.Unix())})
	}
	return out, true
}
