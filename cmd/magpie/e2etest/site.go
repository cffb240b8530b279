package e2etest

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"magpie/scheduling/store/storetest/mariadb"
)

// Engine is a kind of database.
type Engine string

// The engines there are.
const (
	SQLite  Engine = "SQLite"
	MariaDB Engine = "MariaDB"
)

// OnEveryEngine runs a test on SQLite and on MariaDB, beside other tests, each
// with a testing.T of its own, which is the site's. MariaDB is left out where
// there is none, as mariadb.Start says.
func OnEveryEngine(t *testing.T, test func(s *Site)) {
	t.Helper()
	t.Parallel()
	for _, engine := range []Engine{SQLite, MariaDB} {
		t.Run("on "+string(engine), func(t *testing.T) {
			t.Parallel()
			s := NewSite(t, engine)
			s.T = t
			test(s)
		})
	}
}

// Site is one installation: a database, the settings, a gateway and a clock. A
// test may run several servers and commands in it at once.
type Site struct {
	// T is the subtest that [OnEveryEngine] has made the site for.
	T *testing.T

	Engine  Engine
	Folder  string
	Clock   *Clock
	Gateway *Gateway
	// Database is MAGPIE_DATABASE, File the path of SQLite's file.
	Database, File string
	Secret         string
	// Broken says that the test has broken something on purpose, so that 500 is
	// a right answer and a server need not end with status 0.
	Broken bool

	settings  map[string]string
	mu        sync.Mutex
	logs      []*Output
	private   map[string]string
	passwords map[string]string // by office/username
	counter   int
	seen      []Seen
}

// NewSite makes an installation on an empty database: of its own for SQLite, of
// the shared server for MariaDB.
func NewSite(t testing.TB, engine Engine) *Site {
	t.Helper()
	if engine == MariaDB {
		return NewSiteOn(t, MariaDB, mariadb.Start(t).Database(t))
	}
	return NewSiteOn(t, SQLite, "")
}

// NewSiteOn makes an installation on a database of MariaDB.
func NewSiteOn(t testing.TB, engine Engine, database string) *Site {
	t.Helper()
	folder := t.TempDir()
	s := &Site{
		Engine: engine, Folder: folder, Database: database, Secret: NewSecret("k1"),
		Clock: newClock(t, folder), private: make(map[string]string), passwords: make(map[string]string),
	}
	if engine == SQLite {
		s.File = filepath.Join(folder, "magpie.db")
		s.Database = "sqlite:" + s.File
	}
	t.Cleanup(func() { s.checkLogs(t) })
	s.Gateway = newGateway(t, s.Clock)
	s.settings = map[string]string{
		"MAGPIE_LISTEN":          "127.0.0.1:0",
		"MAGPIE_DATABASE":        s.Database,
		"MAGPIE_SMS":             s.Gateway.Setting(),
		"MAGPIE_SECRET":          s.Secret,
		"MAGPIE_TRUSTED_PROXIES": "127.0.0.0/8",
		"MAGPIE_TEST_CLOCK":      s.Clock.path,
	}
	s.Keep("the gateway's password", gatewayPassword)
	s.Keep("the secret", s.Secret[strings.Index(s.Secret, ":")+1:])
	return s
}

// NewSecret makes a key as MAGPIE_SECRET takes it.
func NewSecret(id string) string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return id + ":" + base64.StdEncoding.EncodeToString(key)
}

// Set changes a setting for what is started from now on; an empty value takes
// it away.
func (s *Site) Set(name, value string) { s.settings[name] = value }

