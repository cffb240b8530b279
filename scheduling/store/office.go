package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
)

type officeRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	Code      string
	Revision  int64
	Document  string
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (officeRow) TableName() string { return "offices" }

// The kinds of numbered things of an office.
const (
	roomThing    = 1
	staffThing   = 2
	serviceThing = 3
)

type resourceRow struct {
	ID       int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID int64
	Kind     int
	Code     string
	NameZH   string `gorm:"column:name_zh"`
	NameEN   string `gorm:"column:name_en"`
	Removed  int
}

func (resourceRow) TableName() string { return "resources" }

func (r resourceRow) text() scheduling.Text { return scheduling.Text{ZH: r.NameZH, EN: r.NameEN} }

// officeCache holds the offices as they were read last. A booking tests the
// revision it was decided on, so an old value is found out; a search may be
// as old as officeFresh.
type officeCache struct {
	mu     sync.Mutex
	list   []*scheduling.Office
	readAt time.Time
}

const officeFresh = time.Second

func (c *officeCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list, c.readAt = nil, time.Time{}
}

// List gives every office by its code.
func (s *Store) List(ctx context.Context) ([]*scheduling.Office, error) {
	c := &s.offices
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list != nil && s.now().Sub(c.readAt).Abs() < officeFresh {
		return c.list, nil
	}
	readAt := s.now()
	fresh, err := s.readOffices(ctx, c.list)
	if err != nil {
		return nil, err
	}
	c.list, c.readAt = fresh, readAt
	return fresh, nil
}

// readOffices reads every office, and parses those whose revision rose.
func (s *Store) readOffices(ctx context.Context, known []*scheduling.Office) ([]*scheduling.Office, error) {
	var rows []officeRow
	if err := s.read.WithContext(ctx).Select("id", "code", "revision").Order("code").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the offices: %w", s.reading(err))
	}
	out := make([]*scheduling.Office, 0, len(rows))
	var fresh []*scheduling.Office
	for _, r := range rows {
		i := slices.IndexFunc(known, func(o *scheduling.Office) bool { return o.ID == r.ID && o.Revision == r.Revision })
		if i >= 0 {
			out = append(out, known[i])
			continue
		}
		office, err := s.readOffice(s.read.WithContext(ctx), r.ID)
		if err != nil {
			return nil, err
		}
		out, fresh = append(out, office), append(fresh, office)
	}
	return out, s.giveCalendar(ctx, fresh)
}

// giveCalendar gives offices the legal calendar. It is read after them: one that
// is newer than their revisions makes these rise, and they are read again.
func (s *Store) giveCalendar(ctx context.Context, offices []*scheduling.Office) error {
	if len(offices) == 0 {
		return nil
	}
	legal, err := s.statutory(s.read.WithContext(ctx))
	for _, o := range offices {
		o.Statutory = legal
	}
	return err
}

func (s *Store) readOffice(db *gorm.DB, id int64) (*scheduling.Office, error) {
	var row officeRow
	if err := db.Where("id = ?", id).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("read the office: %w", s.reading(err))
	}
	var things []resourceRow
	if err := db.Where("office_id = ?", id).Find(&things).Error; err != nil {
		return nil, fmt.Errorf("read the office's numbers: %w", s.reading(err))
	}
	office, err := s.parse(row.Code, []byte(row.Document))
	if err != nil {
		return nil, fmt.Errorf("read the stored office file of %s: %w", row.Code, err)
	}
	office.ID, office.Revision = row.ID, row.Revision
	number(office, things)
	return office, numberTexts(db, office)
}

// number gives rooms, services and staff their ids.
func number(o *scheduling.Office, things []resourceRow) {
	ids := make(map[resourceKey]int64, len(things))
	for _, t := range things {
		ids[resourceKey{t.Kind, t.Code}] = t.ID
	}
	for i := range o.Rooms {
		o.Rooms[i].ID = ids[resourceKey{roomThing, o.Rooms[i].Code}]
	}
	for i := range o.Services {
		o.Services[i].ID = ids[resourceKey{serviceThing, o.Services[i].Code}]
	}
	for i := range o.Staff {
		o.Staff[i].ID = ids[resourceKey{staffThing, o.Staff[i].Username}]
	}
}

type resourceKey struct {
	kind int
	code string
}

