package scheduling

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"magpie/scheduling/calendar"
)

// dragged is an appointment of the small office at nine with a, upstairs, and
// the facts of that day in which it and nothing else is booked.
func dragged(o *Office, d calendar.Date) (Appointment, *Facts) {
	s := o.Services[0]
	start := d.At(9*60, o.Location).UTC()
	a := Appointment{
		ID: 1, Office: o, Service: s, Status: Booked, Start: start, End: start.Add(s.Duration), Heads: 1, Asker: Person{ID: 7}, Notified: Person{ID: 7},
		Room: o.Rooms[2], Counsellor: o.Staff[0],
	}
	a.Session = Session{
		ID: 5, ServiceID: s.ID, Room: 3, Counsellor: 11, Start: start, End: a.End, ClaimEnd: a.End.Add(s.Buffer), Taken: 1, Places: 1, Heads: 1, Seats: 4, Date: d,
	}
	first := calendar.DayOf(d.Add(-1).At(0, o.Location))
	f := &Facts{First: first, Last: first + 3, Lines: map[Resource]*Line{}, Loads: map[Load]int{}}
	book(f, a.Session)
	f.Line(Resource{PersonResource, 7}).Busy.Add(calendar.Mask(calendar.Span{From: a.Start, To: a.End}))
	return a, f
}

func book(f *Facts, s Session) {
	f.Line(Resource{RoomResource, s.Room}).Busy.Add(calendar.Mask(s.Claim()))
	f.Line(Resource{CounsellorResource, s.Counsellor}).Busy.Add(calendar.Mask(s.Claim()))
	f.Loads[Load{s.Counsellor, s.Date}]++
}

func codesOf(problems []MoveProblem) []ProblemCode {
	var out []ProblemCode
	for _, p := range problems {
		out = append(out, p.Code)
	}
	return out
}

