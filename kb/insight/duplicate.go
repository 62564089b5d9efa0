package insight

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// What makes two texts one.
const (
	sameText     = 0.60 // share of their runs of three words that both have
	sameMeaning  = 0.90 // likeness with vectors
	sameAsked    = 0.92 // likeness of two questions
	leastPassage = 8    // pieces of a passage that says anything, see kb.Terms
)

// duplicates finds passages, and questions, that two articles of one language
// both have.
func duplicates(list []kb.Article, vectors map[string][]float32) []Pair {
	var texts []string
	var passages, asks []piece
	for i := range list {
		a := &list[i]
		for _, q := range append([]string{a.Title}, a.Questions...) {
			asks = append(asks, piece{article: a, text: q})
			texts = append(texts, q)
		}
		for _, p := range kb.Passages(a.Body) {
			if plain := kb.Plain(p.Text); len(kb.Terms(plain)) >= leastPassage {
				passages = append(passages, piece{article: a, heading: p.Heading, text: p.Text})
				texts = append(texts, plain)
			}
		}
	}
	space := newSpace(texts)
	for i := range asks {
		asks[i].point = space.point(asks[i].text, nil)
	}
	for i := range passages {
		p := &passages[i]
		p.point = space.point(kb.Plain(p.text), vectors[p.article.Title+"\n"+p.heading+"\n"+kb.Plain(p.text)])
	}
	var out []Pair
	seen := map[[2]desk.ID]bool{}
	neighbours(passages, func(a, b piece) {
		if a.article.ID == b.article.ID || !meet(a.article, b.article) {
			return
		}
		if share := shingles(a.text, b.text); share >= sameText {
			out = append(out, newPair(Duplicate, SameText, share, a, b))
			seen[[2]desk.ID{a.article.ID, b.article.ID}] = true
		} else if s := alike(a.point, b.point); a.point.vector != nil && s >= sameMeaning {
			out = append(out, newPair(Duplicate, SameMeaning, s, a, b))
			seen[[2]desk.ID{a.article.ID, b.article.ID}] = true
		}
	})
	neighbours(asks, func(a, b piece) {
		k := [2]desk.ID{a.article.ID, b.article.ID}
		if a.article.ID == b.article.ID || !meet(a.article, b.article) || seen[k] {
			return
		}
		if s := a.point.words(b.point); s >= sameAsked {
			out = append(out, newPair(Duplicate, SameQuestion, s, a, b))
			seen[k] = true // one is enough to look at both
		}
	})
	return out
}

// Bounds on who is compared with whom.
const (
	tellingTerms = 10 // of a text, those that weigh most, bring it together with others
	commonTerm   = 80 // a term that more texts have brings nobody together
)

// neighbours calls f once with each two pieces, the earlier first, that share a
// telling term.
func neighbours(list []piece, f func(a, b piece)) {
	by := map[string][]int{}
	for i, p := range list {
		seen := map[int]bool{}
		for _, t := range telling(p.point) {
			with := by[t]
			for _, j := range with {
				if !seen[j] {
					seen[j] = true
					f(list[j], p)
				}
			}
			if len(with) < commonTerm {
				by[t] = append(with, i)
			}
		}
	}
}

func telling(p point) []string {
	terms := slices.Clone(p.terms)
	slices.SortFunc(terms, func(a, b part) int { return cmp.Or(cmp.Compare(b.w, a.w), strings.Compare(a.text, b.text)) })
	var out []string
	for _, t := range terms[:min(len(terms), tellingTerms)] {
		out = append(out, t.text)
	}
	return out
}

// shingles is the share of runs of three words, of Han characters four, that
// two texts have in common of all they have.
func shingles(a, b string) float64 {
	x, y := runs(a), runs(b)
	both := 0
	for s := range x {
		if y[s] {
			both++
		}
	}
	if all := len(x) + len(y) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}

func runs(text string) map[string]bool {
	text = strings.ToLower(kb.Plain(text))
	var units []string
	n := 3
	if kb.LangOf(text, desk.English) == desk.Chinese {
		n = 4
		for _, r := range text {
			if !strings.ContainsRune(" \n\t，。！？、；：,.!?;:", r) {
				units = append(units, string(r))
			}
		}
	} else {
		units = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\t,.!?;:()\"", r) })
	}
	out := map[string]bool{}
	for i := 0; i+n <= len(units); i++ {
		out[strings.Join(units[i:i+n], " ")] = true
	}
	return out
}
