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
	accepted   *prometheus.CounterVec
	jobs       *prometheus.HistogramVec
	turns      prometheus.Histogram
	suggestion prometheus.Histogram
	model      modelMetrics
}

// NewMetrics returns Metrics with everything registered.
func NewMetrics() *Metrics {
	fine := []float64{.001, .0025, .005, .01, .025, .05, .1, .15, .25, .5, 1, 2.5, 5, 10}
	m := &Metrics{
		Registry:   prometheus.NewRegistry(),
		requests:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "parley_request_seconds", Help: "Duration of HTTP requests.", Buckets: fine}, []string{"method", "route", "status"}),
		sockets:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "parley_connections", Help: "Open WebSockets and event streams."}, []string{"kind"}),
		dropped:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_connections_dropped_total", Help: "Connections closed because they were too slow to take their events."}, []string{"kind"}),
		accepted:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_messages_accepted_total", Help: "Customer messages accepted."}, []string{"channel"}),
		jobs:       prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "parley_job_seconds", Help: "Duration of the runs of jobs; the outcome is done, waiting (to run again) or failed.", Buckets: fine}, []string{"kind", "outcome"}),
		turns:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "parley_turn_seconds", Help: "Duration of a responder's turn.", Buckets: fine}),
		suggestion: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "parley_suggestion_seconds", Help: "From the job of a customer's message to its suggestions on the agent's screen.", Buckets: fine}),
	}
	m.model = newModelMetrics(m.Registry)
	m.Registry.MustRegister(m.requests, m.sockets, m.dropped, m.accepted, m.jobs, m.turns, m.suggestion,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Job counts a run of a job.
func (m *Metrics) Job(kind, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Observe(took.Seconds())
}

// Turn counts a turn of a responder.
func (m *Metrics) Turn(took time.Duration) { m.turns.Observe(took.Seconds()) }

// Suggested counts a search for suggestions.
func (m *Metrics) Suggested(took time.Duration) { m.suggestion.Observe(took.Seconds()) }

func (m *Metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry})
}
