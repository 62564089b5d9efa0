package wordvec

import "golang.org/x/sys/cpu"

// dot is the sum of w[i]*x[i]; x is at least as long as w.
func dot(w []int8, x []int16) int32 {
	n := len(w) &^ 31
	if n == 0 || !cpu.X86.HasAVX2 {
		return dotPlain(w, x)
	}
	_ = x[len(w)-1]
	return dotAVX2(&w[0], &x[0], n) + dotPlain(w[n:], x[n:])
}

// dotAVX2 does n, a multiple of 32.
//
//go:noescape
func dotAVX2(w *int8, x *int16, n int) int32

// dot4 is dot for four rows of x, which begin stride numbers apart.
func dot4(w []int8, x []int16, stride int) (out [4]int32) {
	n := len(w) &^ 31
	if n > 0 && cpu.X86.HasAVX2 {
		_ = x[3*stride+len(w)-1]
		dot4AVX2(&out, &w[0], &x[0], stride, n)
		w = w[n:]
	} else {
		n = 0
	}
	for t := range out {
		out[t] += dotPlain(w, x[t*stride+n:])
	}
	return out
}

// dot4AVX2 does n, a multiple of 32.
//
//go:noescape
func dot4AVX2(out *[4]int32, w *int8, x *int16, stride, n int)

// toWhole writes k times x, rounded.
func toWhole(whole []int16, x []float32, k float32) {
	n := len(x) &^ 15
	if n > 0 && cpu.X86.HasAVX2 {
		_ = whole[len(x)-1]
		wholeAVX2(&whole[0], &x[0], n, k)
		whole, x = whole[n:], x[n:]
	}
	toWholePlain(whole, x, k)
}

// wholeAVX2 does n, a multiple of 16.
//
//go:noescape
func wholeAVX2(whole *int16, x *float32, n int, k float32)
