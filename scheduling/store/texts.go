package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

type textVersionRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID  int64
	Kind      string
	Locale    string
	Neutral   int
	Version   int
	Body      string // empty: the built-in text again
	Codes     string // JSON
	Author    string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (textVersionRow) TableName() string { return "text_versions" }

func (r textVersionRow) key() messages.Key {
	return messages.Key{Kind: messages.Kind(r.Kind), Locale: messages.Locale(r.Locale), Neutral: r.Neutral == 1}
}

// latestTexts are the last versions of an office's texts.
func latestTexts(db *gorm.DB, office int64) (map[messages.Key]textVersionRow, error) {
	var rows []textVersionRow
	if err := db.Where("office_id = ?", office).Order("version").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the versions of texts: %w", err)
	}
	out := make(map[messages.Key]textVersionRow, len(rows))
	for _, r := range rows {
		out[r.key()] = r
	}
	return out, nil
}

// numberTexts gives an office's own texts their versions.
func numberTexts(db *gorm.DB, o *scheduling.Office) error {
	if len(o.Texts.Templates) == 0 {
		return nil
	}
	latest, err := latestTexts(db, o.ID)
	if err != nil {
		return err
	}
	for i := range o.Texts.Templates {
		t := &o.Texts.Templates[i]
		t.Version = latest[t.Key].Version
	}
	return nil
}

// versionTexts writes down every text that has become another one, by whichever
// door.
func (s *Store) versionTexts(tx *gorm.DB, office int64, w scheduling.OfficeWrite) error {
	latest, err := latestTexts(tx, office)
	if err != nil {
		return err
	}
	var rows []textVersionRow
	add := func(k messages.Key, body, codes string) {
		rows = append(rows, textVersionRow{
			ID: newID(w.Now), OfficeID: office, Kind: string(k.Kind), Locale: string(k.Locale), Neutral: flag(k.Neutral),
			Version: latest[k].Version + 1, Body: body, Codes: codes, Author: w.Author, CreatedAt: unix(w.Now),
		})
	}
	kept := make(map[messages.Key]bool)
	for _, t := range w.Office.Texts.Templates {
		codes, err := encodeCodes(t.Codes)
		if err != nil {
			return err
		}
		kept[t.Key] = true
		if was := latest[t.Key]; was.Body != t.Body || was.Codes != codes {
			add(t.Key, t.Body, codes)
		}
	}
	for k, was := range latest {
		if !kept[k] && was.Body != "" {
			add(k, "", "")
		}
	}
	return s.insertTogether(tx, "write the versions of texts", rows)
}

// encodeCodes writes approval codes; none are nothing.
func encodeCodes(codes map[string]string) (string, error) {
	if len(codes) == 0 {
		return "", nil
	}
	text, err := json.Marshal(codes)
	if err != nil {
		return "", fmt.Errorf("encode approval codes: %w", err)
	}
	return string(text), nil
}

// TextVersions lists the versions of one text, newest first.
func (s *Store) TextVersions(ctx context.Context, office int64, k messages.Key) ([]scheduling.TextVersion, error) {
	var rows []textVersionRow
	err := s.read.WithContext(ctx).Where("office_id = ? AND kind = ? AND locale = ? AND neutral = ?", office, string(k.Kind), string(k.Locale), flag(k.Neutral)).
		Order("version DESC").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the versions of a text: %w", s.reading(err))
	}
	out := make([]scheduling.TextVersion, 0, len(rows))
	for _, r := range rows {
		v := scheduling.TextVersion{Template: messages.Template{Key: k, Version: r.Version, Body: r.Body}, Author: r.Author, CreatedAt: at(r.CreatedAt)}
		if r.Codes != "" {
			if err := json.Unmarshal([]byte(r.Codes), &v.Template.Codes); err != nil {
				return nil, fmt.Errorf("decode approval codes: %w", err)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// replanOffice plans the reminders of an office's coming appointments by its
// new rules. Its row is written by then, so that no booking under the old ones
// can slip in.
func (s *Store) replanOffice(tx *gorm.DB, id int64, w scheduling.OfficeWrite) error {
	if w.Plan == nil {
		return nil
	}
	var things []resourceRow
	if err := tx.Where("office_id = ?", id).Find(&things).Error; err != nil {
		return fmt.Errorf("read the office's numbers: %w", err)
	}
	office := *w.Office
	office.ID = id
	office.Services = append([]scheduling.Service(nil), office.Services...)
	office.Rooms = append([]scheduling.Room(nil), office.Rooms...)
	office.Staff = append([]scheduling.Staff(nil), office.Staff...)
	number(&office, things)
	for after := int64(0); ; {
		var rows []appointmentRow
		err := tx.Raw("SELECT * FROM appointments WHERE office_id = ? AND start_at > ? AND status = ? AND id > ? ORDER BY id LIMIT ?"+s.dialect.lock(), id, unix(w.Now), string(scheduling.Booked), after, eraseBatch).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("read what is coming: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := s.replanBatch(tx, rows, &office, w.Plan, w.Now); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (s *Store) replanBatch(tx *gorm.DB, rows []appointmentRow, office *scheduling.Office, plan func(scheduling.Appointment) []messages.Due, now time.Time) error {
	ids := make([]int64, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.NotifiedID)
	}
	people, err := s.peopleIn(tx, distinct(ids))
	if err != nil {
		return err
	}
	return s.replan(tx, rows, officeList{office}, people, plan, now)
}
