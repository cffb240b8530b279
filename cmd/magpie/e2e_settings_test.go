package main_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"magpie/cmd/magpie/e2etest"
)

func TestEveryWrongSettingIsALineThatNamesItAndTheStatusIsTwo(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	given := []string{ // what would be missing beside a wrong one
		"MAGPIE_MAS_EC_NAME=anhua", "MAGPIE_MAS_AP_ID=anhua", "MAGPIE_MAS_SECRET_KEY=word", "MAGPIE_MAS_SIGNS=安化预约=code",
		"MAGPIE_WEBHOOK_SECRET=whsec_" + strings.TrimPrefix(e2etest.NewSecret(""), ":"), "MAGPIE_MAIL_FROM=yuyue@example.cn",
	}
	short := "k1:" + base64.StdEncoding.EncodeToString([]byte("short"))
	for _, wrong := range []string{
		"MAGPIE_LISTEN=8080", "MAGPIE_LISTEN=127.0.0.1:http", "MAGPIE_LISTEN=127.0.0.1:65536",
		"MAGPIE_PUBLIC_URL=yuyue.example.cn", "MAGPIE_PUBLIC_URL=ftp://yuyue.example.cn", "MAGPIE_PUBLIC_URL=https://example.cn/magpie",
		"MAGPIE_TRUSTED_PROXIES=10.0.0.1", "MAGPIE_TRUSTED_PROXIES=10.1.2.3/8",
		"MAGPIE_DATABASE=postgres://u:Hunter-2-hunter@h/n", "MAGPIE_DATABASE=sqlite:", "MAGPIE_DATABASE=mysql://u:Hunter-2-hunter@h:3306",
		"MAGPIE_SMS=pigeon:", "MAGPIE_SMS=http://u:Hunter-2-hunter@h/sendsms", "MAGPIE_SMS=kannel+http://h:13013/",
		"MAGPIE_SECRET=", "MAGPIE_SECRET=k1", "MAGPIE_SECRET=" + short, "MAGPIE_SECRET=" + s.Secret + "," + s.Secret,
		"MAGPIE_VERIFY_PHONES=maybe", "MAGPIE_RATE_LIMITS=2", "MAGPIE_METRICS_LISTEN=9100", "MAGPIE_LSITEN=127.0.0.1:0",
		"MAGPIE_SMS_SECOND=pigeon:", "MAGPIE_SMS_SECOND=kannel+http://u:Hunter-2-hunter@h/", "MAGPIE_SMS_SECOND=mas+http://h/submit",
		"MAGPIE_SMS_SECOND=webhook+http://h/Hunter-2-hunter", "MAGPIE_SMS_SECOND=log:", "MAGPIE_SMS_SECOND=" + s.Gateway.Setting(),
		"MAGPIE_SMS_REPLIES=maybe", "MAGPIE_SMS_REPLIES=true", "MAGPIE_SMS_SECOND_REPLIES=maybe",
		"MAGPIE_ALIYUN_KEY_ID=a b", "MAGPIE_ALIYUN_KEY_SECRET=Hunter-2-hunter Hunter", "MAGPIE_ALIYUN_ENDPOINT=http://dysmsapi.aliyuncs.com",
		"MAGPIE_TENCENT_SECRET_ID=a b", "MAGPIE_TENCENT_SECRET_KEY=Hunter-2-hunter Hunter", "MAGPIE_TENCENT_APP_ID=x",
		"MAGPIE_TENCENT_REGION=x", "MAGPIE_TENCENT_ENDPOINT=https://u:Hunter-2-hunter@h",
		"MAGPIE_MAS_EC_NAME= x", "MAGPIE_MAS_AP_ID=a b", "MAGPIE_MAS_SECRET_KEY=Hunter-2-hunter Hunter", "MAGPIE_MAS_SIGNS=x", "MAGPIE_MAS_ADD_SERIAL=x",
		"MAGPIE_WEBHOOK_SECRET=whsec_Hunter-2-hunter", "MAGPIE_HOOK_SECRET=Hunter-2-hunter",
		"MAGPIE_HOOK_URL=https://example.cn/hooks", "MAGPIE_HOOK_SENDERS=10.0.0.1",
		"MAGPIE_MAIL=ftp://u:Hunter-2-hunter@h", "MAGPIE_MAIL_FROM=x", "MAGPIE_MAIL_CA=no-such-file",
		"MAGPIE_OUTSIDE_ALLOW=https://cal.example.cn", "MAGPIE_OUTSIDE_ALLOW=10.0.0.1/8",
	} {
		name, value, _ := strings.Cut(wrong, "=")
		r := s.RunWith(t, append(given, wrong), "", "serve")
		lines := e2etest.Lines(r.Stderr)
		if r.Exit != 2 || len(lines) != 1 || !strings.Contains(lines[0], name+": ") || r.Stdout != "" {
			t.Errorf("%s: exit %d, %q; want 2 and one line that names it", wrong, r.Exit, r.Stderr)
		}
		if strings.Contains(r.Stderr, "Hunter-2-hunter") || name == "MAGPIE_SECRET" && len(value) > 4 && strings.Contains(r.Stderr, value[3:]) {
			t.Errorf("%s: the password or key is shown: %s", name, r.Stderr)
		}
	}
}

