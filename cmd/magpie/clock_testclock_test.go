//go:build testclock

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheTestsClockFollowsItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offset")
	now := clock([]string{"PATH=/bin", "MAGPIE_TEST_CLOCK=" + file})
	for _, test := range []struct {
		content string
		want    time.Duration
	}{{"", 0}, {"3600\n", time.Hour}, {"", time.Hour}, {"-60", -time.Minute}, {"soon", -time.Minute}, {"0", 0}} {
		if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * clockFresh)
		if got := time.Until(now()); (got - test.want).Abs() > time.Second {
			t.Errorf("with %q in the file the clock is %v ahead, want %v", test.content, got, test.want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := time.Until(clock(nil)()); got.Abs() > time.Second {
		t.Errorf("without a file the clock is %v ahead", got)
	}
}
