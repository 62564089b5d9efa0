package kb

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/desk"
)

// The pace of keeping up with other nodes: events come at once, and what they
// missed is found by comparing versions.
const (
	sweepEvery = time.Minute
	syncPage   = 200 // articles read at once
)

// Subscriber hears what other nodes publish.
type Subscriber interface {
	Subscribe(subject string, f func(subject string, b []byte)) (stop func(), err error)
}

// Load fills the index with everything that is published. It enqueues the
// embedding of texts that have no vectors yet. Where there are too many vectors for
// memory they stay in the database, and are found once BuildNear has returned,
// which Run calls.
func (l *Library) Load(ctx context.Context) error {
	if err := l.goFar(ctx); err != nil {
		return err
	}
	if err := l.Sweep(ctx); err != nil {
		return fmt.Errorf("load the knowledge base: %w", err)
	}
	return l.embedMissing(ctx)
}

// Run keeps the index up with other nodes until ctx ends: by their events, by
// a sweep at once and each minute, and when an event names no article.
func (l *Library) Run(ctx context.Context, bus Subscriber) error {
	changed := make(chan desk.ID, 256)
	stop, err := bus.Subscribe(ChangedSubject, func(_ string, b []byte) {
		var c Changed
		if json.Unmarshal(b, &c) != nil {
			return
		}
		select {
		case changed <- c.ArticleID:
		default: // too many at once; the sweep finds them
		}
	})
	if err != nil {
		return fmt.Errorf("listen for changed articles: %w", err)
	}
	defer stop()
	if !l.built.Load() {
		var building sync.WaitGroup
		defer building.Wait()
		building.Go(func() {
			if err := l.BuildNear(ctx); err != nil && ctx.Err() == nil {
				l.log().Error("questions are searched by words alone: raise kb.vectors_in_memory, or give the database pgvector 0.8", "err", err)
			}
		})
	}
	changed <- "" // what happened between Load and now
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case id := <-changed:
			if id == "" {
				err = l.Sweep(ctx)
			} else {
				err = l.sync(ctx, id)
			}
		case <-tick.C:
			err = l.Sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			l.log().Warn("the index may be behind until the next sweep", "err", err)
		}
	}
}

// Sweep compares what is published with what the index has, and takes in the
// difference, with the synonyms.
func (l *Library) Sweep(ctx context.Context) error {
	if err := l.syncSynonyms(ctx); err != nil {
		return err
	}
	live, err := l.Store.Live(ctx)
	if err != nil {
		return err
	}
	have := map[desk.ID]bool{}
	var changed []desk.ID
	for _, s := range live {
		have[s.ID] = true
		if l.Index.Version(s.ID) != s.Version {
			changed = append(changed, s.ID)
		}
	}
	for _, id := range l.Index.IDs() {
		if !have[id] {
			changed = append(changed, id)
		}
	}
	for len(changed) > 0 {
		n := min(len(changed), syncPage)
		if err := l.sync(ctx, changed[:n]...); err != nil {
			return err
		}
		changed = changed[n:]
	}
	return nil
}

// sync makes the index say of ids what the store says.
func (l *Library) sync(ctx context.Context, ids ...desk.ID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	list, err := l.Store.LiveArticles(ctx, ids)
	if err != nil {
		return fmt.Errorf("read published articles: %w", err)
	}
	vecs := make([][][]float32, len(list))
	if l.far {
		err = l.place(ctx, list)
	} else {
		vecs, err = l.vectorsOf(ctx, list)
	}
	if err != nil {
		return err
	}
	live := map[desk.ID]bool{}
	ready := prepareAll(list)
	for i, a := range list {
		live[a.ID] = true
		l.Index.put(ready[i], vecs[i])
	}
	for _, id := range ids {
		if !live[id] {
			l.Index.Remove(id)
		}
	}
	return nil
}

// prepareAll prepares many articles on all processors.
func prepareAll(list []Article) []prepared {
	out := make([]prepared, len(list))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(len(list), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(list); i = int(next.Add(1)) - 1 {
				out[i] = prepare(list[i])
			}
		})
	}
	wg.Wait()
	return out
}

// vectorsOf reads the embeddings of each article's Texts; one that is missing
// is nil.
func (l *Library) vectorsOf(ctx context.Context, list []Article) ([][][]float32, error) {
	out := make([][][]float32, len(list))
	if l.Embedder == nil {
		return out, nil
	}
	var all []string
	hashes := make([][]string, len(list))
	for i, a := range list {
		hashes[i] = hashesOf(Texts(a))
		all = append(all, hashes[i]...)
	}
	have, err := l.Store.Embeddings(ctx, l.Embedder.Model(), all)
	if err != nil {
		return nil, fmt.Errorf("read embeddings: %w", err)
	}
	for i := range list {
		for _, h := range hashes[i] {
			out[i] = append(out[i], have[h])
		}
	}
	return out, nil
}

// embedMissing enqueues the embedding of articles that lack vectors: the
// endpoint or its model is new.
func (l *Library) embedMissing(ctx context.Context) error {
	if l.Embedder == nil {
		return nil
	}
	lacking := l.Index.lacking()
	if l.far {
		var err error
		if lacking, err = l.Near.LackingVectors(ctx, l.Embedder.Model()); err != nil {
			return fmt.Errorf("look for texts without a vector: %w", err)
		}
	}
	var jobs []desk.Job
	for _, id := range lacking {
		jobs = append(jobs, l.embedJobs(Article{ID: id, PublishedVersion: 1})...)
		if len(jobs) == syncPage {
			if err := l.Store.Write(ctx, nil, jobs...); err != nil {
				return fmt.Errorf("enqueue embedding: %w", err)
			}
			jobs = nil
		}
	}
	return l.Store.Write(ctx, nil, jobs...)
}

// lacking lists the articles with fewer vectors than texts.
func (x *Index) lacking() []desk.ID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []desk.ID
	for id := range x.langs {
		if e := x.entry(id); len(e.slots) < len(e.asks)+len(e.passages) {
			out = append(out, id)
		}
	}
	return out
}
