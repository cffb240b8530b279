package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

// report is BENCHMARKS.md as it grows.
type report struct {
	b        strings.Builder
	began    time.Time
	sections int
}

func (r *report) String() string { return r.b.String() }

func (r *report) printf(format string, args ...any) { fmt.Fprintf(&r.b, format, args...) }

func (r *report) section(format string, args ...any) {
	r.sections++
	r.printf("\n## "+format+"\n\n", args...)
}

// table begins a table; the first column is of words.
func (r *report) table(columns ...string) {
	r.row(columns...)
	r.printf("|---%s|\n", strings.Repeat("|--:", len(columns)-1))
}

func (r *report) row(cells ...string) { r.printf("| %s |\n", strings.Join(cells, " | ")) }

func (r *report) machine(t testing.TB, plan benchPlan) {
	t.Helper()
	r.began = time.Now()
	r.printf("# Benchmarks\n\nWritten by `make bench`. Rates are a second; every cell is the median of %d repetitions, which took turns, and every\nratio the median of the repetitions' ratios. The machine is small, shared and noisy: trust ratios, and of those none that is nearly 1.\n\n", plan.repetitions)
	r.printf("- when: %s, load average before: %s\n", r.began.UTC().Format("2006-01-02 15:04 MST"), firstWords("/proc/loadavg", 3))
	r.printf("- machine: %d cores of %s, %s of memory, %s\n", runtime.NumCPU(), fieldOf("/proc/cpuinfo", "model name"), fieldOf("/proc/meminfo", "MemTotal"), runtime.GOOS+"/"+runtime.GOARCH)
	r.printf("- Go: %s; client, server and database share the cores\n", runtime.Version())
}

func (r *report) end() {
	r.printf("\nIt took %s; load average at the end: %s.\n", time.Since(r.began).Round(time.Second), firstWords("/proc/loadavg", 3))
}

func (r *report) bookings(engine benchEngine, version string, plan benchPlan, results bookingResults) {
	r.section("Bookings on %s", engine.name)
	r.printf("%s %s, %s.\n\n", engine.name, version, engine.durable)
	r.table("clients", single, raw, useCase, overTCP, "use case ÷ raw", "HTTP ÷ raw", "HTTP ÷ single", "errors")
	for _, clients := range plan.clients {
		at := func(way string) loads { return results[way][clients] }
		errors := 0
		for _, way := range ways {
			errors += at(way).errors()
		}
		r.row(fmt.Sprint(clients), rate(at(single)), rate(at(raw)), rate(at(useCase)), rate(at(overTCP)),
			ratio(at(useCase).over(at(raw))), ratio(at(overTCP).over(at(raw))), ratio(at(overTCP).over(at(single))), fmt.Sprint(errors))
	}
	r.printf("\nHow long one takes, p50 / p99 in ms:\n\n")
	r.table("clients", single, raw, useCase, overTCP, "HTTP p99 ÷ p50")
	for _, clients := range plan.clients {
		cells := []string{fmt.Sprint(clients)}
		for _, way := range ways {
			l := results[way][clients]
			cells = append(cells, fmt.Sprintf("%s / %s", milliseconds(l.p50()), milliseconds(l.p99())))
		}
		tail := middle(results[overTCP][clients], func(l load) float64 { return float64(l.p99) / float64(l.p50) })
		r.row(append(cells, fmt.Sprintf("%.1f", tail))...)
	}
	if engine.name == e2etest.MariaDB {
		r.printf("\nWanted, at 8 and 32 clients: HTTP ÷ raw ≥ 0.50, HTTP ÷ single ≥ 0.10, HTTP p99 < 10 × p50, no error.\n")
	} else {
		r.printf("\nWanted: HTTP ÷ raw ≥ 0.50.\n")
	}
}

func (r *report) months(engine benchEngine, plan benchPlan, results monthResults, rows int) {
	r.section("A month's availability on %s", engine.name)
	r.printf("%d days of one service, 8 rooms and 8 counsellors, half booked (%d rows of words); one client.\n\n", searchDays, rows)
	r.table("past appointments", bare+", ms", useCase+", ms", overTCP+", ms", asPage+", ms", "bare ÷ use case", "page ÷ HTTP", "use case ÷ that of the fewest", "HTTP ÷ that of the fewest", "errors")
	fewest := plan.past[0]
	for _, n := range plan.past {
		at := func(way string) loads { return results[way][n] }
		r.row(fmt.Sprint(n), milliseconds(at(bare).p50()), milliseconds(at(useCase).p50()), milliseconds(at(overTCP).p50()), milliseconds(at(asPage).p50()),
			ratio(at(bare).slower(at(useCase))), ratio(at(asPage).slower(at(overTCP))), ratio(at(useCase).slower(results[useCase][fewest])), ratio(at(overTCP).slower(results[overTCP][fewest])),
			fmt.Sprint(at(bare).errors()+at(useCase).errors()+at(overTCP).errors()+at(asPage).errors()))
	}
	r.printf("\nWanted: bare ÷ use case ≥ 0.60; page ÷ HTTP ≤ 2.00; with the most no more than 1.50 of with the fewest.\n")
}

