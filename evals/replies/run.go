package replies

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/score"
	"github.com/parleyhq/parley/kb"
)

// Options says what to measure. Data or Queries must be given.
type Options struct {
	Data     []Chat // recorded conversations to measure on
	Train    []Chat // whose replies are the past ones; none: a fifth of Data at a time is measured with the rest as the past
	Corpus   []Snippet
	Queries  []Query
	Progress func(done, total int) // nil: silent
}

// Report is what came out. The values of Metrics are shares from 0 to 1, or
// milliseconds where the name ends in _ms. Names that begin with kb_ are of the
// corpus and its queries.
type Report struct {
	Sets    map[string]int
	Metrics map[string]float64
	Groups  []Group // of Data, by domain and task
}

// Group is the conversations of one task.
type Group struct {
	Domain     string  `json:"domain"`
	Task       string  `json:"task"`
	Replies    int     `json:"replies"`
	First      float64 `json:"first"`
	AmongThree float64 `json:"among_three"`
	Shown      float64 `json:"shown"`
}

const folds = 5

// Run measures. At each reply that an agent picked or wrote, the product's
// ranker is asked in the same situation, with nothing known of what follows.
func Run(ctx context.Context, o Options) (Report, error) {
	r := Report{Sets: map[string]int{}, Metrics: map[string]float64{}}
	t := newTally()
	steps := &progress{show: o.Progress}
	if o.Progress != nil {
		steps.total = count(o.Data) + len(o.Queries)
	}
	var err error
	switch {
	case len(o.Data) == 0:
	case len(o.Train) > 0:
		err = measure(ctx, o.Train, o.Data, t, steps)
	default:
		for fold := range folds {
			var train, test []Chat
			for i, c := range o.Data {
				if i%folds == fold {
					test = append(test, c)
				} else {
					train = append(train, c)
				}
			}
			if err = measure(ctx, train, test, t, steps); err != nil {
				break
			}
		}
	}
	if err != nil {
		return r, err
	}
	if len(o.Data) > 0 {
		r.Sets["train"], r.Sets["data"] = len(o.Train), len(o.Data)
		t.report(&r)
	}
	if len(o.Queries) > 0 {
		r.Sets["corpus"], r.Sets["queries"] = len(o.Corpus), len(o.Queries)
		err = snippets(ctx, o, &r, steps)
	}
	return r, err
}

func count(list []Chat) int {
	n := 0
	for _, c := range list {
		n += len(c.Moments())
	}
	return n
}

type progress struct {
	show        func(done, total int)
	done, total int
}

func (p *progress) step() {
	if p.done++; p.show != nil {
		p.show(p.done, p.total)
	}
}

// measure remembers the replies of some conversations and is asked in others.
func measure(ctx context.Context, train, test []Chat, t *tally, steps *progress) error {
	memory, known := assist.NewMemory(), map[string]bool{}
	for _, c := range train {
		for _, m := range c.Moments() {
			memory.Add(m.Past)
			known[m.Label] = true
		}
	}
	began := time.Now()
	if err := memory.Train(ctx); err != nil {
		return fmt.Errorf("learn from the past replies: %w", err)
	}
	t.trained += time.Since(began)
	ranker := assist.Ranker{Memory: memory}
	for _, c := range test {
		for _, m := range c.Moments() {
			began := time.Now()
			now := assist.Moment{
				Question:  kb.Question{Text: m.Past.Situation.Said, Lang: desk.English, Audience: kb.Agents, Now: began},
				Situation: m.Past.Situation,
			}
			shown, err := ranker.Choose(ctx, now)
			took := time.Since(began)
			if err != nil {
				return fmt.Errorf("suggest in conversation %s: %w", m.Chat, err)
			}
			ranked, err := ranker.Rank(ctx, now, 3)
			if err != nil {
				return fmt.Errorf("rank in conversation %s: %w", m.Chat, err)
			}
			t.add(m, ranked, shown, known[m.Label], took)
			steps.step()
		}
	}
	return nil
}

// latencies writes the usual percentiles down, in milliseconds.
func latencies(into map[string]float64, prefix string, all []time.Duration) {
	for _, p := range []struct {
		name string
		at   float64
	}{{"p50_ms", 0.5}, {"p95_ms", 0.95}, {"p99_ms", 0.99}} {
		into[prefix+p.name] = float64(score.Percentile(all, p.at).Microseconds()) / 1000
	}
}
