package insight

import (
	"strings"

	"github.com/parleyhq/parley/kb"
)

// What makes two sentences be about the same.
const (
	leastSubject = 2    // words of meaning that a sentence needs to have a subject of its own
	sameSubject  = 0.55 // likeness of two sentences without what they claim
	ownShare     = 0.20 // of its weight, that one of the two may have for itself alone
	mostSentence = 400  // bytes; longer ones claim too much at once
)

// contradictions finds sentences that are about the same and claim another
// number, time or price, or one that something is so and the other that it is
// not, by rule. Where each has something that the other has not ("small",
// "large") they are about two things.
func contradictions(list []kb.Article) []Pair {
	var pieces []piece
	var texts []string
	for i := range list {
		a := &list[i]
		for _, p := range kb.Passages(a.Body) {
			for _, s := range sentences(p.Text) {
				plain := kb.Plain(s)
				f := factsOf(plain)
				subject := f.subject
				titled := meaning(subject) < leastSubject || pointsBack(plain)
				if titled {
					subject = a.Title + " " + subject
				}
				if meaning(subject) < leastSubject || len(s) > mostSentence || f.question {
					continue
				}
				pieces = append(pieces, piece{article: a, heading: p.Heading, text: p.Text, sentence: s, titled: titled, facts: f})
				texts = append(texts, subject)
			}
		}
	}
	space := newSpace(texts)
	for i := range pieces {
		pieces[i].point = space.point(texts[i], nil)
	}
	var out []Pair
	neighbours(pieces, func(a, b piece) {
		if !meet(a.article, b.article) || a.article == b.article && (a.titled || b.titled) {
			return
		}
		score := a.point.words(b.point)
		if score < sameSubject || min(alone(a.point, b.point), alone(b.point, a.point)) > ownShare {
			return
		}
		why, one, other := a.facts.against(b.facts)
		if why == "" || why == YesAndNo && score < surelySame {
			return
		}
		p := newPair(Contradiction, why, score, a, b)
		if p.One.Sentence != strings.TrimSpace(a.sentence) {
			one, other = other, one
		}
		p.One.Values, p.Other.Values = one, other
		out = append(out, p)
	})
	return out
}

// surelySame is the likeness that a yes and a no need: without a number that
// differs there is less to go by.
const surelySame = 0.75

// sentences are what a passage claims one by one: lines of lists, sentences of
// paragraphs. What stands in a table or in code is no sentence.
func sentences(passage string) []string {
	var out []string
	for line := range strings.Lines(passage) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "```") {
			continue
		}
		for _, s := range kb.Sentences(strings.TrimLeft(line, "-*+> ")) {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// meaning counts the words of meaning.
func meaning(text string) int {
	n := 0
	for _, t := range kb.Terms(text) {
		if t.Weight == 1 {
			n++
		}
	}
	return n
}

// pointsBack reports whether a sentence is about what was named before it.
func pointsBack(sentence string) bool {
	lower := strings.ToLower(strings.TrimSpace(sentence))
	first, _, _ := strings.Cut(lower, " ")
	switch first {
	case "it", "this", "they", "these", "that", "he", "she", "then":
		return true
	}
	for _, p := range []string{"它", "这", "该", "其"} {
		if strings.HasPrefix(lower, p) {
			return true
		}
	}
	return false
}

// alone is the share of a's weight in terms of meaning that b has not.
func alone(a, b point) float64 {
	have := map[string]bool{}
	for _, t := range b.terms {
		have[t.text] = true
	}
	var all, own float64
	for _, t := range a.terms {
		w := float64(t.w) * float64(t.w)
		all += w
		if !have[t.text] {
			own += w
		}
	}
	if all == 0 {
		return 1
	}
	return own / all
}
