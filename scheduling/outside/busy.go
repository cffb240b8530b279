package outside

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

const (
	// maxInstances bounds how often the entries of one reading may recur, and
	// maxSpans how many busy times there may be.
	maxInstances = 200_000
	maxSpans     = 5_000
	// ours ends the UID of what Magpie itself has written: an appointment blocks
	// its own time already, and would do so when it is long cancelled.
	ours = "@magpie"
)

// budget bounds the work of one reading.
type budget struct {
	ctx  context.Context //nolint:containedctx // it is the reading's
	left int
}

// spend says whether one more instance may be looked at.
func (b *budget) spend() error {
	b.left--
	if b.left < 0 {
		return scheduling.OutsideTooLarge
	}
	if b.left%256 == 0 {
		return b.ctx.Err()
	}
	return nil
}

// event is an entry as far as it matters.
type event struct {
	start, end moment
	length     time.Duration // of an entry with times
	days       int           // of one of whole days
	blocks     bool
	recurs     time.Time // the RECURRENCE-ID's instant; zero: it is the entry itself
	onwards    bool      // and of those that follow (RANGE=THISANDFUTURE)
	props      ical.Props
}

// busyIn tells when the entries of a file make somebody busy between two
// instants, and how many could not be understood. The library panics at some
// lines that are broken off: such a file is one that cannot be read.
func busyIn(b *budget, file []byte, loc *time.Location, from, to time.Time) (busy []calendar.Span, skipped int, err error) {
	defer func() {
		if recover() != nil {
			busy, skipped, err = nil, 0, scheduling.OutsideUnreadable
		}
	}()
	plain, err := withoutWords(file)
	if err != nil {
		return nil, 0, err
	}
	decoder := ical.NewDecoder(bytes.NewReader(plain))
	calendars := 0
	for {
		one, err := decoder.Decode()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, scheduling.OutsideUnreadable
		}
		calendars++
		spans, n, err := busyOf(b, one, loc, from, to)
		if err != nil {
			return nil, 0, err
		}
		busy, skipped = append(busy, spans...), skipped+n
	}
	if calendars == 0 {
		return nil, 0, scheduling.OutsideUnreadable
	}
	return busy, skipped, nil
}

// busyOf goes through one calendar, entry by entry: those with one UID are one
// entry and its exceptions.
func busyOf(b *budget, c *ical.Calendar, loc *time.Location, from, to time.Time) ([]calendar.Span, int, error) {
	zones := newZones(c, loc, from, to)
	skipped := 0
	byUID := make(map[string][]event)
	var order []string
	for _, e := range c.Events() {
		if err := b.ctx.Err(); err != nil {
			return nil, 0, err
		}
		uid := ""
		if p := e.Props.Get(ical.PropUID); p != nil {
			uid = p.Value
		}
		if strings.HasSuffix(uid, ours) {
			continue
		}
		read, err := zones.event(e)
		if err != nil {
			skipped++
			continue
		}
		if byUID[uid] == nil {
			order = append(order, uid)
		}
		byUID[uid] = append(byUID[uid], read)
	}
	var out []calendar.Span
	for _, uid := range order {
		if err := b.ctx.Err(); err != nil { // one rule that never fits costs a second
			return nil, 0, err
		}
		spans, err := zones.expand(b, byUID[uid], from, to)
		switch {
		case errors.Is(err, errNotUnderstood):
			skipped++
		case err != nil:
			return nil, 0, err
		}
		if out = append(out, spans...); len(out) > maxSpans {
			return nil, 0, scheduling.OutsideTooLarge
		}
	}
	return out, skipped, nil
}

// The lines that matter; all others are dropped unread, titles and people among
// them.
var kept = []string{
	"BEGIN", "END", "VERSION", "PRODID", "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP",
	"TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION",
}

const (
	// maxLine bounds a line that matters, unfolded, in bytes: the library's work
	// grows with its square.
	maxLine  = 8 << 10
	maxDepth = 5
)

// withoutWords keeps the lines that matter, of which it checks that they nest.
func withoutWords(file []byte) ([]byte, error) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	for _, fold := range []string{"\n ", "\n\t"} {
		file = bytes.ReplaceAll(file, []byte(fold), nil)
	}
	var out bytes.Buffer
	depth := 0
	for line := range bytes.Lines(file) {
		line = bytes.TrimRight(line, "\r\n")
		name := strings.ToUpper(string(line[:max(0, bytes.IndexAny(line, ":;"))]))
		if !slices.Contains(kept, name) {
			continue
		}
		switch name {
		case "BEGIN":
			depth++
		case "END":
			depth--
		}
		if len(line) > maxLine || depth > maxDepth || depth < 0 || bytes.ContainsAny(line, "\x00\r") {
			return nil, scheduling.OutsideUnreadable
		}
		out.Write(line)
		out.WriteString("\r\n")
	}
	if out.Len() == 0 || depth != 0 {
		return nil, scheduling.OutsideUnreadable
	}
	return out.Bytes(), nil
}
