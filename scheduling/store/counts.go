package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
	"magpie/scheduling/messages"
)

// This file owns message_counts: what was sent in a month and on a day, by an
// office and to a number. Where there is a ceiling, a claim takes from it
// before the message goes, and what did not go is given back; the rows are
// written before they are read, so that no number of replicas passes it.

// The rules by which a ceiling keeps a message back.
const (
	perNumber = "per_number"
	perDay    = "per_day"
	perMonth  = "per_month"
)

// countKey names a count: of an office in a day (2026-11-25, messages) or a
// month (2026-11, segments). number is 0 for all that the office sends, or else
// stands for one number.
type countKey struct {
	office int64
	period string
	number int64
}

// counted is what one message adds to a count that has a ceiling.
type counted struct {
	key        countKey
	rule       string
	n, ceiling int
}

// periods are the day and the month of an instant, by the office's calendar.
func periods(o *scheduling.Office, now time.Time) (day, month string) {
	day = calendar.DateIn(now, o.Location).String()
	return day, day[:len("2026-11")]
}

// ceilings are what a text counts for at an office that has any. A code counts
// for no number: codes have limits of their own.
func (s *Store) ceilings(m *DueMessage, o *scheduling.Office, now time.Time) []counted {
	if m.Channel != messages.SMS || o.ID == 0 {
		return nil
	}
	day, month := periods(o, now)
	var out []counted
	if o.MessagesPerNumber > 0 && m.Kind != messages.Code {
		out = append(out, counted{countKey{o.ID, day, s.numberKey(m.To)}, perNumber, 1, o.MessagesPerNumber})
	}
	if o.MessagesPerDay > 0 {
		out = append(out, counted{countKey{o.ID, day, 0}, perDay, 1, o.MessagesPerDay})
	}
	if o.SegmentsPerMonth > 0 {
		out = append(out, counted{countKey{o.ID, month, 0}, perMonth, m.most(), o.SegmentsPerMonth})
	}
	return out
}

// numberKey stands for a number: 63 bits of its keyed hash.
func (s *Store) numberKey(number scheduling.Private) int64 {
	return int64(binary.BigEndian.Uint64(s.keys.digest("messages to", number.Reveal())) >> 1)
}

// most is what the dearest form of a text costs.
func (m *DueMessage) most() int {
	n := 0
	for _, f := range m.Forms {
		n = max(n, f.Segments)
	}
	return n
}

// reserve takes what is to be sent from the offices' ceilings, and holds back
// what is over one: the desk is to call instead. Nothing is taken where an
// earlier try had taken it.
func (c claiming) reserve(tx *gorm.DB, due []DueMessage, fresh bool, out *held) ([]DueMessage, error) {
	wanted := make(map[countKey]int)
	for i := range due {
		office, err := c.known.byID(due[i].officeID)
		if err != nil {
			return nil, err
		}
		due[i].reserved = c.ceilings(&due[i], office, c.now)
		for _, r := range due[i].reserved {
			wanted[r.key] += r.n
		}
	}
	if len(wanted) == 0 || !fresh {
		return due, nil
	}
	if err := c.addCounts(tx, wanted); err != nil {
		return nil, err
	}
	used, err := countsOf(tx, wanted)
	if err != nil {
		return nil, err
	}
	for key, n := range wanted {
		used[key] -= n // what it was before
	}
	over := make(map[countKey]int)
	due = slices.DeleteFunc(due, func(m DueMessage) bool {
		rule := m.over(used)
		for _, r := range m.reserved {
			if rule == "" {
				used[r.key] += r.n
			} else {
				over[r.key] -= r.n
			}
		}
		if rule != "" {
			out.refuse(m.ID, rule, m.Kind != messages.Code)
		}
		return rule != ""
	})
	return due, c.addCounts(tx, over)
}

// over is the ceiling that a message would pass; empty: none.
func (m *DueMessage) over(used map[countKey]int) string {
	for _, r := range m.reserved {
		if used[r.key]+r.n > r.ceiling {
			return r.rule
		}
	}
	return ""
}

