package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// repliesKept is how long a reply is remembered, so that one that is pushed
// twice counts once.
const repliesKept = 72 * time.Hour

// Asked lists the coming appointments about which a message to the number asked
// for a reply since then, each with its last message, and the office of the
// last such message, or else of the number's latest appointment. A message about
// a time that is no more asks for nothing.
func (s *Store) Asked(ctx context.Context, from scheduling.Private, since, now time.Time) ([]scheduling.Asked, int64, error) {
	var rows []struct {
		MessageID, OfficeID, AppointmentID int64
		Revision                           int
	}
	err := s.read.WithContext(ctx).Raw("SELECT d.message_id, d.office_id, d.appointment_id, m.revision FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.to_hash IN ? AND d.handed_at >= ? ORDER BY d.handed_at, d.message_id",
		s.keys.digests("phone", from.Reveal()), unix(since)).Scan(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read what asked for a reply: %w", s.reading(err))
	}
	if len(rows) == 0 {
		office, err := s.lastOfficeOf(ctx, from)
		return nil, office, err
	}
	type asking struct {
		appointment int64
		revision    int
	}
	last := make(map[asking]int64, len(rows))
	var ids []int64
	for _, d := range rows {
		last[asking{d.AppointmentID, d.Revision}] = d.MessageID
		ids = append(ids, d.AppointmentID)
	}
	var found []appointmentRow
	err = s.read.WithContext(ctx).Where("id IN ? AND status = ? AND start_at > ?", distinct(ids), string(scheduling.Booked), unix(now)).Find(&found).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read what was asked about: %w", s.reading(err))
	}
	appointments, err := s.complete(ctx, found)
	if err != nil {
		return nil, 0, err
	}
	out := make([]scheduling.Asked, 0, len(appointments))
	for _, a := range appointments {
		if id, ok := last[asking{a.ID, a.Revision}]; ok {
			out = append(out, scheduling.Asked{MessageID: id, Appointment: a})
		}
	}
	return out, rows[len(rows)-1].OfficeID, nil
}

// lastOfficeOf is the office of the latest appointment of a number that counts;
// 0: there is none.
func (s *Store) lastOfficeOf(ctx context.Context, number scheduling.Private) (int64, error) {
	person, err := s.ByPhone(ctx, number)
	if scheduling.CodeOf(err) == scheduling.CodeNotFound {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var office int64
	err = s.read.WithContext(ctx).Raw("SELECT office_id FROM appointments WHERE keeper_id = ? AND asker_id = ? ORDER BY start_at DESC LIMIT 1", person.ID, person.ID).Scan(&office).Error
	return office, s.reading(err)
}

// TakeReply writes what a reply did, once.
func (s *Store) TakeReply(ctx context.Context, w scheduling.ReplyWrite) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		if err := rememberReply(tx, w.ID, w.Now); err != nil {
			return err
		}
		if w.Confirmed {
			a := w.Confirm.Appointment
			n, err := exec(tx, "UPDATE appointments SET confirmed_at = ? WHERE id = ? AND revision = ? AND status = ?", unix(w.Now), a.ID, a.Revision, string(scheduling.Booked))
			if err := lostUnless(n == 1, err, "note that they come"); err != nil {
				return err
			}
			if err := answeredBy(tx, w.Confirm.MessageID, messages.ReplyConfirm); err != nil {
				return err
			}
			return insertAudit(tx, w.Audit)
		}
		if err := s.insertTasks(tx, []taskRow{s.replyTask(w)}); err != nil {
			return err
		}
		if err := answeredBy(tx, w.Confirm.MessageID, messages.Reply(w.Task.Reason)); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// rememberReply is ErrAnswered for one that was taken before.
func rememberReply(tx *gorm.DB, id scheduling.Digest, now time.Time) error {
	if id == (scheduling.Digest{}) {
		return nil
	}
	err := must(tx, "remember the reply", "INSERT INTO replies (id, created_at) VALUES (?, ?)", id[:], unix(now))
	if duplicate(err) {
		return scheduling.ErrAnswered
	}
	return err
}

// answeredBy notes in the ledger what was replied to a message; 0: to none.
func answeredBy(tx *gorm.DB, message int64, what messages.Reply) error {
	if message == 0 {
		return nil
	}
	return must(tx, "note the answer", "UPDATE deliveries SET answered = ? WHERE message_id = ?", string(what), message)
}

func (s *Store) replyTask(w scheduling.ReplyWrite) taskRow {
	t := w.Task
	return taskRow{
		ID: t.ID, NameKey: "reply:" + strconv.FormatInt(t.ID, 10), OfficeID: t.OfficeID, Kind: string(t.Kind),
		AppointmentID: w.Confirm.Appointment.ID, PersonID: w.Person, MessageID: w.Confirm.MessageID, Reason: t.Reason,
		Phone: s.keys.sealMaster([]byte(t.Phone.Reveal()), inTask("phone", t.ID)),
		Text:  s.keys.sealMaster([]byte(clip(t.Text.Reveal(), 500)), inTask("text", t.ID)),
		DueAt: unix(t.DueAt), UntilAt: unix(t.Until), CreatedAt: unix(t.CreatedAt),
	}
}

// keepPlace turns the place of an appointment that was cancelled by reply into
// a hold, and tells the desk.
func (s *Store) keepPlace(tx *gorm.DB, w scheduling.AdvanceWrite) error {
	a := w.Old
	hold := holdRow{
		ID: w.KeepID, Secret: randomSecret(), OfficeID: a.Office.ID, ServiceID: a.Service.ID, SessionID: a.Session.ID,
		StartAt: unix(a.Start), Heads: a.Heads, ExpiresAt: unix(w.KeepUntil),
		WishCounsellor: a.Wish.Counsellor, WishGender: a.Wish.Gender, WishAccessible: flag(a.Wish.Accessible),
	}
	if err := tx.Create(&hold).Error; err != nil {
		return fmt.Errorf("keep the time: %w", err)
	}
	return s.insertTasks(tx, []taskRow{{
		ID: newID(w.Now), NameKey: "given_up:" + strconv.FormatInt(hold.ID, 10), OfficeID: a.Office.ID, Kind: string(scheduling.TaskGivenUp),
		AppointmentID: a.ID, PersonID: a.Notified.ID, HoldID: hold.ID, Reason: "cancel",
		DueAt: unix(w.Now), UntilAt: unix(w.KeepUntil), CreatedAt: unix(w.Now),
	}})
}
