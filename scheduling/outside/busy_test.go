package outside

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// event is an entry of a calendar; the lines are its own.
func entryOf(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:1@elsewhere\r\nDTSTAMP:20260101T000000Z\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

func file(parts ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//elsewhere//EN\r\n" + strings.Join(parts, "") + "END:VCALENDAR\r\n")
}

// from and to are the window of the tests: March 2026 in Shanghai.
var (
	windowFrom = time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC)
	windowTo   = time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC)
)

func busyOfFile(t testing.TB, f []byte) (spans []string, skipped int, err error) {
	t.Helper()
	loc := place(t, "Asia/Shanghai")
	b := budget{ctx: context.Background(), left: maxInstances}
	busy, skipped, err := busyIn(&b, f, loc, windowFrom, windowTo)
	for _, s := range busy {
		spans = append(spans, s.From.In(loc).Format("01-02 15:04")+" "+s.To.In(loc).Format("01-02 15:04"))
	}
	slices.Sort(spans)
	return spans, skipped, err
}

// outlook is a zone that nobody else knows, described as Outlook does.
const outlook = "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\n" +
	"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"

func TestBusyTimesAreThoseThatACalendarShows(t *testing.T) {
	const nine, ten = "DTSTART;TZID=Asia/Shanghai:20260303T090000", "DTEND;TZID=Asia/Shanghai:20260303T100000"
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"in UTC":              {file(entryOf("DTSTART:20260303T010000Z", "DTEND:20260303T020000Z")), []string{"03-03 09:00 03-03 10:00"}},
		"in a zone":           {file(entryOf(nine, ten)), []string{"03-03 09:00 03-03 10:00"}},
		"in another zone":     {file(entryOf("DTSTART;TZID=Europe/Berlin:20260303T090000", "DTEND;TZID=Europe/Berlin:20260303T100000")), []string{"03-03 16:00 03-03 17:00"}},
		"on any wall":         {file(entryOf("DTSTART:20260303T090000", "DURATION:PT90M")), []string{"03-03 09:00 03-03 10:30"}},
		"from zone to zone":   {file(entryOf("DTSTART;TZID=Asia/Shanghai:20260303T090000", "DTEND;TZID=Asia/Tokyo:20260303T120000")), []string{"03-03 09:00 03-03 11:00"}},
		"Outlook's name":      {file(entryOf("DTSTART;TZID=China Standard Time:20260303T090000", "DURATION:PT1H")), []string{"03-03 09:00 03-03 10:00"}},
		"a path as a name":    {file(entryOf("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Shanghai:20260303T090000", "DURATION:PT1H")), []string{"03-03 09:00 03-03 10:00"}},
		"a name of nothing":   {file(entryOf("DTSTART;TZID=Nowhere:20260303T090000", "DURATION:PT1H")), []string{"03-03 09:00 03-03 10:00"}},
		"a location beside":   {file("BEGIN:VTIMEZONE\r\nTZID:Mine\r\nX-LIC-LOCATION:Asia/Tokyo\r\nEND:VTIMEZONE\r\n", entryOf("DTSTART;TZID=Mine:20260303T100000", "DURATION:PT1H")), []string{"03-03 09:00 03-03 10:00"}},
		"a described zone":    {file(outlook, entryOf("DTSTART;TZID=Customized Time Zone:20260303T200000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")), []string{"03-04 09:00 03-04 10:00", "03-11 08:00 03-11 09:00"}},
		"a whole day":         {file(entryOf("DTSTART;VALUE=DATE:20260303")), []string{"03-03 00:00 03-04 00:00"}},
		"three whole days":    {file(entryOf("DTSTART;VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306")), []string{"03-03 00:00 03-06 00:00"}},
		"days in weeks":       {file(entryOf("DTSTART;VALUE=DATE:20260303", "DURATION:P2D", "RRULE:FREQ=WEEKLY;COUNT=2")), []string{"03-03 00:00 03-05 00:00", "03-10 00:00 03-12 00:00"}},
		"no end":              {file(entryOf(nine)), nil},
		"transparent":         {file(entryOf(nine, ten, "TRANSP:TRANSPARENT")), nil},
		"opaque":              {file(entryOf(nine, ten, "TRANSP:opaque", "STATUS:TENTATIVE")), []string{"03-03 09:00 03-03 10:00"}},
		"cancelled":           {file(entryOf(nine, ten, "STATUS:CANCELLED")), nil},
		"outside the window":  {file(entryOf("DTSTART:20260701T010000Z", "DURATION:PT1H"), entryOf("DTSTART:20250701T010000Z", "DURATION:PT1H")), nil},
		"over its edge":       {file(entryOf("DTSTART:20260228T150000Z", "DURATION:PT2H")), []string{"02-28 23:00 03-01 01:00"}},
		"no event":            {file("BEGIN:VTODO\r\nUID:2\r\nDTSTART:20260303T010000Z\r\nDURATION:PT1H\r\nEND:VTODO\r\n"), nil},
		"two calendars":       {append(file(entryOf(nine, ten)), file(entryOf("DTSTART:20260304T010000Z", "DURATION:PT1H"))...), []string{"03-03 09:00 03-03 10:00", "03-04 09:00 03-04 10:00"}},
		"our own":             {file("BEGIN:VEVENT\r\nUID:287d2a56ee37e78d5c50267122d76aec@magpie\r\n" + nine + "\r\n" + ten + "\r\nEND:VEVENT\r\n"), nil},
		"daily until":         {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;UNTIL=20260305T010000Z")), []string{"03-03 09:00 03-03 10:00", "03-04 09:00 03-04 10:00", "03-05 09:00 03-05 10:00"}},
		"until a date":        {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;UNTIL=20260304")), []string{"03-03 09:00 03-03 10:00", "03-04 09:00 03-04 10:00"}},
		"until a wall's time": {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;UNTIL=20260304T085959")), []string{"03-03 09:00 03-03 10:00"}},
		"every other week":    {file(entryOf("DTSTART;TZID=Asia/Shanghai:20260105T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")), []string{"03-02 09:00 03-02 10:00", "03-16 09:00 03-16 10:00", "03-30 09:00 03-30 10:00"}},
		"the last Friday":     {file(entryOf("DTSTART;TZID=Asia/Shanghai:20260130T090000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=-1FR")), []string{"03-27 09:00 03-27 10:00"}},
		"over summer time":    {file(entryOf("DTSTART;TZID=America/New_York:20260302T200000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")), []string{"03-03 09:00 03-03 10:00", "03-10 08:00 03-10 09:00"}},
		"without some": {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;COUNT=4", "EXDATE;TZID=Asia/Shanghai:20260304T090000,20260305T080000", "EXDATE:20260306T010000Z")),
			[]string{"03-03 09:00 03-03 10:00", "03-05 09:00 03-05 10:00"}},
		"without a date": {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20260303")), []string{"03-04 09:00 03-04 10:00"}},
		"and others": {file(entryOf(nine, ten, "RDATE:20260310T010000Z,20260311T020000Z/PT2H")),
			[]string{"03-03 09:00 03-03 10:00", "03-10 09:00 03-10 10:00", "03-11 10:00 03-11 11:00"}},
		"one of them moved": {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;COUNT=3"), entryOf("RECURRENCE-ID;TZID=Asia/Shanghai:20260304T090000", "DTSTART;TZID=Asia/Shanghai:20260320T150000", "DURATION:PT30M")),
			[]string{"03-03 09:00 03-03 10:00", "03-05 09:00 03-05 10:00", "03-20 15:00 03-20 15:30"}},
		"one of them cancelled": {file(entryOf("RECURRENCE-ID:20260304T010000Z", "DTSTART:20260304T010000Z", "DURATION:PT1H", "STATUS:CANCELLED"), entryOf(nine, ten, "RRULE:FREQ=DAILY;COUNT=3")),
			[]string{"03-03 09:00 03-03 10:00", "03-05 09:00 03-05 10:00"}},
		"and those that follow": {file(entryOf(nine, ten, "RRULE:FREQ=DAILY;COUNT=4"), entryOf("RECURRENCE-ID;RANGE=THISANDFUTURE:20260305T010000Z", "DTSTART:20260305T060000Z", "DURATION:PT2H")),
			[]string{"03-03 09:00 03-03 10:00", "03-04 09:00 03-04 10:00", "03-05 14:00 03-05 16:00", "03-06 14:00 03-06 16:00"}},
		"an exception alone": {file(entryOf("RECURRENCE-ID:20260304T010000Z", "DTSTART:20260304T020000Z", "DURATION:PT1H")), []string{"03-04 10:00 03-04 11:00"}},
		"days without one":   {file(entryOf("DTSTART;VALUE=DATE:20260303", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260304")), []string{"03-03 00:00 03-04 00:00", "03-05 00:00 03-06 00:00"}},
		"folded and bare": {[]byte("\ufeffBEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\nSUMMARY;X=\"broken\nthis line is no line\nDTSTART;TZID=Asia/\n Shanghai:202603\n\t03T090000\nDURATION:PT1H\nATTENDEE;CN=\"x\nEND:VEVENT\nEND:VCALENDAR\n\n"),
			[]string{"03-03 09:00 03-03 10:00"}},
	} {
		got, skipped, err := busyOfFile(t, c.file)
		if err != nil || skipped != 0 || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, %d skipped, %v; want %q", name, got, skipped, err, c.want)
		}
	}
}

func TestAnEntryThatIsNotUnderstoodIsCountedAndTheOthersBlock(t *testing.T) {
	good := strings.Replace(entryOf("DTSTART:20260303T010000Z", "DURATION:PT1H"), "1@", "2@", 1)
	for name, bad := range map[string]string{
		"a date of nothing": entryOf("DTSTART:tomorrow", "DURATION:PT1H"), "no start": entryOf("DURATION:PT1H"), "a rule of nothing": entryOf("DTSTART:20260303T010000Z", "DURATION:PT1H", "RRULE:FREQ=SOMETIMES"),
		"every second": entryOf("DTSTART:20260303T010000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"), "every hour": entryOf("DTSTART:20260303T010000Z", "DURATION:PT1S", "RRULE:FREQ=HOURLY"),
		"a huge interval":         entryOf("DTSTART:20260303T010000Z", "DURATION:PT1S", "RRULE:FREQ=DAILY;INTERVAL=9223372036854775807"),
		"positions a day":         entryOf("DTSTART:20260303T010000Z", "DURATION:PT1S", "RRULE:FREQ=DAILY;BYSETPOS=300"),
		"a long rule":             entryOf("DTSTART:20260303T010000Z", "DURATION:PT1S", "RRULE:FREQ=DAILY;BYMONTHDAY="+strings.Repeat("1,", 300)+"1"),
		"another calendar's rule": entryOf("DTSTART:20260303T010000Z", "DURATION:PT1H", "RRULE:RSCALE=CHINESE;FREQ=YEARLY"), "a broken exception": entryOf("DTSTART:20260303T010000Z", "DURATION:PT1H", "EXDATE:x"),
		"a negative length": entryOf("DTSTART:20260303T010000Z", "DURATION:-PT1H"), "the year zero": entryOf("DTSTART:00010101T000000", "DURATION:PT1H"),
	} {
		got, skipped, err := busyOfFile(t, file(bad, good))
		if err != nil || skipped != 1 || !slices.Contains(got, "03-03 09:00 03-03 10:00") || len(got) > 1 {
			t.Errorf("%s: got %q, %d skipped, %v", name, got, skipped, err)
		}
	}
}

func TestWhatIsNoCalendarIsUnreadableAndNothingCostsTooMuch(t *testing.T) {
	many := strings.Repeat(entryOf("DTSTART:19900101T010000Z", "DURATION:PT1M", "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55"), 50)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":           {nil, scheduling.OutsideUnreadable},
		"a page":            {[]byte("<!doctype html><html><body>Sign in: please</body></html>"), scheduling.OutsideUnreadable},
		"broken off":        {file(entryOf("DTSTART:20260303T010000Z"))[:80], scheduling.OutsideUnreadable},
		"another thing":     {[]byte("BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n"), scheduling.OutsideUnreadable},
		"ends that are not": {[]byte("END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n"), scheduling.OutsideUnreadable},
		"a deep one":        {[]byte(strings.Repeat("BEGIN:VEVENT\r\n", 100_000)), scheduling.OutsideUnreadable},
		"a long line":       {file(entryOf("DTSTART;X=" + strings.Repeat("a", 1<<20) + ":20260303T010000Z")), scheduling.OutsideUnreadable},
		"too often":         {file(many), scheduling.OutsideTooLarge},
	} {
		began := time.Now()
		_, _, err := busyOfFile(t, c.file)
		if took := time.Since(began); !errors.Is(err, c.want) || took > 5*time.Second {
			t.Errorf("%s: %v after %s", name, err, took)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	b := budget{ctx: ctx, left: maxInstances}
	never := strings.Repeat(entryOf("DTSTART:20260303T010000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), 100)
	for i := range 100 {
		never = strings.Replace(never, "UID:1@", fmt.Sprintf("UID:n%d@", i), 1)
	}
	if _, _, err := busyIn(&b, file(never), time.UTC, windowFrom, windowTo); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("rules that never fit: %v", err)
	}
}

// The oracle goes through every day and asks of each whether the rule has it.
func TestWeeklyRulesBlockTheDaysThatGoingThroughTheCalendarFinds(t *testing.T) {
	days := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	zoneNames := []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Sydney"}
	rapid.Check(t, func(rt *rapid.T) {
		loc := place(t, rapid.SampledFrom(zoneNames).Draw(rt, "zone"))
		start := time.Date(2026, 1, 1, rapid.IntRange(5, 22).Draw(rt, "hour"), 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60).Draw(rt, "after"))
		interval := rapid.IntRange(1, 3).Draw(rt, "interval")
		wanted := map[int]bool{int(start.Weekday()): true}
		by := []string{days[start.Weekday()]}
		for d, name := range days {
			if rapid.Bool().Draw(rt, name) && !wanted[d] {
				wanted[d], by = true, append(by, name)
			}
		}
		except := make(map[string]bool)
		var lines []string
		for range rapid.IntRange(0, 3).Draw(rt, "exceptions") {
			d := start.AddDate(0, 0, rapid.IntRange(0, 60).Draw(rt, "except"))
			except[d.Format(time.DateOnly)] = true
			lines = append(lines, "EXDATE;TZID="+loc.String()+":"+d.Format("20060102T150405"))
		}
		lines = append(lines, "DTSTART;TZID="+loc.String()+":"+start.Format("20060102T150405"), "DURATION:PT45M",
			fmt.Sprintf("RRULE:FREQ=WEEKLY;WKST=MO;INTERVAL=%d;BYDAY=%s", interval, strings.Join(by, ",")))
		monday := start.AddDate(0, 0, -(int(start.Weekday())+6)%7)
		var want []calendar.Span
		for d := start; d.Before(windowTo.AddDate(0, 0, 2)); d = d.AddDate(0, 0, 1) {
			week := int(d.Sub(monday)/(24*time.Hour)) / 7
			from := time.Date(d.Year(), d.Month(), d.Day(), d.Hour(), 0, 0, 0, loc)
			if wanted[int(d.Weekday())] && week%interval == 0 && !except[d.Format(time.DateOnly)] && from.Before(windowTo) && from.Add(45*time.Minute).After(windowFrom) {
				want = append(want, calendar.Span{From: from.UTC(), To: from.Add(45 * time.Minute).UTC()})
			}
		}
		b := budget{ctx: context.Background(), left: maxInstances}
		got, skipped, err := busyIn(&b, file(entryOf(lines...)), time.UTC, windowFrom, windowTo)
		if err != nil || skipped != 0 || !slices.Equal(got, want) {
			rt.Fatalf("%q\ngot  %v\nwant %v\n%v", lines, got, want, err)
		}
	})
}

func FuzzAnythingMayBeRead(f *testing.F) {
	f.Add(string(file(outlook, entryOf("DTSTART;TZID=Customized Time Zone:20260303T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO", "EXDATE:20260310T010000Z"))))
	f.Add("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260303\r\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO\r\nEND:VEVENT\r\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		b := budget{ctx: ctx, left: 10_000}
		busy, _, err := busyIn(&b, []byte(text), time.UTC, windowFrom, windowTo)
		for _, s := range busy {
			if err == nil && (!s.From.Before(s.To) || !s.From.Before(windowTo) || !s.To.After(windowFrom)) {
				t.Fatalf("busy %v", s)
			}
		}
	})
}
