// From bytes to an office: the document, its sections, and what ties them.

package office

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"magpie/scheduling"
)

// maxSize bounds a file: an office with a thousand staff needs half of it.
const maxSize = 1 << 20

// Parse reads an office file; file is its name, for the messages alone.
//
// What the file leaves out has the value that the contract lists for it. Lists
// without entries are nil, and ID and Revision are zero everywhere. If
// anything is wrong the office is nil and the error is an *[Errors].
//
// Time zones come from the system or from time/tzdata, if that is linked.
func Parse(file string, data []byte) (*scheduling.Office, error) {
	return parse(&reader{file: file, last: lineCount(data)}, data)
}

// ParseStored is Parse for a file that was checked when it was saved: its texts
// are not held against the words again, so that an office stays readable when
// a later Magpie knows more of them.
func ParseStored(file string, data []byte) (*scheduling.Office, error) {
	return parse(&reader{file: file, last: lineCount(data), stored: true}, data)
}

// Read is Parse for pages: what is wrong is told in both languages, in the order
// of the lines; the office is nil then.
func Read(data []byte) (*scheduling.Office, []scheduling.FileProblem) {
	r := &reader{last: lineCount(data)}
	o, err := parse(r, data)
	if err == nil {
		return o, nil
	}
	out := make([]scheduling.FileProblem, len(r.problems)) // parse has put them in order
	for i, p := range r.problems {
		out[i] = scheduling.FileProblem{Line: p.Line, Key: p.Key, What: p.Text}
	}
	return nil, out
}

func parse(r *reader, data []byte) (*scheduling.Office, error) {
	root := r.document(data)
	var o *scheduling.Office
	if root != nil {
		before := len(r.problems)
		r.refuse(root)
		r.refused = len(r.problems) > before
		o = r.office(r.at(root, ""))
	}
	if len(r.problems) > 0 {
		return nil, newErrors(r.problems)
	}
	return o, nil
}

// document finds the root of the one document, or reports why there is none.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > maxSize {
		r.failf(1, "the file is larger than %d KiB", maxSize>>10)
		return nil
	}
	if line, ok := firstUnreadable(data); !ok {
		r.failf(line, "not plain UTF-8 text")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		r.failf(1, "the file is empty")
		return nil
	} else if err != nil {
		line, what := locate(data, err)
		r.failf(line, "not valid YAML: %s", what)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		r.failf(second.Line, "a second document begins; one file is one office")
	} else if !errors.Is(err, io.EOF) {
		line, what := locate(data, err)
		r.failf(line, "not valid YAML: %s", what)
	}
	return first.Content[0]
}

// refuse reports every feature of YAML by which a value could come from
// somewhere else than where it stands. The walk stays on the tree: it does not
// follow an alias, so its cost is that of the file's length.
func (r *reader) refuse(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.failf(n.Line, "aliases (*%s) are not allowed; write the value out", n.Value)
	case n.Anchor != "":
		r.failf(n.Line, "anchors (&%s) are not allowed", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		r.failf(n.Line, "tags (%s) are not allowed", n.Tag)
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && isMergeKey(child) {
			r.failf(child.Line, "merge keys (<<) are not allowed; write the keys out")
		}
		r.refuse(child)
	}
}

// office reads the four sections and then what refers from one to another.
func (r *reader) office(root value) *scheduling.Office {
	sections, ok := root.mapping("office", "rooms", "services", "staff")
	if !ok {
		return nil
	}
	o := new(scheduling.Office)
	general := r.readOffice(sections.need("office"), o)
	rooms := r.readRooms(sections.need("rooms"))
	services := r.readServices(sections.need("services"), rooms)
	o.Rooms, o.Services = rooms.list, services.list
	o.Staff = r.readStaff(sections.need("staff"), services)
	general.readTexts(o, services)
	return o
}

func isMergeKey(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!merge"
}

// lineBreaks are those of YAML 1.1, by which yaml.v3 counts.
var lineBreaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

func lineCount(data []byte) int {
	breaks := lineBreaks.FindAllIndex(data, -1)
	if n := len(breaks); n > 0 && breaks[n-1][1] == len(data) {
		return n
	}
	return len(breaks) + 1
}

// firstUnreadable finds the line of the first character that YAML cannot hold:
// its own messages for these have no line.
func firstUnreadable(data []byte) (line int, ok bool) {
	line = 1
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		control := c < ' ' && c != '\t' && c != '\n' && c != '\r' || c >= 0x7f && c < 0xa0 && c != 0x85
		if c == utf8.RuneError && size == 1 || control {
			return line, false
		}
		if c == '\n' {
			line++
		}
		data = data[size:]
	}
	return 0, true
}
