package nlu

import "math"

// packed is a matrix of small numbers, a byte each, of which rows are added up
// eight columns at a time.
type packed struct {
	rows, cols int // cols is a multiple of eight
	scale      []float32
	data       []uint64 // by row: a number is its byte, less 128, times its column's scale
}

// pack rounds a matrix to bytes, column by column. at gives its numbers.
func pack(rows, cols int, at func(row, col int) float32) packed {
	p := packed{rows: rows, cols: (cols + 7) / 8 * 8}
	p.scale = make([]float32, p.cols)
	p.data = make([]uint64, rows*p.cols/8)
	for c := range cols {
		var most float32
		for r := range rows {
			most = max(most, abs32(at(r, c)))
		}
		if most == 0 {
			most = 1
		}
		p.scale[c] = most / 127
	}
	for r := range rows {
		for c := range p.cols {
			v := uint64(128)
			if c < cols {
				v = uint64(128 + int(math.RoundToEven(float64(at(r, c)/p.scale[c]))))
			}
			p.data[(r*p.cols+c)/8] |= v << (c % 8 * 8)
		}
	}
	return p
}

// sum adds up rows and multiplies by weight; out has cols numbers, to which it
// adds.
func (p *packed) sum(rows []int32, weight float32, out []float32) {
	const (
		most = 256 // rows that fit sixteen bits
		mask = 0x00FF00FF00FF00FF
	)
	n := p.cols / 8
	lanes := make([]uint64, 2*n)
	for len(rows) > 0 {
		part := rows[:min(most, len(rows))]
		rows = rows[len(part):]
		clear(lanes)
		even, odd := lanes[:n], lanes[n:2*n]
		for _, r := range part {
			row := p.data[int(r)*n : int(r)*n+n]
			for i, x := range row {
				even[i] += x & mask
				odd[i] += x >> 8 & mask
			}
		}
		zero := float32(128 * len(part))
		for i := range n {
			e, o := even[i], odd[i]
			to, scale := out[8*i:8*i+8:8*i+8], p.scale[8*i:8*i+8:8*i+8]
			for k := range 4 {
				to[2*k] += weight * scale[2*k] * (float32(e>>(16*k)&0xFFFF) - zero)
				to[2*k+1] += weight * scale[2*k+1] * (float32(o>>(16*k)&0xFFFF) - zero)
			}
		}
	}
}

func abs32(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }
