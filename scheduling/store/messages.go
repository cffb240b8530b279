package store

import (
	"context"
	"fmt"
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
	Detail      string
	Rule        string
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
}

func (messageRow) TableName() string { return "messages" }

// next is when the message is next looked at, or would be if its office had not
// stopped sending.
func (r messageRow) next() int64 {
	if r.NextAt >= parkedBy {
		return r.NextAt - parkedBy
	}
	return r.NextAt
}

func owed(d messages.Due, now time.Time) messageRow {
	return messageRow{
		ID: newID(now), Channel: string(d.Channel), Kind: string(d.Kind), LeadSeconds: int(d.Lead / time.Second),
		Status: statusOf(d), Rule: string(d.Rule), DueAt: unix(d.At), NextAt: unix(d.At), UntilAt: unix(d.Until), CreatedAt: unix(now), UpdatedAt: unix(now),
	}
}

// statusOf is planned, unless a rule keeps the message from going at all.
func statusOf(d messages.Due) string {
	if d.Rule != "" {
		return suppressed
	}
	return planned
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
// any more.
func (s *Store) Settle(ctx context.Context, appointment int64) error {
	return s.settle(ctx, []int64{appointment})
}

// settle is Settle for several. The first look waits for claims that are being
// written.
func (s *Store) settle(ctx context.Context, appointments []int64) error {
	if len(appointments) == 0 {
		return nil
	}
	timer := time.NewTimer(settleWithin)
	defer timer.Stop()
	for {
		var ids []int64
		err := s.read.WithContext(ctx).Raw("SELECT id FROM messages WHERE subject_kind = ? AND subject_id IN ? AND status = ?"+s.dialect.share(),
			aboutAppointment, appointments, claimed).Scan(&ids).Error
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
