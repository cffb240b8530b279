package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	randv2 "math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/config"
	"magpie/scheduling"
	"magpie/scheduling/office"
	"magpie/scheduling/store"
	"magpie/scheduling/store/storetest/mariadb"
)

// benchEngine makes databases. Those of MariaDB are on a server of the
// section's own that flushes at every commit; each database has an address as
// MAGPIE_DATABASE takes it.
type benchEngine struct {
	name  e2etest.Engine
	fresh func(t testing.TB) string
	// clone copies a database, which nobody may be writing to.
	clone func(t testing.TB, from *benchSite) string
	// rows is a FROM clause of rows numbered by seq, both ends included.
	rows func(from, to int) (with, source string)
	// padded is seq in ten digits.
	padded string
	// version asks the version.
	version string
	durable string // in words
}

func benchEngineFor(t *testing.T, name e2etest.Engine, options ...string) benchEngine {
	t.Helper()
	if name == e2etest.SQLite {
		fresh := func(t testing.TB) string {
			t.Helper()
			return "sqlite:" + filepath.Join(t.TempDir(), "magpie.db")
		}
		return benchEngine{
			name: name, fresh: fresh,
			clone: func(t testing.TB, from *benchSite) string {
				t.Helper()
				to := fresh(t)
				from.exec(t, "VACUUM INTO ?", strings.TrimPrefix(to, "sqlite:"))
				return to
			},
			rows: func(from, to int) (with, source string) {
				return fmt.Sprintf("WITH RECURSIVE n(seq) AS (SELECT %d UNION ALL SELECT seq + 1 FROM n WHERE seq < %d) ", from, to), "n"
			},
			padded: "printf('%010d', seq)", version: "SELECT sqlite_version()", durable: "WAL, synchronous FULL; one connection writes",
		}
	}
	server := mariadb.StartDurable(t, options...)
	return benchEngine{
		name: name, fresh: server.Database,
		clone: func(t testing.TB, from *benchSite) string {
			t.Helper()
			to := server.Database(t)
			u, err := url.Parse(to)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range from.column(t, "SHOW TABLES") {
				copied := strings.TrimPrefix(u.Path, "/") + "." + table
				from.exec(t, "CREATE TABLE "+copied+" LIKE "+table)
				from.exec(t, "INSERT INTO "+copied+" SELECT * FROM "+table)
			}
			return to
		},
		rows:   func(from, to int) (with, source string) { return "", fmt.Sprintf("seq_%d_to_%d", from, to) },
		padded: "LPAD(seq, 10, '0')", version: "SELECT VERSION()", durable: "a flush and a synced binlog at every commit",
	}
}

// benchSite is a database with the real program over it, less the worker and
// the jobs, and pools of its own beside the program's.
type benchSite struct {
	address string
	app     *app
	record  *recorder
	// pools are as the store has them: its driver, its settings, its sizes.
	pools []*sql.DB
	http  *http.Client
}

// poolSizes are the store's, by how many pools it has: one on MariaDB, and on
// SQLite one that writes and one that reads.
var poolSizes = map[int][]int{1: {12}, 2: {1, 4}}

// benchKey is longer than a key.
const benchKey = "the same thirty-two bytes each time"

func openBenchSite(t testing.TB, address string, recording bool, change ...func(*parts)) *benchSite {
	t.Helper()
	ctx, s := t.Context(), &benchSite{address: address, record: &recorder{keeps: recording}}
	key := store.Key{ID: "bench"}
	copy(key.Bytes[:], benchKey)
	// What would be logged is written, and nowhere.
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	st, err := store.Open(ctx, store.Config{
		URL: address, Keys: []store.Key{key}, Parse: office.Parse, Now: time.Now, Log: log, Wrap: s.record.wrap,
	})
	if err != nil {
		t.Fatal(err)
	}
	settings := config.Settings{Listen: "127.0.0.1:0", PublicURL: &url.URL{Scheme: "http", Host: "127.0.0.1"}, VerifyPhones: true, RateLimits: true}
	p := parts{settings: settings, store: st, now: time.Now, log: log}
	for _, f := range change {
		f(&p)
	}
	if s.app, err = openApp(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := st.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.app.server.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for i, c := range s.record.connectors {
		size := poolSizes[len(s.record.connectors)][i]
		pool := sql.OpenDB(c)
		pool.SetMaxOpenConns(size)
		pool.SetMaxIdleConns(size)
		s.pools = append(s.pools, pool)
	}
	s.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}}
	t.Cleanup(func() { s.close(t) })
	return s
}

