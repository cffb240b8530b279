// From an office to its file.

package office

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Write writes the office file of an office in one canonical form: every key,
// always in the same order, entries of lists in the order they have, clock
// times in quotes. What there is none of is null. [Parse] reads it back as the
// same office, if the office keeps the rules of an office file; identifiers
// and the revision are not written.
func Write(o *scheduling.Office) []byte {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(document(o)); err != nil {
		// A tree of known nodes of valid text, into memory: only a mistake in
		// this package comes here.
		panic(fmt.Sprintf("writing an office file: %v", err))
	}
	return out.Bytes()
}

// document is an office as a YAML tree. [Diff] compares such trees, so that a
// key that is written is a key that is compared.
func document(o *scheduling.Office) *yaml.Node {
	return block(
		entry("office", officeNode(o)),
		entry("rooms", list(o.Rooms, roomNode)),
		entry("services", list(o.Services, serviceNode)),
		entry("staff", list(o.Staff, staffNode)),
	)
}

func officeNode(o *scheduling.Office) *yaml.Node {
	return block(
		entry("code", plain(o.Code)),
		entry("region", quoted(o.Region)),
		entry("name", textNode(o.Name)),
		entry("timezone", plain(o.Timezone)),
		entry("address", textNode(o.Address)),
		entry("phone", quoted(o.Phone)),
		entry("sms_signature", plain(o.SMSSignature)),
		entry("sms_signature_neutral", orNull(o.SMSSignatureNeutral)),
		entry("registration", registrationNode(o.Registration)),
		entry("footer", footerNode(o.Footer)),
		entry("help", list(o.Help, helpNode)),
		entry("exit_to", plain(o.ExitTo)),
		entry("holidays", plain(o.Holidays)),
		entry("makeup_hours_as", plain(weekdays[o.MakeupHoursAs])),
		entry("exceptions", list(o.Exceptions, exceptionNode)),
		entry("release", quoted(o.Release.String())),
		entry("resend_unknown", flagNode(o.ResendUnknown)),
		entry("gateway", orNull(o.Gateway)),
		entry("quiet", quietNode(o.Quiet)),
		entry("segments_per_month", number(o.SegmentsPerMonth)),
		entry("messages_per_number", number(o.MessagesPerNumber)),
		entry("messages_per_day", number(o.MessagesPerDay)),
		entry("reply_cancels", each(o.ReplyCancels, plain)),
		entry("thirty_days", plain(o.ThirtyDays.String())),
		entry("second_factor", each(o.SecondFactor, plain)),
		entry("keep", flow(
			entry("contact", plain(formatDays(o.Keep.Contact))),
			entry("messages", plain(formatDays(o.Keep.Messages))),
			entry("audit", plain(formatDays(o.Keep.Audit))),
		)),
		entry("no_show_after", plain(formatMinutes(o.NoShowAfter))),
		entry("display", flagNode(o.Display)),
		entry("hours", list(o.Hours, hoursNode)),
		entry("texts", block(
			entry("words", each(o.Texts.Words, plain)),
			entry("templates", list(o.Texts.Templates, templateNode)),
		)),
	)
}

func quietNode(w *messages.Window) *yaml.Node {
	if w == nil {
		return null()
	}
	return flow(period(calendar.Period{From: w.From, To: w.To})...)
}

func templateNode(t messages.Template) *yaml.Node {
	var codes []pair
	for _, gateway := range slices.Sorted(maps.Keys(t.Codes)) {
		codes = append(codes, entry(gateway, quoted(t.Codes[gateway])))
	}
	return block(
		entry("kind", plain(t.Kind)),
		entry("locale", plain(t.Locale)),
		entry("neutral", flagNode(t.Neutral)),
		entry("body", quoted(t.Body)),
		entry("codes", flow(codes...)),
	)
}

func registrationNode(r *scheduling.Registration) *yaml.Node {
	if r == nil {
		return null()
	}
	return block(entry("link", plain(r.Link)), entry("note", textNode(r.Note)))
}

func footerNode(f scheduling.Footer) *yaml.Node {
	if f == (scheduling.Footer{}) {
		return null()
	}
	return flow(entry("icp", orNull(f.ICP)), entry("police", orNull(f.Police)))
}

func helpNode(h scheduling.HelpLine) *yaml.Node {
	return flow(entry("name", textNode(h.Name)), entry("phone", quoted(h.Phone)))
}

func exceptionNode(e scheduling.Exception) *yaml.Node {
	date := entry("date", dateNode(e.Date))
	if e.Closed != nil {
		return flow(date, entry("closed", textNode(*e.Closed)))
	}
	return flow(append([]pair{date}, period(e.Hours)...)...)
}

func hoursNode(h scheduling.Hours) *yaml.Node {
	days := each(h.Days, func(d time.Weekday) *yaml.Node { return plain(weekdays[d]) })
	every := "1w"
	if h.EveryOther {
		every = "2w"
	}
	pairs := append([]pair{entry("days", days)}, period(h.Period)...)
	return flow(append(pairs, entry("valid_from", dateOrNull(h.ValidFrom)), entry("valid_to", dateOrNull(h.ValidTo)), entry("every", plain(every)))...)
}

func closureNode(c scheduling.Closure) *yaml.Node {
	return flow(entry("from", dateNode(c.From)), entry("to", dateNode(c.To)), entry("why", textNode(c.Why)))
}

func dateNode(d calendar.Date) *yaml.Node { return scalar("!!timestamp", d.String()) }

func dateOrNull(d calendar.Date) *yaml.Node {
	if d == 0 {
		return null()
	}
	return dateNode(d)
}

func period(p calendar.Period) []pair {
	return []pair{entry("from", quoted(p.From.String())), entry("to", quoted(p.To.String()))}
}

func roomNode(r scheduling.Room) *yaml.Node {
	return flow(
		entry("code", plain(r.Code)),
		entry("name", textNode(r.Name)),
		entry("kind", plain(r.Kind)),
		entry("seats", number(r.Seats)),
		entry("accessible", flagNode(r.Accessible)),
		entry("closed", each(r.Closed, closureNode)),
	)
}

func serviceNode(s scheduling.Service) *yaml.Node {
	return block(
		entry("code", plain(s.Code)),
		entry("kind", plain(s.Kind)),
		entry("name", textNode(s.Name)),
		entry("room_kind", plain(s.RoomKind)),
		entry("duration", plain(formatMinutes(s.Duration))),
		entry("buffer", plain(formatMinutes(s.Buffer))),
		entry("step", plain(formatMinutes(s.Step))),
		entry("parties", flow(entry("min", number(s.Parties.Min)), entry("max", number(s.Parties.Max)))),
		entry("places", number(s.Places)),
		entry("notice", plain(formatLead(s.Notice))),
		entry("horizon", plain(formatDays(s.Horizon))),
		entry("change_until", plain(formatLead(s.ChangeUntil))),
		entry("open_per_person", number(s.OpenPerPerson)),
		entry("reminders", each(s.Reminders, func(d time.Duration) *yaml.Node { return plain(formatLead(d)) })),
		entry("kept_for_desk", plain(strconv.Itoa(s.KeptForDesk)+"%")),
	)
}

func staffNode(s scheduling.Staff) *yaml.Node {
	sessions := null()
	if s.SessionsPerDay > 0 {
		sessions = number(s.SessionsPerDay)
	}
	return block(
		entry("username", plain(s.Username)),
		entry("name", textNode(s.Name)),
		entry("gender", orNull(s.Gender)),
		entry("roles", each(s.Roles, plain)),
		entry("services", each(s.Services, plain)),
		entry("hours", list(s.Hours, hoursNode)),
		entry("sessions_per_day", sessions),
	)
}

func textNode(t scheduling.Text) *yaml.Node {
	return flow(entry("zh", plain(t.ZH)), entry("en", plain(t.EN)))
}

// pair is a key with its value.
type pair struct{ key, value *yaml.Node }

func entry(key string, v *yaml.Node) pair { return pair{plain(key), v} }

func block(pairs ...pair) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range pairs {
		n.Content = append(n.Content, p.key, p.value)
	}
	return n
}

func flow(pairs ...pair) *yaml.Node {
	n := block(pairs...)
	n.Style = yaml.FlowStyle
	return n
}

// list writes an entry a line, and none as [].
func list[T any](entries []T, node func(T) *yaml.Node) *yaml.Node {
	n := each(entries, node)
	if len(entries) > 0 {
		n.Style = 0
	}
	return n
}

// each writes all entries in one line.
func each[T any](entries []T, node func(T) *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, e := range entries {
		n.Content = append(n.Content, node(e))
	}
	return n
}

func scalar(tag, s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: strings.ToValidUTF8(s, "\uFFFD")}
}

// plain writes text, in quotes where YAML would take it for something else.
func plain[S ~string](s S) *yaml.Node {
	n := scalar("!!str", string(s))
	// yaml.v3 sees to numbers and the like by itself, but not to merge keys.
	if n.Value == "<<" {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// quoted writes text that looks like a number, to some readers of YAML at
// least, always in quotes.
func quoted(s string) *yaml.Node {
	n := plain(s)
	n.Style = yaml.DoubleQuotedStyle
	return n
}

func orNull(s string) *yaml.Node {
	if s == "" {
		return null()
	}
	return plain(s)
}

func null() *yaml.Node { return scalar("!!null", "null") }

func number(n int) *yaml.Node { return scalar("!!int", strconv.Itoa(n)) }

func flagNode(b bool) *yaml.Node { return scalar("!!bool", strconv.FormatBool(b)) }
