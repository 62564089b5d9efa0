package nlu

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// feature is one hashed property of a text and how much of it there is.
type feature struct {
	hash   uint32
	weight float32
}

// piece is a Latin word, or one Chinese character, of a plain text.
type piece struct {
	text string
	han  bool
}

// pieces splits a plain text. Apostrophes are dropped, figures keep only how
// long they are: 2 and 5 are the same to an intent, and so are codes.
func pieces(s string) []piece {
	var out []piece
	var word strings.Builder
	digits := 0
	flush := func() {
		switch {
		case digits > 0 && word.Len() > 0:
			out = append(out, piece{text: "#code"}) // a1042 is like b7
		case digits > 0:
			out = append(out, piece{text: "#####"[:min(digits, 5)]})
		case word.Len() > 0:
			out = append(out, piece{text: word.String()})
		}
		digits = 0
		word.Reset()
	}
	for _, r := range s {
		switch {
		case isHan(r):
			flush()
			out = append(out, piece{text: string(r), han: true})
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			word.WriteRune(r)
		case r == '\'':
		default:
			flush()
		}
	}
	flush()
	return out
}

// How much the kinds of features weigh. A feature counts once, however often
// the text has it.
const (
	wordWeight = 1.0
	stemWeight = 0.8
	pairWeight = 0.85
	skipWeight = 0.6
	gramWeight = 0.55
	hanWeight  = 0.7
	hanTwoGram = 1.0
	hanTriGram = 0.8

	maxPieces   = 200
	maxWordGram = 24
)

// features gives the hashed features of a text, sorted by hash, and the length
// of all of them together as a vector.
func features(ps []piece) (out []feature, length float32) {
	if len(ps) > maxPieces {
		ps = ps[:maxPieces]
	}
	out = make([]feature, 0, 24*len(ps))
	add := func(weight float32, kind byte, parts ...string) {
		out = append(out, feature{hashOf(kind, parts...), weight})
	}
	for i, p := range ps {
		next, after := at(ps, i+1), at(ps, i+2)
		if p.han {
			add(hanWeight, 'h', p.text)
			if next.han {
				add(hanTwoGram, 'h', p.text, next.text)
				if after.han {
					add(hanTriGram, 'h', p.text, next.text, after.text)
				}
			} else if next.text != "" {
				add(pairWeight, 'b', p.text, next.text)
			}
			continue
		}
		add(wordWeight, 'w', p.text)
		add(stemWeight, 's', stem(p.text))
		if next.text != "" {
			add(pairWeight, 'b', p.text, next.text)
			if after.text != "" {
				add(skipWeight, 'k', p.text, after.text)
			}
		}
		if p.text[0] == '#' {
			continue
		}
		grams(p.text, func(g string) { add(gramWeight, 'c', g) })
	}
	slices.SortFunc(out, func(a, b feature) int { return cmp.Compare(a.hash, b.hash) })
	out = slices.CompactFunc(out, func(a, b feature) bool { return a.hash == b.hash })
	var sum float32
	for _, f := range out {
		sum += f.weight * f.weight
	}
	return out, sqrt32(sum)
}

func at(ps []piece, i int) piece {
	if i < len(ps) {
		return ps[i]
	}
	return piece{}
}

// grams calls f with the stretches of two to five letters of a word, its edges
// marked.
func grams(word string, f func(string)) {
	if len(word) > maxWordGram {
		word = word[:maxWordGram]
	}
	w := "<" + word + ">"
	for n := 2; n <= 5; n++ {
		for i := 0; i+n <= len(w); i++ {
			if n < len(w) {
				f(w[i : i+n])
			}
		}
	}
}

// hashOf is FNV-1a over the kind and the parts.
func hashOf(kind byte, parts ...string) uint32 {
	h := uint32(2166136261)
	h = (h ^ uint32(kind)) * 16777619
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint32(p[i])) * 16777619
		}
		h = (h ^ 0xFF) * 16777619
	}
	return h
}

// stem takes a plain English ending off.
func stem(w string) string {
	for _, end := range []string{"ings", "ing", "ies", "ied", "edly", "ed", "es", "s", "ly"} {
		if root, ok := strings.CutSuffix(w, end); ok && len(root) >= 3 {
			if n := len(root); n > 3 && root[n-1] == root[n-2] && root[n-1] != 'l' && root[n-1] != 's' {
				root = root[:n-1]
			}
			return strings.TrimSuffix(root, "e")
		}
	}
	return strings.TrimSuffix(w, "e")
}

// coverage is the share of what ps says that known has seen before: words by
// themselves or by most of their letters, Chinese by pairs of characters.
// Common words count little.
func coverage(ps []piece, known func(uint32) bool) float64 {
	var got, all float64
	for i, p := range ps {
		if p.han {
			if all += 0.3; known(hashOf('h', p.text)) {
				got += 0.3
			}
			if next := at(ps, i+1); next.han {
				if all++; known(hashOf('h', p.text, next.text)) {
					got++
				}
			}
			continue
		}
		w := 1.0
		if commonWords[p.text] || p.text[0] == '#' {
			w = 0.25
		}
		all += w
		switch {
		case known(hashOf('w', p.text)):
			got += w
		case known(hashOf('s', stem(p.text))):
			got += 0.9 * w
		default:
			got += w * likeness(p.text, known)
		}
	}
	if all == 0 {
		return 0
	}
	return got / all
}

// spokenOf is how much of ps a training spoke of: ranked tells which features
// its ranked classes have.
func spokenOf(ps []piece, v vocabulary, w words, ranked func(int32) bool) spoken {
	return spoken{
		known: coverage(ps, func(h uint32) bool {
			i := v.find(h)
			return i >= 0 && ranked(i)
		}),
		own: func(class int) float64 {
			return coverage(ps, func(h uint32) bool {
				i := v.find(h)
				return i >= 0 && w.has(i, class)
			})
		},
		length: len(ps),
	}
}

// likeness is near one for a misspelt known word and zero for a strange one.
func likeness(word string, known func(uint32) bool) float64 {
	if len(word) < 4 {
		return 0
	}
	w := "<" + word + ">"
	hit, all := 0, 0
	for i := 0; i+4 <= len(w); i++ {
		if all++; known(hashOf('c', w[i:i+4])) {
			hit++
		}
	}
	share := float64(hit) / float64(all)
	return max(0, share-0.4) / 0.6 * 0.8
}
