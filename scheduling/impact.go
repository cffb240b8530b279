package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// ImpactKind is what would change.
type ImpactKind string

// What an impact can be asked of.
const (
	ImpactLeave  ImpactKind = "leave"  // somebody is away
	ImpactHours  ImpactKind = "hours"  // somebody has other hours
	ImpactRoom   ImpactKind = "room"   // a room is closed
	ImpactOffice ImpactKind = "office" // the whole office is closed
)

// maxImpact is how many appointments in the way are answered with what can be
// done.
const maxImpact = 200

// ImpactQuery asks what a change would do to what is booked.
type ImpactQuery struct {
	Actor    Actor
	Office   string
	What     ImpactKind
	Username string // leave, hours
	Room     string // room; a code
	From, To calendar.Date
	Part     calendar.Period // of each day; zero: all of it
	Hours    []Hours         // hours: those from From to To
}

// Affected is an appointment that a change stands in the way of, with what can
// be done beside keeping it.
type Affected struct {
	Appointment Appointment
	Colleagues  []Colleague // best fit first
	Rooms       []Room      // where the same counsellor could go
	Times       []Slot      // the nearest free ones
}

// Impact lists the booked appointments that a change would be in the way of, by
// start, and for each what can be done. More says that there are more than are
// listed. Whoever has a counsellor's scope asks of themself alone.
//
// Errors: not_found, forbidden, invalid (username, room, to, to_time, hours).
func (s *Scheduler) Impact(ctx context.Context, q ImpactQuery) (items []Affected, more bool, err error) {
	c, err := s.changeFor(ctx, q)
	if err != nil {
		return nil, false, err
	}
	all, err := s.inTheWay(ctx, c)
	if err != nil || len(all) == 0 {
		return nil, false, err
	}
	if more = len(all) > maxImpact; more {
		all = all[:maxImpact]
	}
	h, err := s.handing(ctx, c.office, all, timesBefore, timesAfter)
	if err != nil {
		return nil, false, err
	}
	h.office = c.after()
	c.block(h.facts)
	for _, a := range all {
		one := Affected{Appointment: a, Colleagues: h.colleagues(a), Times: h.times(a)}
		if c.What == ImpactRoom {
			one.Rooms = h.rooms(a)
		}
		items = append(items, one)
	}
	return items, more, nil
}

// change is a change as the office knows it.
type change struct {
	ImpactQuery
	office *Office
	member Staff
	room   Room
	spans  []calendar.Span
}

func (s *Scheduler) changeFor(ctx context.Context, q ImpactQuery) (change, error) {
	office, err := s.officeFor(ctx, q.Actor, q.Office)
	if err != nil {
		return change{}, err
	}
	c := change{ImpactQuery: q, office: office}
	var ok bool
	own := q.What == ImpactLeave || q.What == ImpactHours
	if q.Actor.Scope != account.Office && (!own || q.Username != q.Actor.Username) {
		return change{}, Forbidden()
	}
	switch {
	case own:
		if c.member, ok = office.StaffMember(q.Username); !ok {
			return change{}, Invalid("username", "没有这个人。", "no such person")
		}
	case q.What == ImpactRoom:
		if c.room, ok = office.RoomByCode(q.Room); !ok {
			return change{}, Invalid("room", "没有这个房间。", "no such room")
		}
	case q.What != ImpactOffice:
		return change{}, Invalid("what", "请选要看哪一种改动。", "must be leave, hours, room or office")
	}
	switch {
	case q.To < q.From:
		return change{}, Invalid("to", "结束日期早于开始日期。", "must not be before from")
	case int(q.To-q.From) >= maxTimeOffDays:
		return change{}, Invalid("to", "一次最多400天。", "at most 400 days at once")
	}
	if err := checkPart(&c.Part); err != nil {
		return change{}, err
	}
	c.spans = TimeOff{From: q.From, To: q.To, Hours: c.Part}.Spans(office.Location)
	return c, nil
}

