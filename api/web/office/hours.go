package office

import (
	"strings"
	"time"

	"magpie/api/web/frame"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// weekDays is how many days after today are told.
const weekDays = 7

// today is when the office is open today.
type today struct {
	Open  bool
	Hours string // or why it is closed
	Over  bool   // the last hour is past
}

// stretch is one day, or several in a row of which the same is said.
type stretch struct{ Days, Said string }

func todayOf(p frame.Page, day calendar.OpenDay, now time.Time) today {
	out := today{Hours: hours(p, day), Open: day.Kind != calendar.NotLoaded && len(day.Periods) > 0}
	if out.Open {
		last := day.Periods[len(day.Periods)-1]
		out.Over = !now.Before(day.Date.At(last.To, p.Office.Location))
	}
	return out
}

// week tells the hours of the days from a date on, days of which the same is
// said together: a holiday, a weekend, the days that are as always.
func week(p frame.Page, opening calendar.Opening, from calendar.Date) []stretch {
	var out []stretch
	first := from
	for d := from; d < from.Add(weekDays); d++ {
		said := hours(p, opening.Day(d))
		if n := len(out); n > 0 && out[n-1].Said == said {
			out[n-1].Days = span(p, first, d)
			continue
		}
		first = d
		out = append(out, stretch{Days: p.Day(d), Said: said})
	}
	return out
}

// span is several days in a row: 11月28日至29日 周六至周日, or Sat 28 to Sun 29
// November.
func span(p frame.Page, first, last calendar.Date) string {
	_, m1, _ := first.Civil()
	_, m2, _ := last.Civil()
	from, to := p.Day(first), p.Day(last)
	if p.English() {
		if m1 == m2 {
			from = strings.TrimSuffix(from, " "+m1.String())
		}
		return from + " to " + to
	}
	date, weekday, _ := strings.Cut(from, " ")
	lastDate, lastWeekday, _ := strings.Cut(to, " ")
	if m1 == m2 {
		_, lastDate, _ = strings.Cut(lastDate, "月")
	}
	return date + "至" + lastDate + " " + weekday + "至" + lastWeekday
}

// hours says when the office is open on a day, or why it is not. A weekend day
// on which people work is named as such, since nobody expects it.
func hours(p frame.Page, day calendar.OpenDay) string {
	open := p.Periods(day.Periods)
	switch day.Kind {
	case calendar.NotLoaded:
		return p.Say("放假安排还没公布，请先打电话问一问", "the holidays are not announced yet, please call first")
	case calendar.ClosedHoliday:
		return p.Say("%s放假", "closed for %s", holiday(p, day))
	case calendar.ClosedException:
		return closure(p, day)
	case calendar.Extra:
		if name := holiday(p, day); name != "" {
			return p.Say("%s期间上班，%s", "open during %s, %s", name, open)
		}
	}
	switch weekday := day.Date.Weekday(); {
	case open == "":
		return p.Say("休息", "closed")
	case weekday == time.Saturday || weekday == time.Sunday:
		return p.Say("上班，%s", "open, %s", open)
	}
	return open
}

func holiday(p frame.Page, day calendar.OpenDay) string {
	return p.Text(scheduling.Text{ZH: day.Holiday.ZH, EN: day.Holiday.EN})
}

// closure says why an office is closed by its own decision.
func closure(p frame.Page, day calendar.OpenDay) string {
	why := p.Text(p.Office.ClosedText(day.Date))
	if why == "" || why == p.Say("休息", "closed") {
		return p.Say("休息", "closed")
	}
	return p.Say("休息（%s）", "closed (%s)", why)
}
