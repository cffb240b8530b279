package e2etest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	masEnterprise = "安化县民政局"
	masAccount    = "anhua-mas"
	masSecret     = "Graugans-5521-Kieselbach"
	masSign       = "AbCdEf123"
)

// masManner is /sms/norsubmit of China Mobile 云MAS, with its reports (状态报告)
// and texts from phones (上行), as the interface's document and its clients
// have it.
type masManner struct{}

func (masManner) settings(address string) map[string]string {
	return map[string]string{
		"MAGPIE_SMS": "mas+" + address + "/sms/norsubmit", "MAGPIE_MAS_EC_NAME": masEnterprise, "MAGPIE_MAS_AP_ID": masAccount,
		"MAGPIE_MAS_SECRET_KEY": masSecret, "MAGPIE_MAS_SIGNS": "安化县民政局=" + masSign,
	}
}

func (masManner) read(r *http.Request, body []byte) (Sent, error) {
	plain, err := base64.StdEncoding.DecodeString(string(body))
	if err != nil || r.URL.Path != "/sms/norsubmit" || r.Method != http.MethodPost {
		return Sent{}, fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)
	}
	var asked struct{ ECName, APID, Mobiles, Content, Sign, AddSerial, MAC, SecretKey string }
	if err := json.Unmarshal(plain, &asked); err != nil {
		return Sent{}, err
	}
	sum := md5.Sum([]byte(masEnterprise + masAccount + masSecret + asked.Mobiles + asked.Content + asked.Sign + asked.AddSerial))
	switch {
	case asked.SecretKey != "":
		return Sent{}, errors.New("the key itself is in the request")
	case asked.MAC != hex.EncodeToString(sum[:]) || asked.ECName != masEnterprise || asked.APID != masAccount:
		return Sent{}, errors.New("IllegalMac")
	}
	return Sent{To: asked.Mobiles, Signature: asked.Sign, Text: asked.Content}, nil
}

func (masManner) answer(s Sent) (int, any) {
	if s.Taken() {
		return http.StatusOK, map[string]any{"msgGroup": s.GatewayID, "rspcod": "success", "success": true}
	}
	return http.StatusOK, map[string]any{"msgGroup": "", "rspcod": s.Said, "success": false}
}

func (masManner) receipt(s Sent, reason string, at time.Time) Push {
	report := map[string]any{
		"reportStatus": "DELIVRD", "mobile": s.To, "submitDate": masDate(at), "receiveDate": masDate(at), "errorCode": "DELIVRD", "msgGroup": s.GatewayID,
	}
	if reason != "" {
		report["reportStatus"], report["errorCode"] = "UNDELIV", reason
	}
	return posted([]any{report}, nil)
}

func (masManner) reply(from, text, _ string, at time.Time) Push {
	return posted(map[string]string{"mobile": from, "smsContent": text, "sendTime": beijing(at), "addSerial": ""}, nil)
}

func (masManner) heard() string { return `{"rspcod":"success"}` }

func masDate(at time.Time) string { return at.In(Shanghai).Format("20060102150405") }

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func rawHMAC(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexHMAC(key []byte, text string) string { return hex.EncodeToString(rawHMAC(key, text)) }
