package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/scheduling"
)

// bookingDays is how many days of tickets there are: within a horizon of 60.
const bookingDays = 57

// ways are how a booking is measured, in the order of a repetition.
const (
	single  = "single-row commits"
	raw     = "raw statements"
	useCase = "use case"
	overTCP = "HTTP"
)

var ways = []string{single, raw, useCase, overTCP}

// bookingSites are four databases that were one after seeding: requests are
// recorded on the first and their statements sent to the second, the use case
// and HTTP have one each. All four get the same bookings, so they are as full.
type bookingSites struct {
	recorded, raw, useCase, overTCP *benchSite

	citizens []benchCitizen
	actors   []scheduling.Actor
	tickets  []ticket // those that are left
}

// bookingResults are the loads by way and number of clients.
type bookingResults map[string]map[int]loads

func measureBookings(t *testing.T, plan benchPlan, engine benchEngine, r *report) {
	t.Helper()
	s := openBookingSites(t, plan, engine)
	results := bookingResults{}
	for _, way := range ways {
		results[way] = map[int]loads{}
	}
	s.repeat(t, plan.clients[len(plan.clients)-1], plan.bookings(1), bookingResults{single: {}, raw: {}, useCase: {}, overTCP: {}}) // to get warm
	for repetition := range plan.repetitions {
		for _, clients := range plan.clients {
			s.repeat(t, clients, plan.bookings(clients), results)
		}
		t.Logf("bookings: repetition %d of %d done", repetition+1, plan.repetitions)
	}
	for _, way := range ways {
		for _, clients := range plan.clients {
			results[way][clients].good(t, fmt.Sprintf("%s, %d clients", way, clients))
		}
	}
	s.check(t)
	r.bookings(engine, s.raw.column(t, engine.version)[0], plan, results)
}

func openBookingSites(t *testing.T, plan benchPlan, engine benchEngine) *bookingSites {
	t.Helper()
	s := &bookingSites{recorded: openBenchSite(t, engine.fresh(t), true)}
	for i := range plan.offices {
		s.recorded.apply(t, e2etest.Office{
			Code: benchOffice(i), Hours: e2etest.AllDay, Rooms: 8,
			Services: []e2etest.Service{{Duration: "30m", Buffer: "0m", Step: "30m", Notice: "0m", Horizon: "60d"}},
		})
	}
	s.citizens = s.recorded.addCitizens(t, plan.citizens)
	s.tickets = tickets(plan.offices, plan.citizens, bookingDays, time.Now())
	s.recorded.addDayWords(t, time.Now())
	for _, other := range []**benchSite{&s.raw, &s.useCase, &s.overTCP} {
		*other = openBenchSite(t, engine.clone(t, s.recorded), false)
	}
	s.actors = s.useCase.actors(t, s.citizens)
	id := "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY"
	if engine.name == e2etest.SQLite {
		id = "INTEGER PRIMARY KEY"
	}
	s.raw.exec(t, "CREATE TABLE bench_rows (id "+id+", body VARCHAR(200) NOT NULL)")
	return s
}

// addDayWords gives every room and counsellor their rows of the coming days,
// with nothing in them, as in an office that has run for a while: what is
// measured is then the same from the first booking to the last.
func (s *benchSite) addDayWords(t testing.TB, now time.Time) {
	t.Helper()
	const room, counsellor = 1, 2 // the kinds of day_words and of resources alike
	first := int(now.Unix() / 86400)
	for _, kind := range []int{room, counsellor} {
		var values []string
		for _, id := range s.column(t, fmt.Sprintf("SELECT id FROM resources WHERE kind = %d", kind)) {
			for day := first; day < first+bookingDays+4; day++ {
				values = append(values, fmt.Sprintf("(%d, %s, %d)", kind, id, day))
			}
		}
		s.exec(t, "INSERT INTO day_words (kind, resource, day) VALUES "+strings.Join(values, ", "))
	}
}

// repeat measures the ways one after the other, with the same bookings.
func (s *bookingSites) repeat(t *testing.T, clients, n int, results bookingResults) {
	t.Helper()
	if len(s.tickets) < n {
		t.Fatalf("%d bookings are left, and %d are wanted", len(s.tickets), n)
	}
	ctx, now := t.Context(), s.tickets[:n]
	s.tickets = s.tickets[n:]
	add := func(way string, l load) { results[way][clients] = append(results[way][clients], l) }

	requests := s.recordAll(t, now)
	add(raw, drive(clients, n, func(i int) error { return replay(ctx, s.raw.pools, requests[i]) }))
	add(useCase, drive(clients, n, func(i int) error { return s.bookDirectly(ctx, now[i]) }))
	add(overTCP, drive(clients, n, func(i int) error { return s.bookOver(ctx, s.overTCP, now[i]) }))
	body := strings.Repeat("x", 130)
	add(single, drive(clients, 2*n, func(int) error {
		_, err := s.raw.pools[0].ExecContext(ctx, "INSERT INTO bench_rows (body) VALUES (?)", body)
		return err
	}))
}

// recordAll makes the bookings one by one, and gives the statements of each.
func (s *bookingSites) recordAll(t *testing.T, now []ticket) [][]statement {
	t.Helper()
	requests := make([][]statement, len(now))
	s.recorded.record.take()
	for i, k := range now {
		if err := s.bookOver(t.Context(), s.recorded, k); err != nil {
			t.Fatalf("recording a booking: %v", err)
		}
		requests[i] = s.recorded.record.take()
	}
	return requests
}

func (s *bookingSites) bookOver(ctx context.Context, site *benchSite, k ticket) error {
	c := s.citizens[k.citizen]
	return site.send(ctx, http.MethodPost, k.path(), c.token, k.key(), k.body(c), http.StatusCreated)
}

func (s *bookingSites) bookDirectly(ctx context.Context, k ticket) error {
	c := s.citizens[k.citizen]
	_, err := s.useCase.app.scheduler.Book(ctx, scheduling.Booking{
		Actor:       s.actors[k.citizen],
		Idempotency: scheduling.Idempotency{Key: k.key(), Route: "POST " + k.path(), Body: k.body(c)},
		Office:      k.office, Service: "talk", Start: k.start,
		Parties: []scheduling.PartyRequest{{Name: scheduling.NewPrivate("王小明"), Phone: scheduling.NewPrivate(c.phone)}},
	})
	return err
}

func (k ticket) path() string { return "/api/v1/offices/" + k.office + "/appointments" }

func (k ticket) key() string { return fmt.Sprintf("%s-%d-%d", k.office, k.start.Unix(), k.citizen) }

// check demands that all four databases hold as many bookings, and that doctor
// finds nothing: what the raw statements wrote was whole too.
func (s *bookingSites) check(t *testing.T) {
	t.Helper()
	const appointments, owed = "SELECT COUNT(*) FROM appointments", "SELECT COUNT(*) FROM messages"
	wantAppointments, wantOwed := s.recorded.number(t, appointments), s.recorded.number(t, owed)
	for name, site := range map[string]*benchSite{"raw": s.raw, "use case": s.useCase, "HTTP": s.overTCP} {
		if got := site.number(t, appointments); got != wantAppointments {
			t.Errorf("%s: %d appointments, want %d", name, got, wantAppointments)
		}
		if got := site.number(t, owed); got != wantOwed {
			t.Errorf("%s: %d messages, want %d", name, got, wantOwed)
		}
		differences, err := site.app.store.Doctor(t.Context())
		if err != nil || len(differences) > 0 {
			t.Errorf("%s: doctor: %v %.5q", name, err, differences)
		}
	}
}
