package calendar_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"magpie/scheduling/calendar"

	"pgregory.net/rapid"
)

// office is one drawn case: an office, one of its staff, what is booked
// already, and the service asked for. The oracle reads it and nothing else of
// the package: dates are text, hours are minutes, the holidays are sets.
type office struct {
	loc                    *time.Location
	day                    time.Time // midnight UTC of the civil date
	week, staff            [7][][2]int
	exception              *[2]int // {0, 0} closes
	keepsHolidays, loaded  bool
	off, makeup            bool
	makeupAs               time.Weekday
	busy                   []calendar.Span
	duration, buffer, step int // minutes
}

// traps are dates near which clocks change, or a UTC day ends inside the hours.
var traps = []struct{ zone, date string }{
	{"Asia/Shanghai", "2026-10-09"}, {"Asia/Shanghai", "1986-05-04"}, {"Asia/Shanghai", "1986-09-14"},
	{"Asia/Shanghai", "1991-04-14"}, {"Asia/Shanghai", "1991-09-15"},
	{"America/New_York", "2026-03-08"}, {"America/New_York", "2026-11-01"},
	{"Australia/Lord_Howe", "2026-04-05"}, {"Australia/Lord_Howe", "2026-10-04"},
	{"Asia/Kathmandu", "2026-10-09"}, {"Pacific/Apia", "2011-12-30"},
	{"America/Sao_Paulo", "2018-02-18"}, {"America/Sao_Paulo", "2018-11-04"}, {"UTC", "2024-02-29"},
}

func drawPeriods(t *rapid.T, label string) (periods [][2]int) {
	if rapid.IntRange(0, 3).Draw(t, label+": all day") == 3 {
		return [][2]int{{0, 1440}}
	}
	n := rapid.SampledFrom([]int{4, 3, 2, 0}).Draw(t, label+": edges")
	edges := rapid.SliceOfNDistinct(rapid.IntRange(0, 288), n, n, rapid.ID[int]).Draw(t, label)
	slices.Sort(edges)
	for len(edges) >= 2 {
		periods = append(periods, [2]int{edges[0] * 5, edges[1] * 5})
		// A period may begin where the last one ended.
		if len(edges) == 3 {
			edges = edges[1:]
		} else {
			edges = edges[2:]
		}
	}
	return periods
}

func drawOffice(t *rapid.T, zones map[string]*time.Location) office {
	trap := rapid.SampledFrom(traps).Draw(t, "trap")
	day, err := time.Parse(time.DateOnly, trap.date)
	if err != nil {
		t.Fatal(err)
	}
	o := office{
		loc: zones[trap.zone], day: day.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(t, "days away")),
		keepsHolidays: rapid.Bool().Draw(t, "holidays: cn"), loaded: rapid.Bool().Draw(t, "loaded"),
		makeupAs: time.Weekday(rapid.IntRange(0, 6).Draw(t, "makeup_hours_as")),
		duration: 5 * rapid.IntRange(1, 18).Draw(t, "duration"),
		buffer:   5 * rapid.IntRange(0, 6).Draw(t, "buffer"),
		step:     5 * rapid.IntRange(1, 24).Draw(t, "step"),
	}
	for d := range 7 {
		o.week[d], o.staff[d] = drawPeriods(t, "office hours"), drawPeriods(t, "staff hours")
	}
	weekend := o.day.Weekday() == time.Saturday || o.day.Weekday() == time.Sunday
	switch rapid.IntRange(0, 7).Draw(t, "arranged") {
	case 7:
		o.off = o.loaded
	case 4, 5, 6:
		o.makeup = o.loaded && weekend
	}
	if rapid.IntRange(0, 3).Draw(t, "excepted") == 3 {
		o.exception = &[2]int{}
		if p := drawPeriods(t, "exception"); len(p) > 0 {
			o.exception = &p[0]
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "bookings") {
		from := o.day.Add(time.Duration(rapid.IntRange(-12*60, 36*60).Draw(t, "booked from")) * time.Minute).Truncate(5 * time.Minute)
		o.busy = append(o.busy, calendar.Span{From: from, To: from.Add(time.Duration(5*rapid.IntRange(1, 40).Draw(t, "booked for")) * time.Minute)})
	}
	return o
}