func TestAMoveMeetsWhatIsInTheWayAndNothingElse(t *testing.T) {
	d := calendar.NewDate(2026, 3, 3)
	for name, c := range map[string]struct {
		start, end, counsellor, room string
		now                          string
		change                       func(o *Office, a *Appointment, f *Facts)
		want                         []ProblemCode
	}{
		"another start":                       {start: "10:30"},
		"over its own old time":               {start: "09:30"},
		"another counsellor":                  {start: "09:00", counsellor: "b"},
		"another room":                        {start: "09:00", room: "hall"},
		"all at once":                         {start: "10:00", end: "11:30", counsellor: "b", room: "hall"},
		"longer where it is":                  {start: "09:00", end: "10:30"},
		"off the grid":                        {start: "09:10", want: []ProblemCode{MeetsClosed}},
		"past":                                {start: "09:30", now: "09:30", want: []ProblemCode{MeetsPast}},
		"too short":                           {start: "09:00", end: "09:55", want: []ProblemCode{MeetsLength}},
		"too long":                            {start: "09:00", end: "11:05", want: []ProblemCode{MeetsLength}},
		"not whole quanta":                    {start: "09:00", end: "10:07", want: []ProblemCode{MeetsLength}},
		"over the end of the hours":           {start: "10:30", end: "12:30", want: []ProblemCode{MeetsClosed, MeetsNobody}},
		"stretched into the counsellor's own": {start: "09:00", end: "10:30", change: func(o *Office, a *Appointment, f *Facts) { book(f, other(a, "10:30", 11, 1)) }, want: []ProblemCode{MeetsBusy}},
		"stretched into the room's":           {start: "09:00", end: "10:30", change: func(o *Office, a *Appointment, f *Facts) { book(f, other(a, "10:30", 12, 3)) }, want: []ProblemCode{MeetsRoomBusy}},
		"a busy colleague":                    {start: "09:00", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) { book(f, other(a, "09:30", 12, 1)) }, want: []ProblemCode{MeetsBusy}},
		"a colleague on leave": {start: "09:00", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) {
			f.Line(Resource{CounsellorResource, 12}).Off.Add(calendar.Mask(calendar.Span{From: a.Start, To: a.End}))
		}, want: []ProblemCode{MeetsLeave}},
		"a colleague with a full day":   {start: "09:00", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) { o.Staff[1].SessionsPerDay, f.Loads[Load{12, d}] = 2, 2 }, want: []ProblemCode{MeetsFullDay}},
		"one's own full day is no harm": {start: "10:30", counsellor: "a", change: func(o *Office, a *Appointment, f *Facts) { o.Staff[0].SessionsPerDay = 1 }},
		"a colleague who is off":        {start: "09:00", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) { o.Staff[1].Hours = nil }, want: []ProblemCode{MeetsHours}},
		"who does not give it":          {start: "09:00", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) { o.Staff[1].Services = nil }, want: []ProblemCode{MeetsUnqualified}},
		"a closed room": {start: "09:00", room: "hall", change: func(o *Office, a *Appointment, f *Facts) {
			f.Line(Resource{RoomResource, 1}).Off.Add(calendar.Mask(calendar.Span{From: a.Start, To: a.End}))
		}, want: []ProblemCode{MeetsRoomClosed}},
		"a room with steps":               {start: "09:00", room: "hall", change: func(o *Office, a *Appointment, f *Facts) { a.Wish.Accessible = true }, want: []ProblemCode{MeetsUnfit}},
		"too small a room":                {start: "09:00", room: "hall", change: func(o *Office, a *Appointment, f *Facts) { o.Rooms[0].Seats = 0 }, want: []ProblemCode{MeetsUnfit}},
		"the person's other session":      {start: "10:30", change: func(o *Office, a *Appointment, f *Facts) { busy(f, 7, a.Start.Add(2*time.Hour)) }, want: []ProblemCode{MeetsPerson}},
		"nobody who was asked for":        {start: "10:30", change: func(o *Office, a *Appointment, f *Facts) { a.Wish.Gender = "male" }, want: []ProblemCode{MeetsNobody}},
		"somebody named all the same":     {start: "10:30", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) { a.Wish.Gender = "male" }},
		"leave of one's own, room alone":  {start: "09:00", room: "hall", change: away},
		"leave of one's own, a colleague": {start: "09:00", counsellor: "b", change: away},
		"leave of one's own, longer":      {start: "09:00", end: "09:00+65", change: away, want: []ProblemCode{MeetsLeave}},
		"checked in, where it is":         {start: "09:00", counsellor: "b", now: "09:20", change: func(o *Office, a *Appointment, f *Facts) { a.Status = CheckedIn }},
		"checked in, elsewhere":           {start: "10:30", now: "09:20", change: func(o *Office, a *Appointment, f *Facts) { a.Status = CheckedIn }, want: []ProblemCode{MeetsState}},
		"in session, longer":              {start: "09:00", end: "10:30", now: "09:50", change: func(o *Office, a *Appointment, f *Facts) { a.Status = InSession }},
		"over":                            {start: "09:00", counsellor: "b", now: "10:00", want: []ProblemCode{MeetsPast}},
		"completed":                       {start: "09:00", counsellor: "b", change: func(o *Office, a *Appointment, f *Facts) { a.Status = Completed }, want: []ProblemCode{MeetsState}},
		"hours that have changed":         {start: "09:00", room: "hall", change: func(o *Office, a *Appointment, f *Facts) { o.Hours = nil }},
		"longer, in hours that have gone": {start: "09:00", end: "10:05", change: func(o *Office, a *Appointment, f *Facts) { o.Hours = nil }, want: []ProblemCode{MeetsClosed}},
		"all colleagues are busy": {start: "10:30", change: func(o *Office, a *Appointment, f *Facts) {
			book(f, other(a, "10:30", 11, 1))
			book(f, other(a, "10:00", 12, 2))
		}, want: []ProblemCode{MeetsNobody}},
		"all rooms are taken": {start: "10:30", counsellor: "a", change: allRooms, want: []ProblemCode{MeetsNoRoom}},
	} {
		t.Run(name, func(t *testing.T) {
			o := smallOffice(t)
			a, f := dragged(o, d)
			if c.change != nil {
				c.change(o, &a, f)
			}
			at := func(text string) time.Time {
				if text == "" {
					return time.Time{}
				}
				var hour, minute, more int
				_, _ = fmt.Sscanf(text, "%d:%d+%d", &hour, &minute, &more)
				return d.At(calendar.Clock(hour*60+minute), o.Location).Add(time.Duration(more) * time.Minute)
			}
			m, err := newMoving(Change{Start: at(c.start), End: at(c.end), Counsellor: c.counsellor, Room: c.room}, a)
			if err != nil {
				t.Fatal(err)
			}
			m.grid.know(f)
			m.leave()
			now := d.At(8*60, o.Location)
			if c.now != "" {
				now = at(c.now)
			}
			if got := codesOf(m.problems(now)); !slices.Equal(got, c.want) {
				t.Errorf("it meets %v, want %v", got, c.want)
			}
		})
	}
}

// other is a session of an hour of the same day.
func other(a *Appointment, from string, counsellor, room int64) Session {
	c, err := calendar.ParseClock(from)
	if err != nil {
		panic(err)
	}
	d := calendar.DateIn(a.Start, a.Office.Location)
	start := d.At(c, a.Office.Location).UTC()
	return Session{Room: room, Counsellor: counsellor, Start: start, End: start.Add(time.Hour), ClaimEnd: start.Add(70 * time.Minute), Date: d, Taken: 1, Places: 1}
}

func busy(f *Facts, person int64, from time.Time) {
	f.Line(Resource{PersonResource, person}).Busy.Add(calendar.Mask(calendar.Span{From: from, To: from.Add(time.Hour)}))
}

func away(_ *Office, a *Appointment, f *Facts) {
	f.Line(Resource{CounsellorResource, 11}).Off.Add(calendar.Mask(calendar.Span{From: a.Start.Add(-time.Hour), To: a.End.Add(time.Hour)}))
}