// after is the office as it will be.
func (c change) after() *Office {
	if c.What != ImpactHours {
		return c.office
	}
	o := *c.office
	o.Staff = slices.Clone(o.Staff)
	for i := range o.Staff {
		if o.Staff[i].ID == c.member.ID {
			o.Staff[i].Hours = c.Hours
		}
	}
	return &o
}

// block marks in the facts what will not be there.
func (c change) block(f *Facts) {
	var off []Resource
	switch c.What {
	case ImpactLeave:
		off = append(off, Resource{CounsellorResource, c.member.ID})
	case ImpactRoom:
		off = append(off, Resource{RoomResource, c.room.ID})
	case ImpactOffice:
		for _, r := range c.office.Rooms {
			off = append(off, Resource{RoomResource, r.ID})
		}
	}
	for _, r := range off {
		line := f.Line(r)
		for _, span := range c.spans {
			line.Off.Add(calendar.Mask(span))
		}
	}
}

// hits says whether the change stands in the way of an appointment.
func (c change) hits(a Appointment) bool {
	switch c.What {
	case ImpactLeave, ImpactHours:
		if a.Session.Counsellor != c.member.ID {
			return false
		}
	case ImpactRoom:
		if a.Session.Room != c.room.ID {
			return false
		}
	}
	if c.What == ImpactHours {
		return !c.after().holds(a)
	}
	return slices.ContainsFunc(c.spans, calendar.Span{From: a.Start, To: a.End}.Overlaps)
}

// inTheWay lists the appointments that are booked, and not yet under way, where
// a change is to be.
func (s *Scheduler) inTheWay(ctx context.Context, c change) ([]Appointment, error) {
	now := s.now()
	q := OfficeQuery{
		Office: c.office, From: c.From.Add(-1).At(0, c.office.Location), To: c.To.Add(1).At(0, c.office.Location),
		Counsellor: c.member.ID, Room: c.room.ID, Page: Page{Limit: 200},
	}
	var out []Appointment
	for {
		items, next, err := s.Lists.OfOffice(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list what is booked: %w", err)
		}
		for _, a := range items {
			if (a.Status == Booked || a.Status == CheckedIn) && a.End.After(now) && c.hits(a) {
				out = append(out, a)
			}
		}
		if next == "" || len(out) > maxImpact {
			return out, nil
		}
		q.Page.After = next
	}
}

// handing reads, once, what a decision about some appointments needs, with some
// days before and after them.
func (s *Scheduler) handing(ctx context.Context, o *Office, all []Appointment, before, after int) (*handing, error) {
	now := s.now()
	first, last := all[0].Start, all[0].Start
	var people []int64
	for _, a := range all {
		if a.Start.Before(first) {
			first = a.Start
		}
		if a.Start.After(last) {
			last = a.Start
		}
		if a.Asker.ID != 0 {
			people = append(people, a.Asker.ID)
		}
	}
	from, to := calendar.DateIn(first, o.Location).Add(-before), calendar.DateIn(last, o.Location).Add(after)
	q := FactsQuery{
		OfficeID: o.ID, Now: now, Ended: true, First: calendar.DayOf(from.At(0, o.Location)), Last: calendar.DayOf(to.Add(1).At(0, o.Location).Add(24 * time.Hour)),
		LoadsFrom: from, LoadsTo: to,
	}
	for _, r := range o.Rooms {
		q.Rooms = append(q.Rooms, r.ID)
	}
	for _, m := range o.Staff {
		q.Counsellors = append(q.Counsellors, m.ID)
	}
	facts, err := s.Bookings.Facts(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read what is booked: %w", err)
	}
	facts.WithoutEnded()
	given, err := s.Changes.GivenBefore(ctx, people)
	if err != nil {
		return nil, err
	}
	return &handing{office: o, facts: facts, given: given, now: now}, nil
}
