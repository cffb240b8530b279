package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"magpie/api"
	"magpie/api/rest"
	"magpie/scheduling"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve sends a request without holding its answer against the document.
func serve(s setup, method, path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, httptest.NewRequest(method, path, nil))
	return answer
}

func serveBooking(s setup) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/v1/offices/anhua/appointments", strings.NewReader(bookingBody))
	r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	r.Header.Set(echo.HeaderAuthorization, "Bearer "+citizensToken)
	r.Header.Set("Idempotency-Key", "k")
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, r)
	return answer
}

func TestEveryAnswerHasTheHeadersThatKeepItSafe(t *testing.T) {
	s := start(t, func(c *api.Config) { c.HTTPS = true })
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Resource-Policy": "same-origin",
	}
	seen := make(map[string]bool)
	for _, r := range append(routes, request{method: "GET", path: "/nothing"}, request{method: "PUT", path: "/healthz"}) {
		answer := s.ask(t, r)
		for name, value := range want {
			if got := answer.Header().Get(name); got != value {
				t.Errorf("%s %s: %s is %q", r.method, r.path, name, got)
			}
		}
		policy := answer.Header().Get(echo.HeaderContentSecurityPolicy)
		if r.path != "/api/v1/docs" && policy != "default-src 'none'; frame-ancestors 'none'" {
			t.Errorf("%s %s: the policy is %q", r.method, r.path, policy)
		}
		if r.path != "/api/v1/docs" && r.path != feed && answer.Header().Get(echo.HeaderCacheControl) != "no-store" {
			t.Errorf("%s %s may be stored", r.method, r.path)
		}
		for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
			if answer.Header().Get(name) != "" {
				t.Errorf("%s %s has the header %s", r.method, r.path, name)
			}
		}
		id := answer.Header().Get(echo.HeaderXRequestID)
		if len(id) < 16 || seen[id] {
			t.Errorf("%s %s: the request's id %q is short or used before", r.method, r.path, id)
		}
		seen[id] = true
	}
	if got := serve(start(t), http.MethodGet, "/healthz").Header().Get(echo.HeaderStrictTransportSecurity); got != "" {
		t.Errorf("over http citizens are told %q", got)
	}
}

func TestACallersOwnRequestIDIsNotTaken(t *testing.T) {
	s := start(t)
	answer := s.ask(t, request{method: "GET", path: "/healthz", header: http.Header{"X-Request-Id": {"13800138000"}}})
	if answer.Header().Get(echo.HeaderXRequestID) == "13800138000" || strings.Contains(s.log.String(), "13800138000") {
		t.Error("the caller wrote into our log")
	}
}

func TestAnUnknownAddressAndAWrongMethodAreProblems(t *testing.T) {
	s := start(t)
	refusedWith(t, s.ask(t, request{method: "GET", path: "/nothing/here"}), http.StatusNotFound, "not_found")
	answer := s.ask(t, request{method: "PUT", path: "/api/v1/offices/anhua/holds"})
	refusedWith(t, answer, http.StatusMethodNotAllowed, "method_not_allowed")
	if allow := answer.Header().Get(echo.HeaderAllow); allow != "OPTIONS, POST" {
		t.Errorf("Allow is %q", allow)
	}
}

func TestABodyOverTheLimitIsTooLarge(t *testing.T) {
	s := start(t)
	long := `{"phone":"` + strings.Repeat("1", 64<<10) + `"}`
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/verifications", body: long}), http.StatusRequestEntityTooLarge, "too_large")

	r := httptest.NewRequest(http.MethodPost, "/api/v1/verifications", io.NopCloser(strings.NewReader(long)))
	r.ContentLength = -1 // as sent in chunks
	r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, r)
	refusedWith(t, answer, http.StatusRequestEntityTooLarge, "too_large")

	most := `{"phone":"13800138000"}` + strings.Repeat(" ", 64<<10-23)
	if answer := s.ask(t, request{method: "POST", path: "/api/v1/verifications", body: most}); answer.Code != http.StatusAccepted {
		t.Errorf("a body of 64 KiB: %d %s", answer.Code, answer.Body)
	}
	if s.calls != 1 {
		t.Errorf("the use case was called %d times, want once", s.calls)
	}
}