func TestAllWrongSettingsAreReportedTogether(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	file := s.Write(t, "magpie.yaml", "MAGPIE_RATE_LIMITS: perhaps\nMAGPIE_COLOUR: red\n")
	environ := []string{"MAGPIE_CONFIG=" + file}
	wrong := []string{
		"MAGPIE_LISTEN", "MAGPIE_PUBLIC_URL", "MAGPIE_TRUSTED_PROXIES", "MAGPIE_DATABASE", "MAGPIE_SMS", "MAGPIE_SMS_SECOND", "MAGPIE_SECRET",
		"MAGPIE_VERIFY_PHONES", "MAGPIE_METRICS_LISTEN", "MAGPIE_SMS_REPLIES", "MAGPIE_SMS_SECOND_REPLIES",
		"MAGPIE_ALIYUN_ENDPOINT", "MAGPIE_TENCENT_APP_ID", "MAGPIE_TENCENT_REGION", "MAGPIE_TENCENT_ENDPOINT", "MAGPIE_MAS_SIGNS", "MAGPIE_MAS_ADD_SERIAL",
		"MAGPIE_WEBHOOK_SECRET", "MAGPIE_HOOK_SECRET", "MAGPIE_HOOK_URL", "MAGPIE_HOOK_SENDERS", "MAGPIE_MAIL", "MAGPIE_MAIL_FROM", "MAGPIE_MAIL_CA",
	}
	for _, name := range wrong {
		environ = append(environ, name+"=x")
	}
	r := s.RunWith(t, environ, "", "serve")
	lines := e2etest.Lines(r.Stderr)
	wrong = append(wrong, file+":1: MAGPIE_RATE_LIMITS", file+":2: MAGPIE_COLOUR")
	for _, name := range wrong {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+":") }) {
			t.Errorf("no line begins with %s:\n%s", name, r.Stderr)
		}
	}
	if r.Exit != 2 || len(lines) != len(wrong) {
		t.Errorf("exit %d and %d lines, want 2 and %d:\n%s", r.Exit, len(lines), len(wrong), r.Stderr)
	}
}

