package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what operators watch, in a registry of its own.
type Metrics struct {
	Registry *prometheus.Registry

	requests   *prometheus.HistogramVec
	sockets    *prometheus.GaugeVec
	dropped    *prometheus.CounterVec
	Accepted   *prometheus.CounterVec // messages accepted, by channel
	Jobs       *prometheus.CounterVec // jobs finished, by kind and outcome
	Turns      prometheus.Histogram   // seconds a turn of a responder took
	Suggestion prometheus.Histogram   // seconds from a customer's message to its suggestions
}

// NewMetrics returns Metrics with everything registered.
func NewMetrics() *Metrics {
	fine := []float64{.001, .0025, .005, .01, .025, .05, .1, .15, .25, .5, 1, 2.5, 5, 10}
	m := &Metrics{
		Registry:   prometheus.NewRegistry(),
		requests:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "parley_request_seconds", Help: "Duration of HTTP requests.", Buckets: fine}, []string{"method", "route", "status"}),
		sockets:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "parley_connections", Help: "Open WebSockets and event streams."}, []string{"kind"}),
		dropped:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_connections_dropped_total", Help: "Connections closed because they were too slow to take their events."}, []string{"kind"}),
		Accepted:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_messages_accepted_total", Help: "Customer messages accepted."}, []string{"channel"}),
		Jobs:       prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_jobs_total", Help: "Jobs finished."}, []string{"kind", "outcome"}),
		Turns:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "parley_turn_seconds", Help: "Duration of a responder's turn.", Buckets: fine}),
		Suggestion: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "parley_suggestion_seconds", Help: "From a customer's message to its suggestions.", Buckets: fine}),
	}
	m.Registry.MustRegister(m.requests, m.sockets, m.dropped, m.Accepted, m.Jobs, m.Turns, m.Suggestion,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry})
}
