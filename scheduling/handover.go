package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxPlan is how many appointments one plan may speak of.
const maxPlan = 200

// PlanItem says what is to become of one appointment: it is kept, its person is
// called, or it goes to a counsellor, a room or another start; where nothing is
// said, to whom it suits best.
type PlanItem struct {
	Reference  string
	Keep, Call bool
	Counsellor string
	Room       string
	Start      time.Time

	best bool // where it goes was found, not said
}

// named says that the item says where the appointment is to go.
func (p PlanItem) named() bool { return p.Counsellor != "" || p.Room != "" || !p.Start.IsZero() }

// HandOverRequest hands appointments over: all at once, each for itself.
type HandOverRequest struct {
	Actor       Actor
	Idempotency Idempotency
	Office      string
	// All lets items say nothing, which then go to whom they suit best.
	All  bool
	Plan []PlanItem
}

// OutcomeKind is what became of one appointment of a plan.
type OutcomeKind string

// The outcomes of a plan's items.
const (
	OutcomeDone    OutcomeKind = "done"
	OutcomeKept    OutcomeKind = "kept"
	OutcomeTaken   OutcomeKind = "taken"   // somebody or something is not free (any more)
	OutcomeCall    OutcomeKind = "call"    // the desk is to call: asked for, or nobody is free
	OutcomeRefused OutcomeKind = "refused" // it cannot be done as things stand
)

// Outcome is what became of one appointment of a plan.
type Outcome struct {
	Reference string
	What      OutcomeKind
	// Appointment is as it is now, where it was found.
	Appointment *Appointment
	// Refused is why it is taken or refused.
	Refused *Error
}

// HandOver hands appointments over by a plan. Each has a transaction and an
// outcome of its own; where nobody is free for one, its person is to be called,
// and the desk has a task.
//
// Errors: not_found; invalid (plan). Whatever happens to single appointments is
// their outcome.
func (s *Scheduler) HandOver(ctx context.Context, r HandOverRequest) ([]Outcome, error) {
	office, err := s.officeFor(ctx, r.Actor, r.Office)
	if err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return s.handOver(ctx, office, r, false)
}

func (r HandOverRequest) check() error {
	if len(r.Plan) > maxPlan {
		return Invalid("plan", "一次最多安排200个预约。", "at most 200 appointments at once")
	}
	seen := make(map[string]bool)
	for i, p := range r.Plan {
		field := fmt.Sprintf("plan[%d]", i)
		ways := 0
		for _, said := range []bool{p.Keep, p.Call, p.named()} {
			if said {
				ways++
			}
		}
		if ways > 1 || ways == 0 && !r.All {
			return Invalid(field, "请选一种办法：保留、打电话，或者换人、换房间、换时间。", "say one: keep, call, or where it is to go")
		}
		if seen[p.Reference] {
			return Invalid(field+".reference", "这个编号重复了。", "is named twice")
		}
		seen[p.Reference] = true
	}
	return nil
}

// handOver goes through a checked plan. With callTaken a person whose place was
// taken meanwhile is called as well.
func (s *Scheduler) handOver(ctx context.Context, office *Office, r HandOverRequest, callTaken bool) ([]Outcome, error) {
	out := make([]Outcome, len(r.Plan))
	var open []int
	for i, p := range r.Plan {
		if !p.Keep && !p.Call && !p.named() {
			open = append(open, i)
			continue
		}
		var err error
		if out[i], err = s.handOne(ctx, r, p, callTaken); err != nil {
			return nil, err
		}
	}
	return out, s.bestFit(ctx, office, r, open, out)
}

// bestRounds is how often those whose place was taken meanwhile are placed anew.
const bestRounds = 3

// bestFit places the items that say nothing.
func (s *Scheduler) bestFit(ctx context.Context, office *Office, r HandOverRequest, open []int, out []Outcome) error {
	for round := range bestRounds {
		var all []Appointment
		for _, i := range open {
			a, err := s.Appointment(ctx, r.Actor, r.Plan[i].Reference)
			var refused *Error
			switch {
			case err == nil && (a.Status == Booked || a.Status == CheckedIn):
				all = append(all, a)
			case err == nil:
				out[i] = Outcome{Reference: a.Reference, What: OutcomeRefused, Appointment: &a, Refused: WrongState()}
			case errors.As(err, &refused) && refused.Code == CodeNotFound:
				out[i] = Outcome{Reference: r.Plan[i].Reference, What: OutcomeRefused, Refused: refused}
			default:
				return err
			}
		}
		if len(all) == 0 {
			return nil
		}
		h, err := s.handing(ctx, office, all, 0, 0)
		if err != nil {
			return err
		}
		if open, err = s.carryOut(ctx, r, h.plan(all), open, out, round == bestRounds-1); err != nil {
			return err
		}
	}
	return nil
}

