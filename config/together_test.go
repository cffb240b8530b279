package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/config"
)

var (
	ofAliyun  = []string{"MAGPIE_ALIYUN_KEY_ID", "MAGPIE_ALIYUN_KEY_SECRET"}
	ofTencent = []string{"MAGPIE_TENCENT_SECRET_ID", "MAGPIE_TENCENT_SECRET_KEY", "MAGPIE_TENCENT_APP_ID"}
	ofMAS     = []string{"MAGPIE_MAS_EC_NAME", "MAGPIE_MAS_AP_ID", "MAGPIE_MAS_SECRET_KEY", "MAGPIE_MAS_SIGNS"}
	ofWebhook = []string{"MAGPIE_WEBHOOK_SECRET"}
)

// needs are the settings that a gateway cannot do without.
var needs = []struct {
	gateway, with string
	options       []string
}{
	{"aliyun:", "aliyun:", ofAliyun},
	{"tencent:", "tencent:", ofTencent},
	{"mas+http://h/sms/norsubmit", "mas+http:", ofMAS},
	{"mas+https://h/sms/tmpsubmit", "mas+https:", ofMAS},
	{"webhook+https://h/in", "webhook+https:", ofWebhook},
	{"webhook+http://localhost/in", "webhook+http:", ofWebhook},
}

func TestWhatAGatewayNeedsIsNamedWhereItIsMissing(t *testing.T) {
	authority := file(t, "authority.pem", certificate(t))
	for _, test := range needs {
		for _, environ := range [][]string{
			{"MAGPIE_SMS=" + test.gateway},
			{"MAGPIE_SMS=kannel+http://u:w@h/x", "MAGPIE_SMS_SECOND=" + test.gateway},
		} {
			var all []string
			for _, option := range test.options {
				line := option + ": is needed with " + test.with
				all = append(all, line)
				_, err := config.Load(slices.Concat(complete(t, authority), []string{"MAGPIE_SMS_SECOND="}, environ, []string{option + "="}))
				if diff := cmp.Diff([]string{line}, linesOf(t, err)); diff != "" {
					t.Errorf("%s without %s (-want +got):\n%s", environ, option, diff)
				}
			}
			_, err := config.Load(environ)
			if diff := cmp.Diff(all, linesOf(t, err)); diff != "" {
				t.Errorf("%s alone (-want +got):\n%s", environ, diff)
			}
		}
	}
}

