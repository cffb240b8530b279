package e2etest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// Letter is an e-mail as a mailbox has it.
type Letter struct {
	ID, To, From, FromName, Subject string
	Header                          mail.Header
	came                            time.Time
	// Text is the plain text. Invitation is the part for programs that know
	// calendars, Method what it names in its type, and File the attachment.
	Text, Method     string
	Invitation, File *Invitation
}

// Invitation is the one entry of a calendar file.
type Invitation struct {
	Method, UID, Sequence, Status, Summary string
	Start, End                             time.Time
	Raw                                    string
}

// readLetter reads an e-mail and every part of it.
func readLetter(content []byte) (Letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Header: m.Header, ID: strings.Trim(m.Header.Get("Message-Id"), "<>")}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		return l, fmt.Errorf("the sender is %v, %w", from, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		return l, fmt.Errorf("the receiver is %v, %w", to, err)
	}
	l.From, l.FromName, l.To = from[0].Address, from[0].Name, to[0].Address
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	return l, l.read(textproto.MIMEHeader(m.Header), m.Body)
}

// read reads a part, and the parts in it.
func (l *Letter) read(header textproto.MIMEHeader, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := l.read(part.Header, part); err != nil {
				return err
			}
		}
	}
	content, err := decoded(header.Get("Content-Transfer-Encoding"), body)
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		l.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
	case "text/calendar":
		l.Method = params["method"]
		l.Invitation, err = readInvitation(content)
	case "application/ics":
		l.File, err = readInvitation(content)
	}
	return err
}

func decoded(encoding string, body io.Reader) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	return io.ReadAll(body)
}

func readInvitation(content []byte) (*Invitation, error) {
	calendar, err := ical.NewDecoder(bytes.NewReader(content)).Decode()
	if err != nil {
		return nil, err
	}
	events := calendar.Events()
	if len(events) != 1 {
		return nil, fmt.Errorf("%d entries", len(events))
	}
	value := func(props ical.Props, name string) string {
		if p := props.Get(name); p != nil {
			return p.Value
		}
		return ""
	}
	out := &Invitation{Raw: string(content), Method: value(calendar.Props, ical.PropMethod)}
	e := events[0]
	out.UID, out.Sequence = value(e.Props, ical.PropUID), value(e.Props, ical.PropSequence)
	out.Status, out.Summary = value(e.Props, ical.PropStatus), value(e.Props, ical.PropSummary)
	if out.Start, err = e.DateTimeStart(time.UTC); err != nil {
		return nil, err
	}
	out.End, err = e.DateTimeEnd(time.UTC)
	return out, err
}
