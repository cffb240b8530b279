package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling/messages"
)

// ResendRule marks what may come twice, because the office wants that.
const ResendRule = "resend_unknown"

// gatewayIDs is how long a gateway's own id is kept, in characters.
const gatewayIDs = 64

// MessageOutcome is what became of a claimed message.
type MessageOutcome struct {
	ID, Claim int64
	// Status is handed_over, planned (try again after Wait, or give back),
	// failed, unknown, expired or suppressed.
	Status    string
	GivenBack bool
	Wait      time.Duration
	// Rule is by which rule it may come twice, or was suppressed.
	Rule   string
	Detail string
	// Gateway took it, or may have; GatewayID is its own id.
	Gateway, GatewayID string
	// Of is the message as it was claimed, and Form the place of the form of its
	// text that went.
	Of   *DueMessage
	Form int
}

type deliveryRow struct {
	MessageID     int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID      int64
	AppointmentID int64
	Gateway       string
	GatewayID     string
	ToHash        []byte
	// Locale, Neutral, TextVersion and Asks are the words that went: of which
	// text, in which version, and what it asked for.
	Locale      string
	Neutral     int
	TextVersion int
	Asks        int
	Segments    int
	Answered    string
	HandedAt    int64
	Receipt     string
	ReceiptAt   int64
	Reason      string
}

func (deliveryRow) TableName() string { return "deliveries" }

// went says whether a gateway has it, or may have.
func (r MessageOutcome) went() bool {
	return r.Status == handedOver || r.Status == unknown || r.Rule == ResendRule
}

// Finish writes the outcomes of a batch in one transaction. A result of an old
// claim changes nothing, so it may be repeated.
func (s *Store) Finish(ctx context.Context, results []MessageOutcome) error {
	offices, err := s.List(ctx)
	if err != nil {
		return err
	}
	now := s.now().UTC()
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		live, err := s.stillTheirs(tx, results)
		if err != nil || len(live) == 0 {
			return err
		}
		if err := s.cannotReach(tx, offices, live, unix(now)); err != nil {
			return err
		}
		var what []any
		for key, group := range alike(live) {
			what = append(what, finishAlike(key, group, unix(now)))
		}
		what = append(what, s.deliver(s.deliveriesOf(live, unix(now))))
		what = append(what, s.countHanded(live, unix(now))...)
		what = append(what, s.countSent(offices, live, now))
		return s.insertTogether(tx, "write what became of messages", what...)
	})
}

// stillTheirs leaves out the results of old claims, and holds the rows of the
// others.
func (s *Store) stillTheirs(tx *gorm.DB, results []MessageOutcome) ([]MessageOutcome, error) {
	ids := make([]int64, len(results))
	for i, r := range results {
		ids[i] = r.ID
	}
	var rows []messageRow
	if err := tx.Raw("SELECT id, claim FROM messages"+s.dialect.byKey()+" WHERE id IN ? AND status = ?"+s.dialect.lock(), ids, claimed).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read whose claims they are: %w", err)
	}
	claims := make(map[int64]int64, len(rows))
	for _, r := range rows {
		claims[r.ID] = r.Claim
	}
	var live []MessageOutcome
	for _, r := range results {
		if claim, ok := claims[r.ID]; ok && claim == r.Claim {
			live = append(live, r)
			delete(claims, r.ID)
		}
	}
	return live, nil
}

// finishAlike writes results that are written the same way.
func finishAlike(r sameOutcome, group []MessageOutcome, now int64) statement {
	ids := make([]int64, len(group))
	for i, g := range group {
		ids[i] = g.ID
	}
	query, args := "UPDATE messages SET status = ?, detail = ?, updated_at = ?", []any{r.status, r.detail, now}
	if r.rule != "" {
		query, args = query+", rule = ?", append(args, r.rule)
	}
	if r.givenBack {
		query += ", attempt = attempt - 1"
	}
	switch {
	case r.status == planned && !(r.givenBack && r.wait == 0):
		query, args = query+", next_at = ?", append(args, now+r.wait)
	case r.status == handedOver:
		query, args = query+", handed_at = ?", append(args, now)
	}
	return statement{query + " WHERE id IN ?", append(args, ids)}
}

