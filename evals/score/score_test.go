package score

import (
	"math"
	"testing"
	"time"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestMeasures(t *testing.T) {
	near(t, "apart", AUROC([]float64{3, 4}, []float64{1, 2}), 1)
	near(t, "upside down", AUROC([]float64{1}, []float64{2, 3}), 0)
	near(t, "all the same", AUROC([]float64{1, 1}, []float64{1}), 0.5)
	near(t, "one of four pairs is wrong", AUROC([]float64{1, 4}, []float64{2, 0}), 0.75)
	near(t, "of nothing", AUROC(nil, []float64{1}), 0)
	near(t, "sure and right", CalibrationError([]float64{1, 1}, []bool{true, true}), 0)
	near(t, "sure and wrong half of the time", CalibrationError([]float64{1, 1}, []bool{true, false}), 0.5)
	r := Ranks{1, 2, 0, 11}
	near(t, "hit@1", r.HitAt(1), 0.25)
	near(t, "hit@2", r.HitAt(2), 0.5)
	near(t, "MRR@10", r.MRR(10), 1.5/4)
	near(t, "nDCG, second of two", NDCG([]bool{false, true}, 1, 10), 1/math.Log2(3))
	near(t, "nDCG, perfect", NDCG([]bool{true, true, false}, 2, 10), 1)
	near(t, "F1", F1(1, 2, 1), 2.0/3)
	if got := Percentile([]time.Duration{5, 1, 3, 2, 4}, 0.5); got != 3 {
		t.Errorf("median: got %v", got)
	}
	if got := Percentile([]time.Duration{1, 2}, 0.99); got != 2 {
		t.Errorf("p99: got %v", got)
	}
	near(t, "mean", Mean([]float64{1, 3}), 2)
}
