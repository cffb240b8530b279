package config_test

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/config"
)

func TestAnEmptyEnvironmentGivesTheDefaultsOfTheContract(t *testing.T) {
	got := load(t)
	want := config.Settings{
		OIDC:         config.OIDC{UsernameClaim: "preferred_username"},
		Listen:       "127.0.0.1:8080",
		Database:     config.Database{Engine: config.SQLite, Path: "magpie.db"},
		SMS:          "log:",
		VerifyPhones: true,
		RateLimits:   true,
		PublicURL:    address("http://127.0.0.1:8080"),
		Aliyun:       config.Aliyun{Endpoint: address("https://dysmsapi.aliyuncs.com")},
		Tencent:      config.Tencent{Region: "ap-guangzhou", Endpoint: address("https://sms.tencentcloudapi.com")},
		HookURL:      address("http://127.0.0.1:8080"),
		HookSenders:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	}
	if diff := cmp.Diff(want, got, comparing...); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestEverySettingIsReadFromTheEnvironment(t *testing.T) {
	authority := certificate(t)
	got := load(t, complete(t, file(t, "authority.pem", authority))...)
	want := config.Settings{
		Listen:         "[::1]:0",
		PublicURL:      address("https://yuyue.example.cn"),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		Database: config.Database{
			Engine: config.MySQL, User: "magpie", Password: "p@ss/word:#", Host: "db.example.cn", Port: 3307, Name: "magpie_anhua",
		},
		SMS:              "kannel+http://user:word@127.0.0.1:13013/cgi-bin/sendsms",
		SMSSecond:        "aliyun:",
		Secret:           []config.Key{{ID: "2026-11", Bytes: [32]byte([]byte(keyA))}, {ID: "old", Bytes: [32]byte([]byte(keyB))}},
		MetricsListen:    ":9100",
		SMSReplies:       true,
		SMSSecondReplies: true,
		Aliyun:           config.Aliyun{KeyID: "LTAI5tExample", KeySecret: "aliyun-word", Endpoint: address("http://127.0.0.1:8081")},
		Tencent: config.Tencent{
			SecretID: "AKIDz8krbsJ5", SecretKey: "tencent-word", AppID: "1400006666", Region: "ap-beijing", Endpoint: address("https://sms.internal.example.cn"),
		},
		MAS: config.MAS{
			ECName: "安化县民政局", APID: "anhua", SecretKey: "mas-word", AddSerial: "0086",
			Signs: map[string]string{"安化县民政局": "DWItALe3A", "安化预约": "EvNGcSWhT"},
		},
		WebhookSecret: []byte(keyB),
		HookSecret:    "hook-secret_0123456789AB",
		HookURL:       address("http://10.1.2.3:8080"),
		HookSenders:   []netip.Prefix{netip.MustParsePrefix("10.1.2.4/32"), netip.MustParsePrefix("fd00::/8")},
		Mail:          "smtp://user:word@mail.example.cn:587",
		MailFrom:      "yuyue@example.cn",
		MailCA:        []byte(authority),
		OIDC: config.OIDC{
			Issuer: "https://id.example.cn/realms/county", ClientID: "magpie", ClientSecret: "oidc-word", Offices: []string{"anhua", "taojiang"}, UsernameClaim: "uid",
		},
		OutsideAllow: config.Outside{Hosts: []string{"cal.example.cn:5232"}, Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}},
	}
	if diff := cmp.Diff(want, got, comparing...); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestTheSameKeysAreReadFromAFileAndTheEnvironmentWins(t *testing.T) {
	path := file(t, "magpie.yaml", `
# The office's inner network.
MAGPIE_LISTEN: 127.0.0.1:9000
MAGPIE_VERIFY_PHONES: false
MAGPIE_RATE_LIMITS: "false"
MAGPIE_METRICS_LISTEN:
MAGPIE_DATABASE: "sqlite:from-file.db"
`)
	got := load(t, "MAGPIE_CONFIG="+path, "MAGPIE_LISTEN=127.0.0.1:9001", "MAGPIE_SMS=", "MAGPIE_VERIFY_PHONES=")
	if got.Listen != "127.0.0.1:9001" || got.VerifyPhones || got.RateLimits || got.MetricsListen != "" ||
		got.Database.Path != "from-file.db" || got.SMS != "log:" {
		t.Errorf("settings:\n%s", got)
	}
}

func TestAnEmptyFileChangesNothing(t *testing.T) {
	for _, content := range []string{"", "# nothing yet\n", "---\n"} {
		if got := load(t, "MAGPIE_CONFIG="+file(t, "empty.yaml", content)); got.Listen != "127.0.0.1:8080" {
			t.Errorf("%q: Listen = %q", content, got.Listen)
		}
	}
}

func TestEverySecretIsReadFromAFileOfItsOwn(t *testing.T) {
	environ := complete(t, file(t, "authority.pem", certificate(t)))
	want, secrets := load(t, environ...), 0
	for i, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if slices.Contains(secretNames, name) {
			environ[i] = name + "_FILE=" + file(t, name, text+[]string{"", "\n", "\r\n"}[secrets%3])
			secrets++
		}
	}
	if diff := cmp.Diff(want, load(t, environ...), comparing...); diff != "" {
		t.Errorf("from the environment and from files (-want +got):\n%s", diff)
	}
	if secrets != len(secretNames) {
		t.Errorf("%d secrets were in files, want %d", secrets, len(secretNames))
	}
	path := file(t, "magpie.yaml", "MAGPIE_SECRET_FILE: "+file(t, "secret", secret("k1", keyA)+"\n"))
	if settings := load(t, "MAGPIE_CONFIG="+path); len(settings.Secret) != 1 || settings.Secret[0].Bytes != [32]byte([]byte(keyA)) {
		t.Errorf("Secret = %v", settings.Secret)
	}
}

