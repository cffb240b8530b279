package scheduling

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

const (
	leastInSeries, mostInSeries = 2, 12
	mostWeeksApart              = 4
)

// SeriesRequest asks for a course: the same booking so many times, some weeks
// apart, with one counsellor. The wish's counsellor is the one, or the one who is
// free at all of them is found.
type SeriesRequest struct {
	Booking
	Count      int // 2 to 12
	EveryWeeks int // 1 to 4
}

// Series is appointments that were booked together, by start.
type Series struct {
	ID           int64
	Appointments []Appointment
}

// FailedStart is a start of a series that cannot be had, with the nearest ones
// that can, with the same counsellor.
type FailedStart struct {
	Start        time.Time
	Alternatives []Slot
}

// SeriesWrite books a series in one transaction, all or nothing.
type SeriesWrite struct {
	Remember Remember
	ID       int64
	Office   *Office
	Bookings []BookingWrite
	Audit    AuditEntry
	Now      time.Time
}

// Courses is what belongs to courses and classes.
type Courses interface {
	BookSeries(ctx context.Context, w SeriesWrite) error
	// SeriesOf lists the series of an appointment; not_found: it is of none.
	SeriesOf(ctx context.Context, appointment int64) (Series, error)
	// SetAttendance writes down who came.
	SetAttendance(ctx context.Context, w AttendanceWrite) error
}

// BookSeries books a course for a caller or a visitor: all of it, or nothing.
// The counsellor is the same at each, and the room where one is free at all. It
// is free of notice, horizon, release and open_per_person. One message tells of
// the first date; reminders go for each.
//
// Errors: those of Book; invalid (count, every_weeks); slot_taken with each start
// that cannot be had and the nearest ones that can.
func (s *Scheduler) BookSeries(ctx context.Context, r SeriesRequest) (Series, error) {
	key := remember(r.Actor, r.Idempotency)
	out, err := once(ctx, s, key, s.decodeSeries(ctx), func() (Series, error) {
		return untilWon(ctx, func() (Series, error) { return s.bookSeries(ctx, r, key) })
	})
	if err == nil {
		s.nudge()
	}
	return out, err
}

func (r SeriesRequest) check(office *Office) (Service, error) {
	switch {
	case r.Actor.Kind != StaffKind:
		return Service{}, Forbidden()
	case r.Count < leastInSeries || r.Count > mostInSeries:
		return Service{}, Invalid("count", "次数请选2到12。", "must be from 2 to 12")
	case r.EveryWeeks < 1 || r.EveryWeeks > mostWeeksApart:
		return Service{}, Invalid("every_weeks", "间隔请选1到4周。", "must be from 1 to 4")
	}
	return r.Booking.check(office)
}

func (s *Scheduler) bookSeries(ctx context.Context, r SeriesRequest, key Remember) (Series, error) {
	office, err := s.officeFor(ctx, r.Actor, r.Office)
	if err != nil {
		return Series{}, err
	}
	service, err := r.check(office)
	if err != nil {
		return Series{}, err
	}
	r.Wish = r.wish()
	who, err := s.asker(ctx, r.Booking)
	if err != nil {
		return Series{}, err
	}
	c, err := s.course(ctx, r, office, service, who.person.ID)
	if err != nil {
		return Series{}, err
	}
	counsellor, failed := c.choose()
	if len(failed) > 0 {
		return Series{}, s.seriesTaken(ctx, c, counsellor, failed)
	}
	w, out, err := s.seriesWrite(ctx, r, c, counsellor, who)
	if err != nil {
		return Series{}, err
	}
	if w.Remember, err = key.withAnswer(encodeSeries(out)); err != nil {
		return Series{}, err
	}
	return out, s.Courses.BookSeries(ctx, w)
}

// course is a series being decided: its starts, with what is booked then.
type course struct {
	office  *Office
	service Service
	wish    Wish
	parties int
	person  int64
	now     time.Time
	starts  []time.Time
	// facts are those of each start; nil where the start itself cannot be.
	facts []*Facts
}

