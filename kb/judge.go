package kb

import (
	"math"
	"unicode/utf8"
)

// evidence is what speaks for and against an article as the answer, each
// number between 0 and 1 where nothing else is said, and comparable between
// questions. Where several articles are about one thing, such as the
// hotel that is their title, that name is no part of what is asked.
type evidence struct {
	Covered float64 // share of the question's meaning that the article has words for
	Part    float64 // the same, in its best passage alone
	Like    float64 // likeness to the best of its title and questions
	Margin  float64 // how far it is ahead of the next article
	Short   float64 // 1 for a question without a word of meaning, less the more it has
	Strange float64 // share of the question's meaning in words that no article has; Chinese pairs are no words
	Hollow  float64 // 1 where no word of the question says what it is about
	Asks    float64 // by its form: the log of the odds that it is a question, beside a plain one

	Seen  bool    // there are vectors of the question and of the article
	Sim   float64 // how near its best vector is
	Ahead float64 // how much nearer it is than the nearest other, -1 to 1; below 0 another is nearer

	Named bool    // it is one of several about the same thing
	Long  float64 // the logarithm of one more than the words of the whole message
	Said  float64 // share of that thing's name that was said in one turn
	Late  float64 // how much of that counts, as what was said last counts most, beside the thing most spoken of
}

// judge gathers the evidence for list[i]. It reads the shard's statistics: the
// caller holds the index's lock.
func judge(q query, list []found, i int) evidence {
	c := list[i]
	e := evidence{Asks: q.asks, Long: q.long, Margin: 1}
	asked := q.words
	if about := c.entry.subject; len(about.entries) >= shareName {
		e.Named = true
		e.Said, e.Late = c.shard.meant(q, about)
		asked = asked.without(about.title)
	}
	e.cover(q, c, asked)
	e.Like = c.likeness(asked, e.Named)
	for j := range list {
		if j != i {
			e.Margin = math.Max(0, 1-list[j].score/math.Max(c.score, 1e-9))
			break
		}
	}
	if c.alike.seen {
		e.compare(list, i)
	}
	return e
}

// cover sees how much of what is asked the article has words for.
func (e *evidence) cover(q query, c found, asked bag) {
	s := c.shard
	part := inUnit(s.asked, c.entry.qUnits[0]) // the title
	if c.part >= 0 {
		part = inUnit(s.body, c.entry.pUnits[c.part])
	}
	asks, other := c.entry.asked.has, q.other[s]
	var all, covered, in, told, meant, strange float64
	most := s.body.idf("")
	for _, t := range asked {
		w := float64(t.weight) * (0.15*most + s.body.idf(t.text))
		all += w
		credit, body := 1.0, 1.0
		if !part(t.text) {
			body = stands(other, t.text, part)
			if !asks(t.text) {
				credit = max(body, stands(other, t.text, asks))
			}
		}
		covered += credit * w
		in += body * w
		if t.weight > stopWeight {
			told += float64(t.weight)
			meant += w
			if !isHan(firstRune(t.text)) && credit == 0 && !s.knows(t.text) {
				strange += w
			}
		}
	}
	if meant > 0 {
		e.Strange = strange / meant
	} else {
		e.Hollow = 1
	}
	if all > 0 {
		e.Covered, e.Part = covered/all, in/all
	}
	e.Short = 1 / (1 + told)
}

// likeness is how like what is asked is to the nearest of the article's ways of
// asking, and to its title unless that is a name.
func (c found) likeness(asked bag, named bool) float64 {
	s, asks := c.shard, c.entry.asks
	if named {
		if len(asks) < 2 {
			return 0
		}
		return likeness(s.asked, asked, count(words(asks[max(c.ask, 1)])).without(c.entry.subject.title))
	}
	if c.ask == 0 {
		return c.like
	}
	return math.Max(c.like, likeness(s.asked, asked, count(words(asks[0]))))
}

// compare adds what vectors say.
func (e *evidence) compare(list []found, i int) {
	c := list[i].alike
	e.Seen, e.Sim, e.Ahead = true, float64(c.best()), float64(c.best())
	for j := range list {
		if j != i {
			e.Ahead = math.Min(e.Ahead, float64(c.best()-list[j].alike.best()))
		}
	}
}

// inUnit tells whether a unit of a field has a term.
func inUnit(f *field, unit uint32) func(term string) bool {
	return func(term string) bool { return f.contains(unit, term) }
}

// knows reports whether any article has the word.
func (s *shard) knows(word string) bool { return s.body.has(word) || s.asked.has(word) }

// likeness is the cosine of two bags weighted by how rare their terms are.
func likeness(f *field, a, b bag) float64 {
	norm := func(x bag) float64 {
		sum := 0.0
		for _, t := range x {
			w := float64(t.weight) * f.idf(t.text)
			sum += w * w
		}
		return math.Sqrt(sum)
	}
	sum := 0.0
	for _, t := range a {
		if b.has(t.text) {
			w := float64(t.weight) * f.idf(t.text)
			sum += w * w
		}
	}
	if sum == 0 {
		return 0
	}
	return sum / (norm(a) * norm(b))
}

// stands is how much of a word's credit goes to what is written in its place:
// most of it, or none when nothing is.
func stands(list []alternative, word string, in func(term string) bool) float64 {
	credit := 0.0
	for _, a := range list {
		if a.stands(word) && a.in(in) {
			credit = math.Max(credit, math.Sqrt(float64(a.weight)))
		}
	}
	return credit
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
