package e2etest

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// oidcWish changes what a missing provider means: "required" fails the test, "off"
// leaves it out in any case.
const oidcWish = "MAGPIE_TEST_OIDC"

var oidcFolder = filepath.Join("..", "..", ".ci", "oidc")

// IdentityProvider is a certified OpenID provider (npm oidc-provider, run by
// node) with one client.
type IdentityProvider struct {
	Issuer, ClientID, ClientSecret string
	// RedirectURI is where it sends browsers back to.
	RedirectURI string
}

// NewIdentityProvider starts the provider of .ci/oidc. It ends with the test.
func NewIdentityProvider(t testing.TB, redirect string) *IdentityProvider {
	t.Helper()
	needIdentityProvider(t)
	port := reservePort(t)
	p := &IdentityProvider{Issuer: fmt.Sprintf("http://127.0.0.1:%d", port), ClientID: "magpie", ClientSecret: "oidc-word-0123456789", RedirectURI: redirect}
	cmd := exec.Command("node", "oidc.js", fmt.Sprint(port), p.ClientID, p.ClientSecret, redirect)
	cmd.Dir = oidcFolder
	var errs strings.Builder
	cmd.Stderr = &errs
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatalf("connecting the OpenID provider: %v", err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("connecting the OpenID provider: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the OpenID provider: %v", err)
	}
	ended := make(chan struct{})
	heard := make(chan string, 1)
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"listening"`) {
				heard <- lines.Text()
			}
		}
		_ = cmd.Wait() // how it ended says nothing that could be acted on
	}()
	t.Cleanup(func() {
		_ = input.Close() // which ends it
		<-ended
	})
	select {
	case <-heard:
	case <-ended:
		t.Fatalf("the OpenID provider has ended: %s", errs.String())
	case <-time.After(time.Minute):
		t.Fatal("the OpenID provider does not listen")
	}
	return p
}

// Browse goes where a browser is sent to log in, as somebody, and answers what
// it is sent back with.
func (p *IdentityProvider) Browse(t testing.TB, address, as string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back *url.URL
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), p.RedirectURI) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	answer, err := client.Get(address + "&login_hint=" + url.QueryEscape(as))
	if err != nil {
		t.Fatalf("logging in at the provider: %v", err)
	}
	defer answer.Body.Close()
	if back == nil {
		t.Fatalf("the provider answered %s at %s", answer.Status, answer.Request.URL)
	}
	return back.Query()
}

func needIdentityProvider(t testing.TB) {
	t.Helper()
	_, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(oidcFolder, "node_modules", "oidc-provider")); missing != nil {
		err = errors.Join(err, errors.New("the packages of .ci/oidc are not installed: run .ci/install"))
	}
	switch wish := os.Getenv(oidcWish); {
	case wish == "off" || err != nil && wish != "required":
		t.Skipf("left out: needs an OpenID provider, and %s is %q: %v", oidcWish, wish, err) //nolint:forbidigo // the only skip of OpenID Connect
	case err != nil:
		t.Fatalf("%s is required, but %v", oidcWish, err)
	}
}
