package entry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-ical"

	"magpie/scheduling"
)

// ours ends the UID of every entry that Magpie writes.
const ours = "@magpie"

// Item is one entry of a counsellor's own calendar, as CalDAV has it: a file
// for each.
type Item struct {
	// UID stays the same as long as the appointment or the leave does.
	UID string
	// Start and End are instants; those of whole days are the midnights of the
	// office.
	Start, End time.Time
	// Modified is when what it tells of was last changed.
	Modified time.Time
	// ETag changes with every byte of File; it is without quotes.
	ETag     string
	File     []byte
	Calendar *ical.Calendar
}

// Items writes a counsellor's calendar, an entry for each appointment, each class
// and each leave. Times are in UTC, which every calendar reads right without a
// VTIMEZONE; leave is of whole days.
//
// An entry says 预约 and the reference, or 请假, and nothing else: a phone lies
// about, and shows on its locked screen what comes next. Names, service and room
// are there where the counsellor wants them.
func Items(d scheduling.Diary) ([]Item, error) {
	out := make([]Item, 0, len(d.Appointments)+len(d.Leave))
	for _, a := range meetings(d.Appointments) {
		item, err := newItem(eventOf(a, d.Details), a.Start, a.End, a.UpdatedAt)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	for _, t := range d.Leave {
		span := t.Span(d.Office.Location)
		item, err := newItem(leaveEvent(t), span.From, span.To, t.CreatedAt)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func newItem(event *ical.Event, start, end, modified time.Time) (Item, error) {
	uid, err := event.Props.Text(ical.PropUID)
	if err != nil {
		return Item{}, err
	}
	file := newCalendar("")
	file.Children = append(file.Children, event.Component)
	raw, err := write(file)
	if err != nil {
		return Item{}, err
	}
	sum := sha256.Sum256(raw)
	return Item{UID: uid, Start: start, End: end, Modified: modified, ETag: hex.EncodeToString(sum[:16]), File: raw, Calendar: file}, nil
}

// meeting is an appointment with a session of its own, or the first of a class,
// with the number of those that come.
type meeting struct {
	scheduling.Appointment
	groups int // 0: it is no class
}

// meetings puts the appointments of a class together: twenty couples at once are
// one entry. It was changed when the last of those that come was.
func meetings(all []scheduling.Appointment) []meeting {
	var out []meeting
	classes := make(map[int64]int)
	for _, a := range all {
		i, seen := classes[a.Session.ID]
		switch {
		case a.Session.Places <= 1:
			out = append(out, meeting{Appointment: a})
		case !seen:
			classes[a.Session.ID] = len(out)
			out = append(out, meeting{a, 1})
		default:
			out[i].groups++
			if a.UpdatedAt.After(out[i].UpdatedAt) {
				out[i].UpdatedAt = a.UpdatedAt
			}
		}
	}
	return out
}

// eventOf is the entry of an appointment or of a class.
func eventOf(a meeting, details bool) *ical.Event {
	facts, summary, names := Of(a.Appointment), "预约 "+a.Reference, namesOf(a.Appointment)
	if a.groups > 0 {
		// The class's own, whoever comes: none of its appointments.
		facts.AppointmentID, facts.Reference, facts.Revision = a.Session.ID, "class", 0
		summary, names = "预约 "+strconv.Itoa(a.groups)+"组", nil
	}
	if details {
		summary = strings.Join(append([]string{summary, a.Service.Name.ZH}, names...), " ")
	}
	event := facts.event(oneLine(summary))
	event.Props.SetDateTime(ical.PropLastModified, a.UpdatedAt.UTC())
	if details && a.Room.Name.ZH != "" {
		event.Props.SetText(ical.PropLocation, oneLine(a.Room.Name.ZH))
	}
	return event
}

func namesOf(a scheduling.Appointment) []string {
	var out []string
	for _, p := range a.Parties {
		if name := p.Name.Reveal(); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// oneLine makes blanks of what RFC 5545 (3.1) allows in no text, and of the ends
// of lines.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
}

// leaveEvent is leave as an entry of whole days; what it is for stays here.
func leaveEvent(t scheduling.TimeOff) *ical.Event {
	digest := sha256.Sum256([]byte("magpie leave " + strconv.FormatInt(t.ID, 10)))
	event := ical.NewEvent()
	event.Props.SetText(ical.PropUID, hex.EncodeToString(digest[:16])+ours)
	event.Props.SetDateTime(ical.PropDateTimeStamp, t.CreatedAt.UTC())
	event.Props.SetDateTime(ical.PropLastModified, t.CreatedAt.UTC())
	event.Props.SetDate(ical.PropDateTimeStart, t.From.At(0, time.UTC))
	event.Props.SetDate(ical.PropDateTimeEnd, t.To.Add(1).At(0, time.UTC))
	event.Props.SetText(ical.PropSummary, "请假")
	event.Props.SetText(ical.PropClass, "PRIVATE")
	sequence := ical.NewProp(ical.PropSequence)
	sequence.Value = "0"
	event.Props.Set(sequence)
	event.SetStatus(ical.EventConfirmed)
	return event
}

// form is part of every tag: it rises when the same calendar is written in
// another way.
const form = 1

// Tag tells whether a calendar is still what it was, without writing it: whatever
// an entry may show is in it.
func Tag(d scheduling.Diary) string {
	sum := sha256.New()
	put := func(parts ...any) { _, _ = fmt.Fprintf(sum, "%#v\n", parts) } // a hash takes everything
	put(form, d.Details)
	for _, a := range meetings(d.Appointments) {
		put(a.ID, a.Reference, a.Session.ID, a.groups, a.Revision, a.Start.Unix(), a.End.Unix(), a.UpdatedAt.Unix())
		if d.Details {
			put(a.Service.Name.ZH, a.Room.Name.ZH, namesOf(a.Appointment))
		}
	}
	for _, t := range d.Leave {
		put("leave", t.ID, t.From.String(), t.To.String(), t.CreatedAt.Unix())
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// refreshEvery is how often a phone is asked to look (RFC 7986, 5.7, and what
// Outlook reads).
const refreshEvery = "PT15M"

// Feed writes a counsellor's calendar whole, for an address that a phone
// subscribes to.
func Feed(d scheduling.Diary) ([]byte, error) {
	items, err := Items(d)
	if err != nil {
		return nil, err
	}
	file := newCalendar("")
	refresh := ical.NewProp(ical.PropRefreshInterval)
	refresh.SetValueType(ical.ValueDuration)
	refresh.Params.Set(ical.ParamValue, string(ical.ValueDuration)) // RFC 7986 wants it written
	refresh.Value = refreshEvery
	file.Props.Set(refresh)
	for name, value := range map[string]string{"X-WR-CALNAME": "预约", "X-PUBLISHED-TTL": refreshEvery} {
		prop := ical.NewProp(name)
		prop.Value = value
		file.Props.Set(prop)
	}
	for _, item := range items {
		file.Children = append(file.Children, item.Calendar.Children...)
	}
	if len(items) == 0 {
		file.Children = append(file.Children, utcZone())
	}
	return write(file)
}

// utcZone stands in a calendar with nothing in it, which RFC 5545 (3.6) does not
// know: there must be one component at least.
func utcZone() *ical.Component {
	standard := ical.NewComponent(ical.CompTimezoneStandard)
	for name, value := range map[string]string{
		ical.PropDateTimeStart: "19700101T000000", ical.PropTimezoneOffsetFrom: "+0000", ical.PropTimezoneOffsetTo: "+0000",
	} {
		prop := ical.NewProp(name)
		prop.Value = value
		standard.Props.Set(prop)
	}
	zone := ical.NewComponent(ical.CompTimezone)
	zone.Props.SetText(ical.PropTimezoneID, "Etc/UTC")
	zone.Children = append(zone.Children, standard)
	return zone
}

func newCalendar(method string) *ical.Calendar {
	file := ical.NewCalendar()
	file.Props.SetText(ical.PropVersion, "2.0")
	file.Props.SetText(ical.PropProductID, "-//Magpie//Appointments//EN")
	if method != "" {
		file.Props.SetText(ical.PropMethod, method)
	}
	return file
}

func write(file *ical.Calendar) ([]byte, error) {
	var out bytes.Buffer
	if err := ical.NewEncoder(&out).Encode(file); err != nil {
		return nil, fmt.Errorf("write the calendar file: %w", err)
	}
	return fold(out.Bytes()), nil
}
