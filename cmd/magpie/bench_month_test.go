package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/scheduling"
	"magpie/scheduling/calendar"
)

const (
	// searchDays is how long a month is, and bookedADay how much of it is
	// booked: half of what eight counsellors can do in the office's hours.
	searchDays = 30
	bookedADay = 20
	// pastEvery is how close the past sessions of a room lie: ten minutes each,
	// day and night, so that ten million fit into 24 years.
	pastEvery = 10 * time.Minute
)

var bothHalves = []string{
	`{days: [mon, tue, wed, thu, fri, sat, sun], from: "08:30", to: "12:00"}`,
	`{days: [mon, tue, wed, thu, fri, sat, sun], from: "14:30", to: "17:30"}`,
}

// bare is the search's own statements alone.
const bare = "bare query"

// asPage is the page of the days, as a browser asks for it.
const asPage = "page"

var searches = []string{bare, useCase, overTCP, asPage}

// monthResults are the loads by way and number of past appointments.
type monthResults map[string]map[int]loads

// month is one database with its past.
type month struct {
	site *benchSite
	asks []statement // what a search asks of the database
	find scheduling.Search
	path string
}

func measureMonth(t *testing.T, plan benchPlan, engine benchEngine, r *report) {
	t.Helper()
	empty := openMonth(t, engine)
	months := make(map[int]month, len(plan.past))
	for _, n := range plan.past {
		site := openBenchSite(t, engine.clone(t, empty), false)
		began := time.Now()
		site.addPast(t, engine, n)
		t.Logf("a month: %d past appointments made in %s", n, time.Since(began).Round(time.Second))
		months[n] = monthOf(t, site)
	}
	results := monthResults{}
	for _, way := range searches {
		results[way] = map[int]loads{}
	}
	for range plan.repetitions {
		for _, n := range plan.past {
			for _, way := range searches {
				results[way][n] = append(results[way][n], months[n].measure(t, way, plan.searches))
			}
		}
	}
	for _, way := range searches {
		for _, n := range plan.past {
			results[way][n].good(t, fmt.Sprintf("%s, %d past", way, n))
		}
	}
	last := months[plan.past[len(plan.past)-1]]
	if got := last.rows(t); got < searchDays*16/2 {
		t.Errorf("a search reads %d rows, which is no half full month", got)
	}
	r.months(engine, plan, results, last.rows(t))
}

// openMonth makes an office whose coming month is half booked, evenly.
func openMonth(t *testing.T, engine benchEngine) *benchSite {
	t.Helper()
	s := openBenchSite(t, engine.fresh(t), false)
	s.apply(t, e2etest.Office{Code: "anhua", Hours: bothHalves, Rooms: 8, Services: []e2etest.Service{{Horizon: "31d"}}})
	citizens := s.addCitizens(t, searchDays*bookedADay)
	actors := s.actors(t, citizens)
	office, err := s.app.scheduler.OfficeByCode(t.Context(), "anhua")
	if err != nil {
		t.Fatal(err)
	}
	clocks := []time.Duration{510, 600, 870, 960} // 8:30, 10:00, 14:30, 16:00
	loads{drive(4, len(citizens), func(i int) error {
		day, turn := firstSearched(office).Add(i/bookedADay), i%bookedADay
		start := day.At(0, office.Location).Add(clocks[turn%len(clocks)] * time.Minute)
		_, err := s.app.scheduler.Book(t.Context(), scheduling.Booking{
			Actor: actors[i], Office: "anhua", Service: "talk", Start: start, Idempotency: scheduling.Idempotency{Key: fmt.Sprint("month-", i)},
			Parties: []scheduling.PartyRequest{{Name: scheduling.NewPrivate("王小明"), Phone: scheduling.NewPrivate(citizens[i].phone)}},
		})
		return err
	})}.good(t, "booking half a month")
	return s
}

func firstSearched(o *scheduling.Office) calendar.Date {
	return calendar.DateIn(time.Now(), o.Location).Add(1)
}

// monthOf learns what a search asks of the database from one that records.
func monthOf(t *testing.T, site *benchSite) month {
	t.Helper()
	office, err := site.app.scheduler.OfficeByCode(t.Context(), "anhua")
	if err != nil {
		t.Fatal(err)
	}
	from := firstSearched(office)
	to := from.Add(searchDays - 1)
	m := month{
		site: site, find: scheduling.Search{Office: "anhua", Service: "talk", From: from, To: to},
		path: fmt.Sprintf("/api/v1/offices/anhua/availability?service=talk&from=%s&to=%s", from, to),
	}
	recorded := openBenchSite(t, site.address, true)
	for range 2 { // the first reads the office too, which a search does once a second at most
		recorded.record.take()
		if _, err := recorded.app.scheduler.Find(t.Context(), m.find); err != nil {
			t.Fatal(err)
		}
	}
	m.asks = recorded.record.take()
	if len(m.asks) == 0 || !strings.Contains(m.asks[0].text, "day_words") {
		t.Fatalf("a search asks %+v", m.asks)
	}
	return m
}

func (m month) measure(t testing.TB, way string, n int) load {
	t.Helper()
	ctx := t.Context()
	page := func() error { return nil }
	if way == asPage {
		page = m.site.days(t) // a visit lives for minutes
	}
	return drive(1, n, func(int) error {
		switch way {
		case bare:
			_, err := m.ask(ctx)
			return err
		case asPage:
			return page()
		case useCase:
			days, err := m.site.app.scheduler.Find(ctx, m.find)
			if err == nil && (len(days) != searchDays || len(days[1].Slots) == 0) {
				err = fmt.Errorf("found %+v", days)
			}
			return err
		default:
			return m.site.send(ctx, http.MethodGet, m.path, "", "", nil, http.StatusOK)
		}
	})
}

