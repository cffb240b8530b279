package guard_test

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling/outside/guard"
)

func TestOnlyPublicAddressesAreAsked(t *testing.T) {
	for address, public := range map[string]bool{
		"8.8.8.8": true, "223.5.5.5": true, "101.6.15.130": true, "2400:3200::1": true, "2606:4700:4700::1111": true,
		"127.0.0.1": false, "127.255.255.254": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "172.32.0.1": true,
		"192.168.1.1": false, "169.254.169.254": false, "169.254.0.1": false, "100.64.0.1": false, "100.127.255.255": false, "100.128.0.1": true, "100.100.100.200": false,
		"192.0.0.192": false, "168.63.129.16": false, "168.63.129.17": true, "198.18.0.1": false, "198.20.0.1": true, "224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false,
		"192.0.2.1": false, "198.51.100.7": false, "203.0.113.7": false, "192.88.99.1": false,
		"::": false, "::1": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "fec0::1": false, "ff02::1": false, "2001:db8::1": false, "2001::1": false, "3fff::1": false, "100::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "::127.0.0.1": false, "::8.8.8.8": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b::808:808": true, "64:ff9b:1::808:808": false,
		"2002:7f00:1::": false, "2002:a00:1::1": false, "2002:c0a8:101::1": false, "2002:808:808::1": true,
		"2400:3200::5efe:a00:1": false, "2400:3200::200:5efe:c0a8:101": false, "2400:3200::5efe:808:808": true,
	} {
		if got := guard.Public(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s is public: %t", address, got)
		}
	}
	if guard.Public(netip.Addr{}) || guard.Public(netip.MustParseAddr("2400:3200::1%eth0")) {
		t.Error("what is no address, or one of a link, is public")
	}
}

// The standard library's own judgements are another's.
func TestNoAddressThatTheLibraryCallsInnerIsPublicInAnyForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v4 := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")))
		b := v4.As4()
		forms := []netip.Addr{v4, netip.AddrFrom16(v4.As16()),
			netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}),
			netip.AddrFrom16([16]byte{0x20, 0x02, b[0], b[1], b[2], b[3], 15: 1}),
		}
		inner := v4.IsPrivate() || v4.IsLoopback() || v4.IsLinkLocalUnicast() || v4.IsMulticast() || v4.IsUnspecified()
		for _, a := range forms {
			if got := guard.Public(a); got != guard.Public(v4) || inner && got {
				t.Fatalf("%s is public: %t, as %s: %t", a, got, v4, guard.Public(v4))
			}
		}
		v6 := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "v6")))
		if guard.Public(v6) && (!v6.IsGlobalUnicast() || v6.IsPrivate()) {
			t.Fatalf("%s is public", v6)
		}
	})
}

// names is a resolver that a test fills.
type names struct {
	found map[string][]string
	calls atomic.Int64
	next  func(call int64) []string // instead, if set
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	call := n.calls.Add(1)
	texts := n.found[host]
	if n.next != nil {
		texts = n.next(call)
	}
	var out []netip.Addr
	for _, text := range texts {
		out = append(out, netip.MustParseAddr(text))
	}
	return out, nil
}

func get(c *guard.Client, address string) (*guard.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return c.Do(ctx, guard.Request{Method: http.MethodGet, URL: address, Most: 1000})
}

// counted is a server that counts who reaches it.
func counted(t *testing.T, handler http.HandlerFunc) (server *httptest.Server, reached *atomic.Int64) {
	t.Helper()
	reached = &atomic.Int64{}
	server = httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			reached.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, reached
}