// environment is the settings as a process gets them, some replaced.
func (s *Site) environment(other []string) []string {
	replaced := make(map[string]bool)
	for _, setting := range other {
		name, _, _ := strings.Cut(setting, "=")
		replaced[name] = true
	}
	out := append([]string(nil), other...)
	for name, value := range s.settings {
		if value != "" && !replaced[name] {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// Run runs a command to its end.
func (s *Site) Run(t testing.TB, arguments ...string) Result {
	t.Helper()
	return s.RunWith(t, nil, "", arguments...)
}

// RunWith runs a command with some settings replaced and something on its
// standard input.
func (s *Site) RunWith(t testing.TB, settings []string, input string, arguments ...string) Result {
	t.Helper()
	p := begin(t, s.Folder, s.environment(settings), input, arguments...)
	s.keepLog(p, true)
	return p.result(t)
}

// Done runs a command that must do what it is asked, and answers its output.
func (s *Site) Done(t testing.TB, arguments ...string) string {
	t.Helper()
	r := s.Run(t, arguments...)
	if r.Exit != 0 {
		t.Fatalf("magpie %s: exit %d\n%s%s", strings.Join(arguments, " "), r.Exit, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Write writes a file into the site's folder and answers its path.
func (s *Site) Write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(s.Folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Open makes the schema and applies offices.
func (s *Site) Open(t testing.TB, offices ...Office) {
	t.Helper()
	s.Done(t, "migrate")
	for i, o := range offices {
		s.Done(t, "apply", s.Write(t, fmt.Sprintf("office%d.yaml", i), o.YAML()))
	}
}

// Server is a running "magpie serve".
type Server struct {
	*Process
	URL string
	// Ready is how long it took from its start until it was ready.
	Ready time.Duration

	site     *Site
	settings []string
	command  string // serve, if empty
	killed   bool
}

var listening = regexp.MustCompile(`\blistening\b.*127\.0\.0\.1:([0-9]+)`)

// Serve starts a server and returns when it is ready. When the test ends it
// must end in an orderly way. It listens on a port of its own, which it has
// again when it is restarted; settings replace the site's.
func (s *Site) Serve(t testing.TB, settings ...string) *Server {
	t.Helper()
	v := &Server{site: s, settings: append([]string{fmt.Sprintf("MAGPIE_LISTEN=127.0.0.1:%d", reservePort(t))}, settings...)}
	v.start(t)
	t.Cleanup(func() {
		if v.killed {
			return
		}
		if exit := v.Terminate(t, syscall.SIGTERM); exit != 0 && !s.Broken {
			t.Errorf("the server ended with status %d; its log:\n%s", exit, v.Stderr)
		}
	})
	return v
}

// Demo starts "magpie demo" as Serve does a server, and returns when it has
// said what to open.
func (s *Site) Demo(t testing.TB, settings ...string) *Server {
	t.Helper()
	v := &Server{site: s, settings: append([]string{"MAGPIE_LISTEN=127.0.0.1:0"}, settings...), command: "demo"}
	v.start(t)
	t.Cleanup(v.Process.Kill)
	Eventually(t, "the demonstration says what to open", func() error {
		if !strings.Contains(v.Stdout.String(), v.URL) {
			return errors.New("it has not yet")
		}
		return nil
	})
	return v
}

// start runs the process and waits until it is ready.
func (v *Server) start(t testing.TB) {
	t.Helper()
	began := time.Now()
	v.Process = begin(t, v.site.Folder, v.site.environment(v.settings), "", or(v.command, "serve"))
	v.killed = false
	v.site.keepLog(v.Process, v.command != "demo")
	address := v.address(t)
	if url := "http://" + address; v.URL != url { // restarted it is the same, and clients are reading it
		v.URL = url
	}
	v.awaitReady(t)
	v.Ready = time.Since(began)
}

// address waits for the log line that tells the address taken.
func (v *Server) address(t testing.TB) string {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		changed := v.Stderr.next()
		if found := listening.FindStringSubmatch(v.Stderr.String()); found != nil {
			return "127.0.0.1:" + found[1]
		}
		select {
		case <-changed:
		case <-v.gone:
			t.Fatalf("the server ended with status %d; its log:\n%s", v.cmd.ProcessState.ExitCode(), v.Stderr)
		case <-end.C:
			t.Fatalf("the server did not log its address; its log:\n%s", v.Stderr)
		}
	}
}

func (v *Server) awaitReady(t testing.TB) {
	t.Helper()
	Eventually(t, "the server is ready", func() error {
		if !v.Running() {
			t.Fatalf("the server ended; its log:\n%s", v.Stderr)
		}
		return ready(v.URL)
	})
}

// Kill ends the server with SIGKILL.
func (v *Server) Kill() {
	v.killed = true
	v.Process.Kill()
}

// Restart starts the server again on its port and returns when it is ready.
func (v *Server) Restart(t testing.TB) {
	t.Helper()
	if v.Running() {
		t.Fatal("the server is still running")
	}
	v.start(t)
}

// Eventually waits until the condition holds.
func Eventually(t testing.TB, what string, condition func() error) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for end := time.Now().Add(patience); ; <-poll.C {
		err := condition()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited for %v that %s: %v", patience, what, err)
		}
	}
}
