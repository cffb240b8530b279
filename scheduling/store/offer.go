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

type offerRow struct {
	ID            int64 `gorm:"primaryKey;autoIncrement:false"`
	AppointmentID int64
	OfficeID      int64
	Revision      int
	State         int
	Deadline      int64
	Hold1         int64 `gorm:"column:hold_1"`
	Hold2         int64 `gorm:"column:hold_2"`
	Hold3         int64 `gorm:"column:hold_3"`
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
}

func (offerRow) TableName() string { return "offers" }

func (r offerRow) holds() []int64 {
	var out []int64
	for _, id := range []int64{r.Hold1, r.Hold2, r.Hold3} {
		if id != 0 {
			out = append(out, id)
		}
	}
	return out
}

// MakeOffer keeps the times, writes the offer, and what tells of it.
func (s *Store) MakeOffer(ctx context.Context, w scheduling.OfferWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		a := w.Appointment
		if err := s.begin(tx, w.Remember, a.Office, w.Now); err != nil {
			return err
		}
		var same []int64
		err := tx.Raw("SELECT id FROM appointments WHERE id = ? AND revision = ? AND status = ?"+s.dialect.share(), a.ID, a.Revision, string(scheduling.Booked)).Scan(&same).Error
		if err := lostUnless(len(same) == 1, err, "hold the appointment"); err != nil {
			return err
		}
		row := offerRow{
			ID: w.Offer.ID, AppointmentID: a.ID, OfficeID: a.Office.ID, Revision: w.Offer.Revision, State: int(scheduling.OfferOpen),
			Deadline: unix(w.Offer.Deadline), CreatedAt: unix(w.Now),
		}
		for i, h := range w.Holds {
			*[]*int64{&row.Hold1, &row.Hold2, &row.Hold3}[i] = h.ID
			if err := s.keepOffered(tx, h, w.Now); err != nil {
				return err
			}
		}
		if err := s.insertTogether(tx, "write the offer", []offerRow{row}); err != nil {
			return err
		}
		if err := s.insertMessages(tx, a, time.Time{}, w.Messages, w.Now); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

func (s *Store) keepOffered(tx *gorm.DB, w scheduling.HoldWrite, now time.Time) error {
	rows, err := s.takeSeat(tx, w.Seat, w.Heads, now)
	if err != nil {
		return err
	}
	return s.insertTogether(tx, "keep a time that is offered", append(rows, []holdRow{s.holdToRow(w)})...)
}

// OfferOf is the last offer about an appointment, with the times that are still
// kept for it.
func (s *Store) OfferOf(ctx context.Context, appointment int64) (scheduling.Offer, error) {
	var rows []offerRow
	if err := s.read.WithContext(ctx).Where("appointment_id = ?", appointment).Order("revision DESC").Limit(1).Find(&rows).Error; err != nil {
		return scheduling.Offer{}, fmt.Errorf("read the offer: %w", s.reading(err))
	}
	if len(rows) == 0 {
		return scheduling.Offer{}, scheduling.NotFound()
	}
	r := rows[0]
	out := scheduling.Offer{ID: r.ID, Revision: r.Revision, State: scheduling.OfferState(r.State), Deadline: at(r.Deadline)}
	if out.State != scheduling.OfferOpen {
		return out, nil
	}
	var holds []holdRow
	if err := s.read.WithContext(ctx).Where("id IN ?", r.holds()).Order("start_at, id").Find(&holds).Error; err != nil {
		return out, fmt.Errorf("read what is kept for the offer: %w", s.reading(err))
	}
	for _, h := range holds {
		kept, err := s.heldTime(ctx, h)
		if err != nil {
			return out, err
		}
		out.Times = append(out.Times, kept)
	}
	return out, nil
}

// WithdrawOffer gives an open offer's times back.
func (s *Store) WithdrawOffer(ctx context.Context, id int64, e scheduling.AuditEntry) error {
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		ended, err := s.endOffer(tx, id, scheduling.OfferWithdrawn)
		if err != nil {
			return err
		}
		if !ended {
			return scheduling.WrongState()
		}
		return insertAudit(tx, e)
	})
}

