// What one setting asks of another. What is ignored asks nothing, and nothing is
// asked of it.

package config

import (
	"slices"
	"strings"
)

// checkTogether notes what is missing beside what is given, and what does not
// go together. It looks at what the operator wrote, so that one wrong setting
// does not hide that another is missing.
func (g *given) checkTogether(s Settings) {
	for _, gateway := range []string{SMS, SMSSecond} {
		scheme, _, _ := strings.Cut(g.values[gateway].text, ":")
		for _, option := range optionsOf(scheme) {
			g.require(option, "is needed with "+scheme+":")
		}
	}
	if g.values[Mail].text != "" {
		g.require(MailFrom, "is needed with "+Mail)
	}
	if g.values[OIDCIssuer].text != "" {
		for _, option := range []string{OIDCClientID, OIDCClientSecret, OIDCOffices} {
			g.require(option, "is needed with "+OIDCIssuer)
		}
	}
	g.checkSecond(s)
	g.checkReplies(SMS, SMSReplies, s.SMSReplies)
	if g.values[SMSSecond].text != "" {
		g.checkReplies(SMSSecond, SMSSecondReplies, s.SMSSecondReplies)
	}
}

// optionsOf gives the options that a gateway cannot do without.
func optionsOf(scheme string) []string {
	switch {
	case scheme == "aliyun":
		return []string{AliyunKeyID, AliyunKeySecret}
	case scheme == "tencent":
		return []string{TencentSecretID, TencentSecretKey, TencentAppID}
	case overHTTP(scheme, masScheme):
		return []string{MASECName, MASAPID, MASSecretKey, MASSigns}
	case overHTTP(scheme, webhookScheme):
		return []string{WebhookSecret}
	}
	return nil
}

// checkSecond keeps the second gateway from being none: one that fails with the
// first, or the log, where a message looks sent and reaches nobody.
func (g *given) checkSecond(s Settings) {
	switch {
	case s.SMS == "" || s.SMSSecond == "":
	case sameGateway(s.SMS, s.SMSSecond):
		g.wrong(SMSSecond, "is the same gateway as %s", SMS)
	case s.SMSSecond == logGateway:
		g.wrong(SMSSecond, "cannot be log:, which delivers nothing, beside a gateway that does")
	}
}

// checkReplies keeps a text from asking for a reply that nobody could bring.
func (g *given) checkReplies(gateway, setting string, on bool) {
	if on && !slices.Contains(g.ignored, gateway) && g.missing(HookSecret) {
		g.wrong(setting, "is of no use without %s: replies come to an address that holds it", HookSecret)
	}
}

// require notes that a setting is missing, once.
func (g *given) require(name, why string) {
	if g.missing(name) {
		g.wrong(name, "%s", why)
	}
}

// missing says that a setting is not given, which is not noted yet; one whose
// file cannot be read is given.
func (g *given) missing(name string) bool {
	return g.values[name].text == "" && !slices.Contains(g.ignored, name) &&
		!slices.ContainsFunc(g.problems, func(p Problem) bool { return p.Setting == name || p.Setting == name+fileSuffix })
}
