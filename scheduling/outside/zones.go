package outside

import (
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// zone is how a wall's time becomes an instant, and back.
type zone interface {
	instant(wall time.Time) time.Time
	wall(instant time.Time) time.Time
}

// moment is a time as it is written: on a wall of a zone. wall carries its
// figures in UTC.
type moment struct {
	wall time.Time
	zone zone
	day  bool // a whole day
}

func (m moment) instant() time.Time { return m.zone.instant(m.wall) }

// at is an instant on this moment's wall.
func (m moment) at(instant time.Time) time.Time {
	wall := m.zone.wall(instant)
	if m.day {
		wall = wall.Truncate(24 * time.Hour)
	}
	return wall
}

// named is a zone of the tz database.
type named struct{ loc *time.Location }

func (n named) instant(wall time.Time) time.Time {
	y, mo, d := wall.Date()
	h, mi, s := wall.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, n.loc).UTC()
}

func (n named) wall(instant time.Time) time.Time {
	t := instant.In(n.loc)
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, time.UTC)
}

// described is a zone that the calendar itself describes: the changes of its
// offset near the window.
type described struct{ changes []change }

type change struct {
	wall           time.Time // from when on, before the change
	offset, before time.Duration
}

func (d described) offset(wall time.Time) time.Duration {
	offset := d.changes[0].before
	for _, c := range d.changes {
		if !wall.Before(c.wall) {
			offset = c.offset
		}
	}
	return offset
}

func (d described) instant(wall time.Time) time.Time { return wall.Add(-d.offset(wall)) }

func (d described) wall(instant time.Time) time.Time {
	guess := instant.Add(d.changes[0].before)
	return instant.Add(d.offset(instant.Add(d.offset(guess))))
}

// zones are those of one calendar.
type zones struct {
	own      zone // of what has none: the office's
	known    map[string]zone
	calendar *ical.Calendar
	from, to time.Time
}

func newZones(c *ical.Calendar, loc *time.Location, from, to time.Time) *zones {
	return &zones{own: named{loc}, known: make(map[string]zone), calendar: c, from: from, to: to}
}

// last is past all that matters. Rules are given it as their end, since the
// library ends one that has none after 292 years, and Outlook's begin in 1601.
func (z *zones) last() time.Time { return z.to.AddDate(1, 0, 0) }

// moment reads a date, or a date with a time: in UTC, in the zone that it names,
// or on the office's wall (RFC 5545, 3.3.5).
func (z *zones) moment(p *ical.Prop) (moment, error) {
	if p == nil {
		return moment{}, errNotUnderstood
	}
	value := strings.TrimSpace(p.Value)
	if wall, err := time.Parse("20060102", value); err == nil {
		return moment{wall: wall, zone: z.own, day: true}, nil
	}
	if wall, err := time.Parse("20060102T150405Z", value); err == nil {
		return moment{wall: wall, zone: named{time.UTC}}, nil
	}
	wall, err := time.Parse("20060102T150405", value)
	if err != nil || wall.Year() < 1600 || wall.Year() > 9000 {
		return moment{}, errNotUnderstood
	}
	return moment{wall: wall, zone: z.find(p.Params.Get(ical.PropTimezoneID))}, nil
}

// find gives the zone of a name: one of the tz database if the name, or what
// the calendar says of it, is one of those; else as the calendar describes it;
// else the office's.
func (z *zones) find(id string) zone {
	if id == "" {
		return z.own
	}
	if known, ok := z.known[id]; ok {
		return known
	}
	found := z.own
	own := z.component(id)
	candidates := []string{id, windows[id], lastParts(id)}
	if own != nil {
		if p := own.Props.Get("X-LIC-LOCATION"); p != nil {
			candidates = append(candidates, p.Value)
		}
	}
	if loc := firstLocation(candidates); loc != nil {
		found = named{loc}
	} else if own != nil {
		found = z.describe(own)
	}
	z.known[id] = found
	return found
}

func firstLocation(names []string) *time.Location {
	for _, name := range names {
		if name == "" || name == "Local" {
			continue
		}
		if loc, err := time.LoadLocation(name); err == nil {
			return loc
		}
	}
	return nil
}

// lastParts is the end of a path such as /freeassociation.sourceforge.net/Asia/Shanghai.
func lastParts(id string) string {
	parts := strings.Split(id, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

func (z *zones) component(id string) *ical.Component {
	for _, child := range z.calendar.Children {
		if child.Name != ical.CompTimezone {
			continue
		}
		if p := child.Props.Get(ical.PropTimezoneID); p != nil && p.Value == id {
			return child
		}
	}
	return nil
}

// describe reads a VTIMEZONE (RFC 5545, 3.6.5).
func (z *zones) describe(c *ical.Component) zone {
	var out described
	for _, child := range c.Children {
		out.changes = append(out.changes, z.changes(child)...)
	}
	if len(out.changes) == 0 {
		return z.own
	}
	slices.SortFunc(out.changes, func(a, b change) int { return a.wall.Compare(b.wall) })
	return out
}

// changes are those of one STANDARD or DAYLIGHT that matter: near the window,
// and the last before.
func (z *zones) changes(c *ical.Component) []change {
	start, err := z.moment(c.Props.Get(ical.PropDateTimeStart))
	if err != nil {
		return nil
	}
	offset, ok := offsetOf(c.Props.Get(ical.PropTimezoneOffsetTo))
	before, also := offsetOf(c.Props.Get(ical.PropTimezoneOffsetFrom))
	if !ok || !also {
		return nil
	}
	out := []change{{start.wall, offset, before}}
	rule := c.Props.Get(ical.PropRecurrenceRule)
	if rule == nil {
		return out
	}
	option, err := rrule.StrToROption(rule.Value)
	if err != nil || option.Freq != rrule.YEARLY {
		return out
	}
	option.Dtstart, option.Until = start.wall, z.last()
	recur, err := rrule.NewRRule(*option)
	if err != nil {
		return out
	}
	for _, wall := range recur.Between(z.from.AddDate(-2, 0, 0), z.to.AddDate(1, 0, 0), true) {
		out = append(out, change{wall, offset, before})
	}
	return out
}

// offsetOf reads +0800.
func offsetOf(p *ical.Prop) (time.Duration, bool) {
	if p == nil {
		return 0, false
	}
	for _, form := range []string{"-0700", "-070000"} {
		if t, err := time.Parse(form, p.Value); err == nil {
			_, seconds := t.Zone()
			return time.Duration(seconds) * time.Second, true
		}
	}
	return 0, false
}

// windows are the names that Outlook and Exchange give (Unicode CLDR,
// windowsZones, territory 001), of those that a counsellor's calendar may have.
var windows = map[string]string{
	"China Standard Time": "Asia/Shanghai", "Taipei Standard Time": "Asia/Taipei", "Singapore Standard Time": "Asia/Singapore",
	"Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul", "SE Asia Standard Time": "Asia/Bangkok", "India Standard Time": "Asia/Kolkata",
	"W. Australia Standard Time": "Australia/Perth", "AUS Eastern Standard Time": "Australia/Sydney", "UTC": "Etc/UTC", "GMT Standard Time": "Europe/London",
	"W. Europe Standard Time": "Europe/Berlin", "Romance Standard Time": "Europe/Paris", "Russian Standard Time": "Europe/Moscow",
	"Eastern Standard Time": "America/New_York", "Central Standard Time": "America/Chicago", "Mountain Standard Time": "America/Denver", "Pacific Standard Time": "America/Los_Angeles",
}
