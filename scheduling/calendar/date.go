// Civil dates: a day on the wall calendar, without a time or a time zone.

package calendar

import (
	"fmt"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// Date is a civil date: days since 1970-01-01 in the proleptic Gregorian
// calendar. It belongs to no time zone; with one it becomes an instant by
// [Date.At]. The zero value is 1970-01-01.
type Date int32

// NewDate returns the date of a year, month and day, normalised in the way of
// time.Date: 30 February is 1 or 2 March.
func NewDate(year int, month time.Month, day int) Date {
	return Date(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsPerDay))
}

// ParseDate reads a date written strictly as YYYY-MM-DD, years 0001 to 9999.
// A date that does not exist, such as 2026-02-29, is an error.
func ParseDate(s string) (Date, error) {
	if len(s) == len("2006-01-02") && s[4] == '-' && s[7] == '-' {
		year, okYear := digits(s[:4])
		month, okMonth := digits(s[5:7])
		day, okDay := digits(s[8:])
		if okYear && okMonth && okDay && year > 0 {
			d := NewDate(year, time.Month(month), day)
			if y, m, dd := d.Civil(); y == year && int(m) == month && dd == day {
				return d, nil
			}
		}
	}
	return 0, fmt.Errorf("%q is not a date of the form YYYY-MM-DD", s)
}

// DateIn returns the date that calendars in loc show at t.
func DateIn(t time.Time, loc *time.Location) Date {
	_, offset := t.In(loc).Zone()
	return Date(floorDiv(t.Unix()+int64(offset), secondsPerDay))
}

// Civil returns the year, month and day of the month.
func (d Date) Civil() (year int, month time.Month, day int) {
	return d.midnightUTC().Date()
}

// Year returns the year.
func (d Date) Year() int {
	return d.midnightUTC().Year()
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return d.midnightUTC().Weekday()
}

// Add returns the date so many days later, or earlier if days is negative.
func (d Date) Add(days int) Date {
	return d + Date(days)
}

// String writes the date as YYYY-MM-DD.
func (d Date) String() string {
	year, month, day := d.Civil()
	return fmt.Sprintf("%04d-%02d-%02d", year, int(month), day)
}

// At returns the first instant at which calendar and clock in loc show this
// date at c, or anything later; it is expressed in loc.
//
// That makes it exact where clocks change. A time of the hour skipped in
// spring is the instant of the change; a time that comes twice in autumn is
// the first of the two; 24:00 is the next day's 00:00. So adjacent periods
// stay adjacent and a whole day is all of its 23, 24 or 25 hours.
func (d Date) At(c Clock, loc *time.Location) time.Time {
	wall := int64(d)*secondsPerDay + int64(c)*60
	// No zone in history was as much as 16 hours away from UTC, so the instant
	// looked for does not come before this one, nor more than a few changes
	// of the clock later.
	t := time.Unix(wall-16*60*60, 0).In(loc)
	for {
		_, offset := t.Zone()
		from, until := t.ZoneBounds()
		found := time.Unix(wall-int64(offset), 0).In(loc)
		if !from.IsZero() && found.Before(from) {
			found = from
		}
		if until.IsZero() || found.Before(until) {
			return found
		}
		t = until
	}
}

// MarshalText writes the date as YYYY-MM-DD. A year outside 0001 to 9999 is an
// error, since [ParseDate] would not read it back.
func (d Date) MarshalText() ([]byte, error) {
	if year := d.Year(); year < 1 || year > 9999 {
		return nil, fmt.Errorf("year %d has no form YYYY-MM-DD", year)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) midnightUTC() time.Time {
	return time.Unix(int64(d)*secondsPerDay, 0).UTC()
}

// digits reads ASCII digits only: strconv would take signs as well.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// floorDiv rounds towards the past, where Go's division rounds towards zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
