package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAListGetsAMarkForEachOfItsElements(t *testing.T) {
	for _, c := range []struct {
		query string
		args  []any
		want  string
		all   []any
	}{
		{"SELECT 1", nil, "SELECT 1", nil},
		{"a = ? AND b = ?", []any{1, []byte("x")}, "a = ? AND b = ?", []any{1, []byte("x")}},
		{"id IN ? AND a = ?", []any{[]int64{7, 8}, "y"}, "id IN (?, ?) AND a = ?", []any{int64(7), int64(8), "y"}},
		{"a IN ? OR b IN ?", []any{[]string{"x"}, [][]byte{{1}, {2}}}, "a IN (?) OR b IN (?, ?)", []any{"x", []byte{1}, []byte{2}}},
		{"id IN ?", []any{[]int64{}}, "id IN (NULL)", nil},
		{"id IN ? AND a = ?", []any{[]int64{7}}, "id IN (?) AND a = ?", []any{int64(7)}}, // the driver refuses it
	} {
		got, all := spread(c.query, c.args)
		if got != c.want {
			t.Errorf("%s became %s, want %s", c.query, got, c.want)
		}
		if diff := cmp.Diff(c.all, all); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.query, diff)
		}
	}
}
