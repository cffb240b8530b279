package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/go-sql-driver/mysql"
)

// verb is what a statement does to its connection.
type verb int

const (
	beginning verb = iota
	committing
	rollingBack
	executing
	querying
)

// statement is one that the store sent.
type statement struct {
	verb    verb
	pool    int  // of the store's, in the order in which it opened them
	inside  bool // a transaction
	text    string
	args    []any
	changed int64 // how many rows, by executing
}

// recorder keeps the store's connectors and, where it is to, every statement.
type recorder struct {
	// keeps says that statements are recorded at all.
	keeps      bool
	connectors []driver.Connector

	mu   sync.Mutex
	list []statement
}

// wrap is for store.Config.
func (r *recorder) wrap(c driver.Connector) driver.Connector {
	r.connectors = append(r.connectors, c)
	if !r.keeps {
		return c
	}
	return recordingConnector{c, r, len(r.connectors) - 1}
}

// take gives what was recorded since it was last asked.
func (r *recorder) take() []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.list
	r.list = nil
	return list
}

func (r *recorder) add(s statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, s)
}

type recordingConnector struct {
	driver.Connector
	recorder *recorder
	pool     int
}

// Connect opens a connection that records.
func (c recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &recordingConn{Conn: conn, recorder: c.recorder, pool: c.pool}, nil
}

// recordingConn records what both drivers are sent: whole statements with their
// arguments, never prepared ones.
type recordingConn struct {
	driver.Conn
	recorder *recorder
	pool     int
	inside   bool
}

func (c *recordingConn) record(v verb, text string, named []driver.NamedValue, changed int64) {
	args := make([]any, len(named))
	for i, a := range named {
		args[i] = a.Value
		if b, ok := a.Value.([]byte); ok {
			args[i] = slices.Clone(b)
		}
	}
	c.recorder.add(statement{verb: v, pool: c.pool, inside: c.inside, text: text, args: args, changed: changed})
}

// PrepareContext refuses: nothing may pass unrecorded.
func (c *recordingConn) PrepareContext(context.Context, string) (driver.Stmt, error) {
	return nil, errors.New("a statement was prepared, and would not be recorded")
}

func (c *recordingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.inside = true
	c.record(beginning, "", nil, 0)
	return recordingTx{tx, c}, nil
}

func (c *recordingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, text, args)
	if err != nil {
		return nil, err
	}
	changed, err := result.RowsAffected()
	c.record(executing, text, args, changed)
	return result, err
}

func (c *recordingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	c.record(querying, text, args, 0)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, text, args)
}

func (c *recordingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *recordingConn) ResetSession(ctx context.Context) error {
	if resetter, ok := c.Conn.(driver.SessionResetter); ok {
		return resetter.ResetSession(ctx)
	}
	return nil
}

type recordingTx struct {
	driver.Tx
	conn *recordingConn
}

func (t recordingTx) Commit() error {
	t.conn.inside = false
	t.conn.record(committing, "", nil, 0)
	return t.Tx.Commit()
}

func (t recordingTx) Rollback() error {
	t.conn.inside = false
	t.conn.record(rollingBack, "", nil, 0)
	return t.Tx.Rollback()
}

// replayTries is how often a transaction that the database gave up is sent
// again, as the store does.
const replayTries = 5

// replay sends the statements of one request, reads every row, and demands
// that each statement changes rows where it did when it was recorded.
func replay(ctx context.Context, pools []*sql.DB, list []statement) error {
	var err error
	for range replayTries {
		if err = replayOnce(ctx, pools, list); !givenUp(err) {
			return err
		}
	}
	return err
}

// givenUp says whether the database asks for the transaction to be sent again.
func givenUp(err error) bool {
	var my *mysql.MySQLError
	return errors.As(err, &my) && slices.Contains([]uint16{1020, 1205, 1213}, my.Number)
}

// sender is a pool or a transaction.
type sender interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

func replayOnce(ctx context.Context, pools []*sql.DB, list []statement) error {
	var tx *sql.Tx
	defer func() {
		if tx != nil {
			_ = tx.Rollback() // the error that led here is the one that counts
		}
	}()
	for _, s := range list {
		var to sender = pools[s.pool]
		if s.inside {
			to = tx
		}
		var err error
		switch s.verb {
		case beginning:
			tx, err = pools[s.pool].BeginTx(ctx, nil)
		case committing:
			err = tx.Commit()
			tx = nil
		case rollingBack:
			err = tx.Rollback()
			tx = nil
		case executing:
			err = execAgain(ctx, to, s)
		case querying:
			err = queryAgain(ctx, to, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func execAgain(ctx context.Context, to sender, s statement) error {
	result, err := to.ExecContext(ctx, s.text, s.args...)
	if err != nil {
		return err
	}
	changed, err := result.RowsAffected()
	if err == nil && (changed == 0) != (s.changed == 0) {
		err = fmt.Errorf("changed %d rows and not %d: %s", changed, s.changed, s.text)
	}
	return err
}

func queryAgain(ctx context.Context, to sender, s statement) error {
	rows, err := to.QueryContext(ctx, s.text, s.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	fields := make([]sql.RawBytes, len(columns))
	into := make([]any, len(columns))
	for i := range fields {
		into[i] = &fields[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}