// countsOf reads counts.
func countsOf(tx *gorm.DB, keys map[countKey]int) (map[countKey]int, error) {
	var args []any
	for k := range keys {
		args = append(args, k.office, k.period, k.number)
	}
	var rows []struct {
		OfficeID, Number int64
		Period           string
		N                int
	}
	which := strings.TrimSuffix(strings.Repeat("(office_id = ? AND period = ? AND number = ?) OR ", len(keys)), " OR ")
	if err := tx.Raw("SELECT office_id, period, number, n FROM message_counts WHERE "+which, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what was counted: %w", err)
	}
	out := make(map[countKey]int, len(rows))
	for _, r := range rows {
		out[countKey{r.OfficeID, r.Period, r.Number}] = r.N
	}
	return out, nil
}

// addCounts adds to counts, less than nothing too, in one order everywhere, so
// that two workers do not wait for each other.
func (s *Store) addCounts(tx *gorm.DB, counts map[countKey]int) error {
	return s.insertTogether(tx, "count messages", s.adding(counts))
}

// adding is what addCounts sends.
func (s *Store) adding(counts map[countKey]int) statement {
	keys := make([]countKey, 0, len(counts))
	for k, n := range counts {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return statement{}
	}
	slices.SortFunc(keys, func(a, b countKey) int {
		return cmp.Or(cmp.Compare(a.office, b.office), cmp.Compare(a.period, b.period), cmp.Compare(a.number, b.number))
	})
	args := make([]any, 0, 4*len(keys))
	for _, k := range keys {
		args = append(args, k.office, k.period, k.number, counts[k])
	}
	values := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?), ", len(keys)), ", ")
	return statement{"INSERT INTO message_counts (office_id, period, number, n) VALUES " + values +
		s.dialect.addTo("message_counts", "office_id, period, number", "n"), args}
}

// countSent makes the counts those of what became of messages: what was taken
// from a ceiling and did not go is given back where it was taken, what went
// and has no ceiling is counted.
func (s *Store) countSent(offices officeList, results []MessageOutcome, now time.Time) statement {
	counts := make(map[countKey]int)
	for _, r := range results {
		if r.Of == nil {
			continue
		}
		office, err := offices.byID(r.Of.officeID)
		if err != nil {
			continue // it has just been made, and has no ceiling that this could be about
		}
		r.count(office, now, counts)
	}
	return s.adding(counts)
}

// count adds what became of a text to counts, those of an instant where it was
// taken from no ceiling.
func (r MessageOutcome) count(o *scheduling.Office, now time.Time, counts map[countKey]int) {
	if r.Of.Channel != messages.SMS || o.ID == 0 {
		return
	}
	day, month := periods(o, now)
	went := map[string]int{perNumber: 1, perDay: 1, perMonth: r.Of.cost(r.Form)}
	if !r.went() {
		clear(went)
	}
	for _, c := range r.Of.reserved {
		counts[c.key] += went[c.rule] - c.n
		delete(went, c.rule)
	}
	counts[countKey{o.ID, day, 0}] += went[perDay]
	counts[countKey{o.ID, month, 0}] += went[perMonth]
}

// Spending is what an office has used of a month's segments.
type Spending struct {
	Office        string // code
	Used, Ceiling int
}

// NearCeiling lists the offices that have used at least a share of this month's
// segments.
func (s *Store) NearCeiling(ctx context.Context, share float64) ([]Spending, error) {
	offices, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []Spending
	for _, o := range offices {
		if o.SegmentsPerMonth == 0 {
			continue
		}
		_, month := periods(o, s.now())
		var used []int
		if err := s.read.WithContext(ctx).Raw("SELECT n FROM message_counts WHERE office_id = ? AND period = ? AND number = 0", o.ID, month).Scan(&used).Error; err != nil {
			return nil, fmt.Errorf("read what was sent: %w", s.reading(err))
		}
		if len(used) > 0 && float64(used[0]) >= share*float64(o.SegmentsPerMonth) {
			out = append(out, Spending{o.Code, used[0], o.SegmentsPerMonth})
		}
	}
	return out, nil
}
