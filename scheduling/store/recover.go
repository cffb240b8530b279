package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// RecoverLost makes claims whose lease has ended unknown, or plans them again
// where the office has reminders of unknown outcome sent again. Each that may
// so come twice is marked. All count as sent, since they may have been.
func (s *Store) RecoverLost(ctx context.Context) (int, error) {
	var rows []messageRow
	err := s.read.WithContext(ctx).Where("status = ? AND lease_until < "+s.dialect.clock(), claimed).Limit(500).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, s.reading(err)
	}
	offices, err := s.List(ctx)
	if err != nil {
		return 0, err
	}
	about, err := s.about(s.read.WithContext(ctx), rows)
	if err != nil {
		return 0, s.reading(err)
	}
	now := unix(s.now().UTC())
	return len(rows), s.tx(ctx, true, func(tx *gorm.DB) error {
		var deliveries []deliveryRow
		counts := make(map[countKey]int)
		for _, r := range rows {
			office, err := officeList(offices).byID(r.OfficeID)
			if err != nil {
				s.offices.forget()
				return fmt.Errorf("recover a lost message: %w", err)
			}
			found, err := s.recover(tx, r, office.ResendUnknown, now)
			if err != nil {
				return err
			}
			if found {
				lost := s.perhapsSent(r, office, about)
				lost.count(office, at(r.UpdatedAt), counts)
				deliveries = append(deliveries, lostDelivery(lost, r.UpdatedAt))
			}
		}
		return s.insertTogether(tx, "write what may have gone", insertDeliveries(deliveries, s.dialect.ignore(), ""), s.adding(counts))
	})
}

// recover writes what becomes of a lost claim; false: somebody else has.
func (s *Store) recover(tx *gorm.DB, r messageRow, resend bool, now int64) (bool, error) {
	status, rule := unknown, ""
	if resend && r.Kind == string(messages.Reminder) {
		status, rule = planned, ResendRule
	}
	n, err := exec(tx, "UPDATE messages SET status = ?, rule = ?, detail = 'the sender was lost', updated_at = ? WHERE id = ? AND claim = ? AND status = ?",
		status, rule, now, r.ID, r.Claim, claimed)
	if err != nil {
		return false, fmt.Errorf("recover a lost message: %w", err)
	}
	return n > 0, nil
}

// perhapsSent is what a lost sender may have done with a message when it was
// claimed: at its dearest, and taken from the ceilings then.
func (s *Store) perhapsSent(r messageRow, o *scheduling.Office, about subject) MessageOutcome {
	m := s.message(r, o, about)
	m.reserved = s.ceilings(&m, o, at(r.UpdatedAt))
	out := MessageOutcome{ID: r.ID, Claim: r.Claim, Status: unknown, Of: &m}
	for i := range m.Forms {
		if m.cost(i) > m.cost(out.Form) {
			out.Form = i
		}
	}
	return out
}

// lostDelivery stands for what a lost sender may have handed over, so that a
// receipt for it finds a place; that of an earlier try is one already.
func lostDelivery(lost MessageOutcome, claimedAt int64) deliveryRow {
	d := lost.Of.delivery
	d.Segments, d.HandedAt = lost.Of.cost(lost.Form), claimedAt
	return d
}
