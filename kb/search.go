package kb

import (
	"cmp"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// The shares of the four ways to be found in an article's score, each divided
// by the best of its kind before.
const (
	askedShare   = 1.0
	lettersShare = 0.5
	bodyShare    = 1.0
	vectorShare  = 1.2
	nextShare    = 0.5 // of the second and third best way of asking
	manyAsks     = 4   // a title and three questions: then those count
	nameShare    = 3.0 // of names said before, see Question.Context
	aboutShare   = 2.0 // of being about what was named, where several articles are
	likeShare    = 1.0 // of being asked in the very words
	fullShare    = 0.6 // of a full match: the least that a kind is divided by
	candidates   = 50  // found by vectors, at most
	closely      = 300 // candidates looked at for names said before
)

// filter decides, before anything is scored, which articles a question may be
// answered from.
type filter struct{ q Question }

func (f filter) open(e *entry) bool {
	a := &e.article
	if !f.q.Audience.Sees(a.Audience) || !a.ValidAt(f.q.Now) {
		return false
	}
	if f.q.Playbook != "" && a.Playbook != "" && a.Playbook != f.q.Playbook {
		return false
	}
	if len(f.q.Tags) > 0 && !slices.ContainsFunc(f.q.Tags, func(t string) bool { return slices.Contains(a.Tags, t) }) {
		return false
	}
	return true
}

// keeps is open, without what there is in the asked language too.
func (f filter) keeps(e *entry) bool {
	if !f.open(e) {
		return false
	}
	if e.article.Lang == f.q.Lang {
		return true
	}
	for _, other := range e.group.entries {
		if other != e && other.article.Lang == f.q.Lang && f.open(other) {
			return false
		}
	}
	return true
}

// scratch is the working memory of one search.
type scratch struct {
	keep    []bool    // by entry
	units   []float32 // by unit
	touched []uint32
	asked   []best // by entry
	letters []best
	body    []best
	vector  []best
	found   []uint32
	is      []bool // by entry: in found
	about   []float32
	said    []float32 // by entry: how much of its subject was spoken of
}

// best is the highest score of an entry's units, and which one has it.
type best struct {
	score float32
	place uint32
	next  [2]float32 // the scores that follow
}

func (b *best) offer(score float32, place uint32) {
	switch {
	case score > b.score || score == b.score && place < b.place:
		b.next[1], b.next[0] = b.next[0], b.score
		b.score, b.place = score, place
	case score > b.next[0]:
		b.next[1], b.next[0] = b.next[0], score
	case score > b.next[1]:
		b.next[1] = score
	}
}

// several is an entry's best score. Where there are many ways of asking, the
// next ones count too: several that are somewhat like the question say more
// than one.
func (s *shard) several(no uint32, scores []best) float32 {
	b := &scores[no]
	if len(s.entries[no].asks) < manyAsks {
		return b.score
	}
	return b.score + nextShare*(b.next[0]+b.next[1])
}

// found is an entry with what spoke for it.
type found struct {
	entry *entry
	shard *shard
	score float64
	sim   float64 // how far its best vector stands out; 0 without vectors
	ask   int     // the ask most like the question
	part  int     // the passage most like it; -1 when there is none
}

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// query is a question ready to be looked up.
type query struct {
	Question
	words   bag
	letters bag
	vector  []float32
	names   []named
	tokens  []string
	other   map[*shard][]alternative // what may be written in the place of its words
}

// named is something said before, and how much it counts.
type named struct {
	words  bag
	weight float64
}

// recency is what a turn's names lose with each turn that follows it.
const recency = 0.8

// maxContext bounds how many earlier turns are looked at.
const maxContext = 20

func newQuery(q Question, vector []float32) query {
	out := query{Question: q, words: count(words(q.Text)), letters: count(grams(q.Text)), vector: vector,
		tokens: tokens(q.Text), other: map[*shard][]alternative{}}
	if len(q.Context) == 0 {
		return out
	}
	out.names = append(out.names, named{out.words, 1})
	weight := recency
	for i := len(q.Context) - 1; i >= 0 && len(out.names) < maxContext; i-- {
		out.names = append(out.names, named{count(words(q.Context[i])), weight})
		weight *= recency
	}
	return out
}

// find gives the articles that may answer q, best first, with one for each
// group of translations.
func (x *Index) find(q query, limit int) []found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	f := filter{q.Question}
	var out []found
	for lang, s := range x.shards {
		out = append(out, x.findIn(lang, s, f, q, sc)...)
	}
	sortFound(out)
	seen := map[*group]bool{}
	kept := out[:0]
	for _, c := range out {
		if len(kept) == limit {
			break
		}
		if !seen[c.entry.group] {
			seen[c.entry.group] = true
			kept = append(kept, c)
		}
	}
	return kept
}

func sortFound(list []found) {
	slices.SortFunc(list, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.entry.article.ID, b.entry.article.ID))
	})
}

