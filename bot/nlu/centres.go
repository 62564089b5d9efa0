package nlu

import (
	"context"
	"math"
	"slices"

	"github.com/parleyhq/parley/bot/nlu/lanes"
)

// centres tells classes apart by vectors of meaning: the vectors of a class lie
// around its centre, as far and in the same directions for all classes (linear
// discriminant analysis).
type centres struct {
	dims    int
	weights []float32 // by class: dims numbers and a bias
	middle  []float32 // by class: its centre, of length one
	cloud             // of the vectors
}

// placed is the vector of an example.
type placed struct {
	at    []float32 // of length one
	class int
	cost  float64
}

const (
	roundness = 0.3 // how much the spread around a centre is drawn to the same in all directions
	drawn     = 1.0 // examples' worth of the middle of all in each centre
	noChance  = -1e6
	searched  = 5 // classes in which the nearest vector is looked for
	maxKept   = 3000
)

// trainCentres fits centres to the vectors; there is at least one, and all have
// one length.
func trainCentres(ctx context.Context, vs []placed, classes int) (*centres, error) {
	d := len(vs[0].at)
	c := &centres{dims: d}
	means := meansOf(vs, classes, d)
	spread, err := spreadOf(ctx, vs, means, d)
	if err != nil {
		return nil, err
	}
	if err := root(ctx, spread); err != nil {
		return nil, err
	}
	for _, m := range means {
		w := undo(spread, m)
		bias := 0.0
		for i, v := range w {
			c.weights = append(c.weights, float32(v))
			bias -= v * m[i] / 2
		}
		c.weights = append(c.weights, float32(bias))
		unit := make([]float32, d)
		for i, v := range m {
			unit[i] = float32(v)
		}
		lengthOne(unit)
		c.middle = append(c.middle, unit...)
	}
	c.cloud = cloudOf(vs, classes, maxKept)
	return c, nil
}

// scores says how well the vector fits each class; the logarithms of chances,
// but for their scale. A class that has no vectors has no chance.
func (c *centres) scores(v []float32) []float32 {
	classes := len(c.from) - 1
	out := make([]float32, classes)
	for k := range out {
		if c.from[k] == c.from[k+1] {
			out[k] = noChance
			continue
		}
		w := c.weights[k*(c.dims+1) : (k+1)*(c.dims+1)]
		out[k] = lanes.Dot(v, w) + w[c.dims]
	}
	return out
}

// likeness gives, for each class, how like its centre v is, and how like its
// most similar vector; the second only for the classes that have the highest
// scores, and is the first for the others.
func (c *centres) likeness(v, scores []float32) (centre, near []float32) {
	centre = make([]float32, len(scores))
	for k := range centre {
		if scores[k] == noChance {
			continue
		}
		centre[k] = lanes.Dot(v, c.middle[k*c.dims:(k+1)*c.dims])
	}
	near = slices.Clone(centre)
	b, scale := inBytes(v)
	for _, k := range highest(scores, searched) {
		near[k] = max(near[k], c.nearest(k, b, scale))
	}
	return centre, near
}

// highest gives the places of the n highest scores.
func highest(scores []float32, n int) []int {
	out := make([]int, 0, n+1)
	for i, s := range scores {
		at := len(out)
		for at > 0 && s > scores[out[at-1]] {
			at--
		}
		if at < n {
			out = slices.Insert(out, at, i)
			out = out[:min(len(out), n)]
		}
	}
	return out
}

// meansOf are the centres; a class without vectors has the middle of all.
func meansOf(vs []placed, classes, dims int) [][]float64 {
	all, total := make([]float64, dims), 0.0
	sums, n := make([][]float64, classes), make([]float64, classes)
	for k := range sums {
		sums[k] = make([]float64, dims)
	}
	for _, v := range vs {
		n[v.class] += v.cost
		total += v.cost
		for i, x := range v.at {
			sums[v.class][i] += v.cost * float64(x)
			all[i] += v.cost * float64(x)
		}
	}
	for k, m := range sums {
		for i := range m {
			m[i] = (m[i] + drawn*all[i]/total) / (n[k] + drawn)
		}
	}
	return sums
}

// spreadOf is the lower half of how the vectors are spread around their
// centres.
func spreadOf(ctx context.Context, vs []placed, means [][]float64, dims int) ([][]float64, error) {
	count, total := make([]float64, len(means)), 0.0
	for _, v := range vs {
		count[v.class]++
		total += v.cost
	}
	sums := make([][]float32, dims)
	for i := range sums {
		sums[i] = make([]float32, i+1)
	}
	off := make([]float32, dims)
	for at, v := range vs {
		if at%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		weight := v.cost / total
		if n := count[v.class]; n > 1 {
			weight *= n / (n - 1) // the centre was drawn to it
		}
		for i, x := range v.at {
			off[i] = x - float32(means[v.class][i])
		}
		for i, x := range off {
			lanes.Add(sums[i], off, float32(weight)*x)
		}
	}
	trace := 0.0
	for i := range sums {
		trace += float64(sums[i][i])
	}
	out := make([][]float64, dims)
	for i, row := range sums {
		out[i] = make([]float64, i+1)
		for j, x := range row {
			out[i][j] = (1 - roundness) * float64(x)
		}
		out[i][i] += roundness*trace/float64(dims) + 1e-9
	}
	return out, nil
}

// root puts in place of a matrix, of which only the lower half is given, its
// lower triangular root (Cholesky).
func root(ctx context.Context, m [][]float64) error {
	for i, row := range m {
		if i%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for j := 0; j <= i; j++ {
			sum := row[j]
			for k, x := range m[j][:j] {
				sum -= row[k] * x
			}
			if i == j {
				row[i] = math.Sqrt(math.Max(sum, 1e-12))
			} else {
				row[j] = sum / m[j][j]
			}
		}
	}
	return nil
}

// undo solves root rootᵀ x = v.
func undo(root [][]float64, v []float64) []float64 {
	x := slices.Clone(v)
	for i, row := range root {
		for k, r := range row[:i] {
			x[i] -= r * x[k]
		}
		x[i] /= row[i]
	}
	for i := len(x) - 1; i >= 0; i-- {
		x[i] /= root[i][i]
		for k, r := range root[i][:i] {
			x[k] -= r * x[i]
		}
	}
	return x
}

// lengthOne gives v length one, in place, unless it has none; then false.
func lengthOne(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return false
	}
	k := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= k
	}
	return true
}
