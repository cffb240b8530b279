package scheduling

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"magpie/scheduling/calendar"
)

const (
	holdWithToken    = 10 * time.Minute
	holdWithoutToken = 5 * time.Minute
	// holdsPerAddress and holdsPerPerson bound the live holds of one asker, so
	// that nobody keeps an office's day to themself.
	holdsPerAddress = 3
	holdsPerPerson  = 3
	// holdCooling keeps an address from holding a start again and again.
	holdCooling = 10 * time.Minute
)

// Hold keeps a start for a while: 10 minutes with a token, 5 without. It is a
// session like any other until it ends, so room and counsellor are really
// kept. Without a token an address has at most three, never more than half of
// a start's sessions are held that way, and an address whose hold on a start
// ended unused may not hold it again for ten minutes.
//
// Errors: those of Book but overlap, and rate_limited for that cooling.
func (s *Scheduler) Hold(ctx context.Context, h HoldRequest) (Hold, error) {
	r := remember(h.Actor, h.Idempotency)
	return once(ctx, s, r, decodeHold, func() (Hold, error) {
		return untilWon(ctx, func() (Hold, error) { return s.hold(ctx, h, r) })
	})
}

func (s *Scheduler) hold(ctx context.Context, h HoldRequest, r Remember) (Hold, error) {
	office, err := s.officeFor(ctx, h.Actor, h.Office)
	if err != nil {
		return Hold{}, err
	}
	q := Search{Service: h.Service, Parties: h.Parties, Wish: h.Wish}
	service, err := q.check(office)
	if err != nil {
		return Hold{}, err
	}
	g := newGrid(office, service, cmp.Or(h.Parties, service.Parties.Min), h.Wish)
	now, rules := s.now(), rulesFor(h.Actor)
	g.askedBy(rules, now)
	if err := g.checkStart(h.Start, now, rules); err != nil {
		return Hold{}, err
	}
	if err := s.readFacts(ctx, g, h.Start, 0, now); err != nil {
		return Hold{}, err
	}
	seat, err := s.seat(ctx, g, h.Start, 0, 0, HeldTime{}, rules)
	if err != nil {
		return Hold{}, err
	}
	out, w := s.holdWrite(h, g, seat, now)
	if w.Remember, err = r.withAnswer(out); err != nil {
		return Hold{}, err
	}
	return out, s.withAlternatives(ctx, s.Holds.Hold(ctx, w), g, h.Start, rules)
}

// withAlternatives adds the nearest free starts where the store refused one.
func (s *Scheduler) withAlternatives(ctx context.Context, err error, g *grid, start time.Time, r bookingRules) error {
	if CodeOf(err) != CodeSlotTaken {
		return err
	}
	nearest, lookup := s.alternatives(ctx, g, start, r)
	if lookup != nil {
		return lookup
	}
	return SlotTaken(nearest)
}

func (s *Scheduler) holdWrite(h HoldRequest, g *grid, seat Seat, now time.Time) (Hold, HoldWrite) {
	out := Hold{Secret: base64.RawURLEncoding.EncodeToString(randomBytes(16))}
	w := HoldWrite{
		ID: newID(now), Secret: sha256.Sum256([]byte(out.Secret)), OfficeID: g.office.ID, Revision: g.office.Revision,
		Start: h.Start, Seat: seat, Heads: g.parties, Wish: h.Wish, Now: now,
	}
	if h.Actor.Kind == Anonymous {
		out.ExpiresAt, w.Address = now.Add(holdWithoutToken), h.Actor.Address
		w.StartCap = (g.sessionsAt(h.Start) + 1) / 2
		if s.Settings.RateLimits {
			w.AddressCap, w.Cooling = holdsPerAddress, holdCooling
		}
	} else {
		out.ExpiresAt = now.Add(holdWithToken)
		if h.Actor.Kind == Citizen {
			w.Person, w.PersonCap = h.Actor.Person.ID, holdsPerPerson
		}
	}
	w.ExpiresAt = out.ExpiresAt
	return out, w
}