func TestWhatAGatewayNeedsIsALineForEachSettingThatIsMissing(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	for gateway, missing := range map[string][]string{
		"aliyun:":                     {"MAGPIE_ALIYUN_KEY_ID", "MAGPIE_ALIYUN_KEY_SECRET"},
		"tencent:":                    {"MAGPIE_TENCENT_SECRET_ID", "MAGPIE_TENCENT_SECRET_KEY", "MAGPIE_TENCENT_APP_ID"},
		"mas+http://h/sms/norsubmit":  {"MAGPIE_MAS_EC_NAME", "MAGPIE_MAS_AP_ID", "MAGPIE_MAS_SECRET_KEY", "MAGPIE_MAS_SIGNS"},
		"webhook+http://127.0.0.1/in": {"MAGPIE_WEBHOOK_SECRET"},
	} {
		r := s.RunWith(t, []string{"MAGPIE_SMS_SECOND=" + gateway}, "", "serve")
		lines := e2etest.Lines(r.Stderr)
		for _, name := range missing {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+": is needed with ") }) {
				t.Errorf("%s: no line says that %s is needed:\n%s", gateway, name, r.Stderr)
			}
		}
		if r.Exit != 2 || len(lines) != len(missing) {
			t.Errorf("%s: exit %d and %d lines, want 2 and %d:\n%s", gateway, r.Exit, len(lines), len(missing), r.Stderr)
		}
	}
}

func TestASecretOfAGatewayWhoseFileIsNotThereIsOneLine(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	for _, name := range []string{
		"MAGPIE_SMS_SECOND", "MAGPIE_ALIYUN_KEY_SECRET", "MAGPIE_TENCENT_SECRET_KEY", "MAGPIE_MAS_SECRET_KEY",
		"MAGPIE_WEBHOOK_SECRET", "MAGPIE_HOOK_SECRET", "MAGPIE_MAIL",
	} {
		r := s.RunWith(t, []string{name + "_FILE=" + s.Folder + "/none"}, "", "serve")
		if lines := e2etest.Lines(r.Stderr); r.Exit != 2 || len(lines) != 1 || !strings.HasPrefix(lines[0], name+"_FILE: cannot read ") {
			t.Errorf("%s_FILE: exit %d, %q", name, r.Exit, r.Stderr)
		}
	}
}

func TestTheSecretsOfGatewaysAndMailAreReadFromFilesAndNotLogged(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	s.Open(t, e2etest.Office{})
	secrets := map[string]string{
		"MAGPIE_SMS_SECOND":         "webhook+http://127.0.0.1:9/Hunter-2-hunter",
		"MAGPIE_ALIYUN_KEY_SECRET":  "Hunter-2-hunter",
		"MAGPIE_TENCENT_SECRET_KEY": "Hunter-2-hunter",
		"MAGPIE_MAS_SECRET_KEY":     "Hunter-2-hunter",
		"MAGPIE_WEBHOOK_SECRET":     "whsec_" + strings.TrimPrefix(e2etest.NewSecret(""), ":"),
		"MAGPIE_HOOK_SECRET":        "Hunter-2-hunter_0123456789",
		"MAGPIE_MAIL":               fmt.Sprintf("smtp://yuyue:Hunter-2-hunter@127.0.0.1:%d", e2etest.FreePort(t)),
	}
	settings := []string{"MAGPIE_MAIL_FROM=yuyue@example.cn"}
	for name, secret := range secrets {
		settings = append(settings, name+"_FILE="+s.Write(t, name, secret+"\n"))
	}
	server := s.Serve(t, settings...)
	server.Client(t).Get(t, "/healthz").Is(t, http.StatusOK, "")
	for _, secret := range []string{"Hunter-2-hunter", secrets["MAGPIE_WEBHOOK_SECRET"]} {
		if log := server.Stderr.String(); strings.Contains(log, secret) {
			t.Errorf("a secret is in the log:\n%s", log)
		}
	}
}

