package retrieval

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/evals/score"
	"github.com/parleyhq/parley/kb"
)

// depth is how many hits of a search are looked at.
const depth = 10

// Options says what to measure.
type Options struct {
	Corpus   []Document
	Queries  []Query
	Train    []Query                             // asked before: other ways to ask for what answers them
	Progress func(phase string, done, total int) // nil: silent
}

// Report is what came out. The values of Metrics are shares from 0 to 1, or
// microseconds where the name ends in _us.
type Report struct {
	Sets    map[string]int
	Metrics map[string]float64
}

// Run measures. Each question is looked up as the product does it; each
// tenth that something answers is asked once more with that taken out, to see
// whether the knowledge base knows that it does not know.
func Run(ctx context.Context, o Options) (Report, error) {
	m, err := newMeasurement(ctx, o)
	if err != nil {
		return Report{}, err
	}
	total := len(o.Queries) * (1 + len(m.types))
	done := 0
	step := func() error {
		done++
		if o.Progress != nil {
			o.Progress("asking", done, total)
		}
		return ctx.Err()
	}
	all := &tally{}
	for _, q := range o.Queries {
		if err := m.ask(ctx, q, all); err != nil {
			return Report{}, err
		}
		if err := step(); err != nil {
			return Report{}, err
		}
	}
	r := Report{Metrics: map[string]float64{}, Sets: map[string]int{
		"corpus": len(o.Corpus), "queries": len(o.Queries), "train": len(o.Train),
		"answerable": len(all.ranks), "unanswerable": all.unanswerable, "left_out": all.leftOut}}
	all.found(r.Metrics, "")
	all.withheld(r.Metrics)
	for _, kind := range m.types {
		one := &tally{}
		for _, q := range o.Queries {
			if err := m.askOnly(ctx, kind, q, one); err != nil {
				return Report{}, err
			}
			if err := step(); err != nil {
				return Report{}, err
			}
		}
		if len(one.ranks) > 0 {
			r.Sets[kind+"_answerable"] = len(one.ranks)
			one.found(r.Metrics, kind+"_")
		}
	}
	return r, nil
}

// measurement is a corpus in the product's index.
type measurement struct {
	library  *kb.Library
	articles map[string]kb.Article
	vectors  map[string][][]float32 // of each article
	kinds    map[string]string      // of each document
	types    []string               // when there are several
}

func newMeasurement(ctx context.Context, o Options) (*measurement, error) {
	m := &measurement{library: &kb.Library{Index: kb.NewIndex(), Embedder: kb.BuiltIn{}, Now: time.Now},
		articles: map[string]kb.Article{}, vectors: map[string][][]float32{}, kinds: map[string]string{}}
	train := map[string][]string{}
	for _, q := range o.Train {
		for _, id := range q.Relevant {
			train[id] = append(train[id], q.question().Text)
		}
	}
	types := map[string]bool{}
	for _, d := range o.Corpus {
		m.articles[d.ID], m.kinds[d.ID] = d.article(train[d.ID]), d.Type
		types[d.Type] = true
	}
	if len(types) > 1 {
		delete(types, "")
		m.types = slices.Sorted(maps.Keys(types))
	}
	vectors, err := m.embed(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, d := range o.Corpus {
		a := m.articles[d.ID]
		for _, text := range kb.Texts(a) {
			m.vectors[d.ID] = append(m.vectors[d.ID], vectors[text])
		}
		m.library.Index.Put(a, m.vectors[d.ID])
	}
	return m, nil
}

// embedBatch is how many texts are embedded between two signs of progress.
const embedBatch = 256

// embed makes the vectors of all texts of the corpus, each once.
func (m *measurement) embed(ctx context.Context, o Options) (map[string][]float32, error) {
	out := map[string][]float32{}
	var texts []string
	for _, d := range o.Corpus {
		for _, text := range kb.Texts(m.articles[d.ID]) {
			if _, ok := out[text]; !ok {
				out[text] = nil
				texts = append(texts, text)
			}
		}
	}
	done := 0
	for batch := range slices.Chunk(texts, embedBatch) {
		vectors, err := m.library.Embedder.Embed(ctx, batch)
		if err != nil {
			return nil, fmt.Errorf("embed the corpus: %w", err)
		}
		for i, text := range batch {
			out[text] = vectors[i]
		}
		done += len(batch)
		if o.Progress != nil {
			o.Progress("reading the corpus", done, len(texts))
		}
	}
	return out, nil
}

// ask looks one question up and notes how it went.
func (m *measurement) ask(ctx context.Context, q Query, t *tally) error {
	question := q.question()
	if !q.answerable() {
		answer, _, err := m.library.Answer(ctx, question)
		if err != nil {
			return fmt.Errorf("ask %s: %w", q.ID, err)
		}
		t.unanswerable++
		t.none = append(t.none, answer.Confidence)
		return nil
	}
	if heldOut(q) {
		return m.leaveOut(ctx, q, question, t)
	}
	if err := m.rank(ctx, q.Relevant, question, t); err != nil {
		return err
	}
	answer, _, err := m.library.Answer(ctx, question)
	if err != nil {
		return fmt.Errorf("ask %s: %w", q.ID, err)
	}
	right := len(answer.Passages) > 0 && slices.Contains(q.Relevant, answer.Passages[0].Source.Slug)
	t.answered = append(t.answered, outcome{answer.Confidence, right})
	return nil
}

// leaveOut ranks the question like any other, then asks it with what answers
// it taken out of the index.
func (m *measurement) leaveOut(ctx context.Context, q Query, question kb.Question, t *tally) error {
	if err := m.rank(ctx, q.Relevant, question, t); err != nil {
		return err
	}
	for _, id := range q.Relevant {
		m.library.Index.Remove(desk.ID(id))
	}
	answer, _, err := m.library.Answer(ctx, question)
	for _, id := range q.Relevant {
		m.library.Index.Put(m.articles[id], m.vectors[id])
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", q.ID, err)
	}
	t.leftOut++
	t.none = append(t.none, answer.Confidence)
	return nil
}

// askOnly ranks a question among the documents of one type.
func (m *measurement) askOnly(ctx context.Context, kind string, q Query, t *tally) error {
	var relevant []string
	for _, id := range q.Relevant {
		if m.kinds[id] == kind {
			relevant = append(relevant, id)
		}
	}
	if !q.answerable() || len(relevant) == 0 {
		return nil
	}
	question := q.question()
	question.Tags = []string{kind}
	return m.rank(ctx, relevant, question, t)
}

// rank searches and notes where what is relevant stood.
func (m *measurement) rank(ctx context.Context, relevant []string, question kb.Question, t *tally) error {
	start := time.Now()
	hits, err := m.library.Search(ctx, question)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	t.spent = append(t.spent, time.Since(start))
	at, right := 0, make([]bool, len(hits))
	for i, h := range hits {
		right[i] = slices.Contains(relevant, h.Source.Slug)
		if right[i] && at == 0 {
			at = i + 1
		}
	}
	t.ranks = append(t.ranks, at)
	t.ndcg = append(t.ndcg, score.NDCG(right, len(relevant), depth))
	return nil
}

// heldOut chooses a tenth of the questions, the same each time.
func heldOut(q Query) bool {
	h := fnv.New32a()
	h.Write([]byte(q.ID + "\x00" + q.question().Text))
	return h.Sum32()%10 == 0
}
