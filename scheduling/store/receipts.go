package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling/messages"
)

// DeliveryReceipt is what a gateway says of one message.
type DeliveryReceipt struct {
	// MessageID is our own number, or 0: then GatewayID is the gateway's.
	MessageID int64
	GatewayID string
	Receipt   messages.Receipt
	// At is when it happened; zero: now.
	At time.Time
	// Reason is a code of a failure, and never personal data.
	Reason string
}

// TakeReceipts writes receipts of one gateway, in one transaction. A final
// receipt is never changed; one for a message that this gateway was not given
// does nothing; one that came before its message was written waits.
func (s *Store) TakeReceipts(ctx context.Context, gateway string, receipts []DeliveryReceipt) error {
	if len(receipts) == 0 {
		return nil
	}
	t, err := s.takingOf(ctx, gateway)
	if err != nil {
		return err
	}
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		strays, err := t.take(tx, receipts)
		if err != nil {
			return err
		}
		return t.keepStrays(tx, strays)
	})
}

// taking is the taking of receipts of one gateway.
type taking struct {
	*Store
	known   officeList
	gateway string
	now     int64
}

func (s *Store) takingOf(ctx context.Context, gateway string) (taking, error) {
	offices, err := s.List(ctx)
	return taking{s, offices, gateway, unix(s.now().UTC())}, err
}

// take writes those receipts that speak of a delivery, and gives the others.
// Of several that speak of one the first that is final counts.
func (t taking) take(tx *gorm.DB, receipts []DeliveryReceipt) (strays []DeliveryReceipt, err error) {
	known, err := deliveriesFor(tx, t.gateway, receipts)
	if err != nil {
		return nil, err
	}
	news := make(map[int64]DeliveryReceipt)
	for _, r := range receipts {
		d, ok := known.find(r)
		if !ok {
			strays = append(strays, r)
			continue
		}
		before := messages.Receipt(d.Receipt)
		if n, ok := news[d.MessageID]; ok {
			before = n.Receipt
		}
		if (d.Gateway == "" || d.Gateway == t.gateway) && r.Receipt.After(before) {
			news[d.MessageID] = r
		}
	}
	return strays, t.write(tx, news)
}

type sameReceipt struct {
	receipt messages.Receipt
	reason  string
	at      int64
}

// alikeReceipts gathers the messages whose receipts are written the same way.
func (t taking) alikeReceipts(news map[int64]DeliveryReceipt) map[sameReceipt][]int64 {
	out := make(map[sameReceipt][]int64)
	for id, r := range news {
		key := sameReceipt{r.Receipt, clip(r.Reason, 64), t.now}
		if !r.At.IsZero() {
			key.at = unix(r.At)
		}
		out[key] = append(out[key], id)
	}
	return out
}

// knownDeliveries are those that receipts may speak of.
type knownDeliveries struct {
	byMessage map[int64]deliveryRow
	byGateway map[string]deliveryRow
}

func (k knownDeliveries) find(r DeliveryReceipt) (deliveryRow, bool) {
	if r.MessageID != 0 {
		d, ok := k.byMessage[r.MessageID]
		return d, ok
	}
	d, ok := k.byGateway[clip(r.GatewayID, gatewayIDs)]
	return d, ok
}

func deliveriesFor(tx *gorm.DB, gateway string, receipts []DeliveryReceipt) (knownDeliveries, error) {
	out := knownDeliveries{make(map[int64]deliveryRow), make(map[string]deliveryRow)}
	var ids []int64
	var names []string
	for _, r := range receipts {
		if r.MessageID != 0 {
			ids = append(ids, r.MessageID)
		} else if r.GatewayID != "" {
			names = append(names, clip(r.GatewayID, gatewayIDs))
		}
	}
	var rows []deliveryRow
	if len(ids) > 0 {
		if err := tx.Select("message_id", "gateway", "gateway_id", "receipt").Where("message_id IN ?", ids).Find(&rows).Error; err != nil {
			return out, fmt.Errorf("find what receipts speak of: %w", err)
		}
		for _, d := range rows {
			out.byMessage[d.MessageID] = d
		}
	}
	if len(names) > 0 {
		var more []deliveryRow
		if err := tx.Select("message_id", "gateway", "gateway_id", "receipt").Where("gateway_id IN ? AND gateway = ?", names, gateway).Find(&more).Error; err != nil {
			return out, fmt.Errorf("find what receipts speak of: %w", err)
		}
		for _, d := range more {
			out.byGateway[d.GatewayID] = d
		}
	}
	return out, nil
}

