// Durations as the office file writes them.

package office

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"magpie/scheduling/calendar"
)

const (
	day = 24 * time.Hour

	// longest is what a file may ask for; it keeps every sum of an instant and
	// a duration within what time.Duration and a database can hold.
	longest = 36_500 * day
)

var (
	durationForm = regexp.MustCompile(`^([0-9]{1,12})([smhd])$`)
	units        = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day}
)

// rule says what is wrong with a duration, or nothing.
type rule func(time.Duration) string

func onGrid(d time.Duration) string {
	if d%calendar.Quantum != 0 {
		return "is not a multiple of five minutes"
	}
	return ""
}

func positive(d time.Duration) string {
	if d <= 0 {
		return "must be longer than nothing"
	}
	return ""
}

func withinADay(d time.Duration) string {
	if d > day {
		return "is longer than a day"
	}
	return ""
}

func wholeMinutes(d time.Duration) string {
	if d%time.Minute != 0 {
		return "is not a number of whole minutes"
	}
	return ""
}

func wholeDays(d time.Duration) string {
	if d%day != 0 {
		return "is not a number of whole days"
	}
	return ""
}

// parseDuration reads a whole number and a unit: 90s, 10m, 2h, 30d.
func parseDuration(s string) (time.Duration, error) {
	parts := durationForm.FindStringSubmatch(s)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 10m, 2h or 30d", s)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if unit := units[parts[2]]; err != nil || n > int64(longest/unit) {
		return 0, fmt.Errorf("%s is longer than a hundred years", s)
	}
	return time.Duration(n) * units[parts[2]], nil
}

// formatMinutes writes what a plan of the day is made of: 60m and not 1h.
func formatMinutes(d time.Duration) string {
	return fmt.Sprintf("%dm", d/time.Minute)
}

// formatDays writes whole days.
func formatDays(d time.Duration) string {
	return fmt.Sprintf("%dd", d/day)
}

// formatLead writes a time before a start in the unit one would say it in: a
// reminder comes 24h before, and 3d before.
func formatLead(d time.Duration) string {
	switch {
	case d == 0:
		return "0m"
	case d > day && d%day == 0:
		return formatDays(d)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return formatMinutes(d)
	default:
		return fmt.Sprintf("%ds", d/time.Second)
	}
}
