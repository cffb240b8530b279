package sms

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	masSecret = "Tdxx07-secret"
	masYes    = `{"msgGroup":"0927152506001000833076","rspcod":"success","success":true}`
)

func masOptions() MASOptions {
	return MASOptions{
		ECName: "安化县民政局", APID: "anhua", SecretKey: masSecret,
		Signs: map[string]string{"安化县民政局": "kpUrJYyJD", "安化": "zHsmzt"}, AddSerial: "01",
	}
}

func openMASAt(t *testing.T, address string) Gateway {
	t.Helper()
	return openCloud(t, Options{Setting: "mas+" + address, MAS: masOptions()})
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestAMASMessageIsOnePostOfBase64(t *testing.T) {
	const id = "5aa85e61ffd940cda888746e80c4014b"
	for path, want := range map[string]map[string]any{
		"/sms/norsubmit": {
			"ecName": "安化县民政局", "apId": "anhua", "mobiles": number, "content": "您好，编号31415926。", "sign": "kpUrJYyJD", "addSerial": "01",
			"mac": md5Hex("安化县民政局" + "anhua" + masSecret + number + "您好，编号31415926。" + "kpUrJYyJD" + "01"),
		},
		"/sms/tmpsubmit": {
			"ecName": "安化县民政局", "apId": "anhua", "templateId": id, "mobiles": number, "params": `["12月1日 09:00","31415926"]`, "sign": "kpUrJYyJD", "addSerial": "01",
			"mac": md5Hex("安化县民政局" + "anhua" + masSecret + id + number + `["12月1日 09:00","31415926"]` + "kpUrJYyJD" + "01"),
		},
	} {
		t.Run(path, func(t *testing.T) {
			var got *http.Request
			var body []byte
			d := driver{open: func(t *testing.T, base string) Gateway { return openMASAt(t, base+path) }}
			g, requests := against(t, d, func(w http.ResponseWriter, r *http.Request) {
				got, body = r, bodyOf(t, r)
				says(http.StatusOK, masYes)(w, r)
			})
			group, err := g.Send(t.Context(), whole())
			if err != nil || group != "0927152506001000833076" {
				t.Errorf("%q, %v", group, err)
			}
			if got.Method != http.MethodPost || got.URL.RequestURI() != path || requests.Load() != 1 {
				t.Errorf("%s %s, %d requests", got.Method, got.URL, requests.Load())
			}
			text, err := base64.StdEncoding.DecodeString(string(body))
			if err != nil {
				t.Fatal(err)
			}
			var fields map[string]any
			if err := json.Unmarshal(text, &fields); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, fields); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(string(text), masSecret) {
				t.Error("the key is in the request")
			}
		})
	}
}

// The sums are md5sum's; the order of the fields was held against requests that
// clients have published with their mac.
func TestTheMACIsTheSumOfTheFieldsInTheirOrder(t *testing.T) {
	free := masSubmitted{
		ECName: "安化县民政局", APID: "anhua", Mobiles: number, Content: "您好，编号31415926。", Sign: "kpUrJYyJD", AddSerial: "01",
	}
	if got := free.mac(masSecret); got != "56e76cd508877d6a940eac45a88ef277" {
		t.Errorf("norsubmit: %s", got)
	}
	template := masSubmitted{
		ECName: "安化县民政局", APID: "anhua", TemplateID: "5aa85e61ffd940cda888746e80c4014b", Mobiles: number, Params: `["859415"]`, Sign: "kpUrJYyJD",
	}
	if got := template.mac(masSecret); got != "98c142890ab1736591cd938785ae2863" {
		t.Errorf("tmpsubmit: %s", got)
	}
}

func TestATemplateWithoutVariablesHasAnEmptyOne(t *testing.T) {
	for want, params := range map[string][]Param{
		`[""]`: nil, `["a"]`: {{"x", "a"}}, `["<a&b>","\"c\""]`: {{"x", "<a&b>"}, {"y", `"c"`}},
	} {
		if got, failed := masParams(params); failed != nil || got != want {
			t.Errorf("%s, want %s (%v)", got, want, failed)
		}
	}
}

func TestWhatMASWouldRefuseAnywayIsNotAsked(t *testing.T) {
	for _, c := range []struct {
		name, path string
		message    func(*Message)
		class      Class
		says       string
	}{
		{"another signature", "/sms/norsubmit", func(m *Message) { m.Signature = "别的局" }, SetUp, "MAGPIE_MAS_SIGNS"},
		{"no signature", "/sms/norsubmit", func(m *Message) { m.Signature = "" }, SetUp, "MAGPIE_MAS_SIGNS"},
		{"no template", "/sms/tmpsubmit", func(m *Message) { m.Codes = map[string]string{"aliyun": "SMS_1"} }, SetUp, "no approved template code of this text for mas"},
		{"a link", "/sms/tmpsubmit", func(m *Message) { m.Params[0].Value = "https://a.cn" }, Content, "a link in a variable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := driver{open: func(t *testing.T, base string) Gateway { return openMASAt(t, base+c.path) }}
			g, requests := against(t, d, says(http.StatusOK, masYes))
			m := whole()
			c.message(&m)
			_, err := g.Send(t.Context(), m)
			if e := wantError(t, err, c.class); !strings.Contains(e.Detail, c.says) || requests.Load() != 0 {
				t.Errorf("%s, %d requests", e.Detail, requests.Load())
			}
		})
	}
}

