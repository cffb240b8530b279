package e2etest

import (
	"net/http"
	"testing"
)

// VendorAddress is from where vendors call, as the proxy before the server
// tells it; it is listed by [Site.TakeHooks].
const VendorAddress = "203.0.113.7"

// hookSecret is what stands in the addresses of receipts and replies.
const hookSecret = "Weidenkorb-31c7-Haken-9f04-am-Tor"

// TakeHooks has the servers take receipts and replies, from this machine and
// from [VendorAddress], and gives the secret of their addresses. No log may
// hold it.
func (s *Site) TakeHooks() (secret string) {
	s.Set("MAGPIE_HOOK_SECRET", hookSecret)
	s.Set("MAGPIE_HOOK_SENDERS", "127.0.0.0/8,203.0.113.0/24")
	s.Keep("the hook's secret", hookSecret)
	return hookSecret
}

// Push is what a vendor calls a hook with.
type Push struct {
	Method, Query string
	Body          []byte
	Header        http.Header
}

// Hook calls a gateway's hook from a listed sender, at the secret address.
func (v *Server) Hook(t testing.TB, gateway string, p Push) Answer {
	t.Helper()
	return v.HookFrom(t, VendorAddress, gateway, hookSecret, p)
}

// HookFrom calls a hook from an address, with a secret.
func (v *Server) HookFrom(t testing.TB, address, gateway, secret string, p Push) Answer {
	t.Helper()
	c := v.Client(t)
	c.Address = address
	path := "/hooks/" + gateway + "/" + secret
	if p.Query != "" {
		path += "?" + p.Query
	}
	return c.Do(t, Request{Method: p.Method, Path: path, Raw: p.Body, Header: p.Header})
}
