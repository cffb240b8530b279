package e2etest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// webhookSecret is the key of Standard Webhooks, as it is set on both sides.
const webhookSecret = "whsec_V2VpZGVua29yYi1TY2hsdWVzc2VsLTAwMDItMzFjN2Y="

// webhookManner is a county's own gateway: signed as Standard Webhooks has it,
// in the form of deploy/webhook.md.
type webhookManner struct{}

func (webhookManner) settings(address string) map[string]string {
	return map[string]string{"MAGPIE_SMS": "webhook+" + address + "/magpie", "MAGPIE_WEBHOOK_SECRET": webhookSecret}
}

// webhookSignature is base64 of the HMAC over id, time and body.
func webhookSignature(id, stamp string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(webhookSecret[len("whsec_"):])
	if err != nil {
		panic("e2etest: the webhook's secret: " + err.Error())
	}
	return "v1," + base64.StdEncoding.EncodeToString(rawHMAC(key, id+"."+stamp+"."+string(body)))
}

func (webhookManner) read(r *http.Request, body []byte) (Sent, error) {
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	switch {
	case err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute:
		return Sent{}, fmt.Errorf("webhook-timestamp is %q", stamp)
	case r.Header.Get("webhook-signature") != webhookSignature(id, stamp, body):
		return Sent{}, errors.New("the signature is another")
	}
	var asked struct {
		Type string
		Data struct {
			ID, To, Signature, Body, Text string
			Params                        []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return Sent{}, err
	}
	d := asked.Data
	if asked.Type != "message.send" || d.ID != id || d.Text != "【"+d.Signature+"】"+d.Body {
		return Sent{}, fmt.Errorf("a call %s of the message %s as %s", asked.Type, d.ID, id)
	}
	s := Sent{To: d.To, Signature: d.Signature, Text: d.Body, ID: d.ID, Params: make(map[string]string)}
	for _, p := range d.Params {
		s.Params[p.Name] = p.Value
	}
	return s, nil
}

func (webhookManner) answer(s Sent) (int, any) {
	switch {
	case s.Taken():
		return http.StatusAccepted, map[string]string{"id": s.GatewayID}
	case s.Said == "retry_later":
		return http.StatusTooManyRequests, map[string]string{"error": s.Said}
	}
	return http.StatusUnprocessableEntity, map[string]string{"error": s.Said}
}

func (webhookManner) receipt(s Sent, reason string, at time.Time) Push {
	data := map[string]any{"id": s.ID, "delivered": reason == "", "at": at.UTC().Format(time.RFC3339)}
	if reason != "" {
		data["reason"] = reason
	}
	return signed("message.receipt", data)
}

func (webhookManner) reply(from, text, id string, at time.Time) Push {
	return signed("message.reply", map[string]any{"id": id, "from": from, "text": text, "at": at.UTC().Format(time.RFC3339)})
}

// signed is a push of the county's gateway.
func signed(kind string, data any) Push {
	p := posted(map[string]any{"type": kind, "timestamp": time.Now().UTC().Format(time.RFC3339), "data": data}, http.Header{})
	const id = "push-1"
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	p.Header.Set("Webhook-Id", id)
	p.Header.Set("Webhook-Timestamp", stamp)
	p.Header.Set("Webhook-Signature", webhookSignature(id, stamp, p.Body))
	return p
}

func (webhookManner) heard() string { return `{"ok":true}` }
