// Package store keeps what package scheduling decides, with GORM, on MySQL
// (MariaDB) and on SQLite, and is the only package that knows SQL.
//
// It promises that every write of a use case is one transaction that happens
// whole or not at all, that no room, counsellor or person who counts is ever
// claimed twice (one conditional update per mask, rows affected checked), that
// limits are taken by conditional updates and not by counting first, that
// personal data is sealed before it reaches the database, and that a driver's
// error is translated here and nowhere else.
//
// It does not decide anything: which pair, which words, which instant comes
// from the caller. On Galera it promises this for one writing node.
package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	sqlite3 "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"magpie/scheduling"
)

// Config says which database and which keys.
type Config struct {
	// URL is sqlite:PATH or mysql://user:password@host:port/name.
	URL  string
	Keys []Key // the first is the active one
	// Parse reads an office file, as package office does.
	Parse func(file string, data []byte) (*scheduling.Office, error)
	Now   func() time.Time
	Log   *slog.Logger
	// Mail says that there is a server for e-mail; Address is the fixed web
	// address that a text may name.
	Mail    bool
	Address string
	// Connections bounds the pool; 0: 12. More do not book faster
	// (limits.md, 2).
	Connections int
	// Wrap, if set, is put between each pool and its connections: for
	// benchmarks that record the statements and send them again. It is called
	// once a pool; SQLite's first pool writes and its second reads.
	Wrap func(sqldriver.Connector) sqldriver.Connector
}

// wrapped is a connector as the pool gets it.
func (c Config) wrapped(to sqldriver.Connector) sqldriver.Connector {
	if c.Wrap == nil {
		return to
	}
	return c.Wrap(to)
}

// Store is an open database. It satisfies the interfaces of package
// scheduling and of package notify by shape.
type Store struct {
	write, read *gorm.DB
	dialect     dialect
	keys        *keyring
	parse       func(string, []byte) (*scheduling.Office, error)
	now         func() time.Time
	log         *slog.Logger
	offices     officeCache
	references  atomic.Int64
	mail        bool
	address     string
}

// oldestSQLite is the first version without the WAL-reset corruption (3.7.0 to
// 3.51.2).
const oldestSQLite = "3.51.3"

// Open connects. It neither creates nor changes the schema.
func Open(ctx context.Context, c Config) (*Store, error) {
	keys, err := newKeyring(c.Keys)
	if err != nil {
		return nil, err
	}
	s := &Store{keys: keys, parse: c.Parse, now: c.Now, log: c.Log, mail: c.Mail, address: c.Address}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	switch {
	case strings.HasPrefix(c.URL, "sqlite:"):
		err = s.openSQLite(ctx, c)
	case strings.HasPrefix(c.URL, "mysql:"):
		err = s.openMySQL(ctx, c)
	default:
		err = errors.New("MAGPIE_DATABASE must begin with sqlite: or mysql://")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// openSQLite uses one connection for writing, so that writers queue in Go and
// not in SQLite's unfair busy handler, and several for reading.
func (s *Store) openSQLite(ctx context.Context, c Config) error {
	s.dialect = sqliteDialect{}
	const pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	path := strings.TrimPrefix(c.URL, "sqlite:")
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + pragmas
	for _, p := range []struct {
		db          **gorm.DB
		name        string
		connections int
	}{
		{&s.write, name + "&_txlock=immediate", 1},
		{&s.read, name + "&_pragma=query_only(1)", 4},
	} {
		pool := sql.OpenDB(c.wrapped(sqliteFile(p.name)))
		pool.SetMaxOpenConns(p.connections)
		pool.SetMaxIdleConns(p.connections)
		var err error
		if *p.db, err = openGorm(&sqlite.Dialector{Conn: pool}); err != nil {
			return fmt.Errorf("open the SQLite database: %w", errors.Join(err, pool.Close()))
		}
	}
	var version string
	if err := s.write.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return fmt.Errorf("ask the version of SQLite: %w", err)
	}
	if olderVersion(version, oldestSQLite) {
		return fmt.Errorf("SQLite %s can corrupt its log; %s or newer is needed", version, oldestSQLite)
	}
	return nil
}

// sqliteFile opens connections to an SQLite file by the driver's name for it.
type sqliteFile string

// Connect opens a connection.
func (f sqliteFile) Connect(context.Context) (sqldriver.Conn, error) {
	return f.Driver().Open(string(f))
}

// Driver is SQLite's.
func (sqliteFile) Driver() sqldriver.Driver { return &sqlite3.Driver{} }

func (s *Store) openMySQL(ctx context.Context, c Config) error {
	s.dialect = mysqlDialect{}
	cfg, err := mysqlConfig(c.URL)
	if err != nil {
		return err
	}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("MAGPIE_DATABASE: %w", err)
	}
	pool := sql.OpenDB(c.wrapped(readCommitted{connector}))
	connections := c.Connections
	if connections == 0 {
		connections = 12
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxLifetime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	s.write, err = openGorm(mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true}))
	s.read = s.write
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return nil
}

// mysqlConfig turns the setting into the driver's terms. Parameters are
// filled in by the client: a booking is many short statements, and preparing
// each would double the trips.
func mysqlConfig(raw string) (*driver.Config, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || len(u.Path) < 2 {
		return nil, errors.New("MAGPIE_DATABASE must be mysql://user:password@host:port/name")
	}
	cfg := driver.NewConfig()
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", u.Host, u.Path[1:]
	if u.Port() == "" {
		cfg.Addr += ":3306"
	}
	cfg.InterpolateParams = true
	cfg.MultiStatements = true // every statement is a constant of this package, every value a parameter
	cfg.ParseTime = true       // the migration lock has columns of times; ours are Unix seconds
	cfg.Collation = "utf8mb4_bin"
	cfg.Timeout = 5 * time.Second
	cfg.Logger = silent{}
	cfg.Params = map[string]string{
		"time_zone": "'+00:00'",
		"sql_mode":  "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
	}
	return cfg, nil
}

// readCommitted sets the isolation of every new connection by the statement
// that MySQL and MariaDB share; their variables for it have different names.
// MariaDB, which alone can, is told to end a transaction whose client stands
// still: one that was stopped in the middle would keep all others from what it
// has locked, until it goes on or its machine is given up.
type readCommitted struct{ sqldriver.Connector }

const readCommittedSession = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION /*M!100300 idle_write_transaction_timeout = 10, */ innodb_lock_wait_timeout = 3"

// Connect opens a connection and sets its isolation.
func (c readCommitted) Connect(ctx context.Context) (sqldriver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(sqldriver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver cannot set the isolation"), conn.Close())
	}
	if _, err := execer.ExecContext(ctx, readCommittedSession, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// silent drops the driver's own log lines: what went wrong reaches us as an
// error.
type silent struct{}

func (silent) Print(...any) {}

func openGorm(d gorm.Dialector) (*gorm.DB, error) {
	return gorm.Open(d, &gorm.Config{SkipDefaultTransaction: true, DisableAutomaticPing: true, Logger: logger.Discard})
}

// Close ends every connection.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*gorm.DB{s.write, s.read} {
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read.WithContext(ctx).Raw("SELECT 1").Scan(&one).Error
}

// at is a column's instant; zero is no instant.
func at(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
