package entry_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/entry"
)

func diary(t testing.TB) scheduling.Diary {
	t.Helper()
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return scheduling.Diary{
		Office: &scheduling.Office{Location: loc},
		Appointments: []scheduling.Appointment{{
			ID: 731, Reference: "52073164", Revision: 2, Start: at("2026-12-03T09:00:00+08:00"), End: at("2026-12-03T10:00:00+08:00"),
			UpdatedAt: at("2026-11-25T10:20:30+08:00"), Service: scheduling.Service{Name: scheduling.Text{ZH: "婚前辅导, 初次; 半价"}},
			Room:    scheduling.Room{Name: scheduling.Text{ZH: "婚姻家庭辅导室"}},
			Parties: []scheduling.Party{{Name: scheduling.NewPrivate("陈女士")}, {Name: scheduling.NewPrivate("李先生")}},
		}},
		Leave: []scheduling.TimeOff{{
			ID: 5, From: calendar.NewDate(2026, time.December, 30), To: calendar.NewDate(2027, time.January, 1),
			Reason: scheduling.NewPrivate("手术"), CreatedAt: at("2026-11-20T08:00:00+08:00"),
		}},
	}
}

func feed(t testing.TB, d scheduling.Diary) []byte {
	t.Helper()
	file, err := entry.Feed(d)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, file)
	return file
}

func TestACounsellorsCalendarIsThatOfTheGoldenFiles(t *testing.T) {
	plain, details, empty := diary(t), diary(t), diary(t)
	details.Details = true
	empty.Appointments, empty.Leave = nil, nil
	for name, d := range map[string]scheduling.Diary{"diary": plain, "diary-details": details, "diary-empty": empty} {
		golden := filepath.Join("testdata", name+".ics")
		got := feed(t, d)
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, got\n%s", name, err, got)
		}
	}
}

func TestACalendarTellsNothingUnlessItsCounsellorWantsIt(t *testing.T) {
	d := diary(t)
	hidden := []string{"陈女士", "李先生", "辅导", "手术"}
	for _, word := range hidden {
		if bytes.Contains(feed(t, d), []byte(word)) {
			t.Errorf("it holds %s", word)
		}
	}
	d.Details = true
	whole := string(unfold(feed(t, d)))
	for _, word := range []string{`SUMMARY:预约 52073164 婚前辅导\, 初次\; 半价 陈女士 李先生`, "LOCATION:婚姻家庭辅导室"} {
		if !strings.Contains(whole, word) {
			t.Errorf("there is no %q in\n%s", word, whole)
		}
	}
	if strings.Contains(whole, "手术") {
		t.Error("it tells what the leave is for")
	}
}

func TestAnEntryKeepsItsUIDAndANewOneHasAnother(t *testing.T) {
	before, err := entry.Items(diary(t))
	if err != nil {
		t.Fatal(err)
	}
	d := diary(t)
	d.Appointments[0].Start, d.Appointments[0].End = d.Appointments[0].Start.Add(time.Hour), d.Appointments[0].End.Add(time.Hour)
	d.Appointments[0].Revision++
	d.Leave[0].ID = 6
	after, err := entry.Items(d)
	if err != nil {
		t.Fatal(err)
	}
	if before[0].UID != after[0].UID || before[0].ETag == after[0].ETag || before[1].UID == after[1].UID {
		t.Errorf("%s %s became %s %s; %s became %s", before[0].UID, before[0].ETag, after[0].UID, after[0].ETag, before[1].UID, after[1].UID)
	}
	if span := (calendar.Span{From: before[1].Start, To: before[1].End}); span.From != at("2026-12-30T00:00:00+08:00").In(span.From.Location()) || span.To.Sub(span.From) != 72*time.Hour {
		t.Errorf("the leave is %v", span)
	}
}

