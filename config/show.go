// How the settings are shown: everything but what is secret.

package config

import (
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// String shows the settings, one line each, without what is secret.
func (s Settings) String() string { return lines(s.LogValue().Group()) }

// GoString is String, so that %#v shows no secret either.
func (s Settings) GoString() string { return s.String() }

// LogValue shows the settings to a log, without what is secret.
func (s Settings) LogValue() slog.Value {
	return slog.GroupValue(slices.Concat(
		s.serverAttributes(), s.gatewayAttributes(),
		s.Aliyun.attributes(), s.Tencent.attributes(), s.MAS.attributes(),
		s.hookAttributes(), s.mailAttributes(), s.OIDC.attributes(),
		[]slog.Attr{slog.String(OutsideAllow, s.OutsideAllow.String())},
	)...)
}

func (s Settings) serverAttributes() []slog.Attr {
	return []slog.Attr{
		slog.String(Listen, s.Listen),
		slog.String(PublicURL, address(s.PublicURL)),
		slog.String(TrustedProxies, list(s.TrustedProxies)),
		slog.String(DatabaseURL, s.Database.String()),
		slog.String(Secret, list(s.Secret)),
		slog.Bool(VerifyPhones, s.VerifyPhones),
		slog.Bool(RateLimits, s.RateLimits),
		slog.String(MetricsListen, s.MetricsListen),
	}
}

func (s Settings) gatewayAttributes() []slog.Attr {
	return []slog.Attr{
		slog.String(SMS, withoutUser(s.SMS)),
		slog.String(SMSSecond, withoutUser(s.SMSSecond)),
		slog.Bool(SMSReplies, s.SMSReplies),
		slog.Bool(SMSSecondReplies, s.SMSSecondReplies),
	}
}

func (s Settings) hookAttributes() []slog.Attr {
	return []slog.Attr{
		slog.String(WebhookSecret, hidden(string(s.WebhookSecret))),
		slog.String(HookSecret, hidden(s.HookSecret)),
		slog.String(HookURL, address(s.HookURL)),
		slog.String(HookSenders, list(s.HookSenders)),
	}
}

func (s Settings) mailAttributes() []slog.Attr {
	return []slog.Attr{
		slog.String(Mail, withoutUser(s.Mail)),
		slog.String(MailFrom, s.MailFrom),
		slog.String(MailCA, s.mailCAFile),
	}
}

func (a Aliyun) attributes() []slog.Attr {
	return []slog.Attr{
		slog.String(AliyunKeyID, a.KeyID),
		slog.String(AliyunKeySecret, hidden(a.KeySecret)),
		slog.String(AliyunEndpoint, address(a.Endpoint)),
	}
}

func (t Tencent) attributes() []slog.Attr {
	return []slog.Attr{
		slog.String(TencentSecretID, t.SecretID),
		slog.String(TencentSecretKey, hidden(t.SecretKey)),
		slog.String(TencentAppID, t.AppID),
		slog.String(TencentRegion, t.Region),
		slog.String(TencentEndpoint, address(t.Endpoint)),
	}
}

func (m MAS) attributes() []slog.Attr {
	signs := make([]string, 0, len(m.Signs))
	for _, signature := range slices.Sorted(maps.Keys(m.Signs)) {
		signs = append(signs, signature+"="+m.Signs[signature])
	}
	return []slog.Attr{
		slog.String(MASECName, m.ECName),
		slog.String(MASAPID, m.APID),
		slog.String(MASSecretKey, hidden(m.SecretKey)),
		slog.String(MASSigns, strings.Join(signs, ",")),
		slog.String(MASAddSerial, m.AddSerial),
	}
}

// String shows where the data are, without the password.
func (d Database) String() string {
	switch d.Engine {
	case SQLite:
		return "sqlite:" + d.Path
	case MySQL:
		address := net.JoinHostPort(d.Host, fmt.Sprint(d.Port))
		return fmt.Sprintf("mysql://%s:***@%s/%s", url.User(d.User), address, d.Name)
	}
	return ""
}

// GoString is String, so that %#v shows no password either.
func (d Database) GoString() string { return d.String() }

// LogValue shows a log where the data are, without the password.
func (d Database) LogValue() slog.Value { return slog.StringValue(d.String()) }

// String shows the key's ID and nothing else.
func (k Key) String() string { return k.ID + ":***" }

// GoString is String, so that %#v shows no key either.
func (k Key) GoString() string { return k.String() }

// LogValue shows a log the key's ID and nothing else.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// String shows the AccessKey's ID and endpoint, without the secret.
func (a Aliyun) String() string { return lines(a.attributes()) }

// GoString is String, so that %#v shows no secret either.
func (a Aliyun) GoString() string { return a.String() }

// LogValue shows a log the AccessKey's ID and endpoint, without the secret.
func (a Aliyun) LogValue() slog.Value { return slog.GroupValue(a.attributes()...) }

// String shows the options without the secret key.
func (t Tencent) String() string { return lines(t.attributes()) }

// GoString is String, so that %#v shows no secret key either.
func (t Tencent) GoString() string { return t.String() }

// LogValue shows a log the options without the secret key.
func (t Tencent) LogValue() slog.Value { return slog.GroupValue(t.attributes()...) }

// String shows the options without the secret key.
func (m MAS) String() string { return lines(m.attributes()) }

// GoString is String, so that %#v shows no secret key either.
func (m MAS) GoString() string { return m.String() }

// LogValue shows a log the options without the secret key.
func (m MAS) LogValue() slog.Value { return slog.GroupValue(m.attributes()...) }

func lines(attributes []slog.Attr) string {
	var text strings.Builder
	for _, attribute := range attributes {
		fmt.Fprintf(&text, "%s=%s\n", attribute.Key, attribute.Value)
	}
	return text.String()
}

// list shows things as the operator writes them.
func list[T fmt.Stringer](things []T) string {
	texts := make([]string, len(things))
	for i, thing := range things {
		texts[i] = thing.String()
	}
	return strings.Join(texts, ",")
}

func address(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}

// hidden shows of a secret whether there is one.
func hidden(secret string) string {
	if secret == "" {
		return ""
	}
	return "***"
}

// withoutUser shows of an address its scheme and host: a path may be as secret
// as a password.
func withoutUser(address string) string {
	if address == "" {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return "***"
	}
	if parsed.Host == "" {
		return parsed.Scheme + ":"
	}
	return parsed.Scheme + "://" + parsed.Host
}
