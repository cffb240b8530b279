package main_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite"
	"github.com/go-sql-driver/mysql"

	"magpie/cmd/magpie/e2etest"
)

// database is the site's database behind the program's back: for what cannot
// be seen from outside, such as whether something was erased, and for what
// somebody else might do to it.
type database struct {
	*sql.DB
	engine e2etest.Engine
}

func openDatabase(t *testing.T, s *e2etest.Site) database {
	t.Helper()
	db, err := openPool(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return database{db, s.Engine}
}

func openPool(s *e2etest.Site) (*sql.DB, error) {
	if s.Engine == e2etest.SQLite {
		return sql.Open("sqlite", "file:"+s.File+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	}
	address, err := url.Parse(s.Database)
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = address.User.Username(), "tcp", address.Host, strings.TrimPrefix(address.Path, "/")
	config.Passwd, _ = address.User.Password()
	config.Logger = &mysql.NopLogger{} // that a server was killed is no news
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// exec runs statements.
func (d database) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := d.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// count answers a number.
func (d database) count(t *testing.T, query string) int {
	t.Helper()
	var n int
	if err := d.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// counts answers a number for each name.
func (d database) counts(t *testing.T, query string) map[string]int {
	t.Helper()
	out, err := d.counted(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// counted is counts for a database that may be away.
func (d database) counted(query string) (map[string]int, error) {
	rows, err := d.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[string]int)
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		out[name] = n
	}
	return out, rows.Err()
}

// lockWords keeps everybody from booking until the answered function is called.
func (d database) lockWords(t *testing.T) (release func()) {
	t.Helper()
	tx, err := d.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	query := "SELECT COUNT(*) FROM (SELECT * FROM day_words FOR UPDATE) AS w"
	if d.engine == e2etest.SQLite {
		query = "SELECT COUNT(*) FROM day_words" // the transaction is immediate
	}
	var n int
	if err := tx.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if n == 0 {
		t.Fatal("there are no words to lock")
	}
	return func() { _ = tx.Rollback() }
}

// tables lists the tables.
func (d database) tables(t *testing.T) []string {
	t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if d.engine == e2etest.MariaDB {
		query = "SHOW TABLES"
	}
	rows, err := d.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// dump is everything in every column of every table.
func (d database) dump(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, table := range d.tables(t) {
		d.dumpTable(t, &out, table)
	}
	return out.String()
}

func (d database) dumpTable(t *testing.T, out *strings.Builder, table string) {
	t.Helper()
	rows, err := d.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			switch v := (*v.(*any)).(type) {
			case []byte:
				fmt.Fprintf(out, "%s.%s=%s\n", table, columns[i], v)
			default:
				fmt.Fprintf(out, "%s.%s=%v\n", table, columns[i], v)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
