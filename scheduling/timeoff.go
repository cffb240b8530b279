package scheduling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// maxTimeOffDays bounds one entry of leave.
const maxTimeOffDays = 400

// TimeOffWrite enters leave. Unless forced it is refused by the database over
// anything that is booked.
type TimeOffWrite struct {
	Remember Remember
	Office   *Office
	StaffID  int64
	TimeOff  TimeOff
	Force    bool
	Audit    AuditEntry
	Now      time.Time
}

// Leave is the time that staff are away.
type Leave interface {
	// LeaveOf lists a person's leave by its first day.
	LeaveOf(ctx context.Context, staffID int64, p Page) ([]TimeOff, string, error)
	// AddLeave answers in_use with the appointments in the way unless forced.
	AddLeave(ctx context.Context, w TimeOffWrite) error
	// RemoveLeave answers not_found for an entry that is not that person's.
	RemoveLeave(ctx context.Context, office *Office, staffID, id int64, e AuditEntry, now time.Time) error
}

// TimeOff lists somebody's leave.
func (s *Scheduler) TimeOff(ctx context.Context, a Actor, office, username string, p Page) ([]TimeOff, string, error) {
	_, member, err := s.memberFor(ctx, a, office, username)
	if err != nil {
		return nil, "", err
	}
	return s.Leave.LeaveOf(ctx, member.ID, p)
}

// AddTimeOff enters leave of whole days of the office. Sessions in the way
// refuse it with in_use, which lists them, unless it is forced: then they stay
// and somebody must see to them.
func (s *Scheduler) AddTimeOff(ctx context.Context, t TimeOffRequest) (TimeOff, error) {
	r := remember(t.Actor, t.Idempotency)
	return once(ctx, s, r, decodeTimeOff, func() (TimeOff, error) {
		return untilWon(ctx, func() (TimeOff, error) { return s.addTimeOff(ctx, t, r) })
	})
}

func (s *Scheduler) addTimeOff(ctx context.Context, t TimeOffRequest, r Remember) (TimeOff, error) {
	office, member, err := s.memberFor(ctx, t.Actor, t.Office, t.Username)
	if err != nil {
		return TimeOff{}, err
	}
	switch {
	case t.To < t.From:
		return TimeOff{}, Invalid("to", "结束日期早于开始日期。", "must not be before from")
	case int(t.To-t.From) >= maxTimeOffDays:
		return TimeOff{}, Invalid("to", "一次最多400天。", "at most 400 days at once")
	case utf8.RuneCountInString(t.Reason.Reveal()) > maxNote:
		return TimeOff{}, Invalid("reason", "最多写500个字。", "at most 500 characters")
	}
	if err := checkPart(&t.Hours); err != nil {
		return TimeOff{}, err
	}
	now := s.now()
	out := TimeOff{ID: newID(now), From: t.From, To: t.To, Hours: t.Hours, Reason: t.Reason, CreatedAt: now}
	audit := auditOf(t.Actor, "time_off.add", member.Username, now, nil, nil)
	audit.After = timeOffState(out)
	w := TimeOffWrite{Office: office, StaffID: member.ID, TimeOff: out, Force: t.Force, Now: now, Audit: audit}
	if w.Remember, err = r.withAnswer(encodeTimeOff(out)); err != nil {
		return TimeOff{}, err
	}
	return out, s.withAppointments(ctx, s.Leave.AddLeave(ctx, w))
}

// withAppointments reads what is in the way whole: inside its transaction the
// store names appointments by reference and time alone.
func (s *Scheduler) withAppointments(ctx context.Context, err error) error {
	var inUse *Error
	if !errors.As(err, &inUse) || inUse.Code != CodeInUse {
		return err
	}
	var items []Appointment
	for _, named := range inUse.InUse {
		a, err := s.Lists.ByReference(ctx, named.Reference)
		if err != nil {
			return fmt.Errorf("read what is in the way: %w", err)
		}
		items = append(items, a)
	}
	return InUse(items)
}

// RemoveTimeOff takes leave back. Errors: not_found.
func (s *Scheduler) RemoveTimeOff(ctx context.Context, a Actor, office, username string, id int64) error {
	o, member, err := s.memberFor(ctx, a, office, username)
	if err != nil {
		return err
	}
	now := s.now()
	_, err = untilWon(ctx, func() (struct{}, error) {
		return struct{}{}, s.Leave.RemoveLeave(ctx, o, member.ID, id, auditOf(a, "time_off.remove", member.Username, now, nil, nil), now)
	})
	return err
}

// memberFor finds the person whose leave it is: one's own, or anybody's of the
// office for the director.
func (s *Scheduler) memberFor(ctx context.Context, a Actor, code, username string) (*Office, Staff, error) {
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, Staff{}, err
	}
	if a.Scope != account.Office && username != a.Username {
		return nil, Staff{}, Forbidden()
	}
	member, ok := office.StaffMember(username)
	if !ok {
		return nil, Staff{}, NotFound()
	}
	return office, member, nil
}

// checkPart tests the hours of each day; all of it is written as none.
func checkPart(p *calendar.Period) error {
	const grain = calendar.Clock(calendar.Quantum / time.Minute)
	switch {
	case *p == calendar.Period{}:
	case p.From < 0 || p.From%grain != 0:
		return Invalid("from_time", "请写5分钟的整倍数。", "must be a multiple of five minutes")
	case p.To > calendar.EndOfDay || p.To%grain != 0:
		return Invalid("to_time", "请写5分钟的整倍数。", "must be a multiple of five minutes")
	case p.To <= p.From:
		return Invalid("to_time", "结束时间要晚于开始时间。", "must be after from_time")
	case *p == calendar.Period{To: calendar.EndOfDay}:
		*p = calendar.Period{}
	}
	return nil
}

// Spans are the stretches of the leave, in the office's zone: one, or one for
// each day of which it takes a part.
func (t TimeOff) Spans(loc *time.Location) []calendar.Span {
	if t.Hours == (calendar.Period{}) {
		return []calendar.Span{t.Span(loc)}
	}
	var out []calendar.Span
	for d := t.From; d <= t.To; d++ {
		out = append(out, calendar.Spans(d, []calendar.Period{t.Hours}, loc)...)
	}
	return out
}

// Span reaches from the leave's first day to its last, in the office's zone.
func (t TimeOff) Span(loc *time.Location) calendar.Span {
	return calendar.Span{From: t.From.At(0, loc), To: t.To.Add(1).At(0, loc)}
}

func timeOffState(t TimeOff) string {
	if t.Hours == (calendar.Period{}) {
		return fmt.Sprintf(`{"from":%q,"to":%q}`, t.From, t.To)
	}
	return fmt.Sprintf(`{"from":%q,"to":%q,"from_time":%q,"to_time":%q}`, t.From, t.To, t.Hours.From, t.Hours.To)
}

type timeOffSnapshot struct {
	ID        int64
	From, To  calendar.Date
	Reason    string
	CreatedAt int64
	Hours     calendar.Period
}

func encodeTimeOff(t TimeOff) timeOffSnapshot {
	return timeOffSnapshot{t.ID, t.From, t.To, t.Reason.Reveal(), t.CreatedAt.Unix(), t.Hours}
}

func decodeTimeOff(data []byte) (TimeOff, error) {
	var in timeOffSnapshot
	err := json.Unmarshal(data, &in)
	return TimeOff{ID: in.ID, From: in.From, To: in.To, Hours: in.Hours, Reason: NewPrivate(in.Reason), CreatedAt: time.Unix(in.CreatedAt, 0).UTC()}, err
}
