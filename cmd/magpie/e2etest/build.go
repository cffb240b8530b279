package e2etest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// watchScript reads which processes are running ("+ 123") and which have ended
// ("- 123"). When its input closes, which the kernel does whichever way the
// test binary ends, it kills those that are left and removes the folder.
const watchScript = `
left=""
while read -r sign pid; do
	if [ "$sign" = + ]; then left="$left $pid"; continue; fi
	others=""
	for p in $left; do [ "$p" = "$pid" ] || others="$others $p"; done
	left=$others
done
for p in $left; do kill -9 "$p" 2>/dev/null; done
rm -rf "$1"
`

// built is the program, made once for a test binary.
type built struct {
	path string
	err  error

	mu    sync.Mutex
	watch io.Writer
}

var program = sync.OnceValue(build)

// Binary is the path of the program, built with the tag testclock.
func Binary(t testing.TB) string {
	t.Helper()
	b := program()
	if b.err != nil {
		t.Fatalf("building the program: %v", b.err)
	}
	return b.path
}

func build() *built {
	b := &built{}
	folder, err := os.MkdirTemp("", "magpie-e2e-")
	if err != nil {
		b.err = err
		return b
	}
	if b.err = b.watchOver(folder); b.err != nil {
		return b
	}
	module, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		b.err = fmt.Errorf("go env GOMOD: %w", err)
		return b
	}
	b.path = filepath.Join(folder, "magpie")
	command := exec.Command("go", "build", "-tags", "testclock", "-o", b.path, "./cmd/magpie")
	command.Dir = filepath.Dir(strings.TrimSpace(string(module)))
	if output, err := command.CombinedOutput(); err != nil {
		b.err = fmt.Errorf("%w\n%s", err, output)
	}
	return b
}

func (b *built) watchOver(folder string) error {
	command := exec.Command("/bin/sh", "-c", watchScript, "sh", folder)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := command.StdinPipe()
	if err != nil {
		return fmt.Errorf("connecting the watch: %w", err)
	}
	b.watch = input
	return command.Start()
}

// note tells the watch that a process runs (+) or has ended (-).
func (b *built) note(sign string, pid int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	// Without the watch a process may stay behind; no test is wrong for that.
	_, _ = io.WriteString(b.watch, sign+" "+strconv.Itoa(pid)+"\n")
}
