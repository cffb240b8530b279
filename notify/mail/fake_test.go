package mail

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"magpie/notify/sms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	office   = "yuyue@office.example.cn"
	citizen  = "chen.xiaoyun@example.com"
	user     = "magpie-user"
	password = "p@ss/w:rd"
	zhText   = "您好，12月3日（周四）上午9:00已为您约好。\n\n改期请致电0737-7220000。\n"
)

func note() Message {
	return Message{
		ID: "70000731", To: citizen, From: "安化县民政局", Subject: "您的预约已确认", Text: zhText,
		Date: time.Date(2026, 12, 1, 9, 30, 0, 0, time.FixedZone("", 8*3600)),
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sender opens a Sender for a server; scheme is smtp or smtps.
func sender(t testing.TB, scheme string, at net.Addr, ca authority) *Sender {
	t.Helper()
	s, err := Open(Options{URL: scheme + "://" + user + ":" + url.QueryEscape(password) + "@" + at.String(), From: office, CA: ca.pem})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// wantError checks the class and that nothing is told that must not be.
func wantError(t testing.TB, err error, class sms.Class, detail string) {
	t.Helper()
	var e *sms.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *sms.Error", err)
	}
	if e.Class != class || !strings.Contains(e.Detail, detail) {
		t.Errorf("got %s (%s), want %s (%s)", e.Class, e.Detail, class, detail)
	}
	for _, hidden := range []string{password, url.QueryEscape(password), user, citizen, "chen", office, "您", "70000731"} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), hidden) {
			t.Errorf("the error tells %q: %v", hidden, err)
		}
	}
}
