package scheduling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"magpie/scheduling/account"
)

// maxOfficeNote bounds the note of a change, in characters.
const maxOfficeNote = 200

// FileProblem is one thing that is wrong with an office file.
type FileProblem struct {
	Line int    // from 1
	Key  string // services.premarital.step; empty: the file as a whole
	What Text
}

// OfficeEdit changes one part of an office; the value is the edit's own.
type OfficeEdit func(o *Office) error

// OfficeChange asks for another office file: File is the whole one, or else Edit
// changes the present one.
type OfficeChange struct {
	Actor  Actor
	Office string
	// Revision is the one that was looked at; another change since then is refused.
	Revision int64
	File     []byte
	Edit     OfficeEdit
	Note     string // why, at most 200 characters; kept with the version
}

// OfficePreview is what a change of an office would do, or has done.
type OfficePreview struct {
	// Revision is the one that would change; of a change that was made, the one
	// that it made.
	Revision int64
	// Differences are those of apply: a line each, beginning with +, - or ~.
	Differences []string
	// Outside are coming appointments that would lie outside the hours, or in a
	// closed room; they stay.
	Outside []Appointment
	// InUse are coming appointments of what would be removed, which forbid it.
	InUse []Appointment
	// Problems are what is wrong with the file; then nothing else is known.
	Problems []FileProblem
	// Document is the file as it would be written: every key, in one order.
	Document []byte

	office, old *Office
}

// OfficeVersion is an office file that was in force.
type OfficeVersion struct {
	Number    int64  // the revision that it made
	Author    string // username; empty: the command apply
	Note      string
	CreatedAt time.Time
	File      []byte // of a single version alone
}

// OfficeHistory keeps the versions of an office's file.
type OfficeHistory interface {
	// OfficeVersions lists them, newest first, without their files.
	OfficeVersions(ctx context.Context, office int64, p Page) ([]OfficeVersion, string, error)
	// OfficeVersion answers not_found for a number that none has.
	OfficeVersion(ctx context.Context, office, number int64) (OfficeVersion, error)
	// VersionBefore is the last one before a number; not_found: it is the first.
	VersionBefore(ctx context.Context, office, number int64) (OfficeVersion, error)
}

// OfficeFile answers an office's file with every key, and its revision. Errors:
// not_found, forbidden.
func (s *Scheduler) OfficeFile(ctx context.Context, a Actor, code string) ([]byte, int64, error) {
	office, err := s.officeToDirect(ctx, a, code)
	if err != nil {
		return nil, 0, err
	}
	return s.WriteOffice(office), office.Revision, nil
}

// officeToDirect finds the office of a director, as it is now.
func (s *Scheduler) officeToDirect(ctx context.Context, a Actor, code string) (*Office, error) {
	if !a.Is(account.Director) {
		return nil, Forbidden()
	}
	return s.freshOffice(ctx, a, code)
}

func (s *Scheduler) freshOffice(ctx context.Context, a Actor, code string) (*Office, error) {
	office, err := s.Offices.Fresh(ctx, code)
	if err != nil {
		return nil, err
	}
	if a.Kind == StaffKind && a.OfficeID != office.ID {
		return nil, NotFound()
	}
	return office, nil
}

// PreviewOffice says what a change would do, and writes nothing. A file that is
// wrong is an answer, with the lines; so is what has coming appointments.
//
// Errors: not_found; forbidden; wrong_state where the office was changed since
// Revision; what the edit says.
func (s *Scheduler) PreviewOffice(ctx context.Context, c OfficeChange) (OfficePreview, error) {
	old, err := s.freshOffice(ctx, c.Actor, c.Office)
	if err != nil {
		return OfficePreview{}, err
	}
	if c.Revision != old.Revision {
		return OfficePreview{}, OfficeChangedMeanwhile()
	}
	p := OfficePreview{Revision: old.Revision, old: old}
	if err := s.read(&p, c); err != nil || len(p.Problems) > 0 {
		return p, err
	}
	p.Document, p.Differences = s.WriteOffice(p.office), s.DiffOffice(old, p.office)
	if !c.Actor.maySetUp(p.Differences) {
		return OfficePreview{}, Forbidden()
	}
	p.office.ID, p.office.Revision, p.office.Statutory = old.ID, old.Revision, old.Statutory
	p.office.numberAs(old)
	return p, s.consequences(ctx, &p)
}

