package frame

import (
	"fmt"
	"strings"
	"time"

	"magpie/scheduling/calendar"
)

var (
	weekdaysZH = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}
	weekdaysEN = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

// Day is a date with its weekday: 12月2日 周三, or Wed 2 December.
func (p Page) Day(d calendar.Date) string {
	_, month, day := d.Civil()
	if p.English() {
		return fmt.Sprintf("%s %d %s", weekdaysEN[d.Weekday()], day, month)
	}
	return fmt.Sprintf("%d月%d日 %s", int(month), day, weekdaysZH[d.Weekday()])
}

// Month is a month with its year: 2026年12月, or December 2026.
func (p Page) Month(year int, month time.Month) string {
	if p.English() {
		return fmt.Sprintf("%s %d", month, year)
	}
	return fmt.Sprintf("%d年%d月", year, int(month))
}

// Clock is a time of day, by the office's clock: 9:30, 14:30; in the elder version
// 下午2:30, as it is said.
func (p Page) Clock(t time.Time) string {
	t = t.In(p.zone())
	if !p.Elder || p.English() {
		return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute())
	}
	half := "上午"
	if t.Hour() >= 12 {
		half = "下午"
	}
	return fmt.Sprintf("%s%d:%02d", half, (t.Hour()+11)%12+1, t.Minute())
}

// DayOf is the date of an instant by the office's clock.
func (p Page) DayOf(t time.Time) calendar.Date { return calendar.DateIn(t, p.zone()) }

// Moment is the day and the time of an instant.
func (p Page) Moment(t time.Time) string { return p.Day(p.DayOf(t)) + " " + p.Clock(t) }

// Periods are opening hours: 8:30–12:00，14:30–17:30.
func (p Page) Periods(all []calendar.Period) string {
	out := ""
	for i, period := range all {
		if i > 0 {
			out += p.Say("，", ", ")
		}
		out += strings.TrimPrefix(period.From.String(), "0") + "–" + strings.TrimPrefix(period.To.String(), "0")
	}
	return out
}

func (p Page) zone() *time.Location {
	if p.Office == nil || p.Office.Location == nil {
		return time.UTC
	}
	return p.Office.Location
}

// Hour is the hour of an instant by the office's clock.
func (p Page) Hour(t time.Time) int { return t.In(p.zone()).Hour() }

// Grouped is a reference in groups, as it is read aloud: 5207 3164.
func (p Page) Grouped(reference string) string {
	half := len(reference) / 2
	return reference[:half] + " " + reference[half:]
}
