package rest

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"
)

// The reference page and what goes into it; docs/README.md says where it is from.
var (
	//go:embed docs/page.html
	referencePage string
	//go:embed docs/swagger-ui.css
	referenceStyle string
	//go:embed docs/swagger-ui-bundle.js
	referenceBundle string
	//go:embed docs/start.js
	referenceStart string
)

// ReferencePage makes the page of GET /api/v1/docs, whole in one file, and the
// Content-Security-Policy that lets it run exactly its own two scripts and
// speak with this server alone.
func ReferencePage() (page []byte, policy string) {
	bundle, start := inScript(referenceBundle), inScript(referenceStart)
	html := strings.NewReplacer("{{style}}", referenceStyle, "{{bundle}}", bundle, "{{start}}", start).Replace(referencePage)
	return []byte(html), "default-src 'none'; script-src " + hashed(bundle) + " " + hashed(start) +
		"; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// inScript writes JavaScript so that HTML does not end or change it; both
// words stand only in its strings and regular expressions (HTML, 4.12.1.3).
func inScript(js string) string {
	return strings.NewReplacer("<!--", `\x3C!--`, "<script", `\x3Cscript`, "</script", `\x3C/script`).Replace(js)
}

// hashed names a script in a policy (CSP Level 3, 2.3.1).
func hashed(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
