package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// Move gives an appointment another seat: the old one is left first, so that
// the new time may overlap it, and a refusal rolls all of it back.
func (s *Store) Move(ctx context.Context, w scheduling.MoveWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		a := w.Appointment
		if err := s.begin(tx, w.Remember, a.Office, w.Now); err != nil {
			return err
		}
		n, err := exec(tx, "UPDATE appointments SET session_id = ?, start_at = ?, end_at = ?, claim_end = ?, revision = ?, by_citizen = ?, confirmed_at = 0, updated_at = ? WHERE id = ? AND revision = ? AND status = ? AND session_id = ?",
			a.Session.ID, unix(a.Start), unix(a.End), unix(a.End), a.Revision, flag(a.ByCitizen), unix(w.Now),
			a.ID, w.Old.Revision, string(w.Old.Status), w.Old.Session.ID)
		if err := lostUnless(n == 1, err, "move the appointment"); err != nil {
			return err
		}
		if err := leave(tx, w.Old); err != nil {
			return err
		}
		rows, err := s.takeSeat(tx, w.Seat, a.Heads, w.Now)
		if err != nil {
			return err
		}
		if err := s.insertTogether(tx, "insert the session", rows...); err != nil {
			return err
		}
		if err := claimPerson(tx, w.PersonClaims); err != nil {
			return err
		}
		if err := s.recount(tx, a, w.Now); err != nil {
			return err
		}
		if err := s.tellMove(tx, w); err != nil {
			return err
		}
		if err := takeOffer(tx, w.Offer, w.Now); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

// tellMove writes what a move owes, and what may be taken back of it; or takes
// a move back itself.
func (s *Store) tellMove(tx *gorm.DB, w scheduling.MoveWrite) error {
	a := w.Appointment
	if w.Untell != nil {
		if err := forgetChange(tx, a.ID); err != nil {
			return err
		}
		return s.untell(tx, w.Old, a, w.Untell, w.Messages, w.Now)
	}
	if err := suppress(tx, a.ID, w.Old.Revision, "moved", w.Now); err != nil {
		return err
	}
	if err := s.insertMessages(tx, a, w.Old.Start, w.Messages, w.Now); err != nil {
		return err
	}
	return s.noteChange(tx, w.Change)
}

// leave gives an appointment's seat and its person's time back.
func leave(tx *gorm.DB, a scheduling.Appointment) error {
	if err := leaveSession(tx, a.Session.ID, a.Heads, a.ByCitizen); err != nil {
		return err
	}
	return freePerson(tx, a, calendar.Span{From: a.Start, To: a.End})
}

func freePerson(tx *gorm.DB, a scheduling.Appointment, span calendar.Span) error {
	if a.Asker.ID == 0 {
		return nil
	}
	return clearBusy(tx, []scheduling.Resource{{Kind: scheduling.PersonResource, ID: a.Asker.ID}}, span)
}

// recount counts an appointment again that had been given back: because its old
// start had passed, or because it had ended.
func (s *Store) recount(tx *gorm.DB, a scheduling.Appointment, now time.Time) error {
	if a.Asker.ID == 0 {
		return nil
	}
	n, err := exec(tx, "UPDATE appointments SET counted = 1 WHERE id = ? AND counted = 0", a.ID)
	if err != nil {
		return fmt.Errorf("count the appointment again: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.takeOpen(tx, a.Asker.ID, a.Service.ID, unlimited, unix(now))
}

// Advance changes an appointment's status by comparing and setting, and frees
// what is left of its time.
func (s *Store) Advance(ctx context.Context, w scheduling.AdvanceWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		if err := s.remember(tx, w.Remember, w.Now); err != nil {
			return err
		}
		if err := rememberReply(tx, w.Reply, w.Now); err != nil {
			return err
		}
		if err := answeredBy(tx, w.Answers, messages.ReplyCancel); err != nil {
			return err
		}
		if err := advanceStatus(tx, w); err != nil {
			return err
		}
		if !w.To.Open() {
			if err := s.endPlace(tx, w); err != nil {
				return err
			}
			if err := suppress(tx, w.Old.ID, w.Old.Revision, string(w.To), w.Now); err != nil {
				return err
			}
		}
		if err := s.insertMessages(tx, w.Old, time.Time{}, w.Messages, w.Now); err != nil {
			return err
		}
		if err := s.noteChange(tx, w.Change); err != nil {
			return err
		}
		return insertAudit(tx, w.Audit)
	})
}

func advanceStatus(tx *gorm.DB, w scheduling.AdvanceWrite) error {
	reason := sealText(w.Old.Keeper().Key, w.Reason, inAppointment("reason", w.Old.ID))
	n, err := exec(tx, "UPDATE appointments SET status = ?, reason = ?, updated_at = ? WHERE id = ? AND status = ? AND revision = ?",
		string(w.To), reason, unix(w.Now), w.Old.ID, string(w.Old.Status), w.Old.Revision)
	return lostUnless(n == 1, err, "change the appointment's status")
}

// endPlace ends an appointment's place: the person and, with the last place,
// room and counsellor are free from FreeFrom on.
func (s *Store) endPlace(tx *gorm.DB, w scheduling.AdvanceWrite) error {
	a := w.Old
	if a.Asker.ID != 0 {
		n, err := exec(tx, "UPDATE appointments SET counted = 0 WHERE id = ? AND counted = 1", a.ID)
		if err != nil {
			return fmt.Errorf("take the count back: %w", err)
		}
		if n == 1 {
			if err := returnOpen(tx, a.Asker.ID, a.Service.ID, 1); err != nil {
				return err
			}
		}
	}
	if w.FreeFrom.Before(a.End) {
		if err := freePerson(tx, a, calendar.Span{From: w.FreeFrom, To: a.End}); err != nil {
			return err
		}
		if err := must(tx, "note until when the person was taken", "UPDATE appointments SET claim_end = ? WHERE id = ?", unix(w.FreeFrom), a.ID); err != nil {
			return err
		}
	}
	if !w.KeepUntil.IsZero() {
		// The time is the desk's to give back, and no citizen's any more.
		if a.ByCitizen {
			if err := returnCitizen(tx, a.Service.ID, a.Session.Date); err != nil {
				return err
			}
		}
		return s.keepPlace(tx, w)
	}
	if w.GiveBack {
		return leaveSession(tx, a.Session.ID, a.Heads, a.ByCitizen)
	}
	return finishSession(tx, w)
}

// finishSession ends a place in a session that did take place; with the last
// one what is left of the claim is given back, but for the buffer.
func finishSession(tx *gorm.DB, w scheduling.AdvanceWrite) error {
	if err := must(tx, "leave the session", "UPDATE sessions SET taken = taken - 1, heads = heads - ? WHERE id = ?", w.Old.Heads, w.Old.Session.ID); err != nil {
		return err
	}
	var row sessionRow
	if err := tx.Where("id = ?", w.Old.Session.ID).Take(&row).Error; err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if row.Taken > 0 {
		return nil
	}
	claimEnd := min(row.ClaimEnd, unix(w.FreeFrom.Add(w.Buffer)))
	if err := must(tx, "end the session", "UPDATE sessions SET status = ?, claim_end = ? WHERE id = ?", sessionOver, claimEnd, row.ID); err != nil {
		return err
	}
	return clearBusy(tx, row.resources(), calendar.Span{From: at(claimEnd), To: at(row.ClaimEnd)})
}
