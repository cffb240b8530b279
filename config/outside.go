package config

import (
	"net"
	"net/netip"
	"strings"
)

func (g *given) outsideReaders(s *Settings) []reader {
	return []reader{reads(OutsideAllow, "", &s.OutsideAllow, g.outside)}
}

// outside reads hosts and networks. An address alone is a host.
func (g *given) outside(name, text string) Outside {
	var found Outside
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if network, err := netip.ParsePrefix(part); err == nil {
			if network != network.Masked() {
				g.wrong(name, "%s is an address within a network, want %s or %s", network, network.Masked(), network.Addr())
				continue
			}
			found.Networks = append(found.Networks, network)
			continue
		}
		if !isHostAndPort(part) {
			g.wrong(name, "want hosts such as cal.example.cn or cal.example.cn:5232, and networks such as 10.0.0.0/8, separated by commas, got %q", part)
			continue
		}
		found.Hosts = append(found.Hosts, part)
	}
	return found
}

// isHostAndPort says whether it is a host, with a port or without.
func isHostAndPort(text string) bool {
	if isHost(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")) {
		return true
	}
	host, port, err := net.SplitHostPort(text)
	return err == nil && isHost(host) && port != "" && isPort(port)
}

// String shows them as the operator writes them.
func (o Outside) String() string {
	return strings.Trim(strings.Join(append(append([]string(nil), o.Hosts...), list(o.Networks)), ","), ",")
}
