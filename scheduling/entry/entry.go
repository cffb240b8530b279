// Package entry writes an appointment as an entry for somebody's calendar: a
// file to download (RFC 5545), an invitation that goes by e-mail and that a
// later one replaces or takes away again (RFC 5546, iTIP), or one of the entries
// of a counsellor's own calendar.
//
// It promises that an entry says when, and that it is an appointment, and
// nothing else, for others may read a calendar over one's shoulder. Not even
// the office stands there, since it says what for. A counsellor's own calendar
// has the reference besides, and more only where the counsellor says so.
package entry

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	"github.com/emersion/go-ical"

	"magpie/scheduling"
)

// The methods of RFC 5546 that Invitation gives.
const (
	Request = "REQUEST"
	Cancel  = "CANCEL"
)

// Facts are what an entry is made of; no service, no person, no room, no office.
type Facts struct {
	AppointmentID int64
	Reference     string
	// Start and End are when it is; UpdatedAt is when it was last changed. The
	// entry has them in UTC, in whole seconds.
	Start, End, UpdatedAt time.Time
	// Revision is 1 when booked and rises with every move.
	Revision  int
	Cancelled bool
}

// Of takes the facts from an appointment.
func Of(a scheduling.Appointment) Facts {
	return Facts{
		AppointmentID: a.ID, Reference: a.Reference,
		Start: a.Start, End: a.End, UpdatedAt: a.UpdatedAt,
		Revision: a.Revision, Cancelled: a.Status == scheduling.Cancelled,
	}
}

// File is the entry for downloading. It has no METHOD: whoever opens it puts it
// into a calendar by hand.
func File(f Facts) ([]byte, error) { return encode(f.event("预约"), "") }

// Invitation is the entry for an e-mail, with the method that the e-mail's part
// has to name: REQUEST adds the entry or replaces the one of an older revision,
// CANCEL takes it away. organizer and attendee are plain e-mail addresses, the
// sender's and the receiver's; locale is zh or en. An error never holds an
// address.
func Invitation(f Facts, organizer, attendee, locale string) (file []byte, method string, err error) {
	from, err := mailto(organizer)
	if err != nil {
		return nil, "", errors.New("the organizer's e-mail address is not one")
	}
	to, err := mailto(attendee)
	if err != nil {
		return nil, "", errors.New("the attendee's e-mail address is not one")
	}
	summary := "预约"
	if locale == "en" {
		summary = "Appointment"
	}
	event := f.event(summary)
	event.Props.Set(address(ical.PropOrganizer, from))
	event.Props.Set(attending(to))
	method = Request
	if f.Cancelled {
		method = Cancel
	}
	file, err = encode(event, method)
	return file, method, err
}

// event is the entry itself. The UID is a hash so that no reference lies about
// in somebody's calendar.
func (f Facts) event(summary string) *ical.Event {
	digest := sha256.Sum256([]byte("magpie appointment " + strconv.FormatInt(f.AppointmentID, 10) + " " + f.Reference))
	event := ical.NewEvent()
	event.Props.SetText(ical.PropUID, hex.EncodeToString(digest[:16])+ours)
	event.Props.SetDateTime(ical.PropDateTimeStamp, f.UpdatedAt.UTC())
	event.Props.SetDateTime(ical.PropDateTimeStart, f.Start.UTC())
	event.Props.SetDateTime(ical.PropDateTimeEnd, f.End.UTC())
	event.Props.SetText(ical.PropSummary, summary)
	event.Props.SetText(ical.PropClass, "PRIVATE")
	sequence := ical.NewProp(ical.PropSequence)
	sequence.Value = strconv.Itoa(f.sequence())
	event.Props.Set(sequence)
	event.SetStatus(ical.EventConfirmed)
	if f.Cancelled {
		event.SetStatus(ical.EventCancelled)
	}
	return event
}

// sequence is by what a calendar tells the newer of two entries; an older one
// it drops. The revision rises with every move and not with the cancellation,
// which therefore stands one above it (RFC 5546, 2.1.4). Where both are equal
// the later DTSTAMP decides, which is when the appointment was changed.
func (f Facts) sequence() int {
	if f.Cancelled {
		return f.Revision + 1
	}
	return f.Revision
}

// attending names who comes. Nobody is asked for an answer: who booked has said
// yes, and the sender's address reads none.
func attending(to string) *ical.Prop {
	attendee := address(ical.PropAttendee, to)
	attendee.Params.Set(ical.ParamRole, "REQ-PARTICIPANT")
	attendee.Params.Set(ical.ParamParticipationStatus, "ACCEPTED")
	attendee.Params.Set(ical.ParamRSVP, "FALSE")
	return attendee
}

func address(name, uri string) *ical.Prop {
	prop := ical.NewProp(name)
	prop.Value = uri
	return prop
}

// mailto makes the URI of a plain address (RFC 6068).
func mailto(address string) (string, error) {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address {
		return "", errors.New("no plain address")
	}
	return "mailto:" + url.PathEscape(address), nil
}
