package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/calendar"
)

const (
	// MaxSearchDays is how many days one search may span.
	MaxSearchDays = 62
	// alternativesOffered is how many nearest free starts come with slot_taken.
	alternativesOffered = 5
)

// Find answers, for each date asked for, the starts that a citizen can book
// now, or why there are none. Errors: not_found for the office, invalid for
// every other field.
func (s *Scheduler) Find(ctx context.Context, q Search) ([]Day, error) {
	office, err := s.Offices.Office(ctx, q.Office)
	if err != nil {
		return nil, err
	}
	service, err := q.check(office)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, office, service, q, citizenRules)
}

// FindForDesk is Find for whoever books for callers and visitors: without notice,
// horizon and release.
func (s *Scheduler) FindForDesk(ctx context.Context, a Actor, q Search) ([]Day, error) {
	office, err := s.officeFor(ctx, a, q.Office)
	if err != nil {
		return nil, err
	}
	service, err := q.check(office)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, office, service, q, rulesFor(a))
}

// check finds the service and tests every field of a search.
func (q Search) check(office *Office) (Service, error) {
	service, ok := office.Service(q.Service)
	switch {
	case !ok:
		return Service{}, Invalid("service", "没有这项服务。", "no such service")
	case q.To < q.From:
		return Service{}, Invalid("to", "结束日期早于开始日期。", "must not be before from")
	case int(q.To-q.From) >= MaxSearchDays:
		return Service{}, Invalid("to", "一次最多查62天。", "at most 62 days at once")
	case q.Parties != 0 && (q.Parties < service.Parties.Min || q.Parties > service.Parties.Max):
		return Service{}, Invalid("parties", "人数不在这项服务的范围内。", "not within what this service takes")
	}
	return service, q.Wish.check(office, service)
}

// check tests that what is wished for exists at all.
func (w Wish) check(office *Office, service Service) error {
	if w.Gender != "" && w.Gender != "female" && w.Gender != "male" {
		return Invalid("gender", "请选女老师或男老师。", "must be female or male")
	}
	if w.Counsellor != "" && len(office.CounsellorsFor(service.Code, w.Counsellor, "")) == 0 {
		return Invalid("counsellor", "没有这位老师，或这位老师不做这项服务。", "nobody of that name gives this service")
	}
	return nil
}

func (s *Scheduler) find(ctx context.Context, office *Office, service Service, q Search, r bookingRules) ([]Day, error) {
	g := newGrid(office, service, cmp.Or(q.Parties, service.Parties.Min), q.Wish)
	now := s.now()
	g.askedBy(r, now)
	query := g.query(q.From, q.To, 0, now)
	query.Ended = true
	if g.capped() {
		query.LoadsFrom, query.LoadsTo = q.From, q.To
	}
	facts, err := s.Bookings.Facts(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read what is booked: %w", err)
	}
	facts.WithoutEnded()
	g.know(facts)
	days := make([]Day, 0, int(q.To-q.From)+1)
	for d := q.From; d <= q.To; d++ {
		days = append(days, g.dayOf(d, now, r))
	}
	return days, nil
}

// dayOf is one day of an answer.
func (g *grid) dayOf(d calendar.Date, now time.Time, r bookingRules) Day {
	if closed := g.closed(d, now, r); closed != nil {
		return Day{Date: d, Closed: closed}
	}
	day := Day{Date: d}
	starts := g.starts(d)
	ahead := slices.DeleteFunc(slices.Clone(starts), func(start time.Time) bool { return r.tooSoon(g.service, start, now) })
	left := g.left(d)
	for _, start := range ahead {
		if n := min(g.free(d, start), left); n > 0 {
			day.Slots = append(day.Slots, Slot{Start: start, End: start.Add(g.service.Duration), Free: n})
		}
	}
	switch {
	case len(day.Slots) > 0:
	case len(ahead) == 0 && len(starts) > 0:
		day.Closed = closedFor(DayPast)
	case !slices.ContainsFunc(ahead, func(start time.Time) bool { return g.staffed(d, start) }):
		day.Closed = closedFor(DayClosed)
	default:
		day.Closed = closedFor(DayFull)
	}
	return day
}

// closed says why a whole day offers nothing; nil: it may offer something.
func (g *grid) closed(d calendar.Date, now time.Time, r bookingRules) *Closed {
	if d < calendar.DateIn(now, g.office.Location) {
		return closedFor(DayPast)
	}
	day := g.open(d)
	switch day.Kind {
	case calendar.ClosedHoliday:
		return &Closed{Code: DayHoliday, Text: Text{ZH: day.Holiday.ZH + "放假", EN: "Closed for " + day.Holiday.EN}}
	case calendar.ClosedException:
		return &Closed{Code: DayClosed, Text: g.office.ClosedText(d)}
	case calendar.NotLoaded:
		if !r.desk {
			return closedFor(DayNotLoaded)
		}
	}
	if len(day.Periods) == 0 {
		return closedFor(DayClosed)
	}
	if !r.desk && now.Before(opensAt(g.office, g.service, d)) {
		return closedFor(DayNotOpen)
	}
	return nil
}

func closedFor(code ClosedCode) *Closed {
	texts := map[ClosedCode]Text{
		DayClosed:    {ZH: "休息", EN: "Closed"},
		DayFull:      {ZH: "约满了", EN: "Fully booked"},
		DayNotOpen:   {ZH: "还没开放预约", EN: "Not open for booking yet"},
		DayPast:      {ZH: "已经过了", EN: "Past"},
		DayNotLoaded: {ZH: "放假安排还没公布，请打电话预约", EN: "The holiday calendar is not published yet, please call"},
	}
	return &Closed{Code: code, Text: texts[code]}
}

// alternatives are the free starts nearest to one that was lost, from a week
// before to two weeks after.
func (s *Scheduler) alternatives(ctx context.Context, g *grid, start time.Time, r bookingRules) ([]Slot, error) {
	date := calendar.DateIn(start, g.office.Location)
	from := max(date.Add(-7), calendar.DateIn(s.now(), g.office.Location))
	q := Search{From: from, To: max(from, date.Add(14)), Parties: g.parties, Wish: g.wish}
	days, err := s.find(ctx, g.office, g.service, q, r)
	if err != nil {
		return nil, err
	}
	var out []Slot
	for _, d := range days {
		out = append(out, d.Slots...)
	}
	out = slices.DeleteFunc(out, func(slot Slot) bool { return slot.Start.Equal(start) })
	slices.SortStableFunc(out, func(a, b Slot) int {
		return cmp.Compare(a.Start.Sub(start).Abs(), b.Start.Sub(start).Abs())
	})
	return out[:min(len(out), alternativesOffered)], nil
}