func TestTheTagIsAnotherWhereverTheFeedIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) scheduling.Diary {
			d := diary(t)
			d.Details = rapid.Bool().Draw(rt, name+" details")
			a := &d.Appointments[0]
			a.ID = rapid.Int64Range(1, 2).Draw(rt, name+" id")
			a.Start = a.Start.Add(time.Duration(rapid.IntRange(0, 1).Draw(rt, name+" start")) * time.Second)
			a.Revision = rapid.IntRange(1, 2).Draw(rt, name+" revision")
			a.Session = scheduling.Session{ID: 9, Places: rapid.IntRange(1, 2).Draw(rt, name+" places")}
			a.Parties[1].Name = scheduling.NewPrivate(rapid.SampledFrom([]string{"李先生", "王先生"}).Draw(rt, name+" party"))
			a.Room.Name.ZH = rapid.SampledFrom([]string{"", "辅导室"}).Draw(rt, name+" room")
			d.Leave[0].From = d.Leave[0].From.Add(-rapid.IntRange(0, 1).Draw(rt, name+" leave"))
			return d
		}
		one, other := draw("one"), draw("other")
		if alike := bytes.Equal(feed(t, one), feed(t, other)); !alike && entry.Tag(one) == entry.Tag(other) {
			rt.Fatalf("one tag for\n%s\nand\n%s", feed(t, one), feed(t, other))
		}
		if first, again := entry.Tag(one), entry.Tag(one); first != again {
			rt.Fatal("two tags for one calendar")
		}
	})
}

func TestAClassIsOneEntryThatStaysItselfWhoeverComes(t *testing.T) {
	d := diary(t)
	d.Leave = nil
	first := d.Appointments[0]
	first.Session = scheduling.Session{ID: 9, Places: 20}
	second := first
	second.ID, second.Reference, second.UpdatedAt = 732, "52073172", first.UpdatedAt.Add(time.Hour)
	alone := first
	alone.ID, alone.Reference, alone.Session = 733, "52073180", scheduling.Session{ID: 10, Places: 1}
	uid := ""
	for _, c := range []struct {
		come    []scheduling.Appointment
		details bool
		summary string
	}{
		{[]scheduling.Appointment{first, alone, second}, false, "预约 2组"}, {[]scheduling.Appointment{alone, second}, false, "预约 1组"},
		{[]scheduling.Appointment{second, first, alone}, true, `预约 2组 婚前辅导\, 初次\; 半价`},
	} {
		d.Appointments, d.Details = c.come, c.details
		items, err := entry.Items(d)
		if err != nil || len(items) != 2 {
			t.Fatalf("%d entries, %v", len(items), err)
		}
		for _, item := range items {
			_, event := read(t, item.File)
			if event.Props.Get("SUMMARY").Value != c.summary {
				continue
			}
			if uid == "" {
				uid = item.UID
			}
			if item.UID != uid || !item.Modified.Equal(second.UpdatedAt) {
				t.Errorf("%s has the UID %s and was changed at %s", c.summary, item.UID, item.Modified)
			}
			uid, c.summary = item.UID, ""
		}
		if c.summary != "" {
			t.Errorf("there is no %q", c.summary)
		}
	}
}

func TestEveryCalendarIsValidWhateverIsBooked(t *testing.T) {
	base := diary(t)
	rapid.Check(t, func(rt *rapid.T) {
		d := base
		d.Details = rapid.Bool().Draw(rt, "details")
		d.Appointments, d.Leave = nil, nil
		for i := range rapid.IntRange(0, 5).Draw(rt, "appointments") {
			a := base.Appointments[0]
			a.ID, a.Reference = int64(i+1), fmt.Sprintf("%08d", i)
			a.Start = base.Appointments[0].Start.Add(time.Duration(rapid.IntRange(-1e6, 1e6).Draw(rt, "start")) * time.Minute)
			a.End = a.Start.Add(time.Duration(rapid.IntRange(5, 600).Draw(rt, "minutes")) * time.Minute)
			a.Service.Name.ZH = rapid.StringN(0, 60, -1).Draw(rt, "service")
			a.Room.Name.ZH = rapid.StringN(0, 60, -1).Draw(rt, "room")
			a.Parties = []scheduling.Party{{Name: scheduling.NewPrivate(rapid.StringN(0, 60, -1).Draw(rt, "name"))}}
			d.Appointments = append(d.Appointments, a)
		}
		for i := range rapid.IntRange(0, 2).Draw(rt, "leave") {
			l := base.Leave[0]
			l.ID, l.From = int64(i+1), l.From.Add(-rapid.IntRange(0, 60).Draw(rt, "days"))
			d.Leave = append(d.Leave, l)
		}
		file, err := entry.Feed(d)
		if err != nil {
			rt.Fatal(err)
		}
		valid(rt, file)
		items, err := entry.Items(d)
		if err != nil || len(items) != len(d.Appointments)+len(d.Leave) {
			rt.Fatalf("%d entries, %v", len(items), err)
		}
		for _, item := range items {
			valid(rt, item.File)
		}
	})
}

