package assist

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// bayes learns classes of feature sets by counting. Its probabilities are too
// sure of themselves: trust says how far to believe them.
type bayes struct {
	docs  map[string]int            // by class
	with  map[string]map[string]int // documents of a class with a feature
	total int
}

func newBayes() *bayes { return &bayes{docs: map[string]int{}, with: map[string]map[string]int{}} }

func (b *bayes) add(class string, features []string) {
	b.total++
	b.docs[class]++
	if b.with[class] == nil {
		b.with[class] = map[string]int{}
	}
	for _, f := range features {
		b.with[class][f]++
	}
}

// guess is the likeliest class and its share of the probability. Features that
// no class has say nothing.
func (b *bayes) guess(features []string) (string, float64) {
	if b.total == 0 {
		return "", 0
	}
	classes := slices.Sorted(maps.Keys(b.docs))
	scores := make([]float64, len(classes))
	for i, c := range classes {
		scores[i] = math.Log(float64(b.docs[c]) / float64(b.total))
	}
	for _, f := range features {
		seen := 0
		for _, c := range classes {
			seen += b.with[c][f]
		}
		if seen == 0 {
			continue
		}
		for i, c := range classes {
			// Towards the feature's share of all documents, so that rare classes are
			// not drawn to every word.
			expected := float64(seen) / float64(b.total)
			scores[i] += math.Log((float64(b.with[c][f]) + 2*expected) / (float64(b.docs[c]) + 2))
		}
	}
	best := 0
	for i := range scores {
		if scores[i] > scores[best] {
			best = i
		}
	}
	softmax(scores, 1)
	return classes[best], scores[best]
}

// lesson is one thing that bayes learns from.
type lesson struct {
	class    string
	features []string
}

// judged is a guess on something that was not known yet, and whether it held.
type judged struct {
	share float64
	right bool
}

// learnt is what a past has taught, and how well it would have guessed itself.
type learnt struct {
	model *bayes
	past  []judged
}

// study goes through lessons in their order: each is guessed from those before
// it, then learnt.
func study(list []lesson) learnt {
	l := learnt{model: newBayes()}
	for i, x := range list {
		if i >= shortestPast/2 {
			class, share := l.model.guess(x.features)
			l.past = append(l.past, judged{share, class == x.class})
		}
		l.model.add(x.class, x.features)
	}
	return l
}

// guess is the likeliest class, and how often guesses as sure as this one held
// in the past; 0 when too few were made to say.
func (l learnt) guess(features []string) (class string, confidence float64) {
	if l.model.total < shortestPast {
		return "", 0
	}
	class, share := l.model.guess(features)
	right, n := 0, 0
	for _, j := range l.past {
		if j.share >= share-0.02 {
			n++
			if j.right {
				right++
			}
		}
	}
	if n < shortestPast/2 { // surer than it ever was: as good as the surest ones
		past := slices.Clone(l.past)
		slices.SortFunc(past, func(a, b judged) int { return cmp.Compare(b.share, a.share) })
		right, n = 0, 0
		for _, j := range past[:min(len(past), shortestPast/2)] {
			n++
			if j.right {
				right++
			}
		}
	}
	return class, float64(right+1) / float64(n+2)
}

var placeholder = regexp.MustCompile(`\[[a-z_]+\]`)

func isHan(w string) bool {
	r, n := utf8.DecodeRuneInString(w)
	return n == len(w) && unicode.Is(unicode.Han, r)
}
