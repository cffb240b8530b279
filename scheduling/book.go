package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

const (
	maxName = 50  // characters
	maxNote = 500 // characters
)

// Book books a session. For a citizen the token's number counts; the desk
// books for a caller or a visitor, whose number counts if there is one, and is
// free of notice, horizon, release and open_per_person.
//
// Errors: invalid (with the field), not_open, too_late, slot_taken with the
// nearest free starts, overlap, limit_reached, key_reused, unauthenticated.
func (s *Scheduler) Book(ctx context.Context, b Booking) (Appointment, error) {
	r := remember(b.Actor, b.Idempotency)
	word := sync.OnceValues(func() (Private, error) { return hashWord(ctx, b.CodeWord) })
	out, err := once(ctx, s, r, s.decodeAppointment(ctx), func() (Appointment, error) {
		return untilWon(ctx, func() (Appointment, error) { return s.book(ctx, b, r, word) })
	})
	if err == nil {
		s.nudge()
	}
	return out, err
}

// book decides once, on fresh facts, and writes; word hashes the code word, which
// is done once however often it is decided.
func (s *Scheduler) book(ctx context.Context, b Booking, r Remember, word func() (Private, error)) (Appointment, error) {
	office, err := s.officeFor(ctx, b.Actor, b.Office)
	if err != nil {
		return Appointment{}, err
	}
	service, err := b.check(office)
	if err != nil {
		return Appointment{}, err
	}
	b.Wish = b.wish()
	who, err := s.asker(ctx, b)
	if err != nil {
		return Appointment{}, err
	}
	if err := b.checkWord(who.person); err != nil {
		return Appointment{}, err
	}
	now, rules := s.now(), rulesFor(b.Actor)
	held, err := s.heldFor(ctx, b.Hold, service, b.Start, now)
	if err != nil {
		return Appointment{}, err
	}
	b.Wish = b.Wish.orOf(held)
	g := newGrid(office, service, len(b.Parties), b.Wish).askedBy(rules, now)
	if held.ID != 0 && !newGrid(office, service, held.Heads, b.Wish).asWished(held.Session) {
		return Appointment{}, Invalid("hold", "保留的时间和现在的要求不一样，请重新选时间。", "was made for other wishes")
	}
	if err := g.checkStart(b.Start, now, rules); err != nil {
		return Appointment{}, err
	}
	if err := s.readFacts(ctx, g, b.Start, who.person.ID, now); err != nil {
		return Appointment{}, err
	}
	seat, err := s.seat(ctx, g, b.Start, who.person.ID, 0, held, rules)
	if err != nil {
		return Appointment{}, err
	}
	w := s.bookingWrite(b, g, who, seat, now)
	if !b.CodeWord.IsZero() {
		hash, err := word()
		if err != nil {
			return Appointment{}, err
		}
		w.Word = wordWrite(b.Actor, who.person, hash, now)
	}
	if w.Remember, err = r.withAnswer(encodeAppointment(w.Appointment)); err != nil {
		return Appointment{}, err
	}
	return w.Appointment, s.Bookings.Book(ctx, w)
}

// check tests every field of a booking that needs no facts.
func (b Booking) check(office *Office) (Service, error) {
	service, ok := office.Service(b.Service)
	if !ok {
		return Service{}, Invalid("service", "没有这项服务。", "no such service")
	}
	if n := len(b.Parties); n < service.Parties.Min || n > service.Parties.Max {
		return Service{}, Invalid("parties", "人数不在这项服务的范围内。", "not within what this service takes")
	}
	for i, p := range b.Parties {
		if err := p.check(i); err != nil {
			return Service{}, err
		}
	}
	if err := b.checkContact(); err != nil {
		return Service{}, err
	}
	if err := b.checkAsks(); err != nil {
		return Service{}, err
	}
	if utf8.RuneCountInString(b.Note.Reveal()) > maxNote {
		return Service{}, Invalid("note", "最多写500个字。", "at most 500 characters")
	}
	if b.Locale != "" && b.Locale != "zh" && b.Locale != "en" {
		return Service{}, Invalid("locale", "请选中文或英文。", "must be zh or en")
	}
	return service, b.Wish.check(office, service)
}

