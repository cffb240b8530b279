package messages

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the tests do not hang on what the machine has

	"github.com/google/go-cmp/cmp"

	"magpie/scheduling/calendar"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func clock(s string) calendar.Clock {
	c, err := calendar.ParseClock(s)
	if err != nil {
		panic(err)
	}
	return c
}

func window(from, to string) Window { return Window{From: clock(from), To: clock(to)} }

func quiet(from, to string) *Window {
	w := window(from, to)
	return &w
}

func TestABookingOwesAMessageNowAndTheRemindersStillAhead(t *testing.T) {
	start := at("2026-12-03T09:00:00+08:00")
	p := Policy{Leads: []time.Duration{2 * time.Hour, 24 * time.Hour, 2 * time.Hour}}
	day := Due{Kind: Reminder, Channel: SMS, Lead: 24 * time.Hour, At: start.Add(-24 * time.Hour), Until: start}
	hours := Due{Kind: Reminder, Channel: SMS, Lead: 2 * time.Hour, At: start.Add(-2 * time.Hour), Until: start}
	for _, c := range []struct {
		name      string
		before    time.Duration
		reminders []Due
	}{
		{"a week ahead", 7 * 24 * time.Hour, []Due{day, hours}},
		{"to the second when the first is due", 24 * time.Hour, []Due{day, hours}},
		{"a second after the first was due", 24*time.Hour - time.Second, []Due{hours}},
		{"an hour ahead", time.Hour, nil},
	} {
		for _, event := range []Kind{Booked, Moved} {
			now := start.Add(-c.before)
			want := append([]Due{{Kind: event, Channel: SMS, At: now, Until: start}}, c.reminders...)
			if diff := cmp.Diff(want, Plan(event, now, start, p, AnyReach())); diff != "" {
				t.Errorf("%s, %s: %s", c.name, event, diff)
			}
		}
	}
}

func TestNothingIsOwedAboutAStartThatIsNotAhead(t *testing.T) {
	start := at("2026-12-03T09:00:00+08:00")
	p := Policy{Leads: []time.Duration{time.Hour}}
	for _, late := range []time.Duration{0, time.Second} {
		if got := Plan(Booked, start.Add(late), start, p, AnyReach()); got != nil {
			t.Errorf("%s late: %v", late, got)
		}
	}
	if got := Plan(Code, start.Add(-time.Hour), start, p, Reach{Text: true, Mail: true, Call: true}); got != nil {
		t.Errorf("a code was planned: %v", got)
	}
}

