package assist

import (
	"math"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Tally is what the ledger has taught: how much likelier, or less, each article
// and reply is to be sent than what is suggested usually is, by situation. Old
// verdicts fade. Its methods may be called at the same time; a nil one knows
// nothing.
type Tally struct {
	mu   sync.RWMutex // guards all below
	keys map[string]*marks
}

// marks are verdicts on what was made of one article or reply.
type marks struct {
	all   share
	where map[string]share // by Situation.Kind
}

// share is used ones of all, each less the longer ago.
type share struct {
	used, all float64
	at        time.Time // of which used and all speak
}

// Decided is a verdict on a suggestion, as the ledger has it.
type Decided struct {
	ID         desk.ID
	Key        string
	Where      string // Situation.Kind
	State      State
	Reason     Reason
	Similarity float64
	At         time.Time
}

// How verdicts are weighed.
const (
	halfLife  = 30 * 24 * time.Hour
	usual     = 0.3 // of all that is suggested is sent
	doubt     = 8.0 // verdicts that stand against new ones, so that one click turns nothing over
	strongest = 1.5 // how far the log odds of a confidence are moved at most
	mostKeys  = 100_000
	mostPlace = 64 // sorts of situation of one key
)

// NewTally makes an empty one.
func NewTally() *Tally { return &Tally{keys: map[string]*marks{}} }

// Add takes a verdict in. One that came only because the customer said more says
// nothing about the suggestion.
func (t *Tally) Add(d Decided) {
	used, weight := 0.0, 1.0
	switch {
	case d.Key == "" || d.State == Shown || d.State == Ignored && d.Reason == Superseded:
		return
	case d.State == Sent:
		used = 1
	case d.State == Edited:
		used = d.Similarity
	case d.Reason == OtherChosen:
		weight = 0.5
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.keys[d.Key]
	if m == nil {
		if len(t.keys) >= mostKeys {
			return
		}
		m = &marks{where: map[string]share{}}
		t.keys[d.Key] = m
	}
	m.all = m.all.plus(used*weight, weight, d.At)
	if _, ok := m.where[d.Where]; ok || len(m.where) < mostPlace {
		m.where[d.Where] = m.where[d.Where].plus(used*weight, weight, d.At)
	}
}

func (s share) plus(used, all float64, at time.Time) share {
	if s.all > 0 {
		age := at.Sub(s.at)
		if age < 0 { // late news
			f := fade(-age)
			used, all, at = used*f, all*f, s.at
		} else {
			f := fade(age)
			s.used, s.all = s.used*f, s.all*f
		}
	}
	return share{s.used + used, s.all + all, at}
}

func fade(age time.Duration) float64 { return math.Exp2(-float64(age) / float64(halfLife)) }

// rate is the smoothed share: with few verdicts it is near what is expected.
func (s share) rate(expected float64) float64 {
	return (s.used + doubt*expected) / (s.all + doubt)
}

// Adjust moves a confidence by what became of such suggestions, in a situation
// and everywhere: up when they were sent, down when they were ignored.
func (t *Tally) Adjust(key, where string, confidence float64, now time.Time) float64 {
	if t == nil || confidence <= 0 || confidence >= 1 {
		return confidence
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	m := t.keys[key]
	if m == nil {
		return confidence
	}
	everywhere := m.all.plus(0, 0, now).rate(usual)
	rate := m.where[where].plus(0, 0, now).rate((usual + everywhere) / 2)
	move := math.Max(-strongest, math.Min(strongest, logOdds(rate)-logOdds(usual)))
	return 1 / (1 + math.Exp(-logOdds(confidence)-move))
}

func logOdds(p float64) float64 { return math.Log(p / (1 - p)) }