func (p PartyRequest) check(i int) error {
	field := fmt.Sprintf("parties[%d]", i)
	if n := utf8.RuneCountInString(p.Name.Reveal()); n == 0 || n > maxName {
		return Invalid(field+".name", "请写怎么称呼，最多50个字。", "a name of 1 to 50 characters is needed")
	}
	if !p.Phone.IsZero() {
		if _, ok := NormalPhone(p.Phone.Reveal()); !ok {
			return Invalid(field+".phone", "请填11位手机号。", "must be a mobile number of 11 digits")
		}
	}
	return nil
}

func (b Booking) checkContact() error {
	c := b.Contact
	if c == nil {
		return nil
	}
	if n := utf8.RuneCountInString(c.Name.Reveal()); n == 0 || n > maxName {
		return Invalid("contact.name", "请写怎么称呼，最多50个字。", "a name of 1 to 50 characters is needed")
	}
	if n := utf8.RuneCountInString(c.Relation.Reveal()); n == 0 || n > maxName {
		return Invalid("contact.relation", "请写和来的人是什么关系。", "a relation of 1 to 50 characters is needed")
	}
	if _, ok := NormalPhone(c.Phone.Reveal()); !ok {
		return Invalid("contact.phone", "请填11位手机号。", "must be a mobile number of 11 digits")
	}
	return nil
}

// officeFor finds the office; to staff another office's does not exist.
func (s *Scheduler) officeFor(ctx context.Context, a Actor, code string) (*Office, error) {
	office, err := s.Offices.Office(ctx, code)
	if err != nil {
		return nil, err
	}
	if a.Kind == StaffKind && a.OfficeID != office.ID {
		return nil, NotFound()
	}
	return office, nil
}

// readFacts loads what is booked around a start. Where that leaves nothing, it
// looks for holds that have ended, and clears them away.
func (s *Scheduler) readFacts(ctx context.Context, g *grid, start time.Time, person int64, now time.Time) error {
	d, claim := calendar.DateIn(start, g.office.Location), g.claim(start)
	q := g.query(d, d, person, now)
	q.First, q.Last = calendar.DayOf(claim.From), calendar.DayOf(claim.To.Add(-1))
	monday := mondayOf(d)
	q.LoadsFrom, q.LoadsTo = monday, monday.Add(6)
	if q.CitizensOf != 0 {
		// Holds anywhere on the date count among the citizens' places.
		q.First, q.Last = min(q.First, calendar.DayOf(d.At(0, g.office.Location))), max(q.Last, calendar.DayOf(d.Add(1).At(0, g.office.Location)))
	}
	for {
		facts, err := s.Bookings.Facts(ctx, q)
		if err != nil {
			return fmt.Errorf("read what is booked: %w", err)
		}
		g.know(facts)
		if q.Ended || min(g.free(d, start), g.left(d)) > 0 {
			return s.clearEnded(ctx, g, now)
		}
		q.Ended = true
	}
}

// clearEnded clears ended holds away, in the database and in the facts.
func (s *Scheduler) clearEnded(ctx context.Context, g *grid, now time.Time) error {
	if len(g.facts.Ended) == 0 {
		return nil
	}
	if err := s.Holds.ClearHolds(ctx, g.facts.Ended, now); err != nil {
		return fmt.Errorf("clear away ended holds: %w", err)
	}
	g.facts.WithoutEnded()
	return nil
}

