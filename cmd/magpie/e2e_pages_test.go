// The pages, driven in Chromium as people use them.

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"magpie/cmd/magpie/e2etest"
)

func TestThePagesGoTheWholeWayInABrowser(t *testing.T) {
	t.Parallel()
	for _, suite := range []string{"way.test.js", "harm.test.js", "mine.test.js", "staff.test.js", "staff-calendar.test.js"} {
		t.Run(suite, func(t *testing.T) {
			s := e2etest.NewSite(t, e2etest.SQLite)
			e2etest.Browse(t, s.Demo(t, "MAGPIE_RATE_LIMITS=false"), suite)
		})
	}
}

func TestThePagesUseNothingNewerThanChromium109(t *testing.T) {
	e2etest.NeedBrowser(t)
	for _, asset := range []string{"frame/assets/style.css", "frame/assets/magpie.js", "staff/panel/assets/panel.css", "staff/panel/assets/panel.js",
		"staff/calendar/assets/calendar.css", "staff/calendar/assets/calendar.js", "staff/calendar/assets/event-calendar.min.css", "staff/calendar/assets/event-calendar.min.js"} {
		content, err := os.Open("../../api/web/" + asset)
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		cmd := exec.CommandContext(t.Context(), "npx", "eslint", "--config", "eslint.config.js", "--stdin", "--stdin-filename", filepath.Base(asset))
		cmd.Dir, cmd.Stdin = "../../.ci/browser", content
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", asset, err, out)
		}
	}
}
