package wordvec

// Dot is the sum of w[i]*x[i], by the processor's own instructions where it has
// them. x is at least as long as w, and the sum has to fit 32 bits.
func Dot(w []int8, x []int16) int32 { return dot(w, x) }
