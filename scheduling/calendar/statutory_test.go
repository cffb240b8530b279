package calendar_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/scheduling/calendar"
)

// records reads a table of testdata without its heading.
func records(t testing.TB, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestEveryDayOfThreeYearsIsAsArranged compares with a list of single days
// that was taken from another source than the shipped notices.
func TestEveryDayOfThreeYearsIsAsArranged(t *testing.T) {
	china := calendar.China()
	off, makeup := map[calendar.Date]string{}, map[calendar.Date]bool{}
	for _, r := range records(t, "arranged-days.csv") {
		if r[1] == "off" {
			off[date(t, r[0])] = r[2]
		} else {
			makeup[date(t, r[0])] = true
		}
	}
	type count struct{ off, makeup, working int }
	got := map[int]*count{2024: {}, 2025: {}, 2026: {}}
	for d := date(t, "2024-01-01"); d <= date(t, "2026-12-31"); d++ {
		holiday, isOff := china.Off(d)
		if holiday.ZH != off[d] || isOff != (off[d] != "") || isOff != (holiday.EN != "") {
			t.Errorf("%s is off as %q (%t), want %q", d, holiday.ZH, isOff, off[d])
		}
		if china.Makeup(d) != makeup[d] {
			t.Errorf("%s is a make-up workday: %t, want %t", d, china.Makeup(d), makeup[d])
		}
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		working, known := china.WorkingDay(d)
		if want := makeup[d] || !weekend && off[d] == ""; working != want || !known {
			t.Errorf("%s is a working day: %t (known %t), want %t", d, working, known, want)
		}
		c := got[d.Year()]
		for n, b := range map[*int]bool{&c.off: isOff, &c.makeup: china.Makeup(d), &c.working: working} {
			if b {
				*n++
			}
		}
	}
	// The working days are what the law leaves of a year: its weekdays, less 11
	// statutory days in 2024 and 13 from 2025 on.
	for year, want := range map[int]count{2024: {28, 8, 251}, 2025: {28, 5, 248}, 2026: {33, 6, 248}} {
		if *got[year] != want {
			t.Errorf("%d has %+v, want %+v", year, *got[year], want)
		}
	}
}

func TestTheShippedNoticesAreThoseOfThreeYearsEachWithItsSource(t *testing.T) {
	china := calendar.China()
	if got := china.Years(); !slices.Equal(got, []int{2024, 2025, 2026}) {
		t.Fatalf("years %v", got)
	}
	for year := 2022; year <= 2028; year++ {
		shipped := year >= 2024 && year <= 2026
		n, ok := china.Notice(year)
		if ok != shipped || china.Loaded(year) != shipped {
			t.Errorf("%d is loaded: %t, %t", year, ok, china.Loaded(year))
		}
		if shipped && (!strings.HasPrefix(n.Source, "https://www.gov.cn/") || n.Title == "" || n.Year != year) {
			t.Errorf("the notice of %d is %+v", year, n)
		}
	}
	text, err := os.ReadFile("notices.json")
	if err != nil {
		t.Fatal(err)
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	var notices []calendar.Notice
	if err := strict.Decode(&notices); err != nil {
		t.Error(err)
	}
}

func TestHolidaysAreNamedInBothLanguages(t *testing.T) {
	for s, want := range map[string]calendar.Holiday{
		"2024-09-15": {ZH: "中秋节", EN: "Mid-Autumn Festival"},
		"2025-10-06": {ZH: "国庆节、中秋节", EN: "National Day and Mid-Autumn Festival"},
		"2026-01-03": {ZH: "元旦", EN: "New Year's Day"},
		"2026-02-21": {ZH: "春节", EN: "Spring Festival"},
		"2026-04-05": {ZH: "清明节", EN: "Qingming Festival"},
		"2026-05-02": {ZH: "劳动节", EN: "Labour Day"},
		"2026-06-19": {ZH: "端午节", EN: "Dragon Boat Festival"},
		"2026-10-03": {ZH: "国庆节", EN: "National Day"},
		"2024-06-09": {}, // joins 端午节, but the notice counts the Monday alone
	} {
		if got, ok := calendar.China().Off(date(t, s)); got != want || ok != (want.ZH != "") {
			t.Errorf("%s is %+v (%t), want %+v", s, got, ok, want)
		}
	}
}

func TestAYearNotLoadedKnowsOnlyWeekendsAndFixedHolidays(t *testing.T) {
	for s, want := range map[string]bool{
		"2027-01-01": false, "2027-01-02": false, "2027-01-03": false, "2027-01-04": true,
		"2027-02-08": true, "2027-04-30": true, "2027-05-01": false, "2027-05-03": true,
		"2028-05-01": false, "2028-05-02": false, "2028-05-03": true,
		"2027-09-30": true, "2027-10-01": false, "2027-10-02": false, "2027-10-03": false, "2027-10-04": true,
		"2028-10-02": false, "2028-10-03": false, "2028-10-04": true, "2023-12-29": true, "2023-12-30": false,
	} {
		for name, calendars := range map[string]*calendar.Statutory{"shipped": calendar.China(), "none": nil} {
			if working, known := calendars.WorkingDay(date(t, s)); working != want || known {
				t.Errorf("%s by %s notices is a working day: %t (known %t), want %t", s, name, working, known, want)
			}
		}
	}
}

func TestACalendarWithoutNoticesKnowsNothing(t *testing.T) {
	var none *calendar.Statutory
	d := date(t, "2026-10-10")
	if _, off := none.Off(d); off || none.Makeup(d) || none.Loaded(2026) || len(none.Years()) != 0 {
		t.Error("a nil calendar knows something")
	}
}

func TestANoticeMayReachIntoTheDecemberBefore(t *testing.T) {
	s, err := calendar.NewStatutory(calendar.Notice{Year: 2027, Holidays: []calendar.Break{{
		Holiday: calendar.Holiday{ZH: "元旦", EN: "New Year's Day"},
		From:    date(t, "2026-12-31"), To: date(t, "2027-01-02"), Makeup: []calendar.Date{date(t, "2026-12-27")},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[string]bool{"2026-12-27": true, "2026-12-30": true, "2026-12-31": false, "2027-01-01": false, "2027-01-04": true} {
		working, known := s.WorkingDay(date(t, d))
		if working != want || known != (d[:4] == "2027") {
			t.Errorf("%s is a working day: %t (known %t), want %t", d, working, known, want)
		}
	}
}

func TestANoticeThatCannotBeRightIsRefused(t *testing.T) {
	name := calendar.Holiday{ZH: "元旦", EN: "New Year's Day"}
	brk := func(from, to string, makeup ...string) calendar.Break {
		b := calendar.Break{Holiday: name, From: date(t, from), To: date(t, to)}
		for _, m := range makeup {
			b.Makeup = append(b.Makeup, date(t, m))
		}
		return b
	}
	good := brk("2027-01-01", "2027-01-03")
	for why, notices := range map[string][]calendar.Notice{
		"the year comes twice":         {{Year: 2027}, {Year: 2027}},
		"no name":                      {{Year: 2027, Holidays: []calendar.Break{{From: good.From, To: good.To}}}},
		"ends before it begins":        {{Year: 2027, Holidays: []calendar.Break{brk("2027-01-03", "2027-01-01")}}},
		"2027-01-03 is arranged twice": {{Year: 2027, Holidays: []calendar.Break{good, brk("2027-01-03", "2027-01-04")}}},
		"2027-01-02 is arranged twice": {{Year: 2027, Holidays: []calendar.Break{brk("2027-01-01", "2027-01-02", "2027-01-02")}}},
		"2027-01-04 is no weekend day": {{Year: 2027, Holidays: []calendar.Break{brk("2027-01-01", "2027-01-03", "2027-01-04")}}},
		"2028-02-05 is not near":       {{Year: 2027, Holidays: []calendar.Break{brk("2027-01-01", "2027-01-03", "2028-02-05")}}},
	} {
		s, err := calendar.NewStatutory(notices...)
		if s != nil || err == nil || !strings.Contains(err.Error(), "2027: ") || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: got %v, %v", why, s, err)
		}
	}
}
