package e2etest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	tencentID     = "AKIDweidenkorb0002"
	tencentSecret = "Libelle-1180-Feldspat"
	tencentApp    = "1400006666"
)

// tencentManner is SendSms of Tencent Cloud SMS (cloud.tencent.com, documents
// 382/55981 and api/270/35296), and its callbacks of a status (382/5807) and of
// a reply (382/43548 of the international site).
type tencentManner struct{}

func (tencentManner) settings(address string) map[string]string {
	return map[string]string{
		"MAGPIE_SMS": "tencent:", "MAGPIE_TENCENT_ENDPOINT": address, "MAGPIE_TENCENT_APP_ID": tencentApp,
		"MAGPIE_TENCENT_SECRET_ID": tencentID, "MAGPIE_TENCENT_SECRET_KEY": tencentSecret,
	}
}

func (tencentManner) read(r *http.Request, body []byte) (Sent, error) {
	if err := tencentSigned(r, body); err != nil {
		return Sent{}, err
	}
	if r.Header.Get("X-TC-Action") != "SendSms" || r.Header.Get("X-TC-Version") != "2021-01-11" || r.Header.Get("X-TC-Region") == "" {
		return Sent{}, errors.New("another action than SendSms of 2021-01-11, or no region")
	}
	var asked struct {
		PhoneNumberSet, TemplateParamSet []string
		SignName, SessionContext         string
		AppID                            string `json:"SmsSdkAppId"`
		TemplateID                       string `json:"TemplateId"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return Sent{}, err
	}
	if asked.AppID != tencentApp || len(asked.PhoneNumberSet) != 1 || !strings.HasPrefix(asked.PhoneNumberSet[0], "+86") {
		return Sent{}, fmt.Errorf("the application %s, %d numbers", asked.AppID, len(asked.PhoneNumberSet))
	}
	return Sent{
		To: strings.TrimPrefix(asked.PhoneNumberSet[0], "+86"), Signature: asked.SignName, Template: asked.TemplateID,
		Params: byPlace(asked.TemplateParamSet), ID: asked.SessionContext,
	}, nil
}

// tencentSigned holds a request against its signature, TC3-HMAC-SHA256.
func tencentSigned(r *http.Request, body []byte) error {
	stamp := r.Header.Get("X-TC-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	at := time.Unix(seconds, 0).UTC()
	if err != nil || time.Since(at).Abs() > 5*time.Minute {
		return fmt.Errorf("X-TC-Timestamp is %q", stamp)
	}
	const signed = "content-type;host"
	canonical := strings.Join([]string{
		r.Method, "/", "", "content-type:" + r.Header.Get("Content-Type") + "\nhost:" + r.Host + "\n", signed, hexSHA256(body),
	}, "\n")
	scope := at.Format(time.DateOnly) + "/sms/tc3_request"
	key := rawHMAC(rawHMAC(rawHMAC([]byte("TC3"+tencentSecret), at.Format(time.DateOnly)), "sms"), "tc3_request")
	signature := hexHMAC(key, "TC3-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hexSHA256([]byte(canonical)))
	want := "TC3-HMAC-SHA256 Credential=" + tencentID + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + signature
	if r.Header.Get("Authorization") != want {
		return errors.New("AuthFailure.SignatureFailure")
	}
	return nil
}

// byPlace names what has a place alone, from 1 on.
func byPlace(values []string) map[string]string {
	out := make(map[string]string, len(values))
	for i, value := range values {
		out[strconv.Itoa(i+1)] = value
	}
	return out
}

func (tencentManner) answer(s Sent) (int, any) {
	response := map[string]any{"RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}
	if strings.HasPrefix(s.Said, "AuthFailure") || strings.HasPrefix(s.Said, "RequestLimitExceeded") || strings.HasPrefix(s.Said, "InternalError") {
		response["Error"] = map[string]string{"Code": s.Said, "Message": "refused"}
		return http.StatusOK, map[string]any{"Response": response}
	}
	code := "Ok"
	if !s.Taken() {
		code = s.Said
	}
	response["SendStatusSet"] = []any{map[string]any{
		"SerialNo": s.GatewayID, "PhoneNumber": "+86" + s.To, "Fee": 1, "SessionContext": s.ID, "Code": code, "Message": "", "IsoCode": "CN",
	}}
	return http.StatusOK, map[string]any{"Response": response}
}

func (tencentManner) receipt(s Sent, reason string, at time.Time) Push {
	status := map[string]string{
		"user_receive_time": beijing(at), "nationcode": "86", "mobile": s.To, "report_status": "SUCCESS", "errmsg": "DELIVRD",
		"description": "用户短信送达成功", "sid": s.GatewayID,
	}
	if reason != "" {
		status["report_status"], status["errmsg"], status["description"] = "FAIL", reason, "失败"
	}
	return posted([]any{status}, nil)
}

func (tencentManner) reply(from, text, _ string, at time.Time) Push {
	return posted(map[string]any{"nationcode": "86", "mobile": from, "text": text, "sign": "安化县民政局", "time": at.Unix(), "extend": ""}, nil)
}

func (tencentManner) heard() string { return `{"result":0,"errmsg":"OK"}` }