func (r *report) messages(engine benchEngine, plan benchPlan, worker, calls loads) {
	r.section("Messages handed over on %s", engine.name)
	r.printf("%d reminders due at once, to a gateway that answers at once; the worker claims them, writes their texts and what became of them.\n\n", plan.reminders)
	r.table("", "a second", "÷ the calls alone", "errors")
	r.row("the worker, 32 senders", rate(worker), ratio(worker.over(calls)), fmt.Sprint(worker.errors()))
	r.row("the calls alone, 32 at once", rate(calls), ratio(1), fmt.Sprint(calls.errors()))
}

func (r *report) kannel(engine benchEngine, plan benchPlan, worker, bare kannelResults) {
	r.section("Messages through Kannel on %s", engine.name)
	r.printf("%d reminders due at once, through a real bearerbox and smsbox to fakesmsc, receipts on. The worker claims them, writes their texts and\nwhat became of them, and the hook writes their receipts; the bare loop only asks sendsms, and its receipts are thrown away.\n\n", plan.reminders)
	r.table("", "handed over a second", "until the last receipt, a second", "÷ the bare loop", "÷ with receipts", "errors")
	r.row("the worker, 32 senders", rate(worker.handed), rate(worker.received), ratio(worker.handed.over(bare.handed)), ratio(worker.received.over(bare.received)), fmt.Sprint(worker.handed.errors()))
	r.row("the bare loop, 32 at once", rate(bare.handed), rate(bare.received), ratio(1), ratio(1), fmt.Sprint(bare.handed.errors()))
	r.printf("\nWanted: ÷ the bare loop ≥ 0.50.\n")
}

func (r *report) million(engine benchEngine, plan benchPlan, both []*million) {
	r.section("Messages handed over beside those of the past on %s", engine.name)
	r.printf("%d due at once, to a gateway that answers at once; the ledger's first page of the last 90 days and the preview of an appointment, one client, p50.\n\n", plan.reminders)
	r.table("past messages", "handed over a second", "÷ without a past", "ledger, ms", "÷ without a past", "preview, ms", "÷ without a past", "errors")
	empty := both[0]
	for i, m := range both {
		r.row(fmt.Sprint(i*plan.sent), rate(m.drained), ratio(empty.drained.over(m.drained)), milliseconds(m.ledger.p50()), ratio(m.ledger.slower(empty.ledger)),
			milliseconds(m.preview.p50()), ratio(m.preview.slower(empty.preview)), fmt.Sprint(m.drained.errors()+m.ledger.errors()+m.preview.errors()))
	}
	r.printf("\nWanted: ÷ without a past ≤ 1.50; it is how many times as long.\n")
}

func (r *report) due(plan benchPlan, d dueResult) {
	r.printf("\n%d due at once, for serve, over %s: %.0f handed over a second; memory %d MB meanwhile, %d MB when at rest after it, %d MB at the most (wanted: < 100).\n",
		plan.due, plan.drained, d.rate, d.draining>>20, d.rest>>20, d.peak>>20)
}

func (r *report) serve(engine e2etest.Engine, ready []time.Duration, memory []int) {
	r.section("serve on %s", engine)
	r.table("", "median", "worst", "wanted")
	r.row("ready on an existing database, ms", milliseconds(median(ready)), milliseconds(slices.Max(ready)), "≤ 1000")
	r.row("memory at rest after ten log-ins, MB", fmt.Sprint(median(memory)>>20), fmt.Sprint(slices.Max(memory)>>20), "< 60")
}

func rate(l loads) string {
	if v := l.rate(); v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", l.rate())
}

func ratio(v float64) string { return fmt.Sprintf("%.2f", v) }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/1e6) }

func firstWords(file string, n int) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	words := strings.Fields(string(content))
	return strings.Join(words[:min(n, len(words))], " ")
}

// fieldOf reads "name: value" of a file of the kernel's.
func fieldOf(file, name string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(content)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
