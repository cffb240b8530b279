package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

// Facts reads the words of some resources over some days, and what else a
// decision about these days needs.
func (s *Store) Facts(ctx context.Context, q scheduling.FactsQuery) (*scheduling.Facts, error) {
	f := &scheduling.Facts{
		First: q.First, Last: q.Last,
		Lines: make(map[scheduling.Resource]*scheduling.Line, len(q.Rooms)+len(q.Counsellors)+1),
		Loads: make(map[scheduling.Load]int),
	}
	pool, err := s.read.DB()
	if err != nil {
		return nil, err
	}
	if err := readFacts(ctx, pool, q, f); err != nil {
		return nil, fmt.Errorf("read the facts: %w", s.reading(err))
	}
	if q.ClassOf != 0 {
		if err := s.readClasses(ctx, q, f); err != nil {
			return nil, fmt.Errorf("read the classes that are on: %w", s.reading(err))
		}
	}
	return f, nil
}

const wordColumns = "b0, b1, b2, b3, b4, b5, o0, o1, o2, o3, o4, o5"

// What a row of the facts holds besides the words of a resource.
const (
	aLoad       = 11 // staff, date, sessions
	anEndedHold = 12 // hold, heads, and its session
)

// factsQuery is one statement for all facts: every trip to the database costs
// a booking as much as what it asks for. Its parts have the words' columns.
func factsQuery(q scheduling.FactsQuery) (query string, args []any) {
	var where []string
	for i, ids := range [][]int64{q.Rooms, q.Counsellors, personIDs(q.Person)} { // in the order of the kinds
		if len(ids) == 0 {
			continue
		}
		where = append(where, "(kind = ? AND resource IN ("+marks(len(ids))+") AND day BETWEEN ? AND ?)")
		args = append(append(args, i+int(scheduling.RoomResource)), anys(ids)...)
		args = append(args, int(q.First), int(q.Last))
	}
	if len(where) == 0 {
		where = append(where, "1 = 0")
	}
	query = "SELECT kind, resource, day, " + wordColumns + " FROM day_words WHERE " + strings.Join(where, " OR ")
	if q.LoadsTo != 0 && len(q.Counsellors) > 0 {
		query += " UNION ALL SELECT ?, staff_id, date, sessions, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM staff_days WHERE staff_id IN (" +
			marks(len(q.Counsellors)) + ") AND date BETWEEN ? AND ?"
		args = append(append(args, aLoad), anys(q.Counsellors)...)
		args = append(args, int(q.LoadsFrom), int(q.LoadsTo))
	}
	query += " UNION ALL SELECT ?, h.id, h.heads, s.id, s.room_id, s.counsellor_id, s.start_at, s.claim_end, s.taken, s.date, 0, 0, 0, 0, 0" +
		" FROM holds h JOIN sessions s ON s.id = h.session_id WHERE h.office_id = ? AND h.expires_at <= ? AND h.start_at >= ? AND h.start_at < ?"
	args = append(args, anEndedHold, q.OfficeID, unix(q.Now), q.First.Start().Unix(), (q.Last + 1).Start().Unix())
	return query, args
}

// readFacts is the hot path of every search: plain rows into plain integers.
func readFacts(ctx context.Context, pool *sql.DB, q scheduling.FactsQuery, f *scheduling.Facts) error {
	query, args := factsQuery(q)
	rows, err := pool.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var line *scheduling.Line
	var last, r scheduling.Resource
	var day int
	var busy, off calendar.Words
	into := []any{
		&r.Kind, &r.ID, &day, &busy[0], &busy[1], &busy[2], &busy[3], &busy[4], &busy[5],
		&off[0], &off[1], &off[2], &off[3], &off[4], &off[5],
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		switch r.Kind {
		case aLoad:
			f.Loads[scheduling.Load{Counsellor: r.ID, Date: calendar.Date(day)}] = int(busy[0])
			continue
		case anEndedHold:
			f.Ended = append(f.Ended, endedHold(r.ID, day, busy, off))
			continue
		}
		if line == nil || r != last {
			line, last = f.Line(r), r
		}
		d := calendar.Day(day)
		line.Busy.Set(d, busy)
		line.Off.Set(d, off)
		line.Known[d-f.First] = true
	}
	return rows.Err()
}

// endedHold reads a hold that has ended and still takes up time.
func endedHold(id int64, heads int, a, b calendar.Words) scheduling.EndedHold {
	return scheduling.EndedHold{ID: id, Heads: heads, Session: scheduling.Session{
		ID: int64(a[0]), Room: int64(a[1]), Counsellor: int64(a[2]), Start: at(int64(a[3])), ClaimEnd: at(int64(a[4])),
		Taken: int(a[5]), Date: calendar.Date(b[0]),
	}}
}

func (s *Store) readClasses(ctx context.Context, q scheduling.FactsQuery, f *scheduling.Facts) error {
	var rows []sessionRow
	err := s.read.WithContext(ctx).Where("service_id = ? AND start_at >= ? AND start_at < ? AND status = ? AND taken > 0",
		q.ClassOf, q.First.Start().Unix(), (q.Last + 1).Start().Unix(), sessionOn).Find(&rows).Error
	for _, r := range rows {
		f.Classes = append(f.Classes, r.session())
	}
	return err
}

func personIDs(id int64) []int64 {
	if id == 0 {
		return nil
	}
	return []int64{id}
}

func anys(ids []int64) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
