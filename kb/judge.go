package kb

import (
	"math"
	"strings"
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
	asks := strings.Join(c.entry.asks, "\n")
	part := a.Title
	if c.part >= 0 {
		part = passageText(a.Title, c.entry.passages[c.part])
	}
	askWords, partWords := count(words(asks)), count(words(part))
	vocabulary := foldedWords(asks + "\n" + part)

	var e evidence
	var all, covered, inPart, n, meant, strange float64
	most := s.body.idf("")
	for _, t := range q.words {
		w := float64(t.weight) * (0.15*most + s.body.idf(t.text))
		all += w
		n += float64(t.weight)
		inAsks, inBody := askWords.has(t.text), partWords.has(t.text)
		credit := 1.0
		if !inAsks && !inBody {
			credit = nearly(t.text, vocabulary)
		}
		covered += credit * w
		if inBody {
			inPart += w
		}
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
	for _, ask := range c.entry.asks {
		e.Like = math.Max(e.Like, likeness(s.asked, q.words, count(words(ask))))
		e.Letters = math.Max(e.Letters, likeness(s.askedBy, q.letters, count(grams(ask))))
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

// foldedWords are the different Latin words of a text, stemmed.
func foldedWords(text string) []string {
	seen := map[string]bool{}
	var out []string
	scan(text, func(run string, han bool) {
		if w := stem(run); !han && len(w) > 3 && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	})
	return out
}

// nearly is how much of a word's credit a misspelling gets: most of it when
// one letter is wrong, none when two words only look alike.
func nearly(word string, vocabulary []string) float64 {
	if len(word) < 5 || isHan(firstRune(word)) || hasDigit(word) {
		return 0
	}
	for _, v := range vocabulary {
		if abs(len(v)-len(word)) <= 1 && v[0] == word[0] && oneEdit(word, v) {
			return 0.8
		}
	}
	return 0
}

// oneEdit reports whether a and b differ by one letter added, left out,
// changed, or two neighbours swapped.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
