package scheduling

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// How a counsellor's own outside calendar is read.
const (
	// OutsideEvery is how often, and OutsideWithin how long one reading may take.
	OutsideEvery  = 10 * time.Minute
	OutsideWithin = 15 * time.Second
	// OutsideAhead is how far ahead its busy times block.
	OutsideAhead = 180 * 24 * time.Hour

	outsideAtOnce   = 4
	outsideBatch    = 16
	outsideLease    = 2 * time.Minute
	outsideWhole    = 24 * time.Hour // the window moves on, so now and then all is read again
	outsideLongest  = 6 * time.Hour
	maxOutsideURL   = 2000
	maxOutsideLogin = 256
)

// OutsideKind is the way in which a calendar is read.
type OutsideKind string

// The kinds: a file at an address (RFC 5545), a collection of CalDAV (RFC 4791).
const (
	OutsideFile   OutsideKind = "ics"
	OutsideCalDAV OutsideKind = "caldav"
)

// OutsideAccount is where a counsellor's outside calendar is, and how to get in.
// It is kept sealed, whole: an address can be a secret too.
type OutsideAccount struct {
	Kind     OutsideKind
	URL      Private
	Username string // empty: none is asked for
	Password Private
}

// OutsideProblem says why a calendar could not be read.
type OutsideProblem string

// The problems. None tells an outsider what answers where: a refused address is
// refused before anything is asked.
const (
	OutsideRefused     OutsideProblem = "refused"
	OutsideUnreachable OutsideProblem = "unreachable"
	OutsideSlow        OutsideProblem = "slow"
	OutsideCertificate OutsideProblem = "certificate"
	OutsideLogin       OutsideProblem = "login"
	OutsideMissing     OutsideProblem = "missing"
	OutsideServer      OutsideProblem = "server"
	OutsideTooLarge    OutsideProblem = "too_large"
	OutsideUnreadable  OutsideProblem = "unreadable"
)

var outsideTexts = map[OutsideProblem]Text{
	OutsideRefused:     {"这个地址不能读：只能用https的公开地址，或管理员允许的地址。", "This address may not be read: only public https addresses, or those that the administrator allows."},
	OutsideUnreachable: {"连不上那台服务器，会再试。", "The server cannot be reached; it will be tried again."},
	OutsideSlow:        {"那台服务器太久没有回答，会再试。", "The server took too long; it will be tried again."},
	OutsideCertificate: {"那台服务器的证书不对，为了安全没有读。", "The server's certificate is not valid, so nothing was read."},
	OutsideLogin:       {"用户名或密码不对。", "The user name or the password is wrong."},
	OutsideMissing:     {"那个地址上没有日历。", "There is no calendar at that address."},
	OutsideServer:      {"那台服务器出了错，会再试。", "The server failed; it will be tried again."},
	OutsideTooLarge:    {"日历太大，读不完。", "The calendar is too large to be read."},
	OutsideUnreadable:  {"那里的内容看不懂，不像是日历。", "What is there cannot be read as a calendar."},
}

// Error is the problem's name.
func (p OutsideProblem) Error() string { return "read an outside calendar: " + string(p) }

// Text says it to the counsellor; nothing where there is no problem.
func (p OutsideProblem) Text() Text { return outsideTexts[p] }

// OutsideCalendar is what a counsellor is told of their outside calendar.
type OutsideCalendar struct {
	Kind     OutsideKind
	Host     string
	Username string
	SetAt    time.Time
	// ReadAt is when it was last read with success, TriedAt when last tried; zero:
	// not yet. NextAt is when it will be again.
	ReadAt, TriedAt, NextAt time.Time
	// Problem is what went wrong at the last try; empty: nothing.
	Problem OutsideProblem
	// Skipped is how many entries could not be understood and do not block.
	Skipped int
}

// OutsideWrite sets an outside calendar anew: what the one before blocked is
// free again.
type OutsideWrite struct {
	Office  *Office
	StaffID int64
	Version int64 // no other setting's
	Account OutsideAccount
	Audit   AuditEntry
	Now     time.Time
}

// OutsideDue is a calendar whose turn it is, taken by this process for a while.
type OutsideDue struct {
	StaffID, OfficeID, Version int64
	Account                    OutsideAccount
	Tag                        string // of what was read last
	WholeAt                    time.Time
	Failures                   int
}

// OutsideReading is what was read: when somebody is busy, and nothing else.
type OutsideReading struct {
	Busy []calendar.Span
	// Tag tells whether it has changed the next time; Unchanged says that it has
	// not, and then nothing else is told.
	Tag       string
	Unchanged bool
	Skipped   int
}

