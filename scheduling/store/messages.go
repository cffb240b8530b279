package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// The states of a message.
const (
	planned    = "planned"
	claimed    = "claimed"
	handedOver = "handed_over"
	failed     = "failed"
	unknown    = "unknown"
	expired    = "expired"
	suppressed = "suppressed"
)

// What a message is about.
const (
	aboutAppointment  = 1
	aboutVerification = 2
)

type messageRow struct {
	ID          int64 `gorm:"primaryKey;autoIncrement:false"`
	OfficeID    int64
	SubjectKind int
	SubjectID   int64
	Revision    int
	PersonID    int64
	Channel     string
	Kind        string
	LeadSeconds int
	Locale      string
	Status      string
	DueAt       int64
	UntilAt     int64
	NextAt      int64
	Attempt     int
	Claim       int64
	LeaseUntil  int64
	HandedAt    int64
	OldStart    int64
	GatewayID   string
	Detail      string
	Rule        string
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
}

func (messageRow) TableName() string { return "messages" }

func owed(d messages.Due, now time.Time) messageRow {
	return messageRow{
		ID: newID(now), Channel: "sms", Kind: string(d.Kind), LeadSeconds: int(d.Lead / time.Second),
		Status: planned, DueAt: unix(d.At), NextAt: unix(d.At), UntilAt: unix(d.Until), CreatedAt: unix(now), UpdatedAt: unix(now),
	}
}

// insertMessages writes what an appointment's present revision owes.
func (s *Store) insertMessages(tx *gorm.DB, a scheduling.Appointment, oldStart time.Time, due []scheduling.OwedMessage, now time.Time) error {
	return s.insertTogether(tx, "write down the messages", messageRows(a, oldStart, due, now))
}

func messageRows(a scheduling.Appointment, oldStart time.Time, due []scheduling.OwedMessage, now time.Time) []messageRow {
	if len(due) == 0 || a.Notified.ID == 0 {
		return nil
	}
	rows := make([]messageRow, len(due))
	for i, d := range due {
		rows[i] = owed(d, now)
		rows[i].OfficeID, rows[i].SubjectKind, rows[i].SubjectID = a.Office.ID, aboutAppointment, a.ID
		rows[i].Revision, rows[i].PersonID, rows[i].Locale = a.Revision, a.Notified.ID, a.Locale
		if d.Kind == messages.Moved {
			rows[i].OldStart = unix(oldStart)
		}
	}
	return rows
}

// suppress keeps what is not yet being sent from ever being sent, and says by
// which rule.
func suppress(tx *gorm.DB, appointment int64, revision int, rule string, now time.Time) error {
	return must(tx, "suppress messages", "UPDATE messages SET status = ?, rule = ?, updated_at = ? WHERE subject_kind = ? AND subject_id = ? AND revision <= ? AND status = ?",
		suppressed, rule, unix(now), aboutAppointment, appointment, revision, planned)
}

const (
	// settleWithin is how long a cancellation or a move waits for messages that
	// were being handed over when it was written: a worker begins a call no
	// later than two seconds after it asked for the message (notify.BeginWithin).
	settleWithin = 2500 * time.Millisecond
	settleEvery  = 20 * time.Millisecond
)

// Settle waits until no handing over about an appointment's old time can begin
// any more. The first look waits for claims that are being written.
func (s *Store) Settle(ctx context.Context, appointment int64) error {
	timer := time.NewTimer(settleWithin)
	defer timer.Stop()
	for {
		var ids []int64
		err := s.read.WithContext(ctx).Raw("SELECT id FROM messages WHERE subject_kind = ? AND subject_id = ? AND status = ?"+s.dialect.share(),
			aboutAppointment, appointment, claimed).Scan(&ids).Error
		if err != nil && !again(err) {
			return fmt.Errorf("look for messages on their way: %w", s.reading(err))
		}
		if err == nil && len(ids) == 0 {
			return nil
		}
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return scheduling.Overloaded()
		case <-time.After(settleEvery):
		}
	}
}

// DueMessage is a claimed message with all that its text is made of.
type DueMessage struct {
	ID, Claim   int64
	Attempt     int
	Kind        string
	Office      string
	To          scheduling.Private
	Text        scheduling.Private
	DueAt       time.Time
	Until       time.Time
	Reminder    bool
	ResendAgain bool
}

