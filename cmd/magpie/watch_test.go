package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"magpie/notify"
	"magpie/scheduling/store"
)

// seen is a store that answers as a test wants, and a worker that is told.
type seen struct {
	due      int
	oldest   time.Time
	since    time.Time
	judged   map[string]notify.Receipts
	missedOf []string
	names    time.Time
	spending []store.Spending
}

func (s *seen) CountDue(context.Context) (int, time.Time, error) { return s.due, s.oldest, nil }

func (s *seen) CountMinutes(_ context.Context, since time.Time) ([]store.GatewayMinutes, error) {
	s.since = since
	return []store.GatewayMinutes{{Gateway: "kannel", Handed: 40, Delivered: 30, Failed: 5}}, nil
}

func (s *seen) MatchStrays(context.Context) (int, error) { return 0, nil }

func (s *seen) MissReceipts(_ context.Context, gateways []string) (int64, error) {
	s.missedOf = gateways
	return 0, nil
}

func (s *seen) NoticeNames(_ context.Context, since time.Time) error {
	s.names = since
	return nil
}

func (s *seen) NearCeiling(context.Context, float64) ([]store.Spending, error) {
	return s.spending, nil
}

func (s *seen) Judge(receipts map[string]notify.Receipts) { s.judged = receipts }

func (s *seen) Troubles() []string { return []string{"gateway kannel: somebody must act"} }

func watching(t *testing.T, s *seen, now time.Time) *watch {
	t.Helper()
	w := newWatch(s, s, func() time.Time { return now })
	for _, j := range w.jobs([]string{"kannel"}) {
		if err := j.work(t.Context()); err != nil {
			t.Fatalf("%s: %v", j.name, err)
		}
	}
	return w
}

func TestTheWatchJudgesGatewaysByTheLastQuarterOfAnHour(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	s := &seen{}
	watching(t, s, now)
	if !s.since.Equal(now.Add(-15*time.Minute)) || s.judged["kannel"] != (notify.Receipts{Delivered: 30, Failed: 5}) {
		t.Errorf("judged %v since %v", s.judged, s.since)
	}
	if !slices.Equal(s.missedOf, []string{"kannel"}) || !s.names.Before(now) {
		t.Errorf("missed of %v, names since %v", s.missedOf, s.names)
	}
}

func TestReadinessWarnsOfWhatIsLateOfTroublesAndOfCeilings(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		seen seen
		want []string
	}{
		"nothing due":    {seen{}, []string{"gateway kannel"}},
		"due for 60 s":   {seen{due: 1, oldest: now.Add(-time.Minute)}, []string{"gateway kannel"}},
		"due for 61 s":   {seen{due: 1, oldest: now.Add(-61 * time.Second)}, []string{"gateway kannel", "messages: the oldest that is due has waited since 2026-11-25T08:58:59Z"}},
		"near a ceiling": {seen{spending: []store.Spending{{Office: "anhua", Used: 801, Ceiling: 1000}}}, []string{"gateway kannel", "office anhua: 801 of this month's 1000 segments"}},
	} {
		got := watching(t, &c.seen, now).warnings()
		if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTheWatchShowsWhatIsDueAndWhatGatewaysSay(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	w := watching(t, &seen{due: 3, oldest: now.Add(-time.Minute)}, now)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(w)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = m.GetGauge().GetValue()
		}
	}
	want := map[string]float64{
		"magpie_messages_due": 3, "magpie_messages_oldest_due_timestamp_seconds": float64(now.Add(-time.Minute).Unix()),
		"magpie_gateway_handed_over_recent kannel": 40, "magpie_gateway_receipts_recent kannel delivered": 30, "magpie_gateway_receipts_recent kannel failed": 5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