// seat decides where the appointment sits: in the place of its hold, in a
// class that is on, or in a new session with the next free pair.
func (s *Scheduler) seat(ctx context.Context, g *grid, start time.Time, person, keep int64, held HeldTime, r bookingRules) (Seat, error) {
	session := g.session(start)
	if person != 0 && g.facts.Line(Resource{PersonResource, person}).Busy.Hits(calendar.Mask(session)) {
		return Seat{}, Overlap()
	}
	d := calendar.DateIn(start, g.office.Location)
	if !held.ByCitizen && g.left(d) == 0 { // nor is the desk's hold a way past its share
		return s.taken(ctx, g, start, r)
	}
	if held.ID != 0 && g.attended(held.Session) && (held.Heads >= g.parties || held.Session.Seats >= held.Session.Heads-held.Heads+g.parties) {
		return Seat{Session: held.Session, Hold: held.ID, HoldHeads: held.Heads, Share: g.share(d, held)}, nil
	}
	giveUp := int64(0)
	if held.ID != 0 {
		giveUp = held.ID
		g.facts.Leave(held.Session, held.Heads)
		g.facts.returnCitizen(held.Session, held.ByCitizen)
	}
	if g.left(d) == 0 {
		return s.taken(ctx, g, start, r)
	}
	if on := g.joinable(start); g.service.Places > 1 && len(on) > 0 {
		i := slices.IndexFunc(on, func(s Session) bool { return s.Counsellor == keep })
		return Seat{Session: on[max(i, 0)], Join: true, GiveUp: giveUp, Share: g.share(d, HeldTime{})}, nil
	}
	p, ok := g.choose(d, start, keep)
	if !ok {
		return s.taken(ctx, g, start, r)
	}
	made := Session{
		ID: newID(s.now()), OfficeID: g.office.ID, ServiceID: g.service.ID,
		Room: p.Room.ID, Counsellor: p.Counsellor.ID,
		Start: session.From, End: session.To, ClaimEnd: g.claim(start).To,
		Taken: 1, Places: g.service.Places, Heads: g.parties, Seats: p.Room.Seats, Date: d,
	}
	return Seat{Session: made, Claims: made.claims(g.facts), SessionsCap: p.Counsellor.SessionsPerDay, GiveUp: giveUp, Share: g.share(d, HeldTime{})}, nil
}

// taken answers that a start is taken, with the nearest free ones.
func (s *Scheduler) taken(ctx context.Context, g *grid, start time.Time, r bookingRules) (Seat, error) {
	nearest, err := s.alternatives(ctx, g, start, r)
	if err != nil {
		return Seat{}, err
	}
	return Seat{}, SlotTaken(nearest)
}

// appointment is what a booking makes of a seat.
func (s *Scheduler) appointment(b Booking, g *grid, who asker, seat Seat, now time.Time) Appointment {
	room, _ := g.office.Room(seat.Session.Room)
	counsellor, _ := g.office.StaffByID(seat.Session.Counsellor)
	return Appointment{
		ID: newID(now), Reference: s.newReference(), Office: g.office, Service: g.service,
		Session: seat.Session, Status: Booked, Start: seat.Session.Start, End: seat.Session.End,
		Parties: who.parties, Contact: who.contact, Heads: len(b.Parties),
		Asker: who.person, Notified: who.notified, Wish: b.Wish, Room: room, Counsellor: counsellor,
		Locale: cmp.Or(b.Locale, "zh"), Note: b.Note, Needs: b.Needs, Title: b.Title, Silent: b.Silent,
		ByCitizen: b.Actor.Kind != StaffKind, Revision: 1, CreatedAt: now, UpdatedAt: now,
	}
}

// bookingWrite puts together everything that the booking writes.
func (s *Scheduler) bookingWrite(b Booking, g *grid, who asker, seat Seat, now time.Time) BookingWrite {
	a := s.appointment(b, g, who, seat, now)
	w := BookingWrite{
		Appointment: a, Seat: seat, NewPersons: who.created, Now: now,
		PersonClaims: seat.Session.personClaims(g.facts, who.person.ID),
		Audit:        auditOf(b.Actor, "appointment.book", a.Reference, now, nil, &a),
	}
	if b.Actor.Kind != StaffKind {
		w.OpenCap = g.service.OpenPerPerson
	}
	w.Messages = s.plan(messages.Booked, now, a)
	return w
}

func (s *Scheduler) nudge() {
	if s.Nudge != nil {
		s.Nudge()
	}
}
