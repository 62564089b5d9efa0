package nlu

import (
	"math"
	"slices"

	"github.com/parleyhq/parley/bot/nlu/lanes"
)

// cloud keeps vectors of length one, class by class, in bytes, to look for the
// nearest.
type cloud struct {
	width  int       // a multiple of 32
	from   []int32   // by class, the place of its first vector; at last how many there are
	scale  []float32 // by vector
	points []int8    // by vector
}

// cloudOf keeps at most most of the vectors, of each class the same share.
func cloudOf(vs []placed, classes, most int) cloud {
	c := cloud{}
	sorted := slices.Clone(vs)
	slices.SortStableFunc(sorted, func(a, b placed) int { return a.class - b.class })
	share := min(1, float64(most)/float64(max(1, len(vs))))
	at := 0
	for class := range classes {
		c.from = append(c.from, int32(len(c.scale)))
		due := 0.5
		for ; at < len(sorted) && sorted[at].class == class; at++ {
			if due += share; due >= 1 {
				due--
				c.keep(sorted[at].at)
			}
		}
	}
	c.from = append(c.from, int32(len(c.scale)))
	return c
}

func (c *cloud) keep(v []float32) {
	b, scale := inBytes(v)
	c.width = len(b)
	c.points, c.scale = append(c.points, b...), append(c.scale, scale)
}

// nearest is the product of the vector, given in bytes, with the most similar
// one of a class; zero when the class has none.
func (c *cloud) nearest(class int, v []int8, scale float32) float32 {
	var most float32
	for p := int(c.from[class]); p < int(c.from[class+1]); p++ {
		most = max(most, float32(lanes.Bytes(c.points[p*c.width:(p+1)*c.width], v))*c.scale[p])
	}
	return most * scale
}

// inBytes rounds a vector to bytes; times scale they are the vector again. Zeros
// fill it up to a multiple of 32.
func inBytes(v []float32) (b []int8, scale float32) {
	var most float32
	for _, x := range v {
		most = max(most, abs32(x))
	}
	scale = max(most, 1e-9) / 127
	b = make([]int8, (len(v)+31)/32*32)
	for i, x := range v {
		b[i] = int8(math.RoundToEven(float64(x / scale)))
	}
	return b, scale
}
