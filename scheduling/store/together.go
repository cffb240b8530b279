package store

import (
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
)

// statement is one that goes together with rows; how many it changes does not
// matter.
type statement struct {
	query string
	args  []any
}

// insertTogether inserts rows of several tables, each a slice of one kind of
// row or a statement, in the order given. On MySQL it is one trip: a booking is
// many short inserts, and each trip costs more than the insert. A refused key
// is ErrLost.
func (s *Store) insertTogether(tx *gorm.DB, doing string, what ...any) error {
	var text []string
	var all []any
	for _, one := range what {
		query, args, err := insertOf(tx, one)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", doing, err)
		case query == "":
		case !s.dialect.together():
			if _, err := exec(tx, query, args...); err != nil {
				return lostOnDuplicate(err, doing)
			}
		default:
			text, all = append(text, query), append(all, args...)
		}
	}
	if len(text) == 0 {
		return nil
	}
	_, err := exec(tx, strings.Join(text, "; "), all...)
	return lostOnDuplicate(err, doing)
}

// insertOf is the INSERT of a slice of rows, none of no rows; a statement is
// itself.
func insertOf(tx *gorm.DB, rows any) (string, []any, error) {
	if given, ok := rows.(statement); ok {
		return given.query, given.args, nil
	}
	list := reflect.ValueOf(rows)
	if list.Len() == 0 {
		return "", nil, nil
	}
	stmt := &gorm.Statement{DB: tx}
	if err := stmt.Parse(rows); err != nil {
		return "", nil, err
	}
	var columns []string
	fields := stmt.Schema.Fields[:0:0]
	for _, f := range stmt.Schema.Fields {
		if !f.AutoIncrement {
			columns, fields = append(columns, f.DBName), append(fields, f)
		}
	}
	var args []any
	for i := range list.Len() {
		for _, f := range fields {
			value, _ := f.ValueOf(tx.Statement.Context, list.Index(i))
			args = append(args, value)
		}
	}
	values := strings.TrimSuffix(strings.Repeat("("+marks(len(fields))+"), ", list.Len()), ", ")
	return "INSERT INTO " + stmt.Schema.Table + " (" + strings.Join(columns, ", ") + ") VALUES " + values, args, nil
}
