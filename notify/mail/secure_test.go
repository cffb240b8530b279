package mail

import (
	"crypto/tls"
	"net/url"
	"strings"
	"testing"
	"time"

	"magpie/notify/sms"
)

func TestACertificateThatIsNotTrustedGetsNeitherPasswordNorMessage(t *testing.T) {
	known, unknown := newAuthority(t), newAuthority(t)
	later, before := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		server *tls.Config
		detail string
	}{
		"unknown authority": {unknown.signs(t, "127.0.0.1", later), "no authority"},
		"another host":      {known.signs(t, "127.0.0.2", later), "for another host"},
		"expired":           {known.signs(t, "127.0.0.1", before), "expired"},
	} {
		for _, scheme := range []string{"smtp", "smtps"} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				p := openPostOfficeWith(t, scheme == "smtps", c.server)
				_, err := sender(t, scheme, p.addr, known).Send(t.Context(), note())
				wantError(t, err, sms.SetUp, c.detail)
				if p.count("login") != 0 || len(p.all()) != 0 {
					t.Errorf("the server saw %v", p.seen)
				}
			})
		}
	}
}

func TestWithoutItsFileAnAuthorityIsNotKnown(t *testing.T) {
	p := openPostOffice(t, true)
	_, err := sender(t, "smtps", p.addr, authority{}).Send(t.Context(), note())
	wantError(t, err, sms.SetUp, "no authority that is known here")
}

func TestWithoutSTARTTLSNothingIsSaid(t *testing.T) {
	ca := newAuthority(t)
	for _, c := range []struct {
		name   string
		script script
		class  sms.Class
		detail string
	}{
		{"not offered", script{"EHLO": "250-here\r\n250 AUTH PLAIN"}, sms.SetUp, "does not offer STARTTLS"},
		{"only HELO", script{"EHLO": "502 what", "HELO": "250 here"}, sms.SetUp, "does not offer STARTTLS"},
		{"refused for now", script{"EHLO": "250-here\r\n250 STARTTLS", "STARTTLS": "454 4.7.0 later"}, sms.RetryLater, "STARTTLS: 454 4.7.0"},
		{"refused", script{"EHLO": "250-here\r\n250 STARTTLS", "STARTTLS": "501 5.5.4 no"}, sms.SetUp, "STARTTLS: 501 5.5.4"},
		{"dropped", script{"EHLO": "250-here\r\n250 STARTTLS", "STARTTLS": drop}, sms.RetryLater, "the connection ended"},
		{"no TLS behind it", script{"EHLO": "250-here\r\n250 STARTTLS", "STARTTLS": "220 go\r\n220 what is that\r\n220 what"}, sms.SetUp, "do not agree on TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := c.script.play(t, nil)
			_, err := sender(t, "smtp", at.addr, ca).Send(t.Context(), note())
			wantError(t, err, c.class, c.detail)
			if got := at.got(); got != "" {
				t.Errorf("it got %q", got)
			}
		})
	}
}

func TestTheWrongSchemeIsASetUpThatAHumanMends(t *testing.T) {
	ca := newAuthority(t)
	at := script{}.play(t, nil)
	_, err := sender(t, "smtps", at.addr, ca).Send(t.Context(), note())
	wantError(t, err, sms.SetUp, "do not agree on TLS")
}

func TestALoginIsByPLAINOrLOGINOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		ways []string
		user string
		want int
	}{
		"PLAIN":        {[]string{"CRAM-MD5", "PLAIN", "LOGIN"}, user, 1},
		"LOGIN":        {[]string{"LOGIN"}, user, 1},
		"not at all":   {[]string{"PLAIN"}, "", 0},
		"none offered": {nil, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := openPostOffice(t, false)
			p.ways = c.ways
			s := sender(t, "smtp", p.addr, p.ca)
			s.server.user = c.user
			if _, err := s.Send(t.Context(), note()); err != nil {
				t.Fatal(err)
			}
			p.one(t)
			if got := p.count("login"); got != c.want {
				t.Errorf("%d logins", got)
			}
		})
	}
}