// sessionsAt counts the sessions (places, in a class) that a start can have in
// all: those that could still begin and those that are taken.
func (g *grid) sessionsAt(start time.Time) int {
	n := g.free(calendar.DateIn(start, g.office.Location), start)
	if g.service.Places > 1 {
		for _, s := range g.facts.Classes {
			if s.Start.Equal(start) {
				n += s.Taken
			}
		}
		return n
	}
	m := g.masks(start)
	busy := 0
	for i, member := range g.staff {
		if g.works(i, g.session(start)) && g.facts.Line(Resource{CounsellorResource, member.ID}).Busy.Hits(m.session) {
			busy++
		}
	}
	open := 0
	for i := range g.rooms {
		open += boolRank(!g.day.rooms[i])
	}
	return min(n+busy, open)
}

// RenewHold lets a hold live ten minutes more than it would have, once, for
// somebody with a token.
func (s *Scheduler) RenewHold(ctx context.Context, c HoldChange) (Hold, error) {
	if c.Actor.Kind == Anonymous {
		return Hold{}, Unauthenticated()
	}
	r := remember(c.Actor, c.Idempotency)
	return once(ctx, s, r, decodeHold, func() (Hold, error) {
		now := s.now()
		held, err := s.heldIn(ctx, c, now)
		if err != nil {
			return Hold{}, err
		}
		if held.Renewed {
			return Hold{}, WrongState()
		}
		until := held.ExpiresAt.Add(holdWithToken)
		out := Hold{Secret: c.Secret, ExpiresAt: until}
		if r, err = r.withAnswer(out); err != nil {
			return Hold{}, err
		}
		return out, s.Holds.Renew(ctx, r, held.ID, until, now)
	})
}

// ReleaseHold gives the time back.
func (s *Scheduler) ReleaseHold(ctx context.Context, c HoldChange) error {
	now := s.now()
	held, err := s.heldIn(ctx, c, now)
	if err != nil {
		return err
	}
	return s.Holds.Drop(ctx, held.ID, now)
}

func (s *Scheduler) heldIn(ctx context.Context, c HoldChange, now time.Time) (HeldTime, error) {
	office, err := s.officeFor(ctx, c.Actor, c.Office)
	if err != nil {
		return HeldTime{}, err
	}
	held, err := s.Holds.Held(ctx, sha256.Sum256([]byte(c.Secret)), now)
	if err != nil {
		return HeldTime{}, err
	}
	if held.OfficeID != office.ID {
		return HeldTime{}, NotFound()
	}
	return held, nil
}

// heldFor finds the hold that a booking uses. One that has ended, or is not
// known, is as none at all (its ID is zero): the time may still be free. One for another
// service or start is a mistake of the caller's.
func (s *Scheduler) heldFor(ctx context.Context, secret string, service Service, start, now time.Time) (HeldTime, error) {
	if secret == "" {
		return HeldTime{}, nil
	}
	held, err := s.Holds.Held(ctx, sha256.Sum256([]byte(secret)), now)
	switch {
	case CodeOf(err) == CodeNotFound:
		return HeldTime{}, nil
	case err != nil:
		return HeldTime{}, err
	case held.Session.ServiceID != service.ID || !held.Session.Start.Equal(start):
		return HeldTime{}, Invalid("hold", "保留的是别的时间或别的服务。", "was made for another service or start")
	}
	return held, nil
}

// orOf fills what is not wished for now with what the hold was made for.
func (w Wish) orOf(held HeldTime) Wish {
	return Wish{
		Counsellor: cmp.Or(w.Counsellor, held.Wish.Counsellor),
		Gender:     cmp.Or(w.Gender, held.Wish.Gender),
		Accessible: w.Accessible || held.Wish.Accessible,
	}
}

func decodeHold(data []byte) (Hold, error) {
	var out Hold
	err := json.Unmarshal(data, &out)
	return out, err
}
