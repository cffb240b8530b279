package scheduling

import (
	"context"

	"magpie/scheduling/messages"
)

// unbooked stands for the reference of what is not booked yet.
const unbooked = "XXXXXXXX"

// PreviewBooking shows the messages that a booking would owe whoever asks, word
// for word but for the reference, which nothing has yet, and those that it would
// not owe, with the rule. It claims and writes nothing, and does not ask whether
// the time is free. Where nobody would be told there are none.
//
// Errors: those of Book that hang on neither the time, the hold nor the code word.
func (s *Scheduler) PreviewBooking(ctx context.Context, b Booking) ([]ComingMessage, error) {
	office, err := s.officeFor(ctx, b.Actor, b.Office)
	if err != nil {
		return nil, err
	}
	service, err := b.check(office)
	if err != nil {
		return nil, err
	}
	who, err := s.asker(ctx, b)
	if err != nil || who.notified.ID == 0 {
		return nil, err
	}
	now, seat := s.now(), Seat{Session: Session{Start: b.Start, End: b.Start.Add(service.Duration)}}
	a := s.appointment(b, newGrid(office, service, len(b.Parties), b.wish()), who, seat, now)
	a.Reference = unbooked
	return s.Ledger.Compose(a, s.plan(messages.Booked, now, a), s.gatewayOf(office), now), nil
}
