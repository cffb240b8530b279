package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// leaseSeconds is how long a claim holds (notify.Lease), by the database's
// clock.
const leaseSeconds = 15

// parkedBy is added to when a message of an office that has stopped sending is
// next looked at, so that it lies out of the way of all others; it is taken off
// again when the office goes on.
const parkedBy = 100_000_000_000

const (
	// current says, of a message row, that it still is what it speaks of.
	current = `(subject_kind = 2 OR EXISTS (SELECT 1 FROM appointments a WHERE a.id = messages.subject_id AND a.revision = messages.revision
	AND (a.status = 'booked' OR messages.kind = 'cancelled' OR (messages.kind <> 'reminder' AND a.status IN ('checked_in', 'in_session')))))`
	// stopped says that the row's office has stopped sending.
	stopped = "EXISTS (SELECT 1 FROM sending s WHERE s.office_id = messages.office_id AND s.stopped = 1)"
)

// Claim takes up to limit messages that are due, for one worker alone, and
// ends those past their validity or no longer true. What the desk is to say
// becomes a task; what a person does not want any more, or not at this hour,
// and what a ceiling forbids, is held back. All of it is one transaction.
func (s *Store) Claim(ctx context.Context, limit int) ([]DueMessage, error) {
	now := s.now().UTC()
	ids, err := s.dueIDs(ctx, now, 4*limit)
	if err != nil || len(ids) == 0 {
		return nil, s.reading(err)
	}
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] }) //nolint:gosec // so that workers rarely want the same
	ids = ids[:min(len(ids), limit)]
	offices, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	var due []DueMessage
	c := claiming{Store: s, known: offices, token: newID(now), now: now}
	err = s.tx(ctx, true, func(tx *gorm.DB) error {
		n, err := c.claimRows(tx, ids)
		if err != nil {
			return err
		}
		rows, about, err := c.claimedRows(tx, ids)
		if err != nil || len(rows) == 0 {
			return err
		}
		due, err = c.ready(tx, rows, about, n == len(rows))
		return err
	})
	if err != nil {
		return nil, err
	}
	return due, nil
}

