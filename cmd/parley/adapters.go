package main

import (
	"context"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/helpcentre"
	"github.com/parleyhq/parley/internal/httpapi"
	"github.com/parleyhq/parley/internal/llm"
	"github.com/parleyhq/parley/internal/privacy"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
	"github.com/parleyhq/parley/playbook"
	"github.com/parleyhq/parley/routing"
)

// Where two packages say the same thing in different words, it is translated
// here.

// staff tells routing who may work.
type staff struct {
	*routing.Router
	reads *store.Routing
}

func (s staff) Agent(ctx context.Context, id desk.ID) (desk.Agent, error) {
	return s.reads.Agent(ctx, id)
}

// brands shows customers how a playbook presents itself.
type brands struct{ library *playbook.Library }

func (b brands) Brand(ctx context.Context, name string, lang desk.Lang) (httpapi.Brand, error) {
	p, err := b.library.LiveBook(ctx, name)
	if err != nil {
		return httpapi.Brand{}, err
	}
	return httpapi.Brand{Title: p.Title.In(lang), Accent: p.Brand.Accent, Greeting: p.Brand.Greeting.In(lang), Langs: p.Langs}, nil
}

// books lists the live playbooks for the help centre.
func (b brands) books(ctx context.Context) ([]helpcentre.Book, error) {
	list, err := b.library.Playbooks(ctx)
	if err != nil {
		return nil, err
	}
	var out []helpcentre.Book
	for _, e := range list {
		if e.Live == 0 {
			continue
		}
		book := helpcentre.Book{Name: e.Name, Title: e.Title}
		if p, err := b.library.LiveBook(ctx, e.Name); err == nil {
			book.Accent = p.Brand.Accent
		}
		out = append(out, book)
	}
	return out, nil
}

// embedder names the model that makes the knowledge base's vectors.
type embedder struct {
	*llm.Client
	model string
}

func (e embedder) Model() string { return e.model }

// embedder is what makes vectors by the configuration: its endpoint, or what is
// built in.
func (s *session) embedder() (kb.Embedder, error) {
	c := s.cfg.LLM
	if c.URL == "" || c.EmbedModel == "" {
		return kb.BuiltIn{}, nil
	}
	client, err := llm.New(llm.Config{
		URL: c.URL, Key: c.Key, EmbedModel: c.EmbedModel, Timeout: time.Duration(c.Timeout),
		Hide: func(text string) string { return privacy.Hide(text, privacy.Person{}) },
	})
	return embedder{client, c.EmbedModel}, err
}
