package config_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"magpie/config"
)

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	settings := load(t, append(complete(t, file(t, "authority.pem", certificate(t))),
		"MAGPIE_DATABASE=mysql://magpie:hunter2@db:3306/magpie",
		"MAGPIE_SMS=kannel+http://user:hunter2@gateway:13013/cgi-bin/sendsms",
		"MAGPIE_SMS_SECOND=webhook+https://county.example.cn/hunter2",
		"MAGPIE_SECRET="+secret("k1", keyA),
		"MAGPIE_ALIYUN_KEY_SECRET=hunter2",
		"MAGPIE_TENCENT_SECRET_KEY=hunter2",
		"MAGPIE_MAS_SECRET_KEY=hunter2",
		"MAGPIE_WEBHOOK_SECRET=whsec_"+base64.StdEncoding.EncodeToString([]byte(keyA)),
		"MAGPIE_HOOK_SECRET=hunter2hunter2hunter2hunter2",
		"MAGPIE_MAIL=smtps://yuyue:hunter2@mail.example.cn:465",
		"MAGPIE_OIDC_CLIENT_SECRET=hunter2",
	)...)
	var logged bytes.Buffer
	parts := []any{
		"settings", settings, "database", settings.Database, "key", settings.Secret[0], "keys", settings.Secret,
		"aliyun", settings.Aliyun, "tencent", settings.Tencent, "mas", settings.MAS, "oidc", settings.OIDC,
	}
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("started", parts...)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("started", parts...)
	encoded, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	prints := map[string]string{
		"String":       settings.String(),
		"%v":           fmt.Sprintf("%v", parts),
		"%+v":          fmt.Sprintf("%+v", parts),
		"%#v":          fmt.Sprintf("%#v", parts),
		"%v, pointers": fmt.Sprintf("%v %+v %v %v %v", &settings, &settings.Secret[0], &settings.Aliyun, &settings.Tencent, &settings.MAS),
		"log":          logged.String(),
		"JSON":         string(encoded),
	}
	forbidden := []string{"hunter2", keyA, base64.StdEncoding.EncodeToString([]byte(keyA)), "65 65 65", "0x41, 0x41", "65,65,65"}
	for way, text := range prints {
		for _, secret := range forbidden {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %q: %s", way, secret, text)
			}
		}
	}
}

func TestWhatIsNoSecretIsShown(t *testing.T) {
	authority := file(t, "authority.pem", certificate(t))
	settings := load(t, append(complete(t, authority), "MAGPIE_SMS_SECOND=webhook+https://county.example.cn/in")...)
	want := strings.Join([]string{
		"MAGPIE_LISTEN=[::1]:0", "MAGPIE_PUBLIC_URL=https://yuyue.example.cn", "MAGPIE_TRUSTED_PROXIES=10.0.0.0/8,fd00::/8",
		"MAGPIE_DATABASE=mysql://magpie:***@db.example.cn:3307/magpie_anhua", "MAGPIE_SECRET=2026-11:***,old:***",
		"MAGPIE_VERIFY_PHONES=false", "MAGPIE_RATE_LIMITS=false", "MAGPIE_METRICS_LISTEN=:9100",
		"MAGPIE_SMS=kannel+http://127.0.0.1:13013", "MAGPIE_SMS_SECOND=webhook+https://county.example.cn",
		"MAGPIE_SMS_REPLIES=true", "MAGPIE_SMS_SECOND_REPLIES=true",
		"MAGPIE_ALIYUN_KEY_ID=LTAI5tExample", "MAGPIE_ALIYUN_KEY_SECRET=***", "MAGPIE_ALIYUN_ENDPOINT=http://127.0.0.1:8081",
		"MAGPIE_TENCENT_SECRET_ID=AKIDz8krbsJ5", "MAGPIE_TENCENT_SECRET_KEY=***", "MAGPIE_TENCENT_APP_ID=1400006666",
		"MAGPIE_TENCENT_REGION=ap-beijing", "MAGPIE_TENCENT_ENDPOINT=https://sms.internal.example.cn",
		"MAGPIE_MAS_EC_NAME=安化县民政局", "MAGPIE_MAS_AP_ID=anhua", "MAGPIE_MAS_SECRET_KEY=***",
		"MAGPIE_MAS_SIGNS=安化县民政局=DWItALe3A,安化预约=EvNGcSWhT", "MAGPIE_MAS_ADD_SERIAL=0086",
		"MAGPIE_WEBHOOK_SECRET=***", "MAGPIE_HOOK_SECRET=***", "MAGPIE_HOOK_URL=http://10.1.2.3:8080", "MAGPIE_HOOK_SENDERS=10.1.2.4/32,fd00::/8",
		"MAGPIE_MAIL=smtp://mail.example.cn:587", "MAGPIE_MAIL_FROM=yuyue@example.cn", "MAGPIE_MAIL_CA=" + authority,
		"MAGPIE_OIDC_ISSUER=https://id.example.cn/realms/county", "MAGPIE_OIDC_CLIENT_ID=magpie", "MAGPIE_OIDC_CLIENT_SECRET=***",
		"MAGPIE_OIDC_OFFICES=anhua,taojiang", "MAGPIE_OIDC_USERNAME_CLAIM=uid",
		"MAGPIE_OUTSIDE_ALLOW=cal.example.cn:5232,10.9.0.0/16", "",
	}, "\n")
	if got := settings.String(); got != want {
		t.Errorf("shown:\n%s\nwant:\n%s", got, want)
	}
	if shown := load(t).String(); strings.Contains(shown, "***") {
		t.Errorf("a secret is shown as given, and none is:\n%s", shown)
	}
}

func TestNoErrorQuotesASecretWhateverItIs(t *testing.T) {
	before := []string{
		"", "log:", "aliyun:", "tencent:", "kannel+http://", "kannel+https://user:", "mas+http://", "mas+http://user:", "webhook+https://",
		"webhook+http://", "smtp://", "smtps://user:", "mysql://", "mysql://user:", "sqlite:", "whsec_", "k1:", "k1", "%zz", "://", "[",
	}
	after := []string{"", "@", "@host", "@host/path", "@host:25", "@host:port/", "/sms/norsubmit", "/path", "?", "#", "%", ":", ",", " ", "\n", "\x7f", "é", "=="}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(secretNames).Draw(t, "name")
		text := rapid.SampledFrom(before).Draw(t, "before") + "hunter2" + rapid.SampledFrom(after).Draw(t, "after") + rapid.String().Draw(t, "rest")
		_, err := config.Load([]string{name + "=" + text})
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s=%q: the error quotes it: %v", name, text, err)
		}
	})
}

func TestEverySettingIsInTheReadmeAndInTheExample(t *testing.T) {
	for _, path := range []string{"../README.md", "../deploy/magpie.env.example"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.FieldsFunc(string(content), func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') })
		found := map[string]bool{}
		for _, word := range words {
			found[strings.TrimSuffix(word, "_FILE")] = true
		}
		for _, name := range config.Names() {
			if !found[name] {
				t.Errorf("%s does not name %s", path, name)
			}
		}
	}
}