func TestACancellationOwesOneMessageAndNoReminder(t *testing.T) {
	start := at("2026-12-03T09:00:00+08:00")
	for _, c := range []struct {
		name       string
		now, until time.Time
	}{
		{"days before", start.Add(-48 * time.Hour), start},
		{"an hour before", start.Add(-time.Hour), start.Add(time.Hour)},
		{"an hour after", start.Add(time.Hour), start.Add(3 * time.Hour)},
	} {
		want := []Due{{Kind: Cancelled, Channel: SMS, At: c.now, Until: c.until}}
		if diff := cmp.Diff(want, Plan(Cancelled, c.now, start, Policy{Leads: []time.Duration{time.Hour}}, AnyReach())); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// line is a planned message in short: what, by which way, when by the office's
// clock, and the rule.
func line(d Due, loc *time.Location) string {
	s := string(d.Kind) + " " + string(d.Channel) + " " + d.At.In(loc).Format("2 15:04")
	if d.Rule != "" {
		s += " " + string(d.Rule)
	}
	return s
}

func TestAPersonIsReachedAsTheyAsked(t *testing.T) {
	now, start := at("2026-12-01T12:00:00+08:00"), at("2026-12-03T09:00:00+08:00")
	for _, c := range []struct {
		name  string
		reach Reach
		want  []string
	}{
		{"anyhow", AnyReach(), []string{"booked sms 1 12:00", "reminder sms 2 09:00"}},
		{"by e-mail too", Reach{Text: true, Mail: true}, []string{
			"booked sms 1 12:00", "booked mail 1 12:00", "reminder sms 2 09:00", "reminder mail 2 09:00",
		}},
		{"no texts", Reach{Asked: true}, []string{"booked sms 1 12:00 no_text", "reminder sms 2 09:00 no_text"}},
		{"no texts, e-mail", Reach{Mail: true}, []string{
			"booked sms 1 12:00 no_text", "booked mail 1 12:00", "reminder sms 2 09:00 no_text", "reminder mail 2 09:00",
		}},
		{"calls", Reach{Call: true}, []string{
			"booked sms 1 12:00 no_text", "booked call 1 12:00", "reminder sms 2 09:00 no_text", "reminder call 2 09:00",
		}},
		{"texts, so no calls", Reach{Text: true, Call: true}, []string{"booked sms 1 12:00", "reminder sms 2 09:00"}},
		{"neutral texts of an office without such a signature", Reach{Text: true, Neutral: true}, []string{
			"booked sms 1 12:00 no_neutral_signature", "booked call 1 12:00", "reminder sms 2 09:00 no_neutral_signature", "reminder call 2 09:00",
		}},
		{"no texts at all goes before neutral ones", Reach{Neutral: true}, []string{"booked sms 1 12:00 no_text", "reminder sms 2 09:00 no_text"}},
		{"no reminders", Reach{Text: true, Mail: true, Stopped: true}, []string{
			"booked sms 1 12:00", "booked mail 1 12:00", "reminder sms 2 09:00 stopped", "reminder mail 2 09:00 stopped",
		}},
		{"no reminders, and a call for the rest", Reach{Neutral: true, Call: true, Stopped: true}, []string{
			"booked sms 1 12:00 no_text", "booked call 1 12:00", "reminder sms 2 09:00 stopped",
		}},
		{"hours", Reach{Text: true, Hours: []Window{window("10:00", "11:00"), window("15:30", "16:00")}}, []string{
			"booked sms 1 15:30", "reminder sms 2 10:00",
		}},
		{"hours in which a call is possible too", Reach{Call: true, Hours: []Window{window("10:00", "11:00")}}, []string{
			"booked sms 1 12:00 no_text", "booked call 2 10:00", "reminder sms 2 09:00 no_text", "reminder call 2 10:00",
		}},
		{"hours at which it is too late for a reminder", Reach{Text: true, Mail: true, Hours: []Window{window("08:45", "09:00")}}, []string{
			"booked sms 2 08:45", "booked mail 2 08:45", "reminder sms 2 09:00 hours", "reminder mail 2 09:00 hours",
		}},
		{"no messages about this one, whatever else they want", Reach{Text: true, Mail: true, Call: true, Silent: true}, []string{"booked sms 1 12:00 silent", "reminder sms 2 09:00 silent"}},
		{"no messages goes before hours and before stopping", Reach{Silent: true, Stopped: true, Hours: []Window{window("10:00", "11:00")}}, []string{
			"booked sms 1 12:00 silent", "reminder sms 2 09:00 silent",
		}},
		{"hours that are never", Reach{Text: true, Hours: []Window{window("09:00", "09:00")}}, []string{
			"booked sms 1 12:00 hours", "reminder sms 2 09:00 hours",
		}},
	} {
		p := Policy{Leads: []time.Duration{24 * time.Hour}, Location: shanghai}
		var got []string
		for _, d := range Plan(Booked, now, start, p, c.reach) {
			got = append(got, line(d, shanghai))
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestNoEventBreaksASilence(t *testing.T) {
	now, start := at("2026-12-01T12:00:00+08:00"), at("2026-12-03T09:00:00+08:00")
	p := Policy{Leads: []time.Duration{24 * time.Hour, time.Hour}, NeutralSignature: true}
	for _, event := range []Kind{Booked, Moved, Cancelled} {
		due := Plan(event, now, start, p, Reach{Text: true, Mail: true, Neutral: true, Silent: true})
		if want := map[Kind]int{Booked: 3, Moved: 3, Cancelled: 1}[event]; len(due) != want {
			t.Errorf("%s: %d are written down, want %d", event, len(due), want)
		}
		for _, d := range due {
			if d.Rule != RuleSilent || d.Channel != SMS {
				t.Errorf("%s: %+v", event, d)
			}
		}
	}
}

func TestTheNeutralSignatureLetsNeutralTextsGo(t *testing.T) {
	now, start := at("2026-12-01T12:00:00+08:00"), at("2026-12-03T09:00:00+08:00")
	got := Plan(Cancelled, now, start, Policy{NeutralSignature: true}, Reach{Text: true, Neutral: true})
	if diff := cmp.Diff([]Due{{Kind: Cancelled, Channel: SMS, At: now, Until: start}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestQuietHoursHoldBackRemindersAlone(t *testing.T) {
	for _, c := range []struct {
		name       string
		event      Kind
		now, start string
		leads      []time.Duration
		quiet      *Window
		reach      Reach
		want       []string
	}{
		{
			"a booking in the night is confirmed at once", Booked, "2026-12-01T23:00:00+08:00", "2026-12-02T14:30:00+08:00", nil,
			quiet("21:00", "08:00"), AnyReach(), []string{"booked sms 1 23:00"},
		},
		{
			"a reminder of the night goes in the morning", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T09:00:00+08:00", []time.Duration{12 * time.Hour},
			quiet("21:00", "08:00"), AnyReach(), []string{"booked sms 1 12:00", "reminder sms 3 08:00"},
		},
		{
			"half an hour before is soon enough", Moved, "2026-12-01T12:00:00+08:00", "2026-12-03T08:30:00+08:00", []time.Duration{2 * time.Hour},
			quiet("21:00", "08:00"), AnyReach(), []string{"moved sms 1 12:00", "reminder sms 3 08:00"},
		},
		{
			"less is not", Moved, "2026-12-01T12:00:00+08:00", "2026-12-03T08:25:00+08:00", []time.Duration{2 * time.Hour},
			quiet("21:00", "08:00"), AnyReach(), []string{"moved sms 1 12:00", "reminder sms 3 06:25 quiet"},
		},
		{
			"the first minute is quiet, the last is not", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T21:00:00+08:00",
			[]time.Duration{24 * time.Hour, 13 * time.Hour}, quiet("21:00", "08:00"), AnyReach(),
			[]string{"booked sms 1 12:00", "reminder sms 3 08:00 same_time", "reminder sms 3 08:00"},
		},
		{
			"a reminder that is due near the start and not in them is not held to the half hour", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T08:15:00+08:00",
			[]time.Duration{10 * time.Minute}, quiet("21:00", "08:00"), AnyReach(), []string{"booked sms 1 12:00", "reminder sms 3 08:05"},
		},
		{
			"at noon they end on the same day", Booked, "2026-12-01T10:00:00+08:00", "2026-12-03T14:30:00+08:00",
			[]time.Duration{2 * time.Hour}, quiet("12:00", "14:00"), AnyReach(), []string{"booked sms 1 10:00", "reminder sms 3 14:00"},
		},
		{
			"calls are not held back", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T09:00:00+08:00", []time.Duration{12 * time.Hour},
			quiet("21:00", "08:00"), Reach{Call: true},
			[]string{"booked sms 1 12:00 no_text", "booked call 1 12:00", "reminder sms 2 21:00 no_text", "reminder call 2 21:00"},
		},
		{
			"one's own hours go before them, into the night too", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T09:00:00+08:00", []time.Duration{14 * time.Hour},
			quiet("21:00", "08:00"), Reach{Text: true, Hours: []Window{window("22:00", "01:00")}},
			[]string{"booked sms 1 22:00", "reminder sms 2 22:00"},
		},
		{
			"e-mail too", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T09:00:00+08:00", []time.Duration{12 * time.Hour},
			quiet("21:00", "08:00"), Reach{Text: true, Mail: true},
			[]string{"booked sms 1 12:00", "booked mail 1 12:00", "reminder sms 3 08:00", "reminder mail 3 08:00"},
		},
		{
			"a whole quiet day", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T09:00:00+08:00", []time.Duration{12 * time.Hour},
			quiet("00:00", "24:00"), AnyReach(), []string{"booked sms 1 12:00", "reminder sms 2 21:00 quiet"},
		},
		{
			"until midnight", Booked, "2026-12-01T12:00:00+08:00", "2026-12-03T09:00:00+08:00", []time.Duration{12 * time.Hour},
			quiet("20:00", "24:00"), AnyReach(), []string{"booked sms 1 12:00", "reminder sms 3 00:00"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range Plan(c.event, at(c.now), at(c.start), Policy{Leads: c.leads, Quiet: c.quiet, Location: shanghai}, c.reach) {
				got = append(got, line(d, shanghai))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhereClocksChangeAWindowIsWhatTheyShow(t *testing.T) {
	berlin, howe := zone(t, "Europe/Berlin"), zone(t, "Australia/Lord_Howe")
	for _, c := range []struct {
		name, from, want string
		in               *time.Location
		windows          []Window
	}{
		{"an hour that is skipped holds nothing", "2026-03-29T01:30:00+01:00", "2026-03-30T02:10:00+02:00", berlin, []Window{window("02:10", "02:50")}},
		{"one that is cut off begins with the change", "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", berlin, []Window{window("02:30", "04:00")}},
		{"an hour that comes twice holds both times", "2026-10-25T02:45:00+02:00", "2026-10-25T02:15:00+01:00", berlin, []Window{window("02:15", "02:45")}},
		{"one that has passed comes back with the change", "2026-10-25T02:59:00+02:00", "2026-10-25T02:00:00+01:00", berlin, []Window{window("01:00", "02:30")}},
		{"half an hour in Lord Howe", "2026-10-04T01:00:00+10:30", "2026-10-04T02:30:00+11:00", howe, []Window{window("02:10", "03:00")}},
		{"the nearer of two", "2026-12-01T12:00:00+01:00", "2026-12-01T15:00:00+01:00", berlin, []Window{window("09:00", "10:00"), window("15:00", "16:00")}},
		{"to the whole minute", "2026-12-01T12:00:01+01:00", "2026-12-02T11:59:00+01:00", berlin, []Window{window("12:00", "12:00"), window("11:59", "12:00")}},
	} {
		got, ok := next(at(c.from).In(c.in), c.windows)
		if !ok || !got.Equal(at(c.want)) {
			t.Errorf("%s: %v, %v, want %s", c.name, got, ok, c.want)
		}
	}
}

func TestRetriesBackOffToFiveSeconds(t *testing.T) {
	want := []time.Duration{1, 1, 2, 4, 5, 5}
	for attempt, seconds := range want {
		if got := Backoff(attempt); got != seconds*time.Second {
			t.Errorf("attempt %d: %s", attempt, got)
		}
	}
	for _, attempt := range []int{-1, 64, 1 << 40} {
		if got := Backoff(attempt); got < time.Second || got > 5*time.Second {
			t.Errorf("attempt %d: %s", attempt, got)
		}
	}
}
