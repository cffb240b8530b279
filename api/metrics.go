package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// gauges is what the server counts of itself.
type gauges struct {
	took     *prometheus.HistogramVec
	underWay prometheus.Gauge
	shed     prometheus.Counter
}

func newGauges(r *prometheus.Registry) *gauges {
	g := &gauges{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "magpie_http_request_duration_seconds",
			Help:    "Time to answer a request, by method, route template and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		underWay: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "magpie_http_requests_under_way",
			Help: "Requests being worked on.",
		}),
		shed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "magpie_http_requests_shed_total",
			Help: "Requests answered 503 at once because too many were under way.",
		}),
	}
	r.MustRegister(g.took, g.underWay, g.shed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return g
}

// finished counts one request. A method that HTTP does not have counts as
// "other": labels are not for callers to make.
func (g *gauges) finished(method, route string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	g.took.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}
