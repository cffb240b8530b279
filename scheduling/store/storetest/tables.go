package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// tables lists the tables of the schema.
func (b *Bundle) tables(t tb) []string {
	t.Helper()
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%'"
	if strings.HasPrefix(b.URL, "sqlite:") {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'"
	}
	var out []string
	for _, row := range b.rows(t, query) {
		out = append(out, row[0])
	}
	if len(out) < 20 {
		t.Fatalf("only these tables were found: %v", out)
	}
	slices.Sort(out)
	return out
}

// empty deletes every row.
func (b *Bundle) empty(t tb) {
	t.Helper()
	tx, err := b.DB.BeginTx(background, nil)
	if err != nil {
		t.Fatalf("emptying the tables: %v", err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, table := range b.tables(t) {
		if _, err := tx.ExecContext(background, "DELETE FROM "+table); err != nil {
			t.Fatalf("emptying %s: %v", table, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatalf("emptying the tables: %v", err)
	}
}

// rows reads rows as texts, as they lie in the database.
func (b *Bundle) rows(t tb, query string, args ...any) [][]string {
	t.Helper()
	rows, err := b.DB.QueryContext(background, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var out [][]string
	for rows.Next() {
		cells, row := make([]any, len(columns)), make([]string, len(columns))
		for i := range cells {
			cells[i] = &cells[i]
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for i, c := range cells {
			if raw, ok := c.([]byte); ok {
				c = string(raw)
			}
			row[i] = fmt.Sprint(c)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// numbers reads rows of whole numbers.
func (b *Bundle) numbers(t tb, query string, args ...any) [][]int64 {
	t.Helper()
	var out [][]int64
	for _, row := range b.rows(t, query, args...) {
		line := make([]int64, len(row))
		for i, cell := range row {
			if _, err := fmt.Sscan(cell, &line[i]); err != nil {
				t.Fatalf("%s: %q is no number: %v", query, cell, err)
			}
		}
		out = append(out, line)
	}
	return out
}

// count reads one number.
func (b *Bundle) count(t tb, query string, args ...any) int {
	t.Helper()
	rows := b.numbers(t, query, args...)
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s gave %v", query, rows)
	}
	return int(rows[0][0])
}

// exec changes a table past the store.
func (b *Bundle) exec(t tb, query string) {
	t.Helper()
	if _, err := b.DB.ExecContext(background, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// state is every row of every table but some, sorted.
func (b *Bundle) state(t tb, but ...string) map[string][]string {
	t.Helper()
	out := make(map[string][]string)
	for _, table := range b.tables(t) {
		if slices.Contains(but, table) {
			continue
		}
		for _, row := range b.rows(t, "SELECT * FROM "+table) {
			out[table] = append(out[table], strings.Join(row, " | "))
		}
		slices.Sort(out[table])
	}
	return out
}

// unchanged fails the test unless the tables are as they were.
func (b *Bundle) unchanged(t tb, before map[string][]string, but ...string) {
	t.Helper()
	before = maps.Clone(before)
	for _, table := range but {
		delete(before, table)
	}
	if diff := cmp.Diff(before, b.state(t, but...)); diff != "" {
		t.Errorf("the tables have changed (-before +after):\n%s", diff)
	}
}
