package session_test

import (
	"net/http"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"magpie/api/session"
)

func TestAnAddressIsCountedByWhatOneHouseholdIsGiven(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.9":             "203.0.113.9",
		"::ffff:203.0.113.9":      "203.0.113.9",
		"2001:db8:1:2:3:4:5:6":    "2001:db8:1:2::/64",
		"2001:db8:1:2::":          "2001:db8:1:2::/64",
		"fe80::1%eth0":            "fe80::/64",
		"":                        "unknown",
		"not an address":          "unknown",
		"203.0.113.9:80":          "unknown",
		"2001:db8:1:3:3:4:5:6":    "2001:db8:1:3::/64",
		"0000:0000::0001":         "::/64",
		"2001:0db8:0001:0002::00": "2001:db8:1:2::/64",
	} {
		if got := session.Address(ip); got != want {
			t.Errorf("%q is counted as %q, want %q", ip, got, want)
		}
	}
}

func TestWhateverAnUntrustedPeerWritesTheAddressIsItsOwn(t *testing.T) {
	for name, trusted := range map[string][]netip.Prefix{"none": nil, "one": {netip.MustParsePrefix("10.0.0.0/8")}} {
		t.Run(name, func(t *testing.T) {
			extract := session.Extractor(trusted)
			rapid.Check(t, func(t *rapid.T) {
				r := &http.Request{RemoteAddr: "203.0.113.9:4000", Header: http.Header{}}
				for _, header := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
					r.Header[header] = rapid.SliceOfN(rapid.StringMatching(`[0-9a-f:., ]{0,40}|10\.0\.0\.[0-9]`), 0, 3).Draw(t, header)
				}
				if got := extract(r); got != "203.0.113.9" {
					t.Fatalf("taken for %q", got)
				}
			})
		})
	}
}

func TestAClientsAddressIsAsAListOfNetworksHoldsIt(t *testing.T) {
	for ip, want := range map[string]netip.Addr{
		"203.0.113.9":        netip.MustParseAddr("203.0.113.9"),
		"::ffff:203.0.113.9": netip.MustParseAddr("203.0.113.9"),
		"2001:db8::5":        netip.MustParseAddr("2001:db8::5"),
		"fe80::1%eth0":       netip.MustParseAddr("fe80::1"),
		"":                   {},
		"203.0.113.9:80":     {},
	} {
		if got := session.Client(ip); got != want {
			t.Errorf("%q is %v, want %v", ip, got, want)
		}
	}
}