// carryOut writes a plan, and answers whose place was taken meanwhile.
func (s *Scheduler) carryOut(ctx context.Context, r HandOverRequest, plan map[string]Colleague, open []int, out []Outcome, last bool) ([]int, error) {
	var again []int
	for _, i := range open {
		p := r.Plan[i]
		if out[i].What == OutcomeRefused {
			continue
		}
		to, found := plan[p.Reference]
		earlier, done, err := s.placedEarlier(ctx, r, p)
		if err != nil {
			return nil, err
		}
		if done {
			out[i] = Outcome{Reference: p.Reference, What: OutcomeDone, Appointment: &earlier}
			continue
		}
		p.best = true
		if found {
			p.Counsellor, p.Room = to.Counsellor.Username, to.Room.Code
		} else {
			p.Call = true
		}
		if out[i], err = s.handOne(ctx, r, p, last); err != nil {
			return nil, err
		}
		if out[i].What == OutcomeTaken {
			again = append(again, i)
		}
	}
	return again, nil
}

// placedEarlier is what the same plan did to an item that says nothing, when it
// came before: to be placed twice would be to be moved twice.
func (s *Scheduler) placedEarlier(ctx context.Context, r HandOverRequest, p PlanItem) (Appointment, bool, error) {
	p.best = true
	key := remember(r.Actor, r.changeOf(p, Appointment{}).Idempotency)
	if key.None() {
		return Appointment{}, false, nil
	}
	earlier, err := s.Bookings.Answer(ctx, key.ID, s.now())
	if err != nil {
		if CodeOf(err) == CodeNotFound {
			err = nil
		}
		return Appointment{}, false, err
	}
	a, err := s.decodeAppointment(ctx)(earlier.Answer)
	return a, true, err
}

// handOne does what one item says.
func (s *Scheduler) handOne(ctx context.Context, r HandOverRequest, p PlanItem, callTaken bool) (Outcome, error) {
	out := Outcome{Reference: p.Reference}
	a, err := s.Appointment(ctx, r.Actor, p.Reference)
	if err == nil {
		out.Appointment = &a
	}
	switch {
	case err != nil:
	case p.Keep:
		out.What = OutcomeKept
		return out, nil
	case p.Call && !a.Status.Open():
		err = WrongState()
	case p.Call:
		out.What = OutcomeCall
		return out, s.callFor(ctx, r.Actor, a, ReasonHandOver)
	default:
		var moved Appointment
		if moved, err = s.Move(ctx, r.changeOf(p, a)); err == nil {
			out.What, out.Appointment = OutcomeDone, &moved
			return out, nil
		}
	}
	var refused *Error
	if !errors.As(err, &refused) || refused.Code == CodeOverloaded || refused.Code == CodeInternal {
		return out, err
	}
	out.What, out.Refused = OutcomeRefused, refused
	if refused.Code == CodeSlotTaken || refused.Code == CodeOverlap {
		out.What = OutcomeTaken
		if callTaken {
			out.What = OutcomeCall
			return out, s.callFor(ctx, r.Actor, *out.Appointment, ReasonHandOver)
		}
	}
	return out, nil
}

// changeOf is an item as a change. Each has a key of its own, made of the
// plan's, so that a plan can be repeated.
func (r HandOverRequest) changeOf(p PlanItem, a Appointment) Change {
	c := Change{Actor: r.Actor, Reference: p.Reference, Start: a.Start, Counsellor: p.Counsellor, Room: p.Room}
	if !p.Start.IsZero() {
		c.Start = p.Start
	}
	if r.Idempotency.Key != "" {
		c.Idempotency = Idempotency{Key: r.Idempotency.Key, Route: r.Idempotency.Route + " " + p.Reference, Body: []byte(p.Reference)}
		if !p.best {
			c.Idempotency.Body = fmt.Appendf(nil, "%s %d %q %q", p.Reference, p.Start.Unix(), p.Counsellor, p.Room)
		}
	}
	return c
}

// TimeOffWithPlan enters leave and hands over what is booked: the leave first,
// over what is in the way, then each appointment. Whoever could not be placed is
// to be called.
//
// Errors: those of AddTimeOff but in_use; invalid (plan).
func (s *Scheduler) TimeOffWithPlan(ctx context.Context, t TimeOffRequest) (TimeOff, []Outcome, error) {
	hand := HandOverRequest{Actor: t.Actor, Idempotency: t.Idempotency, Office: t.Office, All: t.All, Plan: t.Plan}
	if err := hand.check(); err != nil {
		return TimeOff{}, nil, err
	}
	t.Force = true
	entered, err := s.AddTimeOff(ctx, t)
	if err != nil {
		return TimeOff{}, nil, err
	}
	c, err := s.changeFor(ctx, ImpactQuery{
		Actor: t.Actor, Office: t.Office, What: ImpactLeave, Username: t.Username, From: entered.From, To: entered.To, Part: entered.Hours,
	})
	if err != nil {
		return TimeOff{}, nil, err
	}
	if t.All {
		all, err := s.inTheWay(ctx, c)
		if err != nil {
			return TimeOff{}, nil, err
		}
		hand.addAll(all)
	}
	out, err := s.handOver(ctx, c.office, hand, true)
	return entered, out, err
}

// addAll lets a plan speak of all that is in the way.
func (r *HandOverRequest) addAll(all []Appointment) {
	seen := make(map[string]bool)
	for _, p := range r.Plan {
		seen[p.Reference] = true
	}
	for _, a := range all {
		if !seen[a.Reference] {
			r.Plan = append(r.Plan, PlanItem{Reference: a.Reference})
		}
	}
}
