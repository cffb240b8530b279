package sms

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var tencentCloud = cloud{
	kind:  "tencent",
	codes: tencentCodes,
	open: func(t *testing.T, endpoint *url.URL) Gateway {
		t.Helper()
		o := tencentOptions()
		o.Tencent.Endpoint = endpoint
		return openCloud(t, o)
	},
	taken: tencentStatus("Ok", "send success", "2640:215758129816503480920065535"),
	id:    "2640:215758129816503480920065535",
	// Most codes come in the status of the number.
	refusal: func(code, message string) string { return tencentStatus(code, message, "") },
	listed: map[string]Class{
		"LimitExceeded.PhoneNumberDailyLimit":             RetryLater,
		"LimitExceeded.PhoneNumberOneHourLimit":           RetryLater,
		"LimitExceeded.PhoneNumberThirtySecondLimit":      RetryLater,
		"LimitExceeded.PhoneNumberSameContentDailyLimit":  RetryLater,
		"LimitExceeded.DeliveryFrequencyLimit":            RetryLater,
		"RequestLimitExceeded":                            RetryLater,
		"FailedOperation.SignatureIncorrectOrUnapproved":  SetUp,
		"FailedOperation.TemplateIncorrectOrUnapproved":   SetUp,
		"AuthFailure.SignatureExpire":                     SetUp,
		"AuthFailure.SignatureFailure":                    SetUp,
		"UnauthorizedOperation.RequestIpNotInWhitelist":   SetUp,
		"FailedOperation.InsufficientBalanceInSmsPackage": NoMoney,
		"LimitExceeded.AppDailyLimit":                     NoMoney,
		"FailedOperation.PhoneNumberInBlacklist":          WrongNumber,
		"InvalidParameterValue.IncorrectPhoneNumber":      WrongNumber,
		"FailedOperation.ContainSensitiveWord":            Content,
		"InternalError.Timeout":                           Uncertain,
	},
}

func tencentOptions() Options {
	return Options{Name: "MAGPIE_SMS", Setting: "tencent:", Tencent: TencentOptions{
		SecretID: cloudKey, SecretKey: cloudSecret, AppID: "1400006666", Region: "ap-guangzhou",
	}}
}

// tencentStatus is an answer as the document of SendSms has it.
func tencentStatus(code, message, serialNo string) string {
	return asJSON(map[string]any{"Response": map[string]any{
		"SendStatusSet": []any{map[string]any{
			"SerialNo": serialNo, "PhoneNumber": "+86" + cloudNumber, "Fee": 1, "SessionContext": "42",
			"Code": code, "Message": message, "IsoCode": "CN",
		}},
		"RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279",
	}})
}

// tencentError is an answer that refuses the whole request.
func tencentError(code, message string) string {
	return asJSON(map[string]any{"Response": map[string]any{
		"Error": map[string]any{"Code": code, "Message": message}, "RequestId": "ed93f3cb",
	}})
}