// course reads what is booked at each start.
func (s *Scheduler) course(ctx context.Context, r SeriesRequest, office *Office, service Service, person int64) (*course, error) {
	c := &course{office: office, service: service, wish: r.Wish, parties: len(r.Parties), person: person, now: s.now()}
	c.starts = startsOf(r.Start, office.Location, r.Count, r.EveryWeeks)
	c.facts = make([]*Facts, len(c.starts))
	for i, start := range c.starts {
		g := c.grid(r.Wish.Counsellor)
		if refused := g.checkStart(start, c.now, bookingRules{desk: true}); refused != nil {
			if i == 0 {
				return nil, refused
			}
			continue
		}
		if err := s.readFacts(ctx, g, start, person, c.now); err != nil {
			return nil, err
		}
		c.facts[i] = g.facts
	}
	return c, nil
}

// startsOf are a first start and those some weeks apart, at the same time of the
// office's clock.
func startsOf(first time.Time, loc *time.Location, count, weeks int) []time.Time {
	local := first.In(loc)
	d, clock := calendar.DateIn(first, loc), calendar.Clock(local.Hour()*60+local.Minute())
	out := []time.Time{first.UTC()}
	for i := 1; i < count; i++ {
		out = append(out, d.Add(7*weeks*i).At(clock, loc).UTC())
	}
	return out
}

// grid is the choice at a start, with one counsellor, or with any as wished.
func (c *course) grid(counsellor string) *grid {
	w := c.wish
	if counsellor != "" {
		w.Counsellor = counsellor
	}
	return newGrid(c.office, c.service, c.parties, w).askedBy(bookingRules{desk: true}, c.now)
}

// fails lists the starts, by their place, that a counsellor cannot give; load is
// how many sessions the others' days have already.
func (c *course) fails(counsellor Staff) (failed []int, load int) {
	for i, start := range c.starts {
		f := c.facts[i]
		if f == nil {
			failed = append(failed, i)
			continue
		}
		g, d := c.grid(counsellor.Username), calendar.DateIn(start, c.office.Location)
		g.know(f)
		busy := c.person != 0 && f.Line(Resource{PersonResource, c.person}).Busy.Hits(calendar.Mask(g.session(start)))
		if busy || g.free(d, start) == 0 {
			failed = append(failed, i)
		}
		load += f.Loads[Load{counsellor.ID, d}]
	}
	return failed, load
}

// choose finds who can give all of the course: of these who has the fewest
// sessions on its days. Where nobody can, it answers who comes nearest, and what
// fails.
func (c *course) choose() (Staff, []int) {
	type candidate struct {
		member Staff
		failed []int
		load   int
	}
	var all []candidate
	for _, member := range c.grid("").staff {
		failed, load := c.fails(member)
		all = append(all, candidate{member, failed, load})
	}
	if len(all) == 0 {
		failed := make([]int, len(c.starts))
		for i := range failed {
			failed[i] = i
		}
		return Staff{}, failed
	}
	best := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(len(a.failed)-len(b.failed), a.load-b.load, cmp.Compare(a.member.Username, b.member.Username))
	})
	return best.member, best.failed
}

// room is one that is free at all starts of the course, or none.
func (c *course) room(counsellor Staff) int64 {
	if c.service.Places > 1 {
		return 0 // a class that is on has its own
	}
	for _, room := range c.grid("").rooms {
		free := true
		for i, start := range c.starts {
			g := c.grid(counsellor.Username)
			g.only(0, room.ID)
			g.know(c.facts[i])
			free = free && g.free(calendar.DateIn(start, c.office.Location), start) > 0
		}
		if free {
			return room.ID
		}
	}
	return 0
}

// seriesTaken lists what cannot be had, each with the nearest that can.
func (s *Scheduler) seriesTaken(ctx context.Context, c *course, counsellor Staff, failed []int) error {
	out := SlotTaken(nil)
	out.Text = Text{ZH: "有几次约不上，请看看附近的时间。", EN: "some of these times are not free"}
	for _, i := range failed {
		g := c.grid(counsellor.Username)
		nearest, err := s.alternatives(ctx, g, c.starts[i], bookingRules{desk: true})
		if err != nil {
			return err
		}
		out.Failed = append(out.Failed, FailedStart{Start: c.starts[i].In(c.office.Location), Alternatives: nearest[:min(len(nearest), timesOffered)]})
	}
	return out
}

