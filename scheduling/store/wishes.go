package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// sealedWish is how a person wants to be reached, as it is sealed.
type sealedWish struct {
	Number  string            `json:"number,omitempty"`
	Email   string            `json:"email,omitempty"`
	Text    bool              `json:"text,omitempty"`
	Call    bool              `json:"call,omitempty"`
	Mail    bool              `json:"mail,omitempty"`
	Neutral bool              `json:"neutral,omitempty"`
	Hours   []messages.Window `json:"hours,omitempty"`
	Locale  string            `json:"locale,omitempty"`
	Stopped bool              `json:"stopped,omitempty"`
}

func sealWish(p scheduling.Person, w *scheduling.ContactWish) ([]byte, error) {
	if w == nil {
		return nil, nil
	}
	plain, err := json.Marshal(sealedWish{
		Number: w.Number.Reveal(), Email: w.Email.Reveal(), Text: w.Text, Call: w.Call, Mail: w.Mail, Neutral: w.Neutral,
		Hours: w.Hours, Locale: w.Locale, Stopped: w.Stopped,
	})
	if err != nil {
		return nil, fmt.Errorf("encode a wish: %w", err)
	}
	return sealWith(p.Key, plain, inPerson("wish", p.ID)), nil
}

// openWish opens what a person's row has; nothing is no wish.
func openWish(key, sealed []byte, person int64) (*scheduling.ContactWish, error) {
	if len(sealed) == 0 {
		return nil, nil //nolint:nilnil // most people never say anything
	}
	plain, err := openWith(key, sealed, inPerson("wish", person))
	if err != nil {
		return nil, err
	}
	var w sealedWish
	if err := json.Unmarshal(plain, &w); err != nil {
		return nil, fmt.Errorf("decode a wish: %w", err)
	}
	return &scheduling.ContactWish{
		Number: scheduling.NewPrivate(w.Number), Email: scheduling.NewPrivate(w.Email), Text: w.Text, Call: w.Call, Mail: w.Mail, Neutral: w.Neutral,
		Hours: w.Hours, Locale: w.Locale, Stopped: w.Stopped,
	}, nil
}

