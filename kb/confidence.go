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
	w := e.weights()
	z := w[0] + e.before()
	for i, v := range e.features() {
		z += w[i+1] * v
	}
	return 1 / (1 + math.Exp(-z))
}

// unseen is confidence for an answer that no person looks at first. Words that
// no article has count against it, by a weight set by hand: the sets have few
// questions from outside the knowledge base's subject, and a shop that says what
// beans it sells must not say it of laptops.
func (e evidence) unseen() float64 {
	c := e.confidence()
	odds := c / math.Max(1e-9, 1-c) * math.Exp(-strangeness*math.Max(0, e.Strange-0.45)*(1-e.Sim))
	return odds / (1 + odds)
}

// before is what speaks for an answer, or against it, before it is compared with
// the question: whether that is one.
func (e evidence) before() float64 {
	if e.Named {
		return e.Asks
	}
	return formShare * math.Min(0, e.Asks)
}

func (e evidence) weights() []float64 {
	switch {
	case e.Named && e.Seen:
		return namedByBoth[:]
	case e.Named:
		return namedByWords[:]
	case e.Seen:
		return byBoth[:]
	}
	return byWords[:]
}

// features are the numbers that weights are for: what words say, where there
// are vectors what these say, and where the article is one of several about the
// same thing, how much is asked and whether that thing was spoken of.
func (e evidence) features() []float64 {
	f := []float64{e.Covered, e.Part, e.Like, e.Margin}
	if e.Seen {
		f = append(f, e.Sim, e.Ahead)
	}
	if e.Named {
		return append(f, -math.Log(e.Short), e.Long, e.Said, e.Late)
	}
	return append(f, e.Short)
}

// Weights of a constant one and of each feature, fitted by logistic regression to
// the development parts of public sets and to testdata/questions.tsv, each
// question once with and once without its answer in the index; the named ones to
// conversations about places, where half of what customers say asks nothing. TestFit
// shows how each set comes out with them, and with weights fitted to the other sets.
// Where several articles say something of one thing, the likeness to a question
// ("do you offer ...") tells little beside what it shares with the passage.
var (
	byWords      = [...]float64{-2.90, 2.84, 2.78, 2.36, 2.51, -2.27}
	byBoth       = [...]float64{-3.25, 1.48, 1.85, 1.19, 2.89, 2.69, 2.81, -0.90}
	namedByWords = [...]float64{-8.50, 2.50, 3.54, -0.39, 0.72, 2.06, -1.25, 3.93, 1.91}
	namedByBoth  = [...]float64{-7.50, 1.55, 3.53, -1.73, 1.21, 1.47, 1.24, 1.86, -1.27, 3.82, 1.77}
)

// formShare is how much the form of a message counts against an article that is
// not one of several about the same thing. It was set by hand: no set has talk
// that asks nothing beside such articles.
const formShare = 0.7
