package sms

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The examples of documents 382/5807 and 382/43548, word by word; the number and
// the id are masked there.
const (
	tencentStatusExample = `[
    {
        "user_receive_time": "2015-10-17 08:03:04",
        "nationcode": "86",
        "mobile": "13xxxxxxxxx",
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": "xxxxxxx"
    }
]`
	tencentReplyExample = `{
    "extend": "Extended code",
    "mobile": "13xxxxxxxxx",
    "nationcode": "86",
    "sign": "SMS signature",
    "text": "User reply",
    "time": 1457336869
}`
)

const (
	tencentDelivered = `{"user_receive_time":"2026-12-01 09:00:05","nationcode":"86","mobile":"13812345678",` +
		`"report_status":"SUCCESS","errmsg":"DELIVRD","description":"用户短信送达成功","sid":"2640:215758129816503480920065535"}`
	tencentFailed = `{"user_receive_time":"2026-12-01 09:00:07","nationcode":"86","mobile":"13912345678",` +
		`"report_status":"FAIL","errmsg":"MK:0001","description":"空号","sid":"2640:215758129816503480920065536"}`
	tencentReply = `{"extend":"","mobile":"13812345678","nationcode":"86","sign":"安化县民政局","text":"确认","time":1796090400}`
)

func tencentPusher(tb testing.TB) Gateway {
	tb.Helper()
	g, err := Open(tencentOptions())
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func TestTencentsCallbacksAreReadAsDocumented(t *testing.T) {
	at := func(hour, minute, second int) time.Time {
		return time.Date(2026, 12, 1, hour, minute, second, 0, time.UTC)
	}
	delivered := Receipt{GatewayID: "2640:215758129816503480920065535", To: "13812345678", Delivered: true, At: at(1, 0, 5)}
	failed := Receipt{GatewayID: "2640:215758129816503480920065536", To: "13912345678", Reason: "MK:0001", At: at(1, 0, 7)}
	reply := Reply{From: "13812345678", Text: "确认", At: at(2, 0, 0)}
	for _, c := range []struct {
		name, body string
		want       Push
	}{
		{"the example of a status", tencentStatusExample, Push{Receipts: []Receipt{{GatewayID: "xxxxxxx", Delivered: true, At: time.Date(2015, 10, 17, 0, 3, 4, 0, time.UTC)}}}},
		{"the example of a reply, whose number is none", tencentReplyExample, Push{}},
		{"the example of a reply with a number", strings.Replace(tencentReplyExample, "13xxxxxxxxx", "13812345678", 1),
			Push{Replies: []Reply{{From: "13812345678", Text: "User reply", At: time.Date(2016, 3, 7, 7, 47, 49, 0, time.UTC)}}}},
		{"one status", "[" + tencentDelivered + "]", Push{Receipts: []Receipt{delivered}}},
		{"a status by itself", "\r\n" + tencentDelivered, Push{Receipts: []Receipt{delivered}}},
		{"a failure", "[" + tencentFailed + "]", Push{Receipts: []Receipt{failed}}},
		{"two, and one of them again", "[" + tencentFailed + "," + tencentDelivered + "," + tencentFailed + "]", Push{Receipts: []Receipt{failed, delivered, failed}}},
		{"a status under way", "[" + without(t, tencentDelivered, "report_status", "UNKNOWN") + "," + tencentFailed + "]", Push{Receipts: []Receipt{failed}}},
		{"a status of a foreign number", without(t, tencentDelivered, "nationcode", "852"), Push{Receipts: []Receipt{{GatewayID: delivered.GatewayID, Delivered: true, At: delivered.At}}}},
		{"a reply", tencentReply, Push{Replies: []Reply{reply}}},
		{"replies", "[" + tencentReply + "," + tencentReply + "]", Push{Replies: []Reply{reply, reply}}},
		{"a number with its country", without(t, tencentReply, "mobile", "+8613812345678"), Push{Replies: []Reply{reply}}},
		{"a carrier's advertisement", "[" + without(t, tencentReply, "mobile", "10086") + "," + tencentReply + "]", Push{Replies: []Reply{reply}}},
		{"a reply from abroad", without(t, tencentReply, "nationcode", "1"), Push{}},
		{"both kinds", "[" + tencentReply + "," + tencentDelivered + "]", Push{Receipts: []Receipt{delivered}, Replies: []Reply{reply}}},
		{"fields nobody knows", strings.Replace(tencentDelivered, "{", `{"ext":"42","fee":[1],`, 1), Push{Receipts: []Receipt{delivered}}},
		{"nothing", "[]", Push{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readPush(tencentPusher(t), c.body)
			if err != nil {
				t.Fatal(err)
			}
			c.want.Answer = Answer{Status: http.StatusOK, ContentType: "application/json", Body: `{"result":0,"errmsg":"OK"}`}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			wantWholePush(t, got, err)
		})
	}
}

func TestATencentTimeThatNoDatabaseHoldsIsNone(t *testing.T) {
	for _, seconds := range []int64{0, -1, 1 << 32, math.MaxInt64, math.MinInt64} {
		got, err := readPush(tencentPusher(t), without(t, tencentReply, "time", seconds))
		if err != nil || len(got.Replies) != 1 || !got.Replies[0].At.IsZero() {
			t.Errorf("%d: %+v, %v", seconds, got, err)
		}
	}
	got, err := readPush(tencentPusher(t), without(t, tencentFailed, "user_receive_time", ""))
	if err != nil || len(got.Receipts) != 1 || !got.Receipts[0].At.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOnlyCodesOfTencentBecomeReasons(t *testing.T) {
	for errmsg, want := range map[string]string{
		"MK:0001": "MK:0001", "-106": "-106", "": "failed", "空号": "failed", "空号13812345678": "unreadable", "LT:0010 关机": "LT:0010",
	} {
		got, err := readPush(tencentPusher(t), without(t, tencentFailed, "errmsg", errmsg))
		if err != nil || len(got.Receipts) != 1 || got.Receipts[0].Reason != want {
			t.Errorf("%q: %+v, %v", errmsg, got, err)
		}
	}
}

func TestWhatIsNoCallbackOfTencentIsRefusedWhole(t *testing.T) {
	bodies := []string{
		"", " ", "null", "false", "1457336869", `"OK"`, "{}", "[{}]", "[null]", "[[]]", "{", "[" + tencentDelivered, tencentDelivered + tencentDelivered,
		"mobile=13812345678&text=1", "\xff",
		// Both kinds in one.
		`{"text":"1","time":1,` + tencentDelivered[1:], `{"report_status":"SUCCESS",` + tencentReply[1:],
	}
	for _, field := range []string{"user_receive_time", "nationcode", "mobile", "report_status", "errmsg", "sid"} {
		bodies = append(bodies, without(t, tencentFailed, field, nil), without(t, tencentFailed, field, []int{1}), without(t, tencentFailed, field, 86))
	}
	for _, field := range []string{"nationcode", "mobile", "text", "time"} {
		bodies = append(bodies, without(t, tencentReply, field, nil), without(t, tencentReply, field, []int{1}), without(t, tencentReply, field, true))
	}
	bodies = append(bodies, without(t, tencentReply, "time", "1457336869"), without(t, tencentReply, "time", 1.5))
	for _, body := range bodies {
		for _, body := range []string{body, "[" + tencentFailed + "," + body + "]"} {
			got, err := readPush(tencentPusher(t), body)
			wantWholePush(t, got, err)
			if err == nil {
				t.Errorf("%q was taken: %+v", body, got)
			}
		}
	}
	got, err := tencentPusher(t).(Pusher).ReadPush(PushRequest{Method: http.MethodGet, Body: []byte(tencentReply)})
	wantWholePush(t, got, err)
	if err == nil {
		t.Error("a GET was taken")
	}
}

func TestTencentsCallbacksMayComeInAnyOrder(t *testing.T) {
	parts := []string{tencentDelivered, tencentFailed, tencentFailed}
	forth, err := readPush(tencentPusher(t), "["+strings.Join(parts, ",")+"]")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(parts)
	back, err := readPush(tencentPusher(t), "["+strings.Join(parts, ",")+"]")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(back.Receipts)
	if diff := cmp.Diff(forth, back); diff != "" {
		t.Error(diff)
	}
}

func FuzzTencentPush(f *testing.F) {
	for _, body := range []string{
		tencentStatusExample, tencentReplyExample, tencentDelivered, tencentReply, "[" + tencentFailed + "," + tencentReply + "]", "[]", "{}", "null",
		strings.Replace(tencentFailed, "MK:0001", "13812345678 关机", 1),
	} {
		f.Add(http.MethodPost, []byte(body))
	}
	f.Add(http.MethodGet, []byte(tencentReply))
	g := tencentPusher(f).(Pusher)
	f.Fuzz(func(t *testing.T, method string, body []byte) {
		p, err := g.ReadPush(PushRequest{Method: method, Body: body})
		wantWholePush(t, p, err)
	})
}
