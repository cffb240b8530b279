package outside

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// errNotUnderstood is an entry that is passed over, and counted.
var errNotUnderstood = errors.New("the entry is not understood")

// event reads an entry. An end that is missing is that of RFC 5545 (3.6.1): the
// day, or the moment itself, which blocks nothing.
func (z *zones) event(e ical.Event) (event, error) {
	start, err := z.moment(e.Props.Get(ical.PropDateTimeStart))
	if err != nil {
		return event{}, err
	}
	out := event{start: start, end: start, props: e.Props, blocks: blocks(e.Props)}
	switch end, duration := e.Props.Get(ical.PropDateTimeEnd), e.Props.Get(ical.PropDuration); {
	case end != nil:
		if out.end, err = z.moment(end); err != nil {
			return event{}, err
		}
	case duration != nil:
		length, err := duration.Duration()
		if err != nil || length < 0 {
			return event{}, errNotUnderstood
		}
		out.end.wall = start.wall.Add(length)
	case start.day:
		out.end.wall = start.wall.AddDate(0, 0, 1)
	}
	if start.day {
		out.days = int(out.end.wall.Sub(start.wall) / (24 * time.Hour))
	} else {
		out.length = out.end.instant().Sub(start.instant())
	}
	if id := e.Props.Get(ical.PropRecurrenceID); id != nil {
		at, err := z.moment(id)
		if err != nil {
			return event{}, err
		}
		out.recurs, out.onwards = at.instant(), id.Params.Get("RANGE") == "THISANDFUTURE"
	}
	return out, nil
}

// blocks says whether an entry takes up time (RFC 5545, 3.8.1.11 and 3.8.2.7).
func blocks(p ical.Props) bool {
	is := func(name, value string) bool {
		prop := p.Get(name)
		return prop != nil && strings.EqualFold(strings.TrimSpace(prop.Value), value)
	}
	return !is(ical.PropStatus, "CANCELLED") && !is(ical.PropTransparency, "TRANSPARENT")
}

// spanAt is the entry's time where it begins at a wall's time.
func (e event) spanAt(wall time.Time) calendar.Span {
	from := moment{wall: wall, zone: e.start.zone, day: e.start.day}
	if e.start.day {
		to := from
		to.wall = wall.AddDate(0, 0, e.days)
		return calendar.Span{From: from.instant(), To: to.instant()}
	}
	at := from.instant()
	return calendar.Span{From: at, To: at.Add(e.length)}
}

