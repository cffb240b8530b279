package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
)

const (
	// leads is how many services there are, each with a reminder of its own,
	// leadStep apart, so that all of them fall due within a minute.
	leads    = 12
	leadStep = 5 * time.Second
	// inHand is how many messages a server may have claimed at once: 32 senders,
	// and twice as many ahead while calls are quick.
	inHand = 96
)

// offices are the two: in the second a reminder of unknown outcome is sent again.
var offices = []string{"anhua", "taojiang"}

// reminder is one that is owed, or was until its appointment was cancelled.
type reminder struct {
	phone, reference, office string
	due                      time.Time
	cancelled                time.Time // by the machine's clock; zero: it is not
}

func TestSoakOfAThousandRemindersEachIsHandedOverOnceAndInTime(t *testing.T) {
	t.Parallel()
	s := e2etest.NewSite(t, e2etest.MariaDB)
	s.Set("MAGPIE_RATE_LIMITS", "false")
	each := (e2etest.Scale().Reminders + 2*leads - 1) / (2 * leads)
	start := e2etest.At(1, 9, 0)
	s.Open(t, classes(offices[0], false, each+2), classes(offices[1], true, each+2))
	var servers []*e2etest.Server
	for i := range 3 {
		servers = append(servers, s.Serve(t, "MAGPIE_SMS="+s.Gateway.SettingOf(fmt.Sprint(i))))
	}
	all := bookReminders(t, s, servers, each, start)
	s.Gateway.Await(t, len(all), "the bookings", func(c e2etest.Call) bool { return strings.Contains(c.Text, "已为您约好") })
	desks := logIns(t, servers[0])
	cancel := func(r *reminder) {
		desks[r.office].Post(t, "/api/v1/staff/appointments/"+r.reference+"/cancel", nil).Is(t, 200, "")
		r.cancelled = time.Now()
	}
	for i := range 2 * leads { // one of each service before anything is due
		cancel(all[i])
	}

	first := start.Add(-2 * time.Hour)
	s.Gateway.Slow(150 * time.Millisecond)
	s.Clock.Set(t, first.Add(-5*time.Second))
	desks = logIns(t, servers[0]) // a day later
	wait := func(after time.Duration) { <-time.After(first.Add(after).Sub(s.Clock.Now())) }
	wait(22500 * time.Millisecond)
	s.Gateway.Down()
	down := s.Clock.Now()
	wait(32 * time.Second)
	for i := 2 * leads; i < 4*leads; i++ { // what is due by now could not be sent
		cancel(all[i])
	}
	wait(42500 * time.Millisecond)
	s.Gateway.Up()
	back := s.Clock.Now()
	s.Gateway.Await(t, 1, "a reminder by the server that is killed", func(c e2etest.Call) bool {
		return c.From == "2" && c.At.After(first.Add(50*time.Second)) && strings.Contains(c.Text, "请记得")
	})
	servers[2].Kill()
	killed := s.Clock.Now()

	db := openDatabase(t, s)
	left := func() int {
		return db.count(t, "SELECT COUNT(*) FROM messages WHERE kind = 'reminder' AND status IN ('planned', 'claimed')")
	}
	for end := time.After(2 * time.Minute); left() > 0; {
		select {
		case <-end:
			t.Fatalf("%d reminders are still waiting: %v", left(), db.counts(t, "SELECT status, COUNT(*) FROM messages GROUP BY status"))
		case <-time.After(200 * time.Millisecond):
		}
	}
	judge(t, s, db, all, down, back, killed)
	clean(t, s)
}

// classes is an office with a class for each lead.
func classes(code string, resend bool, places int) e2etest.Office {
	o := e2etest.Office{Code: code, Resend: resend, Rooms: leads, Seats: places}
	for i := range leads {
		lead := 2*time.Hour - time.Duration(i)*leadStep
		o.Services = append(o.Services, e2etest.Service{
			Code: fmt.Sprintf("class%d", i), Places: places, MaxParties: 1, Reminders: fmt.Sprintf("[%ds]", lead/time.Second),
		})
	}
	return o
}

// logIns are the desks of both offices.
func logIns(t *testing.T, server *e2etest.Server) map[string]*e2etest.Client {
	t.Helper()
	desks := make(map[string]*e2etest.Client)
	for _, office := range offices {
		desks[office] = server.StaffOf(t, office, "desk")
	}
	return desks
}

// bookReminders books so many of each service of each office, and two more of
// each that are there to be cancelled: those come first.
func bookReminders(t *testing.T, s *e2etest.Site, servers []*e2etest.Server, each int, start time.Time) []*reminder {
	t.Helper()
	desks := make([]map[string]*e2etest.Client, len(servers))
	for i, server := range servers {
		desks[i] = logIns(t, server)
	}
	var all []*reminder
	for n := range each + 2 {
		for _, office := range offices {
			for lead := range leads {
				due := start.Add(-2*time.Hour + time.Duration(lead)*leadStep)
				all = append(all, &reminder{phone: s.NewPhone(), office: office, due: due, reference: fmt.Sprintf("%d class%d", n, lead)})
			}
		}
	}
	began := time.Now()
	const workers = 12
	inParallel(workers, func(worker int) {
		for i := worker; i < len(all); i += workers {
			_, service, _ := strings.Cut(all[i].reference, " ")
			body := e2etest.Booking{Service: service, Start: start, Parties: []e2etest.Party{{Name: s.NewName(), Phone: all[i].phone}}}
			desk := desks[i%len(desks)][all[i].office]
			a := desk.Post(t, "/api/v1/staff/offices/"+all[i].office+"/appointments", body)
			all[i].reference = e2etest.As[e2etest.Appointment](t, a, 201).Reference
		}
	})
	t.Logf("%d appointments were booked in %v", len(all), time.Since(began).Round(time.Millisecond))
	return all
}

