package sms

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What must never be told.
const (
	cloudKey    = "LTAI5tKeyOfTheCounty"
	cloudSecret = "TopSecret0f7heC0unty"
	cloudNumber = "13812345678"
	cloudValue  = "12月1日 09:00"
)

// cloud is one of the two, with what a test needs to stand for it.
type cloud struct {
	kind  string
	codes map[string]verdict
	// open makes the driver, which calls endpoint.
	open func(t *testing.T, endpoint *url.URL) Gateway
	// taken is the answer to a message that was taken, and id what it says.
	taken, id string
	// refusal is an answer of a code.
	refusal func(code, message string) string
	// flow are messages of the code that counts one number, and what Magpie does
	// with each.
	flow map[string]time.Duration
	// listed are the codes that the founders' notes list, with what becomes of
	// each.
	listed map[string]Class
}

func clouds() []cloud { return []cloud{aliyunCloud, tencentCloud} }

func asJSON(object map[string]any) string {
	out, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func openCloud(t *testing.T, o Options) Gateway {
	t.Helper()
	o.Name = "MAGPIE_SMS"
	g, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// standIn is an HTTP server in a cloud's place; requests counts what came.
func standIn(t *testing.T, c cloud, handler http.HandlerFunc) (g Gateway, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return c.open(t, u), requests
}

// says answers every request in the same way.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// raw writes bytes in place of an answer and ends the connection.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, answer)
		conn.Close()
	}
}

func cloudMessage() Message {
	return Message{
		ID: "42", To: cloudNumber, Signature: "安化县民政局", Body: "您好，请于12月1日 09:00到达。编号31415926。",
		Params:   []Param{{"start", cloudValue}, {"reference", "31415926"}},
		Codes:    map[string]string{"aliyun": "SMS_154950909", "tencent": "1110"},
		ValidFor: time.Hour,
	}
}

// wantRefusal checks what an error says, and what it does not.
func wantRefusal(t *testing.T, err error, class Class, wait time.Duration) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e.Class != class || e.Wait != wait {
		t.Errorf("%s, wait %s, want %s, %s (%s)", e.Class, e.Wait, class, wait, e.Detail)
	}
	told := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, hidden := range []string{cloudKey, cloudSecret, cloudNumber, cloudValue, url.QueryEscape(cloudValue), "31415926", "安化", "您好", "您的号码"} {
		if strings.Contains(told, hidden) {
			t.Errorf("the error tells %q: %s", hidden, told)
		}
	}
}

func TestAnEndpointIsHTTPAndHasAHost(t *testing.T) {
	for given, want := range map[string]string{
		"https://dysmsapi-proxy.cn-beijing.aliyuncs.com": "https://dysmsapi-proxy.cn-beijing.aliyuncs.com/",
		"http://127.0.0.1:8080/sms":                      "http://127.0.0.1:8080/sms",
		"https://u:p@h/?a=b#c":                           "https://h/",
		"ftp://h/":                                       "",
		"https:///x":                                     "",
		"h":                                              "",
	} {
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal(err)
		}
		got, err := cloudEndpoint(u, "vendor")
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%s: %s, %v", given, got.String(), err)
		}
	}
	if got, err := cloudEndpoint(nil, "vendor"); err != nil || got.String() != "https://vendor/" {
		t.Errorf("%s, %v", got.String(), err)
	}
}

func TestAnIDIsReadAsAStringOrANumber(t *testing.T) {
	for text, want := range map[string]word{`"12^3"`: "12^3", `"0012"`: "0012", `1234567890123456789`: "1234567890123456789", `""`: ""} {
		var got word
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"true", "{}", "[1]"} {
		var got word
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s was taken for %q", text, got)
		}
	}
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func hmacHex(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil))
}

// escaped is RFC 3986, section 2.1, byte by byte.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || bytes.IndexByte([]byte("-_.~"), c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func TestAQueryIsSortedAndEscapedByRFC3986(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "params")
		query := url.Values{}
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(params)) {
			query.Set(name, params[name])
			pairs = append(pairs, escaped(name)+"="+escaped(params[name]))
		}
		if got, want := canonicalQuery(query), strings.Join(pairs, "&"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// wantWholePush checks what holds of every push, whatever came.
func wantWholePush(t *testing.T, p Push, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, ErrNotAPush) || p.Receipts != nil || p.Replies != nil || p.Answer != (Answer{}) {
			t.Errorf("%+v, %v", p, err)
		}
		return
	}
	if p.Answer.Status != http.StatusOK || !json.Valid([]byte(p.Answer.Body)) {
		t.Errorf("answered %+v", p.Answer)
	}
	for _, r := range p.Receipts {
		if r.Reason != Code(r.Reason) || r.Delivered != (r.Reason == "") || len(r.GatewayID) > maxID || r.To != "" && !isMobile(r.To) {
			t.Errorf("%+v", r)
		}
	}
	for _, r := range p.Replies {
		if !isMobile(r.From) || len(r.ID) > maxID {
			t.Errorf("%+v", r)
		}
	}
}

func isMobile(number string) bool {
	eleven, ok := mobile(number)
	return ok && eleven == number
}

// readPush reads a body as one of the clouds pushes it.
func readPush(g Gateway, body string) (Push, error) {
	return g.(Pusher).ReadPush(PushRequest{Method: http.MethodPost, Body: []byte(body)})
}

// without gives an example's object with a field removed, or with another value.
func without(t *testing.T, object, field string, value any) string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		t.Fatal(err)
	}
	if _, known := fields[field]; !known {
		t.Fatalf("%s has no %s", object, field)
	}
	delete(fields, field)
	if value != nil {
		fields[field] = value
	}
	return asJSON(fields)
}