func TestEachCodeOfMASIsWhatTheTableSays(t *testing.T) {
	var lines strings.Builder
	for _, code := range slices.Sorted(maps.Keys(masCodes)) {
		for _, body := range []string{
			fmt.Sprintf(`{"msgGroup":"","rspcod":%q,"success":false}`, code),
			fmt.Sprintf(`{"mgsGroup":null,"rspcod":%q}`, code),
		} {
			g, requests := against(t, drivers()[0], says(http.StatusOK, body))
			_, err := g.Send(t.Context(), whole())
			if e := wantError(t, err, masCodes[code].class); !strings.Contains(e.Detail, code) || requests.Load() != 1 {
				t.Errorf("%s, %d requests", e.Detail, requests.Load())
			}
			if !strings.Contains(body, "null") {
				lines.WriteString(codeLine(code, err))
			}
		}
	}
	wantGolden(t, "codes-mas.golden", lines.String())
	for _, code := range []string{"IllegalMac", "IllegalSignId", "InvalidMessage", "InvalidUsrOrPwd", "NoSignId", "TooManyMobiles"} {
		if v, known := masCodes[code]; !known || v.class != SetUp {
			t.Errorf("%s is %s", code, v.class)
		}
	}
}

func TestAnAnswerOfMASIsReadInEveryFormThatGatewaysWrite(t *testing.T) {
	const taken = Class(-1)
	for _, c := range []struct {
		body string
		want Class
		id   string
	}{
		{masYes, taken, "0927152506001000833076"},
		{`{"mgsGroup":"0927","rspcod":"success","success":true}`, taken, "0927"},
		{base64.StdEncoding.EncodeToString([]byte(masYes)), taken, "0927152506001000833076"},
		{`{"msgGroup":"0927","rspcod":"0000","success":"true"}`, taken, "0927"},
		{`{"rspcod":"success"}`, taken, ""},
		{`{"rspcod":"success","success":null,"msgGroup":"7"}`, taken, "7"},
		{`{"rspcod":"success","success":false,"msgGroup":"7"}`, Uncertain, ""},
		{`{"rspcod":"IllegalMac","success":true,"msgGroup":"7"}`, Uncertain, ""},
		{`{"rspcod":"NobodyHasSeenThis","success":false}`, RetryLater, ""},
		{`{"rspcod":"号码13812345678不对","success":false}`, RetryLater, ""},
		{`{"rspcod":"","success":false}`, Uncertain, ""},
		{`{"success":false}`, Uncertain, ""},
		{`{"rspcod":7}`, Uncertain, ""},
		{`{"rspcod":"success","success":tr`, Uncertain, ""},
		{`[]`, Uncertain, ""},
		{`<html>Welcome to our network</html>`, Uncertain, ""},
		{``, Uncertain, ""},
	} {
		t.Run(c.body, func(t *testing.T) {
			g, requests := against(t, drivers()[0], says(http.StatusOK, c.body))
			id, err := g.Send(t.Context(), whole())
			if requests.Load() != 1 || id != c.id {
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

func TestMASIsNotOpenedWithoutItsAccount(t *testing.T) {
	for name, spoil := range map[string]func(*MASOptions){
		"enterprise": func(o *MASOptions) { o.ECName = "" },
		"account":    func(o *MASOptions) { o.APID = "" },
		"key":        func(o *MASOptions) { o.SecretKey = "" },
		"signature":  func(o *MASOptions) { o.Signs = nil },
	} {
		o := masOptions()
		spoil(&o)
		_, err := Open(Options{Name: "MAGPIE_SMS", Setting: "mas+http://192.0.2.1:1992/sms/norsubmit", MAS: o})
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), masSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// masReport and masReply are the documented pushes, the reply one that a client
// noted down.
const (
	masReport = `{"reportStatus":"DELIVRD","mobile":"13812345678","submitDate":"20261125090000","receiveDate":"20261125090005","errorCode":"DELIVRD","msgGroup":"0927152506001000833076"}`
	masReply  = `{"mobile":"13812345678","smsContent":"d","sendTime":"2026-11-25 15:58:36","addSerial":"106575297722"}`
)

func TestMASPushesAreRead(t *testing.T) {
	at := time.Date(2026, 11, 25, 1, 0, 5, 0, time.UTC)
	good := Receipt{GatewayID: "0927152506001000833076", To: number, Delivered: true, At: at}
	reply := Reply{From: number, Text: "d", At: time.Date(2026, 11, 25, 7, 58, 36, 0, time.UTC)}
	failed := func(reason string) []Receipt {
		return []Receipt{{GatewayID: good.GatewayID, To: number, Reason: reason, At: at}}
	}
	report := func(changes ...any) string {
		body := masReport
		for i := 0; i < len(changes); i += 2 {
			body = without(t, body, changes[i].(string), changes[i+1])
		}
		return body
	}
	for _, c := range []struct {
		name, body string
		receipts   []Receipt
		replies    []Reply
	}{
		{"a report", masReport, []Receipt{good}, nil},
		{"a reply", masReply, nil, []Reply{reply}},
		{"in Base64", base64.StdEncoding.EncodeToString([]byte(masReport)), []Receipt{good}, nil},
		{"a list of both", "[" + masReply + "," + masReport + "," + masReport + "]", []Receipt{good, good}, []Reply{reply}},
		{"an empty list", "[]", nil, nil},
		{"a failure", report("reportStatus", "UNDELIV", "errorCode", "DB:0140"), failed("DB:0140"), nil},
		{"a failure without a code", report("reportStatus", "CM:8003", "errorCode", ""), failed("CM:8003"), nil},
		{"a sentence for a code", report("reportStatus", "失败", "errorCode", "您的号码"), failed("failed"), nil},
		{"a number for a code", report("reportStatus", "UNDELIV", "errorCode", number), failed("unreadable"), nil},
		{"taken by the platform", report("reportStatus", "CM:0000"), nil, nil},
		{"taken by the carrier", report("reportStatus", "CM:3000"), nil, nil},
		{"taken by the centre", report("reportStatus", "ACCEPTD"), nil, nil},
		{"no batch", report("msgGroup", ""), nil, nil},
		{"a batch of two in a list", report("mobile", []string{"8613812345678", "13912345678"}),
			[]Receipt{good, {GatewayID: good.GatewayID, To: "13912345678", Delivered: true, At: at}}, nil},
		{"the same with commas", report("mobile", "13812345678,13912345678"),
			[]Receipt{good, {GatewayID: good.GatewayID, To: "13912345678", Delivered: true, At: at}}, nil},
		{"numbers under another name", strings.Replace(masReport, `"mobile":"13812345678"`, `"mobiles":["13812345678"]`, 1), []Receipt{good}, nil},
		{"a time with signs", report("receiveDate", "2026-11-25 09:00:05"), []Receipt{good}, nil},
		{"no time", report("receiveDate", nil), []Receipt{{GatewayID: good.GatewayID, To: number, Delivered: true}}, nil},
		{"a field nobody knows", report("submitDate", nil, "errorCode", nil), []Receipt{good}, nil},
		{"an advertisement", without(t, masReply, "mobile", "10086"), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			push, err := readPush(openMASAt(t, "http://192.0.2.1/sms/norsubmit"), c.body)
			want := Push{Receipts: c.receipts, Replies: c.replies, Answer: Answer{200, "application/json", `{"rspcod":"success"}`}}
			if diff := cmp.Diff(want, push); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestWhatIsNoPushOfMASIsRefusedWhole(t *testing.T) {
	g := openMASAt(t, "http://192.0.2.1/sms/norsubmit")
	for _, body := range []string{
		"", "{}", "null", "true", "7", `"x"`, "<xml/>", "%%%", masReport + masReport, masReport[:40], "[" + masReport + ",{}]", "[" + masReport + ",7]",
		without(t, masReport, "reportStatus", nil), without(t, masReport, "reportStatus", 7), without(t, masReport, "mobile", nil), without(t, masReport, "mobile", 7),
		without(t, masReport, "msgGroup", nil), without(t, masReply, "mobile", nil), without(t, masReply, "smsContent", nil), without(t, masReply, "smsContent", []int{1}),
		strings.Replace(masReport, "{", `{"smsContent":"1",`, 1),
	} {
		if push, err := readPush(g, body); !errors.Is(err, ErrNotAPush) || push.Receipts != nil || push.Replies != nil {
			t.Errorf("%s: %+v, %v", body, push, err)
		}
	}
	if _, err := g.(Pusher).ReadPush(PushRequest{Method: http.MethodGet, Body: []byte(masReport)}); !errors.Is(err, ErrNotAPush) {
		t.Errorf("GET: %v", err)
	}
}

func FuzzMASPush(f *testing.F) {
	f.Add(masReport)
	f.Add(masReply)
	f.Add("[" + masReport + "," + masReply + "]")
	f.Add(base64.StdEncoding.EncodeToString([]byte(masReply)))
	f.Add(strings.Replace(masReport, "DELIVRD", "您好13812345678", 2))
	f.Fuzz(func(t *testing.T, body string) {
		push, err := readPush(&mas{}, body)
		wantWholePush(t, push, err)
	})
}