func allRooms(_ *Office, a *Appointment, f *Facts) {
	for room := int64(1); room <= 3; room++ {
		s := other(a, "11:00", 99, room)
		f.Line(Resource{RoomResource, s.Room}).Busy.Add(calendar.Mask(s.Claim()))
	}
}

func TestWhatCannotBeNamedIsInvalid(t *testing.T) {
	a, _ := dragged(smallOffice(t), calendar.NewDate(2026, 3, 3))
	for field, c := range map[string]Change{"counsellor": {Start: a.Start, Counsellor: "nobody"}, "room": {Start: a.Start, Room: "cellar"}} {
		if _, err := newMoving(c, a); err == nil || err.Code != CodeInvalid || err.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Whoever drags sees exactly what the move itself would say.
func TestTheTargetsOfADayAreThePlacesThatNothingIsInTheWayOf(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := calendar.NewDate(2026, 3, 3)
		o := smallOffice(t)
		o.Staff[1].SessionsPerDay = rapid.IntRange(0, 2).Draw(r, "most")
		a, f := dragged(o, d)
		for range rapid.IntRange(0, 4).Draw(r, "others") {
			s := other(&a, calendar.Clock(8*60+30+5*rapid.IntRange(0, 30).Draw(r, "at")).String(), rapid.SampledFrom([]int64{11, 12}).Draw(r, "who"), rapid.Int64Range(1, 3).Draw(r, "where"))
			free := !f.Line(Resource{RoomResource, s.Room}).Busy.Hits(calendar.Mask(s.Claim())) && !f.Line(Resource{CounsellorResource, s.Counsellor}).Busy.Hits(calendar.Mask(s.Claim()))
			if free {
				book(f, s)
			}
		}
		if rapid.Bool().Draw(r, "elsewhere") {
			busy(f, 7, a.Start.Add(2*time.Hour))
		}
		length := 5 * time.Minute * time.Duration(rapid.IntRange(12, 24).Draw(r, "length"))
		service := a.Service
		service.Duration = length
		now := d.At(calendar.Clock(8*60+rapid.IntRange(0, 120).Draw(r, "now")), o.Location)
		g := newGrid(o, service, 1, Wish{})
		copied := clone(f)
		copied.Leave(a.Session, 1)
		copied.ForgetPerson(7, calendar.Span{From: a.Start, To: a.End})
		g.know(copied)
		targets := g.targets(d, 7, now)
		for start := d.At(8*60+30, o.Location); start.Before(d.At(12*60, o.Location)); start = start.Add(30 * time.Minute) {
			if start.Equal(a.Start) {
				continue // where the start stays, it may be past
			}
			for _, member := range o.Staff {
				for _, room := range o.Rooms {
					m, err := newMoving(Change{Start: start, End: start.Add(length), Counsellor: member.Username, Room: room.Code}, a)
					if err != nil {
						r.Fatal(err)
					}
					m.grid.know(clone(f))
					m.leave()
					want := len(m.problems(now)) == 0
					got := has(targets.Counsellors, member.Username, start) && has(targets.Rooms, room.Code, start)
					if got != want {
						r.Fatalf("at %s with %s in %s: a target %t, problems %v", start, member.Username, room.Code, got, codesOf(m.problems(now)))
					}
				}
			}
		}
	})
}

func has(all []TargetsOf, name string, start time.Time) bool {
	return slices.ContainsFunc(all, func(t TargetsOf) bool { return t.Name == name && slices.ContainsFunc(t.Starts, start.Equal) })
}

func clone(f *Facts) *Facts {
	out := &Facts{First: f.First, Last: f.Last, Lines: map[Resource]*Line{}, Loads: map[Load]int{}}
	for r, l := range f.Lines {
		line := *l
		line.Busy.Days, line.Off.Days = slices.Clone(l.Busy.Days), slices.Clone(l.Off.Days)
		out.Lines[r] = &line
	}
	for k, n := range f.Loads {
		out.Loads[k] = n
	}
	return out
}

func TestWhoIsToldOfAMove(t *testing.T) {
	a, _ := dragged(smallOffice(t), calendar.NewDate(2026, 3, 3))
	asked := a
	asked.Wish.Counsellor = "a"
	elsewhere := a
	elsewhere.Wish.Counsellor = "b"
	for name, c := range map[string]struct {
		a          Appointment
		start, end time.Time
		counsellor int64
		want       bool
	}{
		"of nothing":                                {a, a.Start, a.End, 11, false},
		"of another start":                          {a, a.Start.Add(time.Hour), a.End.Add(time.Hour), 11, true},
		"of another end":                            {a, a.Start, a.End.Add(time.Hour), 11, true},
		"of a colleague":                            {a, a.Start, a.End, 12, false},
		"of a colleague, who had asked":             {asked, a.Start, a.End, 12, true},
		"of whom they asked for after all":          {elsewhere, a.Start, a.End, 12, false},
		"of a room, who had asked for a counsellor": {asked, a.Start, a.End, 11, false},
	} {
		if got := tells(c.a, c.start, c.end, c.counsellor); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
