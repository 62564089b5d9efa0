package kb

import (
	"cmp"
	"math"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// The shares of the ways to be found in an article's score, each divided by the
// best of its kind before. They were chosen by leaving sets of questions out, see
// docs/knowledge.md.
const (
	askedShare   = 1.0
	lettersShare = 0.4
	bodyShare    = 1.2
	vectorShare  = 1.3 // of the questions, and again of the passages
	leastAlike   = 0.1 // cosine that says nothing
	wellAlike    = 0.6 // the least cosine that vectors are divided by
	nextShare    = 0.5 // of the second and third best way of asking
	manyAsks     = 4   // a title and three questions: then those count
	nameShare    = 3.0 // of names said before, see Question.Context
	aboutShare   = 2.0 // of being about what was named, where several articles are
	likeShare    = 0.6 // of being asked in the very words
	fullShare    = 0.6 // of a full match: the least that a kind is divided by
	candidates   = 50  // found by vectors, at most
	closely      = 300 // candidates whose vectors are looked at
	atLeast      = 64  // candidates, where there are no vectors
	wordUnits    = 2000
	letterUnits  = 1000 // units that one kind finds, see field.score
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

// scratch is the working memory of one search. Between two it is all zero.
type scratch struct {
	opens   []opens   // by entry
	units   []float32 // by unit
	touched []uint32
	asked   []best // by entry
	letters []best
	body    []best
	found   []uint32
	is      []bool    // by entry: in found
	about   []float32 // by entry: how surely it was named
	said    []float32 // by entry: how much of its subject was spoken of
}

// opens is what the filter said of an entry.
type opens uint8

const (
	notAsked opens = iota
	open
	closed
)

func (sc *scratch) start(entries int) {
	sc.opens, sc.is = grown(sc.opens, entries), grown(sc.is, entries)
	sc.asked, sc.letters, sc.body = grown(sc.asked, entries), grown(sc.letters, entries), grown(sc.body, entries)
	sc.about, sc.said = grown(sc.about, entries), grown(sc.said, entries)
}

func (sc *scratch) finish() {
	clear(sc.opens)
	for _, no := range sc.found {
		sc.is[no], sc.about[no], sc.said[no] = false, 0, 0
		sc.asked[no], sc.letters[no], sc.body[no] = best{}, best{}, best{}
	}
	sc.found = sc.found[:0]
}

// grown is s with n elements; those that are new are zero.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// lets asks the filter once of each entry.
func (sc *scratch) lets(f filter, s *shard, no uint32) bool {
	if sc.opens[no] == notAsked {
		sc.opens[no] = closed
		if e := s.entries[no]; e != nil && f.keeps(e) {
			sc.opens[no] = open
		}
	}
	return sc.opens[no] == open
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
	alike alike
	ask   int     // the ask most like the question
	like  float64 // how like it is, by words
	part  int     // the passage most like it; -1 when there is none
}

// alike is how near an entry's vectors are to the question's: cosines, and
// 0 where there are none.
type alike struct {
	asked float32 // the best of its questions, and where there are many of the next ones
	ask   float32 // the best of its questions alone
	next  float32 // of the two that follow, the mean
	part  float32 // the best of its passages
	which int     // that passage
	seen  bool    // there was something to compare
}

func (a alike) best() float32 { return max(a.ask, a.part) }

// query is a question ready to be looked up.
type query struct {
	Question
	words   bag
	letters bag
	vector  *probe      // nil: it has none, or vectors are not in memory
	near    *neighbours // what the database says of its vector; nil: nothing
	names   []named
	tokens  []string
	other   map[*shard][]alternative // what may be written in the place of its words
	spoken  map[*shard]map[*subject]float64
	asks    float64 // see form
	long    float64 // the logarithm of how many words it has
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
	out := query{Question: q, words: count(words(q.Text)), letters: count(grams(q.Text)), vector: newProbe(vector),
		tokens: tokens(q.Text), other: map[*shard][]alternative{}, spoken: map[*shard]map[*subject]float64{},
		asks: formOf(q.Text).asks(len(q.Context) > 0), long: math.Log1p(float64(max(q.words, length(q.Text))))}
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
	f := filter{q.Question}
	var out []found
	for lang, s := range x.shards {
		out = append(out, x.findIn(lang, s, f, q, sc)...)
	}
	x.scratch.Put(sc)
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
	sc.start(len(s.entries))
	defer sc.finish()
	lets := func(no uint32) bool { return sc.lets(f, s, no) }
	q.other[s] = x.alternatives(lang, s, q)
	words := slices.Concat(q.words, extra(q.other[s], q.words))
	sc.run(s.asked, words, wordUnits, lets, s.qOwner, s.qPlace, sc.asked)
	sc.run(s.askedBy, q.letters, letterUnits, lets, s.qOwner, s.qPlace, sc.letters)
	sc.run(s.body, words, wordUnits, lets, s.pOwner, s.pPlace, sc.body)
	near := map[uint32]bool{}
	for _, no := range x.nearest(lang, s, q, lets) {
		sc.mark(no)
		near[no] = true
	}
	sc.mention(s, q, lets)
	return sc.choose(x.vectors, s, q, near)
}

// choose scores what was found: all of it by words, then the best of it, and
// what vectors found, by everything.
func (sc *scratch) choose(v *vectors, s *shard, q query, byVectors map[uint32]bool) []found {
	scale := sc.scale(s, q)
	score := func(no uint32, like alike) float32 {
		sum := scale.fuse(s.several(no, sc.asked), s.several(no, sc.letters), sc.body[no].score, like)
		return sum*(1+nameShare*max(sc.said[no], sc.about[no]/2)) + aboutShare*sc.about[no]
	}
	chosen := top{k: atLeast}
	if q.vector != nil || q.near != nil {
		chosen.k = closely
	}
	for _, no := range sc.found {
		if byVectors[no] {
			chosen.offer(near{no, math.MaxFloat32})
		} else {
			chosen.offer(near{no, score(no, alike{})})
		}
	}
	out := make([]found, len(chosen.list))
	for i, c := range chosen.list {
		out[i] = found{entry: s.entries[c.slot], shard: s}
		out[i].alike = v.alike(q, out[i].entry)
		scale.asks, scale.parts = max(scale.asks, out[i].alike.asked), max(scale.parts, out[i].alike.part)
	}
	for i, c := range chosen.list {
		out[i].score = float64(score(c.slot, out[i].alike))
		sc.place(&out[i], c.slot)
	}
	return out
}

// alike compares a question with the texts of an entry.
func (v *vectors) alike(q query, e *entry) alike {
	out := alike{which: -1}
	var asks best
	v.cosines(q, e, func(text int, cosine float32) {
		out.seen = true
		sim := max(0, cosine-leastAlike)
		switch part := text - len(e.asks); {
		case part < 0:
			asks.offer(sim, uint32(text))
		case sim > out.part:
			out.part, out.which = sim, part
		}
	})
	out.asked, out.ask = asks.score, asks.score
	if len(e.asks) >= manyAsks {
		out.next = (asks.next[0] + asks.next[1]) / 2
		out.asked += 2 * nextShare * out.next
	}
	return out
}

// mention notes what was spoken of before: "and is there parking?" is about the
// hotel that was named.
func (sc *scratch) mention(s *shard, q query, lets func(uint32) bool) {
	said := s.subjects.said(q.names)
	q.spoken[s] = said
	most := 0.0
	for _, share := range said {
		most = max(most, share)
	}
	for about, share := range said {
		several := len(about.entries) >= shareSubject
		for _, no := range about.entries {
			if !sc.is[no] && (!several || !lets(no)) {
				continue
			}
			sc.mark(no)
			if several {
				sc.about[no] = float32(share / most)
			}
			sc.said[no] = float32(share)
		}
	}
}

// place notes which of the entry's texts are meant.
func (sc *scratch) place(c *found, no uint32) {
	c.ask, c.part = int(sc.asked[no].place), -1
	if sc.asked[no].score == 0 {
		c.ask = int(sc.letters[no].place)
	}
	switch {
	case sc.body[no].score > 0:
		c.part = int(sc.body[no].place)
	case c.alike.part > 0:
		c.part = c.alike.which
	}
}

// scale is what each kind of score is divided by, before its share is taken.
type scale struct{ asked, letters, body, asks, parts float32 }

// scale is the best score of each kind. Where even the best matches little of
// the question, that kind counts for less: the divisor is at least a part of
// what a full match would score.
func (sc *scratch) scale(s *shard, q query) scale {
	out := scale{
		asked:   float32(fullShare * s.asked.full(q.words)),
		letters: float32(fullShare * s.askedBy.full(q.letters)),
		body:    float32(fullShare * s.body.full(q.words)),
		asks:    wellAlike - leastAlike,
		parts:   wellAlike - leastAlike,
	}
	for _, no := range sc.found {
		out.asked, out.letters = max(out.asked, s.several(no, sc.asked)), max(out.letters, s.several(no, sc.letters))
		out.body = max(out.body, sc.body[no].score)
	}
	return out
}

// fuse makes one score of all.
func (s scale) fuse(asked, letters, body float32, like alike) float32 {
	share := func(score, most, of float32) float32 {
		if most <= 0 || score <= 0 {
			return 0
		}
		return of * score / most
	}
	return share(asked, s.asked, askedShare) + share(letters, s.letters, lettersShare) + share(body, s.body, bodyShare) +
		share(like.asked, s.asks, vectorShare) + share(like.part, s.parts, vectorShare)
}

// run scores one field and gathers the best unit of each entry into into.
func (sc *scratch) run(f *field, q bag, most int, lets func(uint32) bool, owners, places []uint32, into []best) {
	sc.units = grown(sc.units, len(owners))
	sc.touched = f.score(q, most, func(u uint32) bool { return lets(owners[u]) }, sc.units, sc.touched[:0])
	for _, u := range sc.touched {
		sc.mark(owners[u])
		into[owners[u]].offer(sc.units[u], places[u])
		sc.units[u] = 0
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
