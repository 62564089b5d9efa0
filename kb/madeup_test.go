package kb_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// madeUp makes articles and vectors where real ones would take hours: words as
// often as in real texts (Zipf), vectors in clusters, one for each of many topics. A
// text's vector is a point near its topic's in thirty-two directions, the same
// ones for all, turned into 384 numbers, and some noise: easier to search than
// those of a real model, which fill more directions. The same text has the same vector.
type madeUp struct {
	words  []string
	topics [][]float32
	turn   [][]float32
}

const (
	madeUpWords      = 50_000
	madeUpTopics     = 2000
	madeUpDirections = 32
	madeUpNumbers    = 384
	madeUpPassages   = 8  // of an article
	madeUpLength     = 50 // words of a passage
)

func newMadeUp() *madeUp {
	m := &madeUp{}
	r := rand.New(rand.NewPCG(3, 4))
	syllables := strings.Fields("ba co di fu ga he in jo ka lu me no or pa qui re sa to un va we xi yo za ing er tion est ment ly")
	for i := range madeUpWords {
		var b strings.Builder
		for n := i + 7; n > 0; n /= len(syllables) {
			b.WriteString(syllables[n%len(syllables)])
		}
		m.words = append(m.words, b.String())
	}
	gaussian := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	for range madeUpTopics {
		m.topics = append(m.topics, gaussian(madeUpDirections))
	}
	for range madeUpDirections {
		m.turn = append(m.turn, gaussian(madeUpNumbers))
	}
	return m
}

func (m *madeUp) topic(n int) string { return fmt.Sprintf("topic%04d", n) }

func (m *madeUp) Model() string { return "made up" }

func (m *madeUp) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = m.vector(t)
	}
	return out, nil
}

// vector is the made-up meaning of a text whose first word names its topic.
func (m *madeUp) vector(text string) []float32 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	r := rand.New(rand.NewPCG(h.Sum64(), 5))
	topic := int(h.Sum64() % madeUpTopics)
	_, _ = fmt.Sscanf(text, "topic%d", &topic)
	at := m.topics[topic%madeUpTopics]
	v := make([]float32, madeUpNumbers)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	for d, turn := range m.turn {
		x := at[d] + float32(r.NormFloat64())*0.7
		for i, t := range turn {
			v[i] += x * t
		}
	}
	return v
}

func (m *madeUp) say(r *rand.Rand, zipf *rand.Zipf, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(m.words[zipf.Uint64()])
		if i%12 == 11 {
			b.WriteByte('.')
		}
	}
	return b.String()
}

// articles makes enough of them for so many passages; every tenth is for agents.
func (m *madeUp) articles(passages int) iter.Seq2[kb.Article, [][]float32] {
	return func(yield func(kb.Article, [][]float32) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		zipf := rand.NewZipf(r, 1.2, 8, madeUpWords-1)
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range passages / madeUpPassages {
			a := kb.Article{ID: desk.ID(fmt.Sprintf("a%07d", i)), Slug: fmt.Sprintf("a%d", i), Lang: desk.English,
				Status: kb.Published, Version: 1, PublishedVersion: 1, CreatedAt: at, UpdatedAt: at}
			a.Title, a.Audience = m.topic(r.IntN(madeUpTopics))+" "+m.say(r, zipf, 3), kb.Customers
			if i%10 == 9 {
				a.Audience = kb.Agents
			}
			var b strings.Builder
			for range madeUpPassages {
				fmt.Fprintf(&b, "## %s\n\n%s\n\n", m.say(r, zipf, 3), m.say(r, zipf, madeUpLength))
			}
			a.Body = strings.TrimSpace(b.String())
			vecs, _ := m.Embed(context.Background(), kb.Texts(a)) // no error
			if !yield(a, vecs) {
				return
			}
		}
	}
}

// question is what somebody might ask: a topic and some words.
func (m *madeUp) question(r *rand.Rand, zipf *rand.Zipf) string {
	return m.topic(r.IntN(madeUpTopics)) + " " + m.say(r, zipf, 6)
}
