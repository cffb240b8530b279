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
	if err := readWords(ctx, pool, q, f); err != nil {
		return nil, fmt.Errorf("read day words: %w", s.reading(err))
	}
	if q.LoadsTo != 0 && len(q.Counsellors) > 0 {
		if err := readLoads(ctx, pool, q, f); err != nil {
			return nil, fmt.Errorf("read the counsellors' loads: %w", s.reading(err))
		}
	}
	if q.CitizensOf != 0 {
		f.CitizensOf, f.Citizens = q.CitizensOf, make(map[calendar.Date]int)
		if err := readCitizens(ctx, pool, q, f); err != nil {
			return nil, fmt.Errorf("read the citizens' places: %w", s.reading(err))
		}
	}
	if q.ClassOf != 0 {
		if err := s.readClasses(ctx, q, f); err != nil {
			return nil, fmt.Errorf("read the classes that are on: %w", s.reading(err))
		}
	}
	if q.Ended {
		if err := s.readEnded(ctx, q, f); err != nil {
			return nil, fmt.Errorf("read ended holds: %w", s.reading(err))
		}
	}
	return f, nil
}

const wordColumns = "b0, b1, b2, b3, b4, b5, o0, o1, o2, o3, o4, o5"

// readWords is the hot path of every search and booking: plain rows into plain
// integers.
func readWords(ctx context.Context, pool *sql.DB, q scheduling.FactsQuery, f *scheduling.Facts) error {
	query, args := wordsQuery(q)
	rows, err := pool.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var line *scheduling.Line
	var last scheduling.Resource
	// Into any type but the driver's own database/sql goes by way of text, and
	// that takes longer than all else that is done with a row here.
	var columns [3 + 2*calendar.WordsPerDay]int64
	into := make([]any, len(columns))
	for i := range columns {
		into[i] = &columns[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		r := scheduling.Resource{Kind: scheduling.ResourceKind(columns[0]), ID: columns[1]}
		if line == nil || r != last {
			line, last = f.Line(r), r
		}
		d := calendar.Day(columns[2])
		line.Busy.Set(d, wordsOf(columns[3:]))
		line.Off.Set(d, wordsOf(columns[3+calendar.WordsPerDay:]))
		line.Known[d-f.First] = true
	}
	return rows.Err()
}

func wordsOf(columns []int64) (w calendar.Words) {
	for i := range w {
		w[i] = uint64(columns[i])
	}
	return w
}

func wordsQuery(q scheduling.FactsQuery) (query string, args []any) {
	var where []string
	for i, ids := range [][]int64{q.Rooms, q.Counsellors, personIDs(q.Person)} { // in the order of the kinds
		if len(ids) == 0 {
			continue
		}
		days := "day BETWEEN ? AND ?"
		args = append(append(args, i+int(scheduling.RoomResource)), anys(ids)...)
		if args = append(args, int(q.First)); q.First == q.Last {
			days = "day = ?" // cheaper to plan
		} else {
			args = append(args, int(q.Last))
		}
		where = append(where, "(kind = ? AND resource IN ("+marks(len(ids))+") AND "+days+")")
	}
	if len(where) == 0 {
		where = append(where, "1 = 0")
	}
	return "SELECT kind, resource, day, " + wordColumns + " FROM day_words WHERE " + strings.Join(where, " OR "), args
}

func readLoads(ctx context.Context, pool *sql.DB, q scheduling.FactsQuery, f *scheduling.Facts) error {
	args := append(anys(q.Counsellors), int(q.LoadsFrom), int(q.LoadsTo))
	//nolint:gosec // nothing but question marks is put in
	rows, err := pool.QueryContext(ctx, "SELECT staff_id, date, sessions FROM staff_days WHERE staff_id IN ("+
		marks(len(q.Counsellors))+") AND date BETWEEN ? AND ?", args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var staff int64
		var date, n int
		if err := rows.Scan(&staff, &date, &n); err != nil {
			return err
		}
		f.Loads[scheduling.Load{Counsellor: staff, Date: calendar.Date(date)}] = n
	}
	return rows.Err()
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

// readEnded finds the holds that have ended and still take up time.
func (s *Store) readEnded(ctx context.Context, q scheduling.FactsQuery, f *scheduling.Facts) error {
	var holds []holdRow
	err := s.read.WithContext(ctx).Where("office_id = ? AND expires_at <= ? AND start_at >= ? AND start_at < ?",
		q.OfficeID, unix(q.Now), (q.First - 1).Start().Unix(), (q.Last + 1).Start().Unix()).Find(&holds).Error
	if err != nil || len(holds) == 0 {
		return err
	}
	ids := make([]int64, len(holds))
	for i, h := range holds {
		ids[i] = h.SessionID
	}
	var sessions []sessionRow
	if err := s.read.WithContext(ctx).Where("id IN ?", ids).Find(&sessions).Error; err != nil {
		return err
	}
	byID := make(map[int64]scheduling.Session, len(sessions))
	for _, r := range sessions {
		byID[r.ID] = r.session()
	}
	for _, h := range holds {
		f.Ended = append(f.Ended, scheduling.EndedHold{ID: h.ID, Heads: h.Heads, Session: byID[h.SessionID], ByCitizen: h.byCitizen()})
	}
	return nil
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
