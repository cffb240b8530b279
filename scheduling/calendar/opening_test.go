package calendar_test

import (
	"slices"
	"testing"
	"time"

	"magpie/scheduling/calendar"
)

// anhua has the hours of the demonstration office, Fridays shorter, so that
// one sees whose hours a day takes.
func anhua(t testing.TB) calendar.Opening {
	t.Helper()
	o := calendar.Opening{Statutory: calendar.China(), MakeupAs: time.Friday, Exceptions: map[calendar.Date]calendar.Exception{}}
	for d := time.Monday; d <= time.Thursday; d++ {
		o.Week[d] = hours(t, "08:30-12:00", "14:30-17:30")
	}
	o.Week[time.Friday] = hours(t, "08:30-11:30")
	return o
}

func TestEachKindOfDayTakesItsHours(t *testing.T) {
	closed := calendar.Exception{Closed: true}
	morning := calendar.Exception{Hours: hours(t, "09:00-11:00")[0]}
	weekly, friday, extra := hours(t, "08:30-12:00", "14:30-17:30"), hours(t, "08:30-11:30"), hours(t, "09:00-11:00")
	week := calendar.Week{
		time.Monday: hours(t, "08:00-12:00"), time.Thursday: hours(t, "08:00-16:00"), time.Friday: hours(t, "10:00-17:00"),
		time.Sunday: hours(t, "06:00-07:00"),
	}
	thursdayStaff, fridayStaff, mondayStaff, sundayStaff := week[time.Thursday], week[time.Friday], week[time.Monday], week[time.Sunday]
	nationalDay := calendar.Holiday{ZH: "国庆节", EN: "National Day"}
	newYear := calendar.Holiday{ZH: "元旦", EN: "New Year's Day"}
	for _, c := range []struct {
		name, date string
		exception  *calendar.Exception
		none       bool // the office keeps no holidays
		kind       calendar.DayKind
		holiday    calendar.Holiday
		office     []calendar.Period
		staff      []calendar.Period
	}{
		{"a plain Thursday", "2026-10-15", nil, false, calendar.Ordinary, calendar.Holiday{}, weekly, thursdayStaff},
		{"a Tuesday on which the person is not there", "2026-10-13", nil, false, calendar.Ordinary, calendar.Holiday{}, weekly, nil},
		{"a plain Saturday", "2026-10-17", nil, false, calendar.Weekend, calendar.Holiday{}, nil, nil},
		{"a holiday Thursday", "2026-10-01", nil, false, calendar.ClosedHoliday, nationalDay, nil, nil},
		{"a Sunday inside a holiday", "2026-10-04", nil, false, calendar.ClosedHoliday, nationalDay, nil, nil},
		{"a holiday of an office that keeps none", "2026-10-01", nil, true, calendar.Ordinary, calendar.Holiday{}, weekly, thursdayStaff},
		{"a make-up Saturday takes Friday's hours", "2026-10-10", nil, false, calendar.Makeup, calendar.Holiday{}, friday, fridayStaff},
		{"a make-up Sunday does so against own Sunday hours", "2026-09-20", nil, false, calendar.Makeup, calendar.Holiday{}, friday, fridayStaff},
		{"a make-up Sunday of an office that keeps none", "2026-09-20", nil, true, calendar.Weekend, calendar.Holiday{}, nil, sundayStaff},
		{"a closed Thursday", "2026-10-15", &closed, false, calendar.ClosedException, calendar.Holiday{}, nil, nil},
		{"a closed make-up Saturday", "2026-10-10", &closed, false, calendar.ClosedException, calendar.Holiday{}, nil, nil},
		{"a closed holiday", "2026-10-01", &closed, false, calendar.ClosedException, nationalDay, nil, nil},
		{"an open holiday", "2026-10-01", &morning, false, calendar.Extra, nationalDay, extra, thursdayStaff},
		{"other hours on a Thursday", "2026-10-15", &morning, false, calendar.Extra, calendar.Holiday{}, extra, thursdayStaff},
		{"an open Saturday: staff without hours take Friday's", "2026-10-17", &morning, false, calendar.Extra, calendar.Holiday{}, extra, fridayStaff},
		{"an open Sunday: staff with hours keep theirs", "2026-10-18", &morning, false, calendar.Extra, calendar.Holiday{}, extra, sundayStaff},
		{"other hours on a make-up Sunday: staff take Friday's", "2026-09-20", &morning, false, calendar.Extra, calendar.Holiday{}, extra, fridayStaff},
		{"the same where no holidays are kept: own hours", "2026-09-20", &morning, true, calendar.Extra, calendar.Holiday{}, extra, sundayStaff},
		{"a Monday of a year not loaded", "2027-01-04", nil, false, calendar.NotLoaded, calendar.Holiday{}, weekly, mondayStaff},
		{"a Sunday of a year not loaded", "2027-01-03", nil, false, calendar.NotLoaded, calendar.Holiday{}, nil, sundayStaff},
		{"New Year's Day of a year not loaded", "2027-01-01", nil, false, calendar.NotLoaded, calendar.Holiday{}, friday, fridayStaff},
		{"a year not loaded, where no holidays are kept", "2027-01-04", nil, true, calendar.Ordinary, calendar.Holiday{}, weekly, mondayStaff},
		{"an exception in a year not loaded", "2027-01-04", &morning, false, calendar.Extra, calendar.Holiday{}, extra, mondayStaff},
		{"a closure in a year not loaded", "2027-01-04", &closed, false, calendar.ClosedException, calendar.Holiday{}, nil, nil},
		{"the first day of the year", "2026-01-01", nil, false, calendar.ClosedHoliday, newYear, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := anhua(t)
			if c.none {
				o.Statutory = nil
			}
			if c.exception != nil {
				o.Exceptions[date(t, c.date)] = *c.exception
			}
			got := o.Day(date(t, c.date))
			if got.Kind != c.kind || got.Holiday != c.holiday || got.Date != date(t, c.date) || !slices.Equal(got.Periods, c.office) {
				t.Errorf("got %s, %+v, %v; want %s, %+v, %v", got.Kind, got.Holiday, got.Periods, c.kind, c.holiday, c.office)
			}
			if staff := got.StaffPeriods(&calendar.Timetable{Week: week}); !slices.Equal(staff, c.staff) {
				t.Errorf("staff are there %v, want %v", staff, c.staff)
			}
		})
	}
}

func TestAMakeupSundayMayTakeMondaysHours(t *testing.T) {
	o := anhua(t)
	o.MakeupAs = time.Monday
	o.Week[time.Monday] = hours(t, "13:00-18:00")
	day := o.Day(date(t, "2026-01-04"))
	if day.Kind != calendar.Makeup || !slices.Equal(day.Periods, hours(t, "13:00-18:00")) {
		t.Errorf("got %s, %v", day.Kind, day.Periods)
	}
}

func TestEveryDayOf2026HasTheKindThatTheNoticeGives(t *testing.T) {
	o, got := anhua(t), map[calendar.DayKind]int{}
	for d := date(t, "2026-01-01"); d.Year() == 2026; d++ {
		got[o.Day(d).Kind]++
	}
	want := map[calendar.DayKind]int{calendar.Ordinary: 242, calendar.Makeup: 6, calendar.ClosedHoliday: 33, calendar.Weekend: 84}
	for k := range calendar.NotLoaded + 1 {
		if got[k] != want[k] {
			t.Errorf("%d days are %s, want %d", got[k], k, want[k])
		}
	}
}
