package scheduling

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// offices draws offices of one service and one day, with rooms, some of them
// closed, and counsellors of unlike hours and limits.
func offices(t *rapid.T, alike bool) *Office {
	clock := func(label string, from, to int) calendar.Clock {
		return calendar.Clock(30 * rapid.IntRange(from, to).Draw(t, label))
	}
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	from := clock("opens", 16, 20)
	o := &Office{
		ID: 1, Location: time.UTC, MakeupHoursAs: time.Friday,
		Hours: []Hours{{Days: everyDay, Period: calendar.Period{From: from, To: from + 60 + clock("hours", 0, 10)}}},
		Services: []Service{{
			ID: 21, Code: "s", RoomKind: "k", Places: 1, Parties: Parties{1, 2},
			Duration: time.Duration(rapid.IntRange(6, 18).Draw(t, "duration")) * 5 * time.Minute,
			Buffer:   time.Duration(rapid.IntRange(0, 4).Draw(t, "buffer")) * 5 * time.Minute,
			Step:     time.Duration(rapid.IntRange(3, 12).Draw(t, "step")) * 5 * time.Minute,
		}},
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "rooms") {
		r := Room{ID: int64(i + 1), Kind: "k", Seats: rapid.IntRange(1, 4).Draw(t, "seats")}
		if rapid.IntRange(0, 4).Draw(t, "closed") == 0 {
			r.Closed = []Closure{{From: 1, To: 1}}
		}
		o.Rooms = append(o.Rooms, r)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "staff") {
		m := Staff{ID: int64(i + 11), Username: itoa(int64(i)), Roles: []account.Role{account.Counsellor}, Services: []string{"s"}, Hours: o.Hours}
		if !alike {
			m.Hours = []Hours{{Days: everyDay, Period: calendar.Period{From: clock("from", 16, 24), To: clock("to", 25, 40)}}}
			m.SessionsPerDay = rapid.IntRange(0, 3).Draw(t, "cap")
		}
		o.Staff = append(o.Staff, m)
	}
	return o
}

func TestACapacityIsADayThatCanReallyBeBooked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := offices(t, false)
		g := newGrid(o, o.Services[0], 1, Wish{})
		filled := g.fill(1)
		if got := o.Capacity(o.Services[0], 1); got != len(filled) {
			t.Fatalf("the capacity is %d, of %d sessions", got, len(filled))
		}
		q := g.query(1, 1, 0, time.Time{})
		facts := &Facts{First: q.First, Last: q.Last, Lines: map[Resource]*Line{}, Loads: map[Load]int{}}
		g.know(facts)
		for _, f := range filled {
			m := g.masks(f.start)
			if !slices.ContainsFunc(g.starts(1), f.start.Equal) || !g.roomFree(f.room, m) || !g.counsellorFree(f.counsellor, 1, m) {
				t.Fatalf("%+v cannot be booked", f)
			}
			facts.Line(Resource{RoomResource, g.rooms[f.room].ID}).Busy.Add(m.claim)
			facts.Line(Resource{CounsellorResource, g.staff[f.counsellor].ID}).Busy.Add(m.claim)
			facts.Loads[Load{g.staff[f.counsellor].ID, 1}]++
		}
		for _, start := range g.starts(1) {
			if n := g.free(1, start); n != 0 {
				t.Fatalf("%d more could begin at %s", n, start)
			}
		}
	})
}

func TestWithAlikeRoomsAndCounsellorsTheCapacityIsTheMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := offices(t, true)
		g := newGrid(o, o.Services[0], 1, Wish{})
		one, until := 0, time.Time{}
		for _, start := range g.starts(1) {
			if !until.After(start) {
				one, until = one+1, g.claim(start).To
			}
		}
		open := 0
		for _, r := range g.rooms {
			if !r.ClosedOn(1) {
				open++
			}
		}
		if got, want := o.Capacity(o.Services[0], 1), one*min(open, len(o.Staff)); got != want {
			t.Fatalf("the capacity is %d, want %d", got, want)
		}
	})
}

func TestAShareIsRoundedToTheNearestAndEndsAtNoonOfTheDayBefore(t *testing.T) {
	o, d := smallOffice(t), calendar.NewDate(2026, 3, 9) // a Monday; the day before counts though the office were closed
	s := o.Services[0]
	all := o.Capacity(s, d)
	if all != 4 { // two counsellors at 08:30 and, after the buffer, at 10:00
		t.Fatalf("the capacity is %d", all)
	}
	before := o.OpensToAll(d).Add(-time.Second)
	for percent, want := range map[int]int{1: all, 20: all - 1, 50: all / 2, 100: 0} {
		s.KeptForDesk = percent
		if got, bound := o.CitizensMost(s, d, before); !bound || got != want {
			t.Errorf("with %d%% of %d citizens may have %d, %v; want %d", percent, all, got, bound, want)
		}
		if _, bound := o.CitizensMost(s, d, before.Add(time.Second)); bound {
			t.Errorf("with %d%% it is bound after noon of the day before", percent)
		}
	}
	if want := time.Date(2026, 3, 8, 4, 0, 0, 0, time.UTC); !o.OpensToAll(d).Equal(want) {
		t.Errorf("it opens to all at %s", o.OpensToAll(d))
	}
	s.KeptForDesk = 0
	if _, bound := o.CitizensMost(s, d, before); bound {
		t.Error("it is bound though nothing is kept")
	}
}

func TestDaysAreAlikeOnlyIfTheirCapacityIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := offices(t, false)
		o.Location, _ = time.LoadLocation("Europe/Berlin") // whose clocks change on 29 March 2026
		for i := range o.Staff {
			o.Staff[i].Hours[0].Days = rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, 6), func(n int) time.Weekday { return time.Weekday(n) }), 1, 7, rapid.ID).Draw(t, "days")
			o.Staff[i].Hours[0].ValidFrom = calendar.NewDate(2026, 3, rapid.IntRange(20, 40).Draw(t, "valid from"))
			o.Staff[i].Hours[0].EveryOther = rapid.Bool().Draw(t, "every other week")
		}
		o.Hours = slices.Clone(o.Hours)
		o.Hours[0].Period = calendar.Period{From: 0, To: calendar.EndOfDay}
		c := newCapacities(o, o.Services[0])
		for d := calendar.NewDate(2026, 3, 20); d < calendar.NewDate(2026, 4, 20); d++ {
			if got, want := c.of(d), o.Capacity(o.Services[0], d); got != want {
				t.Fatalf("on %s it is %d, by itself %d", d, got, want)
			}
		}
	})
}

func TestAClassCountsItsPlaces(t *testing.T) {
	o, d := smallOffice(t), calendar.NewDate(2026, 3, 3)
	o.Services[0].Places, o.Services[0].Parties, o.Staff = 3, Parties{2, 4}, o.Staff[:1]
	// One counsellor, at 08:30 and 10:00, in a room with seats for two couples.
	if got := o.Capacity(o.Services[0], d); got != 4 {
		t.Errorf("the capacity is %d", got)
	}
}
