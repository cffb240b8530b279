package e2etest

import (
	"fmt"
	"strings"
)

// Office is an office file to be written. Its rooms are r01, r02, …, its
// counsellors c01, c02, … (of turning gender, the first a woman), and there is
// a desk, a director (chief) and an auditor (audit). What is left empty is as
// [Office.YAML] says.
type Office struct {
	Code        string // anhua
	Holidays    string // none
	Release     string // 00:00
	Hours       []string
	Exceptions  string // []
	Keep        string // {contact: 180d, messages: 180d, audit: 1095d}
	Resend      bool
	Rooms       int // 2
	Seats       int // 4
	Counsellors int // as many as rooms
	PerDay      int // sessions_per_day; 0: no limit
	PerNumber   int // messages_per_number; 0: no limit
	Services    []Service
	// Extra are further keys of the section office, each on a line of its own,
	// as they stand in the file: quiet: {from: "21:00", to: "08:00"}.
	Extra []string
}

// Service is a service of the office file. All are given by every counsellor
// in every room. What is left empty is as [Service.yaml] says.
type Service struct {
	Code          string // talk
	Duration      string // 60m
	Buffer        string // 10m
	Step          string // 30m
	MaxParties    int    // 2
	Places        int    // 1
	Notice        string // 2h
	Horizon       string // 30d
	ChangeUntil   string // 2h
	OpenPerPerson int    // 0: no limit
	Reminders     string // [24h, 2h]
}

// OfficeHours and AllDay are weekly hours: those of the contract's example, and
// all that there are.
var (
	OfficeHours = []string{
		`{days: [mon, tue, wed, thu, fri], from: "08:30", to: "12:00"}`,
		`{days: [mon, tue, wed, thu, fri], from: "14:30", to: "17:30"}`,
	}
	AllDay = []string{`{days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00"}`}
)

// OfficePhone is the number that citizens are told to call.
const OfficePhone = "0737-7220000"

// YAML is the office file: where nothing is said, anhua with no holidays, the
// hours of the contract's example, two rooms and as many counsellors, and one
// service, talk.
func (o Office) YAML() string {
	o.Rooms, o.Seats = or(o.Rooms, 2), or(o.Seats, 4)
	o.Counsellors = or(o.Counsellors, o.Rooms)
	if o.Hours == nil {
		o.Hours = OfficeHours
	}
	if o.Services == nil {
		o.Services = []Service{{}}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `office:
  code: %s
  region: "430923"
  name: {zh: 安化县民政局婚姻登记处, en: Anhua County Marriage Registration Office}
  timezone: Asia/Shanghai
  address: {zh: 湖南省益阳市安化县东坪镇, en: "Dongping, Anhua, Hunan"}
  phone: "%s"
  sms_signature: 安化县民政局
  holidays: %s
  release: "%s"
  exceptions: %s
  resend_unknown: %t
  keep: %s
  messages_per_number: %d
%s  hours:
`, or(o.Code, "anhua"), OfficePhone, or(o.Holidays, "none"), or(o.Release, "00:00"), or(o.Exceptions, "[]"), o.Resend,
		or(o.Keep, "{contact: 180d, messages: 180d, audit: 1095d}"), o.PerNumber, o.extra())
	for _, period := range o.Hours {
		fmt.Fprintf(&b, "    - %s\n", period)
	}
	b.WriteString("rooms:\n")
	for i := range o.Rooms {
		fmt.Fprintf(&b, "  - {code: r%02d, name: {zh: 谈话室%d, en: Room %d}, kind: talk, seats: %d, accessible: %t}\n", i+1, i+1, i+1, o.Seats, i == 0)
	}
	b.WriteString("services:\n")
	codes := make([]string, len(o.Services))
	for i, s := range o.Services {
		codes[i] = or(s.Code, "talk")
		b.WriteString(s.yaml())
	}
	b.WriteString("staff:\n")
	for i := range o.Counsellors {
		gender := [...]string{"female", "male"}[i%2]
		fmt.Fprintf(&b, "  - username: c%02d\n    name: {zh: 辅导师%d, en: Counsellor %d}\n    gender: %s\n    roles: [counsellor]\n    services: [%s]\n    hours: [%s]\n",
			i+1, i+1, i+1, gender, strings.Join(codes, ", "), strings.Join(o.Hours, ", "))
		if o.PerDay > 0 {
			fmt.Fprintf(&b, "    sessions_per_day: %d\n", o.PerDay)
		}
	}
	for _, other := range [][2]string{{"desk", "desk"}, {"chief", "director"}, {"audit", "auditor"}} {
		fmt.Fprintf(&b, "  - {username: %s, name: {zh: %s, en: %s}, roles: [%s]}\n", other[0], other[0], other[0], other[1])
	}
	return b.String()
}

func (o Office) extra() string {
	var b strings.Builder
	for _, line := range o.Extra {
		b.WriteString("  " + line + "\n")
	}
	return b.String()
}

func (s Service) yaml() string {
	return fmt.Sprintf(`  - code: %s
    kind: family
    name: {zh: 婚姻家庭咨询, en: Marriage and family counselling}
    room_kind: talk
    duration: %s
    buffer: %s
    step: %s
    parties: {min: 1, max: %d}
    places: %d
    notice: %s
    horizon: %s
    change_until: %s
    open_per_person: %d
    reminders: %s
`, or(s.Code, "talk"), or(s.Duration, "60m"), or(s.Buffer, "10m"), or(s.Step, "30m"), or(s.MaxParties, 2), or(s.Places, 1),
		or(s.Notice, "2h"), or(s.Horizon, "30d"), or(s.ChangeUntil, "2h"), s.OpenPerPerson, or(s.Reminders, "[24h, 2h]"))
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