// judge holds what the gateway was handed against what was owed.
func judge(t *testing.T, s *e2etest.Site, db database, all []*reminder, down, back, killed time.Time) {
	t.Helper()
	unknown := db.counts(t, "SELECT a.reference, COUNT(*) FROM messages m JOIN appointments a ON a.id = m.subject_id WHERE m.kind = 'reminder' AND m.status = 'unknown' GROUP BY a.reference")
	again := db.counts(t, "SELECT a.reference, COUNT(*) FROM messages m JOIN appointments a ON a.id = m.subject_id WHERE m.kind = 'reminder' AND m.rule = 'resend_unknown' GROUP BY a.reference")
	byPhone := make(map[string][]e2etest.Call)
	for _, c := range s.Gateway.Where(func(c e2etest.Call) bool { return strings.Contains(c.Text, "请记得") }) {
		byPhone[c.To] = append(byPhone[c.To], c)
	}
	sent, twice, slowest := 0, 0, time.Duration(0)
	for _, r := range all {
		calls := byPhone[r.phone]
		sent += len(calls)
		lost := unknown[r.reference]+again[r.reference] > 0
		switch {
		case !r.cancelled.IsZero():
			for _, c := range calls {
				if c.Real.After(r.cancelled) || r.due.After(down) {
					t.Errorf("a reminder of a cancelled appointment, due %s, came at %s", clock(r.due), clock(c.At))
				}
			}
			continue
		case len(calls) == 0 && !lost:
			t.Errorf("a reminder due at %s was not handed over, and nothing says so", clock(r.due))
			continue
		case len(calls) > 1 && again[r.reference] == 0 || len(calls) > 2:
			t.Errorf("a reminder was handed over %d times", len(calls))
		case r.office == offices[0] && again[r.reference] > 0:
			t.Errorf("a reminder of unknown outcome was planned again at an office that does not want that")
		}
		if len(calls) == 2 {
			twice++
		}
		limit := r.due
		if r.due.Add(10*time.Second).After(down) && r.due.Before(back) {
			limit = back
		}
		if lost {
			limit = killed.Add(15 * time.Second)
		}
		for _, c := range calls {
			if c.At.Before(r.due) {
				t.Errorf("a reminder due at %s came at %s", clock(r.due), clock(c.At))
			}
			slowest = max(slowest, c.At.Sub(limit))
			if c.At.Sub(limit) > 10*time.Second {
				t.Errorf("a reminder that should go at %s came at %s", clock(limit), clock(c.At))
			}
		}
	}
	if len(unknown)+len(again) > inHand {
		t.Errorf("%d unknown and %d sent again are more than the killed server had in its hands (%d)", len(unknown), len(again), inHand)
	}
	t.Logf("%d reminders handed over, the latest %v after it should; %d unknown, %d sent again, %d of these came twice", sent, slowest.Round(time.Millisecond), len(unknown), len(again), twice)
}

func clock(at time.Time) string { return at.Format("15:04:05.000") }

func TestAMessageIsTriedAgainOnlyIfTheGatewaySurelyDidNotTakeIt(t *testing.T) {
	e2etest.OnEveryEngine(t, func(s *e2etest.Site) {
		t := s.T
		s.Open(t, e2etest.Office{Rooms: 4})
		server, db := s.Serve(t), openDatabase(t, s)
		for _, c := range []struct {
			mode     e2etest.Mode
			status   string
			accepted int
		}{{e2etest.Refuses, "handed_over", 1}, {e2etest.Drops, "unknown", 0}, {e2etest.Hangs, "unknown", 0}} {
			citizen := server.Citizen(t)
			s.Gateway.Behave(c.mode)
			reference := citizen.Booked(t, e2etest.At(1, 9, 0)).Reference
			s.Gateway.AwaitText(t, citizen.Phone, reference, 1)
			if c.mode == e2etest.Refuses {
				s.Gateway.Behave(e2etest.Accepts)
			}
			e2etest.Eventually(t, "the message is "+c.status, func() error {
				var status string
				err := db.QueryRow("SELECT m.status FROM messages m JOIN appointments a ON a.id = m.subject_id WHERE m.kind = 'booked' AND a.reference = ?", reference).Scan(&status)
				if err == nil && status != c.status {
					err = fmt.Errorf("it is %s", status)
				}
				return err
			})
			s.Gateway.Behave(e2etest.Accepts)
			accepted := 0
			calls := s.Gateway.Where(func(call e2etest.Call) bool {
				return call.To == citizen.Phone && strings.Contains(call.Text, reference)
			})
			for _, call := range calls {
				if call.Mode == e2etest.Accepts {
					accepted++
				}
			}
			if accepted != c.accepted || c.accepted == 0 && len(calls) != 1 {
				t.Errorf("%d calls, %d of them accepted; want %d accepted", len(calls), accepted, c.accepted)
			}
		}
	})
}
