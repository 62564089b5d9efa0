package kb

import "math"

// sure is the confidence from which an answer is given: below it the knowledge
// base does not know.
const sure = 0.6

// confidence turns evidence into the probability that the article answers. The
// weights were fitted by logistic regression to testdata/questions.tsv and to
// public question sets, each question once with and once without its answer in
// the index. That of the vectors is set by hand, low, because models differ in
// what a cosine of theirs means.
func (e evidence) confidence() float64 {
	z := -4.03 + 3.69*e.Covered + 4.15*e.Part + 3.83*e.Like + 0.33*e.Letters + 2.37*e.Margin - 1.94*e.Short + 4*e.Sim
	return 1 / (1 + math.Exp(-z))
}
