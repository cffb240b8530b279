package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/scheduling/store/storetest/mariadb"
)

const (
	// faultStep is what lies between two faults by the site's clock: what is left
	// of it when a fault is over is skipped.
	faultStep = 10 * time.Second
	// faultPatience is how long a run waits for what its faults leave behind: a
	// frozen server, a hanging call, a lease, a late receipt.
	faultPatience = 2 * time.Minute
)

// faultAmounts is the size of a run.
type faultAmounts struct{ replicas, reminders, faults, kills int }

func TestSoakOfAHundredFaultsNoMessageIsLostAndNoneIsTakenTwice(t *testing.T) {
	t.Parallel()
	server := mariadb.StartDurable(t)
	r := newFaultRun(t, e2etest.NewSiteOn(t, e2etest.MariaDB, server.Database(t)))
	r.mariadb = server
	r.run(t, faultAmounts{replicas: 3, reminders: e2etest.Scale().Faulted, faults: 100, kills: 20})
}

func TestSoakOfFaultsOnSQLiteNoMessageIsLostAndNoneIsTakenTwice(t *testing.T) {
	t.Parallel()
	r := newFaultRun(t, e2etest.NewSite(t, e2etest.SQLite))
	r.run(t, faultAmounts{replicas: 1, reminders: 300, faults: 30, kills: 6})
}

// faultRun is one office whose reminders fall due while one fault after the
// other is injected. A group of reminders falls due with each.
type faultRun struct {
	*e2etest.Site
	random   *rand.Rand // of the schedule
	script   *script
	mariadb  *mariadb.Server // nil: there is none to kill
	db       database
	replicas []*replica
	desk     *e2etest.Client
	faults   []*fault

	beside    sync.WaitGroup // cancellations, and replicas that stand still
	leaving   sync.WaitGroup // replicas that were asked to end
	ended     chan *replica
	inHand    heldMessages
	outages   []outage       // of the gateway
	claimedAt map[string]int // what is unknown, by the database's clock
	// stopped and wentOn count how often a replica began to stand still, and was
	// over it.
	stopped, wentOn atomic.Int32
}

// fault is one disturbance and the reminders that fall due with it.
type fault struct {
	faultKind
	due       time.Time
	reminders []*reminder
}

// outage is when the gateway was down, by the machine's clock.
type outage struct{ from, to time.Time }

// newFaultRun makes a run whose faults are drawn by a seed: that of
// MAGPIE_TEST_SEED, if it is set, or another one each time.
func newFaultRun(t *testing.T, s *e2etest.Site) *faultRun {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("MAGPIE_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("MAGPIE_TEST_SEED: %v", err)
		}
	}
	t.Logf("MAGPIE_TEST_SEED=%d draws these faults again", seed)
	r := &faultRun{
		Site: s, random: rand.New(rand.NewPCG(seed, 1)), script: &script{random: rand.New(rand.NewPCG(seed, 2))},
		ended: make(chan *replica, 3),
	}
	t.Cleanup(func() {
		r.beside.Wait()
		r.leaving.Wait()
	})
	s.Set("MAGPIE_RATE_LIMITS", "false")
	s.Set("MAGPIE_HOOK_SECRET", hookSecret)
	s.Keep("the secret of the hooks", hookSecret)
	return r
}

func (r *faultRun) run(t *testing.T, amounts faultAmounts) {
	t.Helper()
	began := time.Now()
	r.schedule(amounts)
	r.open(t, amounts)
	booked := time.Now()
	for i, f := range r.faults {
		r.tend(t)
		t.Logf("%6.2f s: fault %d, %s", time.Since(booked).Seconds(), i+1, f.name)
		f.happen(r, t, f)
	}
	injected := time.Now()
	r.settle(t)
	t.Logf("booked in %v, %d faults injected in %v, settled in %v", booked.Sub(began).Round(time.Second),
		len(r.faults), injected.Sub(booked).Round(time.Second), time.Since(injected).Round(time.Second))
	r.judge(t)
	clean(t, r.Site)
}

// schedule draws the faults and says when the reminders of each fall due: a
// step after those of the fault before, and an hour later once the clock has
// jumped an hour.
func (r *faultRun) schedule(amounts faultAmounts) {
	due := e2etest.At(1, 9, 0)
	for i, kind := range r.draw(amounts) {
		f := &fault{faultKind: kind, due: due}
		n := amounts.reminders*(i+1)/amounts.faults - amounts.reminders*i/amounts.faults
		for range n + cancelledOf(n) {
			f.reminders = append(f.reminders, &reminder{phone: r.NewPhone(), office: offices[0], due: due})
		}
		r.faults = append(r.faults, f)
		due = due.Add(faultStep)
		if kind.jumps {
			due = due.Add(time.Hour)
		}
	}
}

