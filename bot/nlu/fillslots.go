package nlu

import (
	"maps"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
)

// fillFlow is a flow with what weighing its claims needs to know.
type fillFlow struct {
	Flow
	slots []fillSlot
	words map[string]bool // that speak for the flow
	hash  uint32
}

type fillSlot struct {
	bot.Slot
	words      map[string]bool
	han        []string // Chinese words that speak for it
	hash, own  uint32   // of its name; of flow and name
	typ        uint32
	typePeers  int // slots of its type in the flow
	choiceList []Choice
	name       bool            // its values are names
	kind       bool            // its values say of what kind something is: "an Italian restaurant"
	of         map[string]bool // the other flows that its name or label speaks of
}

func fillFlows(flows []Flow) []fillFlow {
	out := make([]fillFlow, 0, len(flows))
	for _, f := range flows {
		ff := fillFlow{Flow: f, words: map[string]bool{}, hash: hashOf('F', f.Name)}
		for _, w := range strings.FieldsFunc(f.Name, func(r rune) bool { return r == '_' || r == '-' || r >= '0' && r <= '9' }) {
			ff.words[stem(w)] = true
		}
		for _, lang := range f.Title.Langs() {
			for _, w := range contentWords(newPlain(f.Title[lang]).s) {
				ff.words[stem(w)] = true
			}
		}
		for _, s := range f.Slots {
			if s.Sensitive || s.Type == desk.SlotAttachment {
				continue
			}
			fs := fillSlot{Slot: s, words: slotWords(s), hash: hashOf('S', s.Name), own: hashOf('O', f.Name, s.Name), typ: hashOf('T', string(s.Type)), choiceList: choicesOf(s), name: holdsName(s), kind: saysKind(s)}
			for w := range fs.words {
				if hasHan(w) {
					fs.han = append(fs.han, w)
				}
			}
			for _, o := range f.Slots {
				if o.Type == s.Type {
					fs.typePeers++
				}
			}
			ff.slots = append(ff.slots, fs)
		}
		ff.discern()
		out = append(out, ff)
	}
	for i := range out {
		for j := range out[i].slots {
			out[i].slots[j].of = out[i].slots[j].others(out[i].Name, out)
		}
	}
	return out
}

// others are the flows, besides the slot's own, that its name or label speaks
// of.
func (s *fillSlot) others(own string, flows []fillFlow) map[string]bool {
	out := map[string]bool{}
	for i := range flows {
		for w := range flows[i].words {
			if flows[i].Name == own || out[flows[i].Name] {
				continue
			}
			out[flows[i].Name] = slices.ContainsFunc(strings.Split(s.Name, "_"), func(n string) bool { return stem(n) == w }) ||
				hasHan(w) && strings.Contains(s.Label[desk.Chinese], w)
		}
	}
	maps.DeleteFunc(out, func(_ string, of bool) bool { return !of })
	return out
}

// discern takes from the slots' words those that several slots share, or that
// speak for the flow as a whole: they tell nothing. A slot's own name stays.
func (f *fillFlow) discern() {
	shared := map[string]int{}
	for i := range f.slots {
		for w := range f.slots[i].words {
			shared[w]++
		}
	}
	for i := range f.slots {
		s := &f.slots[i]
		for w := range s.words {
			own := strings.Contains(s.Name, w) && shared[w] < 3
			if !hasHan(w) && !own && (cues[w] == "" && shared[w] > 1 || f.words[stem(w)]) {
				delete(s.words, w)
			}
		}
	}
}

// calls reports whether the words are a name of the choice as it is written.
func (f *fillSlot) calls(e Entity) bool {
	said := newPlain(e.Text).s
	for _, c := range f.choiceList {
		if c.Value != e.Value {
			continue
		}
		for _, name := range append([]string{c.Value}, c.Names...) {
			if name = newPlain(strings.TrimSpace(name)).s; name != "" && strings.HasPrefix(said, name) {
				return true
			}
		}
	}
	return false
}

func (f *fillFlow) free(name string) bool {
	for i := range f.slots {
		if f.slots[i].Name == name {
			return f.slots[i].IsFree()
		}
	}
	return false
}

// isNameSlot reports whether a slot holds what something itself is called: the
// name of a hotel is that of no restaurant, but where a taxi goes.
func isNameSlot(name string) bool { return name == "name" || strings.HasSuffix(name, "_name") }
