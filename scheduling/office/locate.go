// Where a file stops being YAML.

package office

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"

	"gopkg.in/yaml.v3"
)

var yamlError = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(.*)$`)

// Problems that yaml.v3's parser reports, as opposed to its scanner: their
// lines count from zero, and are those of the beginning of what could not be
// ended.
var parserProblems = []string{
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"did not find expected node content",
	"did not find expected <document start>",
	"found undefined tag handle",
	"found duplicate %YAML directive",
	"found duplicate %TAG directive",
	"found incompatible YAML document",
}

// Problems whose line yaml.v3 does not tell: in a block, which may have begun
// far above, and with an alias. Cutting a file short never makes one of these,
// so the shortest beginning of the file that has it ends with the wrong line.
var unplaced = regexp.MustCompile(`^(did not find expected (key|'-' indicator)|unknown anchor .*)$`)

// locate finds the line and the words of an error of yaml.v3.
func locate(data []byte, err error) (line int, what string) {
	line, what = split(err)
	if unplaced.MatchString(what) {
		return firstLineWith(data, what), what
	}
	if slices.Contains(parserProblems, what) {
		line++
	}
	return line, what
}

func split(err error) (line int, what string) {
	parts := yamlError.FindStringSubmatch(err.Error())
	if parts == nil {
		return 0, err.Error()
	}
	// No number is line zero, which is right: yaml.v3 leaves that one out.
	line, _ = strconv.Atoi(parts[1])
	return line, parts[2]
}

func firstLineWith(data []byte, what string) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	return 1 + sort.Search(len(lines)-1, func(i int) bool {
		beginning := bytes.Join(lines[:i+1], nil)
		_, problem := split(wellFormed(beginning))
		return problem == what
	})
}

var errNone = errors.New("")

// wellFormed answers the first error of any document, or errNone.
func wellFormed(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); errors.Is(err, io.EOF) {
			return errNone
		} else if err != nil {
			return err
		}
	}
}
