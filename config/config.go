// Package config reads the settings of Magpie, once, at its start.
//
// It promises that a setting comes from the environment, or from the file that
// MAGPIE_CONFIG names (a YAML mapping of the same keys), the environment
// winning; that every secret may lie in a file of its own instead, named by
// <NAME>_FILE; that all wrong settings are reported together, one line each,
// which names the setting and, for a file, the line; that a MAGPIE_ variable
// nobody knows is such an error, and so is a setting that another one needs and
// that is missing; and that no error and no printed value shows a password or a
// key. An empty value is the same as none.
//
// It does not promise that what is named can be reached: it opens no database,
// no gateway and no port, and gives plain values to cmd, its only importer.
//
// It stands on the standard library and yaml.v3 alone. koanf was tried on paper
// and left out: its merged map has forgotten which file and line a value came
// from, and whether a key was unknown or given twice, which is most of what is
// promised here.
package config

import (
	"net/netip"
	"net/url"
	"slices"
)

// The names of the settings, as in the environment and in the file.
//
//nolint:gosec // G101: these are names of secrets, no secrets
const (
	Listen         = "MAGPIE_LISTEN"
	PublicURL      = "MAGPIE_PUBLIC_URL"
	TrustedProxies = "MAGPIE_TRUSTED_PROXIES"
	DatabaseURL    = "MAGPIE_DATABASE"
	SMS            = "MAGPIE_SMS"
	SMSSecond      = "MAGPIE_SMS_SECOND"
	Secret         = "MAGPIE_SECRET"
	VerifyPhones   = "MAGPIE_VERIFY_PHONES"
	RateLimits     = "MAGPIE_RATE_LIMITS"
	MetricsListen  = "MAGPIE_METRICS_LISTEN"

	SMSReplies       = "MAGPIE_SMS_REPLIES"
	SMSSecondReplies = "MAGPIE_SMS_SECOND_REPLIES"
	AliyunKeyID      = "MAGPIE_ALIYUN_KEY_ID"
	AliyunKeySecret  = "MAGPIE_ALIYUN_KEY_SECRET"
	AliyunEndpoint   = "MAGPIE_ALIYUN_ENDPOINT"
	TencentSecretID  = "MAGPIE_TENCENT_SECRET_ID"
	TencentSecretKey = "MAGPIE_TENCENT_SECRET_KEY"
	TencentAppID     = "MAGPIE_TENCENT_APP_ID"
	TencentRegion    = "MAGPIE_TENCENT_REGION"
	TencentEndpoint  = "MAGPIE_TENCENT_ENDPOINT"
	MASECName        = "MAGPIE_MAS_EC_NAME"
	MASAPID          = "MAGPIE_MAS_AP_ID"
	MASSecretKey     = "MAGPIE_MAS_SECRET_KEY"
	MASSigns         = "MAGPIE_MAS_SIGNS"
	MASAddSerial     = "MAGPIE_MAS_ADD_SERIAL"
	WebhookSecret    = "MAGPIE_WEBHOOK_SECRET"
	HookSecret       = "MAGPIE_HOOK_SECRET"
	HookURL          = "MAGPIE_HOOK_URL"
	HookSenders      = "MAGPIE_HOOK_SENDERS"
	Mail             = "MAGPIE_MAIL"
	MailFrom         = "MAGPIE_MAIL_FROM"
	MailCA           = "MAGPIE_MAIL_CA"

	OIDCIssuer        = "MAGPIE_OIDC_ISSUER"
	OIDCClientID      = "MAGPIE_OIDC_CLIENT_ID"
	OIDCClientSecret  = "MAGPIE_OIDC_CLIENT_SECRET"
	OIDCOffices       = "MAGPIE_OIDC_OFFICES"
	OIDCUsernameClaim = "MAGPIE_OIDC_USERNAME_CLAIM"
	OutsideAllow      = "MAGPIE_OUTSIDE_ALLOW"
)

