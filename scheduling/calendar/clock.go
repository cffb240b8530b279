// Clock times, and the hours of a week that are made of them.

package calendar

import "fmt"

// Clock is a time on a wall clock: minutes after midnight, 0 to 1440. 1440 is
// 24:00, which ends a day and never begins one.
type Clock int16

// EndOfDay is 24:00.
const EndOfDay Clock = 24 * 60

// Period is a stretch of one day by the wall clock: From is part of it, To is
// not.
type Period struct{ From, To Clock }

// Week holds hours by time.Weekday, each day's sorted by their beginning.
// Periods that touch are still two periods: no session crosses from one into
// the next.
type Week [7][]Period

// ParseClock reads a clock time written strictly as HH:MM, 00:00 to 24:00.
func ParseClock(s string) (Clock, error) {
	if len(s) == len("15:04") && s[2] == ':' {
		hours, okHours := digits(s[:2])
		minutes, okMinutes := digits(s[3:])
		c := Clock(hours*60 + minutes)
		if okHours && okMinutes && minutes < 60 && c <= EndOfDay {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%q is not a time of the form HH:MM, 00:00 to 24:00", s)
}

// String writes the clock time as HH:MM.
func (c Clock) String() string {
	return fmt.Sprintf("%02d:%02d", int16(c)/60, int16(c)%60)
}

// MarshalText writes the clock time as HH:MM; one outside 00:00 to 24:00 is an
// error.
func (c Clock) MarshalText() ([]byte, error) {
	if c < 0 || c > EndOfDay {
		return nil, fmt.Errorf("%d minutes after midnight is no time of a day", int16(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads what [ParseClock] reads.
func (c *Clock) UnmarshalText(text []byte) error {
	parsed, err := ParseClock(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// String writes the period as HH:MM–HH:MM.
func (p Period) String() string {
	return p.From.String() + "–" + p.To.String()
}
