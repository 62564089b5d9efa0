package nlu

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/parleyhq/parley/bot/nlu/lanes"
	"github.com/parleyhq/parley/bot/nlu/lexicon"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Training is what a Model learns from. Small talk and the words that steer a
// dialogue ("cancel", "talk to a person") are built in, in both languages.
type Training struct {
	Flows     []FlowExamples
	Questions map[desk.Lang][]string // what articles answer: their titles and similar questions
	Refused   []FlowExamples         // topics that are not spoken about; Name and Examples count
	Outside   []string               // what customers say that belongs to none of these
	Bare      bool                   // without the built-in classes
	Embedder  kb.Embedder            // gives the meaning of what words alone leave unsure; nil: the built-in one
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

// RefuseClass is the class of a topic's examples.
func RefuseClass(name string) string { return refusePrefix + name }

const refusePrefix = "refuse:"

// classOutside is what belongs to no class. It is learnt like one, but nothing
// is ever said to be of it. It sorts behind all others.
const classOutside = "~outside"

// FlowClass is the class of a flow's examples.
func FlowClass(name string) string { return desk.KindFlow + ":" + name }

// Bounds of training: what is beyond them is left out, evenly.
const (
	maxPerClass  = 2000
	maxOutside   = 2000
	maxModelSize = 14 << 20 // bytes, of the weights of words
	seed         = 20260105
)

// school is how hard a net is trained on n examples, and how many nets
// there are.
func school(n int) (s schooling, nets int) {
	s = schooling{hidden: 128, epochs: 30, rate: 0.1, dropIn: 0.4, dropHidden: 0.2, spread: 0.1}
	nets = 3
	switch {
	case n > 20_000:
		s.epochs = max(4, 400_000/n)
		nets = 2
	case n > 3000:
		s.epochs = 20
	}
	return s, nets
}

// Train makes a Model. The same training gives the same model. It stops early
// with the context's error when ctx ends.
func Train(ctx context.Context, t Training) (*Model, error) {
	texts := gather(t)
	if len(texts) == 0 || texts[0].class == classOutside {
		return nil, desk.Errorf(desk.Invalid, "no_examples", "there is nothing to learn from: give examples of at least one intent")
	}
	m := &Model{classes: classesOf(texts), table: lexicon.Name, dims: lexicon.Default().Dims(), embedder: t.Embedder}
	if m.embedder == nil {
		m.embedder = kb.BuiltIn{}
	}
	m.meaningOf = m.embedder.Model()
	var outside []labelled
	if t.Bare {
		outside = strangers()
	}
	if err := embedAll(ctx, m.embedder, texts, outside); err != nil {
		return nil, err
	}
	s, nets := school(len(texts))
	m.vocabulary = vocabularyOf(texts, maxModelSize/(nets*s.hidden+len(m.classes)+len(m.classes)/8+8))
	index := map[string]int{}
	for i, c := range m.classes {
		index[c] = i
	}
	examples := make([]example, len(texts))
	for i, x := range texts {
		examples[i] = example{row: m.rowOf(x), class: index[x.class], cost: x.cost, meaning: x.meaning}
	}
	p := planOf(examples, len(m.classes), m.ranked())
	rows := len(m.vocabulary.hashes) + m.dims
	judged := make([][]outcome, p.folds)
	parts := make([]*net, nets)
	var linear []float32
	jobs := []func(context.Context) error{func(ctx context.Context) (err error) {
		var vectors []placed
		for _, e := range examples {
			vectors = append(vectors, e.placed()...)
		}
		if len(vectors) > 0 {
			m.centres, err = trainCentres(ctx, vectors, len(m.classes))
		}
		return err
	}, func(ctx context.Context) (err error) {
		linear, err = trainSVMs(ctx, examples, rows, len(m.classes), seed)
		return err
	}}
	for i := range parts {
		jobs = append(jobs, func(ctx context.Context) (err error) {
			parts[i], err = trainNet(ctx, examples, rows, len(m.classes), s, rand.New(rand.NewPCG(seed, uint64(i))))
			return err
		})
	}
	for f := range judged {
		jobs = append(jobs, func(ctx context.Context) (err error) {
			judged[f], err = p.judge(ctx, m, f, examples, texts, outside, s)
			return err
		})
	}
	if err := all(ctx, jobs); err != nil {
		return nil, err
	}
	m.calibrate(slices.Concat(judged...))
	m.words = wordsOf(examples, len(m.vocabulary.hashes), len(m.classes))
	m.shapes = noShapes(len(m.classes))
	if len(examples) >= minShapes {
		m.shapes = parts[0].shapes(examples)
	}
	m.assemble(parts, linear, kindsOf(texts, m.vocabulary))
	return m, nil
}

// all runs the jobs, as many at once as there are processors.
func all(ctx context.Context, jobs []func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, job := range jobs {
		g.Go(func() error { return job(ctx) })
	}
	return g.Wait()
}

// labelled is a text with its class.
type labelled struct {
	text, class string
	cost        float64
	meaning     []float32 // the vector; nil for none
	pieces      []piece
	features    []feature
	length      float32 // of all features together
}

func newLabelled(class, text string, cost float64) labelled {
	x := labelled{text: text, class: class, cost: cost, pieces: pieces(newPlain(text).s)}
	x.features, x.length = features(x.pieces)
	return x
}

// strangers are texts that belong to no service.
func strangers() []labelled {
	var out []labelled
	for s := range strings.SplitSeq(strange, "|") {
		out = append(out, newLabelled("", s, 1))
	}
	return out
}

// kindsOf is how much each feature of the vocabulary weighs.
func kindsOf(texts []labelled, v vocabulary) []float32 {
	out := make([]float32, len(v.hashes))
	for _, x := range texts {
		for _, f := range x.features {
			if i := v.find(f.hash); i >= 0 {
				out[i] = f.weight
			}
		}
	}
	return out
}

func gather(t Training) []labelled {
	var out []labelled
	seen := map[string]bool{}
	add := func(class, text string, cost float64) {
		x := newLabelled(class, text, cost)
		key := class + "\x00" + strings.TrimSpace(newPlain(text).s)
		if len(x.pieces) == 0 || seen[key] {
			return
		}
		seen[key] = true
		out = append(out, x)
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
	for _, topic := range t.Refused {
		for _, lang := range []desk.Lang{desk.English, desk.Chinese, ""} {
			for _, s := range spread(topic.Examples[lang], maxPerClass) {
				add(RefuseClass(topic.Name), s, 1)
			}
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
	for _, s := range spread(t.Outside, maxOutside) {
		add(classOutside, s, 1)
	}
	if !t.Bare {
		for s := range strings.SplitSeq(strange, "|") {
			add(classOutside, s, 1)
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

// score gives the linear part's scores.
func score(weights []float32, row []entry, classes int) []float32 {
	out := slices.Clone(weights[len(weights)-classes:])
	for _, e := range row {
		lanes.Add(out, weights[int(e.index)*classes:(int(e.index)+1)*classes], e.weight)
	}
	return out
}