// read reads the office that is wanted.
func (s *Scheduler) read(p *OfficePreview, c OfficeChange) error {
	if utf8.RuneCountInString(c.Note) > maxOfficeNote {
		return Invalid("note", "最多写200个字。", "at most 200 characters")
	}
	file := c.File
	if c.Edit != nil {
		changed, problems := s.ReadOffice(s.WriteOffice(p.old))
		if len(problems) > 0 { // a text that a newer Magpie would not save
			p.Problems = problems
			return nil
		}
		if err := c.Edit(changed); err != nil {
			return err
		}
		file = s.WriteOffice(changed)
	}
	p.office, p.Problems = s.ReadOffice(file)
	if len(p.Problems) > 0 {
		return nil
	}
	if p.office.Code != p.old.Code {
		p.Problems = append(p.Problems, FileProblem{Line: 1, Key: "office.code", What: Text{ZH: "登记处的代码不能改。", EN: "the office's code cannot be changed"}})
	}
	if m, ok := p.office.StaffMember(c.Actor.Username); c.Actor.Is(account.Director) && (!ok || !slices.Contains(m.Roles, account.Director)) {
		p.Problems = append(p.Problems, FileProblem{
			Line: 1, Key: "staff." + c.Actor.Username, What: Text{ZH: "不能取消自己的主任岗位，请由另一位主任来改。", EN: "you cannot take the director's role from yourself; ask another director"},
		})
	}
	return nil
}

// maySetUp says whether the actor may make a change: a director any, everybody
// else of their own hours alone.
func (a Actor) maySetUp(differences []string) bool {
	if a.Is(account.Director) {
		return true
	}
	own := "~ staff." + a.Username + ".hours: "
	return a.Kind == StaffKind && !slices.ContainsFunc(differences, func(d string) bool { return !strings.HasPrefix(d, own) })
}

// numberAs gives rooms, services and staff the numbers that those of another
// value of the office have.
func (o *Office) numberAs(old *Office) {
	for i := range o.Rooms {
		r, _ := old.RoomByCode(o.Rooms[i].Code)
		o.Rooms[i].ID = r.ID
	}
	for i := range o.Services {
		v, _ := old.Service(o.Services[i].Code)
		o.Services[i].ID = v.ID
	}
	for i := range o.Staff {
		m, _ := old.StaffMember(o.Staff[i].Username)
		o.Staff[i].ID = m.ID
	}
}

// consequences looks through what is coming for what a change would leave
// outside, and for what forbids it.
func (s *Scheduler) consequences(ctx context.Context, p *OfficePreview) error {
	if len(p.Differences) == 0 {
		return nil
	}
	now := s.now()
	q := OfficeQuery{Office: p.old, From: now.Add(-longestSession), To: now.AddDate(10, 0, 0), Page: Page{Limit: 200}}
	for {
		items, next, err := s.Lists.OfOffice(ctx, q)
		if err != nil {
			return fmt.Errorf("list what is booked: %w", err)
		}
		for _, a := range items {
			switch {
			case !a.Status.Open() || !a.End.After(now):
			case !p.office.has(a):
				p.InUse = append(p.InUse, a)
			case a.Status == Booked && !a.Start.Before(now) && !p.office.holds(a):
				p.Outside = append(p.Outside, a)
			}
		}
		if next == "" {
			return nil
		}
		q.Page.After = next
	}
}

// longestSession is longer than any: what began before that is over.
const longestSession = 25 * time.Hour

// has says whether the office still has an appointment's service, room and
// counsellor.
func (o *Office) has(a Appointment) bool {
	_, service := o.ServiceByID(a.Service.ID)
	_, room := o.Room(a.Session.Room)
	_, counsellor := o.StaffByID(a.Session.Counsellor)
	return service && room && counsellor
}

// ApplyOffice changes an office, as apply does: new hours and closures are
// applied, and what is booked outside them stays and is answered. It happens
// only if nobody changed the office since Revision. The change is a version that
// can be undone. A director may change all; everybody else their own hours.
//
// Errors: those of PreviewOffice; invalid with each line that is wrong; in_use
// with the appointments of what would be removed.
func (s *Scheduler) ApplyOffice(ctx context.Context, c OfficeChange) (OfficePreview, error) {
	p, err := s.PreviewOffice(ctx, c)
	switch {
	case err != nil:
		return p, err
	case len(p.Problems) > 0:
		return p, wrongFile(p.Problems)
	case len(p.InUse) > 0:
		return p, InUse(p.InUse)
	case len(p.Differences) == 0:
		return p, nil
	}
	now := s.now()
	w := OfficeWrite{
		Office: p.office, Document: p.Document, Expected: c.Revision, Author: c.Actor.Username, Note: c.Note, Now: now,
		Audit: auditOf(c.Actor, "office.change", c.Office, now, nil, nil),
	}
	w.Audit.Before, w.Audit.After = officeState(c.Revision, nil), officeState(c.Revision+1, p.Differences)
	if remindsOtherwise(p.old, p.office) {
		w.Plan = s.reminders(now)
	}
	err = s.Offices.Apply(ctx, w)
	if errors.Is(err, ErrLost) {
		return p, OfficeChangedMeanwhile()
	}
	if err != nil {
		return p, s.withAppointments(ctx, err)
	}
	s.nudge()
	p.Revision = c.Revision + 1
	return p, nil
}

