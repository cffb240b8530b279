package sms

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fromKannel reads a query as the hook does.
func fromKannel(query string) (Push, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return Push{}, err
	}
	return (&kannel{}).ReadPush(PushRequest{Method: http.MethodGet, Query: q})
}

// kannelPushes are the real calls.
func kannelPushes(tb testing.TB) []string {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "kannel-pushes.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	var queries []string
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			queries = append(queries, line)
		}
	}
	return queries
}

func TestWhatARealKannelAskedForIsRead(t *testing.T) {
	var lines strings.Builder
	for _, query := range kannelPushes(t) {
		push, err := fromKannel(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if want := (Answer{Status: 200, ContentType: "text/plain; charset=UTF-8"}); push.Answer != want {
			t.Errorf("answered %+v: a reply would be answered by a text message", push.Answer)
		}
		fmt.Fprintln(&lines, query)
		for _, r := range push.Receipts {
			fmt.Fprintf(&lines, "    receipt of %s at %s: delivered %t, %q\n", r.ID, r.At.Format(time.RFC3339), r.Delivered, r.Reason)
		}
		for _, r := range push.Replies {
			fmt.Fprintf(&lines, "    reply %s from %s at %s: %q\n", r.ID, r.From, r.At.Format(time.RFC3339), r.Text)
		}
	}
	wantGolden(t, "kannel-pushes.golden", lines.String())
}

func TestWhatSaysOnlyHowFarAMessageIsIsNoReceipt(t *testing.T) {
	for _, kind := range []int{0, 4, 8, 32, 64} {
		push, err := fromKannel(fmt.Sprintf("id=7&type=%d&time=1795637598&reason=ACK%%2F", kind))
		if err != nil || push.Receipts != nil || push.Answer.Status != http.StatusOK {
			t.Errorf("type %d: %+v, %v", kind, push, err)
		}
	}
}

func TestAReceiptIsWorthMoreThanItsTime(t *testing.T) {
	for _, at := range []string{"", "%T", "soon", "-1", "0", "99999999999"} {
		q := url.Values{"id": {"7"}, "type": {"1"}, "time": {at}, "reason": {""}}
		push, err := fromKannel(q.Encode())
		if err != nil || len(push.Receipts) != 1 || push.Receipts[0] != (Receipt{ID: "7", Delivered: true}) {
			t.Errorf("%q: %+v, %v", at, push, err)
		}
	}
}

func TestAReasonIsMadeOfCodesAlone(t *testing.T) {
	for answer, want := range map[string]string{
		"":                                   "failed",
		"stat:UNDELIV err:034":               "UNDELIV:034",
		"stat:UNDELIV":                       "UNDELIV",
		"stat: EXPIRED  err: 27":             "EXPIRED:27",
		"stat:UNDELIV err:DB:0141 text:x":    "UNDELIV:DB:0141",
		"id:7 text:stat:DELIVRD err:000":     "failed",
		"stat:UNDELIV err:034 Text:\nstat:X": "UNDELIV:034",
		"err:034":                            "failed",
		"stat:UNDELIV err:13812345678":       "UNDELIV",
		"stat:13812345678 err:034":           "failed",
		"stat:您的预约 err:034":                  "failed",
		"NACK/":                              "failed",
		"NACK/0x00000058/Throttling Error":   "0x00000058",
		"NACK/REJECTED":                      "REJECTED",
		"NACK/Retries Exceeded":              "RetriesExceeded",
		"NACK/13812345678":                   "unreadable",
		"NACK/您的预约/x":                        "failed",
		"NACK/" + strings.Repeat("word", 99): strings.Repeat("word", maxCode/4),
		"您好，已为您约好。":                          "failed",
	} {
		if got := kannelReason(answer, "failed"); got != want {
			t.Errorf("%q: %q, want %q", answer, got, want)
		}
	}
}

func TestWhatIsNoCallOfKannelIsRefusedWhole(t *testing.T) {
	const receipt, reply = "id=7&type=1&time=1795637598&reason=", "from=13812345678&id=x&time=1795637598&text=1"
	for _, query := range []string{
		"", "id=7", "type=1", "text=1", receipt + "&" + reply,
		"id=&type=1&time=1&reason=", "id=7x&type=1&time=1&reason=", "id=-7&type=1&time=1&reason=", "id=18446744073709551616&type=1&time=1&reason=",
		"id=7&type=&time=1&reason=", "id=7&type=one&time=1&reason=",
		"id=7&type=1&time=1", "id=7&type=1&reason=", receipt + "&id=8", receipt + "&type=2",
		"from=13812345678&id=x&time=1", "from=13812345678&time=1&text=1", reply + "&from=13912345678", reply + "&text=2",
		"id=%25I&type=%25d&time=%25T&reason=%25A",
	} {
		push, err := fromKannel(query)
		if !errors.Is(err, ErrNotAPush) {
			t.Errorf("%q: %+v, %v", query, push, err)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodPut} {
		q, _ := url.ParseQuery(receipt)
		if _, err := (&kannel{}).ReadPush(PushRequest{Method: method, Query: q}); !errors.Is(err, ErrNotAPush) {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestAReplyIsReadWhateverStandsInIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		prefix := rapid.SampledFrom([]string{"", "86", "+86", "0086"}).Draw(t, "prefix")
		q := url.Values{"from": {prefix + number}, "id": {"x"}, "time": {"1795637598"}, "text": {text}}
		push, err := fromKannel(q.Encode())
		if err != nil || len(push.Replies) != 1 {
			t.Fatalf("%+v, %v", push, err)
		}
		want := Reply{ID: "x", From: number, Text: text, At: time.Unix(1795637598, 0).UTC()}
		if push.Replies[0] != want {
			t.Errorf("%+v", push.Replies[0])
		}
	})
}

func TestAReplyInNoAlphabetThatIsKnownIsStillAReply(t *testing.T) {
	push, err := fromKannel("from=13812345678&id=x&time=&text=%FF%FE1")
	if err != nil || len(push.Replies) != 1 || push.Replies[0].Text != "\uFFFD1" || !push.Replies[0].At.IsZero() {
		t.Errorf("%+v, %v", push, err)
	}
}

func FuzzKannelPush(f *testing.F) {
	for _, query := range kannelPushes(f) {
		f.Add(query)
	}
	f.Add("id=7&type=2&time=1&reason=stat%3A%E6%82%A8+err%3A13812345678")
	f.Fuzz(func(t *testing.T, query string) {
		push, err := fromKannel(query)
		if err != nil {
			return
		}
		wantCodesAlone(t, push)
		if push.Answer.Status != http.StatusOK || push.Answer.Body != "" || len(push.Receipts)+len(push.Replies) > 1 {
			t.Errorf("%+v", push)
		}
	})
}

// wantCodesAlone checks what holds of every push, whoever sent it.
func wantCodesAlone(t *testing.T, p Push) {
	t.Helper()
	for _, r := range p.Receipts {
		if r.Reason != Code(r.Reason) || r.Delivered != (r.Reason == "") || r.To != "" && !isMobile(r.To) {
			t.Errorf("%+v", r)
		}
	}
	for _, r := range p.Replies {
		if !isMobile(r.From) || len(r.ID) > maxID {
			t.Errorf("%+v", r)
		}
	}
}
