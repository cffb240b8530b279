package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

type holdRow struct {
	ID             int64 `gorm:"primaryKey;autoIncrement:false"`
	Secret         []byte
	OfficeID       int64
	ServiceID      int64
	SessionID      int64
	StartAt        int64
	Heads          int
	PersonID       int64
	Address        []byte
	ExpiresAt      int64
	Renewed        int
	WishCounsellor string
	WishGender     string
	WishAccessible int
}

func (holdRow) TableName() string { return "holds" }

// byCitizen tells the hold of somebody with a token or an address from the
// desk's, and from one that keeps for the desk what was cancelled by reply.
func (r holdRow) byCitizen() bool { return r.PersonID != 0 || len(r.Address) > 0 }

// Hold writes a hold. What bounds the holds of an address, a person or a start
// is counted after a row that stands for it was written, so that two at once
// wait for each other.
func (s *Store) Hold(ctx context.Context, w scheduling.HoldWrite) error {
	return s.tx(ctx, !w.Remember.None(), func(tx *gorm.DB) error {
		if err := s.begin(tx, w.Remember, &scheduling.Office{ID: w.OfficeID, Revision: w.Revision}, w.Now); err != nil {
			return err
		}
		row := s.holdToRow(w)
		if err := s.boundHolds(tx, w, row); err != nil {
			return err
		}
		rows, err := s.takeSeat(tx, w.Seat, w.Heads, w.Now)
		if err != nil {
			return err
		}
		if err := s.insertTogether(tx, "insert the session", rows...); err != nil {
			return err
		}
		if err := lostOnDuplicate(tx.Create(&row).Error, "insert the hold"); err != nil {
			return err
		}
		if w.Address == "" {
			return nil
		}
		return must(tx, "note whose hold it is", "INSERT INTO hold_cooling (hold_id, address, service_id, start_at, ended_at) VALUES (?, ?, ?, ?, ?)",
			row.ID, row.Address, row.ServiceID, row.StartAt, row.ExpiresAt)
	})
}

func (s *Store) holdToRow(w scheduling.HoldWrite) holdRow {
	row := holdRow{
		ID: w.ID, Secret: w.Secret[:], OfficeID: w.OfficeID, ServiceID: w.Seat.Session.ServiceID, SessionID: w.Seat.Session.ID,
		StartAt: unix(w.Start), Heads: w.Heads, PersonID: w.Person, ExpiresAt: unix(w.ExpiresAt),
		WishCounsellor: w.Wish.Counsellor, WishGender: w.Wish.Gender, WishAccessible: flag(w.Wish.Accessible),
	}
	if w.Address != "" {
		row.Address = s.keys.digest("address", w.Address)
	}
	return row
}

// boundHolds refuses a hold past the bounds of its asker or its start.
func (s *Store) boundHolds(tx *gorm.DB, w scheduling.HoldWrite, row holdRow) error {
	now := unix(w.Now)
	if w.PersonCap > 0 {
		if err := s.boundBy(tx, fmt.Sprint("holds of person ", w.Person), w, scheduling.LimitReached(), w.PersonCap,
			"SELECT COUNT(*) FROM holds WHERE person_id = ? AND expires_at > ?", w.Person, now); err != nil {
			return err
		}
	}
	if w.AddressCap > 0 {
		if err := s.boundBy(tx, "holds of address "+w.Address, w, scheduling.RateLimited(w.ExpiresAt.Sub(w.Now)), w.AddressCap,
			"SELECT COUNT(*) FROM holds WHERE address = ? AND expires_at > ?", row.Address, now); err != nil {
			return err
		}
	}
	if w.StartCap > 0 && w.Address != "" {
		if err := s.boundBy(tx, fmt.Sprint("holds of start ", row.ServiceID, row.StartAt), w, scheduling.SlotTaken(nil), w.StartCap,
			"SELECT COUNT(*) FROM holds WHERE service_id = ? AND start_at = ? AND address IS NOT NULL AND expires_at > ?", row.ServiceID, row.StartAt, now); err != nil {
			return err
		}
	}
	return s.cooled(tx, w, row)
}

// boundBy counts under the lock of a tally row.
func (s *Store) boundBy(tx *gorm.DB, lock string, w scheduling.HoldWrite, refused *scheduling.Error, limit int, count string, args ...any) error {
	key := s.keys.digest("hold bound", lock)
	if err := must(tx, "lock the bound of holds", "INSERT INTO tallies (id, events, version, expires_at) VALUES (?, '[]', 1, ?)"+
		s.dialect.upsert("id", "expires_at"), key, unix(w.Now.Add(time.Hour))); err != nil {
		return err
	}
	var n int
	if err := tx.Raw(count, args...).Scan(&n).Error; err != nil {
		return fmt.Errorf("count the holds: %w", err)
	}
	if n >= limit {
		return refused
	}
	return nil
}