// sameOutcome is what outcomes that are written the same way share.
type sameOutcome struct {
	status, rule, detail string
	givenBack            bool
	wait                 int64 // in seconds, rounded up
}

func alike(results []MessageOutcome) map[sameOutcome][]MessageOutcome {
	out := make(map[sameOutcome][]MessageOutcome)
	for _, r := range results {
		key := sameOutcome{r.Status, r.Rule, clip(r.Detail, 200), r.GivenBack, int64((r.Wait + time.Second - 1) / time.Second)}
		out[key] = append(out[key], r)
	}
	return out
}

// deliveriesOf are the rows of what a gateway has, or may have.
func (s *Store) deliveriesOf(results []MessageOutcome, now int64) []deliveryRow {
	var rows []deliveryRow
	for _, r := range results {
		if r.Of == nil || r.Gateway == "" || !r.went() {
			continue
		}
		row, form := r.Of.delivery, r.Of.form(r.Form)
		row.Gateway, row.GatewayID, row.Segments, row.HandedAt = r.Gateway, clip(r.GatewayID, gatewayIDs), r.Of.cost(r.Form), now
		row.Asks = asksOf(form)
		if form.Asks {
			row.ToHash = s.keys.digest("phone", r.Of.To.Reveal())
		}
		rows = append(rows, row)
	}
	return rows
}

// asksOf is what a form asks for, as it is written.
func asksOf(f messages.Form) int { return flag(f.Asks) + flag(f.WithCancel) }

// form is the form of a text at a place.
func (m *DueMessage) form(i int) messages.Form {
	if i < 0 || i >= len(m.Forms) {
		return messages.Form{}
	}
	return m.Forms[i]
}

// cost is what a form costs in segments; an e-mail costs none.
func (m *DueMessage) cost(form int) int {
	if m.Channel == messages.Mail {
		return 0
	}
	return m.form(form).Segments
}

// deliver writes rows, and over those of an earlier try.
func (s *Store) deliver(rows []deliveryRow) statement {
	return insertDeliveries(rows, "INSERT", s.dialect.upsert("message_id", "gateway", "gateway_id", "to_hash", "locale", "neutral", "text_version", "asks", "segments", "handed_at"))
}

// insertDeliveries writes rows with the words that say what becomes of those
// that are there.
func insertDeliveries(rows []deliveryRow, insert, tail string) statement {
	if len(rows) == 0 {
		return statement{}
	}
	const columns = 16
	args := make([]any, 0, columns*len(rows))
	for _, r := range rows {
		args = append(args, r.MessageID, r.OfficeID, r.AppointmentID, r.Gateway, r.GatewayID, r.ToHash, r.Locale, r.Neutral, r.TextVersion, r.Asks, r.Segments, r.Answered, r.HandedAt, r.Receipt, r.ReceiptAt, r.Reason)
	}
	values := strings.TrimSuffix(strings.Repeat("("+marks(columns)+"), ", len(rows)), ", ")
	return statement{insert + " INTO deliveries (message_id, office_id, appointment_id, gateway, gateway_id, to_hash, locale, neutral, text_version, asks, segments, answered, handed_at, receipt, receipt_at, reason) VALUES " + values + tail, args}
}

// cannotReach asks the desk to call where a message was refused for good.
func (s *Store) cannotReach(tx *gorm.DB, offices officeList, results []MessageOutcome, now int64) error {
	var ids []int64
	for _, r := range results {
		if r.Status == failed {
			ids = append(ids, r.ID)
		}
	}
	return s.callAbout(tx, offices, ids, "failed", now)
}
