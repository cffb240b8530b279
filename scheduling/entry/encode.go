package entry

import (
	"bytes"
	"unicode/utf8"

	"github.com/emersion/go-ical"
)

// lineOctets is how long a line may be, its end not counted (RFC 5545, 3.1).
const lineOctets = 75

var lineEnd = []byte("\r\n")

// encode puts the entry into a calendar of its own; method may be empty.
func encode(event *ical.Event, method string) ([]byte, error) {
	file := newCalendar(method)
	file.Children = append(file.Children, event.Component)
	return write(file)
}

// fold breaks long lines, which go-ical does not, and never within a character.
func fold(file []byte) []byte {
	out := make([]byte, 0, len(file)+len(file)/lineOctets*3)
	for line := range bytes.SplitSeq(bytes.TrimSuffix(file, lineEnd), lineEnd) {
		for room := lineOctets; len(line) > room; room = lineOctets - 1 { // the space counts
			cut := room
			for cut > room-utf8.UTFMax && !utf8.RuneStart(line[cut]) {
				cut--
			}
			out = append(out, line[:cut]...)
			out = append(out, "\r\n "...)
			line = line[cut:]
		}
		out = append(out, line...)
		out = append(out, lineEnd...)
	}
	return out
}
