package sms

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var aliyunCloud = cloud{
	kind:  "aliyun",
	codes: aliyunCodes,
	open: func(t *testing.T, endpoint *url.URL) Gateway {
		t.Helper()
		return openCloud(t, Options{Setting: "aliyun:", Aliyun: AliyunOptions{KeyID: cloudKey, KeySecret: cloudSecret, Endpoint: endpoint}})
	},
	taken: `{"Message":"OK","RequestId":"873043ac-bcda-44db-9052-2e204c6ed20f","BizId":"900619746936498440^0","Code":"OK"}`,
	id:    "900619746936498440^0",
	refusal: func(code, message string) string {
		return asJSON(map[string]any{"RequestId": "873043ac", "Code": code, "Message": message})
	},
	flow: map[string]time.Duration{
		"触发分钟级流控Permits:1": time.Minute,
		"触发小时级流控Permits:5": 10 * time.Minute,
		"触发天级流控Permits:10": time.Hour,
		"触发月级流控Permits:40": time.Hour,
		"触发云通信流控限制":        10 * time.Minute,
		"流控":               10 * time.Minute,
	},
	listed: map[string]Class{
		"isv.BUSINESS_LIMIT_CONTROL":      RetryLater,
		"isp.SYSTEM_ERROR":                RetryLater,
		"isv.SMS_SIGNATURE_ILLEGAL":       SetUp,
		"isv.SIGN_STATE_ILLEGAL":          SetUp,
		"isv.SMS_TEMPLATE_ILLEGAL":        SetUp,
		"isv.SMS_SIGNATURE_SCENE_ILLEGAL": SetUp,
		"isv.TEMPLATE_MISSING_PARAMETERS": SetUp,
		"isv.INVALID_JSON_PARAM":          SetUp,
		"isv.PARAM_LENGTH_LIMIT":          SetUp,
		"isv.PARAM_NOT_SUPPORT_URL":       SetUp,
		"isv.EXTEND_CODE_ERROR":           SetUp,
		"isp.RAM_PERMISSION_DENY":         SetUp,
		"isv.DENY_IP_RANGE":               SetUp,
		"InvalidTimeStamp.Expired":        SetUp,
		"isv.OUT_OF_SERVICE":              NoMoney,
		"isv.AMOUNT_NOT_ENOUGH":           NoMoney,
		"isv.DAY_LIMIT_CONTROL":           NoMoney,
		"isv.MONTH_LIMIT_CONTROL":         NoMoney,
		"isv.MOBILE_NUMBER_ILLEGAL":       WrongNumber,
		"isv.BLACK_KEY_CONTROL_LIMIT":     WrongNumber,
		"isv.SMS_CONTENT_ILLEGAL":         Content,
	},
}

func TestAnAliyunMessageIsOneSignedPost(t *testing.T) {
	var got *http.Request
	var body []byte
	g, requests := standIn(t, aliyunCloud, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		io.WriteString(w, aliyunCloud.taken)
	})
	a := g.(*aliyun)
	a.now = func() time.Time { return time.Date(2026, 12, 1, 7, 30, 0, 0, beijing) }
	a.nonce = func() string { return "once" }
	m := cloudMessage()
	m.To = "+86" + cloudNumber
	m.Params = append(m.Params, Param{"remark", `"a*b~c d+e&f=g%h#"`})
	if _, err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if requests.Load() != 1 || got.Method != http.MethodPost || got.URL.Path != "/" || len(body) != 0 {
		t.Errorf("%d requests, %s %s, body %q", requests.Load(), got.Method, got.URL.Path, body)
	}
	query := got.URL.Query()
	var params map[string]string
	if err := json.Unmarshal([]byte(query.Get("TemplateParam")), &params); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"start": cloudValue, "reference": "31415926", "remark": `"a*b~c d+e&f=g%h#"`}, params); diff != "" {
		t.Error(diff)
	}
	query.Del("TemplateParam")
	want := url.Values{"PhoneNumbers": {cloudNumber}, "SignName": {m.Signature}, "TemplateCode": {"SMS_154950909"}, "OutId": {"42"}}
	if diff := cmp.Diff(want, query); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{
		"X-Acs-Action": "SendSms", "X-Acs-Version": "2017-05-25", "X-Acs-Date": "2026-11-30T23:30:00Z",
		"X-Acs-Signature-Nonce": "once", "Accept": "application/json",
	} {
		if got := got.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	wantACS3(t, got, body)
}