// expand tells when an entry and its exceptions make somebody busy.
func (z *zones) expand(b *budget, all []event, from, to time.Time) ([]calendar.Span, error) {
	var out []calendar.Span
	add := func(span calendar.Span) {
		if span.From.Before(span.To) && span.From.Before(to) && span.To.After(from) {
			out = append(out, span)
		}
	}
	instead, onwards := make(map[int64]bool), []event(nil)
	for _, e := range all {
		if e.recurs.IsZero() {
			continue
		}
		if err := b.spend(); err != nil {
			return nil, err
		}
		instead[e.recurs.Unix()] = true
		if e.onwards {
			onwards = append(onwards, e)
		}
		if e.blocks {
			add(e.spanAt(e.start.wall))
		}
	}
	slices.SortFunc(onwards, func(a, b event) int { return a.recurs.Compare(b.recurs) })
	for _, e := range all {
		if !e.recurs.IsZero() {
			continue
		}
		err := z.walls(b, e, to, func(wall time.Time) {
			own := e.spanAt(wall)
			if instead[own.From.Unix()] {
				return // an exception stands for it
			}
			span, shown := own, e.blocks
			for _, x := range onwards {
				if x.recurs.Before(own.From) {
					span, shown = x.spanAt(wall.Add(x.start.wall.Sub(e.start.at(x.recurs)))), x.blocks
				}
			}
			if shown {
				add(span)
			}
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// walls calls show for each time at which an entry begins, until the window is
// over.
func (z *zones) walls(b *budget, e event, to time.Time, show func(wall time.Time)) error {
	without, err := z.without(e)
	if err != nil {
		return err
	}
	each := func(wall time.Time) error {
		if err := b.spend(); err != nil {
			return err
		}
		if !without(wall) {
			show(wall)
		}
		return nil
	}
	more, err := z.dates(e.props.Values(ical.PropRecurrenceDates))
	if err != nil {
		return err
	}
	rule := e.props.Get(ical.PropRecurrenceRule)
	if rule == nil {
		more = append([]moment{e.start}, more...)
	}
	for _, m := range more {
		if err := each(e.start.at(m.instant())); err != nil {
			return err
		}
	}
	if rule == nil {
		return nil
	}
	recur, err := z.rule(rule.Value, e.start)
	if err != nil {
		return err
	}
	if err := each(e.start.wall); err != nil { // it counts, whether the rule has it or not
		return err
	}
	next := recur.Iterator()
	last := to.Add(48 * time.Hour) // walls and instants differ by a day at most
	for wall, ok := next(); ok && wall.Before(last); wall, ok = next() {
		if wall.Equal(e.start.wall) {
			continue
		}
		if err := each(wall); err != nil {
			return err
		}
	}
	return nil
}

// maxRule bounds a rule's length, maxPositions its BYSETPOS, and maxInterval its
// INTERVAL: the library's work grows with the first two, and it counts over the
// end of its numbers by the third.
const (
	maxRule      = 512
	maxPositions = 16
	maxInterval  = 1000
)

// rule reads a recurrence on the wall's time, so that nine o'clock stays nine
// o'clock when the clocks change. Rules of hours and less are nobody's
// appointments, and cost most.
func (z *zones) rule(text string, start moment) (*rrule.RRule, error) {
	until := ""
	var parts []string
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(name), "UNTIL") {
			until = strings.TrimSpace(value)
			continue
		}
		parts = append(parts, part)
	}
	option, err := rrule.StrToROption(strings.Join(parts, ";"))
	switch {
	case err != nil, len(text) > maxRule, option.Freq > rrule.DAILY, option.Interval > maxInterval, len(option.Bysetpos) > maxPositions,
		option.Freq == rrule.DAILY && len(option.Bysetpos) > 0:
		return nil, errNotUnderstood
	}
	option.Dtstart, option.Until = start.wall, z.last()
	if until != "" {
		end, err := z.moment(&ical.Prop{Name: ical.PropDateTimeStart, Value: until})
		if err != nil {
			return nil, err
		}
		option.Until = end.wall
		switch {
		case end.day && !start.day:
			option.Until = end.wall.AddDate(0, 0, 1).Add(-time.Second)
		case !end.day && !strings.HasSuffix(until, "Z"):
		case !end.day:
			option.Until = start.at(end.instant())
		}
	}
	out, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, errNotUnderstood
	}
	return out, nil
}

// without says which times are excepted (EXDATE).
func (z *zones) without(e event) (func(wall time.Time) bool, error) {
	dates, err := z.dates(e.props.Values(ical.PropExceptionDates))
	if err != nil {
		return nil, err
	}
	instants, days := make(map[int64]bool), make(map[time.Time]bool)
	for _, d := range dates {
		if d.day {
			days[d.wall] = true
		} else {
			instants[d.instant().Unix()] = true
		}
	}
	return func(wall time.Time) bool {
		return days[wall.Truncate(24*time.Hour)] || len(instants) > 0 && instants[e.spanAt(wall).From.Unix()]
	}, nil
}

// dates reads lists of times; of a period it is the beginning.
func (z *zones) dates(props []ical.Prop) ([]moment, error) {
	var out []moment
	for _, p := range props {
		for value := range strings.SplitSeq(p.Value, ",") {
			value, _, _ = strings.Cut(strings.TrimSpace(value), "/")
			one := ical.Prop{Name: p.Name, Params: p.Params, Value: value}
			m, err := z.moment(&one)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b moment) int { return cmp.Compare(a.wall.Unix(), b.wall.Unix()) })
	return out, nil
}

// Nothing of it is the store's.
var _ scheduling.OutsideReader = Reader{}
