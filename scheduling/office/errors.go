// What is wrong with a file.

package office

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"magpie/scheduling"
)

// Problem is one thing that is wrong with an office file.
type Problem struct {
	File string
	Line int // from 1
	What string
	// Key is what is wrong, as services.premarital.step; empty: the file.
	Key string
	// Text is What without the key, in both languages.
	Text scheduling.Text
}

// Errors is everything that is wrong with an office file, in the order of the
// lines; there is at least one problem.
type Errors struct {
	Problems []Problem
}

// String is the problem in one line, as "file:line: what is wrong".
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.What)
}

// Error lists the problems, one a line.
func (e *Errors) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func newErrors(problems []Problem) *Errors {
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Errors{Problems: problems}
}
