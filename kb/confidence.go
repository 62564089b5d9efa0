package kb

import "math"

// sure is the confidence from which an answer is given: below it the knowledge
// base does not know.
const sure = 0.6

const (
	verbatim    = 0.95 // likeness of a question to one that is asked in the same words
	strangeness = 24.0 // what words count against an answer that no article has
)

// confidence turns evidence into the probability that the article answers. The
// weights were fitted by logistic regression to testdata/questions.tsv
// and to the development part of CMRC2018, each question once with and once
// without its answer in the index; TestFit compares them with weights that are
// fitted to more sets. That of the vectors is set by hand,
// low, because models differ in what a cosine of theirs means. A question
// without a word of meaning ("who are you?") is answered by what is asked so
// word for word only.
func (e evidence) confidence() float64 {
	if e.Hollow > 0 && e.Like < verbatim {
		return 0
	}
	z := weights[0] + 4*e.Sim
	for i, v := range e.features() {
		z += weights[i+1] * v
	}
	return 1 / (1 + math.Exp(-z))
}

// features are the numbers that weights are for.
func (e evidence) features() []float64 {
	return []float64{e.Covered, e.Part, e.Like, e.Letters, e.Margin, e.Short}
}

// weights are of a constant one and of each feature. TestFit prints them.
var weights = [...]float64{-4.03, 3.69, 4.15, 3.83, 0.33, 2.37, -1.94}

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
