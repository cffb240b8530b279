// Package guard asks addresses that somebody typed in, so that none of these
// requests reaches what is not meant for the world: the office's inner network,
// this machine, or the services that clouds keep for their own machines.
//
// It promises that a name is resolved once and that the very address found is
// the one that is dialled, looked at once more when the connection is made; that
// every address that is not a public one is refused, in whatever form it is
// written (IPv4 in IPv6, NAT64, 6to4), and all of a name's where one of them is;
// that http, and other ports than 443, are for hosts that the operator has
// listed; that each redirect is judged as anew, at most three, none away from
// https, and that a password goes to no other host; that an answer is read to a
// bound; and that no proxy of the environment is asked in between.
//
// It does not promise that what a public address answers is harmless.
package guard

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

var (
	// ErrRefused says that an address is not to be asked.
	ErrRefused = errors.New("the address is not allowed")
	// ErrRedirects says that one answer pointed to the next too often.
	ErrRedirects = errors.New("too many redirects")
	// ErrTooLarge says that the answer is over the bound.
	ErrTooLarge = errors.New("the answer is too large")
)

const (
	maxRedirects = 3
	dialWithin   = 5 * time.Second
	maxHeader    = 64 << 10
)

// Allow is what the operator has listed beside the public addresses.
type Allow struct {
	// Hosts are names or addresses, each alone (its ports 80 and 443) or with a
	// port: cal.office.lan, 127.0.0.1:5232, [::1]:5232.
	Hosts []string
	// Networks are those whose addresses may be asked, at 80 and 443.
	Networks []netip.Prefix
}

// Resolver finds the addresses of a name, as *net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Client asks. It may be used by several goroutines at once.
type Client struct {
	allow     Allow
	resolver  Resolver
	transport *http.Transport
}

// New is a client. A nil resolver is the system's; roots are trusted for https,
// nil: those of the system.
func New(allow Allow, resolver Resolver, roots *x509.CertPool) *Client {
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	c := &Client{allow: allow, resolver: resolver}
	c.transport = &http.Transport{
		Proxy:                  nil, // one of the environment would dial for us
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    dialWithin,
		MaxResponseHeaderBytes: maxHeader,
		DisableKeepAlives:      true, // a connection is judged for the request that made it
		ForceAttemptHTTP2:      true,
	}
	return c
}

// Request is one request, and those that its redirects lead to.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	// User and Password go by Basic to the URL's own host alone; without a user
	// there are none.
	User, Password string
	// Most is how many bytes of the answer are read, unpacked.
	Most int64
}

// Response is an answer read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Check says whether an address may be asked as far as that can be told without
// resolving its name: ErrRefused where it may not.
func (c *Client) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read", ErrRefused)
	}
	return c.judge(u)
}

// Do asks, and follows redirects.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	at, err := url.Parse(r.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be read", ErrRefused)
	}
	first := at
	for range maxRedirects + 1 {
		if err := c.judge(at); err != nil {
			return nil, err
		}
		answer, err := c.once(ctx, r, at, sameHost(first, at))
		if err != nil {
			return nil, err
		}
		next, err := redirected(answer, at)
		if err != nil || next == nil {
			return answer, err
		}
		if answer.Status == http.StatusSeeOther {
			r.Method, r.Body = http.MethodGet, nil
		}
		at = next
	}
	return nil, ErrRedirects
}

// redirected is where an answer points to, or nil. It points to http only from
// http on the same host, which is one that the operator has listed.
func redirected(answer *Response, at *url.URL) (*url.URL, error) {
	switch answer.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil //nolint:nilnil // it points nowhere
	}
	next, err := at.Parse(answer.Header.Get("Location"))
	if err != nil || answer.Header.Get("Location") == "" {
		return nil, fmt.Errorf("%w: a redirect cannot be read", ErrRefused)
	}
	if next.Scheme != "https" && (at.Scheme != next.Scheme || !sameHost(at, next)) {
		return nil, fmt.Errorf("%w: a redirect leads away from https", ErrRefused)
	}
	return next, nil
}

// once asks one address. The error never holds it: it may be a secret.
func (c *Client) once(ctx context.Context, r Request, at *url.URL, own bool) (*Response, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, at.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be asked", ErrRefused)
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	request.Header.Set("User-Agent", "Magpie")
	if r.User != "" && own {
		request.SetBasicAuth(r.User, r.Password)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.Header.Get("Location") != "" && response.StatusCode/100 == 3 {
		return &Response{Status: response.StatusCode, Header: response.Header}, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, r.Most+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > r.Most {
		return nil, ErrTooLarge
	}
	return &Response{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// judge tells from an address alone whether it may be asked.
func (c *Client) judge(u *url.URL) error {
	host, port := hostOf(u)
	if host == "" || u.User != nil || u.Opaque != "" {
		return fmt.Errorf("%w: want a scheme and a host, and no password", ErrRefused)
	}
	listed := c.allow.lists(host, port)
	literal, err := netip.ParseAddr(host)
	if err == nil && !listed && !c.mayDial(literal, false) {
		return fmt.Errorf("%w: it is not a public address", ErrRefused)
	}
	listed = listed || err == nil && inAny(c.allow.Networks, literal.Unmap()) && (port == "80" || port == "443")
	switch {
	case u.Scheme == "https" && (listed || port == "443"):
		return nil
	case u.Scheme == "http" && listed:
		return nil
	}
	return fmt.Errorf("%w: want https at port 443", ErrRefused)
}

// dial resolves a name once and dials what was found.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	host = plainHost(host)
	listed := c.allow.lists(host, port)
	addresses, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if !c.mayDial(a, listed) {
			return nil, fmt.Errorf("%w: the name leads to an address that is not public", ErrRefused)
		}
	}
	dialer := net.Dialer{Timeout: dialWithin, ControlContext: func(_ context.Context, _, actual string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(actual)
		if err != nil || !slices.Contains(addresses, to.Addr()) || !c.mayDial(to.Addr(), listed) {
			return fmt.Errorf("%w: the connection goes elsewhere", ErrRefused)
		}
		return nil
	}}
	var failed []error
	for _, a := range addresses {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{literal.Unmap()}, nil
	}
	found, err := c.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	return found, nil
}

// mayDial says whether an address may be connected to, for a host that the
// operator has listed or for any other.
func (c *Client) mayDial(a netip.Addr, listed bool) bool {
	return inAny(c.allow.Networks, a.Unmap()) || Public(a) || listed && !never(a)
}

// lists says whether the operator has listed a host for a port.
func (a Allow) lists(host, port string) bool {
	return slices.ContainsFunc(a.Hosts, func(entry string) bool {
		name, only, err := net.SplitHostPort(entry)
		if err != nil {
			name, only = strings.Trim(entry, "[]"), ""
		}
		return plainHost(name) == host && (only == port || only == "" && (port == "80" || port == "443"))
	})
}

func hostOf(u *url.URL) (host, port string) {
	port = u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return plainHost(u.Hostname()), port
}

// plainHost is a host as it is compared: Example.org. is example.org, and an
// address has one form.
func plainHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().String()
	}
	return host
}

func sameHost(a, b *url.URL) bool {
	aHost, aPort := hostOf(a)
	bHost, bPort := hostOf(b)
	return aHost == bHost && aPort == bPort && a.Scheme == b.Scheme
}
