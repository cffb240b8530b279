package config

import (
	"encoding/base64"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultListen   = "127.0.0.1:8080"
	defaultDatabase = "sqlite:magpie.db"
	logGateway      = "log:" // the default of MAGPIE_SMS
	mysqlPort       = 3306
	keySize         = 32
)

var (
	keyID        = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)
	databaseName = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,64}$`)
	hostName     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
)

// reader reads one setting, or its default where none is given.
type reader struct {
	name     string
	standard string
	read     func(text string)
}

// reads makes the reader that checks a setting and puts it in its place.
func reads[T any](name, standard string, place *T, check func(name, text string) T) reader {
	return reader{name, standard, func(text string) { *place = check(name, text) }}
}

// parse checks each setting that is not ignored. What is wrong is noted in g.
func parse(g *given) Settings {
	s := &Settings{}
	for _, r := range slices.Concat(
		g.serverReaders(s), g.gatewayReaders(s), g.cloudReaders(s), g.hookReaders(s), g.mailReaders(s), g.oidcReaders(s), g.outsideReaders(s),
	) {
		text := g.values[r.name].text
		if text == "" {
			text = r.standard
		}
		if text != "" && !slices.Contains(g.ignored, r.name) {
			r.read(text)
		}
	}
	s.publicURLGiven = s.PublicURL != nil
	if !s.publicURLGiven && s.Listen != "" {
		s.PublicURL = publicURLOf(s.Listen)
	}
	s.hookURLFollows = s.HookURL == nil && !slices.Contains(g.ignored, HookURL)
	if s.hookURLFollows {
		s.HookURL = s.PublicURL
	}
	g.checkTogether(*s)
	return *s
}

func (g *given) serverReaders(s *Settings) []reader {
	return []reader{
		reads(Listen, defaultListen, &s.Listen, g.address),
		reads(PublicURL, "", &s.PublicURL, g.ownURL),
		reads(TrustedProxies, "", &s.TrustedProxies, g.networks),
		reads(DatabaseURL, defaultDatabase, &s.Database, g.database),
		reads(Secret, "", &s.Secret, g.keys),
		reads(VerifyPhones, "true", &s.VerifyPhones, g.boolean),
		reads(RateLimits, "true", &s.RateLimits, g.boolean),
		reads(MetricsListen, "", &s.MetricsListen, func(_, text string) string { return g.metrics(text, s.Listen) }),
	}
}

// address checks host:port; the host may be missing, which is every address.
func (g *given) address(name, text string) string {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		g.wrong(name, "want host:port, got %q", text)
		return ""
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		g.wrong(name, "want a port from 0 to 65535, got %q", port)
		return ""
	}
	if !isHost(host) && host != "" {
		g.wrong(name, "want a host name or an IP address, got %q", host)
		return ""
	}
	return text
}

func (g *given) metrics(text, listen string) string {
	if text == "off" {
		return ""
	}
	address := g.address(MetricsListen, text)
	if address != "" && address == listen && !strings.HasSuffix(address, ":0") {
		g.wrong(MetricsListen, "is the same address as %s", Listen)
	}
	return address
}

// ownURL is an address of this server.
func (g *given) ownURL(name, text string) *url.URL {
	return g.root(name, text, "want http:// or https:// and a host, as in https://yuyue.example.cn",
		"must end after the host: Magpie is served from the root of its host")
}

// root checks an address of scheme and host alone; the two texts say what is
// wrong with these, and with what follows. It never quotes what it refuses: it
// may hold a password.
func (g *given) root(name, text, wanted, longer string) *url.URL {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !hasHost(parsed):
		g.wrong(name, "%s", wanted)
	case parsed.User != nil:
		g.wrong(name, "must not hold a user or a password")
	case strings.Trim(parsed.Path, "/") != "" || !endsThere(parsed):
		g.wrong(name, "%s", longer)
	default:
		return &url.URL{Scheme: parsed.Scheme, Host: strings.TrimSuffix(parsed.Host, ":")}
	}
	return nil
}

func (g *given) networks(name, text string) []netip.Prefix {
	var found []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		network, err := netip.ParsePrefix(part)
		switch {
		case err != nil:
			g.wrong(name, "want networks such as 10.0.0.0/8, separated by commas, got %q", part)
		case network != network.Masked():
			g.wrong(name, "%s is an address within a network, want %s or %s/%d",
				network, network.Masked(), network.Addr(), network.Addr().BitLen())
		default:
			found = append(found, network)
		}
	}
	return found
}

func (g *given) database(name, text string) Database {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case string(SQLite):
		return g.sqlite(rest)
	case string(MySQL):
		return g.mysql(text)
	}
	g.wrong(name, "want sqlite:PATH or mysql://user:password@host:port/name")
	return Database{}
}

func (g *given) sqlite(path string) Database {
	switch {
	case path == "":
		g.wrong(DatabaseURL, "want a path after sqlite:")
	case strings.HasPrefix(path, "//"):
		g.wrong(DatabaseURL, "want the path right after sqlite:, without //")
	case path == ":memory:":
		g.wrong(DatabaseURL, "want a file: what is in memory would be lost at the next start")
	case strings.ContainsAny(path, "?#%"):
		g.wrong(DatabaseURL, "want a path without ?, # and %%, which SQLite reads as options")
	}
	return Database{Engine: SQLite, Path: path}
}

func (g *given) mysql(text string) Database {
	parsed, err := url.Parse(text)
	if err != nil || parsed.User.Username() == "" || !hasHost(parsed) ||
		parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" {
		g.wrong(DatabaseURL, "want mysql://user:password@host:port/name, with : / ? # @ %% in the password as %%3A %%2F %%3F %%23 %%40 %%25")
		return Database{}
	}
	name := strings.TrimPrefix(parsed.Path, "/")
	if !databaseName.MatchString(name) {
		g.wrong(DatabaseURL, "want the name of a database after the host, of letters, digits, _, $ and -")
	}
	password, _ := parsed.User.Password()
	port := uint64(mysqlPort)
	if parsed.Port() != "" {
		port, _ = strconv.ParseUint(parsed.Port(), 10, 16) // isPort has seen it
	}
	return Database{
		Engine: MySQL, User: parsed.User.Username(), Password: password,
		Host: parsed.Hostname(), Port: uint16(port), Name: name,
	}
}

// keys counts the keys in what it says of them: even an ID may be a key that
// was put in the wrong place.
func (g *given) keys(name, text string) []Key {
	var found []Key
	for i, part := range strings.Split(text, ",") {
		id, encoded, _ := strings.Cut(strings.TrimSpace(part), ":")
		content, err := base64.StdEncoding.Strict().DecodeString(encoded)
		key := Key{ID: id}
		copy(key.Bytes[:], content)
		switch {
		case !keyID.MatchString(id):
			g.wrong(name, "key %d: want ID:BASE64, the ID of at most 32 letters, digits and hyphens", i+1)
		case err != nil || len(content) != keySize:
			g.wrong(name, "key %d: want the base64 of 32 bytes after its ID and a colon", i+1)
		case slices.ContainsFunc(found, func(other Key) bool { return other.ID == key.ID }):
			g.wrong(name, "key %d: has the ID of one before it", i+1)
		case slices.ContainsFunc(found, func(other Key) bool { return other.Bytes == key.Bytes }):
			g.wrong(name, "key %d: is the same as one before it", i+1)
		default:
			found = append(found, key)
		}
	}
	return found
}

func (g *given) boolean(name, text string) bool {
	switch strings.ToLower(text) {
	case "true", "on", "yes", "1":
		return true
	case "false", "off", "no", "0":
		return false
	}
	g.wrong(name, "want true or false, got %q", text)
	return false
}

// publicURLOf makes an address that works on this machine from a checked
// host:port.
func publicURLOf(listen string) *url.URL {
	host, port, _ := net.SplitHostPort(listen)
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
}

func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return hostName.MatchString(host)
}

// isPort accepts a missing port too.
func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}