// seriesWrite puts together everything that the course writes.
func (s *Scheduler) seriesWrite(ctx context.Context, r SeriesRequest, c *course, counsellor Staff, who asker) (SeriesWrite, Series, error) {
	out := Series{ID: newID(c.now)}
	w := SeriesWrite{ID: out.ID, Office: c.office, Now: c.now, Audit: auditOf(r.Actor, "series.book", itoa(out.ID), c.now, nil, nil)}
	w.Audit.OfficeID = c.office.ID
	room := c.room(counsellor)
	for i, start := range c.starts {
		g := c.grid(counsellor.Username)
		g.only(0, room)
		g.know(c.facts[i])
		seat, err := s.seat(ctx, g, start, c.person, 0, HeldTime{}, bookingRules{desk: true})
		if err != nil {
			return w, out, err
		}
		if i > 0 { // the asker is known by now; whoever comes along is written down anew
			who = asker{person: who.person, notified: who.notified}
			who.enter(r.Booking)
		}
		one := s.bookingWrite(r.Booking, g, who, seat, c.now)
		if i > 0 {
			one.Messages = slices.DeleteFunc(one.Messages, func(d OwedMessage) bool { return d.Kind == messages.Booked })
		}
		w.Bookings, out.Appointments = append(w.Bookings, one), append(out.Appointments, one.Appointment)
	}
	return w, out, nil
}

// SeriesOf lists the course that an appointment is part of. Errors: not_found.
func (s *Scheduler) SeriesOf(ctx context.Context, a Actor, reference string) (Series, error) {
	found, err := s.Appointment(ctx, a, reference)
	if err != nil {
		return Series{}, err
	}
	out, err := s.Courses.SeriesOf(ctx, found.ID)
	if err != nil {
		return Series{}, err
	}
	out.Appointments = slices.DeleteFunc(out.Appointments, func(one Appointment) bool { return !a.sees(one) })
	return out, nil
}

// CancelRest cancels an appointment and those of its course that come after it,
// and answers the course. Each is told for itself, since each was agreed on.
// What is under way or over stays.
//
// Errors: not_found; wrong_state where none of these can be cancelled.
func (s *Scheduler) CancelRest(ctx context.Context, c Change) (Series, error) {
	found, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return Series{}, err
	}
	series, err := s.SeriesOf(ctx, c.Actor, c.Reference)
	if err != nil {
		return Series{}, err
	}
	done := 0
	for i, a := range series.Appointments {
		if a.Start.Before(found.Start) || a.Status != Booked && a.Status != Cancelled {
			continue
		}
		one := Change{Actor: c.Actor, Reference: a.Reference, Reason: c.Reason}
		if series.Appointments[i], err = s.Cancel(ctx, one); err != nil && CodeOf(err) != CodeWrongState {
			return Series{}, fmt.Errorf("cancel the rest of a course: %w", err)
		}
		if err == nil {
			done++
		} else {
			series.Appointments[i] = a
		}
	}
	if done == 0 {
		return Series{}, WrongState()
	}
	return series, nil
}

type seriesSnapshot struct {
	ID           int64
	Appointments []appointmentSnapshot
}

func encodeSeries(series Series) seriesSnapshot {
	out := seriesSnapshot{ID: series.ID}
	for _, a := range series.Appointments {
		out.Appointments = append(out.Appointments, encodeAppointment(a))
	}
	return out
}

func (s *Scheduler) decodeSeries(ctx context.Context) func([]byte) (Series, error) {
	return func(data []byte) (Series, error) {
		var in struct {
			ID           int64
			Appointments []json.RawMessage
		}
		if err := json.Unmarshal(data, &in); err != nil {
			return Series{}, fmt.Errorf("decode the remembered answer: %w", err)
		}
		out := Series{ID: in.ID}
		for _, one := range in.Appointments {
			a, err := s.decodeAppointment(ctx)(one)
			if err != nil {
				return Series{}, err
			}
			out.Appointments = append(out.Appointments, a)
		}
		return out, nil
	}
}
