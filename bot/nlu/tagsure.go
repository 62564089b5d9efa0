package nlu

import (
	"context"
	"math"
)

const (
	tagSureFolds = 3
	tagSurePrior = 20 // spans that would speak for leaving the chances as they are
)

// calibrateTagger compares the chances of spans found in examples that were held
// back with how many of them were right. What it returns is Tagger.sure.
func calibrateTagger(ctx context.Context, examples []Tagged) ([2]float64, error) {
	plain := [2]float64{1, 0}
	if len(examples) > tagFew || len(examples) < 2*tagSureFolds {
		return plain, nil
	}
	var xs []float64
	var right []bool
	for fold := range tagSureFolds {
		var train, rest []Tagged
		for i, x := range examples {
			if i%tagSureFolds == fold {
				rest = append(rest, x)
			} else {
				train = append(train, x)
			}
		}
		t, err := fitTagger(ctx, train)
		if err != nil {
			return plain, err
		}
		for _, x := range rest {
			for _, s := range t.Tag(x.Tokens, x.Intent) {
				xs = append(xs, logOdds(s.Confidence))
				right = append(right, hasSpan(x.Spans, s))
			}
		}
	}
	return fitLine(xs, right), nil
}

func hasSpan(list []Span, s Span) bool {
	for _, o := range list {
		if o.Slot == s.Slot && o.From == s.From && o.To == s.To {
			return true
		}
	}
	return false
}

// fitLine is Platt's: the log-odds a*x + b under which right is likeliest, drawn
// to a = 1, b = 0 by the prior.
func fitLine(xs []float64, right []bool) [2]float64 {
	a, b := 1.0, 0.0
	for range 500 {
		ga, gb := -(a-1)*tagSurePrior, -b*tagSurePrior/4
		for i, x := range xs {
			d := -logistic(a*x + b)
			if right[i] {
				d++
			}
			ga += d * x
			gb += d
		}
		step := 1 / (tagSurePrior + float64(len(xs)))
		a, b = math.Max(0.1, a+0.2*step*ga), b+0.5*step*gb
	}
	return [2]float64{a, b}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logOdds is bounded to those of 1e-4 and its opposite.
func logOdds(p float64) float64 {
	p = math.Min(math.Max(p, 1e-4), 1-1e-4)
	return math.Log(p / (1 - p))
}
