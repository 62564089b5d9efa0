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
// weights were fitted by logistic regression to testdata/questions.tsv and to
// public question sets, each question once with and once without its answer in
// the index. That of the vectors is set by hand, low, because models differ in
// what a cosine of theirs means. A question without a
// word of meaning ("who are you?") is answered by what is asked so word for word
// only.
func (e evidence) confidence() float64 {
	if e.Hollow > 0 && e.Like < verbatim {
		return 0
	}
	z := -4.03 + 3.69*e.Covered + 4.15*e.Part + 3.83*e.Like + 0.33*e.Letters + 2.37*e.Margin - 1.94*e.Short + 4*e.Sim
	return 1 / (1 + math.Exp(-z))
}

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
