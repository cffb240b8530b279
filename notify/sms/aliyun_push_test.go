package sms

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The examples of documents 101867 and 101847, word by word; the number and the
// ids are masked there.
const (
	aliyunReportExample = `[
  {
    "phone_number" : "1381111****",
    "send_time" : "2017-01-01 00:00:00",
    "report_time" : "2017-01-01 00:00:00",
    "success" : true,
    "err_code" : "DELIVERED",
    "err_msg" : "用户接收成功",
    "sms_size" : "1",
    "biz_id" : "12345********",
    "out_id" : "67890**"
  }
]`
	aliyunUpExample = `[
  {
    "phone_number" : "1381111****",
    "content" : "内容",
    "send_time" : "2017-09-01 00:00:00",
    "dest_code" : "1234",
    "sequence_id" : "1234567890"
  }
]`
)

// The same with everything that a real push has; that of an older document has
// a signature, and a number for a sequence.
const (
	aliyunReport = `{"phone_number":"13812345678","send_time":"2026-12-01 09:00:00","report_time":"2026-12-01 09:00:05",` +
		`"success":true,"err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"1","biz_id":"900619746936498440^0","out_id":"42"}`
	aliyunFailed = `{"phone_number":"8613912345678","send_time":"2026-12-01 09:00:00","report_time":"2026-12-01 09:00:07",` +
		`"success":false,"err_code":"MOBILE_NOT_ON_SERVICE","err_msg":"停机","sms_size":"2","biz_id":"900619746936498441^0","out_id":"43"}`
	aliyunUp = `{"phone_number":"+8613812345678","send_time":"2026-12-01 10:00:00","content":" 1 ","sign_name":"安化县民政局","dest_code":"1234","sequence_id":1234567890}`
)

