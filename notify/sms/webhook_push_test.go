package sms

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	webhookReceipt = `{"type":"message.receipt","data":{"id":"42","delivered":true,"at":"2026-11-25T09:00:05+08:00"}}`
	webhookReply   = `{"type":"message.reply","data":{"id":"r-1","from":"13812345678","text":"确认","at":"2026-11-25T01:00:05Z"}}`
)

var webhookNow = time.Date(2026, 11, 25, 1, 0, 10, 0, time.UTC)

// webhookPusher is a driver at a fixed time.
func webhookPusher() *webhook {
	return &webhook{secret: []byte(webhookSecret), now: func() time.Time { return webhookNow }}
}

// signedPush is a call as a county's gateway makes it.
func signedPush(body string, at time.Time) PushRequest {
	h := http.Header{}
	h.Set("webhook-id", "evt-1")
	h.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("webhook-signature", signature(webhookSecret, "evt-1", at.Unix(), body))
	return PushRequest{Method: http.MethodPost, Header: h, Body: []byte(body)}
}

func TestWebhookPushesAreRead(t *testing.T) {
	at := time.Date(2026, 11, 25, 1, 0, 5, 0, time.UTC)
	failed := func(reason string) []Receipt { return []Receipt{{ID: "42", Reason: reason}} }
	for _, c := range []struct {
		name, body string
		receipts   []Receipt
		replies    []Reply
	}{
		{"a receipt", webhookReceipt, []Receipt{{ID: "42", Delivered: true, At: at}}, nil},
		{"a reply", webhookReply, nil, []Reply{{ID: "r-1", From: number, Text: "确认", At: at}}},
		{"several receipts", `{"type":"message.receipt","data":[{"id":1,"delivered":true},{"id":"2","delivered":false,"reason":"UNDELIV"}]}`,
			[]Receipt{{ID: "1", Delivered: true}, {ID: "2", Reason: "UNDELIV"}}, nil},
		{"several replies", `{"type":"message.reply","data":[{"from":"+8613812345678","text":""},{"id":9,"from":"8613912345678","text":"T"}]}`,
			nil, []Reply{{From: number}, {ID: "9", From: "13912345678", Text: "T"}}},
		{"none", `{"type":"message.receipt","data":[]}`, nil, nil},
		{"a sentence for a reason", `{"type":"message.receipt","data":{"id":"42","delivered":false,"reason":"用户关机"}}`, failed("failed"), nil},
		{"a number for a reason", `{"type":"message.receipt","data":{"id":"42","delivered":false,"reason":"to 13812345678"}}`, failed("unreadable"), nil},
		{"no reason", `{"type":"message.receipt","data":{"id":"42","delivered":false}}`, failed("failed"), nil},
		{"a reason of what was delivered", `{"type":"message.receipt","data":{"id":"42","delivered":true,"reason":"DELIVRD"}}`, []Receipt{{ID: "42", Delivered: true}}, nil},
		{"an advertisement among replies", `{"type":"message.reply","data":[{"from":"10086","text":"x"},{"from":"13812345678","text":"1"}]}`, nil, []Reply{{From: number, Text: "1"}}},
		{"fields nobody knows", `{"type":"message.receipt","version":2,"data":{"id":"42","delivered":true,"price":1}}`, []Receipt{{ID: "42", Delivered: true}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			push, err := webhookPusher().ReadPush(signedPush(c.body, webhookNow))
			if err != nil || push.Answer != (Answer{200, "application/json", `{"ok":true}`}) {
				t.Errorf("%+v, %v", push.Answer, err)
			}
			if len(push.Receipts) != len(c.receipts) || len(push.Replies) != len(c.replies) {
				t.Fatalf("%+v", push)
			}
			for i, want := range c.receipts {
				if diff := cmp.Diff(want, push.Receipts[i]); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			for i, want := range c.replies {
				if diff := cmp.Diff(want, push.Replies[i]); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestAPushIsTakenOnlyWithASignatureOfNow(t *testing.T) {
	for name, change := range map[string]func(*PushRequest){
		"another body": func(r *PushRequest) { r.Body = []byte(strings.Replace(webhookReceipt, "true", "false", 1)) },
		"another id":   func(r *PushRequest) { r.Header.Set("webhook-id", "evt-2") },
		"no id":        func(r *PushRequest) { r.Header.Del("webhook-id") },
		"another time": func(r *PushRequest) {
			r.Header.Set("webhook-timestamp", strconv.FormatInt(webhookNow.Unix()+1, 10))
		},
		"no time":             func(r *PushRequest) { r.Header.Del("webhook-timestamp") },
		"a time that is none": func(r *PushRequest) { r.Header.Set("webhook-timestamp", "now") },
		"no signature":        func(r *PushRequest) { r.Header.Del("webhook-signature") },
		"another version": func(r *PushRequest) {
			r.Header.Set("webhook-signature", strings.Replace(r.Header.Get("webhook-signature"), "v1,", "v1a,", 1))
		},
		"another's secret": func(r *PushRequest) {
			r.Header.Set("webhook-signature", signature("somebody else's secret!!", "evt-1", webhookNow.Unix(), webhookReceipt))
		},
		"GET":                func(r *PushRequest) { r.Method = http.MethodGet },
		"too old":            func(r *PushRequest) { *r = signedPush(webhookReceipt, webhookNow.Add(-5*time.Minute-time.Second)) },
		"too new":            func(r *PushRequest) { *r = signedPush(webhookReceipt, webhookNow.Add(5*time.Minute+time.Second)) },
		"of the end of time": func(r *PushRequest) { *r = signedPush(webhookReceipt, time.Unix(1<<62, 0)) },
	} {
		r := signedPush(webhookReceipt, webhookNow)
		change(&r)
		if push, err := webhookPusher().ReadPush(r); !errors.Is(err, ErrNotAPush) || push.Receipts != nil {
			t.Errorf("%s: %+v, %v", name, push, err)
		}
	}
	for name, at := range map[string]time.Time{"now": webhookNow, "five minutes ago": webhookNow.Add(-5 * time.Minute), "in five minutes": webhookNow.Add(5 * time.Minute)} {
		r := signedPush(webhookReceipt, at)
		r.Header.Set("webhook-signature", "v1,AAAA v2,BBBB "+r.Header.Get("webhook-signature"))
		if _, err := webhookPusher().ReadPush(r); err != nil {
			t.Errorf("%s, with another's signature beside it: %v", name, err)
		}
	}
}

func TestWhatIsNoPushOfAWebhookIsRefusedWhole(t *testing.T) {
	for _, body := range []string{
		"", "{}", "null", "[]", "7", "<html>", webhookReceipt + webhookReceipt, webhookReceipt[:30],
		`{"type":"message.send","data":{"id":"42","delivered":true}}`, `{"type":"","data":{}}`,
		`{"type":"message.receipt"}`, `{"type":"message.receipt","data":null}`, `{"type":"message.receipt","data":7}`, `{"type":"message.receipt","data":{}}`,
		`{"type":"message.receipt","data":{"id":"42"}}`, `{"type":"message.receipt","data":{"delivered":true}}`, `{"type":"message.receipt","data":{"id":"","delivered":true}}`,
		`{"type":"message.receipt","data":{"id":"x","delivered":true}}`, `{"type":"message.receipt","data":{"id":"42","delivered":"yes"}}`,
		`{"type":"message.receipt","data":{"id":"42","delivered":true,"at":"yesterday"}}`,
		`{"type":"message.receipt","data":[{"id":"42","delivered":true},{"id":"43"}]}`,
		`{"type":"message.reply","data":{"from":"13812345678"}}`, `{"type":"message.reply","data":{"text":"1"}}`,
		`{"type":"message.reply","data":{"from":"","text":"1"}}`, `{"type":"message.reply","data":{"from":"13812345678","text":1}}`,
	} {
		push, err := webhookPusher().ReadPush(signedPush(body, webhookNow))
		if !errors.Is(err, ErrNotAPush) || push.Receipts != nil || push.Replies != nil {
			t.Errorf("%s: %+v, %v", body, push, err)
		}
	}
}

func FuzzWebhookPush(f *testing.F) {
	f.Add(webhookReceipt)
	f.Add(webhookReply)
	f.Add(`{"type":"message.receipt","data":[{"id":1,"delivered":false,"reason":"您好13812345678"}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		push, err := webhookPusher().ReadPush(signedPush(body, webhookNow))
		wantWholePush(t, push, err)
		// Nobody gets in without the secret, whatever they write.
		r := signedPush(body, webhookNow)
		r.Header.Set("webhook-signature", "v1,"+body)
		if _, err := webhookPusher().ReadPush(r); err == nil {
			t.Error("a forged push was taken")
		}
	})
}
