package config_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"magpie/config"
)

const (
	kannelWanted   = "want kannel+http://user:password@host:port/cgi-bin/sendsms, with : / ? # @ % in the password as %3A %2F %3F %23 %40 %25"
	masWanted      = "want mas+http://host:port/sms/norsubmit or mas+http://host:port/sms/tmpsubmit, without a user"
	webhookWanted  = "want webhook+https://host/path, without a user"
	loopbackWanted = "want webhook+https://, since webhook+http:// is for this machine alone (localhost, 127.0.0.1 or [::1])"
	wordWanted     = "want at most 256 characters of ASCII, and no space"
	endpointWanted = "want https:// and a host; http:// is for this machine alone (localhost, 127.0.0.1 or [::1])"
	nameWanted     = "want a name of at most 128 characters, without spaces around it and line breaks"
	keyWanted      = "want whsec_ and the base64 of 24 to 64 bytes"
	hookWanted     = "want 24 to 128 letters, digits, - and _"
	ownURLWanted   = "want http:// or https:// and a host, as in https://yuyue.example.cn"
	mailWanted     = "want smtp:// or smtps:// and user:password@host:port, with : / ? # @ % in the password as %3A %2F %3F %23 %40 %25"
)

func TestEveryGatewayIsTakenAsTheFirstAndAsTheSecond(t *testing.T) {
	authority := file(t, "authority.pem", certificate(t))
	for _, gateway := range []string{
		"kannel+http://user:word@gateway/cgi-bin/sendsms", "kannel+https://user:w%40rd@gateway.example.cn:13013/sms", "kannel+http://user:@[fd00::1]:80/x",
		"aliyun:", "tencent:",
		"mas+http://112.35.1.155:1992/sms/norsubmit", "mas+https://mas.example.cn/sms/tmpsubmit", "mas+http://relay/mas/sms/norsubmit",
		"webhook+https://county.example.cn/in", "webhook+https://10.1.2.3:8443/a/b", "webhook+http://localhost/in", "webhook+http://127.8.8.8:81/in", "webhook+http://[::1]:81/in",
	} {
		environ := complete(t, authority)
		if got := load(t, append(environ, "MAGPIE_SMS="+gateway, "MAGPIE_SMS_SECOND=")...); got.SMS != gateway || got.SMSSecond != "" {
			t.Errorf("MAGPIE_SMS=%s: got %q and %q", gateway, got.SMS, got.SMSSecond)
		}
		if got := load(t, append(environ, "MAGPIE_SMS_SECOND="+gateway)...); got.SMSSecond != gateway {
			t.Errorf("MAGPIE_SMS_SECOND=%s: got %q", gateway, got.SMSSecond)
		}
	}
}