func TestWhatIsTooMuchIsRefusedAtOnceAndHealthIsNot(t *testing.T) {
	s := start(t, func(c *api.Config) { c.MaxUnderWay = 2 })
	s.block, s.entered = make(chan struct{}), make(chan struct{})
	var waiting sync.WaitGroup
	for range 2 {
		waiting.Go(func() {
			if answer := serve(s, http.MethodGet, "/api/v1/offices"); answer.Code != http.StatusOK {
				t.Errorf("one that was let in answered %d", answer.Code)
			}
		})
		<-s.entered
	}
	answer := s.ask(t, request{method: "GET", path: "/api/v1/offices"})
	refusedWith(t, answer, http.StatusServiceUnavailable, "overloaded")
	if answer.Header().Get(echo.HeaderRetryAfter) == "" {
		t.Error("nothing is said of when to try again")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if answer := s.ask(t, request{method: "GET", path: path}); answer.Code != http.StatusOK {
			t.Errorf("%s answered %d", path, answer.Code)
		}
	}
	close(s.block)
	waiting.Wait()
	s.fake.block = nil
	if answer := s.ask(t, request{method: "GET", path: "/api/v1/offices"}); answer.Code != http.StatusOK {
		t.Errorf("afterwards it answered %d", answer.Code)
	}
}

func TestARequestOverItsTimeIsOverloaded(t *testing.T) {
	s := start(t, func(c *api.Config) { c.Timeout = time.Millisecond })
	s.block, s.entered = make(chan struct{}), make(chan struct{}, 1)
	answer := s.ask(t, request{method: "GET", path: "/api/v1/offices"})
	refusedWith(t, answer, http.StatusServiceUnavailable, "overloaded")
}

func TestAFaultOfOursSaysNothingOutsideAndIsLoggedOnce(t *testing.T) {
	s := start(t)
	s.err = errors.New("table persons is gone")
	answer := s.ask(t, request{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken})
	refusedWith(t, answer, http.StatusInternalServerError, "internal")
	if strings.Contains(answer.Body.String(), "persons") {
		t.Errorf("outside it said %s", answer.Body)
	}
	log := s.log.String()
	if strings.Count(log, "table persons is gone") != 1 || strings.Count(log, answer.Header().Get(echo.HeaderXRequestID)) != 2 {
		t.Errorf("logged\n%s", log)
	}
}

// panicking is a use case with a fault.
type panicking struct{ rest.Offices }

func (panicking) OfficeByCode(context.Context, string) (*scheduling.Office, error) { panic("spilt") }

func TestAPanicIsAFaultOfOurs(t *testing.T) {
	s := start(t, func(c *api.Config) { c.API.Offices = panicking{c.API.Offices} })
	refusedWith(t, serve(s, http.MethodGet, "/api/v1/offices/anhua"), http.StatusInternalServerError, "internal")
	if log := s.log.String(); strings.Count(log, "spilt") != 1 || !strings.Contains(log, "status=500") {
		t.Errorf("logged\n%s", log)
	}
}

func TestTheLogHoldsTheTemplateAndNothingOfTheCaller(t *testing.T) {
	s := start(t)
	for _, r := range []request{
		{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken, peer: "203.0.113.9:4000"},
		{method: "GET", path: "/api/v1/appointments/52073164/nothing?phone=13800138000"},
		{method: "DELETE", path: "/api/v1/offices/anhua/holds/h-secret"},
		{method: "GET", path: "/api/v1/statute/thirty-days?received=2026-03-03"},
		{method: "POST", path: "/api/v1/verifications", body: `{"phone":"13800138000"}`},
		{method: "POST", path: "/api/v1/verifications", body: `{"phone":"13800138000x"}`},
		{method: "POST", path: "/api/v1/offices/anhua/appointments", token: citizensToken, key: "my-key", body: bookingBody},
	} {
		s.ask(t, r)
	}
	log := s.log.String()
	for _, want := range []string{"method=GET", "route=/api/v1/appointments/:reference ", "route=unmatched", "status=200", "status=404", "duration=", "request_id="} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s:\n%s", want, log)
		}
	}
	for _, secret := range []string{"52073164", "13800138000", citizensToken, "h-secret", "203.0.113.9", "2026-03-03", "my-key", "陈女士"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %s:\n%s", secret, log)
		}
	}
}