// endOffer ends an open offer and gives its times back; false: another was first.
func (s *Store) endOffer(tx *gorm.DB, id int64, to scheduling.OfferState) (bool, error) {
	n, err := exec(tx, "UPDATE offers SET state = ? WHERE id = ? AND state = ?", int(to), id, int(scheduling.OfferOpen))
	if err != nil || n == 0 {
		return false, err
	}
	var row offerRow
	if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
		return false, fmt.Errorf("read the offer: %w", err)
	}
	if err := must(tx, "tell of it no more", "UPDATE messages SET status = ?, rule = 'withdrawn' WHERE subject_kind = ? AND subject_id = ? AND revision = ? AND kind = ? AND status = ?",
		suppressed, aboutAppointment, row.AppointmentID, row.Revision, string(messages.Offer), planned); err != nil {
		return false, err
	}
	return true, giveHoldsBack(tx, row.holds())
}

func giveHoldsBack(tx *gorm.DB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	var holds []holdRow
	if err := tx.Where("id IN ?", ids).Order("id").Find(&holds).Error; err != nil {
		return fmt.Errorf("read what was kept: %w", err)
	}
	for _, h := range holds {
		if _, err := giveHoldBack(tx, h); err != nil {
			return err
		}
	}
	return nil
}

// takeOffer ends an offer with the move that takes one of its times.
func takeOffer(tx *gorm.DB, o scheduling.OfferEnd, now time.Time) error {
	if o.ID == 0 {
		return nil
	}
	n, err := exec(tx, "UPDATE offers SET state = ? WHERE id = ? AND state = ? AND deadline > ?", int(scheduling.OfferTaken), o.ID, int(scheduling.OfferOpen), unix(now))
	if err := lostUnless(n == 1, err, "take the offer"); err != nil {
		return err
	}
	return giveHoldsBack(tx, o.Drop)
}

// LapseOffers ends the offers whose deadline has passed, and those whose
// appointment is no longer as it was; a bounded number at a time. Whoever did not
// choose is to be called.
func (s *Store) LapseOffers(ctx context.Context) (int, error) {
	now := s.now().UTC()
	var rows []offerRow
	err := s.read.WithContext(ctx).Raw(`SELECT o.* FROM offers o JOIN appointments a ON a.id = o.appointment_id
		WHERE o.state = ? AND (o.deadline <= ? OR a.revision <> o.revision OR a.status <> ?) LIMIT 100`,
		int(scheduling.OfferOpen), unix(now), string(scheduling.Booked)).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, s.reading(err)
	}
	offices, err := s.List(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if err := s.tx(ctx, true, func(tx *gorm.DB) error { return s.lapse(tx, offices, r, now) }); err != nil {
			return 0, fmt.Errorf("end an offer: %w", err)
		}
	}
	return len(rows), nil
}

func (s *Store) lapse(tx *gorm.DB, offices officeList, r offerRow, now time.Time) error {
	ended, err := s.endOffer(tx, r.ID, scheduling.OfferLapsed)
	if err != nil || !ended {
		return err
	}
	var rows []appointmentRow
	if err := tx.Raw("SELECT * FROM appointments WHERE id = ? AND revision = ? AND status = ?", r.AppointmentID, r.Revision, string(scheduling.Booked)).Scan(&rows).Error; err != nil {
		return fmt.Errorf("read what was offered another time: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	a := rows[0]
	office, err := offices.byID(a.OfficeID)
	if err != nil {
		s.offices.forget()
		return err
	}
	people, err := s.peopleIn(tx, distinct([]int64{a.NotifiedID}))
	if err != nil {
		return err
	}
	return s.insertTasks(tx, []taskRow{{
		ID: newID(now), NameKey: "offer:" + strconv.FormatInt(r.ID, 10), OfficeID: a.OfficeID, Kind: string(scheduling.TaskCall), AppointmentID: a.ID,
		PersonID: a.NotifiedID, Reason: scheduling.ReasonOfferLapsed, DueAt: unix(people[a.NotifiedID].Reach(false).MayCallAt(now, office.Location)),
		UntilAt: a.EndAt, CreatedAt: unix(now),
	}})
}
