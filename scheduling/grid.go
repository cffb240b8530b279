package scheduling

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

// grid answers, purely, which sessions of one service can start when, from an
// office's rules and the facts.
type grid struct {
	office  *Office
	service Service
	parties int
	rooms   []Room
	staff   []Staff
	weeks   []*calendar.Timetable
	opening calendar.Opening
	wish    Wish
	rules   bookingRules
	now     time.Time
	// capacities are made when they are first asked for.
	capacities *capacities
	day        staffDay
	facts      *Facts
	// roomLines and staffLines are the facts of rooms and staff, in their
	// order; the masks are one start's, made anew in the same place.
	roomLines, staffLines []*Line
	mask                  masks
}

// staffDay is who works when on the date looked at last; starts of one date
// are asked for together.
type staffDay struct {
	date  calendar.Date
	set   bool
	open  calendar.OpenDay
	spans [][]calendar.Span
	rooms []bool // which rooms are not closed
}

// pair is a room and a counsellor who are free together.
type pair struct {
	Room       Room
	Counsellor Staff
}

func newGrid(o *Office, s Service, parties int, w Wish) *grid {
	g := &grid{
		office: o, service: s, parties: parties, wish: w,
		rooms:   o.RoomsFor(s, parties, w.Accessible),
		staff:   o.CounsellorsFor(s.Code, w.Counsellor, w.Gender),
		opening: o.Opening(),
	}
	g.weeks = make([]*calendar.Timetable, len(g.staff))
	for i, m := range g.staff {
		g.weeks[i] = Timetable(m.Hours)
	}
	return g
}

// know takes the facts in.
func (g *grid) know(f *Facts) {
	g.facts, g.roomLines, g.staffLines = f, g.roomLines[:0], g.staffLines[:0]
	for _, r := range g.rooms {
		g.roomLines = append(g.roomLines, f.Line(Resource{RoomResource, r.ID}))
	}
	for _, m := range g.staff {
		g.staffLines = append(g.staffLines, f.Line(Resource{CounsellorResource, m.ID}))
	}
}

// query asks for the facts of some local dates.
func (g *grid) query(from, to calendar.Date, person int64, now time.Time) FactsQuery {
	loc := g.office.Location
	last := to.Add(1).At(0, loc).Add(g.service.Buffer)
	q := FactsQuery{
		OfficeID: g.office.ID, Person: person, Now: now,
		First: calendar.DayOf(from.At(0, loc)), Last: calendar.DayOf(last),
	}
	for _, r := range g.rooms {
		q.Rooms = append(q.Rooms, r.ID)
	}
	for _, m := range g.staff {
		q.Counsellors = append(q.Counsellors, m.ID)
	}
	if g.service.Places > 1 {
		q.ClassOf = g.service.ID
	}
	if g.service.KeptForDesk > 0 {
		q.CitizensOf, q.CitizensFrom, q.CitizensTo = g.service.ID, from, to
	}
	return q
}

// capped says whether any counsellor has a limit of sessions a day.
func (g *grid) capped() bool {
	return slices.ContainsFunc(g.staff, func(m Staff) bool { return m.SessionsPerDay > 0 })
}

// open resolves a date, once for all its starts.
func (g *grid) open(d calendar.Date) calendar.OpenDay {
	if g.day.set && g.day.date == d {
		return g.day.open
	}
	g.day = staffDay{date: d, set: true, open: g.opening.Day(d), spans: make([][]calendar.Span, len(g.staff)), rooms: make([]bool, len(g.rooms))}
	for i, r := range g.rooms {
		g.day.rooms[i] = !r.ClosedOn(d)
	}
	for i := range g.staff {
		g.day.spans[i] = calendar.Spans(d, g.day.open.StaffPeriods(g.weeks[i]), g.office.Location)
	}
	return g.day.open
}

// starts lists the starts that the office offers on a date, taken or not.
func (g *grid) starts(d calendar.Date) []time.Time {
	spans := calendar.Spans(d, g.open(d).Periods, g.office.Location)
	return calendar.Starts(spans, g.service.Duration, g.service.Step)
}

// session is the time of a session that starts then.
func (g *grid) session(start time.Time) calendar.Span {
	return calendar.Span{From: start.UTC(), To: start.UTC().Add(g.service.Duration)}
}

// claim is what it takes from room and counsellor.
func (g *grid) claim(start time.Time) calendar.Span {
	return calendar.Span{From: start.UTC(), To: start.UTC().Add(g.service.Duration + g.service.Buffer)}
}

// works says whether a counsellor's hours hold the session, on the date that
// open resolved last.
func (g *grid) works(i int, session calendar.Span) bool {
	for _, s := range g.day.spans[i] {
		if s.Contains(session) {
			return true
		}
	}
	return false
}

// staffed says whether anybody's hours hold a session then, booked or not.
func (g *grid) staffed(d calendar.Date, start time.Time) bool {
	g.open(d)
	for i := range g.staff {
		if g.works(i, g.session(start)) {
			return slices.Contains(g.day.rooms, true)
		}
	}
	return false
}

// masks are the words of one start, made once and tried on every resource.
type masks struct {
	span           calendar.Span
	claim, session []calendar.DayWords
}