// Office finds an office by its code.
func (s *Store) Office(ctx context.Context, code string) (*scheduling.Office, error) {
	return s.officeWhere(ctx, func(o *scheduling.Office) bool { return o.Code == code })
}

// Fresh finds an office as it is now.
func (s *Store) Fresh(ctx context.Context, code string) (*scheduling.Office, error) {
	s.offices.mu.Lock()
	s.offices.readAt = time.Time{}
	s.offices.mu.Unlock()
	return s.Office(ctx, code)
}

// OfficeByID finds an office by its number.
func (s *Store) OfficeByID(ctx context.Context, id int64) (*scheduling.Office, error) {
	return s.officeWhere(ctx, func(o *scheduling.Office) bool { return o.ID == id })
}

func (s *Store) officeWhere(ctx context.Context, is func(*scheduling.Office) bool) (*scheduling.Office, error) {
	offices, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(offices, is)
	if i < 0 {
		return nil, scheduling.NotFound()
	}
	return offices[i], nil
}

// Document is an office's file as it was applied.
func (s *Store) Document(ctx context.Context, code string) ([]byte, error) {
	var rows []officeRow
	if err := s.read.WithContext(ctx).Where("code = ?", code).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the office: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return nil, scheduling.NotFound()
	}
	return []byte(rows[0].Document), nil
}

// Apply writes an office file. The office's row is written first: bookings
// hold it as they read it, so each is either seen here or decided again on the
// new rules.
func (s *Store) Apply(ctx context.Context, w scheduling.OfficeWrite) error {
	defer s.offices.forget()
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		_, err := s.apply(tx, w)
		return err
	})
}

// apply is Apply within a transaction; it answers the office's number.
func (s *Store) apply(tx *gorm.DB, w scheduling.OfficeWrite) (int64, error) {
	old, same, err := sameDocument(tx, w)
	if same || err != nil {
		return old.ID, err
	}
	row, err := s.writeOffice(tx, w)
	if err != nil {
		return 0, err
	}
	if err := s.numberThings(tx, row.ID, w); err != nil {
		return 0, err
	}
	if err := s.keepVersion(tx, old, row, w); err != nil {
		return 0, err
	}
	if err := s.recountCitizens(tx, row.ID, w); err != nil {
		return 0, err
	}
	if err := s.versionTexts(tx, row.ID, w); err != nil {
		return 0, err
	}
	if err := s.replanOffice(tx, row.ID, w); err != nil {
		return 0, err
	}
	w.Audit.OfficeID = row.ID
	return row.ID, insertAudit(tx, w.Audit)
}

// numberThings numbers what the file has, and removes what it has no more.
func (s *Store) numberThings(tx *gorm.DB, office int64, w scheduling.OfficeWrite) error {
	var things []resourceRow
	if err := tx.Where("office_id = ?", office).Find(&things).Error; err != nil {
		return fmt.Errorf("read the office's numbers: %w", err)
	}
	wanted := wantedThings(office, w.Office, w.Now)
	if err := removeThings(tx, w, things, wanted); err != nil {
		return err
	}
	for _, t := range wanted {
		if err := must(tx, "number the office's things", "INSERT INTO resources (id, office_id, kind, code, name_zh, name_en, removed) VALUES (?, ?, ?, ?, ?, ?, 0)"+
			s.dialect.upsert("office_id, kind, code", "name_zh", "name_en", "removed"), t.ID, t.OfficeID, t.Kind, t.Code, t.NameZH, t.NameEN); err != nil {
			return err
		}
	}
	return nil
}

// sameDocument answers the office as it was, its ID zero where there was none,
// and says whether it is already as it is to be: then nothing is written, not
// even a revision.
func sameDocument(tx *gorm.DB, w scheduling.OfficeWrite) (old officeRow, same bool, err error) {
	var rows []officeRow
	if err := tx.Where("code = ?", w.Office.Code).Find(&rows).Error; err != nil {
		return old, false, fmt.Errorf("read the office: %w", err)
	}
	if w.Expected != 0 && (len(rows) == 0 || rows[0].Revision != w.Expected) {
		return old, false, scheduling.ErrLost
	}
	if len(rows) == 0 {
		return old, false, nil
	}
	return rows[0], rows[0].Document == string(w.Document), nil
}

