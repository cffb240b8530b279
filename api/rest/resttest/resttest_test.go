package resttest_test

import (
	"net/http"
	"strings"
	"testing"

	"magpie/api/rest/resttest"
)

const (
	token   = `{"token":"mc_x","expires_at":"2026-12-03T09:00:00+08:00"}`
	problem = `{"type":"urn:magpie:problem:not_found","title":"没有找到","status":404,"code":"not_found","retry":false}`
)

func TestAnAnswerThatTheDocumentDoesNotDescribeIsFound(t *testing.T) {
	d := resttest.Load(t)
	const confirm, office, hook = "/api/v1/verifications/v1/confirm", "/api/v1/offices/anhua", "/hooks/kannel/secret"
	for _, c := range []struct {
		name, method, path string
		status             int
		media, body        string
		fault              string // a part of what is said; empty: none
	}{
		{"as described", "POST", confirm, 200, "application/json", token, ""},
		{"another status", "POST", confirm, 201, "application/json", token, "status"},
		{"another media type", "POST", confirm, 200, "text/html", token, "media type"},
		{"a member too many", "POST", confirm, 200, "application/json", strings.Replace(token, "{", `{"phone":"1",`, 1), "phone"},
		{"a member too few", "POST", confirm, 200, "application/json", `{"token":"mc_x"}`, "expires_at"},
		{"no JSON", "POST", confirm, 200, "application/json", "token", "invalid"},
		{"a problem", "GET", office, 404, "application/problem+json", problem, ""},
		{"a problem with another code", "GET", office, 404, "application/problem+json", strings.Replace(problem, `"not_found","retry"`, `"gone","retry"`, 1), "code"},
		{"a problem without its header", "GET", "/api/v1/appointments", 401, "application/problem+json", problem, "WWW-Authenticate"},
		{"a body where none is", "DELETE", "/api/v1/session", 204, "application/json", "{}", "no body"},
		{"none where none is", "DELETE", "/api/v1/session", 204, "", "", ""},
		{"an address that is not described", "GET", "/api/v1/secrets", 200, "application/json", "{}", "no such route"},
		{"and is not there", "GET", "/api/v1/secrets", 404, "application/problem+json", problem, ""},
		{"a vendor's answer", "POST", hook, 202, "text/plain", "OK", ""},
		{"a vendor's empty answer", "GET", hook, 204, "", "", ""},
		{"a vendor's answer without a type", "GET", hook, 200, "", "OK", "media type"},
		{"a vendor's redirect", "GET", hook, 302, "", "", "status"},
		{"a path written out goes first", "GET", "/api/v1/openapi.json", 200, "application/json", "{}", ""},
	} {
		header := http.Header{}
		if c.media != "" {
			header.Set("Content-Type", c.media)
		}
		err := d.Fault(c.method, c.path, c.status, header, []byte(c.body))
		if c.fault == "" && err != nil {
			t.Errorf("%s: found %v", c.name, err)
		}
		if c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%s: found %v, want something about %s", c.name, err, c.fault)
		}
	}
}