// SetWish changes a wish by comparing and setting, plans the person's reminders
// anew, and returns when no handing over by the old wish can begin any more.
func (s *Store) SetWish(ctx context.Context, w scheduling.WishWrite) error {
	sealed, err := sealWish(w.Person, &w.Wish)
	if err != nil {
		return err
	}
	offices, err := s.List(ctx)
	if err != nil {
		return err
	}
	err = s.tx(ctx, w.Reply != scheduling.Digest{}, func(tx *gorm.DB) error {
		if err := rememberReply(tx, w.Reply, w.Now); err != nil {
			return err
		}
		if err := answeredBy(tx, w.Answers, messages.ReplyStop); err != nil {
			return err
		}
		if err := s.writeWish(tx, w, sealed); err != nil {
			return err
		}
		if err := s.replanOf(tx, offices, w); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
	if err != nil {
		return err
	}
	var told []int64
	if err := s.read.WithContext(ctx).Raw("SELECT id FROM appointments WHERE keeper_id = ? AND notified_id = ? AND end_at > ?", w.Person.ID, w.Person.ID, unix(w.Now)).Scan(&told).Error; err != nil {
		return fmt.Errorf("look for what the person is told of: %w", s.reading(err))
	}
	return s.settle(ctx, told)
}

// writeWish writes a wish in place of the one that it was decided on.
func (s *Store) writeWish(tx *gorm.DB, w scheduling.WishWrite, sealed []byte) error {
	var row personRow
	if err := tx.Raw("SELECT * FROM persons WHERE id = ?"+s.dialect.lock(), w.Person.ID).Scan(&row).Error; err != nil {
		return fmt.Errorf("read the person: %w", err)
	}
	if row.ID == 0 {
		return scheduling.NotFound()
	}
	person, err := s.person(row)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(person.Wish, w.Person.Wish) {
		return scheduling.ErrLost
	}
	return must(tx, "write the wish", "UPDATE persons SET wish = ? WHERE id = ?", sealed, row.ID)
}

// replanOf plans the reminders of a person's coming appointments anew. It holds
// the rules of their offices, as a booking does.
func (s *Store) replanOf(tx *gorm.DB, offices officeList, w scheduling.WishWrite) error {
	const coming = "keeper_id = ? AND notified_id = ? AND start_at > ? AND status = ?"
	args := []any{w.Person.ID, w.Person.ID, unix(w.Now), string(scheduling.Booked)}
	var at []int64
	if err := tx.Raw("SELECT DISTINCT office_id FROM appointments WHERE "+coming+" ORDER BY office_id", args...).Scan(&at).Error; err != nil {
		return fmt.Errorf("read where the person is expected: %w", err)
	}
	for _, id := range at {
		office, err := offices.byID(id)
		if err != nil {
			s.offices.forget()
			return scheduling.ErrLost
		}
		if err := s.holdRules(tx, office); err != nil {
			return err
		}
	}
	var rows []appointmentRow
	if err := tx.Raw("SELECT * FROM appointments WHERE "+coming+s.dialect.lock(), args...).Scan(&rows).Error; err != nil {
		return fmt.Errorf("read the person's appointments: %w", err)
	}
	person := w.Person
	person.Wish = &w.Wish
	for _, r := range rows {
		if !slices.Contains(at, r.OfficeID) {
			return scheduling.ErrLost // booked at this moment
		}
	}
	return s.replan(tx, rows, offices, map[int64]scheduling.Person{person.ID: person}, w.Plan, w.Now)
}

// replan writes what coming appointments owe by new rules in place of the
// reminders that were planned and are not due yet. What was sent, or is due,
// stays.
func (s *Store) replan(tx *gorm.DB, rows []appointmentRow, offices officeList, people map[int64]scheduling.Person, plan func(scheduling.Appointment) []messages.Due, now time.Time) error {
	for _, r := range rows {
		office, err := offices.byID(r.OfficeID)
		if err != nil {
			return err
		}
		a := lightly(r, office, people)
		if err := must(tx, "forget planned reminders", "DELETE FROM messages WHERE subject_kind = ? AND subject_id = ? AND revision = ? AND kind = ? AND status IN (?, ?) AND attempt = 0 AND due_at > ? AND rule IN ('', ?, ?, ?, ?, ?, ?, ?)",
			aboutAppointment, r.ID, r.Revision, string(messages.Reminder), planned, suppressed, unix(now),
			string(messages.RuleSilent), string(messages.RuleStopped), string(messages.RuleNoText), string(messages.RuleNoNeutral), string(messages.RuleQuiet), string(messages.RuleHours), string(messages.RuleSameTime)); err != nil {
			return err
		}
		if err := s.addReminders(tx, a, plan(a), now); err != nil {
			return err
		}
	}
	return nil
}

// addReminders inserts those that there are not yet.
func (s *Store) addReminders(tx *gorm.DB, a scheduling.Appointment, due []messages.Due, now time.Time) error {
	var have []messageRow
	if err := tx.Select("channel", "lead_seconds").Where("subject_kind = ? AND subject_id = ? AND revision = ? AND kind = ?", aboutAppointment, a.ID, a.Revision, string(messages.Reminder)).Find(&have).Error; err != nil {
		return fmt.Errorf("read the reminders there are: %w", err)
	}
	there := make(map[messages.Due]bool, len(have))
	for _, h := range have {
		there[messages.Due{Channel: messages.Channel(h.Channel), Lead: time.Duration(h.LeadSeconds) * time.Second}] = true
	}
	var missing []messages.Due
	for _, d := range due {
		if !there[messages.Due{Channel: d.Channel, Lead: d.Lead}] {
			missing = append(missing, d)
		}
	}
	return s.insertMessages(tx, a, time.Time{}, missing, now)
}

// lightly is as much of an appointment as a plan needs.
func lightly(r appointmentRow, office *scheduling.Office, people map[int64]scheduling.Person) scheduling.Appointment {
	a := scheduling.Appointment{ID: r.ID, Reference: r.Reference, Office: office, Status: scheduling.Status(r.Status), Start: at(r.StartAt), End: at(r.EndAt), Silent: r.Silent == 1, Locale: r.Locale, Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
	a.Service, _ = office.ServiceByID(r.ServiceID)
	a.Notified = people[r.NotifiedID]
	a.Notified.ID = r.NotifiedID
	return a
}
