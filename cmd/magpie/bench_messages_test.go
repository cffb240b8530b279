package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/notify"
	"magpie/notify/sms"
	"magpie/scheduling"
	"magpie/scheduling/messages"
)

// senders is how many the worker has.
const senders = 32

func measureMessages(t *testing.T, plan benchPlan, engine benchEngine, r *report) {
	t.Helper()
	s := openBenchSite(t, engine.fresh(t), false)
	s.apply(t, e2etest.Office{Code: "anhua", Hours: e2etest.AllDay})
	s.owe(t, plan)

	gateway, taken := quickGateway(t)
	worker := s.workerTo(gateway)
	var drained, called loads
	for range plan.repetitions {
		s.planAgain(t, plan)
		taken.Store(0)
		drained = append(drained, drain(t.Context(), worker, plan.reminders))
		if got := taken.Load(); got != int64(plan.reminders) {
			t.Errorf("the gateway took %d messages of %d", got, plan.reminders)
		}
		if got := s.number(t, "SELECT COUNT(*) FROM messages WHERE status = 'handed_over'"); got != plan.reminders {
			t.Errorf("%d messages are handed over, of %d", got, plan.reminders)
		}
		called = append(called, drive(senders, plan.reminders, func(int) error {
			_, err := gateway.Send(t.Context(), sms.Message{ID: "1", To: "13900000000", Body: strings.Repeat("请按时来。", 10), ValidFor: time.Hour})
			return err
		}))
	}
	drained.good(t, "the worker")
	called.good(t, "the calls alone")
	r.messages(engine, plan, drained, called)
}

// quickGateway is a gateway that takes every message at once, and counts them.
func quickGateway(t testing.TB) (sms.Gateway, *atomic.Int64) {
	t.Helper()
	setting, taken := quickServer(t)
	gateway, err := sms.Open(sms.Options{Name: "MAGPIE_SMS", Setting: setting})
	if err != nil {
		t.Fatal(err)
	}
	return gateway, taken
}

// quickServer is such a gateway as MAGPIE_SMS takes it.
func quickServer(t testing.TB) (setting string, taken *atomic.Int64) {
	t.Helper()
	taken = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		taken.Add(1)
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("0: Accepted for delivery"))
	}))
	t.Cleanup(server.Close)
	return "kannel+http://user:password@" + server.Listener.Addr().String() + "/cgi-bin/sendsms", taken
}

// workerTo hands over what this database owes.
func (s *benchSite) workerTo(gateway sms.Gateway) *notify.Worker {
	routes := []notify.Route{{Gateway: messages.Gateway{Name: "kannel", Kind: "kannel"}, Way: gateway}}
	return notify.New(notify.Config{Queue: queue{store: s.app.store, now: time.Now}, Routes: routes, Now: time.Now, Log: s.app.scheduler.Log, Senders: senders})
}

// drain has the worker send all that is due.
func drain(ctx context.Context, worker *notify.Worker, n int) load {
	began := time.Now()
	summary, err := worker.RunOnce(ctx)
	out := load{rate: float64(n) / time.Since(began).Seconds()}
	if err == nil && summary.HandedOver != n {
		err = fmt.Errorf("handed over %+v", summary)
	}
	if err != nil {
		out.errors, out.first = 1, err
	}
	return out
}

// owe makes appointments with a reminder each, like one that was booked.
func (s *benchSite) owe(t *testing.T, plan benchPlan) {
	t.Helper()
	citizens := s.addCitizens(t, plan.citizens)
	who := s.actors(t, citizens[:1])[0]
	start := time.Now().UTC().Truncate(24 * time.Hour).Add(72 * time.Hour)
	if _, err := s.app.scheduler.Book(t.Context(), scheduling.Booking{
		Actor: who, Office: "anhua", Service: "talk", Start: start, Idempotency: scheduling.Idempotency{Key: "the first"},
		Parties: []scheduling.PartyRequest{{Name: scheduling.NewPrivate("王小明"), Phone: scheduling.NewPrivate(citizens[0].phone)}},
	}); err != nil {
		t.Fatal(err)
	}
	s.exec(t, "DELETE FROM messages WHERE kind <> 'reminder' OR lead_seconds < 80000")
	people := s.column(t, "SELECT id FROM persons")
	s.repeatFirst(t, "appointments", plan.reminders, func(i int) map[string]any {
		return map[string]any{"id": i + 1, "reference": owedReference(i), "asker_id": people[i%len(people)], "notified_id": people[i%len(people)]}
	})
	s.repeatFirst(t, "messages", plan.reminders, func(i int) map[string]any {
		return map[string]any{"id": i + 1, "subject_id": i + 1, "person_id": people[i%len(people)]}
	})
	s.exec(t, fmt.Sprintf("DELETE FROM messages WHERE id > %d", plan.reminders))
}

func owedReference(i int) string { return fmt.Sprintf("%010d", i) }

// planAgain makes every message that owe has made due, as if it had never been
// sent.
func (s *benchSite) planAgain(t *testing.T, plan benchPlan) {
	t.Helper()
	s.exec(t, "DELETE FROM deliveries WHERE message_id <= ?", plan.reminders)
	s.exec(t, "DELETE FROM message_counts")
	s.exec(t, "DELETE FROM gateway_minutes")
	due := time.Now().Unix() - 1
	s.exec(t, "UPDATE messages SET status = 'planned', attempt = 0, claim = 0, lease_until = 0, handed_at = 0, due_at = ?, next_at = ? WHERE id <= ?", due, due, plan.reminders)
}

// repeatFirst inserts n rows like the first of a table, each with some columns
// of its own.
func (s *benchSite) repeatFirst(t *testing.T, table string, n int, own func(i int) map[string]any) {
	t.Helper()
	columns, values := s.first(t, table)
	marks := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	const chunk = 200
	for from := 0; from < n; from += chunk {
		var rows []string
		var args []any
		for i := from; i < min(n, from+chunk); i++ {
			changed := own(i)
			for k, column := range columns {
				value := values[k]
				if other, ok := changed[column]; ok {
					value = other
				}
				args = append(args, value)
			}
			rows = append(rows, marks)
		}
		s.exec(t, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+strings.Join(rows, ", "), args...)
	}
}
