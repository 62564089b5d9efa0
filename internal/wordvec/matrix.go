package wordvec

import "math"

// matrix is weights of eight bits, a row for each number that comes out.
type matrix struct {
	in, out     int
	rows        []int8
	scale, bias []float32 // of each row
}

// finest is the largest whole number that an input is brought to: 127 (a weight)
// times it, 2048 times over, still fits 32 bits.
const (
	finest = 8000
	widest = 2048
)

// times writes out = x·rows + bias for n rows of x.
func (m *matrix) times(out, x []float32, n int, s *scratch) {
	whole := grow(&s.whole, n*m.in)
	unit := grow(&s.share, n)
	for t := range n {
		unit[t] = round(whole[t*m.in:][:m.in], x[t*m.in:][:m.in])
	}
	for o := range m.out {
		row, scale, bias := m.rows[o*m.in:][:m.in], m.scale[o], m.bias[o]
		t := 0
		for ; t+4 <= n; t += 4 {
			for k, sum := range dot4(row, whole[t*m.in:], m.in) {
				out[(t+k)*m.out+o] = float32(sum)*scale*unit[t+k] + bias
			}
		}
		for ; t < n; t++ {
			out[t*m.out+o] = float32(dot(row, whole[t*m.in:][:m.in]))*scale*unit[t] + bias
		}
	}
}

// round brings x to whole numbers up to finest; they times the answer are x.
func round(whole []int16, x []float32) float32 {
	var bits uint32 // of the largest, without its sign: they are in the same order
	for _, v := range x {
		bits = max(bits, math.Float32bits(v)&^(1<<31))
	}
	most := math.Float32frombits(bits)
	if most == 0 {
		clear(whole)
		return 0
	}
	toWhole(whole, x, finest/most)
	return most / finest
}

// toWholePlain writes k times x, rounded.
func toWholePlain(whole []int16, x []float32, k float32) {
	for i, v := range x {
		half := math.Float32frombits(math.Float32bits(v)&(1<<31) | 0x3F000000)
		whole[i] = int16(float32(k*v) + half)
	}
}

// dotPlain is the sum of w[i]*x[i].
func dotPlain(w []int8, x []int16) int32 {
	x = x[:len(w)]
	var a, b, c, d int32
	i := 0
	for ; i+4 <= len(w); i += 4 {
		a += int32(w[i]) * int32(x[i])
		b += int32(w[i+1]) * int32(x[i+1])
		c += int32(w[i+2]) * int32(x[i+2])
		d += int32(w[i+3]) * int32(x[i+3])
	}
	for ; i < len(w); i++ {
		a += int32(w[i]) * int32(x[i])
	}
	return a + b + c + d
}