// OutsideResult is written after a reading. Without Changed the busy times stay.
type OutsideResult struct {
	Due      OutsideDue
	Office   *Office
	Reading  OutsideReading
	Changed  bool
	WholeAt  time.Time // zero: as before
	Problem  OutsideProblem
	Failures int
	NextAt   time.Time
	Now      time.Time
}

// Outsides keeps counsellors' outside calendars and the times that they block.
type Outsides interface {
	SetOutside(ctx context.Context, w OutsideWrite) error
	// RemoveOutside answers not_found where there is none.
	RemoveOutside(ctx context.Context, office *Office, staffID int64, e AuditEntry) error
	// Outside answers not_found where there is none.
	Outside(ctx context.Context, staffID int64) (OutsideCalendar, error)
	// HurryOutside makes it the calendar's turn; not_found where there is none.
	HurryOutside(ctx context.Context, staffID int64, now time.Time) error
	ClaimOutside(ctx context.Context, now, until time.Time, most int) ([]OutsideDue, error)
	// FinishOutside answers ErrLost where the calendar was set anew meanwhile.
	FinishOutside(ctx context.Context, r OutsideResult) error
	// BookedInside lists what lies ahead within busy times, by start.
	BookedInside(ctx context.Context, staffID int64, now time.Time) ([]Appointment, error)
}

// OutsideReader reads calendars out there.
type OutsideReader interface {
	// Check says whether an address may be read at all, without asking it.
	Check(address string) error
	// Read answers when somebody is busy between two instants. loc is the zone of
	// entries without one. Its errors are of type OutsideProblem.
	Read(ctx context.Context, a OutsideAccount, tag string, loc *time.Location, from, to time.Time) (OutsideReading, error)
}

// OutsideOf answers what a counsellor has set and how its last reading went.
// Errors: not_found.
func (s *Scheduler) OutsideOf(ctx context.Context, a Actor) (OutsideCalendar, error) {
	return s.Outsides.Outside(ctx, a.StaffID)
}

// SetOutside sets where a counsellor's outside calendar is. Its busy times block
// the counsellor's time from its first reading on, which comes at once; what is
// booked already stays.
//
// Errors: invalid (kind, url, username, password).
func (s *Scheduler) SetOutside(ctx context.Context, a Actor, acc OutsideAccount) (OutsideCalendar, error) {
	acc, err := s.checkOutside(acc)
	if err != nil {
		return OutsideCalendar{}, err
	}
	office, err := s.Offices.OfficeByID(ctx, a.OfficeID)
	if err != nil {
		return OutsideCalendar{}, err
	}
	now := s.now()
	e := auditOf(a, "calendar.outside", a.Username, now, nil, nil)
	e.After = fmt.Sprintf(`{"kind":%q}`, acc.Kind)
	w := OutsideWrite{Office: office, StaffID: a.StaffID, Version: newID(now), Account: acc, Audit: e, Now: now}
	if err := s.Outsides.SetOutside(ctx, w); err != nil {
		return OutsideCalendar{}, err
	}
	return s.OutsideOf(ctx, a)
}

func (s *Scheduler) checkOutside(acc OutsideAccount) (OutsideAccount, error) {
	address := strings.TrimSpace(acc.URL.Reveal())
	if rest, ok := strings.CutPrefix(address, "webcal://"); ok { // what phones and web pages call it
		address = "https://" + rest
	}
	acc.URL = NewPrivate(address)
	u, err := url.Parse(address)
	switch {
	case acc.Kind != OutsideFile && acc.Kind != OutsideCalDAV:
		return acc, Invalid("kind", "请选ICS地址或CalDAV。", "must be ics or caldav")
	case err != nil || u.Host == "" || len(address) > maxOutsideURL:
		return acc, Invalid("url", "请填完整的网址，以https://开头。", "must be a whole address that begins with https://")
	case u.User != nil:
		return acc, Invalid("url", "用户名和密码请填在下面，不要写在网址里。", "must not hold a user name or a password")
	case s.OutsideReader.Check(address) != nil:
		return acc, Invalid("url", OutsideRefused.Text().ZH, OutsideRefused.Text().EN)
	case utf8.RuneCountInString(acc.Username) > maxOutsideLogin || strings.Contains(acc.Username, ":"):
		return acc, Invalid("username", "最多256个字，不能有冒号。", "at most 256 characters, without a colon")
	case utf8.RuneCountInString(acc.Password.Reveal()) > maxOutsideLogin:
		return acc, Invalid("password", "最多256个字。", "at most 256 characters")
	case acc.Username == "" && !acc.Password.IsZero():
		return acc, Invalid("username", "填了密码，也请填用户名。", "is needed with a password")
	}
	return acc, nil
}