type failing interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

var (
	utcTime  = regexp.MustCompile(`^\d{8}T\d{6}Z$`)
	dateOnly = regexp.MustCompile(`^\d{8}$`)
	nameForm = regexp.MustCompile(`^[A-Z0-9-]+[;:]`)
)

// valid holds a file against the rules of RFC 5545 that can be judged from it
// alone: lines and their folding (3.1), what a calendar and an event must have
// once and may have once (3.6), forms and order of times (3.8.2), and UIDs that
// are unique.
func valid(t failing, file []byte) {
	t.Helper()
	if !utf8.Valid(file) || !bytes.HasSuffix(file, []byte("\r\n")) {
		t.Fatalf("it is no UTF-8 of whole lines: %q", file)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(file), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || line == "" || !utf8.ValidString(line) {
			t.Errorf("the line %q has %d octets", line, len(line))
		}
		if !strings.HasPrefix(line, " ") && !nameForm.MatchString(line) {
			t.Errorf("the line %q names nothing", line)
		}
	}
	for _, r := range string(unfold(file)) {
		if r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7f {
			t.Errorf("it holds the control character %q", r)
		}
	}
	parsed, err := ical.NewDecoder(bytes.NewReader(file)).Decode()
	if err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	once(t, parsed.Component, ical.PropVersion, ical.PropProductID)
	if parsed.Props.Get(ical.PropMethod) != nil || len(parsed.Children) == 0 {
		t.Errorf("it has a METHOD or nothing in it:\n%s", file)
	}
	var uids []string
	for _, e := range parsed.Events() {
		uids = append(uids, validEvent(t, e))
	}
	if slices.Sort(uids); len(slices.Compact(uids)) != len(parsed.Events()) {
		t.Errorf("a UID comes twice: %v", uids)
	}
}

func validEvent(t failing, e ical.Event) (uid string) {
	t.Helper()
	once(t, e.Component, "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS", "SEQUENCE", "STATUS", "LAST-MODIFIED")
	for _, name := range []string{"DTSTAMP", "LAST-MODIFIED"} {
		if v := e.Props.Get(name).Value; !utcTime.MatchString(v) {
			t.Errorf("%s is %q", name, v)
		}
	}
	start, end := e.Props.Get("DTSTART"), e.Props.Get("DTEND")
	form := utcTime
	if start.ValueType() == ical.ValueDate {
		form = dateOnly
	}
	if start.ValueType() != end.ValueType() || !form.MatchString(start.Value) || !form.MatchString(end.Value) || start.Value >= end.Value {
		t.Errorf("from %v to %v", start, end)
	}
	if v := e.Props.Get("CLASS").Value; v != "PRIVATE" {
		t.Errorf("CLASS is %s", v)
	}
	uid, err := e.Props.Text("UID")
	if err != nil || !strings.HasSuffix(uid, "@magpie") {
		t.Errorf("the UID is %q, %v", uid, err)
	}
	return uid
}

func once(t failing, c *ical.Component, names ...string) {
	t.Helper()
	for _, name := range names {
		if n := len(c.Props.Values(name)); n != 1 {
			t.Errorf("%s has %d %s", c.Name, n, name)
		}
	}
}

func unfold(file []byte) []byte { return bytes.ReplaceAll(file, []byte("\r\n "), nil) }
