package scheduling

import "log/slog"

// Text is a short text in the two languages of Magpie. Chinese comes first.
type Text struct {
	ZH string
	EN string
}

// In answers the text in a language, and the Chinese one where the other is
// not written.
func (t Text) In(locale string) string {
	if locale == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// Private is personal data: a name, a number, a note, a reason. It prints,
// logs and marshals as three dots, so that no log line and no forgotten field
// shows it; Reveal is the only way to the value.
type Private struct {
	value string
}

// NewPrivate wraps a value.
func NewPrivate(value string) Private { return Private{value: value} }

// Reveal gives the value, for the one place that must show, send or seal it.
func (p Private) Reveal() string { return p.value }

// IsZero says whether there is nothing in it.
func (p Private) IsZero() bool { return p.value == "" }

// String hides the value from fmt.
func (p Private) String() string { return "•••" }

// GoString hides the value from %#v.
func (p Private) GoString() string { return "•••" }

// MarshalText hides the value from encoders.
func (p Private) MarshalText() ([]byte, error) { return []byte("•••"), nil }

// LogValue hides the value from slog.
func (p Private) LogValue() slog.Value { return slog.StringValue("•••") }

// LastFour answers the last four characters, which is what a counsellor sees
// of a number.
func (p Private) LastFour() string {
	if len(p.value) <= 4 {
		return p.value
	}
	return p.value[len(p.value)-4:]
}

// Masked answers a number with its middle hidden, 138****5678, and four stars
// for anything else.
func (p Private) Masked() string {
	if len(p.value) != 11 {
		return "****"
	}
	return p.value[:3] + "****" + p.value[7:]
}