// cooled refuses a start to an address whose hold on it ended unused.
func (s *Store) cooled(tx *gorm.DB, w scheduling.HoldWrite, row holdRow) error {
	if w.Cooling == 0 {
		return nil
	}
	var ended *int64
	err := tx.Raw("SELECT MAX(ended_at) FROM hold_cooling WHERE address = ? AND service_id = ? AND start_at = ? AND ended_at <= ? AND ended_at > ?",
		row.Address, row.ServiceID, row.StartAt, unix(w.Now), unix(w.Now.Add(-w.Cooling))).Scan(&ended).Error
	if err != nil {
		return fmt.Errorf("look for a hold that ended unused: %w", err)
	}
	if ended != nil {
		return scheduling.RateLimited(at(*ended).Add(w.Cooling).Sub(w.Now))
	}
	return nil
}

// Held answers a live hold by its secret's digest.
func (s *Store) Held(ctx context.Context, secret scheduling.Digest, now time.Time) (scheduling.HeldTime, error) {
	var hold holdRow
	err := s.read.WithContext(ctx).Where("secret = ? AND expires_at > ?", secret[:], unix(now)).Take(&hold).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return scheduling.HeldTime{}, scheduling.NotFound()
	}
	if err != nil {
		return scheduling.HeldTime{}, fmt.Errorf("read the hold: %w", s.reading(err))
	}
	return s.heldTime(ctx, hold)
}

// heldTime is a hold with its session.
func (s *Store) heldTime(ctx context.Context, hold holdRow) (scheduling.HeldTime, error) {
	var session sessionRow
	if err := s.read.WithContext(ctx).Where("id = ?", hold.SessionID).Take(&session).Error; err != nil {
		return scheduling.HeldTime{}, fmt.Errorf("read the hold's session: %w", s.reading(err))
	}
	return scheduling.HeldTime{
		ID: hold.ID, OfficeID: hold.OfficeID, Session: session.session(), Heads: hold.Heads, Person: hold.PersonID,
		ExpiresAt: at(hold.ExpiresAt), Renewed: hold.Renewed == 1, ByCitizen: hold.byCitizen(),
		Wish: scheduling.Wish{Counsellor: hold.WishCounsellor, Gender: hold.WishGender, Accessible: hold.WishAccessible == 1},
	}, nil
}

// Renew moves a live hold's end, once.
func (s *Store) Renew(ctx context.Context, r scheduling.Remember, id int64, until, now time.Time) error {
	return s.tx(ctx, !r.None(), func(tx *gorm.DB) error {
		if err := s.remember(tx, r, now); err != nil {
			return err
		}
		n, err := exec(tx, "UPDATE holds SET expires_at = ?, renewed = 1 WHERE id = ? AND renewed = 0 AND expires_at > ?", unix(until), id, unix(now))
		if err != nil {
			return fmt.Errorf("renew the hold: %w", err)
		}
		if n == 0 {
			return scheduling.WrongState()
		}
		return must(tx, "renew the hold", "UPDATE hold_cooling SET ended_at = ? WHERE hold_id = ?", unix(until), id)
	})
}

// Drop gives a hold's time back.
func (s *Store) Drop(ctx context.Context, id int64, now time.Time) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		var hold holdRow
		err := tx.Where("id = ?", id).Take(&hold).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return scheduling.NotFound()
		}
		if err != nil {
			return fmt.Errorf("read the hold: %w", err)
		}
		_, err = giveHoldBack(tx, hold)
		return err
	})
}

// giveHoldBack ends a hold and its place, and lets its address hold the start
// again. It answers false where another was first.
func giveHoldBack(tx *gorm.DB, hold holdRow) (bool, error) {
	gone, err := deleteHold(tx, hold.ID, "1 = 1")
	if err != nil || !gone {
		return false, err
	}
	if err := must(tx, "forget whose hold it was", "DELETE FROM hold_cooling WHERE hold_id = ?", hold.ID); err != nil {
		return false, err
	}
	return true, leaveSession(tx, hold.SessionID, hold.Heads, hold.byCitizen())
}

// ClearHolds gives back the places of holds that have ended. What another replica
// cleared meanwhile is passed over.
func (s *Store) ClearHolds(ctx context.Context, ended []scheduling.EndedHold, now time.Time) error {
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		for _, h := range ended {
			gone, err := deleteHold(tx, h.ID, "expires_at <= ?", unix(now))
			if err != nil {
				return err
			}
			if !gone {
				continue
			}
			if err := leaveSession(tx, h.Session.ID, h.Heads, h.ByCitizen); err != nil {
				return err
			}
		}
		return nil
	})
}

