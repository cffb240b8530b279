package mariadb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	wishVariable = "MAGPIE_TEST_MARIADB"
	// account and password are those of the tests; the server is reachable
	// from this machine alone and holds nothing that is worth anything.
	account  = "magpie"
	password = "magpie"
)

// programs are the absolute paths of what is needed of MariaDB.
type programs struct{ server, installer string }

// process is a running mariadbd. gone is closed when it has ended.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

// serverFolders is where systems put servers, which is not in everybody's PATH.
var serverFolders = []string{"/usr/sbin", "/usr/local/sbin"}

// find looks for MariaDB's programs in PATH and in serverFolders.
func find() (programs, error) {
	server, err := look("mariadbd")
	if err != nil {
		return programs{}, err
	}
	installer, err := look("mariadb-install-db")
	if err != nil {
		return programs{}, err
	}
	return programs{server: server, installer: installer}, nil
}

func look(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, folder := range serverFolders {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// start makes a data folder and runs a server on it.
func start(programs programs, options []string) (*Server, error) {
	folder, err := os.MkdirTemp("", "magpie-mariadb-")
	if err != nil {
		return nil, fmt.Errorf("making its folder: %w", err)
	}
	watch, err := watchOver(folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	s := &Server{folder: folder, options: options, watch: watch}
	if err := s.prepare(programs); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) prepare(programs programs) error {
	attributes, err := unprivileged()
	if err != nil {
		return err
	}
	if who := attributes.Credential; who != nil {
		if err := os.Chown(s.folder, int(who.Uid), int(who.Gid)); err != nil {
			return fmt.Errorf("giving its folder to the user it runs as: %w", err)
		}
	}
	install := exec.Command(programs.installer, "--no-defaults", "--datadir="+s.data(),
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	install.Dir = s.folder
	install.SysProcAttr = attributes
	if output, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, output)
	}
	if err := s.run(programs); err != nil {
		return err
	}
	return s.exec(
		"CREATE USER '"+account+"'@'127.0.0.1' IDENTIFIED BY '"+password+"'",
		"GRANT ALL ON `magpie\\_%`.* TO '"+account+"'@'127.0.0.1'",
	)
}

// run starts mariadbd on the folder and returns when it answers. A port that
// somebody else took in between is given up for another one, but for a server
// whose address tests know already.
func (s *Server) run(programs programs) error {
	first := s.port == 0
	for try := 1; ; try++ {
		if first {
			port, err := freePort()
			if err != nil {
				return err
			}
			s.port = port
		}
		err := s.runOnce(programs)
		if err == nil || !first || try == 3 {
			return err
		}
	}
}

func (s *Server) runOnce(programs programs) error {
	attributes, err := unprivileged()
	if err != nil {
		return err
	}
	output, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening its log: %w", err)
	}
	defer func() { _ = output.Close() }()
	// The server's clock zone is that of a server in China: what leans on the
	// session's zone being UTC shall fail here and not there.
	arguments := append([]string{
		"--no-defaults", "--datadir=" + s.data(), "--socket=" + s.socket(), "--pid-file=" + filepath.Join(s.folder, "pid"),
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--skip-name-resolve", "--max-connections=500",
		"--character-set-server=utf8mb4", "--default-time-zone=+08:00",
		"--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=128M",
	}, s.options...)
	cmd := exec.Command(programs.server, arguments...)
	cmd.Dir = s.folder
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = attributes
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting mariadbd: %w", err)
	}
	s.watch.guard(cmd.Process.Pid)
	s.process = &process{cmd: cmd, gone: make(chan struct{})}
	go s.process.wait()
	if err := s.ready(); err != nil {
		s.process.kill()
		s.watch.guard(0)
		return fmt.Errorf("%w\n%s", err, s.lastWords())
	}
	return nil
}

// ready waits until the server answers on its own socket; its port could be
// somebody else's.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		err := s.exec("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-s.process.gone:
			return errors.New("mariadbd ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("mariadbd does not answer: %w", err)
		case <-poll.C:
		}
	}
}

func (s *Server) data() string   { return filepath.Join(s.folder, "data") }
func (s *Server) socket() string { return filepath.Join(s.folder, "socket") }
func (s *Server) log() string    { return filepath.Join(s.folder, "log") }

// lastWords returns the end of the server's log.
func (s *Server) lastWords() []byte {
	content, err := os.ReadFile(s.log())
	if err != nil {
		return []byte(err.Error())
	}
	const enough = 4000
	return bytes.TrimSpace(content[max(0, len(content)-enough):])
}

func (p *process) wait() {
	// How it ended is of no interest: it is killed, or its log says why not.
	_ = p.cmd.Wait()
	close(p.gone)
}

func (p *process) kill() {
	// It may have ended already, and then has no one to be told.
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// apart returns how MariaDB and its watchdog are started: in a process group of
// their own, which Ctrl-C in the terminal does not reach.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// unprivileged is apart, and not as root, as which MariaDB refuses to run. The
// user mysql exists only where Debian's whole package is installed; any other
// without rights does as well.
func unprivileged() (*syscall.SysProcAttr, error) {
	attributes := apart()
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	who, err := user.Lookup("mysql")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("finding a user other than root: %w", err)
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user id of %s: %w", who.Username, err)
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("group id of %s: %w", who.Username, err)
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("asking for a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		return 0, fmt.Errorf("giving the free port back: %w", err)
	}
	return strconv.Atoi(port)
}
