package office

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wrong is the contract's file with one passage replaced, and all that is then
// reported of it.
type wrong struct {
	name     string
	old, new string
	want     []string
}

func (w wrong) check(t *testing.T) {
	t.Helper()
	good := string(read(t, "testdata/contract.yaml"))
	if strings.Count(good, w.old) < 1 {
		t.Fatalf("the file has no %q", w.old)
	}
	problemsOf(t, strings.Replace(good, w.old, w.new, 1), w.want)
}

func problemsOf(t *testing.T, file string, want []string) {
	t.Helper()
	o, err := Parse("a.yaml", []byte(file))
	if o != nil {
		t.Error("a wrong file gave an office")
	}
	var problems *Errors
	if !errors.As(err, &problems) {
		t.Fatalf("error %v is no *Errors", err)
	}
	if diff := cmp.Diff(want, strings.Split(problems.Error(), "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(problems.Problems) != len(want) {
		t.Errorf("%d problems, want %d", len(problems.Problems), len(want))
	}
}

func TestAWrongDocumentIsReportedWithItsLine(t *testing.T) {
	good := string(read(t, "testdata/contract.yaml"))
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", []string{"a.yaml:1: the file is empty"}},
		{"only a comment", "# nothing\n", []string{"a.yaml:1: the file is empty"}},
		{"an empty document", "---\n", []string{"a.yaml:1: a mapping (office, rooms, services, staff) is wanted, not nothing"}},
		{"a list", "- a\n", []string{"a.yaml:1: a mapping (office, rooms, services, staff) is wanted, not a list"}},
		{"too large", good + strings.Repeat("#", maxSize), []string{"a.yaml:1: the file is larger than 1024 KiB"}},
		{"not UTF-8", "office:\n  name: \xb0\xb2\xbb\xaf\n", []string{"a.yaml:2: not plain UTF-8 text"}},
		{"a control character", "office:\n  code: a\x07\n", []string{"a.yaml:2: not plain UTF-8 text"}},
		{"a second document", good + "---\noffice: {}\n", []string{"a.yaml:47: a second document begins; one file is one office"}},
		{"a second document that is wrong", good + "---\noffice: {\n", []string{"a.yaml:48: not valid YAML: did not find expected node content"}},
		{"nothing in it", "{}\n", []string{
			"a.yaml:1: office is missing", "a.yaml:1: rooms is missing", "a.yaml:1: services is missing", "a.yaml:1: staff is missing",
		}},
		{"a tab", "office:\n\tcode: a\n", []string{"a.yaml:2: not valid YAML: found character that cannot start any token"}},
		{"an open quote", "office:\n  code: \"a\n  region: b\n", []string{"a.yaml:2: not valid YAML: found unexpected end of stream"}},
	} {
		t.Run(c.name, func(t *testing.T) { problemsOf(t, c.file, c.want) })
	}
}

func TestWhatIsNoYAMLIsReportedInItsLine(t *testing.T) {
	for _, c := range []wrong{
		{
			"too far in", "  timezone:", "    timezone:",
			[]string{"a.yaml:5: not valid YAML: did not find expected key"},
		},
		{
			"too far out", "    parties:", "   parties:",
			[]string{"a.yaml:32: not valid YAML: did not find expected '-' indicator"},
		},
		{
			"an item too far out", "    - {days: [mon, tue, wed, thu, fri], from: \"14:30\"", "   - {days: [mon, tue, wed, thu, fri], from: \"14:30\"",
			[]string{"a.yaml:21: not valid YAML: did not find expected key"},
		},
		{
			"a bracket that stays open", "reminders: [24h, 2h]", "reminders: [24h, 2h",
			[]string{"a.yaml:38: not valid YAML: did not find expected ',' or ']'"},
		},
		{
			"a brace that stays open", "name: {zh: 婚前辅导, en: Premarital counselling}", "name: {zh: 婚前辅导, en: Premarital counselling",
			[]string{"a.yaml:27: not valid YAML: did not find expected ',' or '}'"},
		},
		{
			"no colon", "  phone: \"0737-7220000\"", "  phone",
			[]string{"a.yaml:7: not valid YAML: could not find expected ':'"},
		},
		{
			"two colons", "holidays: cn", "holidays: cn: none",
			[]string{"a.yaml:12: not valid YAML: mapping values are not allowed in this context"},
		},
		{
			"an alias to nothing", "holidays: cn", "holidays: *cn",
			[]string{"a.yaml:12: not valid YAML: unknown anchor 'cn' referenced"},
		},
	} {
		t.Run(c.name, c.check)
	}
}

