package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	sqlite3 "github.com/glebarez/go-sqlite"
	"github.com/go-sql-driver/mysql"
)

// dialect is the little in which the two engines differ.
type dialect interface {
	name() string
	// share makes a SELECT hold what it reads until the transaction ends.
	share() string
	// lock makes a SELECT keep others from changing or holding what it reads.
	lock() string
	// take adds one to a counter row unless it has reached a cap, and makes
	// the row where it is missing: no row affected means the cap.
	take(table, keys, counter string) string
	// clock is the database's clock in Unix seconds.
	clock() string
	// upsert ends an INSERT so that an existing row gets the new values.
	upsert(keys string, columns ...string) string
	// addTo ends an INSERT so that an existing row's counters are added to.
	addTo(table, keys string, counters ...string) string
	// together says that several statements may go in one trip.
	together() bool
	// oneView are the options of a transaction that reads one state of the
	// whole database.
	oneView() []*sql.TxOptions
	// ignore makes an INSERT leave existing rows alone.
	ignore() string
	// byKey stands behind a table whose rows are named by their primary keys.
	// SQLite knows nothing of how rows are spread, believes that a state has ten,
	// and would go through all that are planned instead.
	byKey() string
}

type mysqlDialect struct{}

func (mysqlDialect) name() string   { return "mysql" }
func (mysqlDialect) share() string  { return " LOCK IN SHARE MODE" }
func (mysqlDialect) lock() string   { return " FOR UPDATE" }
func (mysqlDialect) clock() string  { return "UNIX_TIMESTAMP()" }
func (mysqlDialect) together() bool { return true }
func (mysqlDialect) ignore() string { return "INSERT IGNORE" }
func (mysqlDialect) byKey() string  { return "" }

// take relies on MySQL counting 1 for an insert, 2 for a changed row and 0 for
// one that stays as it is (the driver's ClientFoundRows is off).
func (mysqlDialect) take(table, keys, counter string) string {
	return fmt.Sprintf("INSERT INTO %[1]s (%[2]s, %[3]s) VALUES (?, ?, 1) ON DUPLICATE KEY UPDATE %[3]s = IF(%[3]s < ?, %[3]s + 1, %[3]s)", table, keys, counter)
}

func (mysqlDialect) upsert(_ string, columns ...string) string {
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = fmt.Sprintf("%[1]s = VALUES(%[1]s)", c)
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(set, ", ")
}

func (mysqlDialect) addTo(_, _ string, counters ...string) string {
	set := make([]string, len(counters))
	for i, c := range counters {
		set[i] = fmt.Sprintf("%[1]s = %[1]s + VALUES(%[1]s)", c)
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(set, ", ")
}

func (mysqlDialect) oneView() []*sql.TxOptions {
	return []*sql.TxOptions{{Isolation: sql.LevelRepeatableRead, ReadOnly: true}}
}

type sqliteDialect struct{}

func (sqliteDialect) oneView() []*sql.TxOptions { return nil }

func (sqliteDialect) name() string   { return "sqlite" }
func (sqliteDialect) share() string  { return "" }
func (sqliteDialect) lock() string   { return "" }
func (sqliteDialect) clock() string  { return "unixepoch()" }
func (sqliteDialect) together() bool { return false }
func (sqliteDialect) ignore() string { return "INSERT OR IGNORE" }
func (sqliteDialect) byKey() string  { return " NOT INDEXED" }

func (sqliteDialect) take(table, keys, counter string) string {
	return fmt.Sprintf("INSERT INTO %[1]s (%[2]s, %[3]s) VALUES (?, ?, 1) ON CONFLICT (%[2]s) DO UPDATE SET %[3]s = %[3]s + 1 WHERE %[3]s < ?", table, keys, counter)
}

func (sqliteDialect) upsert(keys string, columns ...string) string {
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = fmt.Sprintf("%[1]s = excluded.%[1]s", c)
	}
	return " ON CONFLICT (" + keys + ") DO UPDATE SET " + strings.Join(set, ", ")
}

func (sqliteDialect) addTo(table, keys string, counters ...string) string {
	set := make([]string, len(counters))
	for i, c := range counters {
		set[i] = fmt.Sprintf("%[2]s = %[1]s.%[2]s + excluded.%[2]s", table, c)
	}
	return " ON CONFLICT (" + keys + ") DO UPDATE SET " + strings.Join(set, ", ")
}

// duplicate says whether an error is a refused unique key.
func duplicate(err error) bool {
	var my *mysql.MySQLError
	if errors.As(err, &my) {
		return my.Number == 1062
	}
	var lite *sqlite3.Error
	if errors.As(err, &lite) {
		const uniqueKey, primaryKey = 2067, 1555
		return lite.Code() == uniqueKey || lite.Code() == primaryKey
	}
	return false
}

// again says whether the whole transaction may be run once more: it was
// surely rolled back.
func again(err error) bool {
	var my *mysql.MySQLError
	if errors.As(err, &my) {
		switch my.Number {
		case 1020, 1205, 1213: // changed since read, lock wait, deadlock
			return true
		}
		return false
	}
	var lite *sqlite3.Error
	if errors.As(err, &lite) {
		const busy, primary = 5, 0xff
		return lite.Code()&primary == busy
	}
	return false
}

// severed says whether the connection was lost, so that the outcome of what
// was under way is not known.
func severed(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) {
		return true
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return true
	}
	var my *mysql.MySQLError
	if errors.As(err, &my) {
		switch my.Number {
		case 1040, 1047, 1053, 1180, 1927, 2006, 2013: // no more connections, not ready, going down, killed, gone
			return true
		}
	}
	return false
}

func olderVersion(have, want string) bool {
	h, w := strings.Split(have, "."), strings.Split(want, ".")
	for i := range w {
		if i >= len(h) {
			return true
		}
		a, _ := strconv.Atoi(h[i])
		b, _ := strconv.Atoi(w[i])
		if a != b {
			return a < b
		}
	}
	return false
}
