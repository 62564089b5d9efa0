package kb

import (
	"math"
	"unicode/utf8"
)

// evidence is what speaks for and against an article as the answer, each
// number between 0 and 1 and comparable between questions.
type evidence struct {
	Covered float64 // share of the question's meaning that the article has words for
	Part    float64 // the same, in its best passage alone
	Like    float64 // likeness to the best of its title and questions
	Letters float64 // the same, by letters
	Margin  float64 // how far it is ahead of the next article
	Sim     float64 // how far its best vector stands out from the others near the question
	Short   float64 // 1 for a question of one word of meaning, less for longer ones
	Strange float64 // share of the question's meaning in words that no article has; Chinese pairs are no words
	Hollow  float64 // 1 where no word of the question says what it is about
}

// judge gathers the evidence for list[i]. It reads the shard's statistics: the
// caller holds the index's lock.
func judge(q query, list []found, i int) evidence {
	c := list[i]
	s, a := c.shard, c.entry.article
	part := a.Title
	if c.part >= 0 {
		part = passageText(a.Title, c.entry.passages[c.part])
	}
	askWords, partWords := c.entry.asked, count(words(part))
	other := q.other[s]

	var e evidence
	var all, covered, inPart, n, meant, strange float64
	most := s.body.idf("")
	for _, t := range q.words {
		w := float64(t.weight) * (0.15*most + s.body.idf(t.text))
		all += w
		n += float64(t.weight)
		credit, body := 1.0, 1.0
		if !partWords.has(t.text) {
			body = stands(other, t.text, partWords)
			if !askWords.has(t.text) {
				credit = max(body, stands(other, t.text, askWords))
			}
		}
		covered += credit * w
		inPart += body * w
		if t.weight > stopWeight {
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
		e.Covered, e.Part = covered/all, inPart/all
	}
	e.Short = 1 / math.Max(1, n)
	for _, ask := range []int{0, c.ask} { // the title, and the one most like it
		if ask < len(c.entry.asks) {
			e.Like = math.Max(e.Like, likeness(s.asked, q.words, count(words(c.entry.asks[ask]))))
			e.Letters = math.Max(e.Letters, likeness(s.askedBy, q.letters, count(grams(c.entry.asks[ask]))))
		}
	}
	e.Margin = 1
	for j := range list {
		if j != i {
			e.Margin = math.Max(0, 1-list[j].score/math.Max(c.score, 1e-9))
			break
		}
	}
	e.Sim = c.sim
	return e
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
func stands(list []alternative, word string, in bag) float64 {
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
