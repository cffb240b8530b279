package scheduling

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

const (
	// DiaryBack and DiaryAhead are how far a counsellor's own calendar reaches.
	DiaryBack  = 30 * 24 * time.Hour
	DiaryAhead = 180 * 24 * time.Hour

	maxAppPasswords = 20
	maxAppName      = 60 // characters
)

// Diary is a counsellor's time as a calendar on their own phone shows it:
// appointments that are not cancelled, and leave.
type Diary struct {
	Office *Office
	Staff  Staff
	// Details says that names, service and room may be shown; without it the
	// appointments do not hold them.
	Details      bool
	Appointments []Appointment
	Leave        []TimeOff
}

// OwnCalendar is what a counsellor has set for the calendar on their phone.
type OwnCalendar struct {
	// Login is the name to log in with by CalDAV: OFFICE/USERNAME.
	Login   string
	Details bool
	// MadeAt is when the secret address was made; zero: there is none.
	MadeAt time.Time
	// ReadAt is when it was last read, to the hour; zero: never.
	ReadAt    time.Time
	Passwords []AppPassword
}

// AppPassword is a password for one phone or program, which reads the calendar
// and can do nothing else.
type AppPassword struct {
	ID     int64
	Name   Private
	MadeAt time.Time
	UsedAt time.Time // to the hour; zero: never
}

// NewAppPassword is a password as it is shown once.
type NewAppPassword struct {
	AppPassword
	Login    string
	Password Private
}

// CalendarAddress is a calendar's address as it is shown once; Path is below
// the server's own.
type CalendarAddress struct {
	Path   Private
	MadeAt time.Time
}

// Diaries is what stands behind the calendars on counsellors' phones.
type Diaries interface {
	// OwnCalendar answers what is set, or nothing set.
	OwnCalendar(ctx context.Context, staffID int64) (OwnCalendar, error)
	SetCalendarDetails(ctx context.Context, a Actor, details bool, e AuditEntry) error
	// SetCalendarSecret replaces the address; a zero digest revokes it.
	SetCalendarSecret(ctx context.Context, a Actor, secret Digest, now time.Time, e AuditEntry) error
	// ByCalendarSecret answers whose address it is, or not_found.
	ByCalendarSecret(ctx context.Context, secret Digest, now time.Time) (staffID, officeID int64, err error)
	// AddAppPassword answers limit_reached where there are as many already.
	AddAppPassword(ctx context.Context, a Actor, p AppPassword, digest Digest, most int, e AuditEntry) error
	// RemoveAppPassword answers not_found for one that is not theirs.
	RemoveAppPassword(ctx context.Context, staffID, id int64, e AuditEntry) error
	// UseAppPassword answers not_found for a password that is not theirs.
	UseAppPassword(ctx context.Context, staffID int64, digest Digest, now time.Time) error
	// DiaryOf lists what a counsellor has from one instant to another, cancelled
	// ones aside: whole, or reference, times and session alone.
	DiaryOf(ctx context.Context, staffID int64, from, to time.Time, whole bool) ([]Appointment, error)
	LeaveWithin(ctx context.Context, staffID int64, from, to calendar.Date) ([]TimeOff, error)
}

// OwnCalendar answers what a counsellor has set for the calendar on their phone.
func (s *Scheduler) OwnCalendar(ctx context.Context, a Actor) (OwnCalendar, error) {
	out, err := s.Diaries.OwnCalendar(ctx, a.StaffID)
	out.Login = a.Office + "/" + a.Username
	return out, err
}

// SetCalendarDetails says whether names, service and room are shown there.
func (s *Scheduler) SetCalendarDetails(ctx context.Context, a Actor, details bool) (OwnCalendar, error) {
	e := auditOf(a, "calendar.details", a.Username, s.now(), nil, nil)
	e.After = fmt.Sprintf(`{"details":%t}`, details)
	if err := s.Diaries.SetCalendarDetails(ctx, a, details, e); err != nil {
		return OwnCalendar{}, err
	}
	return s.OwnCalendar(ctx, a)
}

