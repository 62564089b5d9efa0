package kb

import (
	"cmp"
	"math"
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
	nameShare    = 3.0 // of names said before, see Question.Context
	fullShare    = 0.6 // of a full match: the least that a kind is divided by
	candidates   = 50  // found by vectors, at most
	renamed      = 500 // looked at for names, at most
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
}

// best is the highest score of an entry's units, and which one has it.
type best struct {
	score float32
	place uint32
}

// found is an entry with what spoke for it.
type found struct {
	entry  *entry
	shard  *shard
	score  float64
	asked  best
	body   best
	vector best
	sim    float64 // how far its best vector stands out; 0 without vectors
	ask    int     // the ask most like the question
	part   int     // the passage most like it; -1 when there is none
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
}

// named is something said before, and how much it counts.
type named struct {
	words  bag
	weight float64
}

// recency is what a turn's names lose with each turn that follows it.
const recency = 0.8

// maxContext bounds how many earlier turns are looked at.
const maxContext = 12

func newQuery(q Question, vector []float32) query {
	out := query{Question: q, words: count(words(q.Text)), letters: count(grams(q.Text)), vector: vector}
	weight := 1.0
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
		list := x.findIn(lang, s, f, q, sc)
		fuse(list, q, s)
		out = append(out, list...)
	}
	sortFound(out)
	if len(q.names) > 0 {
		out = out[:min(len(out), renamed)]
		boostNames(out, q)
		sortFound(out)
	}
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
	sc.run(s.asked, q.words, s.qOwner, s.qPlace, sc.asked)
	sc.run(s.askedBy, q.letters, s.qOwner, s.qPlace, sc.letters)
	sc.run(s.body, q.words, s.pOwner, s.pPlace, sc.body)
	near := x.vectors.nearest(q.vector, candidates, func(o owner) bool { return o.lang == lang && sc.keep[o.no] })
	usual := usualSim(near)
	for _, v := range near {
		o := x.vectors.owners[v.slot]
		sc.mark(o.no)
		if b := &sc.vector[o.no]; v.sim > b.score {
			*b = best{v.sim, uint32(o.text)}
		}
	}
	out := make([]found, 0, len(sc.found))
	for _, no := range sc.found {
		c := found{entry: s.entries[no], shard: s, asked: sc.asked[no], body: sc.body[no], vector: sc.vector[no], part: -1}
		c.score = float64(sc.letters[no].score) // until fuse
		if c.vector.score > usual {
			c.sim = float64((c.vector.score - usual) / (1.001 - usual))
		}
		c.ask = int(c.asked.place)
		if c.asked.score == 0 {
			c.ask = int(sc.letters[no].place)
		}
		if c.body.score > 0 {
			c.part = int(c.body.place)
		}
		out = append(out, c)
	}
	return out
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
func (sc *scratch) run(f *field, q bag, owners, places []uint32, into []best) {
	sc.units = grown(sc.units, len(owners))
	sc.touched = f.score(q, func(u uint32) bool { return sc.keep[owners[u]] }, sc.units, sc.touched[:0])
	for _, u := range sc.touched {
		no := owners[u]
		sc.mark(no)
		b := &into[no]
		if s := sc.units[u]; s > b.score || s == b.score && places[u] < b.place {
			*b = best{s, places[u]}
		}
	}
}

func (sc *scratch) mark(no uint32) {
	if !sc.is[no] {
		sc.is[no] = true
		sc.found = append(sc.found, no)
	}
}

// fuse turns the several scores of each candidate into one: each divided by
// the best of its kind, times its share. Where even the best of a kind matches
// little of the question, that kind counts for less: the divisor is at least a
// part of what a full match would score.
func fuse(list []found, q query, s *shard) {
	asked, letters := fullShare*s.asked.full(q.words), fullShare*s.askedBy.full(q.letters)
	body, vector := fullShare*s.body.full(q.words), 0.0
	for _, c := range list {
		asked, letters = max(asked, float64(c.asked.score)), max(letters, c.score)
		body, vector = max(body, float64(c.body.score)), max(vector, float64(c.vector.score))
	}
	share := func(score, most, of float64) float64 {
		if most <= 0 {
			return 0
		}
		return of * score / most
	}
	for i := range list {
		c := &list[i]
		c.score = share(float64(c.asked.score), asked, askedShare) + share(c.score, letters, lettersShare) +
			share(float64(c.body.score), body, bodyShare) + share(float64(c.vector.score), vector, vectorShare)
	}
}

// boostNames raises articles whose title was mentioned lately: "and is there
// parking?" is about the hotel spoken of before.
func boostNames(list []found, q query) {
	known := map[string]float64{} // by title
	for i := range list {
		c := &list[i]
		title := c.entry.article.Title
		most, ok := known[title]
		if !ok {
			most = c.shard.said(title, q.names)
			known[title] = most
		}
		c.score *= 1 + nameShare*most
	}
}

// said is how much of a title was said in the turns, the later the more.
func (s *shard) said(title string, turns []named) float64 {
	terms := count(words(title))
	var all float64
	for _, t := range terms {
		all += float64(t.weight) * s.body.idf(t.text)
	}
	if all == 0 {
		return 0
	}
	most := 0.0
	for _, turn := range turns {
		if turn.weight <= most {
			break
		}
		have := 0.0
		for _, t := range terms {
			if turn.words.has(t.text) {
				have += float64(t.weight) * s.body.idf(t.text)
			}
		}
		if share := have / all; share > 0.5 {
			most = math.Max(most, turn.weight*share)
		}
	}
	return most
}

func (b bag) find(text string) int {
	i, ok := slices.BinarySearchFunc(b, text, func(t bagged, s string) int { return cmp.Compare(t.text, s) })
	if !ok {
		return -1
	}
	return i
}

func (b bag) has(text string) bool { return b.find(text) >= 0 }