func (s *benchSite) close(t testing.TB) {
	t.Helper()
	s.http.CloseIdleConnections()
	if err := s.app.Stop(context.Background()); err != nil {
		t.Errorf("stopping the program: %v", err)
	}
	for _, pool := range s.pools {
		if err := pool.Close(); err != nil {
			t.Errorf("closing a pool: %v", err)
		}
	}
}

// exec runs a statement past the program.
func (s *benchSite) exec(t testing.TB, text string, args ...any) {
	t.Helper()
	if _, err := s.pools[0].ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
}

func (s *benchSite) column(t testing.TB, text string) []string {
	t.Helper()
	rows, err := s.pools[0].QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out = append(out, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// number is the one number that a statement answers.
func (s *benchSite) number(t testing.TB, text string) int {
	t.Helper()
	var n int
	if err := s.pools[0].QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func (s *benchSite) apply(t testing.TB, o e2etest.Office) {
	t.Helper()
	parsed, err := office.Parse(o.Code, []byte(o.YAML()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.scheduler.Apply(t.Context(), parsed, office.Write(parsed)); err != nil {
		t.Fatal(err)
	}
}

// benchCitizen has proven a number.
type benchCitizen struct {
	phone, token string
}

// addCitizens makes citizens as proving a number does, and leaves no message
// of it behind.
func (s *benchSite) addCitizens(t testing.TB, n int) []benchCitizen {
	t.Helper()
	out := make([]benchCitizen, n)
	loads{drive(8, n, func(i int) error {
		c, id, now := benchCitizen{phone: fmt.Sprintf("139%08d", i), token: "mc_" + rand.Text()}, fmt.Sprint("bench-", i), time.Now()
		out[i] = c
		err := s.app.store.SendCode(t.Context(), scheduling.VerificationWrite{
			ID: id, Phone: scheduling.NewPrivate(c.phone), Code: scheduling.NewPrivate("000000"), Locale: "zh", ExpiresAt: now.Add(time.Hour), Now: now,
		})
		if err != nil {
			return err
		}
		return s.app.store.Prove(t.Context(), id, sha256.Sum256([]byte(c.token)), now.Add(24*time.Hour), now)
	})}.good(t, "making citizens")
	s.exec(t, "DELETE FROM verifications")
	s.exec(t, "DELETE FROM messages")
	return out
}

// actors are the citizens as the use cases know them.
func (s *benchSite) actors(t testing.TB, citizens []benchCitizen) []scheduling.Actor {
	t.Helper()
	out := make([]scheduling.Actor, len(citizens))
	for i, c := range citizens {
		var err error
		if out[i], err = s.app.scheduler.Authenticate(t.Context(), c.token); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// ticket is a booking that is to be made.
type ticket struct {
	office  string
	start   time.Time
	citizen int
}

// tickets gives, from the day after tomorrow, each start of each office to one
// citizen, and no citizen two of a UTC day, all of it shuffled: the same each
// time for the same day.
func tickets(offices, citizens, days int, now time.Time) []ticket {
	lot := randv2.New(randv2.NewPCG(1, 2))
	var out []ticket
	for day := range days {
		midnight := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 2+day)
		free := lot.Perm(citizens)
		for i := range min(offices*48, citizens) {
			start := midnight.Add(time.Duration(i%48) * 30 * time.Minute)
			out = append(out, ticket{office: benchOffice(i / 48), start: start, citizen: free[i]})
		}
	}
	lot.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func benchOffice(i int) string { return fmt.Sprintf("office%02d", i) }

// body is a booking as it is sent: one who comes, with a name and the number.
func (k ticket) body(c benchCitizen) []byte {
	body, err := json.Marshal(map[string]any{
		"service": "talk", "start": k.start,
		"parties": []map[string]string{{"name": "王小明", "phone": c.phone}},
	})
	if err != nil {
		panic(err)
	}
	return body
}

// send asks the server and demands a status.
func (s *benchSite) send(ctx context.Context, method, path, token, key string, body []byte, want int) error {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.app.server.Addr().String()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("answered %d %s", answer.StatusCode, content)
	}
	return err
}