// MakeCalendarAddress makes a secret address, of 256 random bits, at which the
// calendar can be read by whoever knows it. The one before ends. It is shown
// this once and kept hashed.
func (s *Scheduler) MakeCalendarAddress(ctx context.Context, a Actor) (CalendarAddress, error) {
	now := s.now()
	secret := base64.RawURLEncoding.EncodeToString(randomBytes(32))
	out := CalendarAddress{Path: NewPrivate("/feeds/" + secret + ".ics"), MadeAt: now}
	return out, s.Diaries.SetCalendarSecret(ctx, a, tokenDigest(secret), now, auditOf(a, "calendar.address", a.Username, now, nil, nil))
}

// RevokeCalendarAddress ends the secret address, if there is one.
func (s *Scheduler) RevokeCalendarAddress(ctx context.Context, a Actor) error {
	now := s.now()
	return s.Diaries.SetCalendarSecret(ctx, a, Digest{}, now, auditOf(a, "calendar.revoke", a.Username, now, nil, nil))
}

// AddAppPassword makes a password for one phone: 128 random bits, shown this
// once, which read this calendar by CalDAV and open nothing else.
//
// Errors: invalid (name), limit_reached.
func (s *Scheduler) AddAppPassword(ctx context.Context, a Actor, name string) (NewAppPassword, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxAppName || !utf8.ValidString(name) {
		return NewAppPassword{}, Invalid("name", "请给它起个名字，最多60个字，比如“我的手机”。", "must have 1 to 60 characters, such as My phone")
	}
	now := s.now()
	plain := strings.ToLower(rand.Text())
	out := NewAppPassword{
		AppPassword: AppPassword{ID: newID(now), Name: NewPrivate(name), MadeAt: now},
		Login:       a.Office + "/" + a.Username,
		Password:    NewPrivate(grouped(plain)),
	}
	_, err := untilWon(ctx, func() (struct{}, error) {
		return struct{}{}, s.Diaries.AddAppPassword(ctx, a, out.AppPassword, tokenDigest(plain), maxAppPasswords, auditOf(a, "calendar.password.add", a.Username, now, nil, nil))
	})
	if CodeOf(err) == CodeLimitReached {
		return NewAppPassword{}, &Error{Code: CodeLimitReached, Text: Text{ZH: "应用密码已经够多了，请先删掉不用的。", EN: "there are as many app passwords as one may have; remove one first"}}
	}
	return out, err
}

// grouped writes a password so that it can be read off.
func grouped(plain string) string {
	var parts []string
	for part := range slices.Chunk([]byte(plain), 5) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, "-")
}

// ungrouped reads it however a phone writes it.
func ungrouped(typed string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(typed))
}

// RemoveAppPassword ends a password at once. Errors: not_found.
func (s *Scheduler) RemoveAppPassword(ctx context.Context, a Actor, id int64) error {
	return s.Diaries.RemoveAppPassword(ctx, a.StaffID, id, auditOf(a, "calendar.password.remove", a.Username, s.now(), nil, nil))
}

// CalendarByAddress reads the calendar at a secret address. A secret that is
// wrong, revoked or of somebody who is no counsellor any more is the same
// not_found, and counts against the address that asks.
func (s *Scheduler) CalendarByAddress(ctx context.Context, secret, address string) (Diary, error) {
	now := s.now()
	staffID, officeID, err := s.Diaries.ByCalendarSecret(ctx, tokenDigest(secret), now)
	if err == nil {
		var actor Actor
		if actor, err = s.counsellor(ctx, staffID, officeID); err == nil {
			return s.CalendarOf(ctx, actor)
		}
	}
	if CodeOf(err) != CodeNotFound {
		return Diary{}, err
	}
	if s.Settings.RateLimits {
		if err := s.count(ctx, "wrong calendar addresses", address, now, account.WrongCalendarsPerAddress); err != nil {
			return Diary{}, err
		}
	}
	return Diary{}, NotFound()
}

