// The settings of the offices' own log-in service.

package config

import (
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const defaultUsernameClaim = "preferred_username"

var (
	officeCode = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	claimName  = regexp.MustCompile(`^[!-~]{1,64}$`)
)

// OIDC is a provider of OpenID Connect, and this server as its client.
type OIDC struct {
	// Issuer is the provider's address, exactly as the provider itself writes it.
	Issuer       string
	ClientID     string
	ClientSecret string `json:"-"`
	// Offices are the codes of those whose staff log in there.
	Offices []string
	// UsernameClaim holds the username of the member.
	UsernameClaim string
}

func (g *given) oidcReaders(s *Settings) []reader {
	word := g.matching(oneWord, "at most 256 characters of ASCII, and no space")
	return []reader{
		reads(OIDCIssuer, "", &s.OIDC.Issuer, g.issuer),
		reads(OIDCClientID, "", &s.OIDC.ClientID, word),
		reads(OIDCClientSecret, "", &s.OIDC.ClientSecret, word),
		reads(OIDCOffices, "", &s.OIDC.Offices, g.offices),
		reads(OIDCUsernameClaim, defaultUsernameClaim, &s.OIDC.UsernameClaim, g.matching(claimName, "the name of a claim")),
	}
}

// issuer is compared letter by letter (OpenID Connect Discovery 1.0, 4.3), so it
// stays as it was written.
func (g *given) issuer(name, text string) string {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || !hasHost(parsed) || parsed.User != nil || !endsThere(parsed):
		g.wrong(name, "want https:// and a host, with or without a path")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		g.wrong(name, "want https://; http:// is for this machine alone (localhost, 127.0.0.1 or [::1])")
	default:
		return text
	}
	return ""
}

func (g *given) offices(name, text string) []string {
	var found []string
	for i, part := range strings.Split(text, ",") {
		code := strings.TrimSpace(part)
		switch {
		case !officeCode.MatchString(code):
			g.wrong(name, "office %d: want the code of an office, several separated by commas", i+1)
		case slices.Contains(found, code):
			g.wrong(name, "office %d: is there already", i+1)
		default:
			found = append(found, code)
		}
	}
	return found
}

func (o OIDC) attributes() []slog.Attr {
	return []slog.Attr{
		slog.String(OIDCIssuer, o.Issuer),
		slog.String(OIDCClientID, o.ClientID),
		slog.String(OIDCClientSecret, hidden(o.ClientSecret)),
		slog.String(OIDCOffices, strings.Join(o.Offices, ",")),
		slog.String(OIDCUsernameClaim, o.UsernameClaim),
	}
}

// String shows the provider without the client's secret.
func (o OIDC) String() string { return lines(o.attributes()) }

// GoString is String, so that %#v shows no secret either.
func (o OIDC) GoString() string { return o.String() }

// LogValue shows a log the provider without the client's secret.
func (o OIDC) LogValue() slog.Value { return slog.GroupValue(o.attributes()...) }
