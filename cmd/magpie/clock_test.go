//go:build !testclock

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheShippedProgramCannotBeToldAnotherTime(t *testing.T) {
	for tags, want := range map[string]string{"": "clock.go", "testclock": "clock_testclock.go"} {
		files, err := exec.Command("go", "list", "-tags="+tags, "-f", "{{range .GoFiles}}{{.}} {{end}}", ".").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"clock.go", "clock_testclock.go"} {
			if got := strings.Contains(" "+string(files), " "+name+" "); got != (name == want) {
				t.Errorf("with the tags %q %s is compiled: %t", tags, name, got)
			}
		}
		binary := filepath.Join(t.TempDir(), "magpie")
		if out, err := exec.Command("go", "build", "-tags="+tags, "-o", binary, ".").CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		content, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(content, []byte("MAGPIE_TEST_CLOCK")); got != (tags == "testclock") {
			t.Errorf("the program built with the tags %q knows the tests' clock: %t", tags, got)
		}
	}
	file := filepath.Join(t.TempDir(), "offset")
	if err := os.WriteFile(file, []byte("86400"), 0o600); err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(clock([]string{"MAGPIE_TEST_CLOCK=" + file})()); ahead.Abs() > time.Minute {
		t.Errorf("it believed the file, by %v", ahead)
	}
}
