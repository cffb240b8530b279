package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// Messages lists an office's messages by the time they fell due, newest first.
func (s *Store) Messages(ctx context.Context, q scheduling.MessageQuery) ([]scheduling.LedgerEntry, string, error) {
	db := s.read.WithContext(ctx).Where("office_id = ? AND due_at >= ? AND due_at < ?", q.Office.ID, unix(q.From), unix(q.To))
	for column, value := range map[string]string{"kind": string(q.Kind), "channel": string(q.Channel), "status": string(q.Status)} {
		if value != "" {
			db = db.Where(column+" = ?", value)
		}
	}
	if q.Reference != "" {
		db = db.Where("subject_kind = ? AND subject_id = (SELECT id FROM appointments WHERE reference = ? AND office_id = ?)", aboutAppointment, q.Reference, q.Office.ID)
	}
	if q.Gateway != "" {
		db = db.Where("EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = messages.id AND d.gateway = ?)", q.Gateway)
	}
	if q.Receipt != "" {
		db = db.Where("EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = messages.id AND d.receipt = ?)", string(q.Receipt))
	}
	if q.Page.After != "" {
		n, id, err := readMark(q.Page.After)
		if err != nil {
			return nil, "", scheduling.Invalid("after", "翻页标记不对。", "is not a mark of this list")
		}
		db = db.Where("(due_at < ? OR (due_at = ? AND id < ?))", n, n, id)
	}
	limit := pageSize(q.Page)
	var rows []messageRow
	if err := db.Order("due_at DESC, id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list messages: %w", s.reading(err))
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = mark(last.DueAt, strconv.FormatInt(last.ID, 10))
	}
	out, err := s.entries(ctx, rows)
	return out, next, err
}

// entries reads what belongs to messages of the ledger.
func (s *Store) entries(ctx context.Context, rows []messageRow) ([]scheduling.LedgerEntry, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	about, err := s.about(s.read.WithContext(ctx), withoutCodes(rows))
	if err != nil {
		return nil, err
	}
	deliveries, err := s.deliveries(ctx, idsOf(rows))
	if err != nil {
		return nil, err
	}
	out := make([]scheduling.LedgerEntry, 0, len(rows))
	for _, r := range rows {
		out = append(out, entryOf(r, about, deliveries[r.ID]))
	}
	return out, nil
}

// withoutCodes leaves codes out: to whom one went is nobody's to read.
func withoutCodes(rows []messageRow) []messageRow {
	var out []messageRow
	for _, r := range rows {
		if r.SubjectKind == aboutAppointment {
			out = append(out, r)
		}
	}
	return out
}

func (s *Store) deliveries(ctx context.Context, ids []int64) (map[int64]deliveryRow, error) {
	var rows []deliveryRow
	if err := s.read.WithContext(ctx).Where("message_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read deliveries: %w", s.reading(err))
	}
	out := make(map[int64]deliveryRow, len(rows))
	for _, d := range rows {
		out[d.MessageID] = d
	}
	return out, nil
}

func entryOf(r messageRow, about subject, d deliveryRow) scheduling.LedgerEntry {
	e := scheduling.LedgerEntry{
		ID: r.ID, Kind: messages.Kind(r.Kind), Channel: messages.Channel(r.Channel), Status: scheduling.MessageStatus(r.Status), Rule: r.Rule, Detail: r.Detail,
		Locale: messages.Locale(r.Locale), Revision: r.Revision, Lead: time.Duration(r.LeadSeconds) * time.Second,
		DueAt: at(r.DueAt), Until: at(r.UntilAt), Attempts: r.Attempt, HandedAt: at(r.HandedAt),
		Gateway: d.Gateway, GatewayID: d.GatewayID, TextVersion: d.TextVersion, Segments: d.Segments,
		Receipt: messages.Receipt(d.Receipt), ReceiptAt: at(d.ReceiptAt), Reason: d.Reason, Answered: d.Answered,
	}
	if r.SubjectKind != aboutAppointment {
		return e
	}
	a := about.appointments[r.SubjectID]
	e.Reference, e.Start = a.Reference, at(a.StartAt)
	person := about.people[r.PersonID]
	e.To, e.Locale = person.TextTo(), person.Language(r.Locale)
	if d.Locale != "" {
		e.Locale = messages.Locale(d.Locale)
	}
	if e.Channel == messages.Mail && person.Wish != nil {
		e.To = person.Wish.Email
	}
	return e
}

