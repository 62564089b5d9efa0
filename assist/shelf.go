package assist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// shelf is the canned replies at one moment, ready to be searched. It never
// changes; a new one takes its place.
type shelf struct {
	index *kb.Index
	byID  map[desk.ID]Canned
}

type fitting struct {
	reply      Canned
	lang       desk.Lang
	confidence float64
}

func newShelf(list []Canned) *shelf {
	s := &shelf{index: kb.NewIndex(), byID: map[desk.ID]Canned{}}
	for _, c := range list {
		s.byID[c.ID] = c
		for _, lang := range []desk.Lang{desk.English, desk.Chinese} {
			if _, ok := c.Text[lang]; !ok && c.Text[""] == "" {
				continue
			}
			s.index.Put(kb.Article{
				ID: c.ID + ":" + desk.ID(lang), Playbook: c.Playbook, Slug: c.Key, Lang: lang, Version: c.Version,
				Content: kb.Content{
					Title:     c.Title.In(lang),
					Body:      variable.ReplaceAllString(c.Text.In(lang), " "),
					Questions: c.Questions[lang],
					Audience:  kb.Agents,
				},
			}, nil)
		}
	}
	return s
}

// find gives the replies that fit a question at least so well, best first.
func (s *shelf) find(q kb.Question, least float64) []fitting {
	if s == nil {
		return nil
	}
	var out []fitting
	for _, h := range s.index.Search(q) {
		id, _, _ := strings.Cut(string(h.Source.ArticleID), ":")
		if h.Confidence >= least {
			out = append(out, fitting{s.byID[desk.ID(id)], h.Lang, h.Confidence})
		}
	}
	return out
}

// Load reads the canned replies. Until then articles alone are suggested.
func (d *Desk) Load(ctx context.Context) error {
	d.loading.Lock()
	defer d.loading.Unlock()
	list, err := d.Store.AllCanned(ctx)
	if err != nil {
		return fmt.Errorf("load canned replies: %w", err)
	}
	s := newShelf(list)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.canned = s
	return nil
}

// CannedSubject is where nodes tell each other that canned replies changed.
const CannedSubject = "canned.changed"

// changed makes a change known here and on other nodes.
func (d *Desk) changed(ctx context.Context) error {
	if err := d.Load(ctx); err != nil {
		return fmt.Errorf("the change is stored, but not yet suggested: %w", err)
	}
	if d.Bus != nil {
		if err := d.Bus.Publish(CannedSubject, struct{}{}); err != nil {
			d.log().Warn("other nodes learn of changed replies only by their sweep", "err", err)
		}
	}
	return nil
}

// Subscriber hears what other nodes publish.
type Subscriber interface {
	Subscribe(subject string, f func(subject string, b []byte)) (stop func(), err error)
}

const sweepEvery = time.Minute

// Run keeps canned replies and what was learnt up with other nodes until ctx
// ends: by their events, and by reading again each minute.
func (d *Desk) Run(ctx context.Context, bus Subscriber) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.keepCanned(ctx, bus) })
	g.Go(func() error { return d.keepLearning(ctx, bus) })
	return g.Wait()
}

// keepCanned reads all canned replies when they change, and each sweep.
func (d *Desk) keepCanned(ctx context.Context, bus Subscriber) error {
	changed := make(chan struct{}, 1)
	stop, err := bus.Subscribe(CannedSubject, func(string, []byte) {
		select {
		case changed <- struct{}{}:
		default: // one is waiting already, and it reads everything
		}
	})
	if err != nil {
		return fmt.Errorf("listen for changed replies: %w", err)
	}
	defer stop()
	select {
	case changed <- struct{}{}: // what happened between Load and now
	default:
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
		if err := d.Load(ctx); err != nil && ctx.Err() == nil {
			d.log().Warn("canned replies may be behind until the next sweep", "err", err)
		}
	}
}
