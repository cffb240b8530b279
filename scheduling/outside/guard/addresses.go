package guard

import (
	"net/netip"
	"slices"
)

// notPublic are the networks that no public service is at: IANA's registries of
// special-purpose addresses (RFC 6890 and its updates), with the addresses that
// clouds keep for their machines.
var notPublic = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // between a carrier and its customers; Alibaba's metadata too
	"127.0.0.0/8",       // this machine
	"168.63.129.16/32",  // Azure's own
	"169.254.0.0/16",    // of one link, and most clouds' metadata
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // of protocols; Oracle's metadata too
	"192.0.2.0/24",      // examples
	"192.88.99.0/24",    // 6to4's relays
	"192.168.0.0/16",    // private
	"198.18.0.0/15",     // measurements
	"198.51.100.0/24",   // examples
	"203.0.113.0/24",    // examples
	"224.0.0.0/4",       // many at once
	"240.0.0.0/4",       // reserved, and all
	"2001::/23",         // of protocols, Teredo among them
	"2001:db8::/32",     // examples
	"3fff::/20",         // examples
	"2620:4f:8000::/48", // AS112
	"2001:4:112::/48",   // AS112
)

// metadata are what a cloud tells its own machines, and nobody's calendar.
var metadata = prefixes("169.254.169.254/32", "169.254.170.0/24", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::/32")

var (
	global = netip.MustParsePrefix("2000::/3")
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixto4 = netip.MustParsePrefix("2002::/16")
)

// Public says whether an address is one that the whole world may ask. An IPv4
// address that is written within an IPv6 one counts as itself.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	if a.Is4() {
		return !inAny(notPublic, a)
	}
	inner, carries := within(a)
	switch {
	case nat64.Contains(a):
		return Public(inner)
	case !global.Contains(a) || inAny(notPublic, a):
		return false
	}
	return !carries || Public(inner)
}

// within is the IPv4 address that an IPv6 one carries: NAT64 (RFC 6052), 6to4
// (RFC 3056), ISATAP (RFC 5214).
func within(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixto4.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe:
		return netip.AddrFrom4([4]byte(b[12:16])), true
	}
	return netip.Addr{}, false
}

// never are addresses that a listed host may not lead to either; a network that
// holds them may be listed.
func never(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() {
		return true
	}
	if inner, carries := within(a); carries && a.Is6() && inAny(metadata, inner) {
		return true
	}
	return a.IsUnspecified() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || inAny(metadata, a)
}

func inAny(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}
