package scheduling

import (
	"testing"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// smallOffice has two counsellors and three rooms, of which one is larger and
// one of the equal ones is accessible.
func smallOffice(t *testing.T) *Office {
	t.Helper()
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	everyDay := []Hours{{
		Days:   []time.Weekday{0, 1, 2, 3, 4, 5, 6},
		Period: calendar.Period{From: 8*60 + 30, To: 12 * 60},
	}}
	member := func(id int64, name string) Staff {
		return Staff{ID: id, Username: name, Roles: []account.Role{account.Counsellor}, Services: []string{"family"}, Hours: everyDay}
	}
	return &Office{
		ID: 1, Location: loc, Hours: everyDay, Release: 8*60 + 30, MakeupHoursAs: time.Friday,
		Rooms: []Room{
			{ID: 1, Code: "hall", Kind: "counselling", Seats: 8},
			{ID: 2, Code: "step-free", Kind: "counselling", Seats: 4, Accessible: true},
			{ID: 3, Code: "upstairs", Kind: "counselling", Seats: 4},
		},
		Staff: []Staff{member(11, "a"), member(12, "b")},
		Services: []Service{{
			ID: 21, Code: "family", RoomKind: "counselling", Duration: time.Hour, Buffer: 10 * time.Minute, Step: 30 * time.Minute,
			Parties: Parties{1, 4}, Places: 1, Notice: 2 * time.Hour, Horizon: 30 * 24 * time.Hour, ChangeUntil: 2 * time.Hour,
		}},
	}
}

// gridOn is the grid of a date with nothing booked.
func gridOn(o *Office, d calendar.Date, w Wish) *grid {
	g := newGrid(o, o.Services[0], 1, w)
	q := g.query(d, d, 0, time.Time{})
	g.know(&Facts{First: q.First, Last: q.Last, Lines: map[Resource]*Line{}, Loads: map[Load]int{}})
	return g
}

func TestTheAccessibleRoomIsKeptForWhoNeedsIt(t *testing.T) {
	o, d := smallOffice(t), calendar.NewDate(2026, 3, 3)
	start := d.At(9*60, o.Location)
	for want, wish := range map[string]Wish{"upstairs": {}, "step-free": {Accessible: true}} {
		for range 20 { // equals are drawn by lot
			p, ok := gridOn(o, d, wish).choose(d, start, 0)
			if !ok || p.Room.Code != want {
				t.Fatalf("with the wish %+v the room is %q, want %q", wish, p.Room.Code, want)
			}
		}
	}
}

func TestTheLeastBusyOfTheDayAndThenOfTheWeekIsTaken(t *testing.T) {
	o, d := smallOffice(t), calendar.NewDate(2026, 3, 3)
	start := d.At(9*60, o.Location)
	for name, c := range map[string]struct {
		loads map[Load]int
		keep  int64
		want  string
	}{
		"of the day":            {loads: map[Load]int{{11, d}: 1, {12, d.Add(-1)}: 5}, want: "b"},
		"then of the week":      {loads: map[Load]int{{11, d.Add(-1)}: 1}, want: "b"},
		"not of another week":   {loads: map[Load]int{{11, d.Add(-2)}: 9, {12, d.Add(5)}: 1}, want: "a"},
		"but the one to keep":   {loads: map[Load]int{{11, d}: 3}, keep: 11, want: "a"},
		"as far as that is one": {loads: map[Load]int{{11, d}: 3}, keep: 99, want: "b"},
	} {
		g := gridOn(o, d, Wish{})
		g.facts.Loads = c.loads
		for range 10 {
			if p, ok := g.choose(d, start, c.keep); !ok || p.Counsellor.Username != c.want {
				t.Fatalf("%s: it is %q, want %q", name, p.Counsellor.Username, c.want)
			}
		}
	}
}

func TestAStartIsRefusedForItsFirstReason(t *testing.T) {
	o, d := smallOffice(t), calendar.NewDate(2026, 3, 3)
	at := func(d calendar.Date, hour, minute int) time.Time {
		return d.At(calendar.Clock(hour*60+minute), o.Location)
	}
	for name, c := range map[string]struct {
		start, now time.Time
		desk       bool
		want       Code
	}{
		"off the grid":                     {at(d, 9, 10), at(d.Add(-1), 9, 0), false, CodeInvalid},
		"not whole before the end":         {at(d, 11, 30), at(d.Add(-1), 9, 0), false, CodeInvalid},
		"past":                             {at(d, 9, 0), at(d, 9, 0), false, CodeInvalid},
		"past, for the desk too":           {at(d, 9, 0), at(d, 9, 0), true, CodeInvalid},
		"inside the notice":                {at(d, 9, 0), at(d, 7, 1), false, CodeTooLate},
		"at the notice":                    {at(d, 9, 0), at(d, 7, 0), false, ""},
		"inside the notice, at the desk":   {at(d, 9, 0), at(d, 8, 59), true, ""},
		"a second before it opens":         {at(d, 9, 0), at(d.Add(-30), 8, 30).Add(-time.Second), false, CodeNotOpen},
		"as it opens":                      {at(d, 9, 0), at(d.Add(-30), 8, 30), false, ""},
		"before it opens, but at the desk": {at(d, 9, 0), at(d.Add(-90), 8, 0), true, ""},
	} {
		err := gridOn(o, d, Wish{}).checkStart(c.start, c.now, bookingRules{desk: c.desk})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: refused: %v", name, err)
		case c.want != "" && (err == nil || err.Code != c.want):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if c.want == CodeNotOpen && err != nil && !err.OpensAt.Equal(at(d.Add(-30), 8, 30)) {
			t.Errorf("%s: it opens at %s", name, err.OpensAt)
		}
	}
}

func TestPersonalDataShowsInNoFormat(t *testing.T) {
	p := NewPrivate("13800138000")
	text, err := p.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{p.String(), p.GoString(), p.LogValue().String(), string(text)} {
		if shown != "•••" {
			t.Errorf("it shows %q", shown)
		}
	}
	if p.Reveal() != "13800138000" || p.LastFour() != "8000" {
		t.Errorf("revealed %q, its end %q", p.Reveal(), p.LastFour())
	}
}
