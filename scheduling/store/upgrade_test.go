package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"magpie/scheduling"
	"magpie/scheduling/messages"
	"magpie/scheduling/store"
	"magpie/scheduling/store/storetest"
	"magpie/scheduling/store/storetest/mariadb"
)

// firstSchema is the last migration of the first version that was in use.
const firstSchema = 22

func TestAnOlderSQLiteDatabaseIsBroughtUpToDate(t *testing.T) {
	folder := t.TempDir()
	upgrade(t, goose.DialectSQLite3, "sqlite", "sqlite:"+filepath.Join(folder, "new.db"), "sqlite:"+filepath.Join(folder, "old.db"))
}

func TestAnOlderMariaDBDatabaseIsBroughtUpToDate(t *testing.T) {
	server := mariadb.Start(t)
	upgrade(t, goose.DialectMySQL, "mysql", server.Database(t), server.Database(t))
}

// upgrade fills a database of the first schema with what was booked in a new
// one, brings it up to date, and goes on with it.
func upgrade(t *testing.T, dialect goose.Dialect, engine, newAddress, oldAddress string) {
	t.Helper()
	b := storetest.Open(t, newAddress)
	me := b.Citizen(t, "13800000001")
	start := time.Date(2026, 3, 5, 1, 0, 0, 0, time.UTC)
	booked, err := b.Scheduler.Book(t.Context(), scheduling.Booking{
		Actor: me, Office: "suite", Service: "premarital", Start: start, Parties: []scheduling.PartyRequest{{Name: scheduling.NewPrivate("王小明")}},
	})
	if err != nil {
		t.Fatalf("booking: %v", err)
	}
	old := storetest.Adopt(t, oldAddress, b.Clock)
	p, err := goose.NewProvider(dialect, old.DB, os.DirFS("migrations/"+engine))
	if err != nil {
		t.Fatalf("reading the migrations: %v", err)
	}
	if _, err := p.UpTo(t.Context(), firstSchema); err != nil {
		t.Fatalf("making the first schema: %v", err)
	}
	copyRows(t, engine, b.DB, old.DB)

	if err := old.Store.Prepare(t.Context()); !errors.Is(err, store.ErrOldSchema) {
		t.Errorf("an older database is answered with %v", err)
	}
	done, err := old.Store.Migrate(t.Context())
	if err != nil || len(done) == 0 {
		t.Fatalf("%d migrations were done, %v", len(done), err)
	}
	if err := old.Store.Prepare(t.Context()); err != nil {
		t.Errorf("brought up to date it is answered with %v", err)
	}
	goesOn(t, old, booked)
}

// goesOn fails the test unless what was booked is there, and is reminded of.
func goesOn(t *testing.T, b *storetest.Bundle, booked scheduling.Appointment) {
	t.Helper()
	got, err := b.Store.ByReference(t.Context(), booked.Reference)
	if err != nil || got.OwnEntry() != booked.OwnEntry() || !got.ConfirmedAt.IsZero() || got.Notified.Wish != nil {
		t.Errorf("what was booked is %+v, %v", got, err)
	}
	if lines, err := b.Store.Doctor(t.Context()); err != nil || len(lines) != 0 {
		t.Errorf("the doctor finds %q, %v", lines, err)
	}
	b.Clock.Set(booked.Start.Add(-2 * time.Hour))
	due, err := b.Store.Claim(t.Context(), 10)
	if err != nil {
		t.Fatalf("claiming: %v", err)
	}
	if !slices.ContainsFunc(due, func(m store.DueMessage) bool {
		return m.Kind == messages.Reminder && m.To.Reveal() == "13800000001" && strings.Contains(m.Forms[0].Body, booked.Reference)
	}) {
		t.Errorf("%d messages are due, and none reminds", len(due))
	}
}

// copyRows copies what an older schema has of each table.
func copyRows(t *testing.T, engine string, from, to *sql.DB) {
	t.Helper()
	names := "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%'"
	if engine == "mysql" {
		names = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%'"
	}
	have := columnsOf(t, from, names)
	for table, columns := range columnsOf(t, to, names) {
		selected := slices.Clone(columns)
		for i, c := range columns {
			if !slices.Contains(have[table], c) {
				selected[i] = "'' AS " + c
			}
		}
		copyTable(t, from, to, "SELECT "+strings.Join(selected, ", ")+" FROM "+table,
			"INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")")
	}
}

func copyTable(t *testing.T, from, to *sql.DB, query, insert string) {
	t.Helper()
	rows, err := from.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		cells := make([]any, strings.Count(insert, "?"))
		for i := range cells {
			cells[i] = &cells[i]
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if _, err := to.ExecContext(t.Context(), insert, cells...); err != nil {
			t.Fatalf("%s: %v", insert, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func columnsOf(t *testing.T, db *sql.DB, query string) map[string][]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("listing columns: %v", err)
	}
	defer func() { _ = rows.Close() }()
	out := make(map[string][]string)
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatalf("listing columns: %v", err)
		}
		out[table] = append(out[table], column)
	}
	if err := rows.Err(); err != nil || len(out) < 20 {
		t.Fatal(fmt.Sprint("only these tables were found: ", out), err)
	}
	return out
}
