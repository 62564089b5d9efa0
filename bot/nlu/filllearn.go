package nlu

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/parleyhq/parley/bot"
)

// The settings of learning, chosen by cross-validation over dialogues.
const (
	fillEpochs  = 4
	fillRate    = 0.15
	fillDecay   = 1e-6
	fillMax     = 40 << 20 // features kept in memory at once
	fillSeldom  = 4        // of claims that nothing speaks for one in so many is learned from
	fillMinName = 2        // letters
	fillSaid    = 40       // times that a yes-or-no slot is said before it counts without its name
)

// LearnFiller learns from told utterances; too few of them (FillerLeast) leave the
// rules of thumb. Its only errors are the context's and a slot's pattern that is
// no expression.
func LearnFiller(ctx context.Context, flows []Flow, told []Told) (*Filler, error) {
	f := &Filler{closed: map[string]bool{}}
	if giving(told) < FillerLeast {
		return f, nil
	}
	u, err := New(&Model{}, flows, Settings{})
	if err != nil {
		return nil, err
	}
	free := map[string]bool{}
	for _, fl := range flows {
		for _, s := range fl.Slots {
			if s.IsFree() && !s.Sensitive {
				free[fl.Name+"\x00"+s.Name] = true
			}
		}
	}
	yesNo := map[string]int{}
	for _, t := range told {
		for _, flow := range slices.Sorted(maps.Keys(t.Values)) {
			slots := t.Values[flow]
			for _, name := range slices.Sorted(maps.Keys(slots)) {
				v := slots[name]
				if v == "yes" {
					yesNo[name]++
					f.closed[name] = yesNo[name] >= fillSaid
				}
				if free[flow+"\x00"+name] && v != bot.AnyValue && len(v) >= fillMinName {
					f.names.add(name, v, t.Talk)
				}
			}
		}
	}
	f.weights = make([]float32, 1<<fillerBits)
	prepared := map[string][]fillFlow{}
	var lessons []lesson
	total := 0
	rnd := rand.New(rand.NewPCG(1, 2))
	for i, t := range told {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("learn to fill slots: %w", ctx.Err())
		}
		use := flows
		if len(t.Flows) > 0 {
			use = nil
			for _, fl := range flows {
				for _, n := range t.Flows {
					if fl.Name == n {
						use = append(use, fl)
					}
				}
			}
		}
		key := strings.Join(t.Flows, "\x00")
		if prepared[key] == nil {
			prepared[key] = fillFlows(use)
		}
		sc := f.claimsIn(t.In, t.Talk, newPlain(t.In.Text), prepared[key], func(s bot.Slot, asked bool) Options { return u.options(s, t.In, asked) })
		for j := range sc.claims {
			c := &sc.claims[j]
			want := t.Values[c.flow.Name][c.slot.Name]
			old := sc.heldBy(&fillFlow{Flow: c.flow}, c.slot.Name)
			right := want != "" && sameValue(c.slot, c.value, want)
			if !right && want == "" && old != "" && sameValue(c.slot, c.value, old) {
				continue // said again
			}
			weight := float32(1)
			if !right && c.prior < -2.5 {
				if rnd.IntN(fillSeldom) > 0 {
					continue
				}
				weight = fillSeldom
			}
			if total += len(c.features); total > fillMax {
				break
			}
			lessons = append(lessons, lesson{c.features, c.prior, weight, right})
		}
	}
	f.fit(lessons, rnd)
	return f, nil
}

// lesson is a claim of which it is known whether it was meant.
type lesson struct {
	features []uint32
	prior    float32
	weight   float32
	right    bool
}

// fit is logistic regression by AdaGrad, with the rules of thumb as an offset.
func (f *Filler) fit(lessons []lesson, rnd *rand.Rand) {
	sum := make([]float32, len(f.weights))
	for i := range sum {
		sum[i] = 0.1
	}
	for range fillEpochs {
		rnd.Shuffle(len(lessons), func(i, j int) { lessons[i], lessons[j] = lessons[j], lessons[i] })
		for _, l := range lessons {
			z := float64(l.prior)
			for _, h := range l.features {
				z += float64(f.weights[h&fillerMask])
			}
			g := float32(1 / (1 + math.Exp(-z)))
			if l.right {
				g--
			}
			g *= l.weight
			if g > -0.01 && g < 0.01 {
				continue
			}
			for _, h := range l.features {
				k := h & fillerMask
				d := g + fillDecay*f.weights[k]
				sum[k] += d * d
				f.weights[k] -= fillRate * d / sqrt32(sum[k])
			}
		}
	}
}

// sameValue reports whether two values of a slot are the same; of names, one
// may leave a part out.
func sameValue(s bot.Slot, a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if !s.IsFree() {
		return false
	}
	ka, kb := nameKey(fillTokens(newPlain(a).s)), nameKey(fillTokens(newPlain(b).s))
	if ka == kb {
		return true
	}
	if len(ka) > len(kb) {
		ka, kb = kb, ka
	}
	return len(ka)*10 >= len(kb)*6 && strings.Contains(" "+kb+" ", " "+ka+" ")
}
