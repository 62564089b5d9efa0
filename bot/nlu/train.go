package nlu

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sort"
	"strings"
	"sync"

	"github.com/parleyhq/parley/desk"
)

// Training is what a Model learns from. Small talk and the words that steer a
// dialogue ("cancel", "talk to a person") are built in, in both languages.
type Training struct {
	Flows     []FlowExamples
	Questions map[desk.Lang][]string // what articles answer: their titles and similar questions
	Outside   []string               // what customers say that belongs to none of these
	Bare      bool                   // without the built-in classes
}

// FlowExamples is how customers ask for one flow.
type FlowExamples struct {
	Name     string
	Title    desk.Text
	Examples map[desk.Lang][]string
	Words    []string // names of its choices: saying one hints at the flow
}

// The classes that are not flows. A flow's class is its target, "flow:NAME".
const (
	ClassAnswer   = "answer"
	ClassGreeting = "small:greeting"
	ClassThanks   = "small:thanks"
	ClassBye      = "small:bye"
	ClassAbout    = "small:about"
	ClassHelp     = "small:help"
	ClassCancel   = "control:cancel"
	ClassHuman    = "control:human"
	ClassRepeat   = "control:repeat"
	ClassSkip     = "control:skip"
	ClassResume   = "control:resume"
	ClassBack     = "control:back"
)

// FlowClass is the class of a flow's examples.
func FlowClass(name string) string { return desk.KindFlow + ":" + name }

// Bounds of training: what is beyond them is left out, evenly.
const (
	maxPerClass  = 2000
	maxModelSize = 16 << 20 // bytes of weights
	seed         = 20260105
)

// Train makes a Model. The same training gives the same model. It stops early
// with the context's error when ctx ends.
func Train(ctx context.Context, t Training) (*Model, error) {
	texts := gather(t)
	classes := classesOf(texts)
	vocabulary := vocabularyOf(texts, len(classes))
	m := &Model{classes: classes, vocabulary: vocabulary}
	examples := make([]example, len(texts))
	index := map[string]int{}
	for i, c := range classes {
		index[c] = i
	}
	for i, x := range texts {
		examples[i] = example{row: m.row(x.features), class: index[x.class], cost: x.cost}
	}
	if err := m.calibrate(ctx, texts, examples); err != nil {
		return nil, err
	}
	weights, err := fit(ctx, examples, len(classes), len(vocabulary))
	if err != nil {
		return nil, err
	}
	m.weights = weights
	return m, nil
}

// labelled is a text with its class.
type labelled struct {
	text, class string
	cost        float64
	pieces      []piece
	features    []feature
}

func gather(t Training) []labelled {
	var out []labelled
	seen := map[string]bool{}
	add := func(class, text string, cost float64) {
		p := newPlain(text)
		key := class + "\x00" + strings.TrimSpace(p.s)
		ps := pieces(p.s)
		if len(ps) == 0 || seen[key] {
			return
		}
		seen[key] = true
		out = append(out, labelled{text: text, class: class, cost: cost, pieces: ps, features: features(ps)})
	}
	for _, f := range t.Flows {
		class := FlowClass(f.Name)
		for _, lang := range []desk.Lang{desk.English, desk.Chinese, ""} {
			for _, s := range spread(f.Examples[lang], maxPerClass) {
				add(class, s, 1)
			}
		}
		for _, lang := range f.Title.Langs() {
			add(class, f.Title[lang], 1)
		}
		for _, w := range spread(f.Words, maxPerClass) {
			add(class, w, 0.3)
		}
	}
	for _, lang := range []desk.Lang{desk.English, desk.Chinese, ""} {
		for _, s := range spread(t.Questions[lang], maxPerClass) {
			add(ClassAnswer, s, 1)
		}
	}
	for _, b := range builtIn {
		if t.Bare {
			break
		}
		for _, s := range strings.Split(b.examples, "|") {
			add(b.class, strings.TrimSpace(s), 1)
		}
	}
	return out
}

// spread takes at most n of all, evenly.
func spread(all []string, n int) []string {
	if len(all) <= n {
		return all
	}
	out := make([]string, 0, n)
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

func classesOf(texts []labelled) []string {
	seen := map[string]bool{}
	var out []string
	for _, x := range texts {
		if !seen[x.class] {
			seen[x.class] = true
			out = append(out, x.class)
		}
	}
	sort.Strings(out)
	return out
}

// vocabularyOf is the hashes of the features seen, the commonest when there
// are too many for the size of a model, sorted.
func vocabularyOf(texts []labelled, classes int) []uint32 {
	count := map[uint32]int{}
	for _, x := range texts {
		for _, f := range x.features {
			count[f.hash]++
		}
	}
	out := make([]uint32, 0, len(count))
	for h := range count {
		out = append(out, h)
	}
	if most := maxModelSize / 4 / max(classes, 1); len(out) > most {
		sort.Slice(out, func(i, j int) bool {
			if a, b := count[out[i]], count[out[j]]; a != b {
				return a > b
			}
			return out[i] < out[j]
		})
		out = out[:most]
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// fit trains one classifier per class, several at a time. The weights of a
// feature lie together, class by class; the last row is the biases.
func fit(ctx context.Context, examples []example, classes, features int) ([]float32, error) {
	out := make([]float32, (features+1)*classes)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), classes) {
		wg.Go(func() {
			w := make([]float64, features)
			for class := range next {
				rng := rand.New(rand.NewPCG(seed, uint64(class)))
				bias := trainSVM(examples, class, features, w, rng)
				for f := range features {
					out[f*classes+class] = float32(w[f])
				}
				out[features*classes+class] = float32(bias)
			}
		})
	}
	var err error
	for class := 0; class < classes && err == nil; class++ {
		select {
		case next <- class:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	close(next)
	wg.Wait()
	return out, err
}
