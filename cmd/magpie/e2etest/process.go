package e2etest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should come within a second or
// two: the machine is small and busy.
const patience = 30 * time.Second

// Output gathers what a process writes, and lets a test wait for it.
type Output struct {
	mu      sync.Mutex
	content bytes.Buffer
	changed chan struct{}
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return o.content.Write(p)
}

// String is everything written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.content.String()
}

// next is closed with the next thing written.
func (o *Output) next() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.changed
}

// Process is one run of the program.
type Process struct {
	Stdout, Stderr *Output
	cmd            *exec.Cmd
	gone           chan struct{}
}

// Result is how a command ended.
type Result struct {
	Exit           int
	Stdout, Stderr string
}

// Lines are the lines of a text without empty ones.
func Lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// begin starts the program in a folder, with these settings and no others.
func begin(t testing.TB, folder string, settings []string, input string, arguments ...string) *Process {
	t.Helper()
	path := Binary(t)
	p := &Process{Stdout: &Output{}, Stderr: &Output{}, gone: make(chan struct{}), cmd: exec.Command(path, arguments...)}
	p.cmd.Dir = folder
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + folder}, settings...)
	p.cmd.Stdin = strings.NewReader(input)
	p.cmd.Stdout, p.cmd.Stderr = p.Stdout, p.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("starting magpie %s: %v", strings.Join(arguments, " "), err)
	}
	pid := p.cmd.Process.Pid
	program().note("+", pid)
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		program().note("-", pid)
		close(p.gone)
	}()
	return p
}

// Running says whether the process has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// Kill ends the process with SIGKILL and returns when it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.gone
}

// Freeze stops the process where it is, as a busy machine might, until the
// answered function lets it go on.
func (p *Process) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatalf("freezing a process: %v", err)
	}
	return func() { _ = p.cmd.Process.Signal(syscall.SIGCONT) } // it may have been killed
}

// Terminate asks the process to end, as Ctrl-C (SIGINT) or a supervisor
// (SIGTERM) would, and answers its exit status.
func (p *Process) Terminate(t testing.TB, signal os.Signal) int {
	t.Helper()
	_ = p.cmd.Process.Signal(signal) // it may have ended already
	return p.wait(t)
}

// wait answers the exit status, and kills a process that does not end.
func (p *Process) wait(t testing.TB) int {
	t.Helper()
	select {
	case <-p.gone:
	case <-time.After(2 * patience):
		t.Errorf("magpie %s did not end; its log:\n%s", strings.Join(p.cmd.Args[1:], " "), p.Stderr)
		p.Kill()
	}
	return p.cmd.ProcessState.ExitCode()
}

// result waits for the end of a command.
func (p *Process) result(t testing.TB) Result {
	t.Helper()
	exit := p.wait(t)
	return Result{Exit: exit, Stdout: p.Stdout.String(), Stderr: p.Stderr.String()}
}

// RSS is the process's resident memory in bytes, as the kernel counts it.
func (p *Process) RSS(t testing.TB) int {
	t.Helper()
	return p.memory(t, "VmRSS")
}

// Peak is the most that RSS has been so far.
func (p *Process) Peak(t testing.TB) int {
	t.Helper()
	return p.memory(t, "VmHWM")
}

func (p *Process) memory(t testing.TB, name string) int {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		var kilobytes int
		if n, _ := fmt.Sscanf(line, name+": %d kB", &kilobytes); n == 1 {
			return kilobytes << 10
		}
	}
	t.Fatalf("the kernel does not tell %s", name)
	return 0
}

// FreePort is a port that nobody else is given while the test runs.
func FreePort(t testing.TB) int {
	t.Helper()
	return reservePort(t)
}

// reservePort takes a port for the test: others are not given it, and a
// connection to it is refused until somebody listens there.
func reservePort(t testing.TB) int {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatalf("reserving a port: %v", err)
	}
	syscall.CloseOnExec(socket)
	t.Cleanup(func() { _ = syscall.Close(socket) })
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatalf("reserving a port: %v", err)
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatalf("reserving a port: %v", err)
	}
	name, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatalf("reserving a port: %v", err)
	}
	return name.(*syscall.SockaddrInet4).Port
}