// leaseSeconds is how long a claim holds (notify.Lease), by the database's
// clock.
const leaseSeconds = 15

// current says, of a message row, that it still is what it speaks of.
const current = `(subject_kind = 2 OR EXISTS (SELECT 1 FROM appointments a WHERE a.id = messages.subject_id AND a.revision = messages.revision
	AND (a.status = 'booked' OR messages.kind = 'cancelled' OR (messages.kind <> 'reminder' AND a.status IN ('checked_in', 'in_session')))))`

// Claim takes up to limit messages that are due, for one worker alone, and
// ends those past their validity or no longer true.
func (s *Store) Claim(ctx context.Context, limit int) ([]DueMessage, error) {
	now := unix(s.now().UTC())
	var ids []int64
	err := s.read.WithContext(ctx).Raw("SELECT id FROM messages WHERE status = ? AND next_at <= ? ORDER BY next_at LIMIT ?", planned, now, 4*limit).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return nil, s.reading(err)
	}
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] }) //nolint:gosec // so that workers rarely want the same
	ids = ids[:min(len(ids), limit)]
	token := newID(s.now())
	var rows []messageRow
	err = s.tx(ctx, true, func(tx *gorm.DB) error {
		n, err := exec(tx, "UPDATE messages SET status = ?, claim = ?, attempt = attempt + 1, lease_until = "+s.dialect.clock()+" + ?, updated_at = ? WHERE id IN ? AND status = ? AND until_at > ? AND "+current,
			claimed, token, leaseSeconds, now, ids, planned, now)
		if err != nil {
			return fmt.Errorf("claim messages: %w", err)
		}
		if int(n) < len(ids) {
			if err := endStale(tx, ids, now); err != nil {
				return err
			}
		}
		rows = nil
		return tx.Where("id IN ? AND claim = ? AND status = ?", ids, token, claimed).Find(&rows).Error
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return s.compose(ctx, rows)
}

// endStale expires what could not be claimed because its time is over, and
// suppresses what is no longer true. What another worker claimed stays.
func endStale(tx *gorm.DB, ids []int64, now int64) error {
	if err := must(tx, "expire messages", "UPDATE messages SET status = ?, updated_at = ? WHERE id IN ? AND status = ? AND until_at <= ?",
		expired, now, ids, planned, now); err != nil {
		return err
	}
	return must(tx, "suppress messages", "UPDATE messages SET status = ?, rule = 'superseded', updated_at = ? WHERE id IN ? AND status = ? AND NOT "+current,
		suppressed, now, ids, planned)
}

// compose writes the texts of claimed messages from what is stored now.
func (s *Store) compose(ctx context.Context, rows []messageRow) ([]DueMessage, error) {
	people, subjects, codes, err := s.about(ctx, rows)
	if err != nil {
		return nil, err
	}
	out := make([]DueMessage, 0, len(rows))
	for _, r := range rows {
		m := DueMessage{ID: r.ID, Claim: r.Claim, Attempt: r.Attempt, Kind: r.Kind, DueAt: at(r.DueAt), Until: at(r.UntilAt), Reminder: r.Kind == string(messages.Reminder)}
		facts := messages.Facts{OldStart: at(r.OldStart)}
		if r.SubjectKind == aboutVerification {
			v := codes[r.SubjectID]
			m.To, facts.Code, facts.CodeMinutes = v.phone, v.code.Reveal(), int(codeLife/time.Minute)
			facts.SignatureZH = s.signature(ctx)
		} else {
			office, err := s.OfficeByID(ctx, r.OfficeID)
			if err != nil {
				return nil, err
			}
			a := subjects[r.SubjectID]
			m.To, m.Office, m.ResendAgain = people[r.PersonID].Phone, office.Code, office.ResendUnknown && m.Reminder
			facts.SignatureZH, facts.Phone, facts.Location = office.SMSSignature, office.Phone, office.Location
			facts.Start, facts.Reference = at(a.StartAt), a.Reference
		}
		m.Text = scheduling.NewPrivate(messages.Text(messages.Kind(r.Kind), messages.Locale(r.Locale), facts))
		out = append(out, m)
	}
	return out, nil
}

type verificationFacts struct{ phone, code scheduling.Private }

// about reads, for a batch, the people, appointments and codes it speaks of.
func (s *Store) about(ctx context.Context, rows []messageRow) (map[int64]scheduling.Person, map[int64]appointmentRow, map[int64]verificationFacts, error) {
	var personIDs, appointmentIDs, numbers []int64
	for _, r := range rows {
		if r.SubjectKind == aboutVerification {
			numbers = append(numbers, r.SubjectID)
		} else {
			personIDs, appointmentIDs = append(personIDs, r.PersonID), append(appointmentIDs, r.SubjectID)
		}
	}
	people, err := s.people(ctx, personIDs)
	if err != nil {
		return nil, nil, nil, err
	}
	subjects := make(map[int64]appointmentRow, len(appointmentIDs))
	if len(appointmentIDs) > 0 {
		var found []appointmentRow
		if err := s.read.WithContext(ctx).Select("id", "reference", "start_at").Where("id IN ?", appointmentIDs).Find(&found).Error; err != nil {
			return nil, nil, nil, fmt.Errorf("read appointments for their messages: %w", err)
		}
		for _, a := range found {
			subjects[a.ID] = a
		}
	}
	codes, err := s.codesFor(ctx, numbers)
	return people, subjects, codes, err
}

// MessageOutcome is what became of a claimed message.
type MessageOutcome struct {
	ID, Claim int64
	// Status is handed_over, planned (try again after Wait, or give back),
	// failed, unknown or expired.
	Status    string
	GivenBack bool
	Wait      time.Duration
	GatewayID string
	Detail    string
}

// Finish writes the outcomes of a batch in one transaction. A result of an old
// claim changes nothing, so it may be repeated.
func (s *Store) Finish(ctx context.Context, results []MessageOutcome) error {
	now := unix(s.now().UTC())
	return s.tx(ctx, true, func(tx *gorm.DB) error {
		for _, g := range alike(results) {
			ids, claims := make([]int64, len(g)), make([]int64, 0, 1)
			for i, r := range g {
				ids[i] = r.ID
				claims = append(claims, r.Claim)
			}
			r := g[0]
			query, args := "UPDATE messages SET status = ?, detail = ?, gateway_id = ?, updated_at = ?", []any{r.Status, clip(r.Detail, 200), clip(r.GatewayID, 64), now}
			switch {
			case r.GivenBack:
				query += ", attempt = attempt - 1"
			case r.Status == planned:
				query, args = query+", next_at = ?", append(args, now+int64((r.Wait+time.Second-1)/time.Second))
			case r.Status == handedOver:
				query, args = query+", handed_at = ?", append(args, now)
			}
			query, args = query+" WHERE id IN ? AND claim IN ? AND status = ?", append(args, ids, claims, claimed)
			if err := must(tx, "write what became of messages", query, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// alike groups results that are written the same way.
func alike(results []MessageOutcome) map[MessageOutcome][]MessageOutcome {
	out := make(map[MessageOutcome][]MessageOutcome)
	for _, r := range results {
		key := r
		key.ID, key.Claim = 0, 0
		out[key] = append(out[key], r)
	}
	return out
}

// RecoverLost makes claims whose lease has ended unknown, or plans them again
// where the office has reminders of unknown outcome sent again. Each that may
// so come twice is marked.
func (s *Store) RecoverLost(ctx context.Context) (int, error) {
	var rows []messageRow
	err := s.read.WithContext(ctx).Where("status = ? AND lease_until < "+s.dialect.clock(), claimed).Limit(500).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, s.reading(err)
	}
	now := unix(s.now().UTC())
	return len(rows), s.tx(ctx, true, func(tx *gorm.DB) error {
		for _, r := range rows {
			status, rule := unknown, ""
			if office, err := s.OfficeByID(ctx, r.OfficeID); err == nil && office.ResendUnknown && r.Kind == string(messages.Reminder) {
				status, rule = planned, "resend_unknown"
			}
			if err := must(tx, "recover a lost message", "UPDATE messages SET status = ?, rule = ?, detail = 'the sender was lost', updated_at = ? WHERE id = ? AND claim = ? AND status = ?",
				status, rule, now, r.ID, r.Claim, claimed); err != nil {
				return err
			}
		}
		return nil
	})
}
