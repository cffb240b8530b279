package calendar_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling/calendar"
)

// tableOf writes a shipped notice as a table of days, in both forms.
func tableOf(t *testing.T, year int) (asJSON, asCSV string) {
	t.Helper()
	n, ok := calendar.China().Notice(year)
	if !ok {
		t.Fatalf("no notice of %d", year)
	}
	type day struct {
		Name string        `json:"name"`
		Date calendar.Date `json:"date"`
		Off  bool          `json:"isOffDay"`
	}
	var days []day
	for _, b := range n.Holidays {
		for d := b.From; d <= b.To; d++ {
			days = append(days, day{b.ZH, d, true})
		}
		for _, d := range b.Makeup {
			days = append(days, day{b.ZH, d, false})
		}
	}
	slices.SortFunc(days, func(a, b day) int { return int(a.Date - b.Date) })
	table, err := json.MarshalIndent(map[string]any{"year": year, "papers": []string{n.Source}, "days": days}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"date,name,off"}
	for _, d := range days {
		lines = append(lines, fmt.Sprintf("%s,%s,%t", d.Date, d.Name, d.Off))
	}
	return string(table), strings.Join(lines, "\r\n")
}

func TestATableOfDaysIsTheNoticeThatItWasMadeOf(t *testing.T) {
	for _, year := range []int{2024, 2025, 2026} {
		want, _ := calendar.China().Notice(year)
		asJSON, asCSV := tableOf(t, year)
		for form, table := range map[string]string{"JSON": asJSON, "CSV": asCSV, "CSV of a spreadsheet": "\ufeff" + asCSV} {
			got, problems := calendar.ReadTable(year, []byte(table))
			if len(problems) > 0 {
				t.Fatalf("%d as %s: %+v", year, form, problems)
			}
			if diff := cmp.Diff(want.Holidays, got.Holidays); diff != "" || got.Year != year {
				t.Errorf("%d as %s (-want +got)\n%s", year, form, diff)
			}
			if form == "JSON" && got.Source != want.Source {
				t.Errorf("%d: the source is %q", year, got.Source)
			}
		}
	}
}

func TestWhatIsWrongWithATableIsToldWithItsLine(t *testing.T) {
	asJSON, asCSV := tableOf(t, 2026)
	for _, c := range []struct {
		name, table, old, new string
		line                  int
		en                    string
	}{
		{"another year", asJSON, `"year": 2026`, `"year": 2025`, 0, "the table is of 2025, not of 2026"},
		{"no JSON", asJSON, `"days"`, `"days`, 2, "not JSON"},
		{"a day without a word whether it is off", asJSON, `"isOffDay": true`, `"off": true`, 3, "a day is name, date and isOffDay"},
		{"a day that is none", asCSV, "2026-01-01", "2026-02-30", 2, `"2026-02-30" is not a date of the form YYYY-MM-DD`},
		{"a day of another year", asCSV, "2026-01-03", "2027-05-03", 4, "2027-05-03 is not near 2026"},
		{"a day twice", asCSV, "2026-01-02", "2026-01-01", 3, "2026-01-01 is there twice, first in line 2"},
		{"a holiday that is none", asCSV, "2026-01-02,元旦", "2026-01-02,圣诞节", 3, `"圣诞节" is no statutory holiday`},
		{"a make-up day on a Monday", asCSV, "2026-01-04", "2026-01-05", 5, "2026-01-05 is a Monday, on which people work anyway"},
		{"neither true nor false", asCSV, "2026-01-02,元旦,true", "2026-01-02,元旦,yes!", 3, `"yes!" is neither true nor false`},
		{"two fields", asCSV, "2026-01-02,元旦,true", "2026-01-02,元旦", 3, "a line is date,name,off"},
		{"a festival less", asCSV, "中秋节", "国庆节", 0, "Mid-Autumn Festival is missing"},
		{"a day off by law less", asCSV, "2026-10-02", "2026-10-11", 0, "2026-10-02 is off by law, and is missing"},
	} {
		table := strings.ReplaceAll(c.table, c.old, c.new)
		n, problems := calendar.ReadTable(2026, []byte(table))
		if len(problems) == 0 || n.Year != 0 {
			t.Errorf("%s: it is taken", c.name)
			continue
		}
		if !strings.HasPrefix(problems[0].EN, c.en) || problems[0].ZH == "" || problems[0].ZH == problems[0].EN {
			t.Errorf("%s: line %d: %s (%s)", c.name, problems[0].Line, problems[0].EN, problems[0].ZH)
		}
		if c.line != 0 && problems[0].Line < c.line || c.line == 0 && problems[0].Line != 0 {
			t.Errorf("%s: it is told for line %d", c.name, problems[0].Line)
		}
	}
	if _, problems := calendar.ReadTable(2026, nil); len(problems) < 7 {
		t.Errorf("of nothing it says %+v", problems)
	}
}

func TestANoticeTakesThePlaceOfItsYearsAndSpeaksOfNoDayOfAnother(t *testing.T) {
	n, _ := calendar.China().Notice(2026)
	n.Holidays = slices.Clone(n.Holidays)
	n.Holidays[0].To = date(t, "2026-01-01")
	n.Holidays[0].Makeup = nil
	with, err := calendar.China().With(n)
	if err != nil {
		t.Fatal(err)
	}
	if _, off := with.Off(date(t, "2026-01-02")); off || len(with.Years()) != 3 {
		t.Errorf("2 January is off: %v; years %v", off, with.Years())
	}
	if _, off := calendar.China().Off(date(t, "2026-01-02")); !off {
		t.Error("the shipped calendar has changed")
	}
	next := n
	next.Year = 2027
	if _, err := calendar.China().With(next); err == nil {
		t.Error("the days of 2026 are arranged by 2027 as well")
	}
}
