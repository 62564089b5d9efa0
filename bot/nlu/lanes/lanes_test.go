package lanes

import (
	"math"
	"math/rand/v2"
	"testing"
)

func numbers(rng *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

func TestLanes_SayWhatOneByOneSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 131 {
		a, b := numbers(rng, n), numbers(rng, n+3)
		sum := 0.0
		for i, v := range a {
			sum += float64(v) * float64(b[i])
		}
		if got := Dot(a, b); math.Abs(float64(got)-sum) > 1e-4 {
			t.Errorf("%d numbers: the product is %v, want %v", n, got, sum)
		}
		small, other := make([]int8, n), make([]int8, n+2)
		var product int32
		for i := range small {
			small[i], other[i] = int8(rng.IntN(255)-127), int8(rng.IntN(255)-127)
			product += int32(small[i]) * int32(other[i])
		}
		if got := Bytes(small, other); got != product {
			t.Errorf("%d bytes: the product is %d, want %d", n, got, product)
		}
		to, v := numbers(rng, n+1), float32(rng.NormFloat64())
		want := append([]float32(nil), to...)
		for i := range a {
			want[i] += v * a[i]
		}
		Add(to[:n], a, v)
		for i := range to {
			if math.Abs(float64(to[i]-want[i])) > 1e-5 {
				t.Errorf("%d numbers: number %d is %v, want %v", n, i, to[i], want[i])
			}
		}
	}
}

func BenchmarkAdd128(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	to, from := numbers(rng, 128), numbers(rng, 128)
	for b.Loop() {
		Add(to, from, 1e-6)
	}
}

func BenchmarkDot128(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := numbers(rng, 128), numbers(rng, 128)
	for b.Loop() {
		Dot(x, y)
	}
}
