package scheduling

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

const (
	// offerFor is how long a person may choose, offerBefore how long before the
	// old start it ends at the latest; one that would end within offerLeast is
	// not made: whoever is that near is called.
	offerFor    = 24 * time.Hour
	offerBefore = 2 * time.Hour
	offerLeast  = 30 * time.Minute
	mostOffered = 3
)

// OfferState is what became of an offer.
type OfferState int

// The states of an offer.
const (
	OfferOpen      OfferState = 0
	OfferTaken     OfferState = 1
	OfferLapsed    OfferState = 2
	OfferWithdrawn OfferState = 3
)

// Offer is other times that a person may choose from, since theirs must change.
// Each is kept until the deadline.
type Offer struct {
	ID       int64
	Revision int // of the appointment
	State    OfferState
	Deadline time.Time
	Times    []HeldTime // while it is open
}

// OfferRequest offers a person other times.
type OfferRequest struct {
	Actor       Actor
	Idempotency Idempotency
	Reference   string
	Starts      []time.Time // 1 to 3
	Counsellor  string      // username; empty: as the person wished
}

// OfferWrite is everything that an offer writes.
type OfferWrite struct {
	Remember    Remember
	Appointment Appointment
	Offer       Offer
	Holds       []HoldWrite
	Messages    []OwedMessage
	Audit       AuditEntry
	Now         time.Time
}

// OfferEnd ends an offer in a move that takes one of its times.
type OfferEnd struct {
	ID   int64
	Drop []int64 // the holds of the other times
}

// Offers is times that are offered instead of others.
type Offers interface {
	MakeOffer(ctx context.Context, w OfferWrite) error
	// OfferOf is the last offer about an appointment; not_found: there was none.
	OfferOf(ctx context.Context, appointment int64) (Offer, error)
	// WithdrawOffer gives its times back; wrong_state where it is not open.
	WithdrawOffer(ctx context.Context, id int64, e AuditEntry) error
}

// OfferTimes offers a person other times than theirs: each is kept for a day, or
// until two hours before the old start, and a message asks them to choose or to
// call. Whoever does not is to be called. The old time stays theirs meanwhile. It
// is done once for each time: whoever did not answer is not asked again.
//
// Errors: those of Move; wrong_state where it is too near, under way, or was
// done; invalid (starts).
func (s *Scheduler) OfferTimes(ctx context.Context, r OfferRequest) (Offer, error) {
	key := remember(r.Actor, r.Idempotency)
	out, err := once(ctx, s, key, decodeOffer, func() (Offer, error) {
		return untilWon(ctx, func() (Offer, error) { return s.offerTimes(ctx, r, key) })
	})
	if err == nil {
		s.nudge()
	}
	return out, err
}

func (s *Scheduler) offerTimes(ctx context.Context, r OfferRequest, key Remember) (Offer, error) {
	old, err := s.Appointment(ctx, r.Actor, r.Reference)
	if err != nil {
		return Offer{}, err
	}
	now := s.now()
	offer, err := s.newOffer(ctx, r, old, now)
	if err != nil {
		return Offer{}, err
	}
	w := OfferWrite{Appointment: old, Offer: offer, Now: now, Audit: auditOf(r.Actor, "appointment.offer", old.Reference, now, &old, &old)}
	var earlier []Claim
	for i, start := range r.Starts {
		hold, err := s.offeredHold(ctx, r, old, offer, i, start, earlier, now)
		if err != nil {
			return Offer{}, err
		}
		earlier = append(earlier, hold.Seat.Claims...)
		w.Holds = append(w.Holds, hold)
		w.Offer.Times = append(w.Offer.Times, HeldTime{ID: hold.ID, Session: hold.Seat.Session, Heads: hold.Heads, ExpiresAt: offer.Deadline, OfficeID: old.Office.ID})
	}
	w.Messages = s.planOffer(now, offer.Deadline, old)
	if w.Remember, err = key.withAnswer(w.Offer); err != nil {
		return Offer{}, err
	}
	if err := s.Offers.MakeOffer(ctx, w); err != nil {
		return Offer{}, err
	}
	if !slices.ContainsFunc(w.Messages, func(d OwedMessage) bool { return d.Rule == "" }) {
		return w.Offer, s.callFor(ctx, r.Actor, old, ReasonOffer)
	}
	return w.Offer, nil
}