// days opens a visit, and asks for its page of the days each time.
func (s *benchSite) days(t testing.TB) func() error {
	t.Helper()
	address, cookie := s.visit(t)
	return func() error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		r.AddCookie(cookie)
		r.Header.Set("Accept-Encoding", "gzip")
		got, err := s.http.Do(r)
		if err != nil {
			return err
		}
		defer got.Body.Close()
		content, err := io.ReadAll(got.Body)
		if err == nil && (got.StatusCode != http.StatusOK || len(content) < 1000) {
			err = fmt.Errorf("answered %d, %d bytes", got.StatusCode, len(content))
		}
		return err
	}
}

// visit begins a booking on the pages.
func (s *benchSite) visit(t testing.TB) (address string, cookie *http.Cookie) {
	t.Helper()
	client := *s.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	host := "http://" + s.app.server.Addr().String()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host+"/o/anhua/start", strings.NewReader("service=talk"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 {
		t.Fatalf("a visit was answered %d", answer.StatusCode)
	}
	return host + answer.Header.Get("Location"), answer.Cookies()[0]
}

// rows is how many rows a search reads.
func (m month) rows(t testing.TB) int {
	t.Helper()
	n, err := m.ask(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ask sends what a search asks, and reads the answers into integers as the
// store does; only the words have any rows.
func (m month) ask(ctx context.Context) (int, error) {
	n := 0
	for _, s := range m.asks {
		rows, err := m.site.pools[s.pool].QueryContext(ctx, s.text, s.args...)
		if err != nil {
			return n, err
		}
		more, err := readIntegers(rows)
		if n += more; err != nil {
			return n, err
		}
	}
	return n, nil
}

func readIntegers(rows *sql.Rows) (int, error) {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	fields := make([]int64, len(columns))
	into := make([]any, len(columns))
	for i := range fields {
		into[i] = &fields[i]
	}
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// addPast makes appointments that are over, with their sessions and the days
// of their rooms and counsellors; those of people are dropped when they are
// past. They are like one that was booked, but for their numbers and times.
func (s *benchSite) addPast(t testing.TB, engine benchEngine, n int) {
	t.Helper()
	office, err := s.app.scheduler.OfficeByCode(t.Context(), "anhua")
	if err != nil {
		t.Fatal(err)
	}
	var rooms, counsellors []int64
	for i := range 8 {
		rooms, counsellors = append(rooms, office.Rooms[i].ID), append(counsellors, office.Staff[i].ID)
	}
	end := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	every := int(pastEvery / time.Second)
	start := fmt.Sprintf("%d - (%d - seq - (%d - seq) %% 8) * %d", int(end.Unix())-every, n, n, every/8)
	times := map[string]string{"start_at": start, "end_at": start + fmt.Sprint(" + ", every), "claim_end": start + fmt.Sprint(" + ", every)}
	s.multiply(t, engine, "sessions", 1, n, times, map[string]string{
		"id": "seq", "room_id": oneOf(rooms), "counsellor_id": oneOf(counsellors), "status": "2",
		"date": "(" + start + " - (" + start + ") % 86400) / 86400",
	})
	s.multiply(t, engine, "appointments", 1, n, times, map[string]string{
		"id": "seq", "session_id": "seq", "reference": engine.padded, "status": "'completed'", "counted": "0",
		"asker_id": "seq", "notified_id": "seq", "keeper_id": "seq", "created_at": start, "updated_at": start,
	})
	days := (n/8*every)/86400 + 1
	s.addPastDays(t, append(rooms, counsellors...), int(end.Unix()/86400)-days, days)
}

// multiply inserts rows like the first of a table, one for each seq from one
// number to another, with some columns as expressions over seq.
func (s *benchSite) multiply(t testing.TB, engine benchEngine, table string, first, last int, changes ...map[string]string) {
	t.Helper()
	columns, values := s.first(t, table)
	list := make([]string, len(columns))
	var args []any
	for i, column := range columns {
		list[i] = "?"
		for _, change := range changes {
			if expression, ok := change[column]; ok {
				list[i] = expression
			}
		}
		if list[i] == "?" {
			args = append(args, values[i])
		}
	}
	const chunk = 500_000
	for from := first; from <= last; from += chunk {
		with, source := engine.rows(from, min(last, from+chunk-1))
		s.exec(t, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") "+with+"SELECT "+strings.Join(list, ", ")+" FROM "+source, args...)
	}
}

// first is a row of a table.
func (s *benchSite) first(t testing.TB, table string) (columns []string, values []any) {
	t.Helper()
	rows, err := s.pools[0].QueryContext(t.Context(), "SELECT * FROM "+table+" LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		t.Fatal(err)
	}
	values = make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if !rows.Next() {
		t.Fatalf("%s has no row: %v", table, rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	return columns, values
}

// addPastDays makes the days of rooms and counsellors, booked from end to end.
func (s *benchSite) addPastDays(t testing.TB, resources []int64, first, days int) {
	t.Helper()
	const whole = 1<<48 - 1
	tx, err := s.pools[0].BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range resources {
		for from := first; from < first+days; from += 500 {
			var rows []string
			for day := from; day < min(from+500, first+days); day++ {
				rows = append(rows, fmt.Sprintf("(%d, %d, %d, %[4]d, %[4]d, %[4]d, %[4]d, %[4]d, %[4]d)", 1+i/8, id, day, whole))
			}
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO day_words (kind, resource, day, b0, b1, b2, b3, b4, b5) VALUES "+strings.Join(rows, ", ")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// oneOf is an expression that takes turns.
func oneOf(ids []int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CASE seq %% %d", len(ids))
	for i, id := range ids {
		fmt.Fprintf(&b, " WHEN %d THEN %d", i, id)
	}
	return b.String() + " END"
}
