package intents

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/parleyhq/parley/bot/nlu"
	"github.com/parleyhq/parley/evals/score"
)

const (
	allowedRejects = 0.09 // of what belongs to an intent
	menuSize       = 3
)

// Points are the thresholds a run judges by.
type Points struct {
	Direct float64 // answered without asking from this confidence on
	Inside float64 // below it, it belongs to no intent
	From   string  // who picked them: dev or model
}

// pick chooses the thresholds on dev: direct answers as the model itself would
// choose; and where outside utterances are known, what treats
// both kinds best, else the most that may be rejected.
func pick(seen, outside []judged, fallback Points) Points {
	if len(seen) == 0 {
		return fallback
	}
	p := Points{From: "dev", Direct: nlu.DirectFrom(guesses(seen), nlu.DirectLeast), Inside: quantile(seen, allowedRejects)}
	if len(outside) == 0 {
		return p
	}
	best := -1.0
	for _, j := range slices.Concat(seen, outside) {
		kept := shareOf(seen, func(x judged) bool { return x.inside >= j.inside })
		out := shareOf(outside, func(x judged) bool { return x.inside < j.inside })
		if v := kept + out; v > best || v == best && j.inside < p.Inside {
			best, p.Inside = v, j.inside
		}
	}
	return p
}

func guesses(seen []judged) []nlu.Guess {
	out := make([]nlu.Guess, len(seen))
	for i, j := range seen {
		out[i] = nlu.Guess{Confidence: j.confidence, Right: j.rank == 1}
	}
	return out
}

func quantile(seen []judged, q float64) float64 {
	all := make([]float64, len(seen))
	for i, j := range seen {
		all[i] = j.inside
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

func shareOf(all []judged, yes func(judged) bool) float64 {
	n := 0
	for _, j := range all {
		if yes(j) {
			n++
		}
	}
	return float64(n) / math.Max(1, float64(len(all)))
}

// measure writes the numbers of a test.
func measure(out map[string]float64, seen, outside []judged, p Points) {
	if len(seen) > 0 {
		ranks := ranksOf(seen)
		out["accuracy"], out["top2"], out["top3"] = ranks.HitAt(1), ranks.HitAt(2), ranks.HitAt(3)
		out["macro_f1"] = macroF1(seen)
		confidence, right := make([]float64, len(seen)), make([]bool, len(seen))
		for i, j := range seen {
			confidence[i], right[i] = j.confidence, j.rank == 1
		}
		out["ece"] = score.CalibrationError(confidence, right)
		direct := func(j judged) bool { return j.confidence >= p.Direct }
		var direction, rest []judged
		for _, j := range seen {
			if direct(j) {
				direction = append(direction, j)
			} else {
				rest = append(rest, j)
			}
		}
		out["direct_share"] = shareOf(seen, direct)
		out["direct_precision"] = shareOf(direction, func(j judged) bool { return j.rank == 1 })
		out["menu_hit"] = shareOf(rest, func(j judged) bool { return j.rank >= 1 && j.rank <= menuSize })
		at := nlu.DirectFrom(guesses(seen), 0)
		out["direct_share_at_97"] = shareOf(seen, func(j judged) bool { return j.confidence >= at })
	}
	if len(outside) > 0 && len(seen) > 0 {
		measureOutside(out, seen, outside, p)
	}
}

func measureOutside(out map[string]float64, seen, outside []judged, p Points) {
	yes, no := insides(seen), insides(outside)
	out["oos_auroc"] = score.AUROC(yes, no)
	reject := func(j judged) bool { return j.inside < p.Inside }
	out["oos_recall"] = shareOf(outside, reject)
	out["false_reject"] = shareOf(seen, reject)
	out["in_scope_accuracy"] = shareOf(seen, func(j judged) bool { return j.rank == 1 && !reject(j) })
	at := quantile(seen, allowedRejects)
	out["oos_recall_at_9"] = shareOf(outside, func(j judged) bool { return j.inside < at })
	out["wrongly_acted"] = shareOf(outside, func(j judged) bool { return j.confidence >= p.Direct })
	out["best_accuracy"], out["best_mcc"] = sweep(slices.Concat(seen, outside))
}

// measureTimes writes how long an utterance takes: the middle one, and the mean,
// and how many had their meaning asked, which takes the longest.
func measureTimes(out map[string]float64, all []judged) {
	took := make([]time.Duration, len(all))
	var sum time.Duration
	for i, j := range all {
		took[i] = j.took
		sum += j.took
	}
	slices.Sort(took)
	out["us_per_utterance"] = float64(took[len(took)/2].Nanoseconds()) / 1000
	out["us_mean"] = float64(sum.Nanoseconds()) / 1000 / float64(len(all))
	out["stage_two_share"] = shareOf(all, func(j judged) bool { return j.meaning })
}

func insides(all []judged) []float64 {
	out := make([]float64, len(all))
	for i, j := range all {
		out[i] = j.inside
	}
	return out
}

// macroF1 is the mean of the intents' F1, over those that the test has.
func macroF1(seen []judged) float64 {
	right, found, wanted := map[string]int{}, map[string]int{}, map[string]int{}
	for _, j := range seen {
		wanted[j.want]++
		found[j.got]++
		if j.rank == 1 {
			right[j.want]++
		}
	}
	sum := 0.0
	for label, n := range wanted {
		sum += score.F1(right[label], found[label], n)
	}
	return sum / math.Max(1, float64(len(wanted)))
}

// sweep is the best accuracy and the best Matthews correlation (Gorodkin 2004,
// outside being one more class) over all thresholds of inside, as the HINT3
// paper counts them.
func sweep(all []judged) (accuracy, mcc float64) {
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Compare(a.inside, b.inside) })
	found, wanted := map[string]float64{}, map[string]float64{}
	n, right := float64(len(all)), 0.0
	for _, j := range all {
		wanted[j.want]++
		found[j.got]++
		if j.got == j.want {
			right++
		}
	}
	for i, j := range all {
		if i == 0 || j.inside != all[i-1].inside {
			accuracy, mcc = max(accuracy, right/n), max(mcc, correlation(right, n, found, wanted))
		}
		found[j.got]--
		found[Outside]++
		if j.got == j.want {
			right--
		} else if j.want == Outside {
			right++
		}
	}
	return max(accuracy, right/n), max(mcc, correlation(right, n, found, wanted))
}

func correlation(right, n float64, found, wanted map[string]float64) float64 {
	both, ff, ww := 0.0, 0.0, 0.0
	for k, f := range found {
		both += f * wanted[k]
		ff += f * f
	}
	for _, w := range wanted {
		ww += w * w
	}
	under := math.Sqrt((n*n - ff) * (n*n - ww))
	if under == 0 {
		return 0
	}
	return (right*n - both) / under
}

func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }
