// The section office: what holds for the office as a whole.

package office

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

const (
	maxLink = 500
	maxHelp = 8

	defaultContact  = 180 * day
	defaultMessages = 180 * day
	defaultAudit    = 1095 * day
)

var (
	officeKeys = []string{
		"code", "region", "name", "timezone", "address", "phone", "sms_signature", "sms_signature_neutral",
		"registration", "footer", "help", "exit_to", "holidays", "makeup_hours_as", "exceptions", "release", "resend_unknown",
		"gateway", "quiet", "segments_per_month", "messages_per_number", "messages_per_day", "reply_cancels",
		"thirty_days", "second_factor", "keep", "no_show_after", "display", "hours", "texts",
	}

	regionPattern = regexp.MustCompile(`^[0-9]{6}$`)
	phonePattern  = regexp.MustCompile(`^[0-9](?:-?[0-9]){2,19}$`)
	helpPattern   = regexp.MustCompile(`^\+?[0-9](?:[ -]?[0-9]){2,19}$`)
)

// readOffice reads all but what refers to services and rooms, which
// [mapping.readTexts] does when these are known.
func (r *reader) readOffice(v value, o *scheduling.Office) mapping {
	m, ok := v.mapping(officeKeys...)
	if !ok {
		return mapping{value: value{r: r}}
	}
	o.Code = m.need("code").code(seen{})
	o.Region = m.need("region").word(regionPattern, "six digits (GB/T 2260)")
	o.Name = m.need("name").text()
	o.Timezone, o.Location = m.need("timezone").zone()
	o.Address = m.need("address").text()
	o.Phone = m.need("phone").word(phonePattern, "a telephone number of 3 to 20 digits, with - between them")
	o.SMSSignature = m.need("sms_signature").signature()
	o.SMSSignatureNeutral = m.mayBeNone("sms_signature_neutral").signature()
	o.Registration = m.mayBeNone("registration").registration()
	o.Footer = m.mayBeNone("footer").footer()
	o.Help = m.may("help").help()
	o.ExitTo = m.may("exit_to").exit()
	o.Holidays = m.may("holidays").choice("none", "cn")
	o.MakeupHoursAs = time.Friday
	if as, ok := m.may("makeup_hours_as").weekday(); ok {
		o.MakeupHoursAs = as
	}
	o.Exceptions = m.may("exceptions").exceptions()
	o.Release, _ = m.may("release").beginning()
	o.ResendUnknown = m.may("resend_unknown").flag()
	m.readSending(o)
	o.ThirtyDays = m.may("thirty_days").practice()
	o.SecondFactor = m.may("second_factor").roles(0)
	o.Keep = m.may("keep").keep()
	o.NoShowAfter = m.may("no_show_after").durationOr(0, wholeMinutes, withinADay)
	o.Display = m.may("display").flag()
	o.Hours = m.need("hours").hours(1)
	return m
}

// zone reads the name of a time zone. Local is none: it would be another zone
// on another machine.
func (v value) zone() (string, *time.Location) {
	name, ok := v.str(maxText)
	if !ok {
		return "", nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		v.failf("%q is not a known time zone, such as Asia/Shanghai", name)
		return "", nil
	}
	return name, loc
}

// signature reads what gateways put between 【 and 】 before a message.
func (v value) signature() string {
	s, ok := v.str(maxText)
	if !ok {
		return ""
	}
	odd := func(r rune) bool { return strings.ContainsRune("【】[]［］", r) || unicode.IsSpace(r) }
	if n := utf8.RuneCountInString(s); n < 2 || n > 12 || strings.ContainsFunc(s, odd) {
		v.failf("%q is not 2 to 12 characters without brackets or spaces; the brackets 【】 are added when it is sent", s)
		return ""
	}
	return s
}

func (v value) registration() *scheduling.Registration {
	m, ok := v.mapping("link", "note")
	if !ok {
		return nil
	}
	return &scheduling.Registration{Link: m.need("link").page("https", "http"), Note: m.need("note").text()}
}

// page reads the address of a page elsewhere, by one of some schemes.
func (v value) page(schemes ...string) string {
	s, ok := v.str(maxLink)
	if !ok {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || u.User != nil {
		v.failf("%q is not the address of a page, beginning with %s://", s, strings.Join(schemes, ":// or "))
		return ""
	}
	return s
}

// footer reads the filing numbers; an office may have one of the two.
func (v value) footer() scheduling.Footer {
	m, ok := v.mapping("icp", "police")
	if !ok {
		return scheduling.Footer{}
	}
	icp, _ := m.mayBeNone("icp").str(maxWord)
	police, _ := m.mayBeNone("police").str(maxWord)
	return scheduling.Footer{ICP: icp, Police: police}
}

// help reads the numbers to call in danger; every page shows some.
func (v value) help() []scheduling.HelpLine {
	if !v.present() {
		return scheduling.DefaultHelp()
	}
	var out []scheduling.HelpLine
	items := v.items(1)
	if len(items) > maxHelp {
		v.failf("%d numbers are too many, at most %d", len(items), maxHelp)
	}
	for _, item := range items {
		if m, ok := item.mapping("name", "phone"); ok {
			out = append(out, scheduling.HelpLine{
				Name:  m.need("name").text(),
				Phone: m.need("phone").word(helpPattern, "a telephone number of 3 to 20 digits, with - or a space between them and + before them"),
			})
		}
	}
	return out
}

// exit reads where the quick exit leads: by https, so that nobody on the way
// can lead elsewhere.
func (v value) exit() string {
	if !v.present() {
		return scheduling.DefaultExit
	}
	return v.page("https")
}

func (v value) practice() calendar.Practice {
	p, err := calendar.ParsePractice(v.choice("roll_both", "roll_second"))
	if err != nil {
		v.failf("%v", err)
	}
	return p
}

func (v value) keep() scheduling.Keep {
	out := scheduling.Keep{Contact: defaultContact, Messages: defaultMessages, Audit: defaultAudit}
	if m, ok := v.mapping("contact", "messages", "audit"); ok {
		out.Contact, _ = m.need("contact").duration(wholeDays)
		out.Messages, _ = m.need("messages").duration(wholeDays)
		out.Audit, _ = m.need("audit").duration(wholeDays)
	}
	return out
}
