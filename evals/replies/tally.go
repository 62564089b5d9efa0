package replies

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/parleyhq/parley/assist"
	"github.com/parleyhq/parley/evals/score"
)

// tally counts what came of each moment.
type tally struct {
	groups     map[[2]string]*counts
	all        counts
	none       int // moments where the agent wrote his own words
	wrong      int // of these: something was shown
	unknown    int // the reply picked is none of the past ones
	offered    int // suggestions shown, where any were
	one        int // moments where a single one was shown
	confidence []float64
	right      []bool
	spent      []time.Duration
	trained    time.Duration
}

type counts struct{ n, first, three, shown, seenFirst, seen int }

func newTally() *tally { return &tally{groups: map[[2]string]*counts{}} }

func (t *tally) add(m Moment, ranked, list []assist.Suggestion, known bool, took time.Duration) {
	t.spent = append(t.spent, took)
	if m.Label == "" {
		t.none++
		if len(list) > 0 {
			t.wrong++
		}
		return
	}
	if !known {
		t.unknown++
	}
	key := [2]string{m.Domain, m.Task}
	if t.groups[key] == nil {
		t.groups[key] = &counts{}
	}
	picked := func(s assist.Suggestion) bool { made, _ := s.Made(); return made == m.Label }
	at, seen := slices.IndexFunc(ranked, picked), slices.IndexFunc(list, picked)
	for _, c := range []*counts{&t.all, t.groups[key]} {
		c.n++
		if len(list) > 0 {
			c.shown++
		}
		if at == 0 {
			c.first++
		}
		if at >= 0 {
			c.three++
		}
		if seen == 0 {
			c.seenFirst++
		}
		if seen >= 0 {
			c.seen++
		}
	}
	if len(list) > 0 {
		t.offered += len(list)
		t.confidence, t.right = append(t.confidence, list[0].Confidence), append(t.right, seen == 0)
		if len(list) == 1 {
			t.one++
		}
	}
}

// report writes the measures down. first and among_three are of the ranking at
// every reply that was picked; the measures of_shown are of what the product
// shows by itself, which is silent when unsure.
func (t *tally) report(r *Report) {
	r.Sets["picked"], r.Sets["own_words"], r.Sets["not_in_the_past"] = t.all.n, t.none, t.unknown
	m := r.Metrics
	m["first"], m["among_three"], m["shown"] = part(t.all.first, t.all.n), part(t.all.three, t.all.n), part(t.all.shown, t.all.n)
	m["first_of_shown"], m["among_three_of_shown"] = part(t.all.seenFirst, t.all.shown), part(t.all.seen, t.all.shown)
	m["only_one_of_shown"] = part(t.one, t.all.shown)
	m["shown_when_own_words"] = part(t.wrong, t.none)
	m["calibration_error"] = score.CalibrationError(t.confidence, t.right)
	m["train_ms"] = float64(t.trained.Milliseconds())
	latencies(m, "", t.spent)
	for _, key := range slices.SortedFunc(maps.Keys(t.groups), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }) {
		c := t.groups[key]
		r.Groups = append(r.Groups, Group{key[0], key[1], c.n, part(c.first, c.n), part(c.three, c.n), part(c.shown, c.n)})
	}
}

func part(n, of int) float64 { return float64(n) / float64(max(of, 1)) }
