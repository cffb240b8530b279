// Package messages says which messages an appointment owes, by which way, when,
// and in which words. It is pure: it reads no clock, no file and no database,
// and sends nothing.
//
// It promises that no text of its own, and none that [Check] lets an office
// save, names a service, another person or a link but the office's own; that
// nothing is planned for a time at which the person must not be reached; and
// that a Chinese text of its own with an eight-digit reference, a signature of
// up to ten characters and a telephone of up to twelve fits one segment, or two
// where it asks for replies. It does not promise the last of a signature or a
// telephone number that an office chose itself, and it does not know whether a
// message was sent: that is package notify.
package messages

import "fmt"

// Kind is what a message tells.
type Kind string

// The kinds of message there are.
const (
	Code      Kind = "code"      // a code that proves a telephone number
	Booked    Kind = "booked"    // an appointment has been made
	Moved     Kind = "moved"     // an appointment has another time now
	Cancelled Kind = "cancelled" // an appointment is off
	Reminder  Kind = "reminder"  // an appointment is near
	Offer     Kind = "offer"     // an appointment must have another time, and some are offered
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Code, Booked, Moved, Cancelled, Reminder, Offer} }

// Locale is the language of a message.
type Locale string

// The languages there are texts in.
const (
	ZH Locale = "zh"
	EN Locale = "en"
)

// ParseLocale reads a language as the API's locale field has it. Nothing given
// is Chinese; anything but zh and en is an error.
func ParseLocale(s string) (Locale, error) {
	switch Locale(s) {
	case "", ZH:
		return ZH, nil
	case EN:
		return EN, nil
	}
	return "", fmt.Errorf("locale %q is neither zh nor en", s)
}