// write moves receipts on. A message of unknown outcome is known to have been
// taken once a receipt for it comes, and is not sent again.
func (t taking) write(tx *gorm.DB, news map[int64]DeliveryReceipt) error {
	if len(news) == 0 {
		return nil
	}
	counts := make(map[messages.Receipt]int)
	for key, ids := range t.alikeReceipts(news) {
		n, err := exec(tx, "UPDATE deliveries"+t.dialect.byKey()+" SET receipt = ?, receipt_at = ?, reason = ?, gateway = ? WHERE message_id IN ? AND receipt IN ('', ?)",
			string(key.receipt), key.at, key.reason, t.gateway, ids, string(messages.ReceiptNone))
		if err != nil {
			return fmt.Errorf("write receipts: %w", err)
		}
		counts[key.receipt] += int(n)
		if key.receipt == messages.ReceiptFailed {
			if err := t.callUnlessDelivered(tx, ids); err != nil {
				return err
			}
		}
	}
	settled := statement{"UPDATE messages" + t.dialect.byKey() + " SET status = ?, handed_at = ?, detail = 'its receipt came', updated_at = ? WHERE id IN ? AND (status = ? OR (status = ? AND rule IN (?, ?)))",
		[]any{handedOver, t.now, t.now, slices.Collect(maps.Keys(news)), unknown, planned, ResendRule, resolvedAgain}}
	counted := t.countMinute(t.gateway, t.now, 0, counts[messages.ReceiptDelivered], counts[messages.ReceiptFailed])
	return t.insertTogether(tx, "settle what was unknown", settled, counted)
}

// callUnlessDelivered asks the desk to call where the failure stands: another
// push may have been first.
func (t taking) callUnlessDelivered(tx *gorm.DB, ids []int64) error {
	var failures []int64
	if err := tx.Raw("SELECT message_id FROM deliveries"+t.dialect.byKey()+" WHERE message_id IN ? AND receipt = ?", ids, string(messages.ReceiptFailed)).Scan(&failures).Error; err != nil {
		return fmt.Errorf("read which failed: %w", err)
	}
	return t.callAbout(tx, t.known, failures, "receipt_failed", t.now)
}

// receiptsWithin is how long a receipt is waited for.
const receiptsWithin = 24 * time.Hour

// MissReceipts marks what no receipt came for within a day, of gateways that
// have receipts.
func (s *Store) MissReceipts(ctx context.Context, gateways []string) (int64, error) {
	if len(gateways) == 0 {
		return 0, nil
	}
	return s.inBatches(ctx, func(tx *gorm.DB) (int64, error) {
		var ids []int64
		err := tx.Raw("SELECT message_id FROM deliveries WHERE receipt = '' AND handed_at <= ? AND gateway IN ? LIMIT ?", since(s.now(), receiptsWithin), gateways, eraseBatch).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return 0, err
		}
		return exec(tx, "UPDATE deliveries"+s.dialect.byKey()+" SET receipt = ?, receipt_at = ? WHERE message_id IN ? AND receipt = ''", string(messages.ReceiptNone), unix(s.now()), ids)
	})
}

// GatewayMinutes is what a gateway did lately.
type GatewayMinutes struct {
	Gateway                   string
	Handed, Delivered, Failed int
}

// CountMinutes sums up what gateways did since an instant.
func (s *Store) CountMinutes(ctx context.Context, since time.Time) ([]GatewayMinutes, error) {
	var out []GatewayMinutes
	err := s.read.WithContext(ctx).Raw("SELECT gateway, SUM(handed) AS handed, SUM(delivered) AS delivered, SUM(failed) AS failed FROM gateway_minutes WHERE minute >= ? GROUP BY gateway", unix(since)/60).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("sum up what gateways did: %w", s.reading(err))
	}
	return out, nil
}

// countHanded counts what each gateway took.
func (s *Store) countHanded(results []MessageOutcome, now int64) []any {
	handed := make(map[string]int)
	for _, r := range results {
		if r.Status == handedOver && r.Gateway != "" {
			handed[r.Gateway]++
		}
	}
	var out []any
	for _, gateway := range slices.Sorted(maps.Keys(handed)) {
		out = append(out, s.countMinute(gateway, now, handed[gateway], 0, 0))
	}
	return out
}

func (s *Store) countMinute(gateway string, now int64, handed, delivered, failures int) statement {
	if handed+delivered+failures == 0 {
		return statement{}
	}
	query := "INSERT INTO gateway_minutes (gateway, minute, handed, delivered, failed) VALUES (?, ?, ?, ?, ?)" + s.dialect.addTo("gateway_minutes", "gateway, minute", "handed", "delivered", "failed")
	return statement{query, []any{gateway, now / 60, handed, delivered, failures}}
}
