package kb

import "math"

// sure is the confidence from which an answer is given: below it the knowledge
// base does not know.
const sure = 0.6

const (
	verbatim    = 0.95 // likeness of a question to one that is asked in the same words
	strangeness = 24.0 // what words count against an answer that no article has
)

// confidence turns evidence into the probability that the article answers. A
// question without a word of meaning ("who are you?") is answered by what is
// asked so word for word only.
func (e evidence) confidence() float64 {
	if e.Hollow > 0 && e.Like < verbatim {
		return 0
	}
	w := byWords[:]
	if e.Seen {
		w = byBoth[:]
	}
	z := w[0]
	for i, v := range e.features() {
		z += w[i+1] * v
	}
	return 1 / (1 + math.Exp(-z))
}

// features are the numbers that weights are for: what words say and, where there
// are vectors, what these say.
func (e evidence) features() []float64 {
	f := []float64{e.Covered, e.Part, e.Like, e.Margin, e.Short}
	if e.Seen {
		f = append(f, e.Sim, e.Ahead)
	}
	return f
}

// Weights of a constant one and of each feature, fitted by logistic regression to
// the development parts of public sets and to testdata/questions.tsv, each
// question once with and once without its answer in the index. TestFit shows how
// each set comes out with them, and with weights fitted to the other sets.
var (
	byWords = [...]float64{-4.03, 3.69, 4.15, 3.83, 2.37, -1.94}
	byBoth  = [...]float64{-3.20, 0.23, 1.74, 0.95, 4.04, -0.26, 3.38, 3.18}
)

// unseen is confidence for an answer that no person looks at first. Words that
// no article has count against it, by a weight set by hand: the sets have few
// questions from outside the knowledge base's subject, and a shop that says what
// beans it sells must not say it of laptops.
func (e evidence) unseen() float64 {
	c := e.confidence()
	if e.Like == 0 && e.Short > 0.6 {
		c *= 0.4 // one word, that stands somewhere in the text
	}
	odds := c / math.Max(1e-9, 1-c) * math.Exp(-strangeness*math.Max(0, e.Strange-0.45)*(1-e.Sim))
	return odds / (1 + odds)
}
