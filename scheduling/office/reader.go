// Walking a YAML tree while collecting what is wrong with it.

package office

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"magpie/scheduling"
)

// maxMessage is the longest message in characters: all that the package says
// by itself is shorter.
const maxMessage = 500

// reader collects the problems of one file.
type reader struct {
	file     string
	last     int // the number of lines
	problems []Problem
	refused  bool // a value stands there in a way that is not read
	stored   bool // what was checked when it was saved is not checked again
}

// value is a place in the file. Without a node there is nothing to read: it
// was left out, or it has been reported; every method then answers zero.
type value struct {
	r    *reader
	node *yaml.Node
	path string // as a clerk would name it: services.premarital.step
}

// mapping is a value with keys, each of them known and there once.
type mapping struct {
	value
	values map[string]*yaml.Node
}

// failf reports a problem. What is missing at the end of the file is missing in
// its last line: yaml.v3 places it in the one after.
func (r *reader) failf(line int, format string, args ...any) { r.failAt(line, "", format, args...) }

// failAt is failf of what is wrong with a key.
func (r *reader) failAt(line int, key, format string, args ...any) {
	r.fail(line, key, scheduling.Text{ZH: inChinese(format, args), EN: fmt.Sprintf(format, args...)})
}

func (r *reader) fail(line int, key string, text scheduling.Text) {
	what := text.EN
	switch {
	case key == "":
	case what == "is missing":
		what = key + " " + what
	default:
		what = key + ": " + what
	}
	r.problems = append(r.problems, Problem{
		File: r.file, Line: max(1, min(line, r.last)), What: oneLine(what), Key: oneLine(key),
		Text: scheduling.Text{ZH: oneLine(text.ZH), EN: oneLine(text.EN)},
	})
}

// oneLine makes a message fit for a terminal: keys and values in it may be of
// any length, and escapes in quotes may hold any character.
func oneLine(s string) string {
	s = strings.Map(func(c rune) rune {
		if breaksLine(c) {
			return '\uFFFD'
		}
		return c
	}, s)
	if runes := []rune(s); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "…"
	}
	return s
}

// at is the place of a node. What [reader.refuse] reports counts as read.
func (r *reader) at(n *yaml.Node, path string) value {
	if n.Kind == yaml.AliasNode || n.Style&yaml.TaggedStyle != 0 {
		n = nil
	}
	return value{r: r, node: n, path: path}
}

func (v value) present() bool { return v.node != nil }

func (v value) line() int { return v.node.Line }

func (v value) failf(format string, args ...any) {
	v.r.failAt(v.line(), v.path, format, args...)
}

// wrongType reports that something else stands here than what is wanted.
func (v value) wrongType(wanted string) {
	v.failf("%s is wanted, not %s", wanted, v.kind())
}

// kind says what stands here.
func (v value) kind() string {
	switch v.node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch v.node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!str":
		return "text"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	default:
		return "a number"
	}
}

func (v value) isScalar(tag string) bool {
	return v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == tag
}

// mapping reads a value with keys. Unknown and repeated ones are reported and
// passed over.
func (v value) mapping(keys ...string) (mapping, bool) {
	if !v.present() {
		return mapping{}, false
	}
	if v.node.Kind != yaml.MappingNode {
		v.wrongType("a mapping (" + strings.Join(keys, ", ") + ")")
		return mapping{}, false
	}
	m := mapping{value: v, values: make(map[string]*yaml.Node, len(keys))}
	lines := make(map[string]int, len(keys))
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, child := v.node.Content[i], v.node.Content[i+1]
		switch first, twice := lines[key.Value]; {
		case isMergeKey(key) || key.Kind == yaml.AliasNode:
			// Reported by refuse.
		case key.Kind != yaml.ScalarNode:
			v.r.failf(key.Line, "a word is wanted as a key, not %s", value{node: key}.kind())
		case !slices.Contains(keys, key.Value):
			v.r.failAt(key.Line, m.name(key.Value), "unknown key; known are %s", strings.Join(keys, ", "))
		case twice:
			v.r.failAt(key.Line, m.name(key.Value), "given twice, first in line %d", first)
		default:
			lines[key.Value] = key.Line
			m.values[key.Value] = child
		}
	}
	return m, true
}

// need is the value of a key that may not be left out.
func (m mapping) need(key string) value {
	if _, ok := m.values[key]; !ok {
		m.r.failAt(m.line(), m.name(key), "is missing")
	}
	return m.may(key)
}

// may is the value of a key that may be left out.
func (m mapping) may(key string) value {
	if n, ok := m.values[key]; ok {
		return m.r.at(n, m.name(key))
	}
	return value{r: m.r, path: m.name(key)}
}

// mayBeNone is the value of a key that may be left out, or be null, which is
// how an export writes that there is none.
func (m mapping) mayBeNone(key string) value {
	v := m.may(key)
	if v.present() && v.isScalar("!!null") {
		v.node = nil
	}
	return v
}

func (m mapping) name(key string) string {
	if m.path == "" {
		return key
	}
	return m.path + "." + key
}

// items are the values of a list with at least so many.
func (v value) items(least int) []value {
	if !v.present() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.wrongType("a list")
		return nil
	}
	if len(v.node.Content) < least {
		v.failf("at least %d is wanted", least)
	}
	out := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		out[i] = v.r.at(n, fmt.Sprintf("%s[%d]", v.path, i))
	}
	return out
}

// called renames an item of a list after the value of one of its keys, so that
// a message says rooms.fudao and not rooms[3].
func (v value) called(list, key string) value {
	if !v.present() || v.node.Kind != yaml.MappingNode {
		return v
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		name := v.node.Content[i+1].Value
		if v.node.Content[i].Value == key && codePattern.MatchString(name) {
			v.path = list + "." + name
		}
	}
	return v
}