func portOf(t *testing.T, server *httptest.Server) string {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func TestNoConnectionIsMadeToTheInnerNetworkHoweverItIsWritten(t *testing.T) {
	server, reached := counted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") })
	port := portOf(t, server)
	resolver := &names{found: map[string][]string{
		"inner.example": {"127.0.0.1"}, "mixed.example": {"8.8.8.8", "127.0.0.1"}, "mapped.example": {"::ffff:127.0.0.1"}, "six.example": {"::1"},
		"metadata.example": {"169.254.169.254"}, "localhost": {"127.0.0.1"}, "nat.example": {"64:ff9b::7f00:1"},
	}}
	c := guard.New(guard.Allow{}, resolver, nil)
	for _, address := range []string{
		"http://127.0.0.1:" + port, "https://127.0.0.1:" + port, "https://127.0.0.1", "https://localhost", "https://[::1]", "https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]/x",
		"https://inner.example", "https://mixed.example", "https://mapped.example", "https://six.example", "https://metadata.example/latest/meta-data/", "https://nat.example",
		"https://169.254.169.254/", "https://100.100.100.200/", "https://0.0.0.0", "https://[fd00:ec2::254]", "https://10.0.0.1",
		"http://public.example", "https://public.example:8443", "https://public.example:" + port, "ftp://public.example", "file:///etc/passwd", "https://user:pass@public.example", "https://", "gopher://127.0.0.1:" + port,
		"https:127.0.0.1", "//127.0.0.1", "127.0.0.1:" + port, "https://127.0.0.1.:443/", "https://\x00", "https://LOCALHOST.",
	} {
		if _, err := get(c, address); !errors.Is(err, guard.ErrRefused) {
			t.Errorf("%q is answered with %v", address, err)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestANameIsResolvedOnceAndWhatWasFoundIsDialled(t *testing.T) {
	server, reached := counted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inner") })
	port := portOf(t, server)
	// The second look-up would lead inwards.
	resolver := &names{next: func(call int64) []string {
		if call == 1 {
			return []string{"192.0.2.77"}
		}
		return []string{"127.0.0.1"}
	}}
	c := guard.New(guard.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Hosts: []string{"rebinds.example:" + port}}, resolver, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.Do(ctx, guard.Request{Method: http.MethodGet, URL: "http://rebinds.example:" + port, Most: 10}); err == nil {
		t.Error("an address of no host answered")
	}
	if resolver.calls.Load() != 1 || reached.Load() != 0 {
		t.Errorf("it was looked up %d times, %d connections were made", resolver.calls.Load(), reached.Load())
	}
	// A name that turns inwards between two requests is refused at the second.
	turns := &names{next: func(call int64) []string { return []string{[]string{"127.0.0.1", "10.0.0.1"}[call-1]} }}
	c = guard.New(guard.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Hosts: nil}, turns, nil)
	if _, err := get(c, "https://turns.example"); errors.Is(err, guard.ErrRefused) || err == nil {
		t.Errorf("the first is answered with %v", err)
	}
	if _, err := get(c, "https://turns.example"); !errors.Is(err, guard.ErrRefused) {
		t.Errorf("the second is answered with %v", err)
	}
}

func TestAHostIsAskedOnlyAtThePortsItIsListedFor(t *testing.T) {
	server, _ := counted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "calendar") })
	port := portOf(t, server)
	resolver := &names{found: map[string][]string{"cal.lan": {"127.0.0.1"}, "cloud.lan": {"169.254.169.254"}, "nowhere.lan": {"0.0.0.0"}}}
	for _, c := range []struct {
		hosts, networks []string
		address         string
		allowed         bool
	}{
		{[]string{"127.0.0.1:" + port}, nil, "http://127.0.0.1:" + port, true},
		{[]string{"cal.lan:" + port}, nil, "http://cal.lan:" + port, true},
		{[]string{"CAL.lan.:" + port}, nil, "http://cal.LAN.:" + port, true},
		{[]string{"cal.lan"}, nil, "http://cal.lan:" + port, false},
		{[]string{"cal.lan:1"}, nil, "http://cal.lan:" + port, false},
		{[]string{"other.lan:" + port}, nil, "http://cal.lan:" + port, false},
		{nil, []string{"127.0.0.0/8"}, "http://127.0.0.1:" + port, false},
		{nil, []string{"127.0.0.0/8"}, "http://cal.lan", false},
		{[]string{"cloud.lan:" + port}, nil, "http://cloud.lan:" + port, false},
		{[]string{"nowhere.lan:" + port}, nil, "http://nowhere.lan:" + port, false},
		{[]string{"127.0.0.1:" + port}, nil, "http://cal.lan:" + port, false},
	} {
		allow := guard.Allow{Hosts: c.hosts}
		for _, n := range c.networks {
			allow.Networks = append(allow.Networks, netip.MustParsePrefix(n))
		}
		answer, err := get(guard.New(allow, resolver, nil), c.address)
		if c.allowed && (err != nil || string(answer.Body) != "calendar") {
			t.Errorf("%v: %s is answered with %v", c.hosts, c.address, err)
		}
		if !c.allowed && !errors.Is(err, guard.ErrRefused) {
			t.Errorf("%v %v: %s is answered with %v", c.hosts, c.networks, c.address, err)
		}
	}
}