// newOffer tests whether one can be made.
func (s *Scheduler) newOffer(ctx context.Context, r OfferRequest, old Appointment, now time.Time) (Offer, error) {
	if n := len(r.Starts); n < 1 || n > mostOffered {
		return Offer{}, Invalid("starts", "请选1到3个时间。", "must be one to three")
	}
	out := Offer{ID: newID(now), Revision: old.Revision, Deadline: earlier(now.Add(offerFor), old.Start.Add(-offerBefore))}
	if _, ok := old.Office.ServiceByID(old.Service.ID); !ok || old.Status != Booked || out.Deadline.Sub(now) < offerLeast {
		return Offer{}, WrongState()
	}
	before, err := s.Offers.OfferOf(ctx, old.ID)
	switch {
	case CodeOf(err) == CodeNotFound:
	case err != nil:
		return Offer{}, err
	case before.Revision == old.Revision || before.State == OfferOpen:
		return Offer{}, WrongState()
	}
	for i, start := range r.Starts {
		if !start.After(out.Deadline) || start.Equal(old.Start) || slices.ContainsFunc(r.Starts[:i], start.Equal) {
			return Offer{}, Invalid(fmt.Sprintf("starts[%d]", i), "要晚于可以选的期限，并且和别的时间不一样。", "must lie after the deadline, and be another time")
		}
	}
	return out, nil
}

// offeredHold decides where one of the times is kept. What the ones before it
// take is taken already.
func (s *Scheduler) offeredHold(ctx context.Context, r OfferRequest, old Appointment, offer Offer, i int, start time.Time, before []Claim, now time.Time) (HoldWrite, error) {
	service, wish := old.Service, old.Wish
	if length := old.End.Sub(old.Start); service.lasts(length) {
		service.Duration = length
	}
	if r.Counsellor != "" {
		wish = Wish{Counsellor: r.Counsellor, Accessible: old.Wish.Accessible}
		if err := wish.check(old.Office, service); err != nil {
			return HoldWrite{}, err
		}
	}
	g := newGrid(old.Office, service, old.Heads, wish).askedBy(bookingRules{desk: true}, now)
	rules := bookingRules{desk: true}
	if err := g.checkStart(start, now, rules); err != nil {
		return HoldWrite{}, Invalid(fmt.Sprintf("starts[%d]", i), err.Fields[0].Message.ZH, err.Fields[0].Message.EN)
	}
	if err := s.readFacts(ctx, g, start, old.Asker.ID, now); err != nil {
		return HoldWrite{}, err
	}
	g.facts.taken(before)
	seat, err := s.seat(ctx, g, start, old.Asker.ID, old.Session.Counsellor, HeldTime{}, rules)
	if err != nil {
		return HoldWrite{}, err
	}
	return HoldWrite{
		ID: newID(now), Secret: sha256.Sum256(randomBytes(32)), OfficeID: old.Office.ID, Revision: old.Office.Revision,
		Start: start, Seat: seat, Heads: old.Heads, ExpiresAt: offer.Deadline, Wish: wish, Now: now,
	}, nil
}

// taken marks in the facts what the same write claims before.
func (f *Facts) taken(claims []Claim) {
	for _, c := range claims {
		i := int(c.Day - f.First)
		if i < 0 || i > int(f.Last-f.First) {
			continue
		}
		line := f.Line(c.Resource)
		line.Busy.Add([]calendar.DayWords{{Day: c.Day, Words: c.Busy}})
		line.Known[i] = true
	}
}

// planOffer works out what an offer owes the person; it is of use until the
// deadline.
func (s *Scheduler) planOffer(now, deadline time.Time, a Appointment) []messages.Due {
	if a.Notified.ID == 0 {
		return nil
	}
	reach := a.Notified.Reach(s.Settings.Mail)
	reach.Silent = a.Silent
	return messages.Plan(messages.Offer, now, deadline, a.Office.PolicyFor(a.Service), reach)
}

