package kb

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parleyhq/parley/desk"
)

// Synonym says that words mean the same: whoever asks with one of Words finds
// what is written with another. With Of it goes one way: whoever asks with one
// of Words finds what is written with Of, and not the other way round.
type Synonym struct {
	Words []string `json:"words" yaml:"words"`
	Of    string   `json:"of,omitempty" yaml:"of"`
}

// SynonymSet is the synonyms of a playbook in one language. An empty Playbook
// is for all of them.
type SynonymSet struct {
	Playbook  string    `json:"playbook,omitempty"`
	Lang      desk.Lang `json:"lang"`
	Version   int       `json:"version"` // counts the changes; 0: never saved
	Synonyms  []Synonym `json:"synonyms"`
	Origin    string    `json:"origin,omitempty"` // hash of the synonyms last imported from a file
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	UpdatedBy string    `json:"updated_by,omitempty"`
}

// Bounds on what a SynonymSet may hold.
const (
	MaxSynonyms     = 2000
	MaxSynonymWords = 30
	MaxSynonym      = 60 // characters
)

// Clean trims s and drops empty and repeated words, and synonyms that say
// nothing.
func (s SynonymSet) Clean() SynonymSet {
	list := []Synonym{}
	for _, one := range s.Synonyms {
		one.Of = oneLine(cleanText(one.Of))
		one.Words = slices.DeleteFunc(cleanList(one.Words), func(w string) bool { return w == one.Of })
		if len(one.Words) > 1 || len(one.Words) == 1 && one.Of != "" {
			list = append(list, one)
		}
	}
	s.Synonyms = list
	return s
}

// Check reports the first thing that is wrong with a cleaned SynonymSet.
func (s SynonymSet) Check() error {
	bad := func(field, format string, args ...any) error {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_synonyms", Field: field, Message: fmt.Sprintf(format, args...)}
	}
	if s.Lang != desk.English && s.Lang != desk.Chinese {
		return &desk.Error{Kind: desk.Invalid, Code: "bad_lang", Field: "lang", Message: "use en or zh"}
	}
	if len(s.Synonyms) > MaxSynonyms {
		return bad("synonyms", "at most %d", MaxSynonyms)
	}
	for i, one := range s.Synonyms {
		field := fmt.Sprintf("synonyms[%d]", i)
		if len(one.Words) > MaxSynonymWords {
			return bad(field, "at most %d words mean the same", MaxSynonymWords)
		}
		for _, w := range append([]string{one.Of}, one.Words...) {
			if utf8.RuneCountInString(w) > MaxSynonym {
				return bad(field, "%q has more than %d characters", w, MaxSynonym)
			}
			if w != "" && len(tokens(w)) == 0 {
				return bad(field, "%q has neither a letter nor a digit", w)
			}
		}
	}
	return nil
}

// tokens splits text for phrases to be found in it: Latin words stemmed, each
// Han character alone.
func tokens(text string) []string {
	var out []string
	scan(text, func(run string, han bool) {
		if !han {
			out = append(out, stem(run))
			return
		}
		for i, r := range run {
			out = append(out, run[i:i+utf8.RuneLen(r)])
		}
	})
	return out
}

// sameWeight is what counts in the place of a word of which the editor says that
// it means the same.
const sameWeight = 0.9

// phrase is a word of one or more tokens with what stands for it.
type phrase struct {
	tokens []string
	same   []string
	weight float32
}

// thesaurus finds phrases in a text.
type thesaurus struct{ first map[string][]phrase }

func (t *thesaurus) add(word string, same []string, weight float32) {
	list := tokens(word)
	if len(list) == 0 || len(same) == 0 {
		return
	}
	if t.first == nil {
		t.first = map[string][]phrase{}
	}
	t.first[list[0]] = append(t.first[list[0]], phrase{list, same, weight})
}

func (t *thesaurus) addAll(list []Synonym, weight float32) {
	for _, s := range list {
		for i, w := range s.Words {
			if s.Of != "" {
				t.add(w, []string{s.Of}, weight)
				continue
			}
			t.add(w, slices.Delete(slices.Clone(s.Words), i, i+1), weight)
		}
	}
}

func newThesaurus(list []Synonym, weight float32) *thesaurus {
	t := &thesaurus{}
	t.addAll(list, weight)
	return t
}

// maxAlternatives bounds what one question is widened by.
const maxAlternatives = 60

// in finds what may stand for words of text.
func (t *thesaurus) in(text []string, out []alternative) []alternative {
	if t == nil {
		return out
	}
	for i, w := range text {
		for _, p := range t.first[w] {
			if len(p.tokens) > len(text)-i || !slices.Equal(p.tokens, text[i:i+len(p.tokens)]) {
				continue
			}
			for _, same := range p.same {
				if len(out) < maxAlternatives {
					out = append(out, alternative{of: strings.Join(p.tokens, " "), terms: count(words(same)), weight: p.weight})
				}
			}
		}
	}
	return out
}

// alternative is what may be written in the place of a word of the question.
type alternative struct {
	of     string // the tokens it stands for, joined by spaces
	terms  bag
	weight float32
	edits  int // letters that were wrong; 0: it means the same
}

// stands reports whether a term of the question belongs to what a stands for.
func (a alternative) stands(term string) bool {
	if isHan(firstRune(term)) {
		return strings.Contains(strings.ReplaceAll(a.of, " ", ""), term)
	}
	return a.of == term || strings.Contains(" "+a.of+" ", " "+term+" ")
}

// in reports whether all of it is where has looks.
func (a alternative) in(has func(term string) bool) bool {
	for _, t := range a.terms {
		if !has(t.text) {
			return false
		}
	}
	return true
}

// extra is the terms of all alternatives, with their weights, less what the
// question has itself.
func extra(list []alternative, have bag) bag {
	var out []term
	for _, a := range list {
		for _, t := range a.terms {
			if !have.has(t.text) {
				out = append(out, term{t.text, t.weight * a.weight})
			}
		}
	}
	b := count(out)
	for i := range b {
		b[i].n = 1
	}
	return b
}
