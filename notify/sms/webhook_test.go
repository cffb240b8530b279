package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// webhookSecret is what is shared, before its Base64.
const webhookSecret = "twenty-four bytes secret"

func openWebhookAt(t *testing.T, address string) Gateway {
	t.Helper()
	return openCloud(t, Options{Setting: "webhook+" + address, Webhook: WebhookOptions{Secret: []byte(webhookSecret)}})
}

// signature is Standard Webhooks worked out once more.
func signature(secret, id string, at int64, body string) string {
	h := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(h, "%s.%d.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// The example of the Standard Webhooks libraries.
func TestASignatureIsThatOfStandardWebhooks(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	signWebhook(h, secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	want := http.Header{
		"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"},
		"Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAWebhookMessageIsOneSignedPost(t *testing.T) {
	now := time.Date(2026, 11, 25, 1, 0, 0, 500, time.UTC)
	var got *http.Request
	var body []byte
	d := driver{open: func(t *testing.T, base string) Gateway { return openWebhookAt(t, base+"/sms/send") }}
	g, requests := against(t, d, func(w http.ResponseWriter, r *http.Request) {
		got, body = r, bodyOf(t, r)
		says(http.StatusAccepted, `{"id":"g-1"}`)(w, r)
	})
	g.(*webhook).now = func() time.Time { return now }
	id, err := g.Send(t.Context(), whole())
	if err != nil || id != "g-1" {
		t.Errorf("%q, %v", id, err)
	}
	if got.Method != http.MethodPost || got.URL.RequestURI() != "/sms/send" || got.Header.Get("Content-Type") != "application/json" || requests.Load() != 1 {
		t.Errorf("%s %s %s, %d requests", got.Method, got.URL, got.Header, requests.Load())
	}
	if got.Header.Get("webhook-id") != "42" || got.Header.Get("webhook-timestamp") != strconv.FormatInt(now.Unix(), 10) ||
		got.Header.Get("webhook-signature") != signature(webhookSecret, "42", now.Unix(), string(body)) {
		t.Errorf("headers %v", got.Header)
	}
	want := `{"type":"message.send","timestamp":"2026-11-25T01:00:00Z","data":{"id":"42","to":"13812345678",
		"signature":"安化县民政局","body":"您好，编号31415926。","text":"【安化县民政局】您好，编号31415926。",
		"params":[{"name":"start","value":"12月1日 09:00"},{"name":"reference","value":"31415926"}],"valid_until":"2026-11-25T02:00:00Z"}}`
	if diff := cmp.Diff(fields(t, want), fields(t, string(body))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func fields(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func TestAMessageWithoutVariablesHasAnEmptyListOfThem(t *testing.T) {
	var body []byte
	g, _ := against(t, drivers()[2], func(w http.ResponseWriter, r *http.Request) { body = bodyOf(t, r) })
	m := whole()
	m.Params = nil
	if _, err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if data := fields(t, string(body))["data"].(map[string]any); len(data["params"].([]any)) != 0 {
		t.Errorf("%v", data)
	}
}

func TestAStatusOfAWebhookIsWhatTheTableSays(t *testing.T) {
	const taken = Class(-1)
	for _, c := range []struct {
		status int
		body   string
		want   Class
		id     string
	}{
		{200, `{"id":"g-1"}`, taken, "g-1"},
		{200, `{"id":7}`, taken, "7"},
		{200, "", taken, ""},
		{200, "<html>", taken, ""},
		{201, "{}", taken, ""},
		{202, `{"id":"` + strings.Repeat("x", maxID+1) + `"}`, taken, ""},
		{204, "", taken, ""},
		{300, "", SetUp, ""},
		{304, "", SetUp, ""},
		{400, "", Content, ""},
		{400, `{"error":"wrong_number"}`, WrongNumber, ""},
		{400, `{"error":"您的号码13812345678"}`, Content, ""},
		{400, `{"error":7}`, Content, ""},
		{401, "", SetUp, ""},
		{402, "", NoMoney, ""},
		{403, `{"error":"no_money"}`, NoMoney, ""},
		{404, "", SetUp, ""},
		{405, "", SetUp, ""},
		{406, "", SetUp, ""},
		{408, "", RetryLater, ""},
		{409, "", Uncertain, ""},
		{410, "", SetUp, ""},
		{413, "", SetUp, ""},
		{422, "", Content, ""},
		{422, `{"error":"content"}`, Content, ""},
		{422, `{"error":"set_up"}`, SetUp, ""},
		{422, `{"error":"retry_later"}`, RetryLater, ""},
		{425, "", RetryLater, ""},
		{429, `{"error":"no_money"}`, NoMoney, ""},
		{500, `{"error":"wrong_number"}`, Uncertain, ""},
		{501, "", Uncertain, ""},
		{503, "", RetryLater, ""},
		{503, `{"error":"wrong_number"}`, RetryLater, ""},
		{599, "", Uncertain, ""},
	} {
		t.Run(fmt.Sprintf("%d %s", c.status, c.body), func(t *testing.T) {
			g, requests := against(t, drivers()[2], says(c.status, c.body))
			id, err := g.Send(t.Context(), whole())
			if id != c.id || requests.Load() != 1 {
				t.Errorf("id %q, %d requests", id, requests.Load())
			}
			if c.want == taken {
				if err != nil {
					t.Errorf("not taken: %v", err)
				}
				return
			}
			wantError(t, err, c.want)
		})
	}
}

func TestWhatAWebhookTookStaysTakenWhenTheBodyIsCutOff(t *testing.T) {
	g, _ := against(t, drivers()[2], raw("HTTP/1.1 202 Accepted\r\nContent-Length: 99\r\n\r\n{\"id\":"))
	if id, err := g.Send(t.Context(), whole()); err != nil || id != "" {
		t.Errorf("%q, %v", id, err)
	}
}

func TestTheGatewayAsAWholeIsInTroubleWhenItSaysRetryAfter(t *testing.T) {
	g, _ := against(t, drivers()[2], func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	_, err := g.Send(t.Context(), whole())
	if e := wantError(t, err, RetryLater); !e.Trouble() {
		t.Error("one message is blamed")
	}
}

func TestAWebhookIsNotOpenedWithoutASecret(t *testing.T) {
	_, err := Open(Options{Name: "MAGPIE_SMS", Setting: "webhook+https://h/sms"})
	if err == nil || !strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
