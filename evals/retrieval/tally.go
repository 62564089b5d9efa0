package retrieval

import (
	"math"
	"slices"
	"time"

	"github.com/parleyhq/parley/evals/score"
)

// outcome is the answer to a question that something answers.
type outcome struct {
	confidence float64
	right      bool
}

// tally is how a set of questions went.
type tally struct {
	ranks        score.Ranks
	ndcg         []float64
	spent        []time.Duration
	answered     []outcome
	none         []float64 // confidence of what was said where nothing answers
	unanswerable int
	leftOut      int
}

// found writes how well what answers was found.
func (t *tally) found(into map[string]float64, prefix string) {
	if len(t.ranks) == 0 {
		return
	}
	into[prefix+"hit_at_1"], into[prefix+"hit_at_3"] = t.ranks.HitAt(1), t.ranks.HitAt(3)
	into[prefix+"hit_at_5"], into[prefix+"hit_at_10"] = t.ranks.HitAt(5), t.ranks.HitAt(10)
	into[prefix+"mrr_at_10"], into[prefix+"ndcg_at_10"] = t.ranks.MRR(10), score.Mean(t.ndcg)
	into[prefix+"p50_us"] = microseconds(score.Percentile(t.spent, 0.50))
	into[prefix+"p99_us"] = microseconds(score.Percentile(t.spent, 0.99))
}

// kept is the share of the right answers that shall still be given when the
// threshold is set.
const kept = 0.9

// withheld writes how well confidence tells when there is no answer:
//
//   - auroc: of right answers against what is said where nothing answers;
//   - auroc_right: of right answers against all that is wrong;
//   - wrong_at_90_kept: with the threshold at which 90 % of the right answers
//     are given, the share of the questions without an answer that get one;
//   - wrong_of_given_at_90_kept: at that threshold, the share of wrong ones
//     among everything that is said;
//   - calibration_error: how far confidence is from the share that is right.
func (t *tally) withheld(into map[string]float64) {
	var right, wrong []float64
	var confidence []float64
	var was []bool
	for _, o := range t.answered {
		if o.right {
			right = append(right, o.confidence)
		} else {
			wrong = append(wrong, o.confidence)
		}
		confidence, was = append(confidence, o.confidence), append(was, o.right)
	}
	for _, c := range t.none {
		confidence, was = append(confidence, c), append(was, false)
	}
	if len(right) == 0 || len(t.none) == 0 {
		return
	}
	into["auroc"] = score.AUROC(right, t.none)
	into["auroc_right"] = score.AUROC(right, append(slices.Clone(wrong), t.none...))
	into["calibration_error"] = score.CalibrationError(confidence, was)
	slices.Sort(right)
	least := right[int(math.Floor((1-kept)*float64(len(right)-1)))]
	above := func(list []float64) int {
		n := 0
		for _, c := range list {
			if c >= least {
				n++
			}
		}
		return n
	}
	into["threshold_at_90_kept"] = least
	into["wrong_at_90_kept"] = float64(above(t.none)) / float64(len(t.none))
	bad := float64(above(t.none) + above(wrong))
	into["wrong_of_given_at_90_kept"] = bad / (bad + float64(above(right)))
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