func TestATencentMessageIsOneSignedPost(t *testing.T) {
	var got *http.Request
	var body []byte
	g, requests := standIn(t, tencentCloud, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		io.WriteString(w, tencentCloud.taken)
	})
	// The day of the key is that of UTC: here it is still November.
	g.(*tencent).now = func() time.Time { return time.Date(2026, 12, 1, 7, 30, 0, 0, beijing) }
	m := cloudMessage()
	m.To = "+86" + cloudNumber
	m.Params = append(m.Params, Param{"remark", `"a<b>&c"`})
	if _, err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if requests.Load() != 1 || got.Method != http.MethodPost || got.URL.RequestURI() != "/" {
		t.Errorf("%d requests, %s %s", requests.Load(), got.Method, got.URL)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"PhoneNumberSet": []any{"+86" + cloudNumber}, "SmsSdkAppId": "1400006666", "TemplateId": "1110",
		"SignName": m.Signature, "TemplateParamSet": []any{cloudValue, "31415926", `"a<b>&c"`}, "SessionContext": "42",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{
		"X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11", "X-TC-Region": "ap-guangzhou", "X-TC-Timestamp": "1796081400",
		"Content-Type": "application/json; charset=utf-8",
	} {
		if got := got.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	wantTC3(t, got, body, "2026-11-30")
}

// wantTC3 computes the signature of a request that arrived anew, from document
// 270/35296 alone.
func wantTC3(t *testing.T, r *http.Request, body []byte, day string) {
	t.Helper()
	canonical := "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:" + r.Host + "\n\ncontent-type;host\n" + sha256Hex(string(body))
	scope := day + "/sms/tc3_request"
	toSign := "TC3-HMAC-SHA256\n" + r.Header.Get("X-TC-Timestamp") + "\n" + scope + "\n" + sha256Hex(canonical)
	key := "TC3" + cloudSecret
	for _, part := range strings.Split(scope, "/") {
		binary, err := hex.DecodeString(hmacHex(key, part))
		if err != nil {
			t.Fatal(err)
		}
		key = string(binary)
	}
	want := "TC3-HMAC-SHA256 Credential=" + cloudKey + "/" + scope + ", SignedHeaders=content-type;host, Signature=" + hmacHex(key, toSign)
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheSignatureOfTencentIsTheDocumentsAndItsOwnClients(t *testing.T) {
	for _, c := range []struct{ name, address, contentType, stamp, service, secretID, secretKey, body, scope, want string }{
		{
			name: "the document's example", address: "https://cvm.tencentcloudapi.com/", contentType: "application/json; charset=utf-8",
			stamp: "1551113065", service: "cvm", secretID: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
			body:  `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
			scope: "2019-02-25/cvm/tc3_request", want: "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
		},
		{
			// What tencentcloud-sdk-go 1.3.210 sent to a server here.
			name: "the vendor's client", address: "http://127.0.0.1:35733/", contentType: "application/json",
			stamp: "1795637036", service: "sms", secretID: "AKID", secretKey: "SECRET",
			body: `{"PhoneNumberSet":["+8613812345678"],"SessionContext":"42","SignName":"安化县民政局","SmsSdkAppId":"1400006666",` +
				`"TemplateId":"1110","TemplateParamSet":["12月1日"]}`,
			scope: "2026-11-25/sms/tc3_request", want: "9a86a7c29eb581ecdf8d9e718eb714bb5d924c8752e6ec6a668e469e9f95de70",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, c.address, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", c.contentType)
			req.Header.Set("X-TC-Timestamp", c.stamp)
			signTencent(req, []byte(c.body), c.service, c.secretID, c.secretKey)
			want := "TC3-HMAC-SHA256 Credential=" + c.secretID + "/" + c.scope + ", SignedHeaders=content-type;host, Signature=" + c.want
			if got := req.Header.Get("Authorization"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestTencentsVariablesAreAListEvenIfThereAreNone(t *testing.T) {
	g, _ := standIn(t, tencentCloud, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"TemplateParamSet":[]`) {
			t.Errorf("the body is %s", body)
		}
		io.WriteString(w, tencentCloud.taken)
	})
	m := cloudMessage()
	m.Params = nil
	if _, err := g.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestARefusalOfTheWholeTencentRequestIsReadToo(t *testing.T) {
	for code, v := range tencentCodes {
		g, requests := standIn(t, tencentCloud, says(http.StatusOK, tencentError(code, "您的号码"+cloudNumber)))
		_, err := g.Send(t.Context(), cloudMessage())
		wantRefusal(t, err, v.class, v.wait)
		if n := requests.Load(); n != 1 {
			t.Errorf("%s: %d requests", code, n)
		}
	}
	// An error beside a status says that something is wrong with all of it.
	both := strings.Replace(tencentCloud.taken, `{"RequestId"`, `{"Error":{"Code":"AuthFailure.SignatureExpire","Message":""},"RequestId"`, 1)
	g, _ := standIn(t, tencentCloud, says(http.StatusOK, both))
	_, err := g.Send(t.Context(), cloudMessage())
	wantRefusal(t, err, SetUp, 0)
}

func TestATencentAnswerWithoutOneStatusIsUncertain(t *testing.T) {
	status := `{"SerialNo":"1:1","Code":"Ok"}`
	for _, body := range []string{
		`{"Response":{"RequestId":"x"}}`,
		`{"Response":{"SendStatusSet":[],"RequestId":"x"}}`,
		`{"Response":{"SendStatusSet":null,"Error":null}}`,
		`{"Response":{"SendStatusSet":[` + status + "," + status + `]}}`,
		`{"Response":{"SendStatusSet":[{"SerialNo":"1:1"}]}}`,
		`{"SendStatusSet":[` + status + `]}`,
		`{"Response":[` + status + `]}`,
		`[]`,
	} {
		g, _ := standIn(t, tencentCloud, says(http.StatusOK, body))
		_, err := g.Send(t.Context(), cloudMessage())
		wantRefusal(t, err, Uncertain, 0)
	}
}

func TestATencentMessageBearsTheTimeNow(t *testing.T) {
	var stamp atomic.Value
	g, _ := standIn(t, tencentCloud, func(w http.ResponseWriter, r *http.Request) {
		stamp.Store(r.Header.Get("X-TC-Timestamp"))
		io.WriteString(w, tencentCloud.taken)
	})
	before := time.Now().Unix()
	if _, err := g.Send(t.Context(), cloudMessage()); err != nil {
		t.Fatal(err)
	}
	var at int64
	if err := json.Unmarshal([]byte(stamp.Load().(string)), &at); err != nil || at < before || at > time.Now().Unix() {
		t.Errorf("stamped %v, %v", stamp.Load(), err)
	}
}

func TestTencentIsNotOpenedWithoutItsKeyApplicationAndRegion(t *testing.T) {
	for name, spoil := range map[string]func(o *Options){
		"no id":          func(o *Options) { o.Tencent.SecretID = "" },
		"no key":         func(o *Options) { o.Tencent.SecretKey = "" },
		"no application": func(o *Options) { o.Tencent.AppID = "" },
		"no region":      func(o *Options) { o.Tencent.Region = "" },
		"something more": func(o *Options) { o.Setting = "tencent:x" },
		"another scheme": func(o *Options) { o.Tencent.Endpoint = &url.URL{Scheme: "ws", Host: "h"} },
	} {
		o := tencentOptions()
		spoil(&o)
		g, err := Open(o)
		if g != nil || err == nil || !strings.HasPrefix(err.Error(), "MAGPIE_SMS: ") || strings.Contains(err.Error(), cloudSecret) {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	if got := openCloud(t, tencentOptions()).(*tencent).endpoint; got.String() != "https://sms.tencentcloudapi.com/" {
		t.Errorf("the endpoint is %s", got.String())
	}
}
