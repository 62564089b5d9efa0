package lanes

import "golang.org/x/sys/cpu"

// Add adds v times from to to; from is at least as long.
func Add(to, from []float32, v float32) {
	n := len(to) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		addPlain(to, from, v)
		return
	}
	from = from[:len(to)]
	addAVX2(&to[0], &from[0], n, v)
	for i := n; i < len(to); i++ {
		to[i] += v * from[i]
	}
}

// Dot is the sum of a[i]*b[i]; b is at least as long as a.
func Dot(a, b []float32) float32 {
	n := len(a) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		return dotPlain(a, b)
	}
	b = b[:len(a)]
	sum := dotAVX2(&a[0], &b[0], n)
	for i := n; i < len(a); i++ {
		sum += a[i] * b[i]
	}
	return sum
}

// Bytes is the sum of a[i]*b[i]; b is at least as long as a, and neither is longer
// than 100,000.
func Bytes(a, b []int8) int32 {
	n := len(a) &^ 31
	if n == 0 || !cpu.X86.HasAVX2 {
		return bytesPlain(a, b)
	}
	b = b[:len(a)]
	return bytesAVX2(&a[0], &b[0], n) + bytesPlain(a[n:], b[n:])
}

// bytesAVX2 does n, a multiple of 32.
//
//go:noescape
func bytesAVX2(a, b *int8, n int) int32

// addAVX2 does n, a multiple of 8.
//
//go:noescape
func addAVX2(to, from *float32, n int, v float32)

// dotAVX2 does n, a multiple of 8.
//
//go:noescape
func dotAVX2(a, b *float32, n int) float32