// masks are those of a start, until they are asked for another.
func (g *grid) masks(start time.Time) masks {
	m := &g.mask
	m.span = g.session(start)
	m.claim, m.session = calendar.AppendMask(m.claim[:0], g.claim(start)), calendar.AppendMask(m.session[:0], m.span)
	return *m
}

// roomFree is about the date that open resolved last.
func (g *grid) roomFree(i int, m masks) bool { return g.roomMeets(i, m) == "" }

func (g *grid) counsellorFree(i int, d calendar.Date, m masks) bool {
	return g.counsellorMeets(i, d, m) == ""
}

// free counts what could still start then: sessions, or places in a class.
func (g *grid) free(d calendar.Date, start time.Time) int {
	g.open(d)
	m := g.masks(start)
	rooms, staff := 0, 0
	for i := range g.rooms {
		if g.roomFree(i, m) {
			rooms++
		}
	}
	if rooms == 0 && g.service.Places == 1 {
		return 0
	}
	for i := range g.staff {
		if g.counsellorFree(i, d, m) {
			staff++
		}
	}
	if g.service.Places == 1 {
		return min(rooms, staff)
	}
	return g.freePlaces(start, m, min(rooms, staff))
}

// placesIn is how many more appointments of this size fit a class session.
func (g *grid) placesIn(seats, taken, heads int) int {
	return max(0, min(g.service.Places-taken, (seats-heads)/max(g.parties, 1)))
}

// freePlaces counts the places of a class: those left in sessions that are on,
// and those of the sessions that could still be opened.
func (g *grid) freePlaces(start time.Time, m masks, sessions int) int {
	n := 0
	for _, s := range g.joinable(start) {
		n += g.placesIn(s.Seats, s.Taken, s.Heads)
	}
	for i, r := range g.rooms {
		if sessions == 0 {
			break
		}
		if g.roomFree(i, m) {
			n += g.placesIn(r.Seats, 0, 0)
			sessions--
		}
	}
	return n
}

// joinable lists the class sessions at a start that have a place and are as
// wished, the fullest first. One whose counsellor is away by now, or has other
// hours, takes nobody more.
func (g *grid) joinable(start time.Time) []Session {
	var out []Session
	for _, s := range g.facts.Classes {
		if s.Start.Equal(start) && s.Taken > 0 && g.placesIn(s.Seats, s.Taken, s.Heads) > 0 && g.asWished(s) && g.attended(s) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Session) int { return b.Taken - a.Taken })
	return out
}

// attended says whether a session's counsellor works then and has no leave, and
// its room is not closed.
func (g *grid) attended(s Session) bool {
	span := calendar.Span{From: s.Start, To: s.End}
	g.open(calendar.DateIn(s.Start, g.office.Location))
	i := slices.IndexFunc(g.staff, func(m Staff) bool { return m.ID == s.Counsellor })
	room := slices.IndexFunc(g.rooms, func(r Room) bool { return r.ID == s.Room })
	return i >= 0 && room >= 0 && g.day.rooms[room] && g.works(i, span) && !g.staffLines[i].Off.Hits(calendar.Mask(span))
}

func (g *grid) asWished(s Session) bool {
	return slices.ContainsFunc(g.rooms, func(r Room) bool { return r.ID == s.Room }) &&
		slices.ContainsFunc(g.staff, func(m Staff) bool { return m.ID == s.Counsellor })
}

// choose takes the counsellor with the fewest sessions that day, then that
// week, and the smallest fitting room. The one to keep goes first where free.
// Equals are drawn by lot, so that many who want the same start do not all
// run for the same pair; in a class they do, so that one session fills.
func (g *grid) choose(d calendar.Date, start time.Time, keep int64) (pair, bool) {
	g.open(d)
	m := g.masks(start)
	var rooms []Room
	for i, r := range g.rooms {
		if g.roomFree(i, m) && (len(rooms) == 0 || r.Seats == rooms[0].Seats && r.Accessible == rooms[0].Accessible) {
			rooms = append(rooms, r)
		}
	}
	var staff []Staff
	for i, member := range g.staff {
		if g.counsellorFree(i, d, m) {
			staff = append(staff, member)
		}
	}
	if len(rooms) == 0 || len(staff) == 0 {
		return pair{}, false
	}
	if g.service.Places == 1 {
		rand.Shuffle(len(rooms), func(i, j int) { rooms[i], rooms[j] = rooms[j], rooms[i] }) //nolint:gosec // a lot among equals, nothing secret
		rand.Shuffle(len(staff), func(i, j int) { staff[i], staff[j] = staff[j], staff[i] }) //nolint:gosec // the same
	}
	slices.SortStableFunc(staff, func(a, b Staff) int {
		if a.ID == keep || b.ID == keep {
			return cmp.Compare(boolRank(a.ID == keep), boolRank(b.ID == keep))
		}
		return cmp.Or(
			cmp.Compare(g.facts.Loads[Load{a.ID, d}], g.facts.Loads[Load{b.ID, d}]),
			cmp.Compare(g.facts.week(a.ID, d), g.facts.week(b.ID, d)),
		)
	})
	return pair{Room: rooms[0], Counsellor: staff[0]}, true
}

func boolRank(first bool) int {
	if first {
		return 0
	}
	return 1
}
