package calendar_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata" // the tests need zones on a machine without any

	"magpie/scheduling/calendar"

	"pgregory.net/rapid"
)

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func clock(t testing.TB, s string) calendar.Clock {
	t.Helper()
	c, err := calendar.ParseClock(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestOnlyRealDatesInTheirOneFormAreRead(t *testing.T) {
	for s, want := range map[string]calendar.Date{
		"1970-01-01": 0,
		"1969-12-31": -1,
		"2000-02-29": 11016,
		"2026-10-01": 20727,
		"0001-01-01": -719162,
		"9999-12-31": 2932896,
	} {
		if got, err := calendar.ParseDate(s); err != nil || got != want || got.String() != s {
			t.Errorf("ParseDate(%q) = %d (%s), %v; want %d", s, got, got, err, want)
		}
	}
	for _, s := range []string{
		"", "2026-2-28", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00",
		"20260101", "2026/01/01", " 2026-01-01", "2026-01-01 ", "2026-01-01T00:00:00Z", "+026-01-01", "-001-01-01",
		"0000-01-01", "2026-+1-01", "２０２６-01-01", "10000-01-01",
	} {
		if got, err := calendar.ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", s, got)
		}
	}
}

func TestDatesCountLikeTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1, 9999).Draw(t, "year")
		month := time.Month(rapid.IntRange(-20, 40).Draw(t, "month"))
		day := rapid.IntRange(-400, 400).Draw(t, "day")
		days := rapid.IntRange(-1000, 1000).Draw(t, "days")
		want := time.Date(year, month, day+days, 0, 0, 0, 0, time.UTC)
		got := calendar.NewDate(year, month, day).Add(days)
		y, m, d := got.Civil()
		if wy, wm, wd := want.Date(); y != wy || m != wm || d != wd || got.Year() != wy || got.Weekday() != want.Weekday() {
			t.Fatalf("got %s %s, want %s", got, got.Weekday(), want)
		}
		if want.Year() < 1 || want.Year() > 9999 {
			return
		}
		text, err := got.MarshalText()
		if err != nil || string(text) != want.Format(time.DateOnly) {
			t.Fatalf("text %q, %v; want %s", text, err, want.Format(time.DateOnly))
		}
		var back calendar.Date
		if err := back.UnmarshalText(text); err != nil || back != got {
			t.Fatalf("read back %s, %v; want %s", back, err, got)
		}
	})
}

func TestTheDateOfAnInstantIsTheOneOnTheWall(t *testing.T) {
	for _, c := range []struct{ at, zone, want string }{
		{"2026-03-01T15:59:59Z", "Asia/Shanghai", "2026-03-01"},
		{"2026-03-01T16:00:00Z", "Asia/Shanghai", "2026-03-02"},
		{"1969-12-31T23:59:59Z", "UTC", "1969-12-31"},
		{"1969-12-31T23:59:59Z", "America/New_York", "1969-12-31"},
		{"2026-03-02T04:59:59Z", "America/New_York", "2026-03-01"},
		{"2026-06-30T18:14:00Z", "Asia/Kathmandu", "2026-06-30"},
		{"2026-06-30T18:15:00Z", "Asia/Kathmandu", "2026-07-01"},
		{"2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"},
		{"2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"},
	} {
		if got := calendar.DateIn(instant(t, c.at), zone(t, c.zone)); got != date(t, c.want) {
			t.Errorf("%s in %s is %s, want %s", c.at, c.zone, got, c.want)
		}
	}
}

func TestAClockTimeIsTheFirstInstantAtOrAfterIt(t *testing.T) {
	for _, c := range []struct{ zone, date, clock, want string }{
		{"Asia/Shanghai", "2026-10-09", "08:30", "2026-10-09T00:30:00Z"},
		{"Asia/Shanghai", "2026-10-09", "07:30", "2026-10-08T23:30:00Z"},
		{"Asia/Shanghai", "2026-10-09", "24:00", "2026-10-09T16:00:00Z"},
		{"Asia/Kathmandu", "2026-10-09", "00:00", "2026-10-08T18:15:00Z"},
		// New York: 02:00–03:00 is skipped on 8 March, 01:00–02:00 comes twice on 1 November.
		{"America/New_York", "2026-03-08", "01:55", "2026-03-08T06:55:00Z"},
		{"America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-03-08", "03:05", "2026-03-08T07:05:00Z"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		// Lord Howe moves by half an hour.
		{"Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z"},
		{"Australia/Lord_Howe", "2026-04-05", "02:00", "2026-04-04T15:30:00Z"},
		// China had summer time from 1986 to 1991.
		{"Asia/Shanghai", "1986-07-01", "08:30", "1986-06-30T23:30:00Z"},
		{"Asia/Shanghai", "1991-12-01", "08:30", "1991-12-01T00:30:00Z"},
		// Midnight itself: skipped in São Paulo; twice, by way of the evening before, in St John's.
		{"America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00Z"},
		{"America/Sao_Paulo", "2018-02-17", "23:00", "2018-02-18T01:00:00Z"},
		{"America/Sao_Paulo", "2018-02-18", "00:00", "2018-02-18T03:00:00Z"},
		{"America/St_Johns", "2010-11-07", "00:00", "2010-11-07T02:30:00Z"},
		{"America/St_Johns", "2010-11-07", "00:05", "2010-11-07T03:35:00Z"},
		// Samoa had no 30 December 2011.
		{"Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00:00Z"},
	} {
		if got := date(t, c.date).At(clock(t, c.clock), zone(t, c.zone)); !got.Equal(instant(t, c.want)) {
			t.Errorf("%s %s in %s is %s, want %s", c.date, c.clock, c.zone, got.UTC().Format(time.RFC3339), c.want)
		}
	}
}

func TestDatesAndClocksAreTextInJSON(t *testing.T) {
	type day struct {
		Date  calendar.Date            `json:"date"`
		From  calendar.Clock           `json:"from"`
		Notes map[calendar.Date]string `json:"notes"`
	}
	in := day{date(t, "2026-12-26"), clock(t, "08:30"), map[calendar.Date]string{date(t, "2026-12-27"): "x"}}
	text, err := json.Marshal(in)
	if want := `{"date":"2026-12-26","from":"08:30","notes":{"2026-12-27":"x"}}`; err != nil || string(text) != want {
		t.Fatalf("got %s, %v; want %s", text, err, want)
	}
	var out day
	if err := json.Unmarshal(text, &out); err != nil || out.Date != in.Date || out.From != in.From || out.Notes[date(t, "2026-12-27")] != "x" {
		t.Fatalf("read back %+v, %v", out, err)
	}
	for _, bad := range []string{`{"date":"2026-02-30"}`, `{"from":"24:05"}`, `{"date":5}`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if out.Date != in.Date || out.From != in.From {
		t.Errorf("a refused text changed the value: %+v", out)
	}
	for _, year := range []int{0, 10000} {
		if text, err := calendar.NewDate(year, time.June, 1).MarshalText(); err == nil {
			t.Errorf("year %d was written as %s", year, text)
		}
	}
}