// ClearEnded is ClearHolds for whatever has ended, a bounded number at a time.
func (s *Store) ClearEnded(ctx context.Context) (int, error) {
	now := s.now()
	var holds []holdRow
	if err := s.read.WithContext(ctx).Where("expires_at <= ?", unix(now)).Limit(200).Find(&holds).Error; err != nil {
		return 0, fmt.Errorf("find ended holds: %w", err)
	}
	ended := make([]scheduling.EndedHold, len(holds))
	for i, h := range holds {
		ended[i] = scheduling.EndedHold{ID: h.ID, Heads: h.Heads, Session: scheduling.Session{ID: h.SessionID}, ByCitizen: h.byCitizen()}
	}
	if len(ended) == 0 {
		return 0, nil
	}
	return len(ended), s.ClearHolds(ctx, ended, now)
}

func deleteHold(tx *gorm.DB, id int64, when string, args ...any) (bool, error) {
	n, err := exec(tx, "DELETE FROM holds WHERE id = ? AND "+when, append([]any{id}, args...)...)
	if err != nil {
		return false, fmt.Errorf("delete the hold: %w", err)
	}
	return n == 1, nil
}

// useHold gives a hold's place to an appointment, by one conditional delete. A
// class may have been given another counsellor or room since the hold was read.
func (s *Store) useHold(tx *gorm.DB, seat scheduling.Seat, heads int, now time.Time) error {
	gone, err := deleteHold(tx, seat.Hold, "expires_at > ?", unix(now))
	if err != nil || !gone {
		return lostUnless(gone, err, "use the hold")
	}
	if err := must(tx, "forget whose hold it was", "DELETE FROM hold_cooling WHERE hold_id = ?", seat.Hold); err != nil {
		return err
	}
	if seat.Session.Places > 1 {
		var same []int64
		err := tx.Raw("SELECT id FROM sessions WHERE id = ? AND counsellor_id = ? AND room_id = ?"+s.dialect.share(), seat.Session.ID, seat.Session.Counsellor, seat.Session.Room).Scan(&same).Error
		if err := lostUnless(len(same) == 1, err, "hold the class"); err != nil {
			return err
		}
	}
	if more := heads - seat.HoldHeads; more != 0 {
		n, err := exec(tx, "UPDATE sessions SET heads = heads + ? WHERE id = ? AND heads + ? <= seats", more, seat.Session.ID, more)
		return lostUnless(n == 1, err, "seat all who come")
	}
	return nil
}

// giveUpHold ends a live hold for the sake of a booking that it does not seat.
func giveUpHold(tx *gorm.DB, id int64, now time.Time) error {
	var holds []holdRow
	if err := tx.Where("id = ? AND expires_at > ?", id, unix(now)).Find(&holds).Error; err != nil {
		return fmt.Errorf("read the hold: %w", err)
	}
	if len(holds) == 0 {
		return scheduling.ErrLost
	}
	gone, err := giveHoldBack(tx, holds[0])
	return lostUnless(gone, err, "give the hold up")
}

// leaveSession gives a place back; with the last one, room and counsellor are
// free again and the session is not counted. A class that others have been to
// is over instead. A citizen's place is one less of those of its day.
func leaveSession(tx *gorm.DB, id int64, heads int, byCitizen bool) error {
	if err := must(tx, "leave the session", "UPDATE sessions SET taken = taken - 1, heads = heads - ? WHERE id = ?", heads, id); err != nil {
		return err
	}
	var row sessionRow
	if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if byCitizen {
		if err := returnCitizen(tx, row.ServiceID, calendar.Date(row.Date)); err != nil {
			return err
		}
	}
	if row.Taken > 0 {
		return nil
	}
	if row.Places > 1 {
		n, err := exec(tx, "UPDATE sessions SET status = ? WHERE id = ? AND EXISTS (SELECT 1 FROM appointments a WHERE a.session_id = sessions.id AND a.status IN ('completed', 'no_show'))", sessionOver, id)
		if err != nil || n == 1 {
			return lostUnless(n == 1, err, "end the class")
		}
	}
	return giveSessionBack(tx, row)
}

func giveSessionBack(tx *gorm.DB, row sessionRow) error {
	if err := clearBusy(tx, row.resources(), calendar.Span{From: at(row.StartAt), To: at(row.ClaimEnd)}); err != nil {
		return err
	}
	if err := must(tx, "end the session", "UPDATE sessions SET status = ?, claim_end = start_at WHERE id = ?", sessionGivenBack, row.ID); err != nil {
		return err
	}
	return returnSession(tx, row.CounsellorID, calendar.Date(row.Date))
}

func (r sessionRow) resources() []scheduling.Resource {
	return []scheduling.Resource{{Kind: scheduling.RoomResource, ID: r.RoomID}, {Kind: scheduling.CounsellorResource, ID: r.CounsellorID}}
}

// list reads a JSON list of instants.
func list(text string) ([]int64, error) {
	var out []int64
	err := json.Unmarshal([]byte(text), &out)
	return out, err
}
