// Package lanes adds and multiplies rows of numbers, eight at a time where the
// processor can (AVX2), one by one elsewhere.
package lanes

// addPlain is Add without lanes.
func addPlain(to, from []float32, v float32) {
	from = from[:len(to)]
	for i := range to {
		to[i] += v * from[i]
	}
}

// dotPlain is Dot without lanes.
func dotPlain(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// bytesPlain is Bytes without lanes.
func bytesPlain(a, b []int8) int32 {
	b = b[:len(a)]
	var sum int32
	for i, v := range a {
		sum += int32(v) * int32(b[i])
	}
	return sum
}
