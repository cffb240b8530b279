package scheduling

import (
	"time"

	"magpie/scheduling/calendar"
)

// ResourceKind says what a day of words belongs to. The order is the order in
// which rows are claimed.
type ResourceKind int

// The resources that a session claims.
const (
	RoomResource       ResourceKind = 1
	CounsellorResource ResourceKind = 2
	PersonResource     ResourceKind = 3
)

// Resource names a room, a counsellor or a person who counts.
type Resource struct {
	Kind ResourceKind
	ID   int64
}

// Line is what is known of one resource over the days of a Facts: its busy
// words (sessions and holds), its off words (leave), and which days have a row
// at all.
type Line struct {
	Busy  calendar.Track
	Off   calendar.Track
	Known []bool
}

// FactsQuery asks for everything that a decision about some days needs.
type FactsQuery struct {
	OfficeID    int64
	Rooms       []int64
	Counsellors []int64
	Person      int64 // 0: none
	// First and Last are UTC days, both included.
	First, Last calendar.Day
	// LoadsFrom and LoadsTo are local dates, both included; both zero: the
	// counsellors' numbers of sessions are not wanted.
	LoadsFrom, LoadsTo calendar.Date
	// ClassOf is the service whose sessions can be joined; 0: none.
	ClassOf int64
	// CitizensOf is the service whose places that citizens have are wanted, of the
	// local dates CitizensFrom to CitizensTo, both included; 0: none.
	CitizensOf               int64
	CitizensFrom, CitizensTo calendar.Date
	// Ended asks for the holds that have ended by Now.
	Ended bool
	Now   time.Time
}

// Load is a counsellor's number of sessions on a local date.
type Load struct {
	Counsellor int64
	Date       calendar.Date
}

// EndedHold is a hold past its end that nobody has cleared away yet.
type EndedHold struct {
	ID      int64
	Heads   int
	Session Session
	// ByCitizen says that a citizen keeps it, and not the desk.
	ByCitizen bool
}

// Facts is what was read, once, for a decision; the decision itself is pure.
type Facts struct {
	First   calendar.Day
	Last    calendar.Day
	Lines   map[Resource]*Line
	Loads   map[Load]int
	Classes []Session
	Ended   []EndedHold
	// CitizensOf and Citizens are the service and the places of it that citizens
	// have on a date, holds included.
	CitizensOf int64
	Citizens   map[calendar.Date]int
}

// Line answers what is known of a resource; of one without rows, that it is
// free.
func (f *Facts) Line(r Resource) *Line {
	if line, ok := f.Lines[r]; ok {
		return line
	}
	n := int(f.Last-f.First) + 1
	line := &Line{Busy: calendar.NewTrack(f.First, n), Off: calendar.NewTrack(f.First, n), Known: make([]bool, n)}
	f.Lines[r] = line
	return line
}

// Knows says whether the resource has a row on a day.
func (f *Facts) Knows(r Resource, day calendar.Day) bool {
	line := f.Line(r)
	i := int(day - f.First)
	return i >= 0 && i < len(line.Known) && line.Known[i]
}

// Free says whether the resource can be claimed: nothing busy in the claim,
// no leave in the session.
func (l *Line) Free(claim, session []calendar.DayWords) bool {
	return !l.Busy.Hits(claim) && !l.Off.Hits(session)
}

// WithoutEnded subtracts the holds that have ended, as if they had been
// cleared away.
func (f *Facts) WithoutEnded() {
	left := make(map[int64]int)
	for _, h := range f.Ended {
		if _, seen := left[h.Session.ID]; !seen {
			left[h.Session.ID] = h.Session.Taken
		}
		left[h.Session.ID]--
		f.shrinkClass(h)
		f.returnCitizen(h.Session, h.ByCitizen)
		if left[h.Session.ID] == 0 {
			f.Forget(h.Session)
		}
	}
}

// Forget frees what a session claims of its room and counsellor.
func (f *Facts) Forget(s Session) {
	mask := calendar.Mask(s.Claim())
	for _, r := range []Resource{{RoomResource, s.Room}, {CounsellorResource, s.Counsellor}} {
		if line, ok := f.Lines[r]; ok {
			line.Busy.Remove(mask)
		}
	}
	if key := (Load{s.Counsellor, s.Date}); f.Loads[key] > 0 {
		f.Loads[key]--
	}
}

// Take is the opposite of Forget.
func (f *Facts) Take(s Session) {
	mask := calendar.Mask(s.Claim())
	for _, r := range []Resource{{RoomResource, s.Room}, {CounsellorResource, s.Counsellor}} {
		f.Line(r).Busy.Add(mask)
	}
	f.Loads[Load{s.Counsellor, s.Date}]++
}

// Leave forgets one place in a session, as if its appointment had gone: the
// last one frees room and counsellor.
func (f *Facts) Leave(s Session, heads int) {
	f.shrinkClass(EndedHold{Heads: heads, Session: s})
	if s.Taken == 1 {
		f.Forget(s)
	}
}

// returnCitizen forgets a citizen's place among those of its day.
func (f *Facts) returnCitizen(s Session, byCitizen bool) {
	if byCitizen && s.ServiceID == f.CitizensOf && f.Citizens[s.Date] > 0 {
		f.Citizens[s.Date]--
	}
}

// ForgetPerson frees a person's own time.
func (f *Facts) ForgetPerson(person int64, s calendar.Span) {
	if line, ok := f.Lines[Resource{PersonResource, person}]; ok {
		line.Busy.Remove(calendar.Mask(s))
	}
}

func (f *Facts) shrinkClass(h EndedHold) {
	for i := range f.Classes {
		if f.Classes[i].ID == h.Session.ID {
			f.Classes[i].Taken--
			f.Classes[i].Heads -= h.Heads
		}
	}
}

// week answers a counsellor's sessions in the week of a date, Monday first.
func (f *Facts) week(counsellor int64, d calendar.Date) int {
	monday := mondayOf(d)
	n := 0
	for i := range 7 {
		n += f.Loads[Load{counsellor, monday.Add(i)}]
	}
	return n
}

func mondayOf(d calendar.Date) calendar.Date {
	return d.Add(-((int(d.Weekday()) + 6) % 7))
}
