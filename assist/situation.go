package assist

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/parleyhq/parley/desk"
)

// Situation is what the choice of a reply depends on. It holds no personal data:
// words are hidden by package privacy before they get here.
type Situation struct {
	Playbook string    `json:"playbook,omitempty"`
	Queue    string    `json:"queue,omitempty"`
	Lang     desk.Lang `json:"lang,omitempty"`
	Flows    []string  `json:"flows,omitempty"`   // flows begun, each once, in order; "!name" once completed
	Acts     []string  `json:"acts,omitempty"`    // what bot and agent did, oldest first: Act of what was said, or a mark
	Results  []string  `json:"results,omitempty"` // what tools gave since the last act: "key" or "key: short value"
	Known    []string  `json:"known,omitempty"`   // names of what is known: filled slots, what tools gave earlier
	Echoed   []string  `json:"echoed,omitempty"`  // of these, whose value the customer has just said
	Said     string    `json:"said,omitempty"`    // what the customer said since the last act
	Before   string    `json:"before,omitempty"`  // what he had said before that act
}

// Bounds on what a Situation keeps.
const (
	maxActs    = 24
	maxResults = 24
	maxKnown   = 32
	maxSaid    = 600 // bytes
)

// Kind is the sort of situation that the ledger learns by: where it is, and in
// which flow.
func (s Situation) Kind() string {
	if n := len(s.Flows); n > 0 {
		return s.Playbook + "/" + strings.TrimPrefix(s.Flows[n-1], "!")
	}
	return s.Playbook + "/@" + s.Queue
}

// last is the newest act, empty when nothing was done.
func (s Situation) last() string {
	if len(s.Acts) == 0 {
		return ""
	}
	return s.Acts[len(s.Acts)-1]
}

// bounded cuts a situation to its bounds: the newest stays.
func (s Situation) bounded() Situation {
	last := func(list []string, n int) []string { return list[max(0, len(list)-n):] }
	s.Flows, s.Acts, s.Results, s.Known = last(s.Flows, maxKnown), last(s.Acts, maxActs), last(s.Results, maxResults), last(s.Known, maxKnown)
	s.Said, s.Before = end(s.Said, maxSaid), end(s.Before, maxSaid)
	return s
}

// end is the end of a text, at most n bytes, from the start of a character.
func end(text string, n int) string {
	if len(text) <= n {
		return text
	}
	text = text[len(text)-n:]
	return strings.TrimLeftFunc(text, func(r rune) bool { return r == unicode.ReplacementChar })
}

// feature is one thing that is true of a situation, hashed.
type feature struct {
	hash  uint64
	value float32
}

// features turns a situation into what the learner reads: the order of the last
// acts, all that was done, results, and the customer's words and parts of words.
func (s Situation) features() []feature {
	var f featureList
	where := s.Playbook + "|" + s.Queue
	f.add(1, "where", where)
	f.add(1, "lang", string(s.Lang))
	for _, flow := range s.Flows {
		f.add(1, "flow", flow)
	}
	flows := strings.Join(s.Flows, "+")
	f.add(1, "flows", flows)

	act := func(back int) string {
		if back > len(s.Acts) {
			return "^"
		}
		return s.Acts[len(s.Acts)-back]
	}
	one, two, three := act(1), act(2), act(3)
	f.add(1, "1", one)
	f.add(1, "2", two)
	kind, _, _ := strings.Cut(one, ":")
	f.add(0.5, "kind", kind)
	f.add(0.7, "3", three)
	f.add(1, "12", one, two)
	f.add(0.7, "123", one, two, three)
	f.add(1, "1f", one, flows)
	f.add(0.7, "12f", one, two, flows)
	f.add(0.5, "4", act(4))
	done := slices.Compact(slices.Sorted(slices.Values(s.Acts)))
	for _, d := range done {
		f.add(0.5, "done", d)
	}
	f.add(0.5, "turn", strconv.Itoa(min(len(s.Acts), 12)))

	for _, r := range s.Results {
		key, value, _ := strings.Cut(r, ": ")
		f.add(0.5, "result", key)
		if value != "" {
			f.add(0.7, "value", key, strings.ToLower(value))
			for _, w := range wordsOf(value, 12) {
				f.add(0.3, "rw", key, w)
			}
		}
	}
	f.add(1, "results", one, strconv.FormatBool(len(s.Results) > 0))
	for _, k := range s.Known {
		f.add(0.5, "known", k)
	}
	for _, k := range s.Echoed {
		f.add(1, "echo", one, k)
	}
	f.add(0.5, "echoes", one, strconv.FormatBool(len(s.Echoed) > 0))

	said := wordsOf(s.Said, 60)
	f.add(1, "length", one, strconv.Itoa(min(len(said), 8)))
	f.words(said, one)
	for _, w := range wordsOf(s.Before, 30) {
		f.add(0.25, "before", w)
	}
	return f.sorted()
}

// featureList gathers features.
type featureList struct{ list []feature }

func (f *featureList) add(value float32, parts ...string) {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // never fails
		_, _ = h.Write([]byte{0})
	}
	f.list = append(f.list, feature{h.Sum64(), value})
}

// words adds what the customer said: words, pairs, words after the last act,
// and parts of words, which see through spelling.
func (f *featureList) words(said []string, after string) {
	if len(said) == 0 {
		f.add(1, "silent")
		return
	}
	weight := float32(1.2) / sqrt(float32(len(said)))
	before := "^"
	for _, w := range said {
		f.add(weight, "w", w)
		f.add(weight*0.7, "ww", before, w)
		f.add(weight*0.7, "1w", after, w)
		before = w
		r := []rune("<" + w + ">")
		if len(r) < 5 {
			continue
		}
		for n := 3; n <= 4; n++ {
			for i := 0; i+n <= len(r); i++ {
				f.add(weight*0.3, "g", string(r[i:i+n]))
			}
		}
	}
	f.add(weight*0.7, "ww", before, "$")
}

// sorted merges equal features, in the order of their hashes.
func (f *featureList) sorted() []feature {
	slices.SortFunc(f.list, func(a, b feature) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return 0
	})
	out := f.list[:0]
	for _, x := range f.list {
		if n := len(out); n > 0 && out[n-1].hash == x.hash {
			out[n-1].value += x.value
			continue
		}
		out = append(out, x)
	}
	return out
}

// wordsOf are the first words of a text, in small letters; a Chinese character
// is a word.
func wordsOf(text string, limit int) []string {
	var w splitter
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			w.alone(string(r))
		case unicode.IsLetter(r):
			w.word.WriteRune(r)
		case unicode.IsDigit(r):
			w.word.WriteByte('0') // which digit does not matter
		case r == '\'':
		case r == '?' || r == '？':
			w.alone("?")
		default:
			w.flush()
		}
		if len(w.out) >= limit {
			return w.out[:limit]
		}
	}
	w.flush()
	return w.out[:min(len(w.out), limit)]
}

// splitter gathers the words of a text.
type splitter struct {
	out  []string
	word strings.Builder // that is being read
}

// flush ends the word that is being read.
func (w *splitter) flush() {
	if w.word.Len() > 0 {
		w.out = append(w.out, w.word.String())
		w.word.Reset()
	}
}

// alone takes what is a word by itself.
func (w *splitter) alone(s string) {
	w.flush()
	w.out = append(w.out, s)
}
