package kb

import (
	"context"
	"maps"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// Overlaid is what would be another in an index.
type Overlaid struct {
	Put      []Article    // live, in place of what there is of them; their Version is the one shown
	Remove   []desk.ID    // not live any more
	Synonyms []SynonymSet // in place of those of their playbook and language
}

// With is a copy of the index as it would be with what is given. The index
// itself is not touched, and what changes in it later does not reach the copy.
// vecs are the embeddings of Texts of each article put, as Put takes them; nil:
// words alone find. It takes about as long as reading every posting once.
func (x *Index) With(o Overlaid, vecs [][][]float32) *Index {
	c := x.clone()
	for _, id := range o.Remove {
		c.Remove(id)
	}
	for i, a := range o.Put {
		var v [][]float32
		if i < len(vecs) {
			v = vecs[i]
		}
		c.Put(a, v)
	}
	for _, s := range o.Synonyms {
		c.SetSynonyms(s)
	}
	return c
}

// Overlay is a library that answers as this one would with what is given. It
// has no store: it can be asked, not written to. Asking it asks embedder, which
// has to be of the library's own model; nil: words alone find.
func (l *Library) Overlay(ctx context.Context, o Overlaid, embedder Embedder) (*Library, error) {
	var vecs [][][]float32
	if l.far {
		embedder = nil // what is not in memory cannot be compared with what is put
	}
	if embedder != nil {
		for _, a := range o.Put {
			v, err := embedder.Embed(ctx, Texts(a))
			if err != nil || len(v) != len(Texts(a)) {
				l.log().Warn("previewing by words alone: the article could not be embedded", "err", err)
				v = nil
			}
			vecs = append(vecs, v)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &Library{Index: l.Index.With(o, vecs), Embedder: embedder, Log: l.Log, Now: l.Now}, nil
}

// clone copies all that Put and Remove change.
func (x *Index) clone() *Index {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := NewIndex()
	out.langs, out.synonyms = maps.Clone(x.langs), maps.Clone(x.synonyms)
	groups := map[*group]*group{}
	for key, g := range x.groups {
		c := &group{entries: make([]*entry, 0, len(g.entries))}
		groups[g], out.groups[key] = c, c
	}
	for lang, s := range x.shards {
		out.shards[lang] = s.clone(groups)
	}
	for key, g := range x.groups { // in the same order of translations
		for _, e := range g.entries {
			out.groups[key].entries = append(out.groups[key].entries, out.entry(e.article.ID))
		}
	}
	v := *x.vectors
	v.data, v.scales, v.codes = slices.Clone(v.data), slices.Clone(v.scales), slices.Clone(v.codes)
	v.owners, v.used, v.free = slices.Clone(v.owners), slices.Clone(v.used), slices.Clone(v.free)
	out.vectors = &v
	return out
}

func (s *shard) clone(groups map[*group]*group) *shard {
	out := *s
	subjects, all := s.subjects.clone()
	out.subjects = subjects
	out.entries = make([]*entry, len(s.entries))
	for i, e := range s.entries {
		if e != nil {
			c := *e
			c.group, c.subject = groups[e.group], all[e.subject]
			c.slots = slices.Clone(e.slots)
			out.entries[i] = &c
		}
	}
	out.numbers = maps.Clone(s.numbers)
	out.free, out.qFree, out.pFree = slices.Clone(s.free), slices.Clone(s.qFree), slices.Clone(s.pFree)
	out.qOwner, out.pOwner = slices.Clone(s.qOwner), slices.Clone(s.pOwner)
	out.qPlace, out.pPlace = slices.Clone(s.qPlace), slices.Clone(s.pPlace)
	out.asked, out.askedBy, out.body = s.asked.clone(), s.askedBy.clone(), s.body.clone()
	out.lexicon = lexicon{}
	for k, list := range s.lexicon {
		out.lexicon[k] = slices.Clone(list)
	}
	return &out
}

// clone copies the postings into one piece of memory, each list with no room
// to grow into its neighbour.
func (f *field) clone() *field {
	out := *f
	out.sizes = slices.Clone(f.sizes)
	n := 0
	for _, list := range f.postings {
		n += len(list)
	}
	all := make([]posting, 0, n)
	out.postings = make(map[string][]posting, len(f.postings))
	for text, list := range f.postings {
		from := len(all)
		all = append(all, list...)
		out.postings[text] = all[from:len(all):len(all)]
	}
	return &out
}

// clone copies the subjects and says which became which.
func (l *subjects) clone() (subjects, map[*subject]*subject) {
	out := newSubjects()
	which := make(map[*subject]*subject, len(l.all))
	for key, s := range l.all {
		c := &subject{title: s.title, entries: slices.Clone(s.entries)}
		which[s], out.all[key] = c, c
	}
	for word, list := range l.words {
		c := make([]*subject, len(list))
		for i, s := range list {
			c[i] = which[s]
		}
		out.words[word] = c
	}
	return out, which
}
