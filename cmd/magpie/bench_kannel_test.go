package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"magpie/cmd/magpie/e2etest"
	"magpie/cmd/magpie/e2etest/kannel"
	"magpie/config"
)

// benchHook is the secret of the hook that Kannel's receipts come to.
const benchHook = "bench-0123456789-abcdefghij"

// kannelSite is a site whose gateway is a real Kannel.
type kannelSite struct {
	*benchSite
	kannel *kannel.Kannel
}

// kannelResults are what was handed over, and what came back, a second.
type kannelResults struct {
	handed, received loads
}

// measureKannel hands over what is due to a real Kannel, its receipts coming
// back to the server's hook, in turn with a bare loop over the same interface
// whose receipts come to a server that throws them away.
func measureKannel(t *testing.T, plan benchPlan, engine benchEngine, r *report) {
	t.Helper()
	s := openKannelSite(t, engine)
	s.apply(t, e2etest.Office{Code: "anhua", Hours: e2etest.AllDay})
	s.owe(t, plan)
	if err := s.app.jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	loop := newBareLoop(t, s.kannel)
	var worker, bare kannelResults
	for repetition := range plan.repetitions {
		s.drainOver(t, plan, &worker)
		loop.run(t, plan, &bare)
		t.Logf("kannel: repetition %d of %d: worker %.0f, receipts %.0f; bare loop %.0f, receipts %.0f", repetition+1, plan.repetitions,
			worker.handed[repetition].rate, worker.received[repetition].rate, bare.handed[repetition].rate, bare.received[repetition].rate)
	}
	worker.handed.good(t, "the worker")
	bare.handed.good(t, "the bare loop")
	r.kannel(engine, plan, worker, bare)
}

// openKannelSite opens a site with everything that serve has, receipts too.
func openKannelSite(t *testing.T, engine benchEngine) *kannelSite {
	t.Helper()
	s := &kannelSite{kannel: kannel.Start(t, kannel.Options{Over: kannel.Fake, InMemory: true})}
	s.benchSite = openBenchSite(t, engine.fresh(t), false, func(p *parts) {
		port := e2etest.FreePort(t)
		p.settings.Listen = fmt.Sprintf("127.0.0.1:%d", port)
		settings, err := config.Load([]string{
			"MAGPIE_LISTEN=" + p.settings.Listen, "MAGPIE_SMS=" + s.kannel.Setting(), "MAGPIE_HOOK_SECRET=" + benchHook,
			"MAGPIE_SECRET=" + e2etest.NewSecret("bench"),
		})
		if err != nil {
			t.Fatal(err)
		}
		p.settings.HookSecret, p.settings.HookSenders = settings.HookSecret, settings.HookSenders
		if p.gateways, err = (&program{log: p.log}).openGateways(settings); err != nil {
			t.Fatal(err)
		}
	})
	return s
}

// drainOver has the worker send all that is due, and waits for the receipts.
func (s *kannelSite) drainOver(t *testing.T, plan benchPlan, results *kannelResults) {
	t.Helper()
	s.planAgain(t, plan)
	began := time.Now()
	results.handed = append(results.handed, drain(t.Context(), s.app.worker, plan.reminders))
	results.received = append(results.received, received(t, plan.reminders, began, func() int {
		return s.number(t, "SELECT COUNT(*) FROM deliveries WHERE receipt = 'delivered'")
	}))
	if got := s.number(t, "SELECT COUNT(*) FROM messages WHERE status = 'handed_over'"); got != plan.reminders {
		t.Errorf("%d messages are handed over, of %d", got, plan.reminders)
	}
}

// received waits until all receipts have come.
func received(t *testing.T, n int, began time.Time, count func() int) load {
	t.Helper()
	e2etest.Eventually(t, "every receipt has come", func() error {
		if got := count(); got != n {
			return fmt.Errorf("%d of %d", got, n)
		}
		return nil
	})
	return load{rate: float64(n) / time.Since(began).Seconds()}
}

// bareLoop is a client of sendsms without anything else: it keeps its
// connections, and all that it asks was written beforehand.
type bareLoop struct {
	client   http.Client
	sendsms  url.URL
	sink     *httptest.Server
	receipts atomic.Int64
}

func newBareLoop(t *testing.T, k *kannel.Kannel) *bareLoop {
	t.Helper()
	l := &bareLoop{client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders, DisableCompression: true}}}
	u, err := url.Parse(strings.TrimPrefix(k.Setting(), "kannel+"))
	if err != nil {
		t.Fatal(err)
	}
	l.sendsms = *u
	l.sink = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { l.receipts.Add(1) }))
	t.Cleanup(l.sink.Close)
	t.Cleanup(l.client.CloseIdleConnections)
	return l
}

func (l *bareLoop) run(t *testing.T, plan benchPlan, results *kannelResults) {
	t.Helper()
	addresses := make([]string, plan.reminders)
	for i := range addresses {
		addresses[i] = l.address(i, plan.citizens)
	}
	l.receipts.Store(0)
	began := time.Now()
	results.handed = append(results.handed, drive(senders, plan.reminders, func(i int) error { return l.send(t.Context(), addresses[i]) }))
	results.received = append(results.received, received(t, plan.reminders, began, func() int { return int(l.receipts.Load()) }))
}

// address is what the driver would ask for such a message.
func (l *bareLoop) address(i, citizens int) string {
	password, _ := l.sendsms.User.Password()
	u := l.sendsms
	u.User = nil
	u.RawQuery = url.Values{
		"username": {l.sendsms.User.Username()}, "password": {password},
		"to": {fmt.Sprintf("139%08d", i%citizens)}, "text": {"【安化县民政局】提醒您：您预约的时间是11月28日（周六）上午8:00，编号52073164。有变动请致电0737-7220000。"},
		"coding": {"2"}, "charset": {"UTF-8"}, "validity": {"1440"}, "dlr-mask": {"19"},
		"dlr-url": {fmt.Sprintf("%s/hooks/kannel/%s?id=%d&type=%%d&time=%%T&reason=%%A", l.sink.URL, benchHook, i+1)},
	}.Encode()
	return u.String()
}

func (l *bareLoop) send(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("answered %d %s", answer.StatusCode, content)
	}
	return err
}
