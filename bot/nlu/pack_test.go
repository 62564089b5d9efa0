package nlu

import "testing"

func TestPacked_SumsAsTheNumbersDo(t *testing.T) {
	const rows, cols = 600, 11
	at := func(r, c int) float32 { return float32((r*7+c*13)%41-20) / 10 }
	p := pack(rows, cols, at)
	out := make([]float32, p.cols)
	var all []int32
	var want [cols]float32
	for r := range rows {
		all = append(all, int32(r))
		for c := range cols {
			want[c] += at(r, c) / 2
		}
	}
	p.sum(all, 0.5, out)
	for c, w := range want {
		if abs32(out[c]-w) > 3 {
			t.Errorf("column %d: got %f, want about %f", c, out[c], w)
		}
	}
}
