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
