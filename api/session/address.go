package session

import (
	"net"
	"net/netip"

	"github.com/labstack/echo/v4"
)

// Extractor finds a client's address: the peer's own, or, where the peer is in
// one of the trusted networks (MAGPIE_TRUSTED_PROXIES), the last address in
// X-Forwarded-For that no trusted network wrote. Echo's default would believe
// the header from anybody.
func Extractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		p = p.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP:   p.Addr().AsSlice(),
			Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// Address is the form in which an address is counted: IPv4 as it is, IPv6 as
// its /64, which is the least that one household is given. What is no address
// counts as one and the same.
func Address(ip string) string {
	addr := Client(ip)
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil || !prefix.IsValid() {
		return "unknown"
	}
	return prefix.String()
}

// Client is a client's address as a list of networks holds it: without a zone,
// and IPv4 as such. What is no address is the invalid one.
func Client(ip string) netip.Addr {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}