func TestWhatBringsAValueFromElsewhereIsRefused(t *testing.T) {
	for _, c := range []wrong{
		{
			"an anchor and an alias", "[24h, 2h]", "[&day 24h, *day]",
			[]string{"a.yaml:38: anchors (&day) are not allowed", "a.yaml:38: aliases (*day) are not allowed; write the value out"},
		},
		{
			"an alias as a key", "    gender: female", "    &g gender: female\n    *g : male",
			[]string{"a.yaml:42: anchors (&g) are not allowed", "a.yaml:43: aliases (*g) are not allowed; write the value out"},
		},
		{
			"a merge key", "kind: counselling,", "<<: {kind: a}, kind: counselling,",
			[]string{"a.yaml:23: merge keys (<<) are not allowed; write the keys out"},
		},
		{
			"a tag", "seats: 4", "seats: !!int \"4\"",
			[]string{"a.yaml:23: tags (!!int) are not allowed"},
		},
		{
			"a tag of one's own", "gender: female", "gender: !women female",
			[]string{"a.yaml:42: tags (!women) are not allowed"},
		},
		{
			"an unknown key", "    step: 30m", "    steps: 30m",
			[]string{"a.yaml:31: services.premarital.steps: unknown key; known are code, kind, name, room_kind, duration, buffer, step, parties, places, notice, horizon, change_until, open_per_person, reminders, kept_for_desk"},
		},
		{
			"an unknown section", "staff:", "people: []\nstaff:",
			[]string{"a.yaml:39: people: unknown key; known are office, rooms, services, staff"},
		},
		{
			"a key twice", "    notice: 2h", "    notice: 2h\n    places: 2",
			[]string{"a.yaml:35: services.premarital.places: given twice, first in line 33"},
		},
		{
			"a key with a line end and an escape in it", "holidays: cn", `"a\n\e[31m": cn`,
			[]string{"a.yaml:12: office.a\uFFFD\uFFFD[31m: unknown key; known are code, region, name, timezone, address, phone, sms_signature, sms_signature_neutral, registration, footer, help, exit_to, holidays, makeup_hours_as, exceptions, release, resend_unknown, gateway, quiet, segments_per_month, messages_per_number, messages_per_day, reply_cancels, thirty_days, second_factor, keep, no_show_after, display, hours, texts"},
		},
		{
			"a key without an end", "holidays: cn", strings.Repeat("a", 1000) + ": cn",
			[]string{"a.yaml:12: office." + strings.Repeat("a", 493) + "…"},
		},
		{
			"a list as a key", "holidays: cn", "[a, b]: cn",
			[]string{"a.yaml:12: a word is wanted as a key, not a list"},
		},
	} {
		t.Run(c.name, c.check)
	}
}

