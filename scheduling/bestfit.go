package scheduling

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

// Given says that a counsellor gave a person a service before.
type Given struct{ Person, Service, Counsellor int64 }

// Colleague is somebody who could take a session at its own time, and where.
type Colleague struct {
	Counsellor Staff
	Room       Room
	// GaveBefore: they gave the person this service before. AskedFor: they are,
	// after all, whom the person asked for. AskedGender: they are of the gender
	// that was asked for. SameRoom: the room stays.
	GaveBefore, AskedFor, AskedGender, SameRoom bool
	// Sessions is how many they have that day already.
	Sessions int
}

// better is the order of those who could take a session, best fit first.
func better(a, b Colleague) int {
	return cmp.Or(
		boolRank(a.GaveBefore)-boolRank(b.GaveBefore),
		boolRank(a.AskedFor)-boolRank(b.AskedFor),
		boolRank(a.AskedGender)-boolRank(b.AskedGender),
		boolRank(a.SameRoom)-boolRank(b.SameRoom),
		cmp.Compare(a.Sessions, b.Sessions),
		cmp.Compare(a.Counsellor.Username, b.Counsellor.Username),
	)
}

// handing decides, purely, who could take what: on an office as it will be, and
// on facts in which what changes is blocked already. What is planned is taken
// in the facts as it goes.
type handing struct {
	office *Office
	facts  *Facts
	given  map[Given]bool
	now    time.Time
}

// grid is the choice for an appointment, or for all of its class, in its own
// time.
func (h *handing) grid(a Appointment) *grid {
	service := a.Service
	service.Duration, service.Buffer = a.End.Sub(a.Start), max(0, a.Session.ClaimEnd.Sub(a.End))
	g := newGrid(h.office, service, a.Session.Heads, Wish{Accessible: a.Wish.Accessible}).askedBy(bookingRules{desk: true}, h.now)
	g.know(h.facts)
	return g
}

// colleagues lists who could take an appointment's session, best fit first.
func (h *handing) colleagues(a Appointment) []Colleague {
	h.facts.Forget(a.Session)
	defer h.facts.Take(a.Session)
	g, d := h.grid(a), calendar.DateIn(a.Start, h.office.Location)
	g.open(d)
	m := g.masks(a.Start)
	var out []Colleague
	for i, member := range g.staff {
		if member.ID == a.Session.Counsellor || g.counsellorMeets(i, d, m) != "" {
			continue
		}
		room, ok := g.roomAt(m, a.Session.Room)
		if !ok {
			return nil
		}
		out = append(out, Colleague{
			Counsellor: member, Room: room, SameRoom: room.ID == a.Session.Room,
			GaveBefore:  a.Asker.ID != 0 && h.given[Given{a.Asker.ID, a.Service.ID, member.ID}],
			AskedFor:    a.Wish.Counsellor != "" && a.Wish.Counsellor == member.Username,
			AskedGender: a.Wish.Gender != "" && a.Wish.Gender == member.Gender,
			Sessions:    h.facts.Loads[Load{member.ID, d}],
		})
	}
	slices.SortStableFunc(out, better)
	return out
}

// roomAt is the room to keep where it is free, else the smallest that is.
func (g *grid) roomAt(m masks, keep int64) (Room, bool) {
	free := slices.DeleteFunc(slices.Clone(g.rooms), func(r Room) bool {
		return !g.roomFree(slices.IndexFunc(g.rooms, func(o Room) bool { return o.ID == r.ID }), m)
	})
	if i := slices.IndexFunc(free, func(r Room) bool { return r.ID == keep }); i >= 0 {
		return free[i], true
	}
	if len(free) == 0 {
		return Room{}, false
	}
	return free[0], true
}

// rooms lists the other rooms that are free for an appointment's session, the
// smallest first.
func (h *handing) rooms(a Appointment) []Room {
	h.facts.Forget(a.Session)
	defer h.facts.Take(a.Session)
	g := h.grid(a)
	g.open(calendar.DateIn(a.Start, h.office.Location))
	m := g.masks(a.Start)
	var out []Room
	for i, r := range g.rooms {
		if r.ID != a.Session.Room && g.roomFree(i, m) {
			out = append(out, r)
		}
	}
	return out
}

