package e2etest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// browserWish is the environment variable that says what becomes of a test that
// needs Chromium where there is none: left out, or with "required" a failure;
// "off" leaves it out in any case.
const browserWish = "MAGPIE_TEST_BROWSER"

// browserSuites is where the suites are, from the folder of the tests.
const browserSuites = "../../.ci/browser"

// suiteTime is how long a suite may take; it takes a minute or two.
const suiteTime = 5 * time.Minute

// Browse runs suites of .ci/browser against a server with the page of the text
// messages, and fails with what they say. A test is left out where Chromium,
// Node or the packages of the suites are missing, unless they are required.
func Browse(t *testing.T, v *Server, suites ...string) {
	t.Helper()
	chromium := NeedBrowser(t)
	ctx, cancel := context.WithTimeout(t.Context(), suiteTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"--test", "--test-concurrency=1", "--test-reporter=spec"}, suites...)...)
	cmd.Dir = browserSuites
	cmd.Env = append(os.Environ(), "MAGPIE_URL="+v.URL, "MAGPIE_CLOCK="+v.site.Clock.path, "MAGPIE_CHROMIUM="+chromium, "MAGPIE_LOGINS="+v.Stdout.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", suites, err, out)
	}
}

// NeedBrowser answers Chromium's path, and leaves the test out, or fails it, where
// there is none.
func NeedBrowser(t *testing.T) (chromium string) {
	t.Helper()
	chromium, err := chromiumAndNode()
	switch wish := os.Getenv(browserWish); {
	case wish == "off" || err != nil && wish != "required":
		t.Skipf("left out: needs a browser, and %s is %q: %v", browserWish, wish, err) //nolint:forbidigo // the only skip of the pages
	case err != nil:
		t.Fatalf("%s is required, but %v", browserWish, err)
	}
	return chromium
}

func chromiumAndNode() (chromium string, err error) {
	if chromium, err = exec.LookPath("chromium"); err != nil {
		return "", fmt.Errorf("Debian's chromium is missing: %w", err) //nolint:staticcheck // ST1005: a name
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(browserSuites, "node_modules", "playwright-core")); err != nil {
		return "", errors.New("the packages of .ci/browser are not installed: run .ci/install")
	}
	return chromium, nil
}
