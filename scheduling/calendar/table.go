// A year's holidays as a table of days, in the forms in which others publish
// them.

package calendar

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// festivals are the seven of a year's notice (全国年节及纪念日放假办法, art. 2,
// as revised in 2024), with their English names.
var festivals = []Holiday{
	{"元旦", "New Year's Day"},
	{"春节", "Spring Festival"},
	{"清明节", "Qingming Festival"},
	{"劳动节", "Labour Day"},
	{"端午节", "Dragon Boat Festival"},
	{"中秋节", "Mid-Autumn Festival"},
	{"国庆节", "National Day"},
}

// TableProblem is one thing that is wrong with a table of days.
type TableProblem struct {
	Line   int // from 1; 0: the table as a whole
	ZH, EN string
}

// tableDay is a line of a table: a day off, or one on which work is made up.
type tableDay struct {
	line int
	name string
	date Date
	off  bool
}

// tableReader collects what is wrong.
type tableReader struct {
	year     int
	source   string
	problems []TableProblem
}

func (r *tableReader) failf(line int, zh, en string, args ...any) {
	r.problems = append(r.problems, TableProblem{Line: line, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

// ReadTable reads a year's holidays: either the JSON of holiday-cn,
//
//	{"year": 2027, "papers": ["https://…"], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}
//
// or lines date,name,off, with a heading or without, where off is true or false
// (1 or 0). It must be complete: all seven festivals, those with fixed dates on
// these, no day twice, make-up workdays on weekends, and each day in the year or
// at its edge as [NewStatutory] has it. What is wrong is told with its line, and
// the notice is not to be used then.
func ReadTable(year int, data []byte) (Notice, []TableProblem) {
	r := &tableReader{year: year}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as spreadsheets begin a file
	var days []tableDay
	if trimmed := bytes.TrimSpace(data); bytes.HasPrefix(trimmed, []byte("{")) {
		days = r.json(data)
	} else {
		days = r.csv(data)
	}
	if len(r.problems) == 0 {
		r.complete(days)
	}
	if len(r.problems) > 0 {
		return Notice{}, r.problems
	}
	n := notice(year, r.source, days)
	if _, err := NewStatutory(n); err != nil {
		r.failf(0, "日期安排不对：%v", "the arrangement is wrong: %v", err)
	}
	return n, r.problems
}

func (r *tableReader) json(data []byte) []tableDay {
	var table struct {
		Year   int               `json:"year"`
		Papers []string          `json:"papers"`
		Days   []json.RawMessage `json:"days"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		line := 0
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line = lineAt(data, int(syntax.Offset))
		}
		r.failf(line, "不是JSON：%v", "not JSON: %v", err)
		return nil
	}
	if table.Year != r.year {
		r.failf(0, "这是%d年的表，不是%d年的", "the table is of %d, not of %d", table.Year, r.year)
	}
	if len(table.Papers) > 0 {
		r.source = table.Papers[0]
	}
	var out []tableDay
	from := 0
	for _, raw := range table.Days {
		// The same text may come before; the days stand in their order.
		at := from + bytes.Index(data[from:], raw)
		from = at + len(raw)
		var day struct {
			Name string `json:"name"`
			Date string `json:"date"`
			Off  *bool  `json:"isOffDay"`
		}
		line := lineAt(data, at)
		if err := json.Unmarshal(raw, &day); err != nil || day.Off == nil {
			r.failf(line, "每一天要写name、date和isOffDay", "a day is name, date and isOffDay")
			continue
		}
		out = r.day(out, line, day.Date, day.Name, *day.Off)
	}
	return out
}

func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
}

func (r *tableReader) csv(data []byte) []tableDay {
	rows := csv.NewReader(bytes.NewReader(data))
	rows.FieldsPerRecord, rows.TrimLeadingSpace = -1, true
	var out []tableDay
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			r.failf(0, "不是CSV：%v", "not CSV: %v", err)
			return nil
		}
		line, _ := rows.FieldPos(0)
		if len(row) != 3 {
			r.failf(line, "每行要写三项：日期、节日、是否放假", "a line is date,name,off")
			continue
		}
		off, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(row[2])))
		if err != nil {
			if len(out) == 0 && strings.EqualFold(strings.TrimSpace(row[0]), "date") {
				continue // the heading
			}
			r.failf(line, "%q不是true或false", "%q is neither true nor false", row[2])
			continue
		}
		out = r.day(out, line, strings.TrimSpace(row[0]), strings.TrimSpace(row[1]), off)
	}
}

// day reads one day of either form.
func (r *tableReader) day(days []tableDay, line int, date, name string, off bool) []tableDay {
	d, err := ParseDate(date)
	if err != nil {
		r.failf(line, "%q不是日期，要写成2027-01-31这样", "%q is not a date of the form YYYY-MM-DD", date)
		return days
	}
	if d < NewDate(r.year-1, time.December, 1) || d > NewDate(r.year+1, time.January, 31) {
		r.failf(line, "%s不在%d年里", "%s is not near %d", d, r.year)
		return days
	}
	if i := slices.IndexFunc(days, func(o tableDay) bool { return o.date == d }); i >= 0 {
		r.failf(line, "%s写了两次，第一次在第%d行", "%s is there twice, first in line %d", d, days[i].line)
		return days
	}
	if _, ok := named(name); !ok {
		r.failf(line, "%q不是法定节日", "%q is no statutory holiday", name)
		return days
	}
	if !off && !isWeekend(d) {
		r.failf(line, "%s是%s，不用调休", "%s is a %s, on which people work anyway", d, d.Weekday())
		return days
	}
	return append(days, tableDay{line, name, d, off})
}

// named is a festival, or several that join, as 国庆节、中秋节.
func named(name string) (Holiday, bool) {
	out := Holiday{ZH: name}
	for _, part := range strings.Split(name, "、") {
		i := slices.IndexFunc(festivals, func(h Holiday) bool { return h.ZH == part })
		if i < 0 {
			return Holiday{}, false
		}
		if out.EN != "" {
			out.EN += " and "
		}
		out.EN += festivals[i].EN
	}
	return out, true
}

// complete asks for all seven festivals, and for days off that the law fixes.
func (r *tableReader) complete(days []tableDay) {
	for _, f := range festivals {
		if !slices.ContainsFunc(days, func(d tableDay) bool { return d.off && slices.Contains(strings.Split(d.name, "、"), f.ZH) }) {
			r.failf(0, "没有%s", "%[2]s is missing", f.ZH, f.EN)
		}
	}
	for d := NewDate(r.year, time.January, 1); d.Year() == r.year; d++ {
		if isFixedHoliday(d) && !slices.ContainsFunc(days, func(o tableDay) bool { return o.off && o.date == d }) {
			r.failf(0, "%s是法定假日，表里没有", "%s is off by law, and is missing", d)
		}
	}
}

// notice makes breaks of days: days off in a row of one name, and each make-up
// workday with the nearest break of its name.
func notice(year int, source string, days []tableDay) Notice {
	n := Notice{Year: year, Title: fmt.Sprintf("%d年部分节假日安排", year), Source: source}
	slices.SortFunc(days, func(a, b tableDay) int { return int(a.date - b.date) })
	for _, d := range days {
		if !d.off {
			continue
		}
		if last := len(n.Holidays) - 1; last >= 0 && n.Holidays[last].ZH == d.name && n.Holidays[last].To+1 == d.date {
			n.Holidays[last].To = d.date
			continue
		}
		holiday, _ := named(d.name)
		n.Holidays = append(n.Holidays, Break{Holiday: holiday, From: d.date, To: d.date, Makeup: []Date{}})
	}
	for _, d := range days {
		if d.off {
			continue
		}
		best := -1
		for i, b := range n.Holidays {
			if b.ZH == d.name && (best < 0 || b.distance(d.date) < n.Holidays[best].distance(d.date)) {
				best = i
			}
		}
		if best < 0 { // of a holiday that is named otherwise: the nearest one
			for i, b := range n.Holidays {
				if best < 0 || b.distance(d.date) < n.Holidays[best].distance(d.date) {
					best = i
				}
			}
		}
		n.Holidays[best].Makeup = append(n.Holidays[best].Makeup, d.date)
	}
	return n
}

// distance is how many days lie between a date and a break.
func (b Break) distance(d Date) int {
	return int(max(b.From-d, d-b.To, 0))
}

// With is the calendar with a year's notice added, or in the place of the one it
// has. The error is that of [NewStatutory]: a day may be arranged by a notice of
// a neighbouring year.
func (s *Statutory) With(notices ...Notice) (*Statutory, error) {
	var all []Notice
	for _, year := range s.Years() {
		if !slices.ContainsFunc(notices, func(n Notice) bool { return n.Year == year }) {
			all = append(all, s.notices[year])
		}
	}
	return NewStatutory(append(all, notices...)...)
}
