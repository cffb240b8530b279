package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling/calendar"
)

func shift(t testing.TB, period, from, to string, everyOther bool) calendar.Shift {
	t.Helper()
	s := calendar.Shift{Period: hours(t, period)[0], EveryOther: everyOther}
	if from != "" {
		s.From = date(t, from)
	}
	if to != "" {
		s.To = date(t, to)
	}
	return s
}

func TestHoursHoldFromTheirFirstToTheirLastDateAndEveryOtherWeekFromMonday(t *testing.T) {
	for _, c := range []struct {
		name     string
		shift    calendar.Shift
		on, past []string
	}{
		{"always", shift(t, "08:30-12:00", "", "", false), []string{"2026-01-01", "2030-01-01"}, nil},
		{
			"from a Wednesday on", shift(t, "08:30-12:00", "2027-01-06", "", false),
			[]string{"2027-01-06", "2030-01-01"},
			[]string{"2027-01-05"},
		},
		{"until a date", shift(t, "08:30-12:00", "", "2027-01-06", false), []string{"2026-01-01", "2027-01-06"}, []string{"2027-01-07"}},
		{
			"every other week from a Wednesday on", shift(t, "08:30-12:00", "2027-01-06", "2027-02-06", true),
			[]string{"2027-01-06", "2027-01-10", "2027-01-18", "2027-01-24", "2027-02-01", "2027-02-06"},
			[]string{"2027-01-04", "2027-01-11", "2027-01-17", "2027-01-25", "2027-02-07", "2027-02-15"},
		},
		{"every other week over the end of a year of 53 weeks", shift(t, "08:30-12:00", "2026-12-28", "", true), []string{"2027-01-03", "2027-01-11"}, []string{"2027-01-04"}},
	} {
		for _, d := range c.on {
			if !c.shift.On(date(t, d)) {
				t.Errorf("%s: it does not hold on %s", c.name, d)
			}
		}
		for _, d := range c.past {
			if c.shift.On(date(t, d)) {
				t.Errorf("%s: it holds on %s", c.name, d)
			}
		}
	}
}

func TestAMakeupDayTakesItsWeekdaysHoursAsTheyAreThen(t *testing.T) {
	o := anhua(t) // 2026-10-10 is a make-up Saturday that takes Friday's hours
	o.Week[time.Friday] = nil
	o.Shifts[time.Friday] = []calendar.Shift{
		shift(t, "08:30-11:30", "", "2026-10-09", false),
		shift(t, "14:00-16:00", "2026-10-10", "", false),
		shift(t, "09:00-11:00", "2026-10-05", "", true),
		shift(t, "16:00-17:00", "2026-10-12", "", true),
	}
	if got, want := o.Day(date(t, "2026-10-10")).Periods, hours(t, "09:00-11:00", "14:00-16:00"); !slices.Equal(got, want) {
		t.Errorf("the office opens %v, want %v", got, want)
	}
	if got, want := o.Day(date(t, "2026-10-16")).Periods, hours(t, "14:00-16:00", "16:00-17:00"); !slices.Equal(got, want) {
		t.Errorf("the Friday after it opens %v, want %v", got, want)
	}
	staff := calendar.Timetable{}
	staff.Shifts[time.Friday] = o.Shifts[time.Friday]
	if got, want := o.Day(date(t, "2026-10-10")).StaffPeriods(&staff), hours(t, "09:00-11:00", "14:00-16:00"); !slices.Equal(got, want) {
		t.Errorf("staff are there %v, want %v", got, want)
	}
}

func TestAWeekWithoutHoursIsClosedAsAWeekendIs(t *testing.T) {
	o := anhua(t)
	o.Shifts[time.Saturday] = []calendar.Shift{shift(t, "09:00-11:00", "2026-10-12", "", true)}
	for day, want := range map[string]calendar.DayKind{"2026-10-17": calendar.Ordinary, "2026-10-24": calendar.Weekend, "2026-10-31": calendar.Ordinary} {
		if got := o.Day(date(t, day)); got.Kind != want || (len(got.Periods) > 0) != (want == calendar.Ordinary) {
			t.Errorf("%s is %s with %v", day, got.Kind, got.Periods)
		}
	}
}

// shifts are some within ten weeks, so that all of their dates can be tried.
func shifts() *rapid.Generator[calendar.Shift] {
	return rapid.Custom(func(t *rapid.T) calendar.Shift {
		first := calendar.NewDate(2026, time.December, 1)
		var s calendar.Shift
		if rapid.Bool().Draw(t, "from") {
			s.From, s.EveryOther = first.Add(rapid.IntRange(0, 60).Draw(t, "first")), rapid.Bool().Draw(t, "every other week")
		}
		if rapid.Bool().Draw(t, "to") {
			s.To = max(s.From, first.Add(rapid.IntRange(0, 70).Draw(t, "last")))
		}
		return s
	})
}

func TestTwoShiftsMeetIfAndOnlyIfThereIsADateOnWhichBothHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := shifts().Draw(t, "a"), shifts().Draw(t, "b")
		want := false
		for d := calendar.NewDate(2026, time.November, 1); d < calendar.NewDate(2027, time.April, 1); d++ {
			want = want || a.On(d) && b.On(d)
		}
		if got := a.Meets(b); got != want || b.Meets(a) != want {
			t.Fatalf("it says %v and %v, the dates say %v", got, b.Meets(a), want)
		}
	})
}
