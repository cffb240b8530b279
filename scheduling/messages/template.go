package messages

import (
	"slices"
	"strings"
)

// Key says for what a template is.
type Key struct {
	Kind    Kind
	Locale  Locale
	Neutral bool
}

// String names the template as an error or a page does: reminder.zh, or
// reminder.zh.neutral.
func (k Key) String() string {
	name := string(k.Kind) + "." + string(k.Locale)
	if k.Neutral {
		name += ".neutral"
	}
	return name
}

// Template is the words of one kind of message in one language.
//
// A body is plain text with fields in braces and with sections in brackets.
// The fields are {start}, {old_day}, {reference}, {phone}, {code}, {minutes}
// and {address}. A section asks for a reply and stands in a text only where the
// gateway brings replies: [1:能来请回复1，] asks for 1, which confirms,
// [2:不能来请回复2，] for 2, which cancels, and [T:不再提醒请回复T。] for T, which
// stops reminders. Sections hold plain text alone.
type Template struct {
	Key
	// Version is 0 for the words that are built in, and rises with every change
	// of an office's own.
	Version int
	Body    string
	// Codes are the approval codes by gateway (aliyun, tencent, mas), and under
	// aliyun+2 and so on for the form with its [2:] section.
	Codes map[string]string
}

// Field is the name of a value that a text can carry. There is none for a name,
// a service, a room or a counsellor.
type Field string

// The fields there are.
const (
	FieldStart     Field = "start"     // the day and hour booked, moved to, cancelled or reminded of
	FieldOldDay    Field = "old_day"   // the day before a move
	FieldReference Field = "reference" // the appointment's number
	FieldPhone     Field = "phone"     // where the office is called
	FieldCode      Field = "code"      // the six digits
	FieldMinutes   Field = "minutes"   // how long these hold
	FieldAddress   Field = "address"   // the office's address on the web
)

// fixed says of a field that its value is always the same in one office, so
// that an approved template has it written out: gateways refuse a link or a
// telephone number as a parameter.
func (f Field) fixed() bool { return f == FieldPhone || f == FieldAddress }

// FieldsOf lists the fields that a kind of message can carry, the one that it
// must carry first. No kind: none.
func FieldsOf(k Kind) []Field {
	switch k {
	case Code:
		return []Field{FieldCode, FieldMinutes, FieldPhone, FieldAddress}
	case Booked, Cancelled, Reminder, Offer:
		return []Field{FieldStart, FieldReference, FieldPhone, FieldAddress}
	case Moved:
		return []Field{FieldStart, FieldOldDay, FieldReference, FieldPhone, FieldAddress}
	}
	return nil
}

// The keys that a section can ask for.
const (
	keyConfirm = "1"
	keyCancel  = "2"
	keyStop    = "T"
)

// pieceKind says what a piece of a body is.
type pieceKind int

const (
	plainText pieceKind = iota
	field
	section
	stray // a brace or bracket that belongs to nothing
)

// piece is a part of a body: text, a field by its name, or a section by its key
// and its text.
type piece struct {
	kind pieceKind
	name string
	text string
	raw  string // as it stands in the body
}

// pieces takes a body apart; put together again their raw forms are the body.
func pieces(body string) []piece {
	var out []piece
	for body != "" {
		next := nextPiece(body)
		out = append(out, next)
		body = body[len(next.raw):]
	}
	return out
}

func nextPiece(body string) piece {
	const special = "{}[]"
	switch i := strings.IndexAny(body, special); {
	case i < 0:
		return piece{kind: plainText, text: body, raw: body}
	case i > 0:
		return piece{kind: plainText, text: body[:i], raw: body[:i]}
	}
	first := body[:1]
	if end := strings.IndexAny(body[1:], special); end >= 0 {
		inner, raw := body[1:1+end], body[:end+2]
		switch first + raw[len(raw)-1:] {
		case "{}":
			return piece{kind: field, name: inner, raw: raw}
		case "[]":
			key, text, _ := strings.Cut(inner, ":")
			return piece{kind: section, name: key, text: text, raw: raw}
		}
	}
	return piece{kind: stray, text: first, raw: first}
}

// ReplyKeysOf lists the replies that a template can ask for, without anything
// between: 1, 12, 12T, or nothing.
func ReplyKeysOf(t Template) string {
	var out string
	all := pieces(t.Body)
	for _, key := range []string{keyConfirm, keyCancel, keyStop} {
		if slices.ContainsFunc(all, func(p piece) bool { return p.kind == section && p.name == key }) {
			out += key
		}
	}
	return out
}
