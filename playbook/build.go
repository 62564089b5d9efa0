package playbook

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/itr"
	"github.com/parleyhq/parley/kb"
)

// Deps are what a playbook answers with besides its own files.
type Deps struct {
	// Answers is the knowledge base; nil: the playbook's own article files, as
	// they are, from memory.
	Answers bot.Answerer
	// Vectors makes those of examples and of the playbook's own articles; nil:
	// the built-in model.
	Vectors kb.Embedder
	// Asked makes those of what customers say, and is of the same model; nil:
	// Vectors.
	Asked kb.Embedder
	// Lessons keep what was trained; nil: nothing is kept.
	Lessons *Lessons
	// Progress hears how many texts an endpoint has made vectors of; nil: nobody.
	Progress func(made int)
	// Understand, if set, puts another understander in place of the built-in
	// one, or around it.
	Understand func(base *nlu.Understander, p *Playbook) bot.Understander
	// Model is what an earlier Build has trained; empty: train.
	Model []byte
}

// Built is a playbook that answers. It is a desk.Book, safe for many
// conversations at once.
type Built struct {
	*Playbook
	Revision int    // 0: not published
	Model    []byte // what was trained, for the next Build
	Learnt   Learnt // with which vectors

	menu  *itr.Menu // nil when there are no menus
	model *nlu.Model
	bot   *bot.Bot
	own   *kb.Library // its article files; nil when it was built with others
}

var _ desk.Book = (*Built)(nil)

// The names of a Built's responders.
const (
	responderMenu = "menu"
	responderBot  = "bot"
)

// Build makes a playbook ready to answer. Without a model in deps it trains
// one, which takes up to some seconds.
func (p *Playbook) Build(ctx context.Context, deps Deps) (*Built, error) {
	trained, saved, learnt, err := p.learn(ctx, deps)
	if err != nil {
		return nil, err
	}
	model := trained.Model.With(deps.asked())
	base, err := nlu.New(model, nlu.FlowsOf(p.Bot), nlu.Settings{Act: p.Bot.Settings.Act, Clarify: p.Bot.Settings.Clarify, Topics: p.topics(), Refuse: p.Bot.Settings.Refuse, Tagger: trained.Tagger, Filler: trained.Filler})
	if err != nil {
		return nil, fmt.Errorf("build playbook %s: %w", p.Name, err)
	}
	var under bot.Understander = base
	if deps.Understand != nil {
		under = deps.Understand(base, p)
	}
	b := &Built{Playbook: p, Model: saved, Learnt: learnt, model: model}
	answers := deps.Answers
	if answers == nil {
		if b.own, err = p.library(ctx, deps); err != nil {
			return nil, err
		}
		answers = b.own
	}
	def := p.Bot
	def.Settings.Titles = p.titles()
	if b.bot, err = bot.New(def, under, scoped{answers, p.Name}); err != nil {
		return nil, fmt.Errorf("build playbook %s: %w", p.Name, err)
	}
	if len(p.Menus) > 0 {
		start := p.Menus[0].Name
		if p.Start.Kind() == desk.KindMenu {
			start = p.Start.Name()
		}
		if b.menu, err = itr.New(p.Menus, itr.Options{Start: start, Human: p.Human, Bot: true}); err != nil {
			return nil, fmt.Errorf("build playbook %s: %w", p.Name, err)
		}
	}
	return b, nil
}

func (d Deps) vectors() kb.Embedder {
	if d.Vectors == nil {
		return kb.BuiltIn{}
	}
	return d.Vectors
}

func (d Deps) asked() kb.Embedder {
	if d.Asked == nil {
		return d.vectors()
	}
	return d.Asked
}

// library is a knowledge base of the article files alone, which finds as the
// one does that they are published into. Where an endpoint gives no vectors,
// words alone find, as they do there.
func (p *Playbook) library(ctx context.Context, deps Deps) (*kb.Library, error) {
	var synonyms []kb.SynonymSet
	for _, set := range p.Synonyms {
		set.Playbook = p.Name
		synonyms = append(synonyms, set)
	}
	limited, cancel := context.WithTimeout(ctx, learnLimit)
	defer cancel()
	l, err := kb.InMemory(limited, kb.FileArticles(p.Name, p.Articles), synonyms, deps.vectors())
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read the articles of playbook %s: %w", p.Name, err)
	}
	l.Embedder = deps.asked()
	return l, nil
}

// library is what the playbook's suites and sets of questions are asked of.
func (b *Built) library() *kb.Library { return b.own }

// scoped asks the knowledge base for one playbook.
type scoped struct {
	bot.Answerer
	playbook string
}

// Answer implements bot.Answerer.
func (s scoped) Answer(ctx context.Context, q kb.Question) (kb.Answer, bool, error) {
	q.Playbook = s.playbook
	return s.Answerer.Answer(ctx, q)
}

// Start implements desk.Book.
func (b *Built) Start() desk.Target { return b.Playbook.Start }

// For implements desk.Book.
func (b *Built) For(t desk.Target) (string, error) {
	known := true
	switch t.Kind() {
	case desk.KindMenu:
		for _, m := range b.Menus {
			if m.Name == t.Name() {
				return responderMenu, nil
			}
		}
		known = false
	case string(desk.Start), string(desk.Back):
		if b.menu != nil {
			return responderMenu, nil
		}
	case desk.KindFlow:
		known = false
		for i := range b.Bot.Flows {
			known = known || b.Bot.Flows[i].Name == t.Name()
		}
	case desk.KindArticle, desk.KindQueue, desk.Words.Kind():
	default:
		known = false
	}
	if !known {
		return "", desk.Errorf(desk.NotFound, "unknown_target", "playbook %s has no %s", b.Name, t)
	}
	return responderBot, nil
}

// Responder implements desk.Book.
func (b *Built) Responder(name string) (desk.Responder, error) {
	switch {
	case name == responderBot:
		return b.bot, nil
	case name == responderMenu && b.menu != nil:
		return b.menu, nil
	}
	return nil, desk.Errorf(desk.NotFound, "unknown_responder", "playbook %s has no responder %q", b.Name, name)
}