// Each wrong value stands where all else is right, so that one line is all there
// is to say.
func TestEachWrongValueOfAMessageSettingIsRefused(t *testing.T) {
	wrongs := map[string]map[string]string{
		"MAGPIE_SMS": {
			"pigeon:": smsWanted, "aliyun": smsWanted, "aliyun:hunter2": smsWanted, "tencent://hunter2": smsWanted, "log:hunter2": smsWanted,
			"Aliyun:": smsWanted, "kannel+ftp://u:hunter2@h/x": smsWanted, "webhook+://h/x": smsWanted, "http://u:hunter2@h/x": smsWanted,

			"kannel+http://": kannelWanted, "kannel+http://u:hunter2%@h/x": kannelWanted, "kannel+http://u:hunter2@/x": kannelWanted,
			"kannel+http://u:hunter2@h:0/x": kannelWanted, "kannel+https://u:hunter2@a b/x": kannelWanted, "kannel+http:u": kannelWanted,

			"mas+http://h": masWanted, "mas+http://h/sms": masWanted, "mas+http://h/sms/submit": masWanted, "mas+https://u:hunter2@h/sms/norsubmit": masWanted,
			"mas+http:///sms/norsubmit": masWanted, "mas+http://h/sms/norsubmit?x": masWanted, "mas+http://h/sms/norsubmit/": masWanted,

			"webhook+https://h": webhookWanted, "webhook+https://h/": webhookWanted, "webhook+https://u:hunter2@h/x": webhookWanted,
			"webhook+https://h/x?key=hunter2": webhookWanted, "webhook+https:///x": webhookWanted, "webhook+https://h:70000/x": webhookWanted,
			"webhook+http://county.example.cn/hunter2": loopbackWanted, "webhook+http://10.0.0.1/x": loopbackWanted, "webhook+http://localhost.example.cn/x": loopbackWanted,
		},
		"MAGPIE_SMS_SECOND":         {"pigeon:": smsWanted, "kannel+https://u:hunter2@": kannelWanted, "webhook+http://10.0.0.1/hunter2": loopbackWanted},
		"MAGPIE_SMS_REPLIES":        {"perhaps": `want true or false, got "perhaps"`},
		"MAGPIE_SMS_SECOND_REPLIES": {"2": `want true or false, got "2"`},
		"MAGPIE_ALIYUN_KEY_ID":      {"LTAI hunter2": wordWanted, "密": wordWanted, strings.Repeat("k", 257): wordWanted},
		"MAGPIE_ALIYUN_KEY_SECRET":  {"hunter2 ": wordWanted, "hunter2\n": wordWanted, "密hunter2": wordWanted},
		"MAGPIE_ALIYUN_ENDPOINT": {
			"dysmsapi.aliyuncs.com": endpointWanted, "http://dysmsapi.aliyuncs.com": endpointWanted, "ftp://h": endpointWanted, "https://": endpointWanted,
			"https://u:hunter2@h": "must not hold a user or a password", "https://h/x": "must end after the host", "https://h?x": "must end after the host",
		},
		"MAGPIE_TENCENT_SECRET_ID":  {"AKID hunter2": wordWanted},
		"MAGPIE_TENCENT_SECRET_KEY": {"hunter2 hunter2": wordWanted},
		"MAGPIE_TENCENT_APP_ID":     {"14000x": "want the SmsSdkAppId, digits as in 1400006666", "-1": "want the SmsSdkAppId, digits as in 1400006666"},
		"MAGPIE_TENCENT_REGION":     {"guangzhou": "want a region such as ap-guangzhou", "AP-guangzhou": "want a region such as ap-guangzhou", "ap-": "want a region such as ap-guangzhou"},
		"MAGPIE_TENCENT_ENDPOINT":   {"http://10.0.0.1": endpointWanted, "sms.tencentcloudapi.com:443": endpointWanted},
		"MAGPIE_MAS_EC_NAME":        {" 安化县民政局": nameWanted, "安化\n县": nameWanted, strings.Repeat("民", 129): nameWanted, "\xff": nameWanted},
		"MAGPIE_MAS_AP_ID":          {"an hua": wordWanted},
		"MAGPIE_MAS_SECRET_KEY":     {"hunter2\t": wordWanted},
		"MAGPIE_MAS_SIGNS": {
			"安化县民政局": "sign 1: want signature=code, several separated by commas", "安化县民政局=": "sign 1: want signature=code, several separated by commas",
			"=code": "sign 1: want signature=code, several separated by commas", "甲=a,": "sign 2: want signature=code, several separated by commas",
			"甲=a b": "sign 1: want signature=code, several separated by commas", "甲=a,【乙】=b": "sign 2: want the signature without 【】",
			"甲=a,甲=b": "sign 2: has the signature of one before it",
		},
		"MAGPIE_MAS_ADD_SERIAL": {"12a": "want at most 20 digits", strings.Repeat("1", 21): "want at most 20 digits"},
		"MAGPIE_WEBHOOK_SECRET": {
			"hunter2": keyWanted, "whsec_hunter2": keyWanted, "whsec_": keyWanted,
			"whsec_" + encoded(23): keyWanted, "whsec_" + encoded(65): keyWanted, encoded(32): keyWanted, "whsec_" + strings.TrimRight(encoded(32), "="): keyWanted,
			"whsec_" + strings.Replace(encoded(25), "A==", "B==", 1): keyWanted, // bits beyond the last byte
		},
		"MAGPIE_HOOK_SECRET":  {"hunter2": hookWanted, strings.Repeat("x", 23): hookWanted, strings.Repeat("x", 129): hookWanted, strings.Repeat("x", 24) + "/hunter2": hookWanted},
		"MAGPIE_HOOK_URL":     {"magpie.internal": ownURLWanted, "https://u:hunter2@h": "must not hold a user or a password", "https://h/hooks": "must end after the host: Magpie is served from the root of its host"},
		"MAGPIE_HOOK_SENDERS": {"10.0.0.1": `want networks such as 10.0.0.0/8, separated by commas, got "10.0.0.1"`, "10.1.2.3/8": "10.1.2.3/8 is an address within a network, want 10.0.0.0/8 or 10.1.2.3/32"},
		"MAGPIE_MAIL": {
			"mail.example.cn:587": mailWanted, "http://u:hunter2@h:25": mailWanted, "ssh://u:hunter2@h": mailWanted, "smtp://u:hunter2@h:0": mailWanted,
			"smtp://u@h:587": mailWanted, "smtp://:hunter2@h:587": mailWanted, "smtp://u:@h:587": mailWanted, "smtps://u:hunter2@:465": mailWanted,
			"smtp://u:hunter2@h:587/x": mailWanted, "smtp://u:hunter2@h:587?x": mailWanted, "smtp://u:hunter2#@h:587": mailWanted, "smtp://u:hunter2%@h:587": mailWanted,
		},
		"MAGPIE_MAIL_FROM": {
			"yuyue": mailFromWanted("yuyue"), "预约 <yuyue@example.cn>": mailFromWanted("预约 <yuyue@example.cn>"), "yuyue@": mailFromWanted("yuyue@"),
			"<yuyue@example.cn>": mailFromWanted("<yuyue@example.cn>"), "a@b.cn,c@d.cn": mailFromWanted("a@b.cn,c@d.cn"), "预约@example.cn": mailFromWanted("预约@example.cn"),
			"yuyue@[10.0.0.1]": mailFromWanted("yuyue@[10.0.0.1]"),
		},
		"MAGPIE_MAIL_CA": {"does-not-exist": "cannot read does-not-exist: no such file or directory", "gateway_test.go": "gateway_test.go holds no certificate as PEM", "/dev/null": "/dev/null holds no certificate as PEM"},
	}
	authority := file(t, "authority.pem", certificate(t))
	for name, values := range wrongs {
		for value, want := range values {
			settings, err := config.Load(append(complete(t, authority), name+"="+value))
			if err == nil {
				t.Errorf("%s=%s is taken", name, value)
				continue
			}
			if diff := cmp.Diff([]string{name + ": " + want}, linesOf(t, err)); diff != "" {
				t.Errorf("%s=%s (-want +got):\n%s", name, value, diff)
			}
			if settings.Listen != "" || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s=%s: settings beside an error, or a secret in it: %v", name, value, err)
			}
		}
	}
}

func TestAKeyOfStandardWebhooksMayHave24To64Bytes(t *testing.T) {
	for _, size := range []int{24, 32, 64} {
		if got := load(t, "MAGPIE_WEBHOOK_SECRET=whsec_"+encoded(size)); len(got.WebhookSecret) != size {
			t.Errorf("a key of %d bytes has %d", size, len(got.WebhookSecret))
		}
	}
}

func TestAMailServerMayAskForNoLogInAndHaveTheUsualPort(t *testing.T) {
	for _, server := range []string{"smtp://10.1.2.3:25", "smtps://mail.example.cn", "smtp://yuyue%40example.cn:w%2Frd@[fd00::1]:587/"} {
		if got := load(t, "MAGPIE_MAIL="+server, "MAGPIE_MAIL_FROM=yuyue@example.cn"); got.Mail != server || got.MailCA != nil {
			t.Errorf("MAGPIE_MAIL=%s: got %q", server, got.Mail)
		}
	}
}

func mailFromWanted(got string) string {
	return `want an e-mail address such as yuyue@example.cn, got "` + got + `"`
}

// encoded is the base64 of some bytes.
func encoded(size int) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", size)))
}

// certificate makes one of an authority, as PEM.
func certificate(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	content, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: content}))
}
