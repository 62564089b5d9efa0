// Package score holds the measures that every evaluation shares. They are pure
// functions of numbers; each says which definition it follows.
package score

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// AUROC is the chance that a value of yes is above a value of no, ties counting
// half (Hanley and McNeil 1982). Without both kinds it is 0.
func AUROC(yes, no []float64) float64 {
	if len(yes) == 0 || len(no) == 0 {
		return 0
	}
	type sample struct {
		v   float64
		yes bool
	}
	all := make([]sample, 0, len(yes)+len(no))
	for _, v := range yes {
		all = append(all, sample{v, true})
	}
	for _, v := range no {
		all = append(all, sample{v, false})
	}
	slices.SortFunc(all, func(a, b sample) int { return cmp.Compare(a.v, b.v) })
	ranks := 0.0 // of the yes, from 1
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].v == all[i].v {
			j++
		}
		for _, s := range all[i:j] {
			if s.yes {
				ranks += float64(i+j+1) / 2
			}
		}
		i = j
	}
	n := float64(len(yes))
	return (ranks - n*(n+1)/2) / (n * float64(len(no)))
}

// CalibrationError is the expected calibration error over ten bins of equal
// width (Naeini et al. 2015): how far confidence is from the share that was
// right, weighted by how many are in the bin. Both slices have one entry a case.
func CalibrationError(confidence []float64, right []bool) float64 {
	const bins = 10
	var sum, hits, n [bins]float64
	for i, c := range confidence {
		b := min(max(int(c*bins), 0), bins-1)
		sum[b] += c
		n[b]++
		if right[i] {
			hits[b]++
		}
	}
	out := 0.0
	for b := range bins {
		out += math.Abs(sum[b] - hits[b])
	}
	if len(confidence) == 0 {
		return 0
	}
	return out / float64(len(confidence))
}

// Ranks is where the first right one stood for each query: 1 is first, 0 is
// not there at all.
type Ranks []int

// HitAt is the share of queries with a right one among the first k.
func (r Ranks) HitAt(k int) float64 {
	n := 0
	for _, at := range r {
		if at > 0 && at <= k {
			n++
		}
	}
	return share(n, len(r))
}

// MRR is the mean reciprocal rank; a right one after the first k counts 0.
func (r Ranks) MRR(k int) float64 {
	sum := 0.0
	for _, at := range r {
		if at > 0 && at <= k {
			sum += 1 / float64(at)
		}
	}
	return sum / math.Max(float64(len(r)), 1)
}

// NDCG is the normalised discounted cumulative gain of one query at k with
// binary relevance: gains at right[i] for place i, relevant is how many right
// ones there are.
func NDCG(right []bool, relevant, k int) float64 {
	got, best := 0.0, 0.0
	for i := range min(k, len(right)) {
		if right[i] {
			got += 1 / math.Log2(float64(i+2))
		}
	}
	for i := range min(k, relevant) {
		best += 1 / math.Log2(float64(i+2))
	}
	if best == 0 {
		return 0
	}
	return got / best
}

// F1 is the harmonic mean of precision and recall from counts; 0 when nothing
// was right.
func F1(right, found, wanted int) float64 {
	if right == 0 {
		return 0
	}
	return 2 * float64(right) / float64(found+wanted)
}

// Percentile is the value below which the share p (0 to 1) of all lie, by
// nearest rank; 0 of nothing. It sorts a copy.
func Percentile(all []time.Duration, p float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(max(int(math.Ceil(p*float64(len(sorted))))-1, 0), len(sorted)-1)]
}

// Mean is the average; 0 of nothing.
func Mean(all []float64) float64 {
	sum := 0.0
	for _, v := range all {
		sum += v
	}
	return sum / math.Max(float64(len(all)), 1)
}

func share(n, of int) float64 { return float64(n) / math.Max(float64(of), 1) }