func TestAnAddressIsBelievedFromTrustedProxiesAlone(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
	for _, c := range []struct {
		name    string
		trusted []netip.Prefix
		peer    string
		xff     string
		want    string
	}{
		{"direct", nil, "203.0.113.9:4000", "", "203.0.113.9"},
		{"direct and spoofed", nil, "203.0.113.9:4000", "198.51.100.1", "203.0.113.9"},
		{"spoofed from loopback", nil, "127.0.0.1:4000", "198.51.100.1", "127.0.0.1"},
		{"spoofed past a proxy", trusted, "203.0.113.9:4000", "198.51.100.1", "203.0.113.9"},
		{"loopback is not trusted by itself", trusted, "127.0.0.1:4000", "198.51.100.1", "127.0.0.1"},
		{"through a proxy", trusted, "10.1.2.3:4000", "198.51.100.1", "198.51.100.1"},
		{"through two", trusted, "10.1.2.3:4000", "198.51.100.1, 10.9.9.9", "198.51.100.1"},
		{"spoofed before a proxy", trusted, "10.1.2.3:4000", "192.0.2.77, 198.51.100.1", "198.51.100.1"},
		{"a proxy of IPv6", trusted, "[2001:db8:1::5]:4000", "198.51.100.1", "198.51.100.1"},
		{"IPv6 by its /64", nil, "[2001:db8:7:8:9:a:b:c]:4000", "", "2001:db8:7:8::/64"},
		{"IPv4 inside IPv6", trusted, "10.1.2.3:4000", "::ffff:198.51.100.1", "198.51.100.1"},
	} {
		s := start(t, func(cfg *api.Config) { cfg.TrustedProxies = c.trusted })
		r := request{method: "POST", path: "/api/v1/verifications", body: `{"phone":"13800138000"}`, peer: c.peer, header: http.Header{}}
		if c.xff != "" {
			r.header["X-Forwarded-For"] = []string{c.xff}
		}
		r.header["X-Real-Ip"] = []string{"192.0.2.99"}
		r.header["Forwarded"] = []string{"for=192.0.2.98"}
		if s.ask(t, r); s.actor.Address != c.want {
			t.Errorf("%s: counted as %q, want %q", c.name, s.actor.Address, c.want)
		}
	}
}

func TestReadinessTellsWarningsAndFailsWithTheDatabase(t *testing.T) {
	s := start(t)
	s.warnings = []string{"the holidays of 2027 are not loaded"}
	if got := said(t, s.ask(t, request{method: "GET", path: "/readyz"})); got["status"] != "ok" || got["warnings"].([]any)[0] != s.warnings[0] {
		t.Errorf("said %v", got)
	}
	s.err = errors.New("connection refused")
	answer := s.ask(t, request{method: "GET", path: "/readyz"})
	if answer.Code != http.StatusServiceUnavailable || said(t, answer)["status"] != "unavailable" || answer.Header().Get(echo.HeaderRetryAfter) == "" {
		t.Errorf("without a database: %d %s", answer.Code, answer.Body)
	}
	if got := said(t, s.ask(t, request{method: "GET", path: "/healthz"})); got["status"] != "ok" {
		t.Errorf("health said %v", got)
	}
}

