package nlu

import (
	"math"

	"github.com/parleyhq/parley/bot"
)

// Told is an utterance whose meaning for the slots is known: an annotated
// example, or a turn of a conversation that went well.
type Told struct {
	In     bot.Utterance
	Values map[string]map[string]string // by flow and slot: what it gives a new value, canonical
	Flows  []string                     // those it could be about; none: all
	Talk   string                       // the conversation it is from; those of one know nothing from each other
}

// Filler decides which words of an utterance fill which slots. Every value that
// could be meant is a claim: words that parse as the slot's type, a choice, a
// known name, a value that was proposed, one that another flow knows, "it does
// not matter". What stands around a claim is weighed; from utterances whose
// values are told it learns the weights, without any it goes by rules of thumb.
// It is immutable and safe for use by several goroutines.
type Filler struct {
	weights []float32       // by the feature's hash; nil: nothing learned
	names   names           // values of slots that any words could fill
	closed  map[string]bool // yes-or-no slots that are said without their name
}

// The size of what is learned: 2^20 weights are 4 MB.
const (
	fillerBits = 20
	fillerMask = 1<<fillerBits - 1
)

// chance is how likely the claim is meant.
func (f *Filler) chance(c *claim) float64 {
	sum := float64(c.prior)
	if f.weights != nil {
		for _, h := range c.features {
			sum += float64(f.weights[h&fillerMask])
		}
	}
	return 1 / (1 + math.Exp(-sum))
}

// claim is a value that words may give a slot.
type claim struct {
	flow     Flow
	slot     bot.Slot
	value    string
	text     string
	from, to int // in the plain text; both 0 for what no words of their own say
	kind     claimKind
	weak     bool
	misspelt bool
	foreign  bool // the name of what another flow is about
	prior    float32
	features []uint32
}

// claimKind is where a claim comes from.
type claimKind uint8

const (
	claimWords    claimKind = iota // words that parse as the type, or name a choice
	claimName                      // a known name
	claimStretch                   // unknown words between words that are known to be none
	claimProposed                  // a value that the last message proposed, taken or named
	claimCarried                   // what another flow knows
	claimMeant                     // a choice, without its words
	claimAny                       // it does not matter
)

// apart reports whether two claims can both hold: they are made of different
// words, or are a date and a time of one moment.
func (c *claim) apart(d *claim) bool {
	if c.to == 0 || d.to == 0 || c.to <= d.from || d.to <= c.from {
		return true
	}
	return c.flow.Name == d.flow.Name && partsOfTime(c.slot.Type, d.slot.Type)
}