func (s *Store) writeOffice(tx *gorm.DB, w scheduling.OfficeWrite) (officeRow, error) {
	n, err := exec(tx, "UPDATE offices SET document = ?, revision = revision + 1, updated_at = ? WHERE code = ? AND (? = 0 OR revision = ?)",
		string(w.Document), unix(w.Now), w.Office.Code, w.Expected, w.Expected)
	if err != nil {
		return officeRow{}, fmt.Errorf("write the office: %w", err)
	}
	if n == 0 && w.Expected != 0 {
		return officeRow{}, scheduling.ErrLost
	}
	if n == 0 {
		row := officeRow{ID: newID(w.Now), Code: w.Office.Code, Revision: 1, Document: string(w.Document), UpdatedAt: unix(w.Now)}
		return row, tx.Create(&row).Error
	}
	var row officeRow
	return row, tx.Where("code = ?", w.Office.Code).Take(&row).Error
}

func wantedThings(office int64, o *scheduling.Office, now time.Time) []resourceRow {
	var out []resourceRow
	add := func(kind int, code string, name scheduling.Text) {
		out = append(out, resourceRow{ID: newID(now), OfficeID: office, Kind: kind, Code: code, NameZH: name.ZH, NameEN: name.EN})
	}
	for _, r := range o.Rooms {
		add(roomThing, r.Code, r.Name)
	}
	for _, m := range o.Staff {
		add(staffThing, m.Username, m.Name)
	}
	for _, v := range o.Services {
		add(serviceThing, v.Code, v.Name)
	}
	return out
}

// longestSession is longer than any: what began before that is over.
const longestSession = 25 * time.Hour

// removeThings marks what the file no longer has, and refuses it for what has
// coming appointments.
func removeThings(tx *gorm.DB, w scheduling.OfficeWrite, have, wanted []resourceRow) error {
	var inTheWay []appointmentRow
	for _, t := range have {
		if slices.ContainsFunc(wanted, func(x resourceRow) bool { return x.Kind == t.Kind && x.Code == t.Code }) {
			continue
		}
		column := map[int]string{roomThing: "s.room_id", staffThing: "s.counsellor_id", serviceThing: "s.service_id"}[t.Kind]
		var rows []appointmentRow
		err := tx.Raw("SELECT a.* FROM appointments a JOIN sessions s ON s.id = a.session_id WHERE a.office_id = ? AND a.start_at > ? AND "+column+" = ? AND a.end_at > ? AND a.status IN ('booked', 'checked_in', 'in_session')",
			t.OfficeID, unix(w.Now.Add(-longestSession)), t.ID, unix(w.Now)).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("look for coming appointments: %w", err)
		}
		inTheWay = append(inTheWay, rows...)
		if err := must(tx, "remove from the office", "UPDATE resources SET removed = 1 WHERE id = ?", t.ID); err != nil {
			return err
		}
		if err := must(tx, "end holds of what is removed", "UPDATE holds SET expires_at = ? WHERE expires_at > ? AND session_id IN (SELECT s.id FROM sessions s WHERE "+column+" = ?)", unix(w.Now), unix(w.Now), t.ID); err != nil {
			return err
		}
		if t.Kind == staffThing {
			if err := must(tx, "end the log-ins of who is removed", "DELETE FROM staff_tokens WHERE staff_id = ?", t.ID); err != nil {
				return err
			}
		}
	}
	if len(inTheWay) == 0 {
		return nil
	}
	return scheduling.InUse(referencesOf(inTheWay))
}

// referencesOf names appointments by their reference and times alone: what is
// wanted inside a transaction, where nothing else may be read.
func referencesOf(rows []appointmentRow) []scheduling.Appointment {
	seen := make(map[int64]bool, len(rows))
	var out []scheduling.Appointment
	for _, r := range rows {
		if !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, scheduling.Appointment{ID: r.ID, Reference: r.Reference, Status: scheduling.Status(r.Status), Start: at(r.StartAt), End: at(r.EndAt)})
		}
	}
	return out
}

// resourceName is the name of a room, service or person that the office may no
// longer have.
func (s *Store) resourceName(ctx context.Context, id int64) (resourceRow, error) {
	var row resourceRow
	if err := s.read.WithContext(ctx).Where("id = ?", id).Take(&row).Error; err != nil {
		return row, fmt.Errorf("read a removed name: %w", s.reading(err))
	}
	return row, nil
}
