package api_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"magpie/api"
	"magpie/api/rest"
)

const hook = "/hooks/kannel/" + hookSecret

func TestAGatewaysCallIsHandedOnAsItCame(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	s := start(t, func(c *api.Config) { c.TrustedProxies = trusted })
	s.ask(t, request{method: "GET", path: hook + "?id=91&type=1&answer=%E4%BD%A0%20id%3A1&id=92", peer: "[::ffff:203.0.113.9]:4000"})
	s.ask(t, request{
		method: "POST", path: hook, body: "id=1&\xff", peer: "10.1.2.3:4000",
		header: http.Header{"X-Forwarded-For": {"2001:db8::5"}, "Webhook-Signature": {"v1,abc"}, "Content-Type": {"application/x-www-form-urlencoded"}},
	})
	if len(s.told.pushed) != 2 {
		t.Fatalf("taken: %d", len(s.told.pushed))
	}
	get, post := s.told.pushed[0], s.told.pushed[1]
	if get.Method != http.MethodGet || get.Gateway != "kannel" || get.Secret != hookSecret || get.Query.Get("answer") != "你 id:1" || len(get.Query["id"]) != 2 || len(get.Body) != 0 {
		t.Errorf("the call is %+v", get)
	}
	if get.From != netip.MustParseAddr("203.0.113.9") {
		t.Errorf("the call is from %v", get.From)
	}
	if post.Method != http.MethodPost || string(post.Body) != "id=1&\xff" || post.Header.Get("Webhook-Signature") != "v1,abc" || post.From != netip.MustParseAddr("2001:db8::5") {
		t.Errorf("the push is %+v", post)
	}
}

func TestTheAnswerToAGatewayIsItsVendors(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		answer rest.PushAnswer
		want   int
	}{
		{rest.PushAnswer{Status: http.StatusOK, ContentType: "application/json", Body: []byte(`{"code":0,"msg":"接收成功"}`)}, http.StatusOK},
		{rest.PushAnswer{Status: http.StatusAccepted, ContentType: "text/plain"}, http.StatusAccepted},
		{rest.PushAnswer{Status: http.StatusNoContent}, http.StatusNoContent},
		{rest.PushAnswer{Status: http.StatusBadRequest, ContentType: "text/plain; charset=utf-8"}, http.StatusBadRequest},
		{rest.PushAnswer{}, http.StatusOK},
	} {
		s.told.answer = c.answer
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := s.ask(t, request{method: method, path: hook})
			if got.Code != c.want || got.Body.String() != string(c.answer.Body) || got.Header().Get("Content-Type") != c.answer.ContentType {
				t.Errorf("%+v: answered %d %q %q", c.answer, got.Code, got.Header().Get("Content-Type"), got.Body)
			}
		}
	}
}

func TestWhoeverIsNotAGatewayFindsNothing(t *testing.T) {
	s := start(t)
	var bodies []string
	for _, path := range []string{hook + "x", "/hooks/aliyun/" + hookSecret, "/hooks/kannel/wrong", "/hooks/%20/%2e"} {
		answer := s.ask(t, request{method: "POST", path: path, body: "{}"})
		refusedWith(t, answer, http.StatusNotFound, "not_found")
		bodies = append(bodies, answer.Body.String())
	}
	without := start(t, func(c *api.Config) { c.API.Hooks = nil })
	answer := without.ask(t, request{method: "GET", path: hook})
	refusedWith(t, answer, http.StatusNotFound, "not_found")
	for _, body := range bodies {
		if body != answer.Body.String() {
			t.Errorf("answered %s and %s", body, answer.Body)
		}
	}
}

func TestAGatewayMayComeAgainAfterAFaultOfOurs(t *testing.T) {
	s := start(t)
	s.err = errors.New("disk is full")
	refusedWith(t, s.ask(t, request{method: "POST", path: hook, body: "[]"}), http.StatusInternalServerError, "internal")
	if log := s.log.String(); strings.Count(log, "disk is full") != 1 || strings.Contains(log, hookSecret) {
		t.Errorf("logged\n%s", log)
	}
}

func TestAGatewayMayPushAMebibyteAndNobodyElse(t *testing.T) {
	s := start(t)
	most := strings.Repeat("r", 1<<20)
	if answer := s.ask(t, request{method: "POST", path: hook, body: most}); answer.Code != http.StatusOK || len(s.told.pushed[0].Body) != 1<<20 {
		t.Fatalf("1 MiB: answered %d %s", answer.Code, answer.Body)
	}
	refusedWith(t, s.ask(t, request{method: "POST", path: hook, body: most + "r"}), http.StatusRequestEntityTooLarge, "too_large")
	r := httptest.NewRequest(http.MethodPost, hook, io.NopCloser(strings.NewReader(most+"r")))
	r.ContentLength = -1 // as sent in chunks
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, r)
	refusedWith(t, answer, http.StatusRequestEntityTooLarge, "too_large")
	if len(s.told.pushed) != 1 {
		t.Errorf("%d pushes were taken, want 1", len(s.told.pushed))
	}
	refusedWith(t, s.ask(t, request{method: "POST", path: "/api/v1/verifications", body: most}), http.StatusRequestEntityTooLarge, "too_large")
	refusedWith(t, s.ask(t, request{method: "PUT", path: "/api/v1/contact", token: citizensToken, body: most}), http.StatusRequestEntityTooLarge, "too_large")
}

func TestTheSecretOfAnAddressStandsInNoLogAndNoMetric(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := start(t, func(c *api.Config) { c.Registry = registry })
	for _, r := range []request{
		{method: "GET", path: hook + "?from=13800138000&text=secret-words"},
		{method: "POST", path: hook, body: "secret-words"},
		{method: "POST", path: "/hooks/other/" + hookSecret},
		{method: "POST", path: hook, body: strings.Repeat("r", 1<<20+1)},
		{method: "PUT", path: hook},
		{method: "HEAD", path: hook},
		{method: "POST", path: hook + "/"},
		{method: "GET", path: hook + "/more"},
		{method: "GET", path: "/" + hookSecret},
	} {
		s.ask(t, r)
	}
	s.err = errors.New("disk is full")
	s.ask(t, request{method: "GET", path: hook})
	log := s.log.String()
	for _, want := range []string{"status=200", "status=404", "status=405", "status=413", "status=500"} {
		if !strings.Contains(log, "route=/hooks/:gateway/:secret "+want) {
			t.Errorf("the log has no route with %s:\n%s", want, log)
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		log += family.String()
	}
	for _, secret := range []string{hookSecret, "13800138000", "secret-words"} {
		if strings.Contains(log, secret) {
			t.Errorf("%s stands in\n%s", secret, log)
		}
	}
}
