// The gateways and the mail server that the settings name.

package main

import (
	"slices"
	"strings"

	"magpie/config"
	"magpie/notify"
	"magpie/notify/mail"
	"magpie/notify/sms"
	"magpie/scheduling/messages"
)

// gateways are the ways out, and what comes back by them.
type gateways struct {
	routes []notify.Route
	// mailer is nil where there is no e-mail; from is its sender's address.
	mailer notify.Mailer
	from   string
	// pushers read what the gateways tell us, by name.
	pushers map[string]sms.Pusher
}

// names are the gateways as texts and the plan know them.
func (g gateways) names() []messages.Gateway {
	out := make([]messages.Gateway, len(g.routes))
	for i, r := range g.routes {
		out[i] = r.Gateway
	}
	return out
}

// withReceipts names the gateways from which receipts come.
func (g gateways) withReceipts() []string {
	var out []string
	for _, r := range g.routes {
		if g.pushers[r.Name] != nil {
			out = append(out, r.Name)
		}
	}
	return out
}

// messageSettings are those that openGateways looks at.
var messageSettings = []string{
	config.SMS, config.SMSSecond, config.SMSReplies, config.SMSSecondReplies,
	config.AliyunKeyID, config.AliyunKeySecret, config.AliyunEndpoint,
	config.TencentSecretID, config.TencentSecretKey, config.TencentAppID, config.TencentRegion, config.TencentEndpoint,
	config.MASECName, config.MASAPID, config.MASSecretKey, config.MASSigns, config.MASAddSerial,
	config.WebhookSecret, config.HookSecret, config.HookURL, config.HookSenders,
	config.Mail, config.MailFrom, config.MailCA,
}

// openGateways makes the gateways, without connecting to any. What only they can
// tell is wrong is an error of one line each.
func (p *program) openGateways(s config.Settings) (gateways, error) {
	g := gateways{pushers: make(map[string]sms.Pusher), from: s.MailFrom}
	var wrongs wrong
	first := sms.Kind(s.SMS)
	for _, one := range []struct {
		setting, value, name string
		replies              bool
	}{
		{config.SMS, s.SMS, first, s.SMSReplies},
		{config.SMSSecond, s.SMSSecond, messages.NameOf(first, sms.Kind(s.SMSSecond)), s.SMSSecondReplies},
	} {
		if one.value == "" {
			continue
		}
		way, err := sms.Open(p.gatewayOptions(s, one.setting, one.value, one.name))
		if err != nil {
			wrongs = append(wrongs, strings.Split(err.Error(), "\n")...)
			continue
		}
		g.routes = append(g.routes, notify.Route{Way: way, Gateway: messages.Gateway{
			Name: one.name, Kind: sms.Kind(one.value), Replies: one.replies, Templated: sms.Templated(one.value),
		}})
		if pusher, ok := way.(sms.Pusher); ok && s.HookSecret != "" {
			g.pushers[one.name] = pusher
		}
	}
	if s.Mail != "" {
		sender, err := mail.Open(mail.Options{URL: s.Mail, From: s.MailFrom, CA: s.MailCA})
		if err != nil {
			wrongs = append(wrongs, err.Error())
		} else {
			g.mailer = sender
		}
	}
	if len(wrongs) > 0 {
		return g, wrongs
	}
	return g, nil
}

func (p *program) gatewayOptions(s config.Settings, setting, value, name string) sms.Options {
	o := sms.Options{
		Name: setting, Setting: value, Log: p.log,
		Aliyun:  sms.AliyunOptions{KeyID: s.Aliyun.KeyID, KeySecret: s.Aliyun.KeySecret, Endpoint: s.Aliyun.Endpoint},
		Tencent: sms.TencentOptions{SecretID: s.Tencent.SecretID, SecretKey: s.Tencent.SecretKey, AppID: s.Tencent.AppID, Region: s.Tencent.Region, Endpoint: s.Tencent.Endpoint},
		MAS:     sms.MASOptions{ECName: s.MAS.ECName, APID: s.MAS.APID, SecretKey: s.MAS.SecretKey, Signs: s.MAS.Signs, AddSerial: s.MAS.AddSerial},
		Webhook: sms.WebhookOptions{Secret: s.WebhookSecret},
	}
	if s.HookSecret != "" && s.HookURL != nil {
		o.HookURL = s.HookURL.JoinPath("hooks", name, s.HookSecret).String()
	}
	return o
}

// only reads some settings, whatever is wrong with the others.
func (p *program) only(names ...string) (config.Settings, error) {
	var environ []string
	for _, variable := range p.environ {
		key, _, _ := strings.Cut(variable, "=")
		if slices.Contains(names, strings.TrimSuffix(key, "_FILE")) || slices.Contains(names, key) || key == "MAGPIE_CONFIG" {
			environ = append(environ, variable)
		}
	}
	return config.Load(environ, slices.DeleteFunc(config.Names(), func(other string) bool { return slices.Contains(names, other) })...)
}
