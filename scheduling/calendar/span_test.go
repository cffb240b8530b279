package calendar_test

import (
	"slices"
	"testing"
	"time"

	"magpie/scheduling/calendar"
)

// hours reads "08:30-12:00" and the like.
func hours(t testing.TB, periods ...string) []calendar.Period {
	t.Helper()
	var out []calendar.Period
	for _, p := range periods {
		out = append(out, calendar.Period{From: clock(t, p[:5]), To: clock(t, p[6:])})
	}
	return out
}

func wallTimes(times []time.Time, loc *time.Location) []string {
	out := []string{}
	for _, at := range times {
		out = append(out, at.In(loc).Format("01-02 15:04 -0700"))
	}
	return out
}

func TestStartsComeEveryStepFromTheBeginningOfEachPeriod(t *testing.T) {
	for _, c := range []struct {
		name, zone, date string
		periods          []string
		duration, step   time.Duration
		want             []string
	}{
		{"lunch is not crossed", "Asia/Shanghai", "2026-10-09", []string{"08:30-12:00", "14:30-17:30"}, 90 * time.Minute, time.Hour,
			[]string{"10-09 08:30 +0800", "10-09 09:30 +0800", "10-09 10:30 +0800", "10-09 14:30 +0800", "10-09 15:30 +0800"}},
		{"the last session ends with the period", "Asia/Shanghai", "2026-10-09", []string{"08:30-10:00"}, 60 * time.Minute, 30 * time.Minute,
			[]string{"10-09 08:30 +0800", "10-09 09:00 +0800"}},
		{"touching periods are not joined", "Asia/Shanghai", "2026-10-09", []string{"08:30-09:15", "09:15-10:00"}, time.Hour, 5 * time.Minute,
			[]string{}},
		{"overlapping periods give a start once, in order", "Asia/Shanghai", "2026-10-09", []string{"08:00-10:00", "08:30-10:00"}, time.Hour, 30 * time.Minute,
			[]string{"10-09 08:00 +0800", "10-09 08:30 +0800", "10-09 09:00 +0800"}},
		{"a longer step than the period gives one start", "Asia/Shanghai", "2026-10-09", []string{"08:30-09:30"}, time.Hour, 24 * time.Hour,
			[]string{"10-09 08:30 +0800"}},
		{"UTC midnight is nothing special", "Asia/Shanghai", "2026-10-09", []string{"07:00-09:00"}, time.Hour, 30 * time.Minute,
			[]string{"10-09 07:00 +0800", "10-09 07:30 +0800", "10-09 08:00 +0800"}},
		{"24:00 ends the day", "Asia/Shanghai", "2026-10-09", []string{"22:30-24:00"}, 45 * time.Minute, 45 * time.Minute,
			[]string{"10-09 22:30 +0800", "10-09 23:15 +0800"}},
		{"an hour is skipped in spring", "America/New_York", "2026-03-08", []string{"01:00-05:00"}, time.Hour, time.Hour,
			[]string{"03-08 01:00 -0500", "03-08 03:00 -0400", "03-08 04:00 -0400"}},
		{"an hour comes twice in autumn", "America/New_York", "2026-11-01", []string{"00:00-03:00"}, time.Hour, time.Hour,
			[]string{"11-01 00:00 -0400", "11-01 01:00 -0400", "11-01 01:00 -0500", "11-01 02:00 -0500"}},
		{"half an hour is skipped on Lord Howe", "Australia/Lord_Howe", "2026-10-04", []string{"01:30-03:30"}, 30 * time.Minute, 30 * time.Minute,
			[]string{"10-04 01:30 +1030", "10-04 02:30 +1100", "10-04 03:00 +1100"}},
		{"half an hour comes twice on Lord Howe", "Australia/Lord_Howe", "2026-04-05", []string{"01:30-02:30"}, 30 * time.Minute, 30 * time.Minute,
			[]string{"04-05 01:30 +1100", "04-05 01:30 +1030", "04-05 02:00 +1030"}},
		{"a period that the clocks skip gives nothing", "America/New_York", "2026-03-08", []string{"02:00-03:00"}, 5 * time.Minute, 5 * time.Minute,
			[]string{}},
		{"Shanghai springs forward in 1986", "Asia/Shanghai", "1986-05-04", []string{"01:00-04:00"}, time.Hour, time.Hour,
			[]string{"05-04 01:00 +0800", "05-04 03:00 +0900"}},
		{"Kathmandu is a quarter off", "Asia/Kathmandu", "2026-10-09", []string{"05:30-06:00"}, 15 * time.Minute, 15 * time.Minute,
			[]string{"10-09 05:30 +0545", "10-09 05:45 +0545"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			loc := zone(t, c.zone)
			open := calendar.Spans(date(t, c.date), hours(t, c.periods...), loc)
			if got := wallTimes(calendar.Starts(open, c.duration, c.step), loc); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestADurationOrStepThatIsNotPositiveGivesNoStart(t *testing.T) {
	open := calendar.Spans(date(t, "2026-10-09"), hours(t, "08:30-12:00"), time.UTC)
	for _, c := range [][2]time.Duration{{0, time.Hour}, {-time.Hour, time.Hour}, {time.Hour, 0}, {time.Hour, -time.Hour}} {
		if got := calendar.Starts(open, c[0], c[1]); len(got) != 0 {
			t.Errorf("duration %s, step %s: %v", c[0], c[1], got)
		}
	}
}

func TestADayWhoseClocksChangeIsStillCoveredWithoutGapOrOverlap(t *testing.T) {
	for _, c := range []struct {
		zone, date string
		want       time.Duration
	}{
		{"Asia/Shanghai", "2026-03-08", 24 * time.Hour},
		{"America/New_York", "2026-03-08", 23 * time.Hour},
		{"America/New_York", "2026-11-01", 25 * time.Hour},
		{"Australia/Lord_Howe", "2026-04-05", 24*time.Hour + 30*time.Minute},
		{"Australia/Lord_Howe", "2026-10-04", 23*time.Hour + 30*time.Minute},
		{"Asia/Shanghai", "1990-04-15", 23 * time.Hour},
		{"Asia/Shanghai", "1990-09-16", 25 * time.Hour},
		{"America/Sao_Paulo", "2018-11-04", 23 * time.Hour},
		{"America/Sao_Paulo", "2018-02-17", 25 * time.Hour},
		{"Pacific/Apia", "2011-12-30", 0},
	} {
		loc, d := zone(t, c.zone), date(t, c.date)
		last, sum := d.At(0, loc), time.Duration(0)
		for m := calendar.Clock(0); m < calendar.EndOfDay; m += 5 {
			for _, s := range calendar.Spans(d, []calendar.Period{{From: m, To: m + 5}}, loc) {
				if !s.From.Equal(last) {
					t.Fatalf("%s %s: %s begins at %s, the one before ended at %s", c.zone, c.date, m, s.From, last)
				}
				last, sum = s.To, sum+s.To.Sub(s.From)
			}
		}
		if sum != c.want || !last.Equal(d.Add(1).At(0, loc)) {
			t.Errorf("%s %s lasts %s until %s, want %s", c.zone, c.date, sum, last, c.want)
		}
	}
}

func TestSpansThatOnlyTouchDoNotOverlap(t *testing.T) {
	at := func(minute int) time.Time { return time.Unix(int64(minute)*60, 0) }
	span := func(from, to int) calendar.Span { return calendar.Span{From: at(from), To: at(to)} }
	for _, c := range []struct {
		a, b               calendar.Span
		overlaps, contains bool
	}{
		{span(10, 20), span(20, 30), false, false},
		{span(10, 20), span(0, 10), false, false},
		{span(10, 20), span(19, 30), true, false},
		{span(10, 20), span(10, 20), true, true},
		{span(10, 20), span(12, 15), true, true},
		{span(10, 20), span(5, 25), true, false},
		{span(10, 20), span(10, 21), true, false},
		{span(10, 20), span(15, 15), false, true},
		{span(10, 20), span(30, 40), false, false},
	} {
		if c.a.Overlaps(c.b) != c.overlaps || c.b.Overlaps(c.a) != c.overlaps || c.a.Contains(c.b) != c.contains {
			t.Errorf("%v and %v: overlaps %t, contains %t; want %t, %t", c.a, c.b, c.a.Overlaps(c.b), c.a.Contains(c.b), c.overlaps, c.contains)
		}
	}
}