// Coming composes an appointment's messages of its present revision.
func (s *Store) Coming(ctx context.Context, a scheduling.Appointment, g messages.Gateway) ([]scheduling.ComingMessage, error) {
	var rows []messageRow
	err := s.read.WithContext(ctx).Where("subject_kind = ? AND subject_id = ? AND revision = ?", aboutAppointment, a.ID, a.Revision).Order("due_at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read an appointment's messages: %w", s.reading(err))
	}
	entries, err := s.entries(ctx, rows)
	if err != nil {
		return nil, err
	}
	about, err := s.about(s.read.WithContext(ctx), rows)
	if err != nil {
		return nil, err
	}
	if err := s.lookBack(ctx, a.Office, rows, &about); err != nil {
		return nil, err
	}
	now := s.now().UTC()
	out := make([]scheduling.ComingMessage, 0, len(rows))
	for i, r := range rows {
		one := s.shown(r, a.Office, about, entries[i], g)
		if r.Status == planned {
			if v := s.verdict(r, a.Office, about, later(now, at(r.next()))); v.Rule != "" {
				one.Rule = string(v.Rule)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// Compose composes messages that an appointment would owe; it reads and writes
// nothing.
func (s *Store) Compose(a scheduling.Appointment, due []messages.Due, g messages.Gateway, now time.Time) []scheduling.ComingMessage {
	about := subject{
		people:       map[int64]scheduling.Person{a.Notified.ID: a.Notified},
		appointments: map[int64]appointmentRow{a.ID: appointmentToRow(a)},
	}
	rows := messageRows(a, time.Time{}, due, now)
	out := make([]scheduling.ComingMessage, 0, len(rows))
	for _, r := range rows {
		out = append(out, s.shown(r, a.Office, about, entryOf(r, about, deliveryRow{}), g))
	}
	return out
}

// shown is a message as the person will receive it through a gateway, or did.
func (s *Store) shown(r messageRow, o *scheduling.Office, about subject, e scheduling.LedgerEntry, g messages.Gateway) scheduling.ComingMessage {
	m := s.message(r, o, about)
	out := scheduling.ComingMessage{LedgerEntry: e, Subject: m.Subject}
	form := m.Forms[g.Choose(m.Forms)]
	if went, ok := about.went[r.ID]; ok {
		form = m.form(slices.IndexFunc(m.Forms, func(f messages.Form) bool { return asksOf(f) == went.Asks }))
	}
	out.Text, out.Locale = messages.Signed(m.Signature, form.Body), m.locale
	if m.Channel == messages.SMS && out.Segments == 0 {
		out.Segments = form.Segments
	}
	return out
}

// lookBack reads in which words messages went, so that they are shown in these
// and not in those of today.
func (s *Store) lookBack(ctx context.Context, o *scheduling.Office, rows []messageRow, about *subject) error {
	deliveries, err := s.deliveries(ctx, idsOf(rows))
	if err != nil {
		return err
	}
	about.went, about.texts = make(map[int64]deliveryRow), make(map[int64]messages.Template)
	for _, r := range rows {
		d, ok := deliveries[r.ID]
		if !ok || d.Locale == "" || r.Status == planned {
			continue
		}
		about.went[r.ID] = d
		k := messages.Key{Kind: messages.Kind(r.Kind), Locale: messages.Locale(d.Locale), Neutral: d.Neutral == 1}
		switch {
		case o.Template(k).Version == d.TextVersion:
		case d.TextVersion == 0:
			about.texts[r.ID] = messages.Default(k)
		default:
			versions, err := s.TextVersions(ctx, o.ID, k)
			if err != nil {
				return err
			}
			for _, v := range versions {
				if v.Template.Version == d.TextVersion {
					about.texts[r.ID] = v.Template
				}
			}
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// resolvedAgain marks what may come twice, because a director wants that.
const resolvedAgain = "resolved_again"

// Resolve settles a message of unknown outcome.
func (s *Store) Resolve(ctx context.Context, w scheduling.ResolveWrite) error {
	now := unix(w.Now)
	return s.tx(ctx, false, func(tx *gorm.DB) error {
		query, args := "UPDATE messages SET status = ?, handed_at = ?, rule = 'resolved_sent', updated_at = ? WHERE id = ? AND office_id = ? AND status = ?",
			[]any{handedOver, now, now, w.ID, w.Office.ID, unknown}
		if w.Again {
			query, args = "UPDATE messages SET status = ?, next_at = ?, rule = ?, updated_at = ? WHERE id = ? AND office_id = ? AND status = ? AND until_at > ? AND "+current,
				[]any{planned, now, resolvedAgain, now, w.ID, w.Office.ID, unknown, now}
		}
		n, err := exec(tx, query, args...)
		if err != nil {
			return fmt.Errorf("resolve the message: %w", err)
		}
		if n == 0 {
			return missingOr(tx, "messages", w.ID, w.Office.ID)
		}
		return insertAudit(tx, w.Audit)
	})
}
