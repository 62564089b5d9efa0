package httpapi

import (
	"cmp"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parleyhq/parley/internal/llm"
)

// modelMetrics is what operators watch of language models.
type modelMetrics struct {
	calls  *prometheus.CounterVec
	tokens *prometheus.CounterVec
	took   *prometheus.HistogramVec
}

func newModelMetrics(r prometheus.Registerer) modelMetrics {
	m := modelMetrics{
		calls:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_model_calls_total", Help: "Calls of the chat model; the outcome is ok or what went wrong, over_budget where the conversation had spent its tokens and the model was not asked."}, []string{"purpose", "outcome"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_model_tokens_total", Help: "Tokens of the chat model; the kind is prompt or completion."}, []string{"purpose", "kind"}),
		took:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "parley_model_seconds", Help: "Duration of calls of the chat model, retries included.", Buckets: []float64{.1, .25, .5, 1, 2, 4, 8, 16, 32}}, []string{"purpose"}),
	}
	r.MustRegister(m.calls, m.tokens, m.took)
	return m
}

// Model counts a call of the chat model.
func (m *Metrics) Model(x llm.Exchange) {
	purpose := cmp.Or(string(x.Purpose), "other")
	m.model.calls.WithLabelValues(purpose, cmp.Or(string(x.Error), "ok")).Inc()
	if x.Error == llm.OverBudget {
		return
	}
	m.model.tokens.WithLabelValues(purpose, "prompt").Add(float64(x.Usage.Prompt))
	m.model.tokens.WithLabelValues(purpose, "completion").Add(float64(x.Usage.Completion))
	m.model.took.WithLabelValues(purpose).Observe(x.Took.Seconds())
}

// ModelBudget shows how many tokens a conversation may spend, and how much of
// the journal of exchanges waits and was lost.
func (m *Metrics) ModelBudget(tokens int, j *llm.Journal) {
	m.Registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "parley_model_conversation_budget_tokens", Help: "Tokens that one conversation may spend."}, func() float64 { return float64(tokens) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "parley_model_exchanges_waiting", Help: "Exchanges with models that are still to be written down."}, func() float64 { return float64(j.Waiting()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "parley_model_exchanges_lost_total", Help: "Exchanges with models that could not be written down."}, func() float64 { return float64(j.Lost()) }),
	)
}