// findIn gives the best of one shard, in no order.
func (x *Index) findIn(lang desk.Lang, s *shard, f filter, q query, sc *scratch) []found {
	n := len(s.entries)
	sc.keep = grown(sc.keep, n)
	some := false
	for i, e := range s.entries {
		if e != nil && f.keeps(e) {
			sc.keep[i], some = true, true
		}
	}
	if !some {
		return nil
	}
	sc.asked, sc.letters, sc.body, sc.vector = grown(sc.asked, n), grown(sc.letters, n), grown(sc.body, n), grown(sc.vector, n)
	sc.is, sc.found = grown(sc.is, n), sc.found[:0]
	q.other[s] = x.alternatives(lang, s, q)
	more := extra(q.other[s], q.words)
	sc.run(s.asked, q.words, more, s.qOwner, s.qPlace, sc.asked)
	sc.run(s.askedBy, q.letters, nil, s.qOwner, s.qPlace, sc.letters)
	sc.run(s.body, q.words, more, s.pOwner, s.pPlace, sc.body)
	alike := x.vectors.nearest(q.vector, candidates, func(o owner) bool { return o.lang == lang && sc.keep[o.no] })
	usual := usualSim(alike)
	for _, v := range alike {
		o := x.vectors.owners[v.slot]
		sc.mark(o.no)
		if b := &sc.vector[o.no]; v.sim > b.score {
			*b = best{score: v.sim, place: uint32(o.text)}
		}
	}
	sc.mention(s, q, n)
	scale := sc.scale(s, q)
	chosen := top{k: closely}
	for _, no := range sc.found {
		score := scale.fuse(s.several(no, sc.asked), s.several(no, sc.letters), sc.body[no].score, sc.vector[no].score)
		chosen.offer(near{no, score*(1+nameShare*max(sc.said[no], sc.about[no]/2)) + aboutShare*sc.about[no]})
	}
	out := make([]found, 0, len(chosen.list))
	for _, c := range chosen.list {
		out = append(out, sc.gather(s, c, usual))
	}
	return out
}

// mention notes what was spoken of before: "and is there parking?" is about the
// hotel that was named.
func (sc *scratch) mention(s *shard, q query, entries int) {
	sc.said = grown(sc.said, entries)
	sc.about = grown(sc.about, entries)
	said := s.subjects.said(q.names)
	most := 0.0
	for _, share := range said {
		most = max(most, share)
	}
	for about, share := range said {
		for _, no := range about.entries {
			if !sc.keep[no] {
				continue
			}
			if len(about.entries) >= shareSubject {
				sc.mark(no)
				sc.about[no] = float32(share / most)
			}
			sc.said[no] = float32(share)
		}
	}
}

// gather collects what spoke for one entry.
func (sc *scratch) gather(s *shard, chosen near, usual float32) found {
	no := chosen.slot
	c := found{entry: s.entries[no], shard: s, score: float64(chosen.sim), ask: int(sc.asked[no].place), part: -1}
	if sc.asked[no].score == 0 {
		c.ask = int(sc.letters[no].place)
	}
	if sc.body[no].score > 0 {
		c.part = int(sc.body[no].place)
	}
	if v := sc.vector[no]; v.score > usual {
		c.sim = float64((v.score - usual) / (1.001 - usual))
		if part := int(v.place) - len(c.entry.asks); part >= 0 && c.part < 0 {
			c.part = part
		}
	}
	return c
}

// scale is what each kind of score is divided by, before its share is taken.
type scale struct{ asked, letters, body, vector float32 }

// scale is the best score of each kind. Where even the best matches little of
// the question, that kind counts for less: the divisor is at least a part of
// what a full match would score.
func (sc *scratch) scale(s *shard, q query) scale {
	out := scale{
		asked:   float32(fullShare * s.asked.full(q.words)),
		letters: float32(fullShare * s.askedBy.full(q.letters)),
		body:    float32(fullShare * s.body.full(q.words)),
	}
	for _, no := range sc.found {
		out.asked, out.letters = max(out.asked, s.several(no, sc.asked)), max(out.letters, s.several(no, sc.letters))
		out.body, out.vector = max(out.body, sc.body[no].score), max(out.vector, sc.vector[no].score)
	}
	return out
}

// fuse makes one score of four.
func (s scale) fuse(asked, letters, body, vector float32) float32 {
	share := func(score, most, of float32) float32 {
		if most <= 0 || score <= 0 {
			return 0
		}
		return of * score / most
	}
	return share(asked, s.asked, askedShare) + share(letters, s.letters, lettersShare) + share(body, s.body, bodyShare) + share(vector, s.vector, vectorShare)
}

// usualSim is the mean cosine of what was found near: models differ in what
// they call near, and only what stands out from it means something.
func usualSim(list []near) float32 {
	if len(list) < 2 {
		return 1
	}
	var sum float32
	for _, v := range list {
		sum += v.sim
	}
	return sum / float32(len(list))
}

// run scores one field and gathers the best unit of each entry into into.
func (sc *scratch) run(f *field, q, more bag, owners, places []uint32, into []best) {
	sc.units = grown(sc.units, len(owners))
	keep := func(u uint32) bool { return sc.keep[owners[u]] }
	sc.touched = f.score(q, keep, sc.units, sc.touched[:0])
	sc.touched = f.score(more, keep, sc.units, sc.touched)
	for _, u := range sc.touched {
		no := owners[u]
		sc.mark(no)
		b := &into[no]
		b.offer(sc.units[u], places[u])
	}
}

func (sc *scratch) mark(no uint32) {
	if !sc.is[no] {
		sc.is[no] = true
		sc.found = append(sc.found, no)
	}
}

func (b bag) find(text string) int {
	i, ok := slices.BinarySearchFunc(b, text, func(t bagged, s string) int { return cmp.Compare(t.text, s) })
	if !ok {
		return -1
	}
	return i
}

func (b bag) has(text string) bool { return b.find(text) >= 0 }
