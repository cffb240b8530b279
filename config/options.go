// The options of gateways, and of what they bring: receipts and replies.

package config

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	defaultSenders = "127.0.0.0/8,::1/128"
	// maxName bounds a name in another system, in characters.
	maxName = 128
	// The sizes of a key of Standard Webhooks, in bytes.
	minWebhookKey, maxWebhookKey = 24, 64
)

var (
	oneWord    = regexp.MustCompile(`^[!-~]{1,256}$`)
	appID      = regexp.MustCompile(`^[0-9]{1,20}$`)
	region     = regexp.MustCompile(`^[a-z]{1,16}(-[a-z0-9]{1,16}){1,4}$`)
	addSerial  = regexp.MustCompile(`^[0-9]{1,20}$`)
	hookSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{24,128}$`)
)

func (g *given) gatewayReaders(s *Settings) []reader {
	return []reader{
		reads(SMS, logGateway, &s.SMS, g.gateway),
		reads(SMSSecond, "", &s.SMSSecond, g.gateway),
		reads(SMSReplies, "false", &s.SMSReplies, g.boolean),
		reads(SMSSecondReplies, "false", &s.SMSSecondReplies, g.boolean),
		reads(WebhookSecret, "", &s.WebhookSecret, g.webhookKey),
	}
}

func (g *given) cloudReaders(s *Settings) []reader {
	word := g.matching(oneWord, "at most 256 characters of ASCII, and no space")
	return []reader{
		reads(AliyunKeyID, "", &s.Aliyun.KeyID, word),
		reads(AliyunKeySecret, "", &s.Aliyun.KeySecret, word),
		reads(AliyunEndpoint, defaultAliyun, &s.Aliyun.Endpoint, g.endpoint),
		reads(TencentSecretID, "", &s.Tencent.SecretID, word),
		reads(TencentSecretKey, "", &s.Tencent.SecretKey, word),
		reads(TencentAppID, "", &s.Tencent.AppID, g.matching(appID, "the SmsSdkAppId, digits as in 1400006666")),
		reads(TencentRegion, defaultRegion, &s.Tencent.Region, g.matching(region, "a region such as ap-guangzhou")),
		reads(TencentEndpoint, defaultTencent, &s.Tencent.Endpoint, g.endpoint),
		reads(MASECName, "", &s.MAS.ECName, g.name),
		reads(MASAPID, "", &s.MAS.APID, word),
		reads(MASSecretKey, "", &s.MAS.SecretKey, word),
		reads(MASSigns, "", &s.MAS.Signs, g.signs),
		reads(MASAddSerial, "", &s.MAS.AddSerial, g.matching(addSerial, "at most 20 digits")),
	}
}

func (g *given) hookReaders(s *Settings) []reader {
	return []reader{
		reads(HookSecret, "", &s.HookSecret, g.matching(hookSecret, "24 to 128 letters, digits, - and _")),
		reads(HookURL, "", &s.HookURL, g.ownURL),
		reads(HookSenders, defaultSenders, &s.HookSenders, g.networks),
	}
}

// matching checks against a pattern. It does not quote what it refuses, so that
// it serves for secrets too.
func (g *given) matching(pattern *regexp.Regexp, wanted string) func(name, text string) string {
	return func(name, text string) string {
		if !pattern.MatchString(text) {
			g.wrong(name, "want %s", wanted)
			return ""
		}
		return text
	}
}

// name checks what an enterprise or a signature is called.
func (g *given) name(name, text string) string {
	if !isName(text) {
		g.wrong(name, "want a name of at most %d characters, without spaces around it and line breaks", maxName)
		return ""
	}
	return text
}

func isName(text string) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxName &&
		strings.TrimSpace(text) == text && !strings.ContainsFunc(text, unicode.IsControl)
}

// endpoint is where a vendor's interface is called. Its messages hold names and
// numbers of people, so it is encrypted, but on this machine.
func (g *given) endpoint(name, text string) *url.URL {
	const wanted = "want https:// and a host; http:// is for this machine alone (localhost, 127.0.0.1 or [::1])"
	parsed := g.root(name, text, wanted, "must end after the host")
	if parsed != nil && parsed.Scheme == "http" && !isLoopback(parsed.Hostname()) {
		g.wrong(name, wanted)
		return nil
	}
	return parsed
}

func (g *given) signs(name, text string) map[string]string {
	found := map[string]string{}
	for i, part := range strings.Split(text, ",") {
		signature, code, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !isName(signature) || !oneWord.MatchString(code):
			g.wrong(name, "sign %d: want signature=code, several separated by commas", i+1)
		case strings.ContainsAny(signature, "【】"):
			g.wrong(name, "sign %d: want the signature without 【】", i+1)
		case found[signature] != "":
			g.wrong(name, "sign %d: has the signature of one before it", i+1)
		default:
			found[signature] = code
		}
	}
	return found
}

// webhookKey decodes the secret of Standard Webhooks ("Signing secret
// serialization" there).
func (g *given) webhookKey(name, text string) []byte {
	encoded, prefixed := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !prefixed || err != nil || len(key) < minWebhookKey || len(key) > maxWebhookKey {
		g.wrong(name, "want whsec_ and the base64 of %d to %d bytes", minWebhookKey, maxWebhookKey)
		return nil
	}
	return key
}
