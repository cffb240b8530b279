package calendar_test

import (
	"fmt"
	"testing"

	"magpie/scheduling/calendar"
)

func TestEveryMinuteOfADayIsReadAndWrittenInOneForm(t *testing.T) {
	for minute := range 1441 {
		s := fmt.Sprintf("%02d:%02d", minute/60, minute%60)
		if c, err := calendar.ParseClock(s); err != nil || int(c) != minute || c.String() != s {
			t.Errorf("ParseClock(%q) = %d (%s), %v", s, c, c, err)
		}
	}
	for _, s := range []string{
		"", "8:30", "08:3", "0830", "08.30", "08:60", "24:01", "25:00", "99:59", "-1:30", "+8:30", "08:+5", "08:30 ", "08:30:00", "０8:30",
	} {
		if c, err := calendar.ParseClock(s); err == nil {
			t.Errorf("ParseClock(%q) = %s, want an error", s, c)
		}
	}
	for _, c := range []calendar.Clock{-1, 1441} {
		if text, err := c.MarshalText(); err == nil {
			t.Errorf("%d minutes were written as %s", int(c), text)
		}
	}
	if got := (calendar.Period{From: 510, To: calendar.EndOfDay}).String(); got != "08:30–24:00" {
		t.Errorf("period written as %s", got)
	}
}