// wantACS3 computes the signature of a request that arrived anew, from document
// 2593177 alone.
func wantACS3(t *testing.T, r *http.Request, body []byte) {
	t.Helper()
	const signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	sent := strings.Split(r.URL.RawQuery, "&")
	for i, pair := range sent {
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		sent[i] = escaped(name) + "=" + escaped(value)
	}
	canonical := "POST\n/\n" + strings.Join(sent, "&") + "\nhost:" + r.Host + "\n"
	for _, name := range strings.Split(signed, ";")[1:] {
		canonical += name + ":" + r.Header.Get(name) + "\n"
	}
	canonical += "\n" + signed + "\n" + sha256Hex(string(body))
	want := "ACS3-HMAC-SHA256 Credential=" + cloudKey + ",SignedHeaders=" + signed + ",Signature=" +
		hmacHex(cloudSecret, "ACS3-HMAC-SHA256\n"+sha256Hex(canonical))
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheSignatureOfAliyunIsTheDocumentsAndItsOwnClients(t *testing.T) {
	for _, c := range []struct {
		name, address, keyID, keySecret string
		header                          map[string]string
		want                            string
	}{
		{
			name: "the document's example", keyID: "YourAccessKeyId", keySecret: "YourAccessKeySecret",
			address: "https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
			header: map[string]string{
				"x-acs-action": "RunInstances", "x-acs-version": "2014-05-26", "x-acs-date": "2023-10-26T10:22:32Z",
				"x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
			},
			want: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
		},
		{
			// What @alicloud/dysmsapi20170525 4.6.0 sent to a server here.
			name: "the vendor's client", keyID: "AKID", keySecret: "SECRET",
			address: "http://127.0.0.1:36335/?" + canonicalQuery(url.Values{
				"OutId": {"42"}, "PhoneNumbers": {"13812345678"}, "SignName": {"安化县民政局"}, "TemplateCode": {"SMS_1"},
				"TemplateParam": {`{"start":"12月1日 09:00*~"}`},
			}),
			header: map[string]string{
				"x-acs-action": "SendSms", "x-acs-version": "2017-05-25", "x-acs-date": "2026-11-25T20:00:13Z",
				"x-acs-signature-nonce":      "ef12b9cec1078567ec32b768b57309735b3fcbbd1b391e3a8464d45a67df7334",
				"x-acs-credentials-provider": "static_ak",
			},
			want: "4125126796082dd22a576e7e415622ca6f34738bf422a899e8844937569629d4",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, c.address, nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range c.header {
				req.Header.Set(name, value)
			}
			signAliyun(req, nil, c.keyID, c.keySecret)
			got := req.Header.Get("Authorization")
			if !strings.HasSuffix(got, ",Signature="+c.want) || !strings.HasPrefix(got, "ACS3-HMAC-SHA256 Credential="+c.keyID+",SignedHeaders=host;x-acs-") {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestEachAliyunMessageHasItsOwnNonceAndTheTimeNow(t *testing.T) {
	nonces := map[string]bool{}
	g, _ := standIn(t, aliyunCloud, func(w http.ResponseWriter, r *http.Request) {
		nonces[r.Header.Get("X-Acs-Signature-Nonce")] = true
		at, err := time.Parse(time.RFC3339, r.Header.Get("X-Acs-Date"))
		if off := time.Since(at); err != nil || off < -time.Minute || off > time.Minute || !strings.HasSuffix(r.Header.Get("X-Acs-Date"), "Z") {
			t.Errorf("dated %q", r.Header.Get("X-Acs-Date"))
		}
		io.WriteString(w, aliyunCloud.taken)
	})
	for range 20 {
		if _, err := g.Send(t.Context(), cloudMessage()); err != nil {
			t.Fatal(err)
		}
	}
	if len(nonces) != 20 || nonces[""] {
		t.Errorf("%d nonces of 20 messages", len(nonces))
	}
}

func TestATemplateWithoutVariablesIsSentWithoutAny(t *testing.T) {
	g, _ := standIn(t, aliyunCloud, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("TemplateParam") {
			t.Errorf("TemplateParam is %q", r.URL.Query().Get("TemplateParam"))
		}
		io.WriteString(w, aliyunCloud.taken)
	})
	m := cloudMessage()
	m.Params = nil
	if _, err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestAliyunsVariablesComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "params")
		var params []Param
		for name, value := range want {
			params = append(params, Param{name, value})
		}
		text, failed := written(aliyunParams(params))
		got := map[string]string{}
		if failed != nil || json.Unmarshal(text, &got) != nil {
			t.Fatalf("%s, %v", text, failed)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOnlyTheFlowControlOfAliyunSaysThatANumberWaits(t *testing.T) {
	// Another code does not wait, whatever its message speaks of.
	g, _ := standIn(t, aliyunCloud, says(http.StatusOK, aliyunCloud.refusal("Throttling.User", "触发分钟级流控Permits:1")))
	_, err := g.Send(t.Context(), cloudMessage())
	wantRefusal(t, err, RetryLater, 0)
	// Nor does one of which nobody knows what became of the message.
	g, _ = standIn(t, aliyunCloud, says(http.StatusInternalServerError, aliyunCloud.refusal("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1")))
	_, err = g.Send(t.Context(), cloudMessage())
	wantRefusal(t, err, Uncertain, 0)
}

func TestABizIDThatIsTooLongIsNone(t *testing.T) {
	for id, want := range map[string]string{strings.Repeat("1", 64): strings.Repeat("1", 64), strings.Repeat("1", 65): "", "": ""} {
		g, _ := standIn(t, aliyunCloud, says(http.StatusOK, `{"Code":"OK","BizId":"`+id+`"}`))
		if got, err := g.Send(t.Context(), cloudMessage()); err != nil || got != want {
			t.Errorf("%q: %q, %v", id, got, err)
		}
	}
}

func TestAliyunIsNotOpenedWithoutItsKey(t *testing.T) {
	whole := AliyunOptions{KeyID: cloudKey, KeySecret: cloudSecret}
	for name, o := range map[string]Options{
		"no id":          {Setting: "aliyun:", Aliyun: AliyunOptions{KeySecret: cloudSecret}},
		"no secret":      {Setting: "aliyun:", Aliyun: AliyunOptions{KeyID: cloudKey}},
		"something more": {Setting: "aliyun:x", Aliyun: whole},
		"no host":        {Setting: "aliyun:", Aliyun: AliyunOptions{KeyID: cloudKey, KeySecret: cloudSecret, Endpoint: &url.URL{Scheme: "https"}}},
	} {
		o.Name = "MAGPIE_SMS_SECOND"
		g, err := Open(o)
		if g != nil || err == nil || !strings.HasPrefix(err.Error(), "MAGPIE_SMS_SECOND: ") || strings.Contains(err.Error(), cloudSecret) {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	g := openCloud(t, Options{Setting: "aliyun:", Aliyun: whole})
	if got := g.(*aliyun).endpoint; got.String() != "https://dysmsapi.aliyuncs.com/" {
		t.Errorf("the endpoint is %s", got.String())
	}
}
