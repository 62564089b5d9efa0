package nlu_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
)

// secret is an embedder that knows what made-up words mean: which of the two
// topics they belong to stands in their last letter.
type secret struct {
	dims  int
	broke atomic.Bool
}

func (*secret) Model() string { return "secret-1" }

func (e *secret) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if e.broke.Load() {
		return nil, errors.New("the endpoint is away")
	}
	out := make([][]float32, len(texts))
	for i, s := range texts {
		v := make([]float32, e.dims)
		v[0] = 0.2
		v[1+len(s)%(e.dims-3)] = 0.3
		switch {
		case strings.HasSuffix(s, "x"):
			v[e.dims-2] = 1
		case strings.HasSuffix(s, "z"):
			v[e.dims-1] = 1
		}
		out[i] = v
	}
	return out, nil
}

// coined are two intents of which every example is a word of its own: only
// their meaning tells them apart.
func coined(e *secret) nlu.Training {
	words := strings.Fields("brillo dantek florim gospar hunted jaspol kerwin lumbra mestak norvil opteri palzun quonda rindle sorpek tulgey umbrik vastin wexlor yondar")
	t := nlu.Training{Bare: true, Embedder: e}
	for _, end := range []string{"x", "z"} {
		f := nlu.FlowExamples{Name: "ends_" + end, Examples: map[desk.Lang][]string{}}
		for _, w := range words {
			f.Examples[""] = append(f.Examples[""], w+" "+w+"q"+end)
		}
		t.Flows = append(t.Flows, f)
	}
	return t
}

func TestJudge_MeaningDecidesWhatWordsLeaveUnsure(t *testing.T) {
	for _, dims := range []int{16, 2000} { // longer vectors are folded
		e := &secret{dims: dims}
		m := train(t, coined(e))
		for _, c := range []struct{ text, class string }{{"abulet gribnox", "flow:ends_x"}, {"clemun fadriz", "flow:ends_z"}} {
			got := m.Judge(c.text)
			if !got.Meaning || got.Ranked[0].Class != c.class {
				t.Errorf("%d numbers, %q: got %v, meaning asked: %t; want %s by its meaning", dims, c.text, got.Ranked[0], got.Meaning, c.class)
			}
		}
		e.broke.Store(true)
		if got := m.Judge("abulet gribnox"); got.Meaning || len(got.Ranked) != 2 {
			t.Errorf("%d numbers, without the endpoint: got %v, want what words alone say", dims, got)
		}
	}
}

func TestLoad_VectorsOfAnotherModelAreNotCompared(t *testing.T) {
	e := &secret{dims: 16}
	saved := train(t, coined(e)).Save()
	m, err := nlu.Load(saved)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Judge("abulet gribnox"); got.Meaning {
		t.Error("asked for a meaning although nothing gives it")
	}
	if got := m.With(e).Judge("abulet gribnox"); !got.Meaning {
		t.Error("with its embedder: did not ask")
	}
	if got := m.With(other{e}).Judge("abulet gribnox"); got.Meaning {
		t.Error("asked another model for vectors")
	}
}

type other struct{ *secret }

func (other) Model() string { return "other" }

func TestTrain_ABrokenEmbedderIsAnError(t *testing.T) {
	e := &secret{dims: 16}
	e.broke.Store(true)
	if _, err := nlu.Train(context.Background(), coined(e)); err == nil {
		t.Error("trained without the vectors it was to have")
	}
}