const (
	// timesBefore and timesAfter are how many days around an appointment its
	// nearest free times are looked for.
	timesBefore, timesAfter = 3, 14
	timesOffered            = 3
)

// times are the free starts nearest to an appointment's, as it was asked for.
// Those of a class are not looked for: others come to it as well.
func (h *handing) times(a Appointment) []Slot {
	if a.Service.Places > 1 {
		return nil
	}
	h.facts.Forget(a.Session)
	defer h.facts.Take(a.Session)
	g := newGrid(h.office, a.Service, a.Heads, a.Wish).askedBy(bookingRules{desk: true}, h.now)
	g.know(h.facts)
	var out []Slot
	d := calendar.DateIn(a.Start, h.office.Location)
	for at := d.Add(-timesBefore); at <= d.Add(timesAfter); at++ {
		out = append(out, g.dayOf(at, h.now, bookingRules{desk: true}).Slots...)
	}
	out = slices.DeleteFunc(out, func(s Slot) bool { return s.Start.Equal(a.Start) })
	slices.SortStableFunc(out, func(x, y Slot) int { return cmp.Compare(x.Start.Sub(a.Start).Abs(), y.Start.Sub(a.Start).Abs()) })
	return out[:min(len(out), timesOffered)]
}

// plan gives each appointment to a colleague, best fit first, as many as it can:
// those with the fewest choices choose first, and whoever finds nobody asks one
// who has somebody whether another could take theirs. Who is missing in the
// answer, by reference, was not placed. A class goes to one colleague as a whole.
func (h *handing) plan(all []Appointment) map[string]Colleague {
	type wanted struct {
		a       Appointment
		choices int
	}
	var order []wanted
	for _, a := range all {
		order = append(order, wanted{a, len(h.colleagues(a))})
	}
	slices.SortStableFunc(order, func(x, y wanted) int {
		return cmp.Or(cmp.Compare(x.choices, y.choices), x.a.Start.Compare(y.a.Start))
	})
	p := planning{handing: h, to: make(map[int64]placedSession)}
	for _, w := range order {
		if _, done := p.to[w.a.Session.ID]; !done {
			p.place(w.a)
		}
	}
	out := make(map[string]Colleague, len(all))
	for _, a := range all {
		if to, ok := p.to[a.Session.ID]; ok {
			out[a.Reference] = to.colleague
		}
	}
	return out
}

// planning is a plan being made: where each session goes, by its id.
type planning struct {
	*handing
	to map[int64]placedSession
}

// placedSession is a session where it is to go.
type placedSession struct {
	a         Appointment // as it will be
	was       Session
	colleague Colleague
}

// place gives a session to the best who is free, or to one who can be freed.
func (p *planning) place(a Appointment) bool {
	if free := p.colleagues(a); len(free) > 0 {
		p.give(a, free[0])
		return true
	}
	for _, id := range slices.Sorted(maps.Keys(p.to)) {
		other := p.to[id]
		if !other.a.Session.Claim().Overlaps(a.Session.Claim()) {
			continue
		}
		// What the other has is out of the way while both choose anew.
		was := other.a
		was.Session = other.was
		p.facts.Forget(other.a.Session)
		p.facts.Take(other.was)
		delete(p.to, id)
		for _, mine := range p.colleagues(a) {
			p.give(a, mine)
			if theirs := p.colleagues(was); len(theirs) > 0 {
				p.give(was, theirs[0])
				return true
			}
			p.takeBack(a)
		}
		p.give(was, other.colleague)
	}
	return false
}

func (p *planning) give(a Appointment, c Colleague) {
	to := placedSession{a: a, was: a.Session, colleague: c}
	to.a.Session.Counsellor, to.a.Session.Room = c.Counsellor.ID, c.Room.ID
	p.facts.Forget(a.Session)
	p.facts.Take(to.a.Session)
	p.to[a.Session.ID] = to
}

func (p *planning) takeBack(a Appointment) {
	p.facts.Forget(p.to[a.Session.ID].a.Session)
	p.facts.Take(a.Session)
	delete(p.to, a.Session.ID)
}
