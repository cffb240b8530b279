package mariadb

import (
	"fmt"
	"io"
	"os/exec"
)

// watchScript reads on its input which process to end when that input closes,
// 0 for none, and removes the folder then. The kernel closes the input
// whichever way the test binary ends: by itself, by the time-out of "go test",
// by SIGKILL. A death signal would be less: it hangs on the thread that started
// the server, is lost when that changes its user, and leaves the folder.
const watchScript = `
guarded=0
while read -r line; do guarded=$line; done
if [ "$guarded" != 0 ]; then
	kill -9 "$guarded"
	tries=0 # bounded, since a dead process that nobody waits for still counts as one
	while kill -0 "$guarded" && [ "$tries" -lt 40 ]; do tries=$((tries + 1)); sleep 0.05; done
fi
rm -rf "$1"
`

// watchdog outlives the test binary by a moment to clear up after it.
type watchdog struct {
	cmd   *exec.Cmd
	input io.WriteCloser
}

func watchOver(folder string) (*watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watchScript, "sh", folder)
	cmd.SysProcAttr = apart()
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("connecting the watchdog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the watchdog: %w", err)
	}
	return &watchdog{cmd: cmd, input: input}, nil
}

// guard tells which process must not outlive the test binary; 0 is none.
func (w *watchdog) guard(pid int) {
	if _, err := fmt.Fprintln(w.input, pid); err != nil {
		panic(fmt.Sprintf("mariadb: the watchdog is gone: %v", err))
	}
}

// release lets the watchdog remove the folder and waits until it has.
func (w *watchdog) release() {
	_ = w.input.Close() // it can fail only if it is closed already
	_ = w.cmd.Wait()    // its exit status says nothing that could be acted on
}
