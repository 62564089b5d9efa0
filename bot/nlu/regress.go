package nlu

import "math"

// sample is an example of a yes or no question.
type sample struct {
	signs  signs
	yes    bool
	weight float64
}

// regress fits weights by Newton's method, drawn to the prior.
func regress(samples []sample, prior [signCount]float64) [signCount]float64 {
	const rounds = 12
	draw := 20 / math.Max(1, float64(len(samples))/4000) // many samples know better than the prior
	w := prior
	for range rounds {
		var grad [signCount]float64
		var curve [signCount][signCount]float64
		for i := range signCount {
			grad[i] = draw * (w[i] - prior[i])
			curve[i][i] = draw
		}
		for _, s := range samples {
			p := s.signs.chance(w)
			d, v := p, p*(1-p)*s.weight
			if s.yes {
				d--
			}
			d *= s.weight
			for i, x := range s.signs {
				grad[i] += d * x
				for j := 0; j <= i; j++ {
					curve[i][j] += v * x * s.signs[j]
				}
			}
		}
		step := solve(curve, grad)
		most := 0.0
		for i := range w {
			most = math.Max(most, math.Abs(step[i]))
		}
		scale := math.Min(1, 4/math.Max(most, 1e-9))
		for i := range w {
			w[i] -= scale * step[i]
		}
		if most < 1e-6 {
			break
		}
	}
	return w
}

// solve solves curve x = grad by Cholesky's method; only the lower half of
// curve is read, and it is positive definite.
func solve(curve [signCount][signCount]float64, grad [signCount]float64) [signCount]float64 {
	for i := range signCount {
		for j := 0; j <= i; j++ {
			sum := curve[i][j]
			for k := range j {
				sum -= curve[i][k] * curve[j][k]
			}
			if i == j {
				curve[i][i] = math.Sqrt(math.Max(sum, 1e-12))
			} else {
				curve[i][j] = sum / curve[j][j]
			}
		}
	}
	x := grad
	for i := range signCount {
		for k := range i {
			x[i] -= curve[i][k] * x[k]
		}
		x[i] /= curve[i][i]
	}
	for i := signCount - 1; i >= 0; i-- {
		for k := i + 1; k < signCount; k++ {
			x[i] -= curve[k][i] * x[k]
		}
		x[i] /= curve[i][i]
	}
	return x
}
