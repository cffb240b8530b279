package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"magpie/api"
)

func TestTheMetricsCountByTemplateAndNothingThatACallerChose(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := start(t, func(c *api.Config) { c.Registry = registry })
	s.ask(t, request{method: "GET", path: "/api/v1/appointments/52073164", token: citizensToken})
	s.ask(t, request{method: "GET", path: "/api/v1/appointments/52073164/nothing"})
	serve(s, "BREW", "/healthz")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var counted []string
	for _, family := range families {
		if family.GetName() != "magpie_http_request_duration_seconds" {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, l := range metric.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			counted = append(counted, strings.Join(labels, " "))
		}
	}
	want := []string{"GET /api/v1/appointments/:reference 200", "GET unmatched 404", "other /healthz 405"}
	if slices.Sort(counted); !slices.Equal(counted, want) {
		t.Errorf("counted %q, want %q", counted, want)
	}
}

func TestMetricsAreServedOnTheirOwnAddress(t *testing.T) {
	s := start(t, func(c *api.Config) { c.MetricsListen = "127.0.0.1:0" })
	if err := s.server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.server.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for address, want := range map[string]int{s.server.MetricsAddr().String(): http.StatusOK, s.server.Addr().String(): http.StatusNotFound} {
		response, err := client.Get("http://" + address + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != want {
			t.Errorf("%s answered %d, want %d", address, response.StatusCode, want)
		}
	}
}
