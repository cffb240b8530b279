package sms

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAWrongSettingIsNamedAndItsPasswordIsNot(t *testing.T) {
	for setting, says := range map[string]string{
		"":                                       "neither",
		"log":                                    "neither",
		"log:file":                               "neither",
		"http://u:topsecret@h/x":                 "neither",
		"kannel://u:topsecret@h/cgi-bin/sendsms": "neither",
		"kannel+http://h:13013/cgi-bin/sendsms":  "user",
		"kannel+http://u@h:13013/cgi-bin/sendsms":                "user",
		"kannel+http://:topsecret@h/cgi-bin/sendsms":             "user",
		"kannel+http://u:topsecret@/cgi-bin/sendsms":             "host",
		"kannel+http://u:topsecret@h:13013":                      "path",
		"kannel+http://u:topsecret@h:13013/":                     "path",
		"kannel+http://u:topsecret@h:13013/cgi-bin/sendsms?to=1": "follow",
		"kannel+http://u:topsecret%zz@h:13013/cgi-bin/sendsms":   "URL",
		"kannel+http://u:topsecret@h:port/cgi-bin/sendsms":       "URL",
	} {
		g, err := Open(setting, nil)
		if err == nil || g != nil {
			t.Errorf("%q was taken", setting)
			continue
		}
		if !strings.HasPrefix(err.Error(), "MAGPIE_SMS: ") || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

func TestTheLogDriverMasksTheNumberAndWritesTheText(t *testing.T) {
	var out bytes.Buffer
	g, err := Open("log:", slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Send(t.Context(), "+86"+number, zhText, time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "138****5678") || !strings.Contains(got, zhText) || strings.Contains(got, "1234") {
		t.Error(got)
	}
}

func TestAMaskLeavesThreeAndFourDigitsOfAMobileNumber(t *testing.T) {
	for n, want := range map[string]string{
		"13812345678": "138****5678", "+8613812345678": "138****5678",
		"": "****", "12345": "****", "+85212345678": "****", "07377220000x": "****",
	} {
		if got := Mask(n); got != want {
			t.Errorf("%q: %q, want %q", n, got, want)
		}
	}
}

func TestARecorderKeepsTheLastFiveHundredNewestFirst(t *testing.T) {
	start := time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC)
	now := start
	r := NewRecorder(func() time.Time { return now })
	var g Gateway = r
	for i := range 502 {
		now = start.Add(time.Duration(i) * time.Second)
		if _, err := g.Send(t.Context(), number, fmt.Sprint(i), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	list := r.Messages()
	if len(list) != 500 {
		t.Fatalf("%d messages", len(list))
	}
	newest, oldest := Message{start.Add(501 * time.Second), number, "501"}, Message{start.Add(2 * time.Second), number, "2"}
	if list[0] != newest || list[499] != oldest {
		t.Errorf("newest %v, oldest %v", list[0], list[499])
	}
	list[0].Text = "changed"
	if r.Messages()[0] != newest {
		t.Error("the list handed out is the recorder's own")
	}
}