func TestAWrongOfficeSectionIsReportedWithItsLine(t *testing.T) {
	for _, c := range []wrong{
		{"no code", "  code: anhua\n", "", []string{"a.yaml:2: office.code is missing"}},
		{"a capital in the code", "code: anhua", "code: Anhua", []string{`a.yaml:2: office.code: "Anhua" is not 1 to 32 of a–z, 0–9 and -, not beginning with -`}},
		{"a number as code", "code: anhua", "code: 12", []string{"a.yaml:2: office.code: text is wanted, not a number; write it in quotes"}},
		{"a region without quotes", `"430923"`, "430923", []string{"a.yaml:3: office.region: text is wanted, not a number; write it in quotes"}},
		{"a short region", `"430923"`, `"43092"`, []string{`a.yaml:3: office.region: "43092" is not six digits (GB/T 2260)`}},
		{"no English name", ", en: Anhua County Marriage Registration Office", "", []string{"a.yaml:4: office.name.en is missing"}},
		{"an empty name", "zh: 安化县民政局婚姻登记处", "zh: \"\"", []string{"a.yaml:4: office.name.zh: is empty"}},
		{"a name in one language", "{zh: 安化县民政局婚姻登记处, en: Anhua County Marriage Registration Office}", "安化县", []string{"a.yaml:4: office.name: a mapping (zh, en) is wanted, not text"}},
		{"a name in two lines", "zh: 安化县民政局婚姻登记处", `zh: "安化县\n民政局"`, []string{"a.yaml:4: office.name.zh: must be one line, without control characters"}},
		{"a name too long", "zh: 安化县民政局婚姻登记处", "zh: " + strings.Repeat("安", 201), []string{"a.yaml:4: office.name.zh: is longer than 200 characters"}},
		{"an unknown zone", "Asia/Shanghai", "Asia/Anhua", []string{`a.yaml:5: office.timezone: "Asia/Anhua" is not a known time zone, such as Asia/Shanghai`}},
		{"the machine's zone", "Asia/Shanghai", "Local", []string{`a.yaml:5: office.timezone: "Local" is not a known time zone, such as Asia/Shanghai`}},
		{"words as phone", `"0737-7220000"`, "call us", []string{`a.yaml:7: office.phone: "call us" is not a telephone number of 3 to 20 digits, with - between them`}},
		{"a phone that ends in -", `"0737-7220000"`, `"0737-"`, []string{`a.yaml:7: office.phone: "0737-" is not a telephone number of 3 to 20 digits, with - between them`}},
		{"a signature in brackets", "sms_signature: 安化县民政局", "sms_signature: 【安化】", []string{`a.yaml:8: office.sms_signature: "【安化】" is not 2 to 12 characters without brackets or spaces; the brackets 【】 are added when it is sent`}},
		{"a signature of one character", "sms_signature_neutral: 安化民政", "sms_signature_neutral: 安", []string{`a.yaml:9: office.sms_signature_neutral: "安" is not 2 to 12 characters without brackets or spaces; the brackets 【】 are added when it is sent`}},
		{"a link that is none", "https://example.org/r", "javascript:alert(1)", []string{`a.yaml:10: office.registration.link: "javascript:alert(1)" is not the address of a page, beginning with https:// or http://`}},
		{"a link without a host", "https://example.org/r", "https:///r", []string{`a.yaml:10: office.registration.link: "https:///r" is not the address of a page, beginning with https:// or http://`}},
		{"a registration without a note", ", note: {zh: 登记预约, en: Registration}", "", []string{"a.yaml:10: office.registration.note is missing"}},
		{"help without a number", "  holidays: cn", "  help: [{name: {zh: 报警, en: Police}, phone: ten}]\n  holidays: cn", []string{`a.yaml:12: office.help[0].phone: "ten" is not a telephone number of 3 to 20 digits, with - or a space between them and + before them`}},
		{"help without a name", "  holidays: cn", "  help: [{phone: \"110\"}]\n  holidays: cn", []string{"a.yaml:12: office.help[0].name is missing"}},
		{"too much help", "  holidays: cn", "  help: [" + strings.Repeat("{name: {zh: 报警, en: Police}, phone: \"110\"}, ", 9) + "]\n  holidays: cn", []string{"a.yaml:12: office.help: 9 numbers are too many, at most 8"}},
		{"a quick exit that is no page", "  holidays: cn", "  exit_to: weather\n  holidays: cn", []string{`a.yaml:12: office.exit_to: "weather" is not the address of a page, beginning with https://`}},
		{"no help at all", "  holidays: cn", "  help: []\n  holidays: cn", []string{"a.yaml:12: office.help: at least 1 is wanted"}},
		{"a quick exit without TLS", "  holidays: cn", "  exit_to: http://www.weather.com.cn/\n  holidays: cn", []string{`a.yaml:12: office.exit_to: "http://www.weather.com.cn/" is not the address of a page, beginning with https://`}},
		{"a number in the footer", "湘ICP备00000000号", "1", []string{"a.yaml:11: office.footer.icp: text is wanted, not a number; write it in quotes"}},
		{"unknown holidays", "holidays: cn", "holidays: hunan", []string{`a.yaml:12: office.holidays: "hunan" is none of none, cn`}},
		{"holidays left empty", "holidays: cn", "holidays:", []string{"a.yaml:12: office.holidays: text is wanted, not nothing"}},
		{"an unknown weekday", "makeup_hours_as: fri", "makeup_hours_as: Friday", []string{`a.yaml:13: office.makeup_hours_as: "Friday" is none of mon, tue, wed, thu, fri, sat, sun`}},
		{"a release at midnight's end", "release: \"08:30\"", "release: \"24:00\"", []string{"a.yaml:15: office.release: 24:00 ends a day and begins none; the next day begins at 00:00"}},
		{"a release off the grid", "release: \"08:30\"", "release: \"08:32\"", []string{"a.yaml:15: office.release: 08:32 is not a multiple of five minutes"}},
		{"a word where yes or no is asked", "resend_unknown: false", "resend_unknown: no", []string{"a.yaml:16: office.resend_unknown: true or false is wanted, not text"}},
		{"an unknown practice", "roll_both", "roll_none", []string{`a.yaml:17: office.thirty_days: "roll_none" is none of roll_both, roll_second`}},
		{"keep in hours", "contact: 180d", "contact: 36h", []string{"a.yaml:18: office.keep.contact: 36h is not a number of whole days"}},
		{"keep without audit", ", audit: 1095d", "", []string{"a.yaml:18: office.keep.audit is missing"}},
		{"keep for ever", "audit: 1095d", "audit: 999999999999d", []string{"a.yaml:18: office.keep.audit: 999999999999d is longer than a hundred years"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestWrongHoursAreReportedWithTheirLine(t *testing.T) {
	const second = `    - {days: [mon, tue, wed, thu, fri], from: "14:30", to: "17:30"}`
	for _, c := range []wrong{
		{"a time that is none", `to: "17:30"`, `to: "17:60"`, []string{`a.yaml:21: office.hours[1].to: "17:60" is not a time of the form HH:MM, 00:00 to 24:00`}},
		{"one digit", `from: "08:30", to: "12:00"}` + "\n    -", `from: "8:30", to: "12:00"}` + "\n    -", []string{`a.yaml:20: office.hours[0].from: "8:30" is not a time of the form HH:MM, 00:00 to 24:00`}},
		{"from at the end of a day", `from: "14:30"`, `from: "24:00"`, []string{"a.yaml:21: office.hours[1].from: 24:00 ends a day and begins none; the next day begins at 00:00"}},
		{"backwards", `from: "14:30"`, `from: "18:00"`, []string{"a.yaml:21: office.hours[1].to: 17:30 is not after 18:00"}},
		{"empty", `from: "14:30"`, `from: "17:30"`, []string{"a.yaml:21: office.hours[1].to: 17:30 is not after 17:30"}},
		{"overlapping", `from: "14:30"`, `from: "11:55"`, []string{
			"a.yaml:21: office.hours[1]: mon 11:55–17:30 overlaps 08:30–12:00 of line 20",
			"a.yaml:21: office.hours[1]: tue 11:55–17:30 overlaps 08:30–12:00 of line 20",
			"a.yaml:21: office.hours[1]: wed 11:55–17:30 overlaps 08:30–12:00 of line 20",
			"a.yaml:21: office.hours[1]: thu 11:55–17:30 overlaps 08:30–12:00 of line 20",
			"a.yaml:21: office.hours[1]: fri 11:55–17:30 overlaps 08:30–12:00 of line 20",
		}},
		{"overlapping in some weeks", second, second[:len(second)-1] + `, valid_from: 2027-01-01}` + "\n    - {days: [mon], from: \"14:00\", to: \"15:00\", valid_from: 2026-12-28, every: 2w}", []string{
			"a.yaml:22: office.hours[2]: mon 14:00–15:00 overlaps 14:30–17:30 of line 21",
		}},
		{"every other week since ever", second, second[:len(second)-1] + ", every: 2w}", []string{"a.yaml:21: office.hours[1].every: 2w needs valid_from, whose week is the first one"}},
		{"every third week", second, second[:len(second)-1] + ", every: 3w}", []string{`a.yaml:21: office.hours[1].every: "3w" is none of 1w, 2w`}},
		{"valid backwards", second, second[:len(second)-1] + ", valid_from: 2027-01-02, valid_to: 2027-01-01}", []string{"a.yaml:21: office.hours[1].valid_to: 2027-01-01 is before valid_from 2027-01-02"}},
		{"valid since the last century", second, second[:len(second)-1] + ", valid_from: 1999-12-31}", []string{"a.yaml:21: office.hours[1].valid_from: 1999-12-31 is before 2000-01-01"}},
		{"a day twice", second, `    - {days: [sat, sat], from: "14:30", to: "17:30"}`, []string{"a.yaml:21: office.hours[1].days[1]: sat is there twice, first in line 21"}},
		{"no days", second, `    - {days: [], from: "14:30", to: "17:30"}`, []string{"a.yaml:21: office.hours[1].days: at least 1 is wanted"}},
		{"an exception of both kinds", "closed: {zh: 盘点}", `closed: {zh: 盘点}, from: "08:30"`, []string{"a.yaml:14: office.exceptions.2026-12-24: is either closed or open from … to …, not both"}},
		{"an exception of neither kind", ", closed: {zh: 盘点}", "", []string{"a.yaml:14: office.exceptions.2026-12-24: neither closed nor from and to are given"}},
		{"an exception without an end", `from: "08:30", to: "12:00"}]`, `from: "08:30"}]`, []string{"a.yaml:14: office.exceptions.2026-12-26.to is missing"}},
		{"an exception without a date", "date: 2026-12-24, ", "", []string{"a.yaml:14: office.exceptions[0].date is missing"}},
		{"a date that is none", "2026-12-24", "2026-02-29", []string{`a.yaml:14: office.exceptions[0].date: "2026-02-29" is not a date of the form YYYY-MM-DD`}},
		{"a date with a time", "2026-12-24", "2026-12-24 08:00:00", []string{`a.yaml:14: office.exceptions[0].date: "2026-12-24 08:00:00" is not a date of the form YYYY-MM-DD`}},
		{"a date twice", "2026-12-26", `"2026-12-24"`, []string{"a.yaml:14: office.exceptions[1].date: 2026-12-24 is there twice, first in line 14"}},
		{"a closure without a reason", "closed: {zh: 盘点}", "closed: {en: Stocktaking}", []string{"a.yaml:14: office.exceptions.2026-12-24.closed.zh is missing"}},
		{"hours that are no list", `    hours: [{days: [mon, tue, wed, thu, fri], from: "08:30", to: "17:30"}]`, "    hours: all day", []string{"a.yaml:45: staff.fudao-a.hours: a list is wanted, not text"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestWrongRoomsServicesAndStaffAreReportedWithTheirLine(t *testing.T) {
	const room = "  - {code: fudao, name: {zh: 婚姻家庭辅导室, en: Counselling room}, kind: counselling, seats: 4, accessible: true}"
	for _, c := range []wrong{
		{"no rooms", "rooms:\n" + room, "rooms: []", []string{"a.yaml:22: rooms: at least 1 is wanted"}},
		{"a room that is text", room, "  - fudao", []string{"a.yaml:23: rooms[0]: a mapping (code, name, kind, seats, accessible, closed) is wanted, not text"}},
		{"a room closed backwards", "accessible: true", "closed: [{from: 2027-01-02, to: 2027-01-01, why: {zh: 维修}}]", []string{"a.yaml:23: rooms.fudao.closed[0].to: 2027-01-01 is before 2027-01-02"}},
		{"a room closed for nothing", "accessible: true", "closed: [{from: 2027-01-01, to: 2027-01-01}]", []string{"a.yaml:23: rooms.fudao.closed[0].why is missing"}},
		{"a share that is a number", "    duration: 60m\n", "    duration: 60m\n    kept_for_desk: 20\n", []string{"a.yaml:30: services.premarital.kept_for_desk: text is wanted, not a number; write it in quotes"}},
		{"more than all", "    duration: 60m\n", "    duration: 60m\n    kept_for_desk: 101%\n", []string{`a.yaml:30: services.premarital.kept_for_desk: "101%" is not a share of 0% to 100%`}},
		{"a room twice", room, room + "\n" + room, []string{"a.yaml:24: rooms.fudao.code: fudao is there twice, first in line 23"}},
		{"a code too long", "code: fudao,", "code: " + strings.Repeat("a", 33) + ",", []string{`a.yaml:23: rooms[0].code: "` + strings.Repeat("a", 33) + `" is not 1 to 32 of a–z, 0–9 and -, not beginning with -`}},
		{"half a seat", "seats: 4", "seats: 4.5", []string{"a.yaml:23: rooms.fudao.seats: a whole number is wanted, not a number"}},
		{"seats below none", "seats: 4", "seats: -1", []string{"a.yaml:23: rooms.fudao.seats: -1 is not a whole number from 0 to 10000"}},
		{"seats in another notation", "seats: 4", "seats: 0x4", []string{"a.yaml:23: rooms.fudao.seats: 0x4 is not a whole number from 0 to 10000"}},
		{"no such room", "room_kind: counselling", "room_kind: garden", []string{`a.yaml:28: services.premarital.room_kind: no room is of kind "garden"`}},
		{"too many for the room", "max: 2", "max: 5", []string{`a.yaml:32: services.premarital.parties: no room of kind "counselling" seats 5; the largest seats 4`}},
		{"an unknown kind", "    kind: premarital", "    kind: wedding", []string{`a.yaml:26: services.premarital.kind: "wedding" is none of premarital, family, mediation, legal`}},
		{"no duration", "    duration: 60m\n", "", []string{"a.yaml:25: services.premarital.duration is missing"}},
		{"a duration of nothing", "duration: 60m", "duration: 0m", []string{"a.yaml:29: services.premarital.duration: 0m must be longer than nothing"}},
		{"a duration off the grid", "duration: 60m", "duration: 90s", []string{"a.yaml:29: services.premarital.duration: 90s is not a multiple of five minutes"}},
		{"a duration over a day", "duration: 60m", "duration: 25h", []string{"a.yaml:29: services.premarital.duration: 25h is longer than a day"}},
		{"a duration in two units", "duration: 60m", "duration: 1h30m", []string{`a.yaml:29: services.premarital.duration: "1h30m" is not a duration such as 90s, 10m, 2h or 30d`}},
		{"a fraction", "duration: 60m", "duration: 1.5h", []string{`a.yaml:29: services.premarital.duration: "1.5h" is not a duration such as 90s, 10m, 2h or 30d`}},
		{"a duration without a unit", "duration: 60m", "duration: 60", []string{"a.yaml:29: services.premarital.duration: text is wanted, not a number; write it in quotes"}},
		{"a duration below nothing", "buffer: 10m", "buffer: -10m", []string{`a.yaml:30: services.premarital.buffer: "-10m" is not a duration such as 90s, 10m, 2h or 30d`}},
		{"a buffer off the grid", "buffer: 10m", "buffer: 12m", []string{"a.yaml:30: services.premarital.buffer: 12m is not a multiple of five minutes"}},
		{"a step of nothing", "step: 30m", "step: 0m", []string{"a.yaml:31: services.premarital.step: 0m must be longer than nothing"}},
		{"more at least than at most", "min: 1", "min: 3", []string{"a.yaml:32: services.premarital.parties: min 3 is more than max 2"}},
		{"nobody", "min: 1", "min: 0", []string{"a.yaml:32: services.premarital.parties.min: 0 is not a whole number from 1 to 10000"}},
		{"no places", "places: 1", "places: 0", []string{"a.yaml:33: services.premarital.places: 0 is not a whole number from 1 to 10000"}},
		{"a horizon in hours", "horizon: 30d", "horizon: 36h", []string{"a.yaml:35: services.premarital.horizon: 36h is not a number of whole days"}},
		{"text as a limit", "open_per_person: 1", "open_per_person: one", []string{"a.yaml:37: services.premarital.open_per_person: a whole number is wanted, not text"}},
		{"the same reminder twice", "[24h, 2h]", "[24h, 2h, 120m]", []string{"a.yaml:38: services.premarital.reminders[2]: 2h is there twice, first in line 38"}},
		{"a reminder at the start", "[24h, 2h]", "[24h, 0h]", []string{"a.yaml:38: services.premarital.reminders[1]: 0h must be longer than nothing"}},
		{"a username with a dot", "username: fudao-a", "username: fudao.a", []string{`a.yaml:40: staff[0].username: "fudao.a" is not 1 to 32 of a–z, 0–9 and -, not beginning with -`}},
		{"an unknown gender", "gender: female", "gender: f", []string{`a.yaml:42: staff.fudao-a.gender: "f" is none of female, male`}},
		{"no roles", "roles: [counsellor]", "roles: []", []string{"a.yaml:43: staff.fudao-a.roles: at least 1 is wanted"}},
		{"a second factor of citizens", "  hours:\n    - {days: [mon, tue", "  second_factor: [citizen]\n  hours:\n    - {days: [mon, tue", []string{`a.yaml:19: office.second_factor[0]: "citizen" is none of counsellor, desk, auditor, director`}},
		{"a role of another kind", "roles: [counsellor]", "roles: [citizen]", []string{`a.yaml:43: staff.fudao-a.roles[0]: "citizen" is none of counsellor, desk, auditor, director`}},
		{"a role twice", "roles: [counsellor]", "roles: [counsellor, counsellor]", []string{"a.yaml:43: staff.fudao-a.roles[1]: counsellor is there twice, first in line 43"}},
		{"a service that is not offered", "services: [premarital]", "services: [premarital, legal]", []string{`a.yaml:44: staff.fudao-a.services[1]: there is no service "legal"`}},
		{"a service twice", "services: [premarital]", "services: [premarital, premarital]", []string{"a.yaml:44: staff.fudao-a.services[1]: premarital is there twice, first in line 44"}},
		{"sessions below none", "sessions_per_day: 6", "sessions_per_day: -1", []string{"a.yaml:46: staff.fudao-a.sessions_per_day: -1 is not a whole number from 0 to 10000"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestEveryProblemOfAFileIsReportedInTheOrderOfLines(t *testing.T) {
	const file = `office:
  code: a
  region: "1"
  name: {zh: 安化, en: Anhua}
  timezone: Asia/Shanghai
  address: {zh: 安化, en: Anhua}
  phone: "110"
  sms_signature: 安化民政
  colour: red
  hours: []
rooms:
  - {code: a, name: {zh: 甲, en: A}, kind: counselling, seats: 2}
services:
  - {code: x, kind: family, name: {zh: 甲, en: A}, room_kind: hall, duration: 7m, parties: {min: 1, max: 1}, horizon: 30d}
staff:
  - {username: a, name: {zh: 甲, en: A}, roles: [boss], services: [y]}
`
	problemsOf(t, file, []string{
		`a.yaml:3: office.region: "1" is not six digits (GB/T 2260)`,
		"a.yaml:9: office.colour: unknown key; known are code, region, name, timezone, address, phone, sms_signature, sms_signature_neutral, registration, footer, help, exit_to, holidays, makeup_hours_as, exceptions, release, resend_unknown, gateway, quiet, segments_per_month, messages_per_number, messages_per_day, reply_cancels, thirty_days, second_factor, keep, no_show_after, display, hours, texts",
		"a.yaml:10: office.hours: at least 1 is wanted",
		"a.yaml:14: services.x.duration: 7m is not a multiple of five minutes",
		`a.yaml:14: services.x.room_kind: no room is of kind "hall"`,
		`a.yaml:16: staff.a.roles[0]: "boss" is none of counsellor, desk, auditor, director`,
		`a.yaml:16: staff.a.services[0]: there is no service "y"`,
	})
}

func TestWhatCouldNotBeReadIsNotBlamedOnWhatRefersToIt(t *testing.T) {
	for _, c := range []wrong{
		{"a room without seats", "seats: 4, ", "", []string{"a.yaml:23: rooms.fudao.seats is missing"}},
		{"a room of a wrong kind", "kind: counselling,", "kind: 7,", []string{"a.yaml:23: rooms.fudao.kind: text is wanted, not a number; write it in quotes"}},
		{"a service with a wrong code", "code: premarital", "code: Premarital", []string{`a.yaml:25: services[0].code: "Premarital" is not 1 to 32 of a–z, 0–9 and -, not beginning with -`}},
		{"services that are no list", "services: [premarital]", "services: premarital", []string{"a.yaml:44: staff.fudao-a.services: a list is wanted, not text"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestWhatTheContractAllowsIsNoProblem(t *testing.T) {
	for _, c := range []struct{ name, old, new string }{
		{"periods that touch", `from: "14:30"`, `from: "12:00"`},
		{"a day to its end", `to: "17:30"}` + "\nrooms", `to: "24:00"}` + "\nrooms"},
		{"a date in quotes", "2026-12-24", `"2026-12-24"`},
		{"a time without quotes", `from: "14:30"`, `from: 14:30`},
		{"one filing number", ", police: 湘公网安备43092300000000号", ""},
		{"null where there is none", "gender: female", "gender: null"},
		{"a mobile number", `"0737-7220000"`, `"13800000000"`},
		{"no notice, no horizon", "notice: 2h\n    horizon: 30d", "notice: 0m\n    horizon: 0d"},
		{"a longer step than the duration", "step: 30m", "step: 2h"},
		{"no limit of sessions", "sessions_per_day: 6", "sessions_per_day: 0"},
		{"seconds", "notice: 2h", "notice: 90s"},
		{"Windows' line ends", "\n", "\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.ReplaceAll(string(read(t, "testdata/contract.yaml")), c.old, c.new)
			if !strings.Contains(file, c.new) {
				t.Fatalf("the file has no %q", c.old)
			}
			if _, err := Parse("a.yaml", []byte(file)); err != nil {
				t.Errorf("Parse:\n%v", err)
			}
		})
	}
}