func TestTheReferencePageAsksNothingOfAnyOtherServer(t *testing.T) {
	s := start(t)
	plain := s.ask(t, request{method: "GET", path: "/api/v1/docs"})
	page := plain.Body.String()
	for _, loads := range []string{"<link rel=\"stylesheet\"", "<script src", "@import", "@font-face", "url(http", "url(//", "src=\"http", "<iframe"} {
		if i := strings.Index(page, loads); i >= 0 {
			t.Errorf("the page loads something: %s", page[i:i+80])
		}
	}
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("the page has %d scripts, want 2", n)
	}
	policy := plain.Header().Get(echo.HeaderContentSecurityPolicy)
	for _, want := range []string{"default-src 'none'", "connect-src 'self'", "script-src 'sha256-", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q has no %s", policy, want)
		}
	}
	if strings.Contains(policy, "http") || strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "*") {
		t.Errorf("the policy %q lets the page out", policy)
	}
	packed := s.ask(t, request{method: "GET", path: "/api/v1/docs", header: http.Header{"Accept-Encoding": {"gzip, br"}}})
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(reader)
	if err != nil || !bytes.Equal(unpacked, plain.Body.Bytes()) {
		t.Errorf("packed it is another page (%v)", err)
	}
}

func TestTheServedDocumentHasEveryRouteAndNothingOfTheGenerator(t *testing.T) {
	s := start(t)
	answer := s.ask(t, request{method: "GET", path: "/api/v1/openapi.json"})
	served := said(t, answer)
	if served["openapi"] != "3.1.0" || strings.Contains(answer.Body.String(), "x-go-") {
		t.Errorf("the document begins %.200s", answer.Body)
	}
	n := 0
	for _, item := range served["paths"].(map[string]any) {
		n += len(item.(map[string]any))
	}
	if n != len(s.server.Routes()) {
		t.Errorf("it has %d operations, the server %d routes", n, len(s.server.Routes()))
	}
}

func TestAServerAnswersWhatIsUnderWayBeforeItStops(t *testing.T) {
	s := start(t, func(c *api.Config) { c.MetricsListen = "127.0.0.1:0" })
	s.block, s.entered = make(chan struct{}), make(chan struct{})
	ctx := context.Background()
	if err := s.server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	address := "http://" + s.server.Addr().String()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answered := make(chan int, 1)
	go func() {
		response, err := client.Get(address + "/api/v1/offices")
		if err != nil {
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	<-s.entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.server.Stop(ctx) }()
	close(s.block)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("what was under way was answered %d", status)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := s.server.Stop(ctx); err != nil {
		t.Errorf("stopped again: %v", err)
	}
	if late, err := client.Get(address + "/healthz"); err == nil {
		_ = late.Body.Close()
		t.Error("it still answers")
	}
}

func TestAnAddressInUseIsSaid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := start(t, func(c *api.Config) { c.MetricsListen = taken.Addr().String() })
	if err := s.server.Start(context.Background()); err == nil || !strings.Contains(err.Error(), taken.Addr().String()) {
		t.Errorf("said %v", err)
	}
}

func TestTheErrorsOfTheUseCasesReachTheCaller(t *testing.T) {
	s := start(t)
	s.err = scheduling.SlotTaken([]scheduling.Slot{slotAt(10)})
	taken := refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/offices/anhua/appointments", token: citizensToken, key: "k", body: bookingBody}),
		http.StatusConflict, "slot_taken")
	if first := taken["alternatives"].([]any)[0].(map[string]any); first["start"] != "2026-12-03T10:00:00+08:00" || first["free"] != 2.0 {
		t.Errorf("offered %v", first)
	}
	s.err = scheduling.InUse([]scheduling.Appointment{booked()})
	inUse := refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/staff/offices/anhua/staff/fudao-a/time-off", token: counsellorToken, body: `{"from":"2026-12-03","to":"2026-12-03"}`}),
		http.StatusConflict, "in_use")
	if first := inUse["items"].([]any)[0].(map[string]any); first["reference"] != "52073164" || first["start"] != "2026-12-03T09:00:00+08:00" {
		t.Errorf("listed %v", first)
	}
}
