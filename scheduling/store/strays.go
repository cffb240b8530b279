package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling/messages"
)

const (
	// strayFor is how long a receipt is kept that speaks of nothing there is.
	strayFor = 24 * time.Hour
	// strayTried is how long one is tried again that names no message of ours:
	// those of others who send through the same account come here too.
	strayTried = time.Hour
)

type strayRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	Gateway   string
	GatewayID string
	MessageID int64
	Receipt   string
	ReceiptAt int64
	Reason    string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (strayRow) TableName() string { return "stray_receipts" }

func (r strayRow) receipt() DeliveryReceipt {
	return DeliveryReceipt{MessageID: r.MessageID, GatewayID: r.GatewayID, Receipt: messages.Receipt(r.Receipt), At: at(r.ReceiptAt), Reason: r.Reason}
}

// keepStrays lets receipts wait whose message may still be on its way into the
// database. One that names a message of ours that there is not is dropped.
func (t taking) keepStrays(tx *gorm.DB, strays []DeliveryReceipt) error {
	var ids []int64
	for _, r := range strays {
		if r.MessageID != 0 {
			ids = append(ids, r.MessageID)
		}
	}
	var there []int64
	if len(ids) > 0 {
		if err := tx.Raw("SELECT id FROM messages WHERE id IN ?", ids).Scan(&there).Error; err != nil {
			return fmt.Errorf("look for the messages of receipts: %w", err)
		}
	}
	var args []any
	for _, r := range strays {
		if slices.Contains(there, r.MessageID) || r.MessageID == 0 && r.GatewayID != "" {
			args = append(args, newID(at(t.now)), t.gateway, clip(r.GatewayID, gatewayIDs), r.MessageID, string(r.Receipt), unix(r.At), clip(r.Reason, 64), t.now)
		}
	}
	if len(args) == 0 {
		return nil
	}
	const columns = 8
	values := strings.TrimSuffix(strings.Repeat("("+marks(columns)+"), ", len(args)/columns), ", ")
	return must(tx, "keep early receipts", "INSERT INTO stray_receipts (id, gateway, gateway_id, message_id, receipt, receipt_at, reason, created_at) VALUES "+values, args...)
}

// MatchStrays tries early receipts again, and answers how many still wait. What
// one speaks of is written within seconds, or its sender was lost and the lease
// has ended; one that names a message of ours is tried as long as it is kept,
// since the clock by which it came may have jumped meanwhile.
func (s *Store) MatchStrays(ctx context.Context) (int, error) {
	ours, err := s.matchAfter(ctx, "message_id > ?", "message_id", 0)
	if err != nil {
		return 0, err
	}
	others, err := s.matchAfter(ctx, "message_id = 0 AND id > ?", "id", firstIDAt(s.now().Add(-strayTried)))
	return ours + others, err
}

// matchAfter tries those after a number, in the order of its column.
func (s *Store) matchAfter(ctx context.Context, where, column string, after int64) (waiting int, err error) {
	for {
		var rows []strayRow
		if err := s.read.WithContext(ctx).Where(where, after).Order(column).Limit(eraseBatch).Find(&rows).Error; err != nil {
			return 0, fmt.Errorf("read early receipts: %w", s.reading(err))
		}
		if len(rows) == 0 {
			return waiting, nil
		}
		if after = rows[len(rows)-1].ID; column == "message_id" {
			after = rows[len(rows)-1].MessageID
		}
		byGateway := make(map[string][]strayRow)
		for _, r := range rows {
			byGateway[r.Gateway] = append(byGateway[r.Gateway], r)
		}
		for gateway, strays := range byGateway {
			matched, err := s.matchStrays(ctx, gateway, strays)
			if err != nil {
				return 0, err
			}
			waiting += len(strays) - matched
		}
	}
}

// matchStrays writes those whose deliveries are there by now.
func (s *Store) matchStrays(ctx context.Context, gateway string, strays []strayRow) (int, error) {
	all := make([]DeliveryReceipt, len(strays))
	for i, r := range strays {
		all[i] = r.receipt()
	}
	known, err := deliveriesFor(s.read.WithContext(ctx), gateway, all)
	if err != nil {
		return 0, s.reading(err)
	}
	var found []DeliveryReceipt
	var done []int64
	for i, r := range all {
		if _, ok := known.find(r); ok {
			found, done = append(found, r), append(done, strays[i].ID)
		}
	}
	if len(found) == 0 {
		return 0, nil
	}
	t, err := s.takingOf(ctx, gateway)
	if err != nil {
		return 0, err
	}
	return len(done), s.tx(ctx, true, func(tx *gorm.DB) error {
		if _, err := t.take(tx, found); err != nil {
			return err
		}
		return must(tx, "drop what was matched", "DELETE FROM stray_receipts WHERE id IN ?", done)
	})
}
