package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// messageID is the same for every try of one message.
func (s *Sender) messageID(m Message) string { return m.ID + "@" + s.domain() }

// domain is the part of the sender's address behind the @.
func (s *Sender) domain() string {
	return s.from[strings.LastIndexByte(s.from, '@')+1:]
}

// letter writes the message as it goes over the line (RFC 5322).
//
// Its parts are mixed(alternative(text, calendar), file), as Google Calendar
// sends them: a program that knows iTIP takes the calendar part for another
// form of the text and offers the entry (RFC 6047, 2.4), and every other shows
// the text and the file to open. The file is application/ics rather than a
// second text/calendar, which some programs would show as a second entry.
func (s *Sender) letter(m Message, id string) ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&netmail.Address{Name: displayName(m.From), Address: s.from})
	msg.ToMailAddress(&netmail.Address{Address: m.To})
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(id)
	if !m.Date.IsZero() {
		msg.SetDateWithValue(m.Date)
	}
	// No machine answers it (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	text := strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n")
	msg.SetBodyString(gomail.TypeTextPlain, text, encoding(text))
	if len(m.Calendar) > 0 {
		calendar := string(m.Calendar)
		kind := gomail.ContentType("text/calendar; method=" + m.Method)
		msg.AddAlternativeString(kind, calendar, encoding(calendar))
		msg.AttachReadSeeker("appointment.ics", bytes.NewReader(m.Calendar), gomail.WithFileContentType("application/ics"))
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the e-mail: %w", err)
	}
	return out.Bytes(), nil
}

// displayName leaves out what the standard library lets through into an encoded
// name and programs then stumble over (RFC 2047, 5, 3).
func displayName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
}

// encoding is quoted-printable for ASCII, which filters against spam distrust
// in base64, and base64 for Chinese, which would be half as long again otherwise.
func encoding(text string) gomail.PartOption {
	for i := range len(text) {
		if text[i] > '~' {
			return gomail.WithPartEncoding(gomail.EncodingB64)
		}
	}
	return gomail.WithPartEncoding(gomail.EncodingQP)
}
