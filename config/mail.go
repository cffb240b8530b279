// The settings of e-mail.

package config

import (
	"crypto/x509"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
)

func (g *given) mailReaders(s *Settings) []reader {
	return []reader{
		reads(Mail, "", &s.Mail, g.mailServer),
		reads(MailFrom, "", &s.MailFrom, g.mailAddress),
		reads(MailCA, "", &s.MailCA, g.authorities),
		reads(MailCA, "", &s.mailCAFile, func(_, path string) string { return path }),
	}
}

// mailServer never quotes what it refuses: it may hold a password.
func (g *given) mailServer(name, text string) string {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" ||
		!hasHost(parsed) ||
		strings.Trim(parsed.Path, "/") != "" || !endsThere(parsed) || !isLogin(parsed.User) {
		g.wrong(name, "want smtp:// or smtps:// and user:password@host:port, with : / ? # @ %% in the password as %%3A %%2F %%3F %%23 %%40 %%25")
		return ""
	}
	return text
}

// isLogin accepts none at all too: a relay in the office's network may ask for none.
func isLogin(user *url.Userinfo) bool {
	if user == nil {
		return true
	}
	password, _ := user.Password()
	return user.Username() != "" && password != ""
}

// mailAddress accepts ASCII alone: with anything else an e-mail can pass only
// through servers that all have SMTPUTF8 (RFC 6531).
func (g *given) mailAddress(name, text string) string {
	parsed, err := mail.ParseAddress(text)
	_, host, _ := strings.Cut(text, "@")
	if err != nil || parsed.Address != text || !isHost(host) || strings.ContainsFunc(text, beyondASCII) {
		g.wrong(name, "want an e-mail address such as yuyue@example.cn, got %q", text)
		return ""
	}
	return text
}

func beyondASCII(r rune) bool { return r > unicode.MaxASCII }

func (g *given) authorities(name, path string) []byte {
	content, err := readBounded(path)
	if err != nil {
		g.wrong(name, "%v", err)
		return nil
	}
	if !x509.NewCertPool().AppendCertsFromPEM(content) {
		g.wrong(name, "%s holds no certificate as PEM", path)
		return nil
	}
	return content
}
