package kb

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// lexicon is the Latin words of an index, stemmed, by first letter and length.
type lexicon map[lexeme][]string

type lexeme struct {
	first byte
	size  int
}

func lexemeOf(word string) lexeme { return lexeme{word[0], len(word)} }

// spellable reports whether a word can be a misspelling, or what was meant:
// Latin letters only, and enough of them.
func spellable(word string) bool {
	if len(word) < shortestMisspelt-1 || len(word) > longestMisspelt+1 {
		return false
	}
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return false
		}
	}
	return true
}

func (l lexicon) add(word string) {
	if spellable(word) {
		l[lexemeOf(word)] = append(l[lexemeOf(word)], word)
	}
}

func (l lexicon) remove(word string) {
	if !spellable(word) {
		return
	}
	list := l[lexemeOf(word)]
	if i := slices.Index(list, word); i >= 0 {
		list[i] = list[len(list)-1]
		if list = list[:len(list)-1]; len(list) == 0 {
			delete(l, lexemeOf(word))
			return
		}
		l[lexemeOf(word)] = list
	}
}

// What is taken for a misspelling: one edit in a word, two in a long one.
// Shorter words are too often others.
const (
	shortestMisspelt = 4
	longestMisspelt  = 24
	twoEditsFrom     = 8 // letters
	maxMisspelt      = 4 // words of one question
	maxMeant         = 3 // words that one may have meant
)

// meant is a word that may have been meant.
type meant struct {
	word  string
	edits int
}

// near finds the words at the least distance from one that the index does not
// have: letters added, left out, changed, or neighbours swapped. The first
// letter is right, or swapped with the second.
func (l lexicon) near(word string) []meant {
	if len(word) < shortestMisspelt || !spellable(word) {
		return nil
	}
	most := 1
	if len(word) >= twoEditsFrom {
		most = 2
	}
	var out []meant
	firsts := []byte{word[0]}
	if word[1] != word[0] {
		firsts = append(firsts, word[1])
	}
	for _, first := range firsts {
		for size := len(word) - most; size <= len(word)+most; size++ {
			for _, w := range l[lexeme{first, size}] {
				if d := distance(word, w, most); d <= most {
					out = append(out, meant{w, d})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b meant) int { return cmp.Or(a.edits-b.edits, cmp.Compare(a.word, b.word)) })
	for i := range out {
		if out[i].edits > out[0].edits {
			return out[:i]
		}
	}
	return out
}

// distance counts edits from a to b, with swapped neighbours as one (optimal
// string alignment); more than most when it is more. Both are at most
// longestMisspelt+1 long.
func distance(a, b string, most int) int {
	if abs(len(a)-len(b)) > most {
		return most + 1
	}
	var rows [3][longestMisspelt + 3]int
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}

// respelt finds what was meant by words that no article has. The more articles
// have a word, the more likely it was meant.
func (s *shard) respelt(q query, out []alternative) []alternative {
	n := 0
	for _, t := range q.words {
		if n == maxMisspelt || t.weight <= stopWeight || s.knows(t.text) {
			continue
		}
		list := s.lexicon.near(t.text)
		if len(list) == 0 {
			continue
		}
		n++
		slices.SortStableFunc(list, func(a, b meant) int { return cmp.Compare(s.units(b.word), s.units(a.word)) })
		for _, m := range list[:min(len(list), maxMeant)] {
			out = append(out, alternative{of: t.text, terms: bag{{m.word, 1, 1}}, weight: respeltWeight, edits: m.edits})
		}
	}
	return out
}

// respeltWeight is what a word counts that was meant but not written.
const respeltWeight = 0.9

// units counts the passages and questions that have a word.
func (s *shard) units(word string) int {
	return len(s.body.postings[word]) + len(s.asked.postings[word])
}

// didYouMean is the question with the misspelt words as the article writes
// them; empty when there are none, or the article has none of what was meant.
func didYouMean(q query, c found) string {
	swap := map[string]string{} // stem: as it should be
	for _, a := range q.other[c.shard] {
		if a.edits == 0 || swap[a.of] != "" {
			continue
		}
		if w := c.entry.spells(a.terms[0].text); w != "" {
			swap[a.of] = w
		}
	}
	if len(swap) == 0 {
		return ""
	}
	var b strings.Builder
	word := func(w string) {
		have := count(words(w))
		if len(have) == 1 && swap[have[0].text] != "" {
			w = swap[have[0].text]
		}
		b.WriteString(w)
	}
	from := 0
	for i, r := range q.Text {
		if isLatinLetter(r) {
			continue
		}
		if from < i {
			word(q.Text[from:i])
		}
		b.WriteRune(r)
		from = i + utf8.RuneLen(r)
	}
	if from < len(q.Text) {
		word(q.Text[from:])
	}
	return b.String()
}

func isLatinLetter(r rune) bool {
	r = fold(r)
	return r >= 'a' && r <= 'z'
}

// spells finds how the article writes the word with a stem.
func (e *entry) spells(stemmed string) string {
	look := func(text string) (out string) {
		scan(text, func(run string, han bool) {
			if out == "" && !han && stem(run) == stemmed {
				out = run
			}
		})
		return out
	}
	for _, ask := range e.asks {
		if w := look(ask); w != "" {
			return w
		}
	}
	for _, p := range e.passages {
		if w := look(p.Heading + "\n" + plain(p.Text)); w != "" {
			return w
		}
	}
	return ""
}
