package kb

import (
	"math"
	"math/bits"
	"slices"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/wordvec"
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

// vectors is a set of unit vectors of one length, each number in eight bits: a
// quarter of the memory, and cosines right to about a thousandth. Those of
// another length are not taken: two models do not mix.
type vectors struct {
	dim    int
	data   []int8
	scales []float32 // by slot: what its numbers are multiplied by
	codes  []uint64  // signs, words per vector; only kept above exactVectors
	owners []owner
	used   []bool
	free   []uint32
	live   int
	exact  int // exactVectors, or less in a test
	usual  usual
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
		v.owners, v.used, v.scales = append(v.owners, owner{}), append(v.used, false), append(v.scales, 0)
		v.data = slices.Grow(v.data, v.dim)[:len(v.data)+v.dim]
		if v.codes != nil {
			v.codes = append(v.codes, make([]uint64, v.words())...)
		}
	}
	v.scales[slot] = bytesOf(unit, v.at(slot))
	v.owners[slot], v.used[slot] = o, true
	v.live++
	if v.codes != nil {
		signs(v.at(slot), v.codes[int(slot)*v.words():])
	} else if v.live > v.exact {
		v.encode()
	}
	if v.live >= max(fewVectors, v.usual.of*5/4) {
		v.measure()
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

func (v *vectors) at(slot uint32) []int8 { return v.data[int(slot)*v.dim:][:v.dim] }

func (v *vectors) words() int { return (v.dim + 63) / 64 }

func (v *vectors) encode() {
	v.codes = make([]uint64, len(v.owners)*v.words())
	for i := range v.owners {
		signs(v.at(uint32(i)), v.codes[i*v.words():])
	}
}

// cosine compares a vector with what is looked for, which has its length. It is
// set right by what is usual among the vectors.
func (v *vectors) cosine(p *probe, slot uint32) float32 {
	return v.usual.right(float32(wordvec.Dot(v.at(slot), p.whole)) * v.scales[slot] * p.step)
}

// nearest gives the k vectors most like p among those that keep lets through,
// best first.
func (v *vectors) nearest(p *probe, k int, keep func(owner) bool) []near {
	if p == nil || len(p.whole) != v.dim || v.live == 0 {
		return nil
	}
	best := top{k: k}
	if v.codes == nil {
		for i, o := range v.owners {
			if v.used[i] && keep(o) {
				best.offer(near{uint32(i), v.cosine(p, uint32(i))})
			}
		}
		return best.sorted()
	}
	for _, slot := range v.rough(p, max(rescored, v.live/50, k), keep) {
		best.offer(near{slot, v.cosine(p, slot)})
	}
	return best.sorted()
}

// rough gives n vectors, or a few more, whose signs are most like p's.
func (v *vectors) rough(p *probe, n int, keep func(owner) bool) []uint32 {
	far := make([]uint16, len(v.owners)) // signs that differ, and one; 0: left out
	many := make([]int, v.dim+2)
	w := v.words()
	for i, o := range v.owners {
		if !v.used[i] || !keep(o) {
			continue
		}
		d := 1
		for j, c := range v.codes[i*w : (i+1)*w] {
			d += bits.OnesCount64(c ^ p.signs[j])
		}
		far[i] = uint16(d)
		many[d]++
	}
	most, sum := 1, 0
	for ; most < len(many)-1; most++ {
		if sum += many[most]; sum >= n {
			break
		}
	}
	out := make([]uint32, 0, n+many[most])
	for i, d := range far {
		if d > 0 && int(d) <= most {
			out = append(out, uint32(i))
		}
	}
	return out
}

// probe is a vector to be compared with others.
type probe struct {
	whole []int16
	step  float32 // that times whole has the length one
	signs []uint64
}

// newProbe reads a vector; nil when it is nothing, or has no direction.
func newProbe(vec []float32) *probe {
	unit, ok := normalise(vec)
	if !ok {
		return nil
	}
	var most float32
	for _, f := range unit {
		most = max(most, f, -f)
	}
	finest := min(8000, float32(math.MaxInt32/(128*len(unit)))) // the sum fits 32 bits
	p := &probe{make([]int16, len(unit)), most / finest, make([]uint64, (len(unit)+63)/64)}
	for i, f := range unit {
		p.whole[i] = int16(math.Round(float64(f / p.step)))
	}
	signs(p.whole, p.signs)
	return p
}

// bytesOf writes a unit vector as bytes and says what they are multiplied by to
// have the length one again.
func bytesOf(unit []float32, into []int8) float32 {
	var most float32
	for _, f := range unit {
		most = max(most, f, -f)
	}
	sum := 0
	for i, f := range unit {
		b := int(math.Round(float64(f / most * 127)))
		into[i] = int8(b)
		sum += b * b
	}
	return float32(1 / math.Sqrt(float64(sum)))
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

func signs[T int8 | int16](v []T, into []uint64) {
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
