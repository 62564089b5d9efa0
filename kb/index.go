package kb

import (
	"slices"
	"sync"

	"github.com/parleyhq/parley/desk"
)

// Index holds every live article in memory, ready to be searched. It is safe
// for concurrent use; what Put has returned from is found by the next Find.
// The zero value is not usable: see NewIndex.
type Index struct {
	mu       sync.RWMutex // guards everything below
	shards   map[desk.Lang]*shard
	langs    map[desk.ID]desk.Lang
	groups   map[string]*group
	vectors  *vectors
	synonyms map[whose]*thesaurus
	scratch  sync.Pool
}

// NewIndex makes an empty index.
func NewIndex() *Index {
	return &Index{
		shards:   map[desk.Lang]*shard{},
		langs:    map[desk.ID]desk.Lang{},
		groups:   map[string]*group{},
		vectors:  newVectors(),
		synonyms: map[whose]*thesaurus{},
		scratch:  sync.Pool{New: func() any { return &scratch{} }},
	}
}

// Put makes a live article searchable, in place of what the index had of it.
// vecs are the embeddings of Texts(a), in that order; nil when there are none,
// and an empty one stands for a text that has none yet.
func (x *Index) Put(a Article, vecs [][]float32) {
	x.put(prepare(a), vecs)
}

func (x *Index) put(p prepared, vecs [][]float32) {
	a := p.entry.article
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(a.ID)
	s := x.shards[a.Lang]
	if s == nil {
		s = newShard()
		x.shards[a.Lang] = s
	}
	no := s.add(p)
	x.langs[a.ID] = a.Lang
	key := groupKey(a)
	g := x.groups[key]
	if g == nil {
		g = &group{}
		x.groups[key] = g
	}
	g.entries = append(g.entries, p.entry)
	p.entry.group = g
	for i, v := range vecs {
		if len(v) > 0 {
			p.entry.slots = append(p.entry.slots, x.vectors.add(v, owner{a.Lang, no}))
			p.entry.texts = append(p.entry.texts, i)
		}
	}
}

// Remove takes an article out.
func (x *Index) Remove(id desk.ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index) remove(id desk.ID) {
	lang, ok := x.langs[id]
	if !ok {
		return
	}
	s := x.shards[lang]
	e := s.entries[s.numbers[id]]
	s.remove(id)
	delete(x.langs, id)
	for _, slot := range e.slots {
		x.vectors.remove(slot)
	}
	key := groupKey(e.article)
	for i, other := range e.group.entries {
		if other == e {
			e.group.entries = append(e.group.entries[:i], e.group.entries[i+1:]...)
			break
		}
	}
	if len(e.group.entries) == 0 {
		delete(x.groups, key)
	}
}

// Version is the published version of the article that the index has; 0 when
// it has none.
func (x *Index) Version(id desk.ID) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if e := x.entry(id); e != nil {
		return e.article.Version
	}
	return 0
}

// IDs lists the articles in the index.
func (x *Index) IDs() []desk.ID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([]desk.ID, 0, len(x.langs))
	for id := range x.langs {
		out = append(out, id)
	}
	return out
}

// Size counts articles, passages and vectors.
func (x *Index) Size() (articles, passages, vectors int) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, s := range x.shards {
		articles += len(s.numbers)
		passages += s.body.live
	}
	return articles, passages, x.vectors.live
}

func (x *Index) entry(id desk.ID) *entry {
	lang, ok := x.langs[id]
	if !ok {
		return nil
	}
	s := x.shards[lang]
	return s.entries[s.numbers[id]]
}

// bySlug finds a live article that q's asker may read, in his language if
// there is one. The playbook's own wins over one of everybody's; a question
// without a playbook takes any, the first by name.
func (x *Index) bySlug(q Question) (Article, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	playbooks := []string{q.Playbook, ""}
	if q.Playbook == "" {
		for _, g := range x.groups {
			if a := g.entries[0].article; a.Slug == q.Article {
				playbooks = append(playbooks, a.Playbook)
			}
		}
		slices.Sort(playbooks)
	}
	for _, playbook := range playbooks {
		if g := x.groups[groupKey(Article{Playbook: playbook, Slug: q.Article})]; g != nil {
			if a, ok := g.read(filter{q}); ok {
				return a, true
			}
		}
	}
	return Article{}, false
}

// read chooses among translations: the asked language, else the first that
// there is.
func (g *group) read(f filter) (Article, bool) {
	var other *entry
	for _, e := range g.entries {
		if !f.open(e) {
			continue
		}
		if e.article.Lang == f.q.Lang {
			return e.article, true
		}
		if other == nil || e.article.Lang < other.article.Lang {
			other = e
		}
	}
	if other == nil {
		return Article{}, false
	}
	return other.article, true
}