// counsellor is somebody who still is one; not_found otherwise.
func (s *Scheduler) counsellor(ctx context.Context, staffID, officeID int64) (Actor, error) {
	office, err := s.Offices.OfficeByID(ctx, officeID)
	if err != nil {
		return Actor{}, err
	}
	member, ok := office.StaffByID(staffID)
	if !ok || !slices.Contains(member.Roles, account.Counsellor) {
		return Actor{}, NotFound()
	}
	return Actor{
		Kind: StaffKind, StaffID: staffID, OfficeID: officeID, Office: office.Code, Username: member.Username,
		Roles: member.Roles, Scope: account.Own,
	}, nil
}

// CalendarLogin answers whose calendar a name and an app password open. A name
// that nobody has and a password that is wrong are the same unauthenticated. Of
// the right ones none is counted: 128 random bits are not guessed, and many
// requests of one phone come at once.
//
// Errors: unauthenticated; rate_limited after wrong passwords.
func (s *Scheduler) CalendarLogin(ctx context.Context, l Login) (Actor, error) {
	now := s.now()
	office, acc, err := s.accountOf(ctx, l)
	if err != nil {
		return Actor{}, err
	}
	if acc.StaffID != 0 {
		err = s.Diaries.UseAppPassword(ctx, acc.StaffID, tokenDigest(ungrouped(l.Password.Reveal())), now)
		if err == nil {
			var actor Actor
			if actor, err = s.counsellor(ctx, acc.StaffID, office.ID); err == nil {
				actor.Address = l.Address
				return actor, nil
			}
		}
		if CodeOf(err) != CodeNotFound {
			return Actor{}, err
		}
	}
	return Actor{}, s.wrongAppPassword(ctx, l, office, now)
}

// wrongAppPassword counts a wrong password against account and address, as a
// log-in's, and against the address alone.
func (s *Scheduler) wrongAppPassword(ctx context.Context, l Login, office *Office, now time.Time) error {
	if err := s.count(ctx, "app passwords by account and address", l.Office+"/"+l.Username+" "+l.Address, now, account.PasswordLock); err != nil {
		return err
	}
	if s.Settings.RateLimits {
		if err := s.count(ctx, "wrong calendar addresses", l.Address, now, account.WrongCalendarsPerAddress); err != nil {
			return err
		}
	}
	if office == nil {
		return Unauthenticated()
	}
	who := Actor{Kind: Anonymous, OfficeID: office.ID}
	return s.refusal(ctx, who, "calendar.login", l.Username, Unauthenticated())
}

// CalendarOf reads a counsellor's own calendar.
func (s *Scheduler) CalendarOf(ctx context.Context, a Actor) (Diary, error) {
	office, err := s.Offices.OfficeByID(ctx, a.OfficeID)
	if err != nil {
		return Diary{}, err
	}
	member, ok := office.StaffByID(a.StaffID)
	if !ok {
		return Diary{}, NotFound()
	}
	set, err := s.Diaries.OwnCalendar(ctx, a.StaffID)
	if err != nil {
		return Diary{}, err
	}
	out := Diary{Office: office, Staff: member, Details: set.Details}
	// The ends are days of the office, so that what is read twice on one day is
	// the same.
	today := calendar.DateIn(s.now(), office.Location)
	first, last := today.Add(-int(DiaryBack/(24*time.Hour))), today.Add(int(DiaryAhead/(24*time.Hour)))
	var errs [2]error
	out.Appointments, errs[0] = s.Diaries.DiaryOf(ctx, a.StaffID, first.At(0, office.Location), last.Add(1).At(0, office.Location), set.Details)
	out.Leave, errs[1] = s.Diaries.LeaveWithin(ctx, a.StaffID, first, last)
	return out, errors.Join(errs[:]...)
}
