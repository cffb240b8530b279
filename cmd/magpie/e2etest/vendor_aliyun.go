package e2etest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	aliyunKeyID  = "LTAIweidenkorb0001"
	aliyunSecret = "Kaiserling-7740-Birkenrinde"
)

// vendorSecrets are those of all vendors: no log may hold them.
var vendorSecrets = []string{aliyunSecret, tencentSecret, masSecret, webhookSecret}

// aliyunManner is SendSms of Alibaba Cloud SMS (help.aliyun.com, documents
// 55284 and 2593177), and its pushes SmsReport (101867) and SmsUp (101847).
type aliyunManner struct{}

func (aliyunManner) settings(address string) map[string]string {
	return map[string]string{
		"MAGPIE_SMS": "aliyun:", "MAGPIE_ALIYUN_ENDPOINT": address,
		"MAGPIE_ALIYUN_KEY_ID": aliyunKeyID, "MAGPIE_ALIYUN_KEY_SECRET": aliyunSecret,
	}
}

func (aliyunManner) read(r *http.Request, body []byte) (Sent, error) {
	q := r.URL.Query()
	if err := aliyunSigned(r, body); err != nil {
		return Sent{}, err
	}
	if r.Header.Get("x-acs-action") != "SendSms" || r.Header.Get("x-acs-version") != "2017-05-25" {
		return Sent{}, errors.New("another action than SendSms of 2017-05-25")
	}
	s := Sent{To: q.Get("PhoneNumbers"), Signature: q.Get("SignName"), Template: q.Get("TemplateCode"), ID: q.Get("OutId")}
	if params := q.Get("TemplateParam"); params != "" {
		if err := json.Unmarshal([]byte(params), &s.Params); err != nil {
			return Sent{}, fmt.Errorf("TemplateParam: %w", err)
		}
	}
	return s, nil
}

// aliyunSigned holds a request against its signature, ACS3-HMAC-SHA256.
func aliyunSigned(r *http.Request, body []byte) error {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		given[name] = value
	}
	at, err := time.Parse(time.RFC3339, r.Header.Get("x-acs-date"))
	switch {
	case scheme != "ACS3-HMAC-SHA256" || given["Credential"] != aliyunKeyID:
		return errors.New("no signature of this account")
	case err != nil || time.Since(at).Abs() > 15*time.Minute:
		return fmt.Errorf("x-acs-date is %q", r.Header.Get("x-acs-date"))
	case r.Header.Get("x-acs-signature-nonce") == "" || r.Header.Get("x-acs-content-sha256") != hexSHA256(body):
		return errors.New("no nonce, or the digest of another body")
	}
	var headers string
	for name := range strings.SplitSeq(given["SignedHeaders"], ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers += name + ":" + strings.TrimSpace(value) + "\n"
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, headers, given["SignedHeaders"], hexSHA256(body)}, "\n")
	if want := hexHMAC([]byte(aliyunSecret), scheme+"\n"+hexSHA256([]byte(canonical))); want != given["Signature"] {
		return errors.New("SignatureDoesNotMatch")
	}
	for _, name := range []string{"host", "x-acs-action", "x-acs-date", "x-acs-content-sha256", "x-acs-signature-nonce", "x-acs-version"} {
		if !strings.Contains(";"+given["SignedHeaders"]+";", ";"+name+";") {
			return fmt.Errorf("%s is not signed", name)
		}
	}
	if r.URL.RawQuery != strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20") {
		return errors.New("the query is not in the order and form that is signed")
	}
	return nil
}

func (aliyunManner) answer(s Sent) (int, any) {
	if s.Taken() {
		return http.StatusOK, map[string]string{"Message": "OK", "RequestId": "F655A8D5-B967-440B-8683-DAD6FF8DE990", "Code": "OK", "BizId": s.GatewayID}
	}
	status := http.StatusOK
	if !strings.HasPrefix(s.Said, "isv.") && !strings.HasPrefix(s.Said, "isp.") {
		status = http.StatusBadRequest // the API's gateway, before the service
	}
	code, message, _ := strings.Cut(s.Said, " ")
	return status, map[string]string{"Message": message, "RequestId": "F655A8D5-B967-440B-8683-DAD6FF8DE991", "Code": code}
}

func (aliyunManner) receipt(s Sent, reason string, at time.Time) Push {
	report := map[string]any{
		"phone_number": s.To, "send_time": beijing(at), "report_time": beijing(at), "success": reason == "", "err_code": "DELIVERED",
		"err_msg": "用户接收成功", "sms_size": "1", "biz_id": s.GatewayID, "out_id": s.ID,
	}
	if reason != "" {
		report["err_code"], report["err_msg"] = reason, "失败"
	}
	return posted([]any{report}, nil)
}

func (aliyunManner) reply(from, text, id string, at time.Time) Push {
	return posted([]any{map[string]string{
		"phone_number": from, "content": text, "send_time": beijing(at), "dest_code": "1234", "sequence_id": id, "sign_name": "安化县民政局",
	}}, nil)
}

func (aliyunManner) heard() string { return `{"code":0,"msg":"接收成功"}` }

// beijing is a time as the clouds write it, without a zone.
func beijing(at time.Time) string { return at.In(Shanghai).Format(time.DateTime) }
