//go:build !amd64

package lanes

// Add adds v times from to to; from is at least as long.
func Add(to, from []float32, v float32) { addPlain(to, from, v) }

// Dot is the sum of a[i]*b[i]; b is at least as long as a.
func Dot(a, b []float32) float32 { return dotPlain(a, b) }

// Bytes is the sum of a[i]*b[i]; b is at least as long as a, and neither is longer
// than 100,000.
func Bytes(a, b []int8) int32 { return bytesPlain(a, b) }