func TestAWrongPasswordIsASetUpThatAHumanMends(t *testing.T) {
	for _, way := range []string{"PLAIN", "LOGIN"} {
		p := openPostOffice(t, false)
		p.ways = []string{way}
		s := sender(t, "smtp", p.addr, p.ca)
		s.server.password = "another"
		_, err := s.Send(t.Context(), note())
		wantError(t, err, sms.SetUp, "the login: 535 5.7.8")
		if len(p.all()) != 0 {
			t.Error("something was sent")
		}
	}
}

func TestASettingThatIsWrongIsNamedAndNotTold(t *testing.T) {
	const from = office
	for _, c := range []struct {
		options Options
		says    string
	}{
		{Options{URL: "", From: from}, "MAGPIE_MAIL: neither smtp://"},
		{Options{URL: "http://u:secret@mail.example.cn", From: from}, "MAGPIE_MAIL: neither smtp://"},
		{Options{URL: "smtp://u:sec%zzret@mail.example.cn", From: from}, "MAGPIE_MAIL: not a URL"},
		{Options{URL: "smtp://u:secret@", From: from}, "MAGPIE_MAIL: the host is missing"},
		{Options{URL: "smtp://u@mail.example.cn", From: from}, "MAGPIE_MAIL: user or password is missing"},
		{Options{URL: "smtp://:secret@mail.example.cn", From: from}, "MAGPIE_MAIL: user or password is missing"},
		{Options{URL: "smtp://u:secret@mail.example.cn/x", From: from}, "MAGPIE_MAIL: nothing may follow"},
		{Options{URL: "smtps://u:secret@mail.example.cn?tls=off", From: from}, "MAGPIE_MAIL: nothing may follow"},
		{Options{URL: "smtps://u:secret@mail.example.cn", From: ""}, "MAGPIE_MAIL_FROM: not an e-mail address"},
		{Options{URL: "smtps://u:secret@mail.example.cn", From: "Office <" + from + ">"}, "MAGPIE_MAIL_FROM: not an e-mail address"},
		{Options{URL: "smtps://u:secret@mail.example.cn", From: from, CA: []byte("nothing")}, "MAGPIE_MAIL_CA: no certificate in PEM"},
	} {
		s, err := Open(c.options)
		if s != nil || err == nil || !strings.HasPrefix(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", c.options.URL, err)
		}
	}
}

func TestThePortAndTheWayOfTLSFollowTheScheme(t *testing.T) {
	for setting, want := range map[string]server{
		"smtp://u:" + url.QueryEscape(password) + "@mail.example.cn":  {host: "mail.example.cn", port: "587", user: "u", password: password},
		"smtps://u:" + url.QueryEscape(password) + "@mail.example.cn": {host: "mail.example.cn", port: "465", user: "u", password: password, implicit: true},
		"smtp://[::1]:2525/": {host: "::1", port: "2525"},
	} {
		got, err := readServer(setting)
		if err != nil || got != want {
			t.Errorf("%+v, want %+v (%v)", got, want, err)
		}
	}
}

func TestAnAddressThatIsNoneIsNotEvenTried(t *testing.T) {
	p := openPostOffice(t, false)
	s := sender(t, "smtp", p.addr, p.ca)
	for _, to := range []string{
		"", "chen", "@example.com", "chen@", "chen@example.com\r\nRCPT TO:<x@example.com>", "chen@example.com, x@example.com",
		"Chen <chen@example.com>", "chen xiaoyun@example.com", "陈@example.com", "<chen@example.com>",
	} {
		m := note()
		m.To = to
		_, err := s.Send(t.Context(), m)
		wantError(t, err, sms.WrongNumber, "the address is not one")
	}
	if n := p.count("hello"); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}
