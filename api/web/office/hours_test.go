package office

import (
	"slices"
	"testing"
	"time"

	"magpie/api/web/frame"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

func day(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func open(locale string) frame.Page {
	period := func(from, to calendar.Clock) calendar.Period { return calendar.Period{From: from * 60, To: to * 60} }
	workdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	return frame.Page{Locale: locale, Office: &scheduling.Office{
		Code: "anhua", Location: time.FixedZone("CST", 8*60*60), Holidays: "cn", MakeupHoursAs: time.Friday,
		Hours: []scheduling.Hours{
			{Days: workdays, Period: period(9, 12)}, {Days: workdays[:4], Period: period(14, 17)},
		},
		Exceptions: []scheduling.Exception{
			{Date: day("2026-11-30"), Closed: &scheduling.Text{ZH: "停电检修", EN: "no electricity"}},
			{Date: day("2026-12-01"), Closed: &scheduling.Text{}},
			{Date: day("2026-12-05"), Hours: period(9, 11)},
			{Date: day("2026-10-02"), Hours: period(9, 11)},
		},
	}}
}

func TestTheHoursOfAWeekNameHolidaysAndMakeUpDays(t *testing.T) {
	for _, test := range []struct {
		name, locale, from string
		want               []stretch
	}{
		{"an ordinary week", "zh", "2026-11-03", []stretch{
			{"11月3日至5日 周二至周四", "9:00–12:00，14:00–17:00"}, {"11月6日 周五", "9:00–12:00"}, {"11月7日至8日 周六至周日", "休息"}, {"11月9日 周一", "9:00–12:00，14:00–17:00"},
		}},
		{"the end of a holiday and its make-up day", "zh", "2026-10-05", []stretch{
			{"10月5日至7日 周一至周三", "国庆节放假"}, {"10月8日 周四", "9:00–12:00，14:00–17:00"}, {"10月9日 周五", "9:00–12:00"}, {"10月10日 周六", "上班，9:00–12:00"}, {"10月11日 周日", "休息"},
		}},
		{"over the end of a month", "en", "2026-08-31", []stretch{
			{"Mon 31 August to Thu 3 September", "9:00–12:00, 14:00–17:00"}, {"Fri 4 September", "9:00–12:00"}, {"Sat 5 to Sun 6 September", "closed"},
		}},
		{"the same in Chinese", "zh", "2026-08-31", []stretch{
			{"8月31日至9月3日 周一至周四", "9:00–12:00，14:00–17:00"}, {"9月4日 周五", "9:00–12:00"}, {"9月5日至6日 周六至周日", "休息"},
		}},
		{"the holiday's end in English", "en", "2026-10-05", []stretch{
			{"Mon 5 to Wed 7 October", "closed for National Day"}, {"Thu 8 October", "9:00–12:00, 14:00–17:00"}, {"Fri 9 October", "9:00–12:00"}, {"Sat 10 October", "open, 9:00–12:00"}, {"Sun 11 October", "closed"},
		}},
		{"open within a holiday", "zh", "2026-09-28", []stretch{
			{"9月28日至30日 周一至周三", "9:00–12:00，14:00–17:00"}, {"10月1日 周四", "国庆节放假"}, {"10月2日 周五", "国庆节期间上班，9:00–11:00"}, {"10月3日至4日 周六至周日", "国庆节放假"},
		}},
		{"closed by the office, and open on a Saturday", "zh", "2026-11-30", []stretch{
			{"11月30日 周一", "休息（停电检修）"}, {"12月1日 周二", "休息"}, {"12月2日至3日 周三至周四", "9:00–12:00，14:00–17:00"}, {"12月4日 周五", "9:00–12:00"}, {"12月5日 周六", "上班，9:00–11:00"}, {"12月6日 周日", "休息"},
		}},
		{"into a year of which nothing is known", "zh", "2026-12-30", []stretch{
			{"12月30日至31日 周三至周四", "9:00–12:00，14:00–17:00"}, {"1月1日至5日 周五至周二", "放假安排还没公布，请先打电话问一问"},
		}},
	} {
		p := open(test.locale)
		if got := week(p, p.Office.Opening(), day(test.from)); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestTodayKnowsWhenItIsOver(t *testing.T) {
	p := open("zh")
	for _, test := range []struct {
		date string
		at   calendar.Clock
		want today
	}{
		{"2026-11-26", 8 * 60, today{Open: true, Hours: "9:00–12:00，14:00–17:00"}},
		{"2026-11-26", 13 * 60, today{Open: true, Hours: "9:00–12:00，14:00–17:00"}},
		{"2026-11-26", 17*60 - 1, today{Open: true, Hours: "9:00–12:00，14:00–17:00"}},
		{"2026-11-26", 17 * 60, today{Open: true, Hours: "9:00–12:00，14:00–17:00", Over: true}},
		{"2026-11-28", 20 * 60, today{Hours: "休息"}},
		{"2026-10-01", 20 * 60, today{Hours: "国庆节放假"}},
		{"2027-03-01", 20 * 60, today{Hours: "放假安排还没公布，请先打电话问一问"}},
	} {
		d := day(test.date)
		if got := todayOf(p, p.Office.Opening().Day(d), d.At(test.at, p.Office.Location)); got != test.want {
			t.Errorf("%s at %s: %+v, want %+v", test.date, test.at, got, test.want)
		}
	}
}
