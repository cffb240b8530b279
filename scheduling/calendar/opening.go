// When an office opens, day by day: weekly hours, exceptions of its own, and
// the statutory holidays it keeps.

package calendar

import "time"

// Exception is what an office decides for one date by itself: to be closed,
// or else to open for Hours instead of what the date would have.
type Exception struct {
	Closed bool
	Hours  Period
}

// Opening holds everything that decides when an office opens. It is not the
// legal calendar: an office may open on a holiday and close on a working day.
type Opening struct {
	Timetable
	Exceptions map[Date]Exception
	Statutory  *Statutory   // nil: the office keeps no holidays (holidays: none)
	MakeupAs   time.Weekday // whose hours a make-up workday takes
}

// DayKind says why a day has the hours it has.
type DayKind int

// The kinds of day.
const (
	Ordinary        DayKind = iota // the weekly hours
	Weekend                        // the office has no hours on that weekday of that week, whichever it is
	Makeup                         // a make-up workday: the hours of MakeupAs
	Extra                          // an exception with hours
	ClosedHoliday                  // a statutory day off
	ClosedException                // an exception without hours
	NotLoaded                      // the year's notice is missing; the weekly hours, for the desk alone
)

// OpenDay is one date of an office. Periods may share memory with the Opening
// it comes from and must not be written to.
type OpenDay struct {
	Date    Date
	Kind    DayKind
	Holiday Holiday // what the date is off for by law, on an Extra day and in a closure too; else empty
	Periods []Period

	makeup   bool
	makeupAs time.Weekday
}

// Day returns the hours of the office on a date. An exception goes before
// everything, on holidays and in a year not loaded too. Then, if the office
// keeps the statutory holidays: a year not loaded is NotLoaded, a day off is
// closed, a make-up workday takes the hours of MakeupAs. All else has the
// weekly hours. Hours are those that hold on the date, of whichever weekday.
func (o Opening) Day(d Date) OpenDay {
	day := OpenDay{Date: d, makeup: o.Statutory.Makeup(d), makeupAs: o.MakeupAs}
	holiday, off := o.Statutory.Off(d)
	day.Holiday = holiday
	own := o.On(d, d.Weekday())
	exception, excepted := o.Exceptions[d]
	switch {
	case excepted && exception.Closed:
		day.Kind = ClosedException
	case excepted:
		day.Kind, day.Periods = Extra, []Period{exception.Hours}
	case o.Statutory != nil && !o.Statutory.Loaded(d.Year()):
		day.Kind, day.Periods = NotLoaded, own
	case off:
		day.Kind = ClosedHoliday
	case day.makeup:
		day.Kind, day.Periods = Makeup, o.On(d, o.MakeupAs)
	case len(own) == 0:
		day.Kind = Weekend
	default:
		day.Kind, day.Periods = Ordinary, own
	}
	return day
}

// StaffPeriods returns when somebody with these weekly hours is there on this
// date; it is not cut to the office's own hours. On a make-up workday, an
// Extra one too, they are the hours of MakeupAs. On any other Extra day
// somebody without hours that weekday takes those of MakeupAs. On a day the
// office is closed by exception or holiday, nobody is there.
func (d OpenDay) StaffPeriods(w *Timetable) []Period {
	own := w.On(d.Date, d.Date.Weekday())
	switch d.Kind {
	case ClosedHoliday, ClosedException:
		return nil
	case Makeup:
		return w.On(d.Date, d.makeupAs)
	case Extra:
		if d.makeup || len(own) == 0 {
			return w.On(d.Date, d.makeupAs)
		}
	}
	return own
}

// String names the kind for logs and tests.
func (k DayKind) String() string {
	switch k {
	case Ordinary:
		return "ordinary"
	case Weekend:
		return "weekend"
	case Makeup:
		return "make-up"
	case Extra:
		return "extra"
	case ClosedHoliday:
		return "closed for a holiday"
	case ClosedException:
		return "closed by exception"
	case NotLoaded:
		return "not loaded"
	default:
		return "unknown"
	}
}
