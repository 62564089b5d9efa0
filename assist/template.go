package assist

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// template is replies that say the same. Memory's lock guards it.
type template struct {
	key      string
	text     string
	playbook string
	lang     desk.Lang
	own      bool // of agents' own words: no canned reply and no article stands behind it
	offered  bool // it holds no hidden data, so it may be shown
	count    int
	quality  float64 // the sum of its replies'
	asked    []string
	where    map[string]int // how often in situations of a sort, after an act
	bands    []uint64       // under which near-duplicates find it
}

// Bounds of a template.
const (
	mostAsked = 8  // things customers said before it
	mostWhere = 64 // sorts of situation
)

func (t *template) add(p Past) (reindex bool) {
	if may := !hiddenPart.MatchString(p.Text); may && (!t.offered || t.count == 0) {
		t.text, t.offered, reindex = p.Text, true, true
	}
	t.count++
	t.quality += p.Quality
	if said := strings.TrimSpace(p.Situation.Said); said != "" && len(t.asked) < mostAsked && !slices.Contains(t.asked, said) {
		t.asked = append(t.asked, said)
		reindex = true
	}
	for _, w := range []string{"in " + p.Situation.Kind(), "after " + p.Situation.last()} {
		if _, ok := t.where[w]; ok || len(t.where) < mostWhere {
			t.where[w]++
		}
	}
	return reindex
}

// fits says how much a situation is like those of the template, 0.5 to 1.
func (t *template) fits(s Situation) float64 {
	fit := 0.5
	if t.where["in "+s.Kind()] > 0 {
		fit += 0.3
	}
	if t.where["after "+s.last()] > 0 {
		fit += 0.2
	}
	return fit
}

// speaks reports whether its words are in the language of a situation, and those
// of the team that answers there.
func (t *template) speaks(s Situation) bool {
	return (s.Lang == "" || t.lang == "" || t.lang == s.Lang) && (t.playbook == "" || s.Playbook == "" || t.playbook == s.Playbook)
}

// worth is how good its replies were on average, and a little more when there
// are many.
func (t *template) worth() float64 {
	n := float64(max(t.count, 1))
	return t.quality / n * (1 - 0.3*math.Exp(-n/2))
}

// article is the template as the index holds it: found by what customers said
// before it, and by its own words.
func (t *template) article() kb.Article {
	a := kb.Article{ID: desk.ID(t.key), Playbook: t.playbook, Slug: "past", Lang: t.lang, Version: 1, Content: kb.Content{
		Title: t.asked[0], Questions: t.asked[1:], Body: variable.ReplaceAllString(hiddenPart.ReplaceAllString(t.text, " "), " "), Audience: kb.Agents,
	}}
	return a
}

// ownKey is the key of a reply in an agent's own words.
func ownKey(playbook string, lang desk.Lang, text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(playbook + "\x00" + string(lang) + "\x00" + strings.Join(wholeWords(text), " "))) // never fails
	return fmt.Sprintf("own:%016x", h.Sum64())
}

// wholeWords are the words and numbers of a text, in small letters.
func wholeWords(text string) []string {
	var w splitter
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			w.alone(string(r))
		case isWord(r):
			w.word.WriteRune(r)
		default:
			w.flush()
		}
	}
	w.flush()
	return w.out
}

// sameNumbers reports whether two texts name the same numbers in the same
// order: replies that differ in an amount are not the same reply.
func sameNumbers(a, b string) bool { return slices.Equal(numbers(a), numbers(b)) }

func numbers(text string) []string {
	return slices.DeleteFunc(wholeWords(text), func(w string) bool { return !strings.ContainsFunc(w, unicode.IsDigit) })
}

const (
	bandCount = 4
	bandRows  = 2
)

// bandsOf are what texts that are alike have in common, most likely at least
// one of: least hashes of the pairs of their words.
func bandsOf(playbook string, lang desk.Lang, text string) []uint64 {
	words := wholeWords(text)
	if len(words) == 0 {
		return nil
	}
	var least [bandCount * bandRows]uint64
	for i := range least {
		least[i] = math.MaxUint64
	}
	before := "^"
	for _, w := range words {
		h := fnv.New64a()
		_, _ = h.Write([]byte(before + "\x00" + w)) // never fails
		x := h.Sum64()
		for i := range least {
			least[i] = min(least[i], mix(x, uint64(i)))
		}
		before = w
	}
	out := make([]uint64, bandCount)
	where := fnv.New64a()
	_, _ = where.Write([]byte(playbook + "\x00" + string(lang)))
	for b := range out {
		out[b] = where.Sum64() + uint64(b)
		for r := range bandRows {
			out[b] = mix(out[b]^least[b*bandRows+r], 0x51)
		}
	}
	return out
}

// mix scrambles a hash with a number (splitmix64).
func mix(x, with uint64) uint64 {
	x += (with + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
