package panel

import (
	"net/url"
	"strings"
)

// Local is an address of the staff's pages; empty for any other, so that no form
// sends anybody elsewhere.
func Local(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || strings.Contains(address, `\`) || u.Path != "/staff" && !strings.HasPrefix(u.Path, "/staff/") {
		return ""
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}
