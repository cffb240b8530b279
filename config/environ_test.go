// What the tests of the settings share: environments, and how they are read.

package config_test

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/config"
)

var (
	keyA = strings.Repeat("A", 32)
	keyB = strings.Repeat("B", 32)
)

// comparing leaves aside what no other package sees.
var comparing = []cmp.Option{
	cmp.FilterPath(func(p cmp.Path) bool {
		return slices.Contains([]string{".publicURLGiven", ".hookURLFollows", ".mailCAFile"}, p.Last().String())
	}, cmp.Ignore()),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

var secretNames = []string{
	"MAGPIE_DATABASE", "MAGPIE_SMS", "MAGPIE_SMS_SECOND", "MAGPIE_SECRET", "MAGPIE_ALIYUN_KEY_SECRET", "MAGPIE_TENCENT_SECRET_KEY",
	"MAGPIE_MAS_SECRET_KEY", "MAGPIE_WEBHOOK_SECRET", "MAGPIE_HOOK_SECRET", "MAGPIE_MAIL", "MAGPIE_OIDC_CLIENT_SECRET",
}

// complete is an environment in which every setting is given, and is right.
func complete(t *testing.T, authority string) []string {
	t.Helper()
	environ := []string{
		"HOME=/root", "MAGPIE_TEST_MARIADB=required",
		"MAGPIE_LISTEN=[::1]:0",
		"MAGPIE_PUBLIC_URL=https://yuyue.example.cn/",
		"MAGPIE_TRUSTED_PROXIES=10.0.0.0/8, fd00::/8",
		"MAGPIE_DATABASE=mysql://magpie:p%40ss%2Fword%3A%23@db.example.cn:3307/magpie_anhua",
		"MAGPIE_SMS=kannel+http://user:word@127.0.0.1:13013/cgi-bin/sendsms",
		"MAGPIE_SMS_SECOND=aliyun:",
		"MAGPIE_SECRET=" + secret("2026-11", keyA) + "," + secret("old", keyB),
		"MAGPIE_VERIFY_PHONES=false",
		"MAGPIE_RATE_LIMITS=off",
		"MAGPIE_METRICS_LISTEN=:9100",
		"MAGPIE_SMS_REPLIES=true",
		"MAGPIE_SMS_SECOND_REPLIES=on",
		"MAGPIE_ALIYUN_KEY_ID=LTAI5tExample",
		"MAGPIE_ALIYUN_KEY_SECRET=aliyun-word",
		"MAGPIE_ALIYUN_ENDPOINT=http://127.0.0.1:8081/",
		"MAGPIE_TENCENT_SECRET_ID=AKIDz8krbsJ5",
		"MAGPIE_TENCENT_SECRET_KEY=tencent-word",
		"MAGPIE_TENCENT_APP_ID=1400006666",
		"MAGPIE_TENCENT_REGION=ap-beijing",
		"MAGPIE_TENCENT_ENDPOINT=https://sms.internal.example.cn",
		"MAGPIE_MAS_EC_NAME=安化县民政局",
		"MAGPIE_MAS_AP_ID=anhua",
		"MAGPIE_MAS_SECRET_KEY=mas-word",
		"MAGPIE_MAS_SIGNS=安化县民政局=DWItALe3A, 安化预约=EvNGcSWhT",
		"MAGPIE_MAS_ADD_SERIAL=0086",
		"MAGPIE_WEBHOOK_SECRET=whsec_" + base64.StdEncoding.EncodeToString([]byte(keyB)),
		"MAGPIE_HOOK_SECRET=hook-secret_0123456789AB",
		"MAGPIE_HOOK_URL=http://10.1.2.3:8080",
		"MAGPIE_HOOK_SENDERS=10.1.2.4/32, fd00::/8",
		"MAGPIE_MAIL=smtp://user:word@mail.example.cn:587",
		"MAGPIE_MAIL_FROM=yuyue@example.cn",
		"MAGPIE_MAIL_CA=" + authority,
		"MAGPIE_OIDC_ISSUER=https://id.example.cn/realms/county",
		"MAGPIE_OIDC_CLIENT_ID=magpie",
		"MAGPIE_OIDC_CLIENT_SECRET=oidc-word",
		"MAGPIE_OIDC_OFFICES=anhua, taojiang",
		"MAGPIE_OIDC_USERNAME_CLAIM=uid",
		"MAGPIE_OUTSIDE_ALLOW=cal.example.cn:5232, 10.9.0.0/16",
	}
	for _, name := range config.Names() {
		if !slices.ContainsFunc(environ, func(variable string) bool { return strings.HasPrefix(variable, name+"=") }) {
			t.Errorf("%s is missing", name)
		}
	}
	return environ
}

func load(t *testing.T, environ ...string) config.Settings {
	t.Helper()
	settings, err := config.Load(environ)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return settings
}

func linesOf(t *testing.T, err error) []string {
	t.Helper()
	var problems config.Errors
	if !errors.As(err, &problems) {
		t.Fatalf("error %v of type %T, want config.Errors", err, err)
	}
	if got := strings.Join(problems.Lines(), "\n"); got != err.Error() {
		t.Errorf("Error is %q, its lines %q", err, got)
	}
	return problems.Lines()
}

func address(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

func secret(id, content string) string {
	return id + ":" + base64.StdEncoding.EncodeToString([]byte(content))
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