func TestSettingsAndSecretsAreReadFromFilesAndTheEnvironmentWins(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		database := s.Write(t, "database", s.Database+"\n")
		gateway := s.Write(t, "sms", s.Gateway.Setting()+"\n")
		secret := s.Write(t, "secret", s.Secret+"\n")
		file := s.Write(t, "magpie.yaml", fmt.Sprintf(
			"MAGPIE_LISTEN: 127.0.0.1:1\nMAGPIE_DATABASE_FILE: %s\nMAGPIE_SMS_FILE: %s\nMAGPIE_RATE_LIMITS: false\n", database, gateway))
		for _, name := range []string{"MAGPIE_LISTEN", "MAGPIE_DATABASE", "MAGPIE_SMS", "MAGPIE_SECRET"} {
			s.Set(name, "")
		}
		s.Set("MAGPIE_CONFIG", file)
		s.Set("MAGPIE_SECRET_FILE", secret)
		server := s.Serve(t) // with an address of its own in the environment
		citizen := server.Citizen(t)
		a := citizen.Booked(t, e2etest.At(1, 9, 0))
		if seen := theOnly(t, server.Staff(t, "desk").Appointments(t, e2etest.Date(1), e2etest.Date(1))); seen.Reference != a.Reference {
			t.Errorf("booked %s, seen %s", a.Reference, seen.Reference)
		}
		if !strings.Contains(server.Stderr.String(), "MAGPIE_RATE_LIMITS") {
			t.Error("the log does not say that the limits are off")
		}
		if r := s.RunWith(t, []string{"MAGPIE_SECRET_FILE=" + secret + ".none"}, "", "serve"); r.Exit != 2 || len(e2etest.Lines(r.Stderr)) != 1 || !strings.Contains(r.Stderr, "MAGPIE_SECRET_FILE") {
			t.Errorf("a secret's file that is not there: exit %d, %q", r.Exit, r.Stderr)
		}
	})
}

func TestPortZeroTakesAFreePortThatTheLogTells(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	server := s.Serve(t, "MAGPIE_LISTEN=127.0.0.1:0")
	if strings.HasSuffix(server.URL, ":0") {
		t.Errorf("it listens on %s", server.URL)
	}
	taken := "MAGPIE_LISTEN=" + strings.TrimPrefix(server.URL, "http://")
	if r := s.RunWith(t, []string{taken}, "", "serve"); r.Exit != 1 || len(e2etest.Lines(r.Stderr)) != 1 || !strings.Contains(r.Stderr, "MAGPIE_LISTEN") {
		t.Errorf("on an address that is taken serve ended with %d: %q", r.Exit, r.Stderr)
	}
}

func TestADatabaseThatIsNotThereIsOneLineThatNamesTheSetting(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	for where, exit := range map[string]int{
		fmt.Sprintf("mysql://magpie:Hunter-2-hunter@127.0.0.1:%d/magpie", e2etest.FreePort(t)): 1,
		// That there is no such folder can be told before anything is tried.
		"sqlite:" + s.Folder + "/no/such/folder/magpie.db": 2,
	} {
		for _, command := range []string{"serve", "migrate", "doctor"} {
			r := s.RunWith(t, []string{"MAGPIE_DATABASE=" + where}, "", command)
			if r.Exit != exit || len(e2etest.Lines(r.Stderr)) != 1 || !strings.Contains(r.Stderr, "MAGPIE_DATABASE") || strings.Contains(r.Stderr, "Hunter") {
				t.Errorf("%s on %s: exit %d, %q", command, where, r.Exit, r.Stderr)
			}
		}
	}
}

func TestAPublicAddressWithHTTPSIsToldToBrowsers(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	for address, want := range map[string]bool{"": false, "https://yuyue.example.cn": true} {
		server := s.Serve(t, "MAGPIE_PUBLIC_URL="+address)
		header := server.Client(t).Get(t, "/healthz").Header.Get("Strict-Transport-Security")
		if (header != "") != want {
			t.Errorf("with %q Strict-Transport-Security is %q", address, header)
		}
		if address != "" && !strings.Contains(server.Stderr.String(), address) {
			t.Errorf("the log does not tell %s", address)
		}
		server.Terminate(t, syscall.SIGTERM)
	}
}

