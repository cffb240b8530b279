package mariadb

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
)

// orphanVariable makes this test binary start a server and wait to be killed.
const orphanVariable = "MAGPIE_TEST_MARIADB_ORPHAN"

func TestMain(m *testing.M) {
	if os.Getenv(orphanVariable) != "" {
		becomeAnOrphansParent()
	}
	os.Exit(Main(m))
}

func TestAFreshDatabaseIsReachableUnderItsAddressAndEmpty(t *testing.T) {
	db := open(t, Start(t).Database(t))
	if got := column(t, db, "SHOW TABLES"); len(got) != 0 {
		t.Errorf("tables of a fresh database: %q", got)
	}
	execute(t, db, "CREATE TABLE words (word VARCHAR(20))", "INSERT INTO words VALUES ('婚姻家庭辅导室'), ('😀')")
	want := []string{"婚姻家庭辅导室", "😀"}
	if diff := cmp.Diff(want, column(t, db, "SELECT word FROM words ORDER BY CHAR_LENGTH(word) DESC")); diff != "" {
		t.Errorf("what was written (-want +got):\n%s", diff)
	}
}

func TestTwoDatabasesKnowNothingOfEachOther(t *testing.T) {
	server := Start(t)
	first, second := open(t, server.Database(t)), open(t, server.Database(t))
	execute(t, first, "CREATE TABLE words (word VARCHAR(20))")
	if got := column(t, second, "SHOW TABLES"); len(got) != 0 {
		t.Errorf("tables of the second database: %q", got)
	}
}

func TestTheTestsOfABinaryShareOneServer(t *testing.T) {
	first, second := Start(t), Start(t)
	if first != second {
		t.Error("Start gave two servers")
	}
}

func TestADatabaseIsGoneAfterItsTest(t *testing.T) {
	server := Start(t)
	var name string
	t.Run("with a database", func(t *testing.T) {
		address := server.Database(t)
		name = column(t, open(t, address), "SELECT DATABASE()")[0]
	})
	rest := open(t, server.Database(t))
	for _, other := range column(t, rest, "SHOW DATABASES") {
		if other == name {
			t.Errorf("database %s is still there", name)
		}
	}
}

func TestEachServerFlushesItsRedoLogAtEveryCommit(t *testing.T) {
	const question = "SELECT CONCAT_WS(' ', @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@character_set_server)"
	tests := map[string]struct {
		server *Server
		want   string
	}{
		"shared":  {Start(t), "1 OFF 0 utf8mb4"},
		"durable": {StartDurable(t), "1 ON 1 utf8mb4"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := column(t, open(t, test.server.Database(t)), question)
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("flush at commit, binary log, its syncing, characters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatWasCommittedOutlivesAKillAndTheAddressStays(t *testing.T) {
	server := StartDurable(t)
	address := server.Database(t)
	before := open(t, address)
	execute(t, before, "CREATE TABLE words (word VARCHAR(20))", "INSERT INTO words VALUES ('kept')")

	server.Kill()
	if err := before.Ping(); err == nil {
		t.Error("a killed server still answers")
	}
	server.Restart()

	if diff := cmp.Diff([]string{"kept"}, column(t, open(t, address), "SELECT word FROM words")); diff != "" {
		t.Errorf("after the restart (-want +got):\n%s", diff)
	}
}

func TestTheSharedServerCannotBeKilled(t *testing.T) {
	server := Start(t)
	defer func() {
		if recover() == nil {
			t.Error("Kill of the shared server did not panic")
		}
		open(t, server.Database(t))
	}()
	server.Kill()
}

func TestAnOwnServerIsGoneWithItsFolderAfterItsTest(t *testing.T) {
	var folder string
	var port string
	t.Run("with a server", func(t *testing.T) {
		server := StartDurable(t)
		folder, port = server.folder, strconv.Itoa(server.port)
	})
	if answers(port) {
		t.Errorf("the server still answers on port %s", port)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("its folder: %v, want it not to exist", err)
	}
}

func TestNoServerOutlivesATestBinaryThatIsKilled(t *testing.T) {
	Start(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), orphanVariable+"=1")
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("waiting for the server's port and folder: %v", err)
	}
	port, folder, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !answers(port) {
		t.Fatalf("no server on port %q", port)
	}

	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed, and says so

	until(t, "the server's folder is gone", func() bool {
		_, err := os.Stat(folder)
		return os.IsNotExist(err)
	})
	if answers(port) {
		t.Errorf("the server still answers on port %s", port)
	}
}

// verdict records how a test was ended instead of ending this one.
type verdict struct {
	testing.TB
	failed, leftOut string
}

func (v *verdict) Helper() {}
func (v *verdict) Fatalf(format string, arguments ...any) {
	v.failed = fmt.Sprintf(format, arguments...)
}
func (v *verdict) Skipf(format string, arguments ...any) {
	v.leftOut = fmt.Sprintf(format, arguments...)
}

func TestWithoutMariaDBATestIsLeftOutUnlessItIsRequired(t *testing.T) {
	Start(t) // the cases with MariaDB need it
	tests := []struct {
		wish      string
		installed bool
		failed    string
		leftOut   string
	}{
		{"", true, "", ""},
		{"required", true, "", ""},
		{"off", true, "", "left out: needs MariaDB, and MAGPIE_TEST_MARIADB is off"},
		{"", false, "", "left out: needs MariaDB, but mariadbd is not installed; .ci/install brings it"},
		{"required", false, "MAGPIE_TEST_MARIADB is required, but mariadbd is not installed", ""},
		{"off", false, "", "left out: needs MariaDB, and MAGPIE_TEST_MARIADB is off"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%q, installed %t", test.wish, test.installed), func(t *testing.T) {
			t.Setenv(wishVariable, test.wish)
			if !test.installed {
				t.Setenv("PATH", t.TempDir())
				defer func(folders []string) { serverFolders = folders }(serverFolders)
				serverFolders = nil
			}
			v := &verdict{TB: t}
			require(v)
			if v.failed != test.failed || v.leftOut != test.leftOut {
				t.Errorf("failed %q, left out %q; want %q, %q", v.failed, v.leftOut, test.failed, test.leftOut)
			}
		})
	}
}

func becomeAnOrphansParent() {
	found, err := find()
	if err != nil {
		panic(err)
	}
	server, err := start(found, nil)
	if err != nil {
		panic(err)
	}
	_, _ = fmt.Fprintln(os.Stdout, server.port, server.folder)
	select {}
}

func answers(port string) bool {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.User = parsed.User.Username()
	config.Passwd, _ = parsed.User.Password()
	config.Net, config.Addr = "tcp", parsed.Host
	config.DBName = strings.TrimPrefix(parsed.Path, "/")
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Ping(); err != nil {
		t.Fatalf("reaching %s: %v", parsed.Redacted(), err)
	}
	return db
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var values []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return values
}