// EditOffice is ApplyOffice of one part.
func (s *Scheduler) EditOffice(ctx context.Context, a Actor, office string, revision int64, edit OfficeEdit) (OfficePreview, error) {
	return s.ApplyOffice(ctx, OfficeChange{Actor: a, Office: office, Revision: revision, Edit: edit})
}

// OfficeVersions lists what an office's file was, newest first. Errors:
// not_found, forbidden.
func (s *Scheduler) OfficeVersions(ctx context.Context, a Actor, code string, p Page) ([]OfficeVersion, string, error) {
	office, err := s.officeToDirect(ctx, a, code)
	if err != nil {
		return nil, "", err
	}
	return s.OfficeHistory.OfficeVersions(ctx, office.ID, p)
}

// OfficeVersion answers one version with its file. Errors: not_found, forbidden.
func (s *Scheduler) OfficeVersion(ctx context.Context, a Actor, code string, number int64) (OfficeVersion, error) {
	office, err := s.officeToDirect(ctx, a, code)
	if err != nil {
		return OfficeVersion{}, err
	}
	return s.OfficeHistory.OfficeVersion(ctx, office.ID, number)
}

// UndoOffice makes of a version the change that undoes it: the office's file
// becomes the one before that version again, whatever came after it. Give it to
// PreviewOffice or ApplyOffice. Errors: not_found, forbidden, wrong_state where
// there was nothing before.
func (s *Scheduler) UndoOffice(ctx context.Context, c OfficeChange, number int64) (OfficeChange, error) {
	office, err := s.officeToDirect(ctx, c.Actor, c.Office)
	if err != nil {
		return c, err
	}
	if _, err := s.OfficeHistory.OfficeVersion(ctx, office.ID, number); err != nil {
		return c, err
	}
	before, err := s.OfficeHistory.VersionBefore(ctx, office.ID, number)
	if CodeOf(err) == CodeNotFound {
		return c, &Error{Code: CodeWrongState, Text: Text{ZH: "这是最早的一版，前面没有可以恢复的。", EN: "this is the first version; there is nothing before it"}}
	}
	if err != nil {
		return c, err
	}
	c.File, c.Edit = before.File, nil
	if c.Note == "" {
		c.Note = fmt.Sprintf("撤销第%d版 (undo of version %d)", number, number)
	}
	return c, nil
}

// OfficeChangedMeanwhile says that somebody else changed the office first.
func OfficeChangedMeanwhile() *Error {
	return &Error{Code: CodeWrongState, Text: Text{ZH: "别人刚刚改过这里的设置，请看看最新的再改。", EN: "the office was changed meanwhile; look at it again"}}
}

// wrongFile names each thing that is wrong with a file.
func wrongFile(problems []FileProblem) *Error {
	out := Invalid("file", "", "")
	out.Fields = nil
	for _, p := range problems {
		field := FieldError{Field: p.Key, Message: Text{ZH: fmt.Sprintf("第%d行：%s", p.Line, p.What.ZH), EN: fmt.Sprintf("line %d: %s", p.Line, p.What.EN)}}
		if field.Field == "" {
			field.Field = "file"
		}
		out.Fields = append(out.Fields, field)
	}
	return out
}

// officeState is what the audit says of an office: its revision and which keys
// became others, never their values.
func officeState(revision int64, differences []string) string {
	const most = 50
	state := struct {
		Revision int64    `json:"revision"`
		Changed  []string `json:"changed,omitempty"`
	}{Revision: revision}
	for _, d := range differences[:min(len(differences), most)] {
		key, _, _ := strings.Cut(d, ": ")
		state.Changed = append(state.Changed, key)
	}
	text, err := json.Marshal(state)
	if err != nil {
		panic("encode strings and a number: " + err.Error())
	}
	return string(text)
}