// Settings are all settings, checked, with the defaults filled in. Printed or
// logged they show no password and no key.
type Settings struct {
	// Listen is host:port; port 0 takes a free one.
	Listen string
	// PublicURL is the address that citizens see: scheme and host, and no
	// path. Where the operator gave none it follows from Listen, see Listening.
	PublicURL *url.URL
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Database       Database
	// SMS is the gateway: "log:", "kannel+http://user:password@host:port/path",
	// "aliyun:", "tencent:", "mas+http://host/sms/norsubmit" (or tmpsubmit) or
	// "webhook+https://host/path"; kannel+ and mas+ with https too. Of kannel+
	// only scheme and host are checked; the rest is the gateway's to read.
	SMS string `json:"-"`
	// SMSSecond is the gateway that stands in for SMS, in the same form, and
	// another one; empty where there is none.
	SMSSecond string `json:"-"`
	// Secret are the keys, the first being the active one. It may be empty:
	// see RequireSecret.
	Secret       []Key
	VerifyPhones bool
	RateLimits   bool
	// MetricsListen is host:port, or empty where metrics are off.
	MetricsListen string

	// SMSReplies and SMSSecondReplies say that the gateway brings people's
	// replies to /hooks, so that a text may ask for one.
	SMSReplies, SMSSecondReplies bool
	Aliyun                       Aliyun
	Tencent                      Tencent
	MAS                          MAS
	// WebhookSecret is the key of webhook+, decoded: 24 to 64 bytes (Standard
	// Webhooks); empty where none is given.
	WebhookSecret []byte `json:"-"`
	// HookSecret is what stands in the addresses of receipts and replies; where
	// it is empty there are neither.
	HookSecret string `json:"-"`
	// HookURL is where gateways reach this server: scheme and host, and no path.
	// Where the operator gave none it is PublicURL, see Listening too.
	HookURL *url.URL
	// HookSenders are the networks whose calls at /hooks are taken.
	HookSenders []netip.Prefix
	// Mail is "smtp://user:password@host:port" or "smtps://…", where user and
	// password together, and the port, may be missing; it is empty where there
	// is no e-mail.
	Mail string `json:"-"`
	// MailFrom is the sender's address, of ASCII alone; empty without Mail.
	MailFrom string
	// MailCA is what the file of MAGPIE_MAIL_CA holds: certificates, as PEM, of
	// further authorities that are trusted for the server of Mail.
	MailCA []byte
	// OIDC is the offices' own log-in service; its Issuer is empty where there is
	// none.
	OIDC OIDC

	// OutsideAllow are the hosts and networks that counsellors' outside calendars
	// may be at beside the public addresses.
	OutsideAllow Outside

	publicURLGiven, hookURLFollows bool
	mailCAFile                     string
}

// Outside lists hosts, each with a port or without (then 80 and 443), and
// networks.
type Outside struct {
	Hosts    []string
	Networks []netip.Prefix
}

// Engine is a kind of database.
type Engine string

// The engines that MAGPIE_DATABASE may name.
const (
	SQLite Engine = "sqlite"
	MySQL  Engine = "mysql"
)

// Database says where the data are: Path for SQLite, all else for MySQL.
type Database struct {
	Engine   Engine
	Path     string
	User     string
	Password string `json:"-"`
	Host     string // a name or an address, IPv6 without brackets
	Port     uint16
	Name     string
}

// Key is one key of MAGPIE_SECRET. ID has at most 32 letters, digits and
// hyphens, and stands in the database beside what the key sealed.
type Key struct {
	ID    string
	Bytes [32]byte `json:"-"`
}

// Load reads the settings from an environment such as os.Environ gives. The
// settings that are ignored keep their zero value and are neither read nor
// checked, and neither is what depends on one of them: that is how demo does
// without a database, a gateway and a secret. Its error is of type Errors.
func Load(environ []string, ignored ...string) (Settings, error) {
	given := gather(environ)
	for _, name := range ignored {
		given.ignore(name)
	}
	settings := parse(given)
	if err := given.errors(); err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// Names gives the names of all settings, in the order in which they are reported.
func Names() []string { return slices.Clone(names) }

// RequireSecret returns an error that names MAGPIE_SECRET if there is no key.
func (s Settings) RequireSecret() error {
	if len(s.Secret) > 0 {
		return nil
	}
	return Errors{{
		Setting: Secret,
		Message: `is required: ID:BASE64 of 32 random bytes, for example made by: echo "k1:$(openssl rand -base64 32)"`,
	}}
}

// Listening returns the settings as they are once the server listens on the
// address taken, host:port: where the operator gave no public address, it
// follows from this one and so names the port that the kernel chose; so does
// the address for gateways.
func (s Settings) Listening(taken string) Settings {
	s.Listen = taken
	if !s.publicURLGiven {
		s.PublicURL = publicURLOf(taken)
	}
	if s.hookURLFollows {
		s.HookURL = s.PublicURL
	}
	return s
}
