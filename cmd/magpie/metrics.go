package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"magpie/notify"
)

// messageMetrics shows a worker's counts to Prometheus.
type messageMetrics struct {
	worker interface{ Stats() notify.Stats }
}

var (
	messagesClaimed = prometheus.NewDesc("magpie_messages_claimed_total",
		"Messages taken from the database to be sent.", nil, nil)
	messagesFinished = prometheus.NewDesc("magpie_messages_finished_total",
		"Messages by what became of them.", []string{"outcome"}, nil)
	gatewayCalls = prometheus.NewDesc("magpie_gateway_calls_total",
		"Calls of a gateway by what it answered: accepted, or what was wrong.", []string{"gateway", "answer"}, nil)
	messagesUnwritten = prometheus.NewDesc("magpie_messages_unwritten_total",
		"Messages whose outcome could not be written before their lease ended.", nil, nil)
	messagesLost = prometheus.NewDesc("magpie_messages_lost_total",
		"Messages found in the hands of senders that had ended.", nil, nil)
	messagesSending = prometheus.NewDesc("magpie_messages_sending",
		"Calls of the gateway under way.", nil, nil)
	messagesLastHandedOver = prometheus.NewDesc("magpie_messages_last_handed_over_timestamp_seconds",
		"When a message was last accepted by the gateway; 0: never.", nil, nil)
	messagesLastError = prometheus.NewDesc("magpie_messages_last_error_timestamp_seconds",
		"When sending last went wrong; 0: never.", nil, nil)
)

// Describe lists the metrics.
func (m messageMetrics) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, out) }

// Collect reads them.
func (m messageMetrics) Collect(out chan<- prometheus.Metric) {
	s := m.worker.Stats()
	counter := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n int64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n))
	}
	counter(messagesClaimed, s.Claimed)
	counter(messagesFinished, s.HandedOver, notify.HandedOver.String())
	counter(messagesFinished, s.RetryLater, notify.RetryLater.String())
	counter(messagesFinished, s.Failed, notify.Failed.String())
	counter(messagesFinished, s.Unknown, notify.Unknown.String())
	counter(messagesFinished, s.Expired, notify.Expired.String())
	counter(messagesFinished, s.GivenBack, notify.GivenBack.String())
	for call, n := range s.Calls {
		counter(gatewayCalls, n, call.Gateway, call.Answer)
	}
	counter(messagesUnwritten, s.Unwritten)
	counter(messagesLost, s.Lost)
	gauge(messagesSending, s.Sending)
	gauge(messagesLastHandedOver, seconds(s.LastHandedOver))
	gauge(messagesLastError, seconds(s.LastError))
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
