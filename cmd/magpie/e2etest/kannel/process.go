package kannel

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
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
for p in $left; do
	tries=0 # bounded, since a dead process that nobody waits for still counts as one
	while kill -0 "$p" 2>/dev/null && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
done
rm -rf "$1"
rmdir "$(dirname "$1")" 2>/dev/null # of the test, if nothing else is in it
`

// watch outlives the test binary by a moment, to clear up after it.
type watch struct {
	cmd   *exec.Cmd
	input io.WriteCloser
	mu    sync.Mutex
}

func newWatch(t testing.TB, folder string) *watch {
	t.Helper()
	w := &watch{cmd: exec.Command("/bin/sh", "-c", watchScript, "sh", folder)}
	w.cmd.SysProcAttr = apart()
	input, err := w.cmd.StdinPipe()
	if err != nil {
		t.Fatalf("connecting the watch: %v", err)
	}
	w.input = input
	if err := w.cmd.Start(); err != nil {
		t.Fatalf("starting the watch: %v", err)
	}
	t.Cleanup(func() {
		_ = w.input.Close() // it can fail only if it is closed already
		_ = w.cmd.Wait()    // its exit status says nothing that could be acted on
	})
	return w
}

func (w *watch) note(sign string, pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// Without the watch a process may stay behind; no test is wrong for that.
	_, _ = fmt.Fprintln(w.input, sign, pid)
}

// apart keeps Ctrl-C in the terminal away: the test ends what it started.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// process is one program that runs until it is ended.
type process struct {
	name  string
	cmd   *exec.Cmd
	input io.WriteCloser
	gone  chan struct{} // closed when it has ended and its output is read
}

// begin starts a program; each line that it writes, on whichever of its two
// outputs, goes to lines.
func (k *Kannel) begin(folder string, lines func(string), path string, arguments ...string) *process {
	k.t.Helper()
	p := &process{name: path, cmd: exec.Command(path, arguments...), gone: make(chan struct{})}
	p.cmd.Dir = folder
	p.cmd.SysProcAttr = apart()
	input, err := p.cmd.StdinPipe()
	if err != nil {
		k.t.Fatalf("connecting %s: %v", path, err)
	}
	p.input = input
	output, writer, err := os.Pipe()
	if err != nil {
		k.t.Fatalf("connecting %s: %v", path, err)
	}
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	if err := p.cmd.Start(); err != nil {
		k.t.Fatalf("starting %s: %v", path, err)
	}
	_ = writer.Close() // the program has its own copy
	k.watch.note("+", p.cmd.Process.Pid)
	go p.follow(output, lines, k.watch)
	return p
}

func (p *process) follow(output io.ReadCloser, lines func(string), w *watch) {
	reader := bufio.NewReader(output)
	for {
		line, err := reader.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines(line)
		}
		if err != nil {
			break
		}
	}
	_ = output.Close()
	_ = p.cmd.Wait() // how it ended is of no interest
	w.note("-", p.cmd.Process.Pid)
	close(p.gone)
}

// end asks a process to end and waits; one that does not is killed.
func (p *process) end() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	end := time.NewTimer(patience)
	defer end.Stop()
	select {
	case <-p.gone:
	case <-end.C:
		p.kill()
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.gone
}
