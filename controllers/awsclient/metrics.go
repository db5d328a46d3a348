package awsclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count attempts on the wire, not calls: a call that is retried counts for each try.
type metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	waits     *prometheus.CounterVec
	refusals  *prometheus.CounterVec
	throttles *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		requests: counter("evenkeel_aws_requests_total",
			"Attempts of AWS calls by the code AWS answered with; OK for success.", "service", "operation", "code"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "evenkeel_aws_request_duration_seconds", Help: "Time of one attempt of an AWS call, without waiting for the budget.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"service", "operation"}),
		waits: counter("evenkeel_aws_budget_waits_total",
			"Attempts that waited a moment for the request budget.", "service"),
		refusals: counter("evenkeel_aws_budget_refusals_total",
			"Attempts that were not made because the request budget was used up.", "service"),
		throttles: counter("evenkeel_aws_throttles_total",
			"Attempts that AWS throttled in spite of the request budget.", "service", "operation"),
	}
	if registerer == nil {
		return m, nil
	}
	return m, errors.Join(
		register(registerer, &m.requests), register(registerer, &m.durations), register(registerer, &m.waits),
		register(registerer, &m.refusals), register(registerer, &m.throttles))
}

// register shares the collector that other Clients of the same process registered before.
func register[C prometheus.Collector](registerer prometheus.Registerer, collector *C) error {
	err := registerer.Register(*collector)
	var before prometheus.AlreadyRegisteredError
	if !errors.As(err, &before) {
		return err
	}
	existing, ok := before.ExistingCollector.(C)
	if !ok {
		return fmt.Errorf("another metric has the same name: %w", err)
	}
	*collector = existing
	return nil
}

func (m *metrics) observe(service, operation string, err error, took time.Duration) {
	m.requests.WithLabelValues(service, operation, codeLabel(err)).Inc()
	m.durations.WithLabelValues(service, operation).Observe(took.Seconds())
	if Classify(err) == Throttled {
		m.throttles.WithLabelValues(service, operation).Inc()
	}
}

// codeLabel is AWS's code, or the class of a failure that has none.
func codeLabel(err error) string {
	switch code := Code(err); {
	case err == nil:
		return "OK"
	case code != "":
		return code
	case canceled(err):
		return "Canceled"
	default:
		return string(Classify(err))
	}
}
