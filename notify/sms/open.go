package sms

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// Options are the settings of one gateway. Those of kinds that Setting does not
// name are not looked at.
type Options struct {
	// Name is the setting's name, for errors: MAGPIE_SMS or MAGPIE_SMS_SECOND.
	Name string
	// Setting is its value.
	Setting string
	// HookURL is where the gateway calls us back, the whole address with its
	// secret; empty: there are no receipts. It gets &-parameters at its end.
	HookURL string

	Aliyun  AliyunOptions
	Tencent TencentOptions
	MAS     MASOptions
	Webhook WebhookOptions

	Log *slog.Logger
}

// Kind is the kind of gateway that a setting names, such as kannel or aliyun:
// what stands in /hooks/{gateway}, the ledger and the office file.
func Kind(setting string) string {
	scheme, _, _ := strings.Cut(setting, ":")
	kind, _, _ := strings.Cut(scheme, "+")
	return kind
}

// Templated says that a kind of gateway sends approved templates and no free
// text.
func Templated(setting string) bool {
	switch Kind(setting) {
	case "aliyun", "tencent":
		return true
	case "mas":
		return strings.HasSuffix(strings.TrimSuffix(setting, "/"), masTemplatePath)
	}
	return false
}

// Open makes the gateway that a setting names, without connecting to it. An
// error names the setting and never holds a password.
func Open(o Options) (Gateway, error) {
	g, err := open(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	return g, nil
}

func open(o Options) (Gateway, error) {
	switch Kind(o.Setting) {
	case "log":
		return logDriver{o.Log}, nil
	case "kannel":
		return openKannel(o)
	case "aliyun":
		return openAliyun(o)
	case "tencent":
		return openTencent(o)
	case "mas":
		return openMAS(o)
	case "webhook":
		return openWebhook(o)
	}
	return nil, errors.New("no such gateway: want log:, kannel+http://…, aliyun:, tencent:, mas+http://… or webhook+https://…")
}

// address reads the address behind KIND+ of a setting.
func address(setting string) (*url.URL, error) {
	_, rest, _ := strings.Cut(setting, "+")
	u, err := url.Parse(rest)
	switch {
	case err != nil:
		return nil, errors.New("not a URL: a sign in the password may have to be written as %XX")
	case u.Hostname() == "":
		return nil, errors.New("the host is missing")
	case u.Path == "" || u.Path == "/":
		return nil, errors.New("the path is missing")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("nothing may follow the path")
	}
	return u, nil
}