// RemoveOutside forgets the outside calendar; what it blocked is free again.
// Errors: not_found.
func (s *Scheduler) RemoveOutside(ctx context.Context, a Actor) error {
	office, err := s.Offices.OfficeByID(ctx, a.OfficeID)
	if err != nil {
		return err
	}
	return s.Outsides.RemoveOutside(ctx, office, a.StaffID, auditOf(a, "calendar.outside.remove", a.Username, s.now(), nil, nil))
}

// HurryOutside has the outside calendar read soon. Errors: not_found;
// rate_limited more often than once a minute.
func (s *Scheduler) HurryOutside(ctx context.Context, a Actor) (OutsideCalendar, error) {
	if _, err := s.OutsideOf(ctx, a); err != nil {
		return OutsideCalendar{}, err
	}
	now := s.now()
	if err := s.count(ctx, "outside calendars", itoa(a.StaffID), now, account.Limit{Max: 1, Per: time.Minute}); err != nil {
		return OutsideCalendar{}, err
	}
	if err := s.Outsides.HurryOutside(ctx, a.StaffID, now); err != nil {
		return OutsideCalendar{}, err
	}
	return s.OutsideOf(ctx, a)
}

// BookedInside lists what a counsellor has ahead within the busy times of their
// outside calendar: booked before these were known.
func (s *Scheduler) BookedInside(ctx context.Context, a Actor) ([]Appointment, error) {
	return s.Outsides.BookedInside(ctx, a.StaffID, s.now())
}

// ReadOutside reads the outside calendars whose turn it is, four at once. It is
// knocked at; each calendar is taken by one process.
func (s *Scheduler) ReadOutside(ctx context.Context) error {
	now := s.now()
	due, err := s.Outsides.ClaimOutside(ctx, now, now.Add(outsideLease), outsideBatch)
	if err != nil {
		return err
	}
	var reading sync.WaitGroup
	turns, errs := make(chan struct{}, outsideAtOnce), make([]error, len(due))
	for i, d := range due {
		turns <- struct{}{}
		reading.Go(func() {
			defer func() { <-turns }()
			errs[i] = s.readOutside(ctx, d)
		})
	}
	reading.Wait()
	return errors.Join(errs...)
}

func (s *Scheduler) readOutside(ctx context.Context, d OutsideDue) error {
	office, err := s.Offices.OfficeByID(ctx, d.OfficeID)
	if err != nil {
		return err
	}
	r := OutsideResult{Due: d, Office: office, Now: s.now()}
	if _, err := s.counsellor(ctx, d.StaffID, d.OfficeID); CodeOf(err) == CodeNotFound {
		// Whoever is no counsellor now may be one again.
		r.Failures, r.NextAt = d.Failures, r.Now.Add(outsideWhole)
		return s.finishOutside(ctx, r)
	} else if err != nil {
		return err
	}
	tag := d.Tag
	if r.Now.Sub(d.WholeAt) >= outsideWhole {
		tag = ""
	}
	within, cancel := context.WithTimeout(ctx, OutsideWithin)
	defer cancel()
	reading, err := s.OutsideReader.Read(within, d.Account, tag, office.Location, r.Now.Add(-24*time.Hour), r.Now.Add(OutsideAhead+24*time.Hour))
	var problem OutsideProblem
	switch {
	case err == nil:
		r.Reading, r.Changed, r.NextAt = reading, !reading.Unchanged, r.Now.Add(OutsideEvery)
		if r.Changed {
			r.WholeAt = r.Now
		}
	case errors.As(err, &problem):
		r.Problem, r.Failures = problem, d.Failures+1
		r.NextAt = r.Now.Add(outsidePause(r.Failures))
	default:
		return err
	}
	return s.finishOutside(ctx, r)
}

// finishOutside writes a reading, unless the calendar was set anew meanwhile.
func (s *Scheduler) finishOutside(ctx context.Context, r OutsideResult) error {
	if err := s.Outsides.FinishOutside(ctx, r); !errors.Is(err, ErrLost) {
		return err
	}
	return nil
}

// outsidePause grows with every failure in a row: ten minutes, doubling to six
// hours.
func outsidePause(failures int) time.Duration {
	return min(OutsideEvery<<min(failures-1, 6), outsideLongest)
}
