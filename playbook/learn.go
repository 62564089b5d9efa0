package playbook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Learnt says what made the vectors that a playbook's understanding was trained
// with.
type Learnt struct {
	Vectors string `json:"vectors" doc:"The model that made them."`
	Missed  string `json:"missed,omitempty" doc:"The configured model that could not make them; the built-in one took its place until the playbook is published again."`
	Why     string `json:"why,omitempty" enum:"timeout,bad_answer,unavailable"`
}

// learnLimit bounds how long an endpoint may take for all the vectors of one
// training.
const learnLimit = 30 * time.Second

// learn loads what was trained before; what this program cannot read any more,
// or what was trained with vectors that nothing makes any more, is trained
// again. saved is it, for the next time.
func (p *Playbook) learn(ctx context.Context, deps Deps) (t nlu.Trained, saved []byte, l Learnt, err error) {
	own := kb.BuiltIn{}
	want := deps.vectors()
	if len(deps.Model) > 0 {
		t, err := nlu.LoadTrained(deps.Model)
		if err == nil && (t.Model.Meaning() == want.Model() || t.Model.Meaning() == own.Model()) {
			return t, deps.Model, Learnt{Vectors: t.Model.Meaning()}, nil
		}
	}
	for _, e := range []kb.Embedder{want, own} {
		l.Vectors = e.Model()
		if t, saved, err = p.lesson(ctx, e, deps); err == nil || ctx.Err() != nil || e == own {
			break
		}
		l.Missed, l.Why = e.Model(), whyMissed(err)
	}
	if err != nil {
		return t, nil, l, fmt.Errorf("train the understanding of playbook %s: %w", p.Name, err)
	}
	return t, saved, l, nil
}

// lesson is one training, or what came of the same one before.
func (p *Playbook) lesson(ctx context.Context, e kb.Embedder, deps Deps) (nlu.Trained, []byte, error) {
	key := p.lessonKey(e.Model())
	if saved, ok := deps.Lessons.get(key); ok {
		t, err := nlu.LoadTrained(saved)
		return t, saved, err
	}
	if e != (kb.BuiltIn{}) {
		e = &lesson{Embedder: e, by: time.Now().Add(learnLimit), progress: deps.Progress}
	}
	t, err := nlu.TrainFlows(ctx, p.Bot, p.questions(), e)
	if err != nil {
		return t, nil, err
	}
	saved := t.Save()
	deps.Lessons.put(key, saved)
	return t, saved, nil
}

// questions are what the articles for customers answer.
func (p *Playbook) questions() map[desk.Lang][]string {
	out := map[desk.Lang][]string{}
	for _, a := range p.Articles {
		if a.Audience == kb.Customers {
			out[a.Lang] = append(append(out[a.Lang], a.Title), a.Questions...)
		}
	}
	return out
}

// lessonKey is the same for playbooks of which the same is learnt.
func (p *Playbook) lessonKey(vectors string) string {
	h := sha256.New()
	write := func(parts ...string) {
		for _, s := range parts {
			_, _ = fmt.Fprintf(h, "%d:", len(s))
			_, _ = io.WriteString(h, s)
		}
	}
	write(vectors)
	for _, name := range p.Files.Paths() {
		if dir, _, _ := strings.Cut(name, "/"); !slices.Contains(teachNothing, dir) {
			write(name, string(p.Files[name]))
		}
	}
	questions := p.questions()
	for _, lang := range []desk.Lang{desk.English, desk.Chinese} {
		write(string(lang))
		write(questions[lang]...)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// teachNothing are the files and folders that understanding does not learn
// from. Of articles it learns titles and questions.
var teachNothing = []string{fileCanned, fileQueues, fileSynonyms, dirMenus, dirTests, dirArticles}

// lesson is an endpoint that has until by for a whole training.
type lesson struct {
	kb.Embedder
	by       time.Time
	progress func(made int)
	made     int
}

// Embed implements kb.Embedder.
func (l *lesson) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, cancel := context.WithDeadline(ctx, l.by)
	defer cancel()
	out, err := l.Embedder.Embed(ctx, texts)
	if err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	l.made += len(texts)
	if l.progress != nil {
		l.progress(l.made)
	}
	return out, nil
}

// whyMissed says in a word why an endpoint made no vectors.
func whyMissed(err error) string {
	var known *desk.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &known) && known.Code == "bad_embeddings":
		return "bad_answer"
	}
	return "unavailable"
}
