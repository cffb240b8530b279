package config

import (
	"fmt"
	"strings"
)

// Problem is what is wrong with one setting. It never holds a password or a key.
type Problem struct {
	// Setting is the variable's name; it may be empty for a file as a whole.
	Setting string
	// Place is "file:line" or "file" where the setting stands in a file, and
	// empty for the environment.
	Place   string
	Message string
}

// Errors are all problems of the settings, in the order of the contract's
// table, then those of the file and unknown names.
type Errors []Problem

// Error shows the problem on one line.
func (p Problem) Error() string {
	switch {
	case p.Place == "":
		return fmt.Sprintf("%s: %s", p.Setting, p.Message)
	case p.Setting == "":
		return fmt.Sprintf("%s: %s", p.Place, p.Message)
	}
	return fmt.Sprintf("%s: %s: %s", p.Place, p.Setting, p.Message)
}

// Lines returns one line for each problem.
func (e Errors) Lines() []string {
	lines := make([]string, len(e))
	for i, problem := range e {
		lines[i] = problem.Error()
	}
	return lines
}

// Error shows the problems, one on a line.
func (e Errors) Error() string { return strings.Join(e.Lines(), "\n") }