// free finds the starts with the package, as availability does: the hours of
// the day, the starts they give, the person's hours, and the words taken.
func (o office) free(t *rapid.T) []time.Time {
	d, err := calendar.ParseDate(o.day.Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	day := o.opening(t, d).Day(d)
	open := calendar.Spans(d, day.Periods, o.loc)
	first := calendar.DayOf(o.day) - 2
	there, busy := calendar.NewTrack(first, 5), calendar.NewTrack(first, 5)
	for _, s := range calendar.Spans(d, day.StaffPeriods(&calendar.Timetable{Week: weekOf(o.staff)}), o.loc) {
		there.Add(calendar.Mask(s))
	}
	for _, s := range o.busy {
		busy.Add(calendar.Mask(s))
	}
	var starts []time.Time
	for _, at := range calendar.Starts(open, minutes(o.duration), minutes(o.step)) {
		session := calendar.Mask(calendar.Span{From: at, To: at.Add(minutes(o.duration))})
		withBuffer := calendar.Mask(calendar.Span{From: at, To: at.Add(minutes(o.duration + o.buffer))})
		if there.Covers(session) && !busy.Hits(withBuffer) {
			starts = append(starts, at)
		}
	}
	return starts
}

func (o office) opening(t *rapid.T, d calendar.Date) calendar.Opening {
	opening := calendar.Opening{Timetable: calendar.Timetable{Week: weekOf(o.week)}, MakeupAs: o.makeupAs}
	if o.exception != nil {
		from, to := o.exception[0], o.exception[1]
		opening.Exceptions = map[calendar.Date]calendar.Exception{
			d: {Closed: from == to, Hours: calendar.Period{From: calendar.Clock(from), To: calendar.Clock(to)}},
		}
	}
	if !o.keepsHolidays {
		return opening
	}
	var notices []calendar.Notice
	if o.loaded {
		n := calendar.Notice{Year: o.day.Year()}
		b := calendar.Break{Holiday: calendar.Holiday{ZH: "假日", EN: "A holiday"}, From: d, To: d}
		if o.makeup {
			// Some day has to be the holiday that the make-up workday is for.
			b.From, b.To, b.Makeup = d.Add(1), d.Add(1), []calendar.Date{d}
		}
		if o.off || o.makeup {
			n.Holidays = append(n.Holidays, b)
		}
		notices = append(notices, n)
	}
	s, err := calendar.NewStatutory(notices...)
	if err != nil {
		t.Fatal(err)
	}
	opening.Statutory = s
	return opening
}

// oracle finds the same by looking at each minute of the days around.
func (o office) oracle() []time.Time {
	const all = 5 * 24 * 60
	var wall [all]int // by minute from a day and a half before: minutes after the date's midnight on the wall
	begin := o.day.Add(-36 * time.Hour)
	for m := range all {
		local := begin.Add(minutes(m)).In(o.loc)
		y, month, d := local.Date()
		days := time.Date(y, month, d, 0, 0, 0, 0, time.UTC).Sub(o.day)
		wall[m] = int(days/time.Minute) + local.Hour()*60 + local.Minute()
	}
	instant := func(clock int) int { // the first minute at which the wall shows it, or later
		for m := range all {
			if wall[m] >= clock {
				return m
			}
		}
		return all
	}
	officeHours, staffHours := o.hoursOfTheDay()
	there, taken := map[int]bool{}, map[int]bool{}
	for _, p := range staffHours {
		for m := instant(p[0]); m < instant(p[1]); m++ {
			there[m] = true
		}
	}
	for _, s := range o.busy {
		for at := s.From; at.Before(s.To); at = at.Add(time.Minute) {
			taken[int(at.Sub(begin)/time.Minute)] = true
		}
	}
	found := map[int]bool{}
	for _, p := range officeHours {
		opens, closes := instant(p[0]), instant(p[1])
	starts:
		for m := opens; m < closes; m++ {
			if (m-opens)%o.step != 0 {
				continue
			}
			for i := range o.duration + o.buffer {
				if taken[m+i] || i < o.duration && (m+i >= closes || !there[m+i]) {
					continue starts
				}
			}
			found[m] = true
		}
	}
	var starts []time.Time
	for _, m := range slices.Sorted(maps.Keys(found)) {
		starts = append(starts, begin.Add(minutes(m)))
	}
	return starts
}

// hoursOfTheDay restates the contract's rules on which hours a day takes.
func (o office) hoursOfTheDay() (office, staff [][2]int) {
	weekday := o.day.Weekday()
	makeup := o.keepsHolidays && o.makeup
	if o.exception != nil {
		if o.exception[0] == o.exception[1] {
			return nil, nil
		}
		if makeup || len(o.staff[weekday]) == 0 {
			weekday = o.makeupAs
		}
		return [][2]int{*o.exception}, o.staff[weekday]
	}
	if o.keepsHolidays && o.off {
		return nil, nil
	}
	if makeup {
		weekday = o.makeupAs
	}
	return o.week[weekday], o.staff[weekday]
}

func weekOf(hours [7][][2]int) (w calendar.Week) {
	for d := range hours {
		for _, p := range hours[d] {
			w[d] = append(w[d], calendar.Period{From: calendar.Clock(p[0]), To: calendar.Clock(p[1])})
		}
	}
	return w
}

func minutes(n int) time.Duration {
	return time.Duration(n) * time.Minute
}

func TestFreeStartsAreThoseThatLookingAtEachMinuteFinds(t *testing.T) {
	zones := map[string]*time.Location{}
	for _, trap := range traps {
		zones[trap.zone] = zone(t, trap.zone)
	}
	cases, offered := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		o := drawOffice(t, zones)
		got, want := o.free(t), o.oracle()
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("in %s on %s: got %v, want %v", o.loc, o.day.Format(time.DateOnly), wallTimes(got, o.loc), wallTimes(want, o.loc))
		}
		cases++
		if len(want) > 0 {
			offered++
		}
	})
	// A property that hardly ever sees a free start would prove nothing.
	if offered*5 < cases && cases >= 100 {
		t.Errorf("only %d of %d drawn days had a free start", offered, cases)
	}
}
