package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/notify"
	"magpie/scheduling"
	"magpie/scheduling/account"
	"magpie/scheduling/calendar"
)

// sentEvery is how close past messages lie, in seconds: a million of them
// reach back 162 days, within what an office keeps.
const sentEvery = 14

// million is one database with its past messages.
type million struct {
	site     *benchSite
	worker   *notify.Worker
	director scheduling.Actor
	drained  loads
	ledger   loads
	preview  loads
}

// measureMillion hands over what is due without a past and with one, and reads
// the ledger's first page and an appointment's preview of both.
func measureMillion(t *testing.T, plan benchPlan, engine benchEngine, r *report) {
	t.Helper()
	gateway, _ := quickGateway(t)
	empty := openBenchSite(t, engine.fresh(t), false)
	empty.apply(t, e2etest.Office{Code: "anhua", Hours: e2etest.AllDay})
	empty.owe(t, plan)
	empty.planAgain(t, plan)
	loads{drain(t.Context(), empty.workerTo(gateway), plan.reminders)}.good(t, "the worker, to get warm")
	full := openBenchSite(t, engine.clone(t, empty), false)
	began := time.Now()
	full.addSent(t, engine, plan)
	t.Logf("a million: %d past messages made in %s", plan.sent, time.Since(began).Round(time.Second))
	both := []*million{{site: empty}, {site: full}}
	for _, m := range both {
		m.director, m.worker = m.site.director(t), m.site.workerTo(gateway)
	}
	for repetition := range plan.repetitions {
		for _, m := range both {
			m.measure(t, plan)
		}
		t.Logf("a million: repetition %d of %d: without a past %.0f, with one %.0f", repetition+1, plan.repetitions, both[0].drained[repetition].rate, both[1].drained[repetition].rate)
	}
	for _, m := range both {
		m.drained.good(t, "the worker")
		m.ledger.good(t, "the ledger")
		m.preview.good(t, "the preview")
	}
	r.million(engine, plan, both)
	measureDue(t, plan, engine, empty, r)
}

func (m *million) measure(t *testing.T, plan benchPlan) {
	t.Helper()
	m.site.planAgain(t, plan)
	m.drained = append(m.drained, drain(t.Context(), m.worker, plan.reminders))
	today := calendar.DateIn(time.Now(), time.UTC)
	m.ledger = append(m.ledger, drive(1, plan.searches, func(int) error {
		page, _, err := m.site.app.scheduler.Messages(t.Context(), scheduling.MessageFilter{Actor: m.director, Office: "anhua", From: today.Add(-90), To: today.Add(1)})
		if err == nil && len(page) == 0 {
			err = errors.New("the ledger is empty")
		}
		return err
	}))
	m.preview = append(m.preview, drive(1, plan.searches, func(i int) error {
		coming, err := m.site.app.scheduler.Preview(t.Context(), m.director, owedReference(i%plan.reminders))
		if err == nil && len(coming) != 1 {
			err = fmt.Errorf("%d messages are coming", len(coming))
		}
		return err
	}))
}

func (s *benchSite) director(t testing.TB) scheduling.Actor {
	t.Helper()
	office, err := s.app.scheduler.OfficeByCode(t.Context(), "anhua")
	if err != nil {
		t.Fatal(err)
	}
	return scheduling.Actor{Kind: scheduling.StaffKind, OfficeID: office.ID, Office: "anhua", Username: "chief", Roles: []account.Role{account.Director}, Scope: account.Office}
}

// addSent makes messages of the past with their appointments, handed over and
// delivered, like those that were handed over in this database.
func (s *benchSite) addSent(t testing.TB, engine benchEngine, plan benchPlan) {
	t.Helper()
	now := int(time.Now().Unix())
	due := fmt.Sprintf("%d - (seq - %d) * %d", now-86400, plan.reminders, sentEvery)
	start := due + " + 86400"
	s.addOwed(t, engine, plan, plan.sent,
		map[string]string{"status": "'completed'", "counted": "0", "start_at": start, "end_at": start + " + 3600", "created_at": due + " - 86400", "updated_at": due},
		map[string]string{"status": "'handed_over'", "attempt": "1", "due_at": due, "next_at": due, "until_at": start, "handed_at": due, "created_at": due + " - 86400", "updated_at": due},
	)
	s.multiply(t, engine, "deliveries", plan.reminders+1, plan.reminders+plan.sent, map[string]string{
		"message_id": "seq", "appointment_id": "seq", "handed_at": due, "receipt": "'delivered'", "receipt_at": due + " + 3",
	})
}

// addOwed makes so many appointments with a message each, after those of owe.
func (s *benchSite) addOwed(t testing.TB, engine benchEngine, plan benchPlan, n int, appointments, messages map[string]string) {
	t.Helper()
	first, last := plan.reminders+1, plan.reminders+n
	var people []int64
	for _, id := range s.column(t, "SELECT id FROM persons LIMIT 8") {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, n)
	}
	person := oneOf(people)
	s.multiply(t, engine, "appointments", first, last, appointments, map[string]string{
		"id": "seq", "reference": engine.padded, "asker_id": person, "notified_id": person, "keeper_id": person,
	})
	s.multiply(t, engine, "messages", first, last, messages, map[string]string{"id": "seq", "subject_id": "seq", "person_id": person})
}

// measureDue looks at the memory of the real program while a million messages
// are due at once and a gateway takes them as fast as they come, and when it is
// at rest again.
func measureDue(t *testing.T, plan benchPlan, engine benchEngine, like *benchSite, r *report) {
	t.Helper()
	if plan.due == 0 {
		return
	}
	s := openBenchSite(t, engine.clone(t, like), false)
	now := fmt.Sprint(time.Now().Unix())
	s.addOwed(t, engine, plan, plan.due, nil, map[string]string{"status": "'planned'", "attempt": "0", "due_at": now, "next_at": now, "handed_at": "0"})
	setting, taken := quickServer(t)
	site := e2etest.NewSiteOn(t, engine.name, s.address)
	site.Set("MAGPIE_DATABASE", s.address)
	site.Set("MAGPIE_SECRET", "bench:"+base64.StdEncoding.EncodeToString([]byte(benchKey)[:32]))
	site.Set("MAGPIE_SMS", setting)
	site.Clock.Set(t, time.Now())
	server := site.Serve(t)
	began, before := time.Now(), taken.Load()
	<-time.After(plan.drained)
	result := dueResult{rate: float64(taken.Load()-before) / time.Since(began).Seconds(), draining: server.RSS(t), peak: server.Peak(t)}
	site.Clock.Set(t, time.Now().Add(-time.Hour)) // then nothing is due
	<-time.After(plan.rest)
	result.rest, result.peak = server.RSS(t), max(result.peak, server.Peak(t))
	if exit := server.Terminate(t, syscall.SIGTERM); exit != 0 {
		t.Errorf("the server ended with status %d", exit)
	}
	t.Logf("a million: due at once: %+v", result)
	r.due(plan, result)
}

// dueResult is how many a server handed over a second, and its memory in bytes.
type dueResult struct {
	rate                 float64
	draining, peak, rest int
}
