package calendar_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"magpie/scheduling/calendar"
)

func practice(t testing.TB, s string) calendar.Practice {
	t.Helper()
	p, err := calendar.ParsePractice(s)
	if err != nil || p.String() != s {
		t.Fatalf("practice %q is read as %s, %v", s, p, err)
	}
	return p
}

func TestTheWorkedExamplesComeOut(t *testing.T) {
	rows := records(t, "thirty-days.csv")
	if len(rows) != 20 {
		t.Fatalf("%d examples, want 20", len(rows))
	}
	for _, r := range rows {
		got, err := calendar.ThirtyDays(date(t, r[0]), practice(t, r[1]), calendar.China())
		if err != nil || got.WithdrawUntil.String() != r[2] || got.CertificateFrom.String() != r[3] ||
			got.CertificateUntil.String() != r[4] || got.Provisional {
			t.Errorf("%s %s: got %s, %s, %s (provisional %t), %v; want %v",
				r[0], r[1], got.WithdrawUntil, got.CertificateFrom, got.CertificateUntil, got.Provisional, err, r[2:])
		}
	}
}

func TestAResultThatTouchesAYearNotLoadedIsProvisional(t *testing.T) {
	for _, c := range []struct {
		received, practice, withdraw, from, until string
		provisional                               bool
	}{
		{"2026-10-30", "roll_both", "2026-11-30", "2026-12-01", "2026-12-30", false},
		{"2026-10-30", "roll_second", "2026-11-29", "2026-11-30", "2026-12-29", false},
		{"2026-11-02", "roll_both", "2026-12-02", "2026-12-03", "2027-01-04", true}, // day 60 is New Year's Day
		{"2026-11-03", "roll_both", "2026-12-03", "2026-12-04", "2027-01-04", true}, // day 60 is a Saturday
		{"2026-11-03", "roll_second", "2026-12-03", "2026-12-04", "2027-01-04", true},
		{"2026-12-01", "roll_both", "2026-12-31", "2027-01-04", "2027-02-01", true},
		{"2027-03-01", "roll_both", "2027-03-31", "2027-04-01", "2027-04-30", true},
		{"2023-12-01", "roll_both", "2024-01-02", "2024-01-03", "2024-02-01", true}, // day 30 is a Sunday, 1 January is off
		{"2023-12-01", "roll_second", "2023-12-31", "2024-01-02", "2024-01-30", true},
		{"2024-01-02", "roll_both", "2024-02-01", "2024-02-02", "2024-03-04", false},
	} {
		got, err := calendar.ThirtyDays(date(t, c.received), practice(t, c.practice), calendar.China())
		if err != nil || got.WithdrawUntil != date(t, c.withdraw) || got.CertificateFrom != date(t, c.from) ||
			got.CertificateUntil != date(t, c.until) || got.Provisional != c.provisional {
			t.Errorf("%s %s: got %s, %s, %s (provisional %t), %v; want %+v", c.received, c.practice,
				got.WithdrawUntil, got.CertificateFrom, got.CertificateUntil, got.Provisional, err, c)
		}
		last := got.Steps[len(got.Steps)-1]
		if named := strings.Contains(last.Rule, "is not loaded"); named != c.provisional {
			t.Errorf("%s %s: the last step is %q", c.received, c.practice, last.Rule)
		}
	}
}

