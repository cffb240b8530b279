// Package mariadb gives tests a MariaDB server of their own. It is imported by
// tests alone.
//
// It promises a private mariadbd on 127.0.0.1, on a port that the kernel gave,
// in a folder of its own, flushed at every commit; a fresh database for every
// call of [Server.Database]; and that neither the process nor its folder
// outlives the test binary, however that one ends.
//
// It does not promise MariaDB itself: the program is looked up, not installed.
// Where it is absent, the tests that ask for it are left out, or fail if
// MAGPIE_TEST_MARIADB says so, see [Start]. "go test" shows what was left out
// only with -v; "make test" installs MariaDB and leaves nothing out.
package mariadb

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// patience is how long a server may take to answer, or to let go of a
// database. It is long because several test binaries share two cores.
const patience = 60 * time.Second

// Server is one running mariadbd. Its methods are for one goroutine at a time,
// but for Database, which may be called from parallel tests.
type Server struct {
	owner   testing.TB // nil for the server that the test binary shares
	folder  string
	port    int
	options []string
	process *process
	watch   *watchdog
	// databases counts the databases made, for their names.
	databases atomic.Int64
}

var shared struct {
	sync.Mutex
	server *Server
	err    error
}

// Main runs the tests of a binary and then stops the shared server, so that
// nothing of it is left when goroutines or processes are counted. It is for
// TestMain and not required: without it the server ends with the binary.
func Main(m *testing.M) int {
	defer Stop()
	return m.Run()
}

// Stop ends the shared server, if one was started, and removes its folder. A
// later Start begins another one.
func Stop() {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.stop()
	}
	shared.server, shared.err = nil, nil
}

// Start returns the server that all tests of the binary share, and starts it
// for the first of them. It keeps no binary log and syncs its redo log at each
// commit.
//
// Where MariaDB is not installed the test is left out. MAGPIE_TEST_MARIADB
// changes that: "required" makes it fail, "off" leaves the test out even where
// MariaDB is installed.
func Start(t testing.TB) *Server {
	t.Helper()
	programs := require(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = start(programs, []string{"--skip-log-bin"})
	}
	if shared.err != nil {
		t.Fatalf("starting the shared mariadb: %v", shared.err)
	}
	return shared.server
}

// StartDurable returns a server for the calling test alone, which may kill it;
// it is gone when the test ends. It keeps a binary log and syncs that too at
// each commit, as a server that must lose nothing does. More options of
// mariadbd may be given, and win over those set here. Otherwise it is as Start.
func StartDurable(t testing.TB, options ...string) *Server {
	t.Helper()
	programs := require(t)
	s, err := start(programs, append([]string{"--log-bin=binlog", "--sync-binlog=1", "--server-id=1"}, options...))
	if err != nil {
		t.Fatalf("starting a mariadb: %v", err)
	}
	s.owner = t
	t.Cleanup(s.stop)
	return s
}

// Database makes an empty database for the test and returns its address as
// MAGPIE_DATABASE takes it, mysql://user:password@127.0.0.1:port/name. The
// user may do everything in it and nothing outside of such databases. The
// database is dropped when the test ends, which fails the test if one of its
// connections still holds a lock there.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "magpie_" + strconv.FormatInt(s.databases.Add(1), 10)
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("creating database %s: %v", name, err)
	}
	if s.owner == nil {
		t.Cleanup(func() {
			if err := s.exec("SET SESSION lock_wait_timeout = 10", "DROP DATABASE "+name); err != nil {
				t.Errorf("dropping database %s: %v", name, err)
			}
		})
	}
	address := url.URL{
		Scheme: "mysql",
		User:   url.UserPassword(account, password),
		Host:   "127.0.0.1:" + strconv.Itoa(s.port),
		Path:   name,
	}
	return address.String()
}

// Kill ends the server with SIGKILL, as a power cut would its process, and
// returns when it is gone. Only a server from StartDurable may be killed.
func (s *Server) Kill() {
	s.mustBeOwned()
	s.process.kill()
	s.watch.guard(0)
}

// Restart starts the server again on the same folder and port, killing it
// first if it runs, and returns when it answers, its crash recovery done. Only
// a server from StartDurable may be restarted.
func (s *Server) Restart() {
	s.owner.Helper()
	s.Kill()
	programs := require(s.owner)
	if err := s.run(programs); err != nil {
		s.owner.Fatalf("restarting mariadb: %v", err)
	}
}

func (s *Server) mustBeOwned() {
	if s.owner == nil {
		panic("mariadb: the shared server serves other tests too; kill one from StartDurable")
	}
}

func (s *Server) stop() {
	if s.process != nil {
		s.process.kill()
	}
	s.watch.guard(0)
	s.watch.release()
}

// exec runs the statements as root over the server's socket, on one connection.
func (s *Server) exec(statements ...string) error {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = "root", "unix", s.socket()
	// What the driver logs of a server that is not up yet is no news.
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return fmt.Errorf("connecting as root: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting as root: %w", err)
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// require returns the programs of MariaDB, or ends the test as Start says.
//
// It holds the only skip of this project: SQLite is tested everywhere, and
// whoever has no MariaDB shall still see what can be tested without. The whole
// of it runs wherever "make test" does, which sets MAGPIE_TEST_MARIADB.
func require(t testing.TB) programs {
	t.Helper()
	wish := os.Getenv(wishVariable)
	found, err := find()
	switch {
	case wish == "off":
		t.Skipf("left out: needs MariaDB, and %s is off", wishVariable) //nolint:forbidigo // the only skip, see above
	case err != nil && wish == "required":
		t.Fatalf("%s is required, but %v", wishVariable, err)
	case err != nil:
		t.Skipf("left out: needs MariaDB, but %v; .ci/install brings it", err) //nolint:forbidigo // the only skip, see above
	}
	return found
}
