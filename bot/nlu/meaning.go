package nlu

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

const (
	maxMeanings = 10_000 // texts of a training that are embedded
	maxAsked    = 3000   // the same where an endpoint does it
	embedBatch  = 64     // texts in one call
	widestDims  = 768    // of a vector; longer ones are folded

	askLimit = 300 * time.Millisecond // of embedding what a customer says
)

// embedAll gives the texts their vectors: at most so many of them, evenly
// from each class, and all of outside. A text that the embedder cannot read has
// none.
func embedAll(ctx context.Context, e kb.Embedder, texts, outside []labelled) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("embed examples: %w", err)
	}
	most := maxAsked
	if e == (kb.BuiltIn{}) {
		most = maxMeanings
	}
	chosen := sampled(texts, most)
	for i := range outside {
		chosen = append(chosen, &outside[i])
	}
	if e == (kb.BuiltIn{}) {
		chosen = slices.DeleteFunc(chosen, func(x *labelled) (ok bool) {
			x.meaning, ok = alwaysTaught()[x.text]
			return ok
		})
	}
	dims := 0
	for part := range slices.Chunk(chosen, embedBatch) {
		words := make([]string, len(part))
		for i, x := range part {
			words[i] = x.text
		}
		vs, err := e.Embed(ctx, words)
		if err != nil {
			return fmt.Errorf("embed examples: %w", err)
		}
		if len(vs) != len(part) {
			return desk.Errorf(desk.Unavailable, "bad_embeddings", "asked for %d vectors, got %d", len(part), len(vs))
		}
		for i, v := range vs {
			if dims = cmp.Or(dims, len(v)); v != nil && len(v) != dims {
				return desk.Errorf(desk.Unavailable, "bad_embeddings", "one vector has %d numbers, another %d", dims, len(v))
			}
			part[i].meaning = folded(v)
		}
	}
	return nil
}

// alwaysTaught are the vectors of what every model learns: they are made once.
var alwaysTaught = sync.OnceValue(func() map[string][]float32 {
	texts := strings.Split(strange, "|")
	for _, b := range builtIn {
		texts = append(texts, strings.Split(b.examples, "|")...)
	}
	for i, s := range texts {
		texts[i] = strings.TrimSpace(s)
	}
	vs, err := kb.BuiltIn{}.Embed(context.Background(), texts)
	if err != nil {
		return nil // they are embedded with the others
	}
	out := map[string][]float32{}
	for i, s := range texts {
		out[s] = folded(vs[i])
	}
	return out
})

// sampled gives at most most texts, of each class the same share.
func sampled(texts []labelled, most int) []*labelled {
	out := make([]*labelled, 0, min(len(texts), most))
	share := min(1, float64(most)/float64(len(texts)))
	due := map[string]float64{}
	for i := range texts {
		x := &texts[i]
		if due[x.class] += share; due[x.class] >= 0.5 && len(out) < most {
			due[x.class]--
			out = append(out, x)
		}
	}
	return out
}

// folded is v with length one and at most widestDims numbers; nil when it says
// nothing. What lies beyond is added to what lies before, with signs that look
// random.
func folded(v []float32) []float32 {
	out := make([]float32, min(len(v), widestDims))
	for i, x := range v {
		if uint32(i)*2654435769>>31 == 1 {
			x = -x
		}
		out[i%widestDims] += x
	}
	if !lengthOne(out) {
		return nil
	}
	return out
}

// With gives the model an embedder for the meaning of what words leave unsure.
// One that makes other vectors than the model was trained with is of no use to
// it: then it stays as it was.
func (m *Model) With(e kb.Embedder) *Model {
	out := *m
	if e != nil && e.Model() == m.meaningOf {
		out.embedder = e
	}
	return &out
}

// Meaning names what makes the vectors that the model was trained with.
func (m *Model) Meaning() string { return m.meaningOf }

// Discreet is the model for what must not leave the process, nor be remembered:
// it asks no embedder but the built-in one.
func (m *Model) Discreet() *Model {
	out := *m
	if out.embedder = nil; m.meaningOf == (kb.BuiltIn{}).Model() {
		out.embedder = kb.BuiltIn{}
	}
	return &out
}

// meaning is the vector of a text, nil for none: an endpoint has so little time
// that a customer does not notice.
func (m *Model) meaning(ctx context.Context, text string) []float32 {
	if m.embedder == nil {
		return nil
	}
	if _, local := m.embedder.(kb.BuiltIn); !local {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askLimit)
		defer cancel()
	}
	vs, err := m.embedder.Embed(ctx, []string{text})
	if err != nil || len(vs) != 1 {
		return nil // words alone decide
	}
	if v := folded(vs[0]); len(v) == m.centres.dims {
		return v
	}
	return nil
}