func aliyunPusher(tb testing.TB) Gateway {
	tb.Helper()
	g, err := Open(Options{Name: "MAGPIE_SMS", Setting: "aliyun:", Aliyun: AliyunOptions{KeyID: cloudKey, KeySecret: cloudSecret}})
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

var aliyunAnswer = Answer{Status: http.StatusOK, ContentType: "application/json", Body: `{"code":0,"msg":"接收成功"}`}

func TestAliyunsPushesAreReadAsDocumented(t *testing.T) {
	at := func(hour, minute, second int) time.Time {
		return time.Date(2026, 12, 1, hour, minute, second, 0, time.UTC)
	}
	delivered := Receipt{ID: "42", GatewayID: "900619746936498440^0", To: "13812345678", Delivered: true, At: at(1, 0, 5)}
	failed := Receipt{ID: "43", GatewayID: "900619746936498441^0", To: "13912345678", Reason: "MOBILE_NOT_ON_SERVICE", At: at(1, 0, 7)}
	reply := Reply{ID: "1234567890", From: "13812345678", Text: " 1 ", At: at(2, 0, 0)}
	newYear := time.Date(2016, 12, 31, 16, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, body string
		want       Push
	}{
		{"the example of a report", aliyunReportExample, Push{Receipts: []Receipt{{ID: "67890**", GatewayID: "12345********", Delivered: true, At: newYear}}}},
		{"the example of a reply, whose number is none", aliyunUpExample, Push{}},
		{"the example of a reply with a number", strings.Replace(aliyunUpExample, "****", "2222", 1),
			Push{Replies: []Reply{{ID: "1234567890", From: "13811112222", Text: "内容", At: time.Date(2017, 8, 31, 16, 0, 0, 0, time.UTC)}}}},
		{"one report", "[" + aliyunReport + "]", Push{Receipts: []Receipt{delivered}}},
		{"a report by itself", " " + aliyunReport + "\n", Push{Receipts: []Receipt{delivered}}},
		{"a failure", "[" + aliyunFailed + "]", Push{Receipts: []Receipt{failed}}},
		{"two, and one of them again", "[" + aliyunReport + "," + aliyunFailed + "," + aliyunReport + "]", Push{Receipts: []Receipt{delivered, failed, delivered}}},
		{"a reply", "[" + aliyunUp + "]", Push{Replies: []Reply{reply}}},
		{"both kinds", "[" + aliyunUp + "," + aliyunReport + "]", Push{Receipts: []Receipt{delivered}, Replies: []Reply{reply}}},
		{"fields nobody knows", "[" + strings.Replace(aliyunReport, "{", `{"message_id":{"a":[1]},"template_code":null,`, 1) + "]", Push{Receipts: []Receipt{delivered}}},
		{"a carrier's advertisement", "[" + strings.Replace(aliyunUp, "+8613812345678", "10086", 1) + "," + aliyunReport + "]", Push{Receipts: []Receipt{delivered}}},
		{"nothing", "[]", Push{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readPush(aliyunPusher(t), c.body)
			if err != nil {
				t.Fatal(err)
			}
			c.want.Answer = aliyunAnswer
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			wantWholePush(t, got, err)
		})
	}
}

func TestAliyunsFieldsMayBeEmptyAndOutIDMayBeMissing(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want Receipt
	}{
		"no out_id":       {without(t, aliyunReport, "out_id", nil), Receipt{GatewayID: "900619746936498440^0", To: "13812345678", Delivered: true, At: time.Date(2026, 12, 1, 1, 0, 5, 0, time.UTC)}},
		"no time":         {without(t, aliyunReport, "report_time", ""), Receipt{ID: "42", GatewayID: "900619746936498440^0", To: "13812345678", Delivered: true}},
		"no reason":       {without(t, aliyunFailed, "err_code", ""), Receipt{ID: "43", GatewayID: "900619746936498441^0", To: "13912345678", Reason: "failed", At: time.Date(2026, 12, 1, 1, 0, 7, 0, time.UTC)}},
		"a text, no code": {without(t, aliyunFailed, "err_code", "号码13812345678停机"), Receipt{ID: "43", GatewayID: "900619746936498441^0", To: "13912345678", Reason: "unreadable", At: time.Date(2026, 12, 1, 1, 0, 7, 0, time.UTC)}},
		"a long biz_id":   {without(t, aliyunReport, "biz_id", strings.Repeat("9", 65)), Receipt{ID: "42", To: "13812345678", Delivered: true, At: time.Date(2026, 12, 1, 1, 0, 5, 0, time.UTC)}},
	} {
		got, err := readPush(aliyunPusher(t), c.body)
		if err != nil || len(got.Receipts) != 1 || got.Receipts[0] != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWhatIsNoPushOfAliyunIsRefusedWhole(t *testing.T) {
	bodies := []string{
		"", " ", "null", "true", "7", `"[]"`, "{}", "[{}]", "[null]", "[[]]", "[1]", "{", "[" + aliyunReport, aliyunReport + "x", "[" + aliyunReport + "]]",
		"phone_number=13812345678&success=true", "<xml/>", "\xff\xfe",
		// Both kinds in one.
		`{"content":"1",` + aliyunReport[1:], `{"success":true,` + aliyunUp[1:],
	}
	for _, field := range []string{"phone_number", "success", "err_code", "report_time", "biz_id"} {
		bodies = append(bodies, without(t, aliyunReport, field, nil), without(t, aliyunReport, field, []int{1}), without(t, aliyunReport, field, 1))
	}
	for _, field := range []string{"phone_number", "content", "send_time", "sequence_id"} {
		bodies = append(bodies, without(t, aliyunUp, field, nil), without(t, aliyunUp, field, []int{1}), without(t, aliyunUp, field, true))
	}
	bodies = append(bodies, without(t, aliyunReport, "success", "true"), without(t, aliyunReport, "out_id", 42))
	for _, body := range bodies {
		for _, body := range []string{body, "[" + aliyunReport + "," + body + "]"} {
			got, err := readPush(aliyunPusher(t), body)
			wantWholePush(t, got, err)
			if err == nil {
				t.Errorf("%q was taken: %+v", body, got)
			}
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, ""} {
		got, err := aliyunPusher(t).(Pusher).ReadPush(PushRequest{Method: method, Body: []byte(aliyunReport)})
		wantWholePush(t, got, err)
		if err == nil {
			t.Errorf("%s was taken", method)
		}
	}
}

func TestAliyunsPushesMayComeInAnyOrder(t *testing.T) {
	parts := []string{aliyunReport, aliyunFailed, aliyunReport}
	forth, err := readPush(aliyunPusher(t), "["+strings.Join(parts, ",")+"]")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(parts)
	back, err := readPush(aliyunPusher(t), "["+strings.Join(parts, ",")+"]")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(back.Receipts)
	if diff := cmp.Diff(forth, back); diff != "" {
		t.Error(diff)
	}
}

func FuzzAliyunPush(f *testing.F) {
	for _, body := range []string{
		aliyunReportExample, aliyunUpExample, aliyunReport, "[" + aliyunFailed + "," + aliyunUp + "]", "[]", "{}", "null",
		strings.Replace(aliyunFailed, "MOBILE_NOT_ON_SERVICE", "13812345678 关机", 1),
	} {
		f.Add(http.MethodPost, []byte(body))
	}
	f.Add(http.MethodGet, []byte(aliyunReport))
	g := aliyunPusher(f).(Pusher)
	f.Fuzz(func(t *testing.T, method string, body []byte) {
		p, err := g.ReadPush(PushRequest{Method: method, Body: body})
		wantWholePush(t, p, err)
	})
}