func TestEveryRedirectIsJudgedAnewAndAPasswordStaysWithItsHost(t *testing.T) {
	inner, reached := counted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") })
	var seen []string
	var target string
	outer, _ := counted(t, func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Method+" "+r.URL.Path+" "+user+" "+string(body))
		switch {
		case r.URL.Path == "/away":
			http.Redirect(w, r, target, http.StatusTemporaryRedirect)
		case strings.HasPrefix(r.URL.Path, "/hop"):
			n := 0
			_, _ = fmt.Sscanf(r.URL.Path, "/hop%d", &n)
			if n > 0 {
				http.Redirect(w, r, fmt.Sprintf("/hop%d", n-1), http.StatusMovedPermanently)
			}
		}
	})
	second, _ := counted(t, func(_ http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		seen = append(seen, "second "+user)
	})
	host := "127.0.0.1:" + portOf(t, outer)
	c := guard.New(guard.Allow{Hosts: []string{host, "127.0.0.1:" + portOf(t, second)}}, &names{found: map[string][]string{"inner.example": {"127.0.0.1"}}}, nil)
	ask := func(path string) error {
		_, err := c.Do(t.Context(), guard.Request{Method: "REPORT", URL: "http://" + host + path, Body: []byte("b"), User: "me", Password: "p", Most: 1000})
		return err
	}
	if err := ask("/hop3"); err != nil || len(seen) != 4 || seen[3] != "REPORT /hop0 me b" {
		t.Errorf("three hops are answered with %v, seen were %q", err, seen)
	}
	if err := ask("/hop4"); !errors.Is(err, guard.ErrRedirects) {
		t.Errorf("four hops are answered with %v", err)
	}
	for _, target = range []string{
		inner.URL, "https://127.0.0.1:" + portOf(t, inner), "https://inner.example", "https://169.254.169.254/", "http://public.example", "file:///etc/passwd", "https://[::1]/", "https://user:p@public.example", second.URL,
	} {
		if err := ask("/away"); !errors.Is(err, guard.ErrRefused) {
			t.Errorf("a redirect to %q is answered with %v", target, err)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d connections were made inwards", n)
	}
}

func TestAPasswordDoesNotFollowToAnotherHostAndHTTPSIsNotLeft(t *testing.T) {
	var users []string
	roots := x509.NewCertPool()
	second := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		users = append(users, "second:"+user)
	}))
	defer second.Close()
	var target string
	first := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		users = append(users, "first:"+user)
		http.Redirect(w, r, target, http.StatusFound)
	}))
	defer first.Close()
	plain, reached := counted(t, func(http.ResponseWriter, *http.Request) {})
	roots.AddCert(first.Certificate())
	roots.AddCert(second.Certificate())
	c := guard.New(guard.Allow{Hosts: []string{"127.0.0.1:" + portOf(t, first), "127.0.0.1:" + portOf(t, second), "127.0.0.1:" + portOf(t, plain)}}, nil, roots)
	ask := guard.Request{Method: http.MethodGet, URL: first.URL, User: "me", Password: "p", Most: 10}
	target = second.URL
	if _, err := c.Do(t.Context(), ask); err != nil || fmt.Sprint(users) != "[first:me second:]" {
		t.Errorf("%v, the users were %v", err, users)
	}
	target = plain.URL
	if _, err := c.Do(t.Context(), ask); !errors.Is(err, guard.ErrRefused) || reached.Load() != 0 {
		t.Errorf("from https to http: %v, %d connections", err, reached.Load())
	}
}

func TestAnAnswerIsReadToItsBoundAlsoUnpacked(t *testing.T) {
	server, _ := counted(t, func(w http.ResponseWriter, r *http.Request) {
		n := 1000
		if r.URL.Path == "/more" {
			n = 1001
		}
		if r.URL.Path != "/bomb" {
			_, _ = io.WriteString(w, strings.Repeat("x", n))
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		_, _ = io.WriteString(packed, strings.Repeat("x", 10<<20))
		_ = packed.Close()
	})
	c := guard.New(guard.Allow{Hosts: []string{"127.0.0.1:" + portOf(t, server)}}, nil, nil)
	if answer, err := get(c, server.URL); err != nil || len(answer.Body) != 1000 {
		t.Errorf("a thousand bytes are answered with %v", err)
	}
	for _, path := range []string{"/more", "/bomb"} {
		if _, err := get(c, server.URL+path); !errors.Is(err, guard.ErrTooLarge) {
			t.Errorf("%s is answered with %v", path, err)
		}
	}
}

func TestNoProxyOfTheEnvironmentIsAsked(t *testing.T) {
	proxy, asked := counted(t, func(http.ResponseWriter, *http.Request) {})
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	c := guard.New(guard.Allow{}, &names{found: map[string][]string{"public.example": {"127.0.0.1"}}}, nil)
	if _, err := get(c, "https://public.example"); !errors.Is(err, guard.ErrRefused) || asked.Load() != 0 {
		t.Errorf("%v, and the proxy was asked %d times", err, asked.Load())
	}
}

func TestWhatCanBeJudgedWithoutResolvingIsJudgedAtOnce(t *testing.T) {
	c := guard.New(guard.Allow{Hosts: []string{"cal.lan"}, Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}}, &names{}, nil)
	for address, allowed := range map[string]bool{
		"https://example.org/x.ics": true, "https://example.org:443/": true, "http://cal.lan/x": true, "https://cal.lan:443": true, "https://10.9.1.1/": true, "http://10.9.1.1/": true,
		"http://example.org/": false, "https://example.org:8443/": false, "http://cal.lan:8080/": false, "https://10.8.1.1/": false, "http://10.9.1.1:8080/": false, "webcal://example.org/": false, ":": false,
	} {
		if err := c.Check(address); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}