func TestOnlyASecretIsReadFromAFileOfItsOwn(t *testing.T) {
	for _, name := range config.Names() {
		_, err := config.Load([]string{name + "_FILE=does-not-exist"})
		want := name + "_FILE: there is no such setting"
		if slices.Contains(secretNames, name) {
			want = name + "_FILE: cannot read does-not-exist: no such file or directory"
		}
		if diff := cmp.Diff([]string{want}, linesOf(t, err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestASecretInTheEnvironmentWinsOverItsFileNamedInTheConfigFile(t *testing.T) {
	path := file(t, "magpie.yaml", "MAGPIE_SECRET_FILE: does-not-exist\n")
	settings := load(t, "MAGPIE_CONFIG="+path, "MAGPIE_SECRET="+secret("k1", keyA))
	if len(settings.Secret) != 1 || settings.Secret[0].ID != "k1" {
		t.Errorf("Secret = %v, want k1 alone", settings.Secret)
	}
}

func TestEachWrongValueIsRefusedWithAMessageThatNamesItsSetting(t *testing.T) {
	tests := map[string]string{
		"MAGPIE_LISTEN=8080":            `want host:port, got "8080"`,
		"MAGPIE_LISTEN=localhost:http":  `want a port from 0 to 65535, got "http"`,
		"MAGPIE_LISTEN=localhost:65536": `want a port from 0 to 65535, got "65536"`,
		"MAGPIE_LISTEN=a b:80":          `want a host name or an IP address, got "a b"`,

		"MAGPIE_PUBLIC_URL=yuyue.example.cn":              "want http:// or https:// and a host, as in https://yuyue.example.cn",
		"MAGPIE_PUBLIC_URL=ftp://yuyue.example.cn":        "want http:// or https:// and a host, as in https://yuyue.example.cn",
		"MAGPIE_PUBLIC_URL=https://":                      "want http:// or https:// and a host, as in https://yuyue.example.cn",
		"MAGPIE_PUBLIC_URL=https://u:hunter2@example.cn":  "must not hold a user or a password",
		"MAGPIE_PUBLIC_URL=https://example.cn/magpie":     "must end after the host: Magpie is served from the root of its host",
		"MAGPIE_PUBLIC_URL=https://example.cn?from=there": "must end after the host: Magpie is served from the root of its host",

		"MAGPIE_TRUSTED_PROXIES=10.0.0.1":     `want networks such as 10.0.0.0/8, separated by commas, got "10.0.0.1"`,
		"MAGPIE_TRUSTED_PROXIES=10.0.0.0/8,":  `want networks such as 10.0.0.0/8, separated by commas, got ""`,
		"MAGPIE_TRUSTED_PROXIES=10.1.2.3/8":   "10.1.2.3/8 is an address within a network, want 10.0.0.0/8 or 10.1.2.3/32",
		"MAGPIE_TRUSTED_PROXIES=10.0.0.0/33":  `want networks such as 10.0.0.0/8, separated by commas, got "10.0.0.0/33"`,
		"MAGPIE_TRUSTED_PROXIES=example.cn/8": `want networks such as 10.0.0.0/8, separated by commas, got "example.cn/8"`,

		"MAGPIE_DATABASE=postgres://u:hunter2@h/n":      "want sqlite:PATH or mysql://user:password@host:port/name",
		"MAGPIE_DATABASE=magpie.db":                     "want sqlite:PATH or mysql://user:password@host:port/name",
		"MAGPIE_DATABASE=sqlite:":                       "want a path after sqlite:",
		"MAGPIE_DATABASE=sqlite:///var/magpie.db":       "want the path right after sqlite:, without //",
		"MAGPIE_DATABASE=sqlite::memory:":               "want a file: what is in memory would be lost at the next start",
		"MAGPIE_DATABASE=sqlite:magpie.db?mode=ro":      "want a path without ?, # and %, which SQLite reads as options",
		"MAGPIE_DATABASE=mysql://db/magpie":             mysqlWanted,
		"MAGPIE_DATABASE=mysql://u:hunter2@/magpie":     mysqlWanted,
		"MAGPIE_DATABASE=mysql://u:hunter2@h:0/magpie":  mysqlWanted,
		"MAGPIE_DATABASE=mysql://u:hunter2#@h/magpie":   mysqlWanted,
		"MAGPIE_DATABASE=mysql://u:hunter2%zz@h/magpie": mysqlWanted,
		"MAGPIE_DATABASE=mysql://u:hunter2@h/n?tls=1":   mysqlWanted,
		"MAGPIE_DATABASE=mysql://u:hunter2@h:3306":      "want the name of a database after the host, of letters, digits, _, $ and -",
		"MAGPIE_DATABASE=mysql://u:hunter2@h/a/b":       "want the name of a database after the host, of letters, digits, _, $ and -",

		"MAGPIE_SMS=log":                                                      smsWanted,
		"MAGPIE_SMS=http://u:hunter2@h/sendsms":                               smsWanted,
		"MAGPIE_SECRET=" + keyA:                                               "key 1: want the base64 of 32 bytes after its ID and a colon",
		"MAGPIE_SECRET=k_1:hunter2":                                           "key 1: want ID:BASE64, the ID of at most 32 letters, digits and hyphens",
		"MAGPIE_SECRET=k1:hunter2":                                            "key 1: want the base64 of 32 bytes after its ID and a colon",
		"MAGPIE_SECRET=k1":                                                    "key 1: want the base64 of 32 bytes after its ID and a colon",
		"MAGPIE_SECRET=" + secret("k1", "short hunter2"):                      "key 1: want the base64 of 32 bytes after its ID and a colon",
		"MAGPIE_SECRET=" + secret("k1", keyA) + ",":                           "key 2: want ID:BASE64, the ID of at most 32 letters, digits and hyphens",
		"MAGPIE_SECRET=" + secret("k1", keyA) + "," + secret("k1", keyB):      "key 2: has the ID of one before it",
		"MAGPIE_SECRET=" + secret("k1", keyA) + "," + secret("k2", keyA):      "key 2: is the same as one before it",
		"MAGPIE_SECRET=" + secret(strings.Repeat("k", 33), keyA):              "key 1: want ID:BASE64, the ID of at most 32 letters, digits and hyphens",
		"MAGPIE_VERIFY_PHONES=maybe":                                          `want true or false, got "maybe"`,
		"MAGPIE_RATE_LIMITS=2":                                                `want true or false, got "2"`,
		"MAGPIE_METRICS_LISTEN=9100":                                          `want host:port, got "9100"`,
		"MAGPIE_METRICS_LISTEN=127.0.0.1:8080":                                "is the same address as MAGPIE_LISTEN",
		"MAGPIE_LSITEN=127.0.0.1:8080":                                        "there is no such setting",
		"MAGPIE_LISTEN_FILE=listen":                                           "there is no such setting",
		"MAGPIE_SECRET_FILE=" + filepath.Join("testdata", "does-not-exist"):   "cannot read testdata/does-not-exist: no such file or directory",
		"MAGPIE_CONFIG=" + filepath.Join("testdata", "does-not-exist"):        "cannot read testdata/does-not-exist: no such file or directory",
		"MAGPIE_DATABASE_FILE=/dev/null":                                      "/dev/null is empty",
		"MAGPIE_DATABASE_FILE=/dev/zero":                                      "/dev/zero is larger than 65536 bytes",
		"MAGPIE_TRUSTED_PROXIES_FILE=" + filepath.Join("testdata", "proxies"): "there is no such setting",
	}
	for variable, want := range tests {
		t.Run(variable, func(t *testing.T) {
			name, _, _ := strings.Cut(variable, "=")
			settings, err := config.Load([]string{variable})
			if diff := cmp.Diff([]string{name + ": " + want}, linesOf(t, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if settings.Listen != "" {
				t.Errorf("settings beside an error:\n%s", settings)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), keyA) {
				t.Errorf("a secret in %q", err)
			}
		})
	}
}

const (
	mysqlWanted = "want mysql://user:password@host:port/name, with : / ? # @ % in the password as %3A %2F %3F %23 %40 %25"
	smsWanted   = "want log:, aliyun:, tencent:, kannel+http://user:password@host:port/path, mas+http://host/sms/norsubmit or webhook+https://host/path"
)

func TestAllWrongSettingsAreReportedTogetherInTheContractsOrder(t *testing.T) {
	path := file(t, "magpie.yaml", `MAGPIE_METRICS_LISTEN: 9100
MAGPIE_COLOUR: red
MAGPIE_SECRET: k1:short
MAGPIE_PUBLIC_URL: [https://example.cn]
MAGPIE_LISTEN: overridden, and so not looked at
MAGPIE_HOOK_SECRET: short
MAGPIE_MAIL_FROM: nobody
`)
	_, err := config.Load([]string{
		"MAGPIE_CONFIG=" + path, "MAGPIE_VERIFY_PHONES=perhaps", "MAGPIE_LISTEN=8080", "MAGPIE_ZEBRA=1", "MAGPIE_APE=1",
		"MAGPIE_SMS=mas+http://gateway/sms", "MAGPIE_SMS_SECOND=aliyun:", "MAGPIE_SMS_REPLIES=perhaps", "MAGPIE_ALIYUN_KEY_ID=LTAI",
		"MAGPIE_MAS_SIGNS=one", "MAGPIE_MAS_EC_NAME=anhua", "MAGPIE_MAIL=smtp://user@mail",
	})
	want := []string{
		`MAGPIE_LISTEN: want host:port, got "8080"`,
		path + ":4: MAGPIE_PUBLIC_URL: want one plain value, several separated by commas",
		"MAGPIE_SMS: want mas+http://host:port/sms/norsubmit or mas+http://host:port/sms/tmpsubmit, without a user",
		path + ":3: MAGPIE_SECRET: key 1: want the base64 of 32 bytes after its ID and a colon",
		`MAGPIE_VERIFY_PHONES: want true or false, got "perhaps"`,
		path + `:1: MAGPIE_METRICS_LISTEN: want host:port, got "9100"`,
		`MAGPIE_SMS_REPLIES: want true or false, got "perhaps"`,
		"MAGPIE_ALIYUN_KEY_SECRET: is needed with aliyun:",
		"MAGPIE_MAS_AP_ID: is needed with mas+http:",
		"MAGPIE_MAS_SECRET_KEY: is needed with mas+http:",
		"MAGPIE_MAS_SIGNS: sign 1: want signature=code, several separated by commas",
		path + ":6: MAGPIE_HOOK_SECRET: want 24 to 128 letters, digits, - and _",
		"MAGPIE_MAIL: " + mailWanted,
		path + `:7: MAGPIE_MAIL_FROM: want an e-mail address such as yuyue@example.cn, got "nobody"`,
		"MAGPIE_APE: there is no such setting",
		"MAGPIE_ZEBRA: there is no such setting",
		path + ":2: MAGPIE_COLOUR: there is no such setting",
	}
	if diff := cmp.Diff(want, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsWrongWithAFileIsReportedWithItsLine(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"a list", "- MAGPIE_LISTEN\n", ":1: want a mapping of settings, NAME: value"},
		{"a word", "\nMAGPIE_LISTEN\n", ":2: want a mapping of settings, NAME: value"},
		{"given twice", "MAGPIE_LISTEN: 127.0.0.1:1\nMAGPIE_LISTEN: 127.0.0.1:1\n", ":2: MAGPIE_LISTEN: is given already, at PATH:1"},
		{"a secret and its file", "MAGPIE_SMS: 'log:'\nMAGPIE_SMS_FILE: sms\n", ":1: MAGPIE_SMS: is given, and so is MAGPIE_SMS_FILE; give one"},
		{"no file of that name", "\nMAGPIE_SMS_FILE: sms\n", ":2: MAGPIE_SMS_FILE: cannot read sms: no such file or directory"},
		{"a key that is none", "[a]: b\n", ":1: want the name of a setting"},
		{"the file itself", "MAGPIE_CONFIG: other.yaml\n", ":1: MAGPIE_CONFIG: there is no such setting"},
		{"two documents", "MAGPIE_LISTEN: 127.0.0.1:1\n---\nMAGPIE_LISTEN: 127.0.0.1:1\n", ": has more than one YAML document"},
		{"a tab", "MAGPIE_VERIFY_PHONES: true\n\tMAGPIE_LISTEN: 127.0.0.1:1\n", ":2: is not valid YAML: found a tab character that violates indentation"},
		{"a password like an alias", "MAGPIE_SECRET: *hunter2\n", ": is not valid YAML: a value with special characters needs quotes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := file(t, "magpie.yaml", test.content)
			_, err := config.Load([]string{"MAGPIE_CONFIG=" + path})
			want := path + strings.ReplaceAll(test.want, "PATH", path)
			if diff := cmp.Diff([]string{want}, linesOf(t, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatASecretsFileHoldsWrongIsReportedUnderItsPath(t *testing.T) {
	path := file(t, "secret", "hunter2\n")
	_, err := config.Load([]string{"MAGPIE_SECRET_FILE=" + path, "MAGPIE_SMS=log:", "MAGPIE_SMS_FILE=" + path})
	want := []string{
		"MAGPIE_SMS: is given, and so is MAGPIE_SMS_FILE; give one",
		path + ": MAGPIE_SECRET: key 1: want the base64 of 32 bytes after its ID and a colon",
	}
	if diff := cmp.Diff(want, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsIgnoredIsNeitherReadNorChecked(t *testing.T) {
	settings, err := config.Load(
		[]string{"MAGPIE_LISTEN=:0", "MAGPIE_DATABASE=nonsense", "MAGPIE_SMS=nonsense", "MAGPIE_SECRET_FILE=does-not-exist"},
		config.DatabaseURL, config.SMS, config.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if settings.Listen != ":0" || settings.Database != (config.Database{}) || settings.SMS != "" || settings.Secret != nil {
		t.Errorf("settings:\n%s", settings)
	}
	if _, err := config.Load([]string{"MAGPIE_LISTEN=0", "MAGPIE_SMS=nonsense"}, config.SMS); err == nil {
		t.Error("what is not ignored is not checked")
	}
}

func TestASecretIsRequiredOnlyWhereItIsAskedFor(t *testing.T) {
	err := load(t).RequireSecret()
	if lines := linesOf(t, err); len(lines) != 1 || !strings.HasPrefix(lines[0], "MAGPIE_SECRET: is required") {
		t.Errorf("without a secret: %q", lines)
	}
	if err := load(t, "MAGPIE_SECRET="+secret("k1", keyA)).RequireSecret(); err != nil {
		t.Errorf("with a secret: %v", err)
	}
}

func TestThePublicAddressFollowsTheAddressTakenUnlessItIsGiven(t *testing.T) {
	tests := []struct{ listen, public, taken, before, after string }{
		{"127.0.0.1:0", "", "127.0.0.1:40001", "http://127.0.0.1:0", "http://127.0.0.1:40001"},
		{":8080", "", "[::]:8080", "http://localhost:8080", "http://localhost:8080"},
		{"0.0.0.0:80", "", "0.0.0.0:80", "http://localhost:80", "http://localhost:80"},
		{"[::1]:0", "", "[::1]:40001", "http://[::1]:0", "http://[::1]:40001"},
		{"127.0.0.1:0", "https://yuyue.example.cn:8443", "127.0.0.1:40001", "https://yuyue.example.cn:8443", "https://yuyue.example.cn:8443"},
	}
	for _, test := range tests {
		t.Run(test.listen+test.public, func(t *testing.T) {
			settings := load(t, "MAGPIE_LISTEN="+test.listen, "MAGPIE_PUBLIC_URL="+test.public)
			if got := settings.PublicURL.String(); got != test.before {
				t.Errorf("before: %s, want %s", got, test.before)
			}
			settings = settings.Listening(test.taken)
			if got := settings.PublicURL.String(); got != test.after || settings.Listen != test.taken {
				t.Errorf("after: %s on %s, want %s on %s", got, settings.Listen, test.after, test.taken)
			}
			if got := settings.HookURL.String(); got != test.after {
				t.Errorf("gateways are told %s, want %s", got, test.after)
			}
		})
	}
}

func TestAnAddressForGatewaysThatIsIgnoredDoesNotFollow(t *testing.T) {
	settings, err := config.Load([]string{"MAGPIE_LISTEN=127.0.0.1:0"}, config.HookURL)
	if err != nil {
		t.Fatal(err)
	}
	if settings = settings.Listening("127.0.0.1:40001"); settings.HookURL != nil {
		t.Errorf("gateways are told %s", settings.HookURL)
	}
}

func TestAnAddressForGatewaysStaysWhereItIsGiven(t *testing.T) {
	settings := load(t, "MAGPIE_LISTEN=127.0.0.1:0", "MAGPIE_HOOK_URL=http://10.1.2.3:8080/").Listening("127.0.0.1:40001")
	if hook, public := settings.HookURL.String(), settings.PublicURL.String(); hook != "http://10.1.2.3:8080" || public != "http://127.0.0.1:40001" {
		t.Errorf("gateways are told %s, citizens %s", hook, public)
	}
}
