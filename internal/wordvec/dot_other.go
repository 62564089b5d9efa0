//go:build !amd64

package wordvec

// dot is the sum of w[i]*x[i]; x is at least as long as w.
func dot(w []int8, x []int16) int32 { return dotPlain(w, x) }

// dot4 is dot for four rows of x, which begin stride numbers apart.
func dot4(w []int8, x []int16, stride int) (out [4]int32) {
	for t := range out {
		out[t] = dotPlain(w, x[t*stride:])
	}
	return out
}

// toWhole writes k times x, rounded.
func toWhole(whole []int16, x []float32, k float32) { toWholePlain(whole, x, k) }
