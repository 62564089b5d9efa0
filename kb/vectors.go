package kb

import (
	"math"
	"math/bits"
	"slices"

	"github.com/parleyhq/parley/desk"
)

// owner says whose text a vector stands for.
type owner struct {
	lang desk.Lang
	no   uint32
}

// near is a vector found; sim is the cosine.
type near struct {
	slot uint32
	sim  float32
}

// Up to exactVectors every vector is compared; above, the signs of the numbers
// choose the ones that are.
const (
	exactVectors = 50_000
	rescored     = 1000 // at least, and one in fifty
)

// vectors is a set of unit vectors of one length. Those of another length are
// not taken: two models do not mix.
type vectors struct {
	dim    int
	data   []float32
	codes  []uint64 // signs, words per vector; only kept above exactVectors
	owners []owner
	used   []bool
	free   []uint32
	live   int
	exact  int // exactVectors, or less in a test
}

func newVectors() *vectors { return &vectors{exact: exactVectors} }

const noSlot = math.MaxUint32

// add takes a vector in and returns its slot; noSlot when it does not fit.
func (v *vectors) add(vec []float32, o owner) uint32 {
	if v.live == 0 && len(vec) != v.dim {
		*v = vectors{dim: len(vec), exact: v.exact}
	}
	unit, ok := normalise(vec)
	if !ok || len(vec) != v.dim {
		return noSlot
	}
	slot := take(&v.free, len(v.owners))
	if int(slot) == len(v.owners) {
		v.owners, v.used = append(v.owners, owner{}), append(v.used, false)
		v.data = append(v.data, unit...)
		if v.codes != nil {
			v.codes = append(v.codes, make([]uint64, v.words())...)
		}
	} else {
		copy(v.data[int(slot)*v.dim:], unit)
	}
	v.owners[slot], v.used[slot] = o, true
	v.live++
	if v.codes != nil {
		signs(unit, v.codes[int(slot)*v.words():])
	} else if v.live > v.exact {
		v.encode()
	}
	return slot
}

func (v *vectors) remove(slot uint32) {
	if slot == noSlot {
		return
	}
	v.used[slot] = false
	v.free = append(v.free, slot)
	v.live--
}

func (v *vectors) at(slot uint32) []float32 { return v.data[int(slot)*v.dim:][:v.dim] }

func (v *vectors) words() int { return (v.dim + 63) / 64 }

func (v *vectors) encode() {
	v.codes = make([]uint64, len(v.owners)*v.words())
	for i := range v.owners {
		signs(v.data[i*v.dim:(i+1)*v.dim], v.codes[i*v.words():])
	}
}

// nearest gives the k vectors most like query among those that keep lets
// through, best first.
func (v *vectors) nearest(query []float32, k int, keep func(owner) bool) []near {
	unit, ok := normalise(query)
	if !ok || len(query) != v.dim || v.live == 0 {
		return nil
	}
	if v.codes == nil {
		best := top{k: k}
		for i, o := range v.owners {
			if v.used[i] && keep(o) {
				best.offer(near{uint32(i), dot(unit, v.data[i*v.dim:(i+1)*v.dim])})
			}
		}
		return best.sorted()
	}
	n := max(rescored, v.live/50, k)
	code := make([]uint64, v.words())
	signs(unit, code)
	rough := top{k: n}
	w := v.words()
	for i, o := range v.owners {
		if !v.used[i] || !keep(o) {
			continue
		}
		d := 0
		for j, c := range v.codes[i*w : (i+1)*w] {
			d += bits.OnesCount64(c ^ code[j])
		}
		rough.offer(near{uint32(i), -float32(d)})
	}
	best := top{k: k}
	for _, c := range rough.list {
		best.offer(near{c.slot, dot(unit, v.data[int(c.slot)*v.dim:(int(c.slot)+1)*v.dim])})
	}
	return best.sorted()
}

// top keeps the k best of what it is offered, as a heap with the worst first.
type top struct {
	k    int
	list []near
}

func (t *top) offer(c near) {
	if len(t.list) < t.k {
		t.list = append(t.list, c)
		for i := len(t.list) - 1; i > 0 && t.list[i].sim < t.list[(i-1)/2].sim; i = (i - 1) / 2 {
			t.list[i], t.list[(i-1)/2] = t.list[(i-1)/2], t.list[i]
		}
		return
	}
	if t.k == 0 || c.sim <= t.list[0].sim {
		return
	}
	t.list[0] = c
	for i := 0; ; {
		least := i
		for _, j := range [2]int{2*i + 1, 2*i + 2} {
			if j < len(t.list) && t.list[j].sim < t.list[least].sim {
				least = j
			}
		}
		if least == i {
			return
		}
		t.list[i], t.list[least] = t.list[least], t.list[i]
		i = least
	}
}

func (t *top) sorted() []near {
	slices.SortFunc(t.list, func(a, b near) int {
		switch {
		case a.sim > b.sim:
			return -1
		case a.sim < b.sim:
			return 1
		}
		return int(a.slot) - int(b.slot)
	})
	return t.list
}

// dot multiplies in four lanes, which the processor can do side by side.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// normalise gives v with length one; not ok for nothing, or not a number.
func normalise(v []float32) ([]float32, bool) {
	var sum float64
	for _, f := range v {
		sum += float64(f) * float64(f)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, false
	}
	out := make([]float32, len(v))
	scale := float32(1 / math.Sqrt(sum))
	for i, f := range v {
		out[i] = f * scale
	}
	return out, true
}

func signs(v []float32, into []uint64) {
	var word uint64
	for i, f := range v {
		if f > 0 {
			word |= 1 << (i % 64)
		}
		if i%64 == 63 {
			into[i/64] = word
			word = 0
		}
	}
	if len(v)%64 != 0 {
		into[len(v)/64] = word
	}
}
