// What the law of China calls a working day: the State Council's yearly
// holiday notices, and what is known of a year without one.

package calendar

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Holiday names a statutory holiday.
type Holiday struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Notice is one yearly notice of the General Office of the State Council on
// the arrangement of public holidays (全国年节及纪念日放假办法, art. 2 and 3).
type Notice struct {
	Year     int     `json:"year"`
	Title    string  `json:"title"`
	Source   string  `json:"source"` // address at which the notice is published
	Holidays []Break `json:"holidays"`
}

// Break is one holiday of a notice: the days off, both ends included, and the
// weekend days on which the work is made up. Weekends that join a holiday by
// themselves are part of it only where the notice counts them.
type Break struct {
	Holiday
	From   Date   `json:"from"`
	To     Date   `json:"to"`
	Makeup []Date `json:"makeup"`
}

// Statutory is the calendar of legal working days. A nil *Statutory has no
// year loaded. It does not change once made.
type Statutory struct {
	notices map[int]Notice
	off     map[Date]Holiday
	makeup  map[Date]bool
}

//go:embed notices.json
var shippedNotices []byte

var china = sync.OnceValue(func() *Statutory {
	var notices []Notice
	err := json.Unmarshal(shippedNotices, &notices)
	if err == nil {
		var s *Statutory
		if s, err = NewStatutory(notices...); err == nil {
			return s
		}
	}
	panic("calendar: reading the shipped holiday notices: " + err.Error())
})

// China returns the calendar of the notices that are shipped: 2024 to 2026.
func China() *Statutory {
	return china()
}

// NewStatutory makes a calendar of notices. It is an error, naming the year,
// if a year comes twice, a day is arranged twice, a holiday is nameless or
// ends before it begins, a make-up workday is no weekend day, or a day is
// further from the notice's year than the December before or the January
// after.
func NewStatutory(notices ...Notice) (*Statutory, error) {
	s := &Statutory{notices: map[int]Notice{}, off: map[Date]Holiday{}, makeup: map[Date]bool{}}
	for _, n := range notices {
		if err := s.add(n); err != nil {
			return nil, fmt.Errorf("holiday notice for %d: %w", n.Year, err)
		}
	}
	return s, nil
}

// Years lists the years loaded, in order.
func (s *Statutory) Years() []int {
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.notices))
}

// Notice returns the notice of a year, and whether that year is loaded.
func (s *Statutory) Notice(year int) (Notice, bool) {
	if s == nil {
		return Notice{}, false
	}
	n, ok := s.notices[year]
	return n, ok
}

// Loaded reports whether the notice of a year is known.
func (s *Statutory) Loaded(year int) bool {
	_, ok := s.Notice(year)
	return ok
}

// Off reports whether a notice gives the date off, and as part of which
// holiday. An ordinary weekend is not off in this sense.
func (s *Statutory) Off(d Date) (Holiday, bool) {
	if s == nil {
		return Holiday{}, false
	}
	h, ok := s.off[d]
	return h, ok
}

// Makeup reports whether the date is a weekend day on which work is made up
// (调休上班).
func (s *Statutory) Makeup(d Date) bool {
	return s != nil && s.makeup[d]
}

// WorkingDay reports whether the date is a legal working day: no day off
// (法定休假日, Civil Code art. 203) and no weekend, or a make-up workday.
//
// In a year not loaded known is false, and the answer is the best there is:
// weekends rest, and of the holidays those with a fixed date in the Gregorian
// calendar (全国年节及纪念日放假办法, art. 2, as revised in 2024): 1 January,
// 1 and 2 May, 1 to 3 October.
func (s *Statutory) WorkingDay(d Date) (working, known bool) {
	known = s.Loaded(d.Year())
	if s.Makeup(d) {
		return true, known
	}
	if _, off := s.Off(d); off || isWeekend(d) {
		return false, known
	}
	return known || !isFixedHoliday(d), known
}

func (s *Statutory) add(n Notice) error {
	if s.Loaded(n.Year) {
		return errors.New("the year comes twice")
	}
	for _, b := range n.Holidays {
		if b.ZH == "" || b.EN == "" || b.To < b.From {
			return fmt.Errorf("holiday %q: no name, or ends before it begins", b.ZH)
		}
		if err := s.addBreak(n.Year, b); err != nil {
			return fmt.Errorf("%s: %w", b.ZH, err)
		}
	}
	s.notices[n.Year] = n
	return nil
}

func (s *Statutory) addBreak(year int, b Break) error {
	for d := b.From; d <= b.To; d++ {
		if err := s.arrangeable(year, d); err != nil {
			return err
		}
		s.off[d] = b.Holiday
	}
	for _, d := range b.Makeup {
		if err := s.arrangeable(year, d); err != nil {
			return err
		}
		if !isWeekend(d) {
			return fmt.Errorf("make-up workday %s is no weekend day", d)
		}
		s.makeup[d] = true
	}
	return nil
}

// arrangeable accepts days of the neighbouring winter months, since a notice
// may arrange New Year's Day with the last days of December.
func (s *Statutory) arrangeable(year int, d Date) error {
	if d < NewDate(year-1, time.December, 1) || d > NewDate(year+1, time.January, 31) {
		return fmt.Errorf("%s is not near that year", d)
	}
	if _, off := s.Off(d); off || s.Makeup(d) {
		return fmt.Errorf("%s is arranged twice", d)
	}
	return nil
}

func isWeekend(d Date) bool {
	weekday := d.Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}

func isFixedHoliday(d Date) bool {
	_, month, day := d.Civil()
	switch month {
	case time.January:
		return day == 1
	case time.May:
		return day <= 2
	case time.October:
		return day <= 3
	default:
		return false
	}
}
