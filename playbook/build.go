package playbook

import (
	"context"
	"fmt"
	"time"

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

	menu  *itr.Menu // nil when there are no menus
	model *nlu.Model
	bot   *bot.Bot
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
	trained, err := p.trained(ctx, deps.Model)
	if err != nil {
		return nil, err
	}
	base, err := nlu.New(trained.Model, nlu.FlowsOf(p.Bot), nlu.Settings{Act: p.Bot.Settings.Act, Clarify: p.Bot.Settings.Clarify, Topics: p.topics(), Refuse: p.Bot.Settings.Refuse, Tagger: trained.Tagger, Filler: trained.Filler})
	if err != nil {
		return nil, fmt.Errorf("build playbook %s: %w", p.Name, err)
	}
	var under bot.Understander = base
	if deps.Understand != nil {
		under = deps.Understand(base, p)
	}
	answers := deps.Answers
	if answers == nil {
		answers = p.library()
	}
	b := &Built{Playbook: p, Model: deps.Model, model: trained.Model}
	if len(b.Model) == 0 {
		b.Model = trained.Save()
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

// trained loads what was trained before; what this program cannot read any more
// is trained again.
func (p *Playbook) trained(ctx context.Context, before []byte) (nlu.Trained, error) {
	if len(before) > 0 {
		if t, err := nlu.LoadTrained(before); err == nil {
			return t, nil
		}
	}
	questions := map[desk.Lang][]string{}
	for _, a := range p.Articles {
		if a.Audience == kb.Customers {
			questions[a.Lang] = append(append(questions[a.Lang], a.Title), a.Questions...)
		}
	}
	t, err := nlu.TrainFlows(ctx, p.Bot, questions)
	if err != nil {
		return t, fmt.Errorf("train the understanding of playbook %s: %w", p.Name, err)
	}
	return t, nil
}

// library is a knowledge base of the article files alone.
func (p *Playbook) library() *kb.Library {
	index := kb.NewIndex()
	for _, a := range p.Articles {
		index.Put(kb.Article{
			ID: desk.ID(p.Name + "/" + a.Slug + "." + string(a.Lang)), Playbook: p.Name, Slug: a.Slug, Lang: a.Lang,
			Content: a.Content, Status: kb.Published, Version: 1, PublishedVersion: 1,
		}, nil)
	}
	for _, set := range p.Synonyms {
		set.Playbook = p.Name
		index.SetSynonyms(set)
	}
	return &kb.Library{Index: index, Now: time.Now}
}

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