func TestWhatTwoGatewaysNeedIsNamedOnce(t *testing.T) {
	_, err := config.Load([]string{"MAGPIE_SMS=webhook+https://a/in", "MAGPIE_SMS_SECOND=webhook+https://b/in"})
	if diff := cmp.Diff([]string{"MAGPIE_WEBHOOK_SECRET: is needed with webhook+https:"}, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASecretWhoseFileCannotBeReadIsNotMissingToo(t *testing.T) {
	_, err := config.Load([]string{"MAGPIE_SMS=webhook+https://a/in", "MAGPIE_WEBHOOK_SECRET_FILE=none", "MAGPIE_SMS_REPLIES=true", "MAGPIE_HOOK_SECRET_FILE=none"})
	want := []string{
		"MAGPIE_WEBHOOK_SECRET_FILE: cannot read none: no such file or directory",
		"MAGPIE_HOOK_SECRET_FILE: cannot read none: no such file or directory",
	}
	if diff := cmp.Diff(want, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOptionsOfAGatewayThatIsNotNamedMayBeGivenAndAreChecked(t *testing.T) {
	got := load(t, "MAGPIE_ALIYUN_KEY_ID=LTAI", "MAGPIE_TENCENT_APP_ID=1400006666", "MAGPIE_MAS_SIGNS=甲=a", "MAGPIE_SMS_SECOND_REPLIES=true")
	if got.Aliyun.KeyID != "LTAI" || got.Tencent.AppID != "1400006666" || got.MAS.Signs["甲"] != "a" || !got.SMSSecondReplies {
		t.Errorf("settings:\n%s", got)
	}
	_, err := config.Load([]string{"MAGPIE_SMS=log:", "MAGPIE_MAS_SIGNS=甲"})
	if lines := linesOf(t, err); len(lines) != 1 || !strings.HasPrefix(lines[0], "MAGPIE_MAS_SIGNS: ") {
		t.Errorf("a wrong option: %q", lines)
	}
}

func TestTheSecondGatewayIsAnotherOneThatDelivers(t *testing.T) {
	const same, log = "is the same gateway as MAGPIE_SMS", "cannot be log:, which delivers nothing, beside a gateway that does"
	authority := file(t, "authority.pem", certificate(t))
	for _, test := range []struct{ first, second, want string }{
		{"aliyun:", "aliyun:", same},
		{"tencent:", "tencent:", same},
		{"log:", "log:", same},
		{"", "log:", same},
		{"kannel+http://u:w@h:1/x", "kannel+http://u:w@h:1/x", same},
		{"kannel+http://u:w@gateway/x", "kannel+http://u:w@GATEWAY/x", same},
		{"webhook+https://h/in", "webhook+https://h/in", same},
		{"mas+http://h/sms/norsubmit", "mas+http://h/sms/norsubmit", same},
		{"aliyun:", "log:", log},
		{"kannel+http://u:w@h:1/x", "log:", log},

		{"aliyun:", "tencent:", ""},
		{"kannel+http://u:w@h:1/x", "kannel+http://u:w@h:2/x", ""},
		{"kannel+http://u:w@h:1/x", "kannel+http://v:w@h:1/x", ""},
		{"kannel+http://u:w@h:1/x", "kannel+https://u:w@h:1/x", ""},
		{"mas+http://h/sms/norsubmit", "mas+http://h/sms/tmpsubmit", ""},
		{"webhook+https://h/in", "webhook+https://h/In", ""},
		{"log:", "aliyun:", ""},
	} {
		settings, err := config.Load(append(complete(t, authority), "MAGPIE_SMS="+test.first, "MAGPIE_SMS_SECOND="+test.second))
		if test.want == "" {
			if err != nil || settings.SMS != test.first || settings.SMSSecond != test.second {
				t.Errorf("%s, %s: %v", test.first, test.second, err)
			}
			continue
		}
		if diff := cmp.Diff([]string{"MAGPIE_SMS_SECOND: " + test.want}, linesOf(t, err)); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", test.first, test.second, diff)
		}
	}
}

func TestRepliesNeedTheAddressThatTheyComeTo(t *testing.T) {
	const why = ": is of no use without MAGPIE_HOOK_SECRET: replies come to an address that holds it"
	environ := []string{"MAGPIE_SMS=kannel+http://u:w@h/x", "MAGPIE_SMS_REPLIES=true", "MAGPIE_SMS_SECOND=kannel+http://u:w@i/x", "MAGPIE_SMS_SECOND_REPLIES=yes"}
	_, err := config.Load(environ)
	if diff := cmp.Diff([]string{"MAGPIE_SMS_REPLIES" + why, "MAGPIE_SMS_SECOND_REPLIES" + why}, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := load(t, append(environ, "MAGPIE_HOOK_SECRET=0123456789abcdefghijklmn")...); !got.SMSReplies || !got.SMSSecondReplies {
		t.Errorf("settings:\n%s", got)
	}
	if got := load(t, "MAGPIE_SMS_REPLIES=false"); got.SMSReplies || got.HookSecret != "" {
		t.Errorf("settings:\n%s", got)
	}
}

func TestEMailNeedsASender(t *testing.T) {
	_, err := config.Load([]string{"MAGPIE_MAIL=smtp://u:w@h:587"})
	if diff := cmp.Diff([]string{"MAGPIE_MAIL_FROM: is needed with MAGPIE_MAIL"}, linesOf(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// demanding is an environment in which every setting asks for another that is
// missing, or is wrong beside another.
var demanding = []string{
	"MAGPIE_SMS=aliyun:", "MAGPIE_SMS_SECOND=aliyun:", "MAGPIE_SMS_REPLIES=true", "MAGPIE_SMS_SECOND_REPLIES=true", "MAGPIE_MAIL=smtp://u:w@h:587",
}

func TestWhatIsIgnoredAsksForNothing(t *testing.T) {
	settings, err := config.Load(demanding, "MAGPIE_SMS", "MAGPIE_SMS_SECOND", "MAGPIE_MAIL")
	if err != nil {
		t.Fatal(err)
	}
	if settings.SMS != "" || settings.SMSSecond != "" || settings.Mail != "" {
		t.Errorf("settings:\n%s", settings)
	}
}

func TestEachSettingCanBeReadAloneWhateverIsWrongWithTheOthers(t *testing.T) {
	environ := complete(t, file(t, "authority.pem", certificate(t)))
	all := strings.Split(load(t, environ...).String(), "\n")
	for _, name := range config.Names() {
		others := slices.DeleteFunc(config.Names(), func(other string) bool { return other == name })
		var broken []string
		for _, other := range others {
			broken = append(broken, other+"= nonsense ")
		}
		settings, err := config.Load(append(environ, broken...), others...)
		if err != nil {
			t.Errorf("%s alone: %v", name, err)
		}
		of := func(line string) bool { return strings.HasPrefix(line, name+"=") }
		got, want := strings.Split(settings.String(), "\n"), all[slices.IndexFunc(all, of)]
		if !slices.Contains(got, want) {
			t.Errorf("alone %s is not as it is with all others, %s:\n%s", name, want, settings)
		}
		if _, err := config.Load(demanding, others...); err != nil {
			t.Errorf("%s alone asks for another: %v", name, err)
		}
	}
}

func TestWhatIsIgnoredKeepsItsZeroValue(t *testing.T) {
	settings, err := config.Load(complete(t, "does-not-exist"), config.Names()...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Settings{}, settings, comparing...); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
