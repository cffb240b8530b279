// The gateways of text messages: which there are, and how they are named.

package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// Aliyun are the options of aliyun:, Alibaba Cloud SMS.
type Aliyun struct {
	// KeyID and KeySecret are an AccessKey of Alibaba Cloud.
	KeyID     string
	KeySecret string `json:"-"`
	// Endpoint is scheme and host, and no path.
	Endpoint *url.URL
}

// Tencent are the options of tencent:, Tencent Cloud SMS.
type Tencent struct {
	// SecretID and SecretKey are an API key of Tencent Cloud.
	SecretID  string
	SecretKey string `json:"-"`
	AppID     string // SmsSdkAppId, digits
	Region    string
	// Endpoint is scheme and host, and no path.
	Endpoint *url.URL
}

// MAS are the options of mas+http: and mas+https:, China Mobile's 云MAS. Their
// names are the interface's own.
type MAS struct {
	ECName    string
	APID      string
	SecretKey string `json:"-"`
	// Signs gives to a signature, without 【】, its code in the console.
	Signs map[string]string
	// AddSerial is at most 20 digits, as a rule none.
	AddSerial string
}

// The schemes of gateways that are an address. Each is followed by http or https.
const (
	kannelScheme  = "kannel+"
	masScheme     = "mas+"
	webhookScheme = "webhook+"
)

const (
	defaultAliyun  = "https://dysmsapi.aliyuncs.com"
	defaultTencent = "https://sms.tencentcloudapi.com"
	defaultRegion  = "ap-guangzhou"
)

// gateway checks the name of a gateway. It never quotes what it refuses: it may
// hold a password.
func (g *given) gateway(name, text string) string {
	scheme, _, _ := strings.Cut(text, ":")
	wanted := ""
	switch {
	case text == logGateway || text == "aliyun:" || text == "tencent:":
	case overHTTP(scheme, kannelScheme):
		wanted = wantedOfKannel(text)
	case overHTTP(scheme, masScheme):
		wanted = wantedOfMAS(text)
	case overHTTP(scheme, webhookScheme):
		wanted = wantedOfWebhook(text)
	default:
		wanted = "log:, aliyun:, tencent:, kannel+http://user:password@host:port/path, mas+http://host/sms/norsubmit or webhook+https://host/path"
	}
	if wanted != "" {
		g.wrong(name, "want %s", wanted)
		return ""
	}
	return text
}

func overHTTP(scheme, kind string) bool { return scheme == kind+"http" || scheme == kind+"https" }

// wantedOfKannel is empty for an address that is right, as it is below. User,
// password and path are the gateway's to read.
func wantedOfKannel(text string) string {
	if parsed, err := url.Parse(text); err != nil || !hasHost(parsed) {
		return "kannel+http://user:password@host:port/cgi-bin/sendsms, with : / ? # @ % in the password as %3A %2F %3F %23 %40 %25"
	}
	return ""
}

// wantedOfMAS allows a path before the interface's own, for a relay in between.
func wantedOfMAS(text string) string {
	parsed, ok := withPath(text)
	if !ok || parsed.User != nil || !strings.HasSuffix(parsed.Path, "/sms/norsubmit") && !strings.HasSuffix(parsed.Path, "/sms/tmpsubmit") {
		return "mas+http://host:port/sms/norsubmit or mas+http://host:port/sms/tmpsubmit, without a user"
	}
	return ""
}

// wantedOfWebhook asks for TLS, since the signature does not hide the text.
func wantedOfWebhook(text string) string {
	parsed, ok := withPath(text)
	switch {
	case !ok || parsed.User != nil:
		return "webhook+https://host/path, without a user"
	case parsed.Scheme == webhookScheme+"http" && !isLoopback(parsed.Hostname()):
		return "webhook+https://, since webhook+http:// is for this machine alone (localhost, 127.0.0.1 or [::1])"
	}
	return ""
}

// withPath reads an address and says whether it is scheme, perhaps user, host,
// perhaps port, and path.
func withPath(text string) (*url.URL, bool) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, false
	}
	return parsed, hasHost(parsed) && strings.Trim(parsed.Path, "/") != "" && endsThere(parsed)
}

// hasHost says that there is a host, and that it and its port can be ones.
func hasHost(parsed *url.URL) bool { return isHost(parsed.Hostname()) && isPort(parsed.Port()) }

// endsThere says that nothing follows the path.
func endsThere(parsed *url.URL) bool {
	return parsed.RawQuery == "" && !parsed.ForceQuery && parsed.Fragment == ""
}

// sameGateway compares two gateways; a host may be written in two ways.
func sameGateway(a, b string) bool {
	return strings.EqualFold(withoutUser(a), withoutUser(b)) && afterHost(a) == afterHost(b)
}

// afterHost is an address without its host.
func afterHost(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	parsed.Host = ""
	return parsed.String()
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}