// TestTheNextNoticeReplacesAProvisionalDate shows the trap of the year's end
// from both sides: the same application, before and after the notice.
func TestTheNextNoticeReplacesAProvisionalDate(t *testing.T) {
	newYear := calendar.Break{
		Holiday: calendar.Holiday{ZH: "元旦", EN: "New Year's Day"},
		From:    date(t, "2027-01-01"), To: date(t, "2027-01-04"), Makeup: []calendar.Date{date(t, "2026-12-27")},
	}
	n2026, _ := calendar.China().Notice(2026)
	s, err := calendar.NewStatutory(n2026, calendar.Notice{Year: 2027, Holidays: []calendar.Break{newYear}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := calendar.ThirtyDays(date(t, "2026-11-02"), calendar.RollBoth, s)
	if err != nil || got.CertificateUntil != date(t, "2027-01-05") || got.Provisional {
		t.Errorf("got %s (provisional %t), %v", got.CertificateUntil, got.Provisional, err)
	}
}

func TestADayOnWhichNothingIsReceivedIsRefused(t *testing.T) {
	for s, want := range map[string]error{
		"2020-12-31": calendar.ErrBeforeCivilCode,
		"2021-01-01": calendar.ErrRestDay,
		"2021-01-04": nil,
		"2026-10-01": calendar.ErrRestDay,
		"2026-10-11": calendar.ErrRestDay,
		"2026-10-10": nil, // a make-up Saturday
		"2026-12-31": nil,
		"2027-01-01": calendar.ErrRestDay,
		"2027-01-02": calendar.ErrRestDay,
	} {
		got, err := calendar.ThirtyDays(date(t, s), calendar.RollBoth, calendar.China())
		if !errors.Is(err, want) || (err != nil) != (len(got.Steps) == 0) {
			t.Errorf("received on %s: %+v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "roll", "ROLL_BOTH", "roll_first"} {
		if p, err := calendar.ParsePractice(s); err == nil {
			t.Errorf("practice %q is read as %s", s, p)
		}
	}
}

func TestEveryStepSaysItsRuleInBothLanguagesAndWhereItStands(t *testing.T) {
	got, err := calendar.ThirtyDays(date(t, "2026-03-05"), calendar.RollBoth, calendar.China())
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ date, source string }{
		{"2026-03-05", "art. 201"}, {"2026-04-04", "art. 1077 para. 1"}, {"2026-04-07", "art. 203"}, {"2026-04-07", "art. 1077 para. 1"},
		{"2026-04-08", "art. 1077 para. 2"}, {"2026-05-07", "art. 1077 para. 2"}, {"2026-05-07", "art. 1077 para. 2"},
	}
	if len(got.Steps) != len(want) {
		t.Fatalf("%d steps, want %d: %+v", len(got.Steps), len(want), got.Steps)
	}
	for i, s := range got.Steps {
		if s.Date != date(t, want[i].date) || !strings.Contains(s.Source, want[i].source) || s.Rule == "" || s.RuleZH == "" {
			t.Errorf("step %d is %s %+v, want %+v", i+1, s.Date, s, want[i])
		}
	}
	literal, err := calendar.ThirtyDays(date(t, "2026-03-05"), calendar.RollSecond, calendar.China())
	if err != nil || literal.Steps[2].Date != date(t, "2026-04-04") || !strings.Contains(literal.Steps[2].Source, "民发〔2020〕116号") {
		t.Errorf("under roll_second the third step is %+v, %v", literal.Steps, err)
	}
}

// restDay is a second opinion on rest days, from single days and not from the
// notices.
type restDay struct{ off, makeup map[string]bool }

func (r restDay) is(day time.Time) bool {
	s := day.Format(time.DateOnly)
	if day.Year() < 2024 || day.Year() > 2026 {
		switch s[5:] {
		case "01-01", "05-01", "05-02", "10-01", "10-02", "10-03":
			return true
		}
	}
	return r.off[s] || !r.makeup[s] && (day.Weekday() == time.Saturday || day.Weekday() == time.Sunday)
}

// after walks a calendar day by day: n counted days, then on to a day that is
// no rest day if it rolls.
func (r restDay) after(day time.Time, n int, rolls bool) time.Time {
	for range n {
		day = day.AddDate(0, 0, 1)
	}
	for rolls && r.is(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func TestEveryStartOfThreeYearsAgreesWithWalkingTheCalendar(t *testing.T) {
	r := restDay{map[string]bool{}, map[string]bool{}}
	for _, row := range records(t, "arranged-days.csv") {
		r.off[row[0]], r.makeup[row[0]] = row[1] == "off", row[1] == "makeup"
	}
	china, computed, refused := calendar.China(), 0, 0
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
		for _, p := range []calendar.Practice{calendar.RollBoth, calendar.RollSecond} {
			got, err := calendar.ThirtyDays(date(t, day.Format(time.DateOnly)), p, china)
			if r.is(day) {
				refused++
				if !errors.Is(err, calendar.ErrRestDay) {
					t.Fatalf("%s is a day of rest: got %v", day.Format(time.DateOnly), err)
				}
				continue
			}
			computed++
			withdraw := r.after(day, 30, p == calendar.RollBoth)
			from := r.after(withdraw, 1, true)
			until := r.after(withdraw, 30, true)
			if p == calendar.RollSecond {
				until = r.after(day, 60, true)
			}
			if err != nil || got.WithdrawUntil.String() != withdraw.Format(time.DateOnly) ||
				got.CertificateFrom.String() != from.Format(time.DateOnly) || got.CertificateUntil.String() != until.Format(time.DateOnly) ||
				got.Provisional != (until.Year() > 2026) {
				t.Errorf("%s %s: got %+v, %v; want %s, %s, %s", day.Format(time.DateOnly), p, got, err,
					withdraw.Format(time.DateOnly), from.Format(time.DateOnly), until.Format(time.DateOnly))
			}
			for _, d := range []calendar.Date{got.CertificateFrom, got.CertificateUntil} {
				if working, _ := china.WorkingDay(d); !working || d < got.CertificateFrom {
					t.Errorf("%s %s: certificate date %s is no working day", day.Format(time.DateOnly), p, d)
				}
			}
		}
	}
	if computed != 2*(251+248+248) || refused != 2*(366+365+365)-computed {
		t.Errorf("%d computed, %d refused", computed, refused)
	}
}
