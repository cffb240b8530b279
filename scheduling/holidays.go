package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// HolidayYear is the table of one year's statutory holidays.
type HolidayYear struct {
	calendar.Notice
	// BuiltIn says that it is shipped; an imported one goes before it.
	BuiltIn    bool
	Author     string // username
	ImportedAt time.Time
}

// HolidayWrite sets a year's table, or takes it away. It holds for the whole
// installation: every office's revision rises, so that whatever is being decided
// on the old one is decided again, on every replica.
type HolidayWrite struct {
	Year   int
	Notice *calendar.Notice // nil: the imported one is taken away
	Author string
	Audit  AuditEntry
	Now    time.Time
}

// Holidays keeps the tables that were imported.
type Holidays interface {
	ImportedYears(ctx context.Context) ([]HolidayYear, error)
	// SetYear answers not_found where there is nothing to take away.
	SetYear(ctx context.Context, w HolidayWrite) error
}

// HolidayImport is next year's table as somebody publishes it: the JSON of
// holiday-cn, or lines date,name,off.
type HolidayImport struct {
	Actor  Actor
	Office string
	Year   int
	Table  []byte
}

// HolidayPreview is what an import would do, or has done.
type HolidayPreview struct {
	Year HolidayYear
	// Differences are days that are other ones, a line each.
	Differences []string
	// Outside are coming appointments of the office on days that would be off.
	Outside []Appointment
	// Problems are what is wrong with the table; then nothing else is known.
	Problems []FileProblem

	office *Office
}

// firstHolidayYear is the first for which there can be a table.
const firstHolidayYear = 2024

// HolidayYears lists the years whose holidays are known, the latest first.
// Errors: not_found, forbidden.
func (s *Scheduler) HolidayYears(ctx context.Context, a Actor, code string) ([]HolidayYear, error) {
	if _, err := s.officeToDirect(ctx, a, code); err != nil {
		return nil, err
	}
	out, err := s.Holidays.ImportedYears(ctx)
	if err != nil {
		return nil, err
	}
	shipped := calendar.China()
	for _, year := range shipped.Years() {
		if !slices.ContainsFunc(out, func(h HolidayYear) bool { return h.Year == year }) {
			n, _ := shipped.Notice(year)
			out = append(out, HolidayYear{Notice: n, BuiltIn: true})
		}
	}
	slices.SortFunc(out, func(a, b HolidayYear) int { return cmp.Compare(b.Year, a.Year) })
	return out, nil
}

// PreviewHolidays says what an import would do, and writes nothing. A table that
// is wrong is an answer. Errors: not_found, forbidden, invalid (year).
func (s *Scheduler) PreviewHolidays(ctx context.Context, in HolidayImport) (HolidayPreview, error) {
	office, err := s.officeToDirect(ctx, in.Actor, in.Office)
	if err != nil {
		return HolidayPreview{}, err
	}
	if last := calendar.DateIn(s.now(), office.Location).Year() + 2; in.Year < firstHolidayYear || in.Year > last {
		return HolidayPreview{}, Invalid("year", fmt.Sprintf("只能导入%d年到%d年的。", firstHolidayYear, last), fmt.Sprintf("must be %d to %d", firstHolidayYear, last))
	}
	p := HolidayPreview{office: office}
	n, problems := calendar.ReadTable(in.Year, in.Table)
	for _, t := range problems {
		p.Problems = append(p.Problems, FileProblem{Line: max(t.Line, 1), Key: "table", What: Text{ZH: t.ZH + "。", EN: t.EN}})
	}
	if len(problems) > 0 {
		return p, nil
	}
	p.Year = HolidayYear{Notice: n, Author: in.Actor.Username, ImportedAt: s.now()}
	changed := *office
	if changed.Statutory, p.Problems = withYear(office.legalDays(), n); len(p.Problems) > 0 {
		return p, nil
	}
	p.Differences = differentDays(office.legalDays(), changed.Statutory, in.Year)
	p.Outside, err = s.Outside(ctx, &changed)
	return p, err
}

// withYear is a calendar with a year's notice in it, or what a neighbouring year
// arranges otherwise.
func withYear(legal *calendar.Statutory, n calendar.Notice) (*calendar.Statutory, []FileProblem) {
	out, err := legal.With(n)
	if err != nil {
		return nil, []FileProblem{{Line: 1, Key: "table", What: Text{ZH: "和相邻年份的安排有冲突：" + err.Error(), EN: err.Error()}}}
	}
	return out, nil
}