// cancelledOf is how many more reminders than those that count a group has, to
// be cancelled while it falls due.
func cancelledOf(n int) int { return 1 + n/20 }

// office has a class for each fault, whose reminder falls due with it and holds
// for a day and more.
func (r *faultRun) office() e2etest.Office {
	o := e2etest.Office{Hours: e2etest.AllDay, Rooms: 1}
	for i, f := range r.faults {
		o.Seats = max(o.Seats, len(f.reminders))
		lead := classOf(i).Sub(f.due)
		o.Services = append(o.Services, e2etest.Service{
			Code: fmt.Sprintf("class%d", i), Duration: "30m", Buffer: "0m", MaxParties: 1, Places: len(f.reminders),
			Reminders: fmt.Sprintf("[%ds]", lead/time.Second),
		})
	}
	return o
}

// classOf is when the class of the i-th fault begins.
func classOf(i int) time.Time {
	return e2etest.At(2, 18, 0).Add(time.Duration(i) * 30 * time.Minute)
}

// open starts the replicas, books everything and goes to just before the first
// reminder.
func (r *faultRun) open(t *testing.T, amounts faultAmounts) {
	t.Helper()
	r.Open(t, r.office())
	r.db = openDatabase(t, r.Site)
	r.Gateway.Treat(r.script.treat)
	for i := range amounts.replicas {
		name := strconv.Itoa(i)
		v := &replica{Server: r.Serve(t, "MAGPIE_SMS="+r.Gateway.SettingOf(name)), name: name}
		r.replicas = append(r.replicas, v)
		r.Gateway.CallBack(v.Server)
	}
	r.book(t)
	r.await(t, "the bookings are handed over", func() error {
		return zero(r.db.count(t, "SELECT COUNT(*) FROM messages WHERE status = 'claimed' OR status = 'planned' AND kind = 'booked'"))
	})
	r.awaitReceipts(t)
	r.Clock.Set(t, r.faults[0].due.Add(-faultStep))
	r.desk = r.replicas[0].Staff(t, "desk") // a day later
}

func (r *faultRun) book(t *testing.T) {
	t.Helper()
	var desks []*e2etest.Client
	for _, v := range r.replicas {
		desks = append(desks, v.Staff(t, "desk"))
	}
	const workers = 12
	inParallel(workers, func(worker int) {
		for i := worker; i < len(r.faults); i += workers {
			for n, one := range r.faults[i].reminders {
				body := e2etest.Booking{Service: fmt.Sprintf("class%d", i), Start: classOf(i), Parties: []e2etest.Party{{Name: r.NewName(), Phone: one.phone}}}
				one.reference = e2etest.As[e2etest.Appointment](t, desks[n%len(desks)].Post(t, e2etest.DeskPath, body), 201).Reference
			}
		}
	})
}

// settle waits until nothing is under way any more, here and in the program.
func (r *faultRun) settle(t *testing.T) {
	t.Helper()
	r.await(t, "every replica runs again", func() error {
		r.tend(t)
		return zero(len(r.replicas) - r.free())
	})
	r.beside.Wait()
	r.await(t, "nothing is planned or claimed", func() error {
		return zero(r.db.count(t, "SELECT COUNT(*) FROM messages WHERE status IN ('planned', 'claimed')"))
	})
	r.awaitReceipts(t)
}

func (r *faultRun) awaitReceipts(t *testing.T) {
	t.Helper()
	r.await(t, "every receipt is taken", func() error { return zero(r.Gateway.Owed()) })
	r.await(t, "every receipt is written that can be", func() error {
		return zero(r.db.count(t, "SELECT COUNT(*) FROM stray_receipts s JOIN deliveries d ON d.message_id = s.message_id"))
	})
}

// await is e2etest.Eventually with a run's patience.
func (r *faultRun) await(t *testing.T, what string, condition func() error) {
	t.Helper()
	for end := time.Now().Add(faultPatience); ; <-time.After(50 * time.Millisecond) {
		err := condition()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited for %v that %s: %v; messages are %v", faultPatience, what, err, r.db.counts(t, "SELECT status, COUNT(*) FROM messages GROUP BY status"))
		}
	}
}

func zero(n int) error {
	if n != 0 {
		return fmt.Errorf("there are %d", n)
	}
	return nil
}
