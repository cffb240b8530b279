// The benchmarks: "make bench" measures and writes BENCHMARKS.md.
//
// They promise that everything compared is measured in one run, repetition by
// repetition in turn, that every statement and every request did what it was to
// do, and that the raw statements are those that the real requests made, sent
// to a copy of the database that the requests began with. They do not promise
// that an absolute figure means anything on another machine.

package main

import (
	"os"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// benchVariable at "1" makes the benchmarks run in full and write BENCHMARKS.md;
// "short" makes them run with little of everything and print alone. Without it
// they run in miniature, on SQLite, so that they do not go stale unseen.
const benchVariable = "MAGPIE_TEST_BENCH"

// benchReport is where the table goes, from this package's folder.
const benchReport = "../../BENCHMARKS.md"

// benchPlan is how much is measured.
type benchPlan struct {
	engines     []e2etest.Engine
	repetitions int
	offices     int
	citizens    int
	clients     []int
	bookings    func(clients int) int // in one cell and repetition
	past        []int                 // appointments
	searches    int                   // in one cell and repetition
	reminders   int
	sent        int           // messages of the past, beside none
	due         int           // at once, for a server's memory; 0: it is not measured
	drained     time.Duration // how long it is watched meanwhile
	serves      int           // starts of a server; 0: serve is not measured
	rest        time.Duration
}

var (
	everyEngine = []e2etest.Engine{e2etest.MariaDB, e2etest.SQLite}

	fullPlan = benchPlan{
		engines: everyEngine, repetitions: 5, offices: 10, citizens: 2000,
		clients: []int{1, 8, 32, 128}, bookings: fewForOne(1000, 200),
		past: []int{10_000, 1_000_000, 10_000_000}, searches: 200, reminders: 10_000, sent: 1_000_000,
		due: 1_000_000, drained: time.Minute, serves: 5, rest: 10 * time.Second,
	}
	shortPlan = benchPlan{
		engines: everyEngine, repetitions: 3, offices: 10, citizens: 600,
		clients: []int{1, 8, 32}, bookings: fewForOne(400, 100),
		past: []int{10_000, 200_000}, searches: 50, reminders: 2000, sent: 100_000,
		due: 100_000, drained: 10 * time.Second, serves: 2, rest: 3 * time.Second,
	}
	miniaturePlan = benchPlan{
		engines: []e2etest.Engine{e2etest.SQLite}, repetitions: 1, offices: 1, citizens: 60,
		clients: []int{4}, bookings: fewForOne(12, 12),
		past: []int{100, 1000}, searches: 2, reminders: 40, sent: 1000,
	}
)

func fewForOne(many, few int) func(int) int {
	return func(clients int) int {
		if clients == 1 {
			return few
		}
		return many
	}
}

func TestBenchmarkTable(t *testing.T) {
	plan := miniaturePlan
	switch os.Getenv(benchVariable) {
	case "1":
		plan = fullPlan
	case "short":
		plan = shortPlan
	}
	r := &report{}
	r.machine(t, plan)
	for _, engine := range plan.engines {
		t.Run("on "+string(engine), func(t *testing.T) {
			// One section after the other: each has its servers to itself.
			t.Run("bookings", func(t *testing.T) {
				measureBookings(t, plan, benchEngineFor(t, engine, "--innodb-buffer-pool-size=1G"), r)
			})
			t.Run("a month", func(t *testing.T) {
				measureMonth(t, plan, benchEngineFor(t, engine, "--innodb-buffer-pool-size=4G", "--innodb-log-file-size=1G", "--skip-log-bin"), r)
			})
			t.Run("messages", func(t *testing.T) { measureMessages(t, plan, benchEngineFor(t, engine), r) })
			t.Run("kannel", func(t *testing.T) { measureKannel(t, plan, benchEngineFor(t, engine), r) })
			t.Run("a million", func(t *testing.T) {
				measureMillion(t, plan, benchEngineFor(t, engine, "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"), r)
			})
			t.Run("serve", func(t *testing.T) { measureServe(t, plan, engine, r) })
		})
	}
	r.end()
	t.Log("\n" + r.String())
	// A part of the table does not replace the whole.
	if os.Getenv(benchVariable) != "1" || t.Failed() || r.sections < 7*len(plan.engines) {
		return
	}
	if err := os.WriteFile(benchReport, []byte(r.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