// ImportHolidays sets a year's table for the whole installation. What is booked
// on days that are off now stays, and is answered. Errors: those of
// PreviewHolidays; invalid with each line that is wrong.
func (s *Scheduler) ImportHolidays(ctx context.Context, in HolidayImport) (HolidayPreview, error) {
	p, err := s.PreviewHolidays(ctx, in)
	if err != nil {
		return p, err
	}
	if len(p.Problems) > 0 {
		return p, wrongFile(p.Problems)
	}
	now := s.now()
	w := HolidayWrite{
		Year: in.Year, Notice: &p.Year.Notice, Author: in.Actor.Username, Now: now,
		Audit: auditOf(in.Actor, "holidays.import", fmt.Sprint(in.Year), now, nil, nil),
	}
	w.Audit.After = fmt.Sprintf(`{"year":%d,"differences":%d}`, in.Year, len(p.Differences))
	return p, s.Holidays.SetYear(ctx, w)
}

// RemoveHolidays takes an imported table away; one that is shipped holds again.
// Errors: not_found, forbidden.
func (s *Scheduler) RemoveHolidays(ctx context.Context, a Actor, code string, year int) error {
	if _, err := s.officeToDirect(ctx, a, code); err != nil {
		return err
	}
	now := s.now()
	return s.Holidays.SetYear(ctx, HolidayWrite{
		Year: year, Author: a.Username, Now: now, Audit: auditOf(a, "holidays.remove", fmt.Sprint(year), now, nil, nil),
	})
}

// differentDays lists the days of a year, and of its edges, that two calendars
// arrange otherwise.
func differentDays(old, new *calendar.Statutory, year int) []string {
	var out []string
	for d := calendar.NewDate(year-1, time.December, 1); d <= calendar.NewDate(year+1, time.January, 31); d++ {
		was, is := arranged(old, d), arranged(new, d)
		switch {
		case was == is:
		case was == "":
			out = append(out, fmt.Sprintf("+ %s: %s", d, is))
		case is == "":
			out = append(out, fmt.Sprintf("- %s: %s", d, was))
		default:
			out = append(out, fmt.Sprintf("~ %s: %s → %s", d, was, is))
		}
	}
	return out
}

// arranged says how a calendar arranges a day; empty: as its weekday.
func arranged(s *calendar.Statutory, d calendar.Date) string {
	if h, off := s.Off(d); off {
		return h.ZH + "放假 (" + h.EN + ")"
	}
	if s.Makeup(d) {
		return "调休上班 (make-up workday)"
	}
	return ""
}

// Warning is something that a director should see to.
type Warning struct {
	Code string // "holidays"
	Text Text
}

// warnedFrom is from which day of a year on next year's table should be there:
// the State Council publishes it in November at the latest.
const warnedFrom = time.November

// Warnings tells a director what they should see to. Errors: not_found,
// forbidden.
func (s *Scheduler) Warnings(ctx context.Context, a Actor, code string) ([]Warning, error) {
	if !a.Is(account.Director) {
		return nil, Forbidden()
	}
	office, err := s.officeFor(ctx, a, code)
	if err != nil {
		return nil, err
	}
	var out []Warning
	today := calendar.DateIn(s.now(), office.Location)
	last := today.Year()
	if _, month, _ := today.Civil(); month >= warnedFrom {
		last++
	}
	for _, year := range office.missingYears(today, last) {
		out = append(out, Warning{Code: "holidays", Text: Text{
			ZH: fmt.Sprintf("%d年的节假日安排还没有录入，那一年的日子市民约不了。通知公布后，请在“设置·节假日”里导入。", year),
			EN: fmt.Sprintf("The holidays of %d are not loaded, and citizens cannot book days of that year. Import them once the notice is published.", year),
		}})
	}
	return out, nil
}

// missingYears are the years up to a last one, and as far as its horizon reaches,
// that an office needs the holidays of on a day, and has not.
func (o *Office) missingYears(today calendar.Date, last int) []int {
	if o.Holidays != "cn" {
		return nil
	}
	last = max(last, today.Add(max(o.longestHorizon(), 31)).Year())
	var out []int
	for year := today.Year(); year <= last; year++ {
		if !o.legalDays().Loaded(year) {
			out = append(out, year)
		}
	}
	return out
}

func (o *Office) longestHorizon() int {
	days := 0
	for _, s := range o.Services {
		days = max(days, s.HorizonDays())
	}
	return days
}