// dueIDs are those that have been due longest. They are read row by row: GORM
// would take longer over them than the database.
func (s *Store) dueIDs(ctx context.Context, now time.Time, most int) ([]int64, error) {
	rows, err := s.read.WithContext(ctx).Raw("SELECT id FROM messages WHERE status = ? AND next_at <= ? ORDER BY next_at LIMIT ?", planned, unix(now), most).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // it is read, or its error is the one below
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// claiming is one claim: what it was decided on, and the token that it leaves.
type claiming struct {
	*Store
	known officeList
	token int64
	now   time.Time
}

// officeList is the offices as they were read before a transaction began: in
// it, nothing may wait for another connection.
type officeList []*scheduling.Office

// byID is an office; 0 is that of a code that was asked for before there was
// any.
func (l officeList) byID(id int64) (*scheduling.Office, error) {
	if id == 0 {
		return &scheduling.Office{}, nil
	}
	i := slices.IndexFunc(l, func(o *scheduling.Office) bool { return o.ID == id })
	if i < 0 {
		return nil, errUnknownOffice
	}
	return l[i], nil
}

// errUnknownOffice is one that came into being at this moment: the next try
// knows it.
var errUnknownOffice = errors.New("an office that is not known yet")

// claimRows takes what is due under the token, and says how many it took. They
// are fewer than claimedRows finds where an earlier try of this transaction had
// taken them, and its connection was lost while it committed.
func (c claiming) claimRows(tx *gorm.DB, ids []int64) (int, error) {
	now := unix(c.now)
	n, err := exec(tx, "UPDATE messages"+c.dialect.byKey()+" SET status = ?, claim = ?, attempt = attempt + 1, lease_until = "+c.dialect.clock()+" + ?, updated_at = ? WHERE id IN ? AND status = ? AND next_at <= ? AND until_at > ? AND "+current+" AND NOT "+stopped,
		claimed, c.token, leaseSeconds, now, ids, planned, now, now)
	if err != nil {
		return 0, fmt.Errorf("claim messages: %w", err)
	}
	if int(n) < len(ids) {
		if err := c.endStale(tx, ids, now); err != nil {
			return 0, err
		}
	}
	return int(n), nil
}

// endStale expires what could not be claimed because its time is over,
// suppresses what is no longer true, and puts aside what an office that has
// stopped owes. What another worker claimed stays.
func (s *Store) endStale(tx *gorm.DB, ids []int64, now int64) error {
	if err := must(tx, "expire messages", "UPDATE messages"+s.dialect.byKey()+" SET status = ?, updated_at = ? WHERE id IN ? AND status = ? AND until_at <= ?",
		expired, now, ids, planned, now); err != nil {
		return err
	}
	if err := must(tx, "suppress messages", "UPDATE messages"+s.dialect.byKey()+" SET status = ?, rule = 'superseded', updated_at = ? WHERE id IN ? AND status = ? AND NOT "+current,
		suppressed, now, ids, planned); err != nil {
		return err
	}
	return s.putAside(tx, ids)
}

// putAside holds the switches as it reads them: an office that goes on at this
// moment waits, and then takes up what was put aside here too.
func (s *Store) putAside(tx *gorm.DB, ids []int64) error {
	var offices []int64
	if err := tx.Raw("SELECT office_id FROM sending WHERE stopped = 1" + s.dialect.share()).Scan(&offices).Error; err != nil {
		return fmt.Errorf("read which offices have stopped: %w", err)
	}
	if len(offices) == 0 {
		return nil
	}
	return must(tx, "put messages aside", "UPDATE messages"+s.dialect.byKey()+" SET next_at = next_at + ? WHERE id IN ? AND status = ? AND next_at < ? AND office_id IN ?",
		parkedBy, ids, planned, parkedBy, offices)
}

// ready composes what a gateway is to send, and ends at once what it is not.
func (c claiming) ready(tx *gorm.DB, rows []messageRow, about subject, fresh bool) (due []DueMessage, err error) {
	var out held
	for _, r := range rows {
		office, err := c.known.byID(r.OfficeID)
		if err != nil {
			c.offices.forget()
			return nil, fmt.Errorf("compose a message: %w", err)
		}
		switch v := c.verdict(r, office, about, c.now); {
		case v != (messages.Verdict{}):
			out.back(r, v)
		case r.Channel == string(messages.Call):
			out.calls = append(out.calls, r)
		default:
			due = append(due, c.message(r, office, about))
		}
	}
	if due, err = c.reserve(tx, due, fresh, &out); err != nil {
		return nil, err
	}
	return due, c.write(tx, rows, out)
}

// held is what does not go to a gateway, of a claim.
type held struct {
	calls []messageRow // the desk is to say them
	later map[int64][]int64
	never map[string][]int64
	call  map[string][]int64 // of those that never go, which the desk is to say
}

// back holds a message back as a verdict says.
func (h *held) back(r messageRow, v messages.Verdict) {
	if v.Rule == "" {
		if h.later == nil {
			h.later = make(map[int64][]int64)
		}
		h.later[unix(v.At)] = append(h.later[unix(v.At)], r.ID)
		return
	}
	h.refuse(r.ID, string(v.Rule), v.Call)
}

func (h *held) refuse(id int64, rule string, call bool) {
	if h.never == nil {
		h.never, h.call = make(map[string][]int64), make(map[string][]int64)
	}
	h.never[rule] = append(h.never[rule], id)
	if call {
		h.call[rule] = append(h.call[rule], id)
	}
}

// write ends what does not go to a gateway.
func (c claiming) write(tx *gorm.DB, rows []messageRow, h held) error {
	now := unix(c.now)
	for at, ids := range h.later {
		if err := must(tx, "give messages back until their hour", "UPDATE messages SET status = ?, attempt = attempt - 1, next_at = ?, updated_at = ? WHERE id IN ?", planned, at, now, ids); err != nil {
			return err
		}
	}
	for rule, ids := range h.never {
		if err := must(tx, "hold messages back", "UPDATE messages SET status = ?, attempt = attempt - 1, rule = ?, updated_at = ? WHERE id IN ?", suppressed, rule, now, ids); err != nil {
			return err
		}
	}
	for rule, ids := range h.call {
		if err := c.callTasks(tx, c.known, rowsOf(rows, ids), rule, now); err != nil {
			return err
		}
	}
	if len(h.calls) == 0 {
		return nil
	}
	if err := c.callTasks(tx, c.known, h.calls, "asked_for", now); err != nil {
		return err
	}
	return must(tx, "hand messages to the desk", "UPDATE messages SET status = ?, handed_at = ?, updated_at = ? WHERE id IN ?", handedOver, now, now, idsOf(h.calls))
}

func rowsOf(rows []messageRow, ids []int64) []messageRow {
	var out []messageRow
	for _, r := range rows {
		if slices.Contains(ids, r.ID) {
			out = append(out, r)
		}
	}
	return out
}

func idsOf(rows []messageRow) []int64 {
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

// retriedWithin is how long a message waits for its next try at the most, in
// seconds (messages.Backoff).
const retriedWithin = 5

// CountDue says how many messages are due and not yet in anybody's hands, up to
// a hundred thousand, and since when the oldest is. One that was tried in vain
// and waits for its next try has been due ever since it first was; one that was
// held back is due from the hour until which it was.
func (s *Store) CountDue(ctx context.Context) (int, time.Time, error) {
	var out struct {
		N      int
		Oldest *int64
	}
	const most = 100_000
	now := unix(s.now().UTC())
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) AS n, MIN(since) AS oldest FROM (SELECT CASE WHEN attempt > 0 THEN due_at ELSE next_at END AS since FROM messages WHERE status = ? AND next_at <= ? AND (attempt > 0 OR next_at <= ?) ORDER BY next_at LIMIT ?) d",
		planned, now+retriedWithin, now, most).Scan(&out).Error
	if err != nil || out.Oldest == nil {
		return 0, time.Time{}, s.reading(err)
	}
	return out.N, at(*out.Oldest), nil
}
