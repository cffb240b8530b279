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
		"":                                       "no such gateway",
		"smoke:":                                 "no such gateway",
		"http://u:topsecret@h/x":                 "no such gateway",
		"kannel://u:topsecret@h/cgi-bin/sendsms": "host",
		"kannel+ftp://u:topsecret@h/cgi-bin/sendsms":             "http",
		"kannel+http://h:13013/cgi-bin/sendsms":                  "user",
		"kannel+http://u@h:13013/cgi-bin/sendsms":                "user",
		"kannel+http://:topsecret@h/cgi-bin/sendsms":             "user",
		"kannel+http://u:topsecret@/cgi-bin/sendsms":             "host",
		"kannel+http://u:topsecret@h:13013":                      "path",
		"kannel+http://u:topsecret@h:13013/":                     "path",
		"kannel+http://u:topsecret@h:13013/cgi-bin/sendsms?to=1": "follow",
		"kannel+http://u:topsecret%zz@h:13013/cgi-bin/sendsms":   "URL",
		"kannel+http://u:topsecret@h:port/cgi-bin/sendsms":       "URL",
		"mas+ftp://h/sms/norsubmit":                              "http",
		"mas+http://u:topsecret@h/sms/norsubmit":                 "settings of its own",
		"mas+http://h":                                           "path",
		"webhook+ftp://h/sms":                                    "https",
		"webhook+https://u:topsecret@h/sms":                      "no password",
		"webhook+https://h/sms?key=topsecret":                    "follow",
	} {
		g, err := Open(Options{Name: "MAGPIE_SMS_SECOND", Setting: setting})
		if err == nil || g != nil {
			t.Errorf("%q was taken", setting)
			continue
		}
		if !strings.HasPrefix(err.Error(), "MAGPIE_SMS_SECOND: ") || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

func TestAKindIsWhatStandsBeforeTheAddress(t *testing.T) {
	for setting, want := range map[string]struct {
		kind      string
		templated bool
	}{
		"log:": {"log", false}, "aliyun:": {"aliyun", true}, "tencent:": {"tencent", true},
		"kannel+http://u:p@h/cgi-bin/sendsms": {"kannel", false},
		"mas+http://h/sms/norsubmit":          {"mas", false},
		"mas+https://h/sms/submit":            {"mas", false},
		"mas+http://h:1992/sms/tmpsubmit":     {"mas", true},
		"mas+http://h:1992/sms/tmpsubmit/":    {"mas", true},
		"webhook+https://h/tmpsubmit":         {"webhook", false},
		"":                                    {"", false},
	} {
		if kind, templated := Kind(setting), Templated(setting); kind != want.kind || templated != want.templated {
			t.Errorf("%q: %s, templated %t", setting, kind, templated)
		}
	}
}

func TestTheLogDriverMasksTheNumberAndWritesTheText(t *testing.T) {
	var out bytes.Buffer
	g, err := Open(Options{Name: "MAGPIE_SMS", Setting: "log:", Log: slog.New(slog.NewTextHandler(&out, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Send(t.Context(), Message{To: "+86" + number, Signature: "安化县民政局", Body: "您好，已为您约好。"}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "138****5678") || !strings.Contains(got, "【安化县民政局】您好，已为您约好。") || strings.Contains(got, "1234") {
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
		if _, err := g.Send(t.Context(), Message{To: number, Body: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	list := r.Messages()
	if len(list) != 500 {
		t.Fatalf("%d messages", len(list))
	}
	newest, oldest := Recorded{start.Add(501 * time.Second), number, "501"}, Recorded{start.Add(2 * time.Second), number, "2"}
	if list[0] != newest || list[499] != oldest {
		t.Errorf("newest %v, oldest %v", list[0], list[499])
	}
	list[0].Text = "changed"
	if r.Messages()[0] != newest {
		t.Error("the list handed out is the recorder's own")
	}
}