func TestAnAddressIsBelievedFromTrustedProxiesAlone(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{})
		limited := func(server *e2etest.Server) (refused int) {
			for range 21 {
				// Every client says that it is somebody else.
				a := server.Client(t).Post(t, "/api/v1/verifications", map[string]string{"phone": s.NewPhone()})
				if a.Status != http.StatusAccepted {
					a.Is(t, http.StatusTooManyRequests, "rate_limited")
					refused++
				}
			}
			return refused
		}
		if got := limited(s.Serve(t, "MAGPIE_TRUSTED_PROXIES=127.0.0.0/8")); got != 0 {
			t.Errorf("behind a trusted proxy %d of 21 addresses were refused", got)
		}
		if got := limited(s.Serve(t, "MAGPIE_TRUSTED_PROXIES=192.0.2.0/24")); got != 1 {
			t.Errorf("of 21 codes for one address %d were refused, want 1", got)
		}
		off := s.Serve(t, "MAGPIE_TRUSTED_PROXIES=192.0.2.0/24", "MAGPIE_RATE_LIMITS=off")
		if got := limited(off); got != 0 {
			t.Errorf("without limits %d were refused", got)
		}
		if !strings.Contains(off.Stderr.String(), "MAGPIE_RATE_LIMITS") {
			t.Error("the log does not say that the limits are off")
		}
	})
}

func TestWithoutVerificationBookingNeedsNoTokenAndAllElseStillDoes(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 3, Services: []e2etest.Service{{OpenPerPerson: 1}}})
		server := s.Serve(t, "MAGPIE_VERIFY_PHONES=false")
		visitor, phone := server.Client(t), s.NewPhone()
		body := e2etest.Booking{Service: "talk", Start: e2etest.At(1, 9, 0), Parties: []e2etest.Party{{Name: s.NewName(), Phone: phone}}}
		var references []string
		for range 2 { // the number is neither claimed nor counted
			a := e2etest.As[e2etest.Appointment](t, visitor.Post(t, e2etest.BookPath, body), http.StatusCreated)
			s.Gateway.AwaitText(t, phone, a.Reference, 1)
			references = append(references, a.Reference)
		}
		visitor.Get(t, "/api/v1/appointments").Is(t, http.StatusUnauthorized, "unauthenticated")
		visitor.Get(t, "/api/v1/appointments/"+references[0]).Is(t, http.StatusUnauthorized, "unauthenticated")
		visitor.Post(t, "/api/v1/appointments/"+references[0]+"/cancel", nil).Is(t, http.StatusUnauthorized, "unauthenticated")
		key := e2etest.Request{Method: http.MethodPost, Path: e2etest.BookPath, Key: s.NewKey(), Body: body}
		first, again := visitor.Do(t, key), visitor.Do(t, key)
		if first.Status != http.StatusCreated || again.String() != first.String() {
			t.Errorf("the same key from the same address answered %s and %s", first, again)
		}
		server.Client(t).Do(t, key).Is(t, http.StatusConflict, "slot_taken")
		server.Client(t).Citizen(t, phone).Book(t, e2etest.At(1, 9, 0)).Is(t, http.StatusConflict, "slot_taken")
	})
}

func TestMessagesInTheLogShowNoNumber(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	s.Open(t, e2etest.Office{})
	server := s.Serve(t, "MAGPIE_SMS=log:")
	phone := s.NewPhone()
	server.Client(t).AskForCode(t, phone)
	e2etest.Eventually(t, "the message is in the log", func() error {
		if !strings.Contains(server.Stderr.String(), "验证码") {
			return fmt.Errorf("it is not")
		}
		return nil
	})
	if log := server.Stderr.String(); !strings.Contains(log, phone[7:]) || strings.Contains(log, phone[:7]) {
		t.Errorf("the number is not masked to its last four digits:\n%s", log)
	}
}

func TestMetricsAreServedOnAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.SQLite)
	address := fmt.Sprintf("127.0.0.1:%d", e2etest.FreePort(t))
	server := s.Serve(t, "MAGPIE_METRICS_LISTEN="+address)
	if metrics := page(t, "http://"+address+"/metrics"); !strings.Contains(metrics, "# TYPE magpie_") {
		t.Errorf("no metrics of Magpie:\n%s", metrics)
	}
	server.Client(t).Get(t, "/metrics").Is(t, http.StatusNotFound, "not_found")
}
