package scheduling

import (
	"encoding/binary"
	"math"
	"time"

	"magpie/scheduling/calendar"
)

// noon is when a day is opened to all on the day before it.
const noon calendar.Clock = 12 * 60

// OpensToAll is from when on citizens may take of a date what was kept for the
// desk: noon of the civil day before, in the office's zone, whether the office
// is open then or not.
func (o *Office) OpensToAll(d calendar.Date) time.Time { return d.Add(-1).At(noon, o.Location) }

// Capacity is how many places of a service an empty day could hold: sessions,
// where a session has one place. It follows from the office file alone; leave,
// holds and what is booked, also of other services, make no difference.
//
// The starts that the office offers that day are gone through in order. At each
// one sessions begin as long as there is a room that is not closed that day, of
// the service's kind and with seats for the least parties, and a counsellor who
// gives the service, whose hours that day hold the session and who has not
// reached sessions_per_day, neither of them in an earlier session or its buffer.
// The room is the first that RoomsFor lists. The counsellor is the one whose
// last start that day comes first, and of equals the first in the office file. A
// session counts as many places as there are, of parties of the least size, and
// at most as the room has seats for. So a day of that capacity can really be
// booked; with counsellors of unlike hours or limits there may be a fuller one.
func (o *Office) Capacity(s Service, d calendar.Date) int {
	return newCapacities(o, s).of(d)
}

// capacities are those of some dates of a service. Most days are alike, and are
// filled once.
type capacities struct {
	empty *grid
	known map[string]int
}

func newCapacities(o *Office, s Service) *capacities {
	return &capacities{empty: newGrid(o, s, s.Parties.Min, Wish{}), known: make(map[string]int)}
}

func (c *capacities) of(d calendar.Date) int {
	alike := c.shape(d)
	if n, ok := c.known[alike]; ok {
		return n
	}
	n := 0
	for _, f := range c.empty.fill(d) {
		n += c.empty.placesIn(c.empty.rooms[f.room].Seats, 0, 0)
	}
	c.known[alike] = n
	return n
}

// shape is everything of a date that its capacity follows from: who is there
// when, from its beginning on, and which rooms are not closed.
func (c *capacities) shape(d calendar.Date) string {
	g := c.empty
	open, from := g.open(d), d.At(0, g.office.Location)
	var out []byte
	add := func(spans []calendar.Span) {
		for _, s := range spans {
			out = binary.AppendVarint(out, int64(s.From.Sub(from)))
			out = binary.AppendVarint(out, int64(s.To.Sub(from)))
		}
		out = append(out, '|')
	}
	add(calendar.Spans(d, open.Periods, g.office.Location))
	for _, spans := range g.day.spans {
		add(spans)
	}
	for _, room := range g.day.rooms {
		out = append(out, byte(boolRank(room)))
	}
	return string(out)
}

// CitizensMost is how many places of a date citizens may have at the most, all
// together, holds included: the capacity without the share that is kept, which
// is rounded to the nearest whole place, halves up. false: there is no bound, or
// none any more.
func (o *Office) CitizensMost(s Service, d calendar.Date, now time.Time) (int, bool) {
	if s.KeptForDesk == 0 || !now.Before(o.OpensToAll(d)) {
		return 0, false
	}
	return s.citizensPart(o.Capacity(s, d)), true
}

// citizensPart is what a service leaves to citizens of a day's places.
func (s Service) citizensPart(all int) int { return all - (all*s.KeptForDesk+50)/100 }

// filling is one session of a day that is being filled, by the places of room
// and counsellor in the grid.
type filling struct {
	start            time.Time
	room, counsellor int
}

// shiftOf is a counsellor of a day that is being filled.
type shiftOf struct {
	until, last time.Time // busy until; the last start that the hours hold
	left        int       // sessions that sessions_per_day still allows
}

// fill fills an empty day as Capacity says.
func (g *grid) fill(d calendar.Date) []filling {
	starts := g.starts(d)
	rooms, staff := make([]time.Time, len(g.rooms)), g.shiftsOf(starts)
	var out []filling
	for _, start := range starts {
		for {
			room, counsellor := g.freeRoom(rooms, start), g.nextOf(staff, start)
			if room < 0 || counsellor < 0 {
				break
			}
			until := g.claim(start).To
			rooms[room], staff[counsellor].until = until, until
			staff[counsellor].left--
			out = append(out, filling{start, room, counsellor})
		}
	}
	return out
}

func (g *grid) shiftsOf(starts []time.Time) []shiftOf {
	out := make([]shiftOf, len(g.staff))
	for i, m := range g.staff {
		if out[i].left = m.SessionsPerDay; out[i].left == 0 {
			out[i].left = math.MaxInt
		}
		for _, start := range starts {
			if g.works(i, g.session(start)) {
				out[i].last = start
			}
		}
	}
	return out
}

// freeRoom is the first room that is free at a start; -1: none is.
func (g *grid) freeRoom(until []time.Time, start time.Time) int {
	for i := range g.rooms {
		if g.day.rooms[i] && !until[i].After(start) {
			return i
		}
	}
	return -1
}

// nextOf is the counsellor who takes the session of a start; -1: nobody can.
func (g *grid) nextOf(staff []shiftOf, start time.Time) int {
	best := -1
	for i, s := range staff {
		if s.left > 0 && !s.until.After(start) && g.works(i, g.session(start)) && (best < 0 || s.last.Before(staff[best].last)) {
			best = i
		}
	}
	return best
}

// askedBy tells the grid whose rules hold, and when it is asked.
func (g *grid) askedBy(r bookingRules, now time.Time) *grid {
	g.rules, g.now = r, now
	return g
}

// left is how many places of a date whoever asks may still take, by the share
// that is kept for the desk alone.
func (g *grid) left(d calendar.Date) int {
	if g.rules.desk || g.service.KeptForDesk == 0 {
		return math.MaxInt
	}
	most, bound := g.citizensMost(d)
	if !bound {
		return math.MaxInt
	}
	return max(0, most-g.facts.Citizens[d])
}

// citizensMost is Office.CitizensMost for whoever asks now.
func (g *grid) citizensMost(d calendar.Date) (int, bool) {
	if g.service.KeptForDesk == 0 || !g.now.Before(g.office.OpensToAll(d)) {
		return 0, false
	}
	if g.capacities == nil {
		g.capacities = newCapacities(g.office, g.service)
	}
	return g.service.citizensPart(g.capacities.of(d)), true
}

// Share is what a place is to the part of a day that citizens may take. It is
// zero where the service keeps nothing for the desk.
type Share struct {
	Service int64
	Date    calendar.Date
	// Take counts one place of citizens more; with Bound not past Most.
	Take, Bound bool
	Most        int
	// Return takes one back: the desk uses a citizen's hold.
	Return bool
}

// share is that of a place on a date, which is a hold's if there is one.
func (g *grid) share(d calendar.Date, held HeldTime) Share {
	if g.service.KeptForDesk == 0 {
		return Share{}
	}
	out := Share{Service: g.service.ID, Date: d, Return: g.rules.desk && held.ByCitizen, Take: !g.rules.desk && !held.ByCitizen}
	if out.Take {
		out.Most, out.Bound = g.citizensMost(d)
	}
	return out
}
