package kb

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parleyhq/parley/desk"
)

func randomVector(r *rand.Rand, near []float32, noise float64) []float32 {
	v := make([]float32, 96)
	for i := range v {
		v[i] = float32(r.NormFloat64() * noise)
		if near != nil {
			v[i] += near[i]
		}
	}
	return v
}

// Above a size the signs choose what is compared. They find nearly all that
// comparing everything finds, through adding and removing.
func TestVectors_SignsFindWhatComparingFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	exact, rough := newVectors(), newVectors()
	rough.exact = 2000
	var centres [][]float32
	for range 200 {
		centres = append(centres, randomVector(r, nil, 1))
	}
	for i := range 6000 {
		v := randomVector(r, centres[i%len(centres)], 0.4)
		o := owner{desk.English, uint32(i)}
		a, b := exact.add(v, o), rough.add(v, o)
		if i%3 == 0 {
			exact.remove(a)
			rough.remove(b)
		}
	}
	if rough.codes == nil || exact.codes != nil || exact.live != 4000 || rough.live != 4000 {
		t.Fatalf("live %d and %d, codes %v and %v", exact.live, rough.live, exact.codes != nil, rough.codes != nil)
	}
	keep := func(o owner) bool { return o.no%2 == 0 }
	same, all := 0, 0
	for range 50 {
		q := randomVector(r, centres[r.IntN(len(centres))], 0.4)
		want := map[uint32]bool{}
		for _, n := range exact.nearest(newProbe(q), 10, keep) {
			want[exact.owners[n.slot].no] = true
		}
		for _, n := range rough.nearest(newProbe(q), 10, keep) {
			o := rough.owners[n.slot]
			if !keep(o) || !rough.used[n.slot] || o.no%3 == 0 && n.slot == o.no {
				t.Errorf("found what is filtered or gone: %+v", o)
			}
			all++
			if want[o.no] {
				same++
			}
		}
	}
	if all != 500 || float64(same) < 0.95*float64(all) {
		t.Errorf("%d of %d are what comparing finds", same, all)
	}
}

func TestVectors_OthersAreNotTaken(t *testing.T) {
	v := newVectors()
	if v.add([]float32{1, 0}, owner{}) == noSlot {
		t.Fatal("the first is taken")
	}
	for _, bad := range [][]float32{{0, 0}, {1, 0, 0}, {}} {
		if slot := v.add(bad, owner{}); slot != noSlot {
			t.Errorf("%v was taken", bad)
		}
		if got := v.nearest(newProbe(bad), 3, func(owner) bool { return true }); got != nil {
			t.Errorf("%v found %v", bad, got)
		}
	}
	v.remove(noSlot)
	if got := v.nearest(newProbe([]float32{2, 0}), 3, func(owner) bool { return true }); len(got) != 1 || got[0].sim < 0.999 {
		t.Errorf("got %v", got)
	}
}

// Eight bits a number keep the cosines of long vectors to a thousandth, also where one number is
// much larger than the rest, whatever the length.
func TestVectors_CosinesAreRightToAThousandth(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, dim := range []int{3, 96, 384, 768, 16000} {
		v := newVectors()
		for range 50 {
			a, b := make([]float32, dim), make([]float32, dim)
			for i := range a {
				a[i] = float32(r.NormFloat64())
				b[i] = a[i] + float32(r.NormFloat64())
			}
			a[0] *= 3
			ua, _ := normalise(a)
			ub, _ := normalise(b)
			want := float32(0)
			for i := range ua {
				want += ua[i] * ub[i]
			}
			slot := v.add(a, owner{})
			tolerance := 0.001
			if dim < 100 {
				tolerance = 0.005 // few errors do not cancel out
			}
			if got := v.cosine(newProbe(b), slot); math.Abs(float64(got-want)) > tolerance {
				t.Errorf("%d numbers: cosine %v, want %v", dim, got, want)
			}
		}
	}
}
