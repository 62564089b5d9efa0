//go:build !amd64

package wordvec

// dot is the sum of w[i]*x[i]; x is at least as long as w.
func dot(w []int8, x []int16) int32 { return dotPlain(w, x) }
