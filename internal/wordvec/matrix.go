package wordvec

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
		for t := range n {
			out[t*m.out+o] = float32(dot(row, whole[t*m.in:][:m.in]))*scale*unit[t] + bias
		}
	}
}

// round brings x to whole numbers up to finest; they times the answer are x.
func round(whole []int16, x []float32) float32 {
	var most float32
	for _, v := range x {
		most = max(most, v, -v)
	}
	if most == 0 {
		clear(whole)
		return 0
	}
	k := finest / most
	for i, v := range x {
		v *= k
		if v < 0 {
			v--
		}
		whole[i] = int16(v + 0.5)
	}
	return most / finest
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
