package intents

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/score"
)

// Sets are the files of a run; see Read.
type Sets struct {
	Train        []string
	Dev          []string // thresholds are picked on it; without it the model picks its own
	Test         []string // without it dev is the test
	Outside      []string // utterances that belong to no intent, to test with; the label does not matter
	TrainOutside []string // such utterances to learn from
}

// Run trains the product's classifier on the training set and measures it on
// the test set. Thresholds are picked on dev by a model that has not seen dev;
// the model that is tested has learnt from both. step is called at each step.
func Run(ctx context.Context, s Sets, step func(done, of int)) (Report, error) {
	begin := time.Now()
	if step == nil {
		step = func(int, int) {}
	}
	d, err := load(s)
	if err != nil {
		return Report{}, err
	}
	steps := 2
	if d.apart {
		steps = 4
	}
	done := 0
	next := func() { done++; step(done, steps) }
	step(0, steps)

	r := Report{Command: "nlu", Sets: d.sizes(), Metrics: map[string]float64{}, Settings: map[string]any{}}
	t := d.training(d.train, d.trainOutside)
	m, took, err := train(ctx, t)
	if err != nil {
		return Report{}, err
	}
	next()
	points := Points{Direct: m.Direct(), Inside: m.Reject(), From: "model"}
	if d.apart {
		seen := judge(m, d.dev)
		outside := judgeTexts(m, d.devOutside)
		points = pick(seen, outside, points)
		next()
		t = d.training(slices.Concat(d.train, d.dev), d.trainOutside)
		if m, took, err = train(ctx, t); err != nil {
			return Report{}, err
		}
		next()
	}
	seen := judge(m, d.test)
	outside := judgeTexts(m, d.testOutside)
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	measure(r.Metrics, seen, outside, points)
	measureTimes(r.Metrics, slices.Concat(seen, outside))
	r.Metrics["train_ms"] = float64(took.Milliseconds())
	r.Metrics["model_bytes"] = float64(len(m.Save()))
	r.Settings["intents"] = len(m.Classes())
	r.Settings["threshold_direct"] = round(points.Direct)
	r.Settings["threshold_inside"] = round(points.Inside)
	r.Settings["thresholds_from"] = points.From
	r.Confusions = confusions(seen, 10)
	next()
	r.TookMS = time.Since(begin).Milliseconds()
	return r, nil
}

// data is what the files of a run hold.
type data struct {
	train, dev, test                      []Row
	trainOutside, devOutside, testOutside []string
	apart                                 bool // dev is not the test
}

func load(s Sets) (data, error) {
	var d data
	test := s.Test
	if d.apart = len(s.Test) > 0 && len(s.Dev) > 0; !d.apart && len(test) == 0 {
		test = s.Dev
	}
	if len(s.Train) == 0 || len(test) == 0 {
		return d, desk.Errorf(desk.Invalid, "no_sets", "a training set and a test set (or a dev set) are needed")
	}
	for _, part := range []struct {
		files   []string
		in      *[]Row
		outside *[]string
	}{{s.Train, &d.train, &d.trainOutside}, {s.Dev, &d.dev, &d.devOutside}, {test, &d.test, &d.testOutside}} {
		rows, err := Read(part.files...)
		if err != nil {
			return d, err
		}
		*part.in, *part.outside = divide(rows)
	}
	for _, part := range []struct {
		files []string
		to    *[]string
	}{{s.Outside, &d.testOutside}, {s.TrainOutside, &d.trainOutside}} {
		rows, err := Read(part.files...)
		if err != nil {
			return d, err
		}
		for _, r := range rows {
			*part.to = append(*part.to, r.Text)
		}
	}
	if len(d.train) == 0 || len(d.test)+len(d.testOutside) == 0 {
		return d, desk.Errorf(desk.Invalid, "empty_set", "the training set has %d rows with an intent, the test set %d: both need some", len(d.train), len(d.test))
	}
	return d, nil
}

func (d data) sizes() map[string]int {
	out := map[string]int{"train": len(d.train), "test": len(d.test)}
	for name, n := range map[string]int{"dev": len(d.dev), "train_oos": len(d.trainOutside), "dev_oos": len(d.devOutside), "test_oos": len(d.testOutside)} {
		if n > 0 {
			out[name] = n
		}
	}
	return out
}

// training makes a flow of each label, as a playbook would have it.
func (d data) training(rows []Row, outside []string) nlu.Training {
	at := map[string]int{}
	t := nlu.Training{Bare: true, Outside: outside}
	for _, r := range rows {
		i, ok := at[r.Label]
		if !ok {
			i = len(t.Flows)
			at[r.Label] = i
			t.Flows = append(t.Flows, nlu.FlowExamples{Name: r.Label, Examples: map[desk.Lang][]string{}})
		}
		t.Flows[i].Examples[""] = append(t.Flows[i].Examples[""], r.Text)
	}
	slices.SortFunc(t.Flows, func(a, b nlu.FlowExamples) int { return cmp.Compare(a.Name, b.Name) })
	return t
}

func train(ctx context.Context, t nlu.Training) (*nlu.Model, time.Duration, error) {
	start := time.Now()
	m, err := nlu.Train(ctx, t)
	return m, time.Since(start), err
}

// judged is what the model made of a row.
type judged struct {
	want, got  string
	rank       int // of the right one, from 1; 0 when the model has no such intent
	confidence float64
	inside     float64
	took       time.Duration
	meaning    bool // was asked
}

func judge(m *nlu.Model, rows []Row) []judged {
	out := make([]judged, 0, len(rows))
	for _, r := range rows {
		j := one(m, r.Text)
		j.want = r.Label
		for i, s := range j.ranked {
			if label(s) == r.Label {
				j.rank = i + 1
				break
			}
		}
		out = append(out, j.judged)
	}
	return out
}

func judgeTexts(m *nlu.Model, texts []string) []judged {
	out := make([]judged, 0, len(texts))
	for _, s := range texts {
		j := one(m, s)
		j.want = Outside
		out = append(out, j.judged)
	}
	return out
}

type answer struct {
	judged
	ranked []nlu.Scored
}

func one(m *nlu.Model, text string) answer {
	start := time.Now()
	v := m.Judge(text)
	a := answer{ranked: v.Ranked, judged: judged{inside: v.Inside, meaning: v.Meaning, took: time.Since(start)}}
	if len(v.Ranked) > 0 {
		a.got, a.confidence = label(v.Ranked[0]), v.Ranked[0].Confidence
	}
	return a
}

func label(s nlu.Scored) string { return strings.TrimPrefix(s.Class, desk.KindFlow+":") }

// confusions are the commonest mistakes.
func confusions(seen []judged, most int) []Confusion {
	count := map[[2]string]int{}
	for _, j := range seen {
		if j.rank != 1 {
			count[[2]string{j.want, j.got}]++
		}
	}
	var out []Confusion
	for pair, n := range count {
		out = append(out, Confusion{pair[0], pair[1], n})
	}
	slices.SortFunc(out, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Want, b.Want), cmp.Compare(a.Got, b.Got))
	})
	return out[:min(most, len(out))]
}

func ranksOf(seen []judged) score.Ranks {
	out := make(score.Ranks, len(seen))
	for i, j := range seen {
		out[i] = j.rank
	}
	return out
}
