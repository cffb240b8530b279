// Package config reads the settings of Magpie, once, at its start.
//
// It promises that a setting comes from the environment, or from the file that
// MAGPIE_CONFIG names (a YAML mapping of the same keys), the environment
// winning; that every secret may lie in a file of its own instead, named by
// <NAME>_FILE; that all wrong settings are reported together, one line each,
// which names the setting and, for a file, the line; that a MAGPIE_ variable
// nobody knows is such an error; and that no error and no printed value shows a
// password or a key. An empty value is the same as none.
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
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// The names of the settings, as in the environment and in the file.
const (
	Listen         = "MAGPIE_LISTEN"
	PublicURL      = "MAGPIE_PUBLIC_URL"
	TrustedProxies = "MAGPIE_TRUSTED_PROXIES"
	DatabaseURL    = "MAGPIE_DATABASE"
	SMS            = "MAGPIE_SMS"
	Secret         = "MAGPIE_SECRET"
	VerifyPhones   = "MAGPIE_VERIFY_PHONES"
	RateLimits     = "MAGPIE_RATE_LIMITS"
	MetricsListen  = "MAGPIE_METRICS_LISTEN"
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
	// SMS is "log:" or "kannel+http://user:password@host:port/path". Only its
	// scheme and host are checked here; the rest is the gateway's to read.
	SMS string `json:"-"`
	// Secret are the keys, the first being the active one. It may be empty:
	// see RequireSecret.
	Secret       []Key
	VerifyPhones bool
	RateLimits   bool
	// MetricsListen is host:port, or empty where metrics are off.
	MetricsListen string

	publicURLGiven bool
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
// checked, which is how demo does without a database, a gateway and a secret.
// Its error is of type Errors.
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
// follows from this one and so names the port that the kernel chose.
func (s Settings) Listening(taken string) Settings {
	s.Listen = taken
	if !s.publicURLGiven {
		s.PublicURL = publicURLOf(taken)
	}
	return s
}

// String shows the settings, one line each, without what is secret.
func (s Settings) String() string {
	var text strings.Builder
	for _, attribute := range s.LogValue().Group() {
		fmt.Fprintf(&text, "%s=%s\n", attribute.Key, attribute.Value)
	}
	return text.String()
}

// GoString is String, so that %#v shows no secret either.
func (s Settings) GoString() string { return s.String() }

// LogValue shows the settings to a log, without what is secret.
func (s Settings) LogValue() slog.Value {
	keys := make([]string, len(s.Secret))
	for i, key := range s.Secret {
		keys[i] = key.String()
	}
	proxies := make([]string, len(s.TrustedProxies))
	for i, proxy := range s.TrustedProxies {
		proxies[i] = proxy.String()
	}
	public := ""
	if s.PublicURL != nil {
		public = s.PublicURL.String()
	}
	return slog.GroupValue(
		slog.String(Listen, s.Listen),
		slog.String(PublicURL, public),
		slog.String(TrustedProxies, strings.Join(proxies, ",")),
		slog.String(DatabaseURL, s.Database.String()),
		slog.String(SMS, withoutUser(s.SMS)),
		slog.String(Secret, strings.Join(keys, ",")),
		slog.Bool(VerifyPhones, s.VerifyPhones),
		slog.Bool(RateLimits, s.RateLimits),
		slog.String(MetricsListen, s.MetricsListen),
	)
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

// withoutUser shows of an address its scheme and host.
func withoutUser(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "***"
	}
	if parsed.Host == "" {
		return parsed.Scheme + ":"
	}
	return parsed.Scheme + "://" + parsed.Host
}