// OfferOf is the offer that is open for an appointment. Errors: not_found.
func (s *Scheduler) OfferOf(ctx context.Context, a Actor, reference string) (Appointment, Offer, error) {
	found, err := s.Appointment(ctx, a, reference)
	if err != nil {
		return Appointment{}, Offer{}, err
	}
	offer, err := s.Offers.OfferOf(ctx, found.ID)
	if err != nil {
		return Appointment{}, Offer{}, err
	}
	if offer.State != OfferOpen || offer.Revision != found.Revision || found.Status != Booked || !s.now().Before(offer.Deadline) {
		return Appointment{}, Offer{}, NotFound()
	}
	return found, offer, nil
}

// WithdrawOffer gives the times of an open offer back. Errors: not_found,
// wrong_state.
func (s *Scheduler) WithdrawOffer(ctx context.Context, a Actor, reference string) error {
	found, offer, err := s.OfferOf(ctx, a, reference)
	if err != nil {
		return err
	}
	return s.Offers.WithdrawOffer(ctx, offer.ID, auditOf(a, "appointment.offer_withdrawn", found.Reference, s.now(), &found, &found))
}

// TakeOffer moves an appointment to one of the times that are offered instead of
// its own, and gives the others back; by the person, or by the desk whom they
// call. It needs no notice and no change_until: the office asked for it.
//
// Errors: not_found; wrong_state where no offer is open (any more); invalid
// (start) for another time; overlap.
func (s *Scheduler) TakeOffer(ctx context.Context, c Change) (Appointment, error) {
	r := remember(c.Actor, c.Idempotency)
	out, err := once(ctx, s, r, s.decodeAppointment(ctx), func() (Appointment, error) {
		return untilWon(ctx, func() (Appointment, error) { return s.takeOffer(ctx, c, r) })
	})
	return out, s.settled(ctx, out, s.recordRefusal(ctx, c, "appointment.reschedule", err))
}

func (s *Scheduler) takeOffer(ctx context.Context, c Change, r Remember) (Appointment, error) {
	old, err := s.Appointment(ctx, c.Actor, c.Reference)
	if err != nil {
		return Appointment{}, err
	}
	_, offer, err := s.OfferOf(ctx, c.Actor, c.Reference)
	if CodeOf(err) == CodeNotFound {
		return Appointment{}, WrongState()
	} else if err != nil {
		return Appointment{}, err
	}
	i := slices.IndexFunc(offer.Times, func(h HeldTime) bool { return h.Session.Start.Equal(c.Start) })
	if i < 0 {
		// It may have been given back by whoever took another of them just now.
		if again, err := s.Offers.OfferOf(ctx, old.ID); err != nil {
			return Appointment{}, err
		} else if again.State != OfferOpen {
			return Appointment{}, ErrLost
		}
		return Appointment{}, Invalid("start", "请从给您留的时间里选。", "must be one of the times offered")
	}
	now, held := s.now(), offer.Times[i]
	service := old.Service
	service.Duration = held.Session.End.Sub(held.Session.Start)
	g := newGrid(old.Office, service, old.Heads, Wish{}).askedBy(bookingRules{desk: true}, now)
	if err := s.readFacts(ctx, g, c.Start, old.Asker.ID, now); err != nil {
		return Appointment{}, err
	}
	g.facts.Leave(old.Session, old.Heads)
	g.facts.ForgetPerson(old.Asker.ID, calendar.Span{From: old.Start, To: old.End})
	seat, err := s.seat(ctx, g, c.Start, old.Asker.ID, 0, held, bookingRules{desk: true})
	if err != nil {
		return Appointment{}, s.unlessItself(ctx, old, err)
	}
	w := s.moveWrite(c, g, old, seat, now)
	w.Appointment.ByCitizen = false // the desk chose the times
	w.Offer = OfferEnd{ID: offer.ID}
	for j, other := range offer.Times {
		if j != i {
			w.Offer.Drop = append(w.Offer.Drop, other.ID)
		}
	}
	if w.Remember, err = r.withAnswer(encodeAppointment(w.Appointment)); err != nil {
		return Appointment{}, err
	}
	return w.Appointment, s.Bookings.Move(ctx, w)
}

func decodeOffer(data []byte) (Offer, error) {
	var out Offer
	err := json.Unmarshal(data, &out)
	return out, err
}
