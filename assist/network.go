package assist

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// network has one hidden layer. Its first layer's rows belong to features, so
// that only those that are there are touched.
type network struct {
	in      []float32 // hidden per feature
	bias    []float32
	out     []float32 // hidden per class
	outBias []float32
	random  *rand.Rand
}

func newNetwork(features, classes int, seed uint64) *network {
	n := &network{random: rand.New(rand.NewPCG(seed, 0x70617263)),
		in: make([]float32, features*hidden), bias: make([]float32, hidden), out: make([]float32, classes*hidden), outBias: make([]float32, classes)}
	for i := range n.in {
		n.in[i] = float32(n.random.NormFloat64()) * 0.08
	}
	for i := range n.out {
		n.out[i] = float32(n.random.NormFloat64()) * 0.08
	}
	return n
}

// scores are those of each class, before softmax.
func (n *network) scores(in sparse) []float32 {
	h := make([]float32, hidden)
	n.layer(in, h)
	z := make([]float32, len(n.outBias))
	n.top(h, z)
	return z
}

func (n *network) layer(in sparse, h []float32) {
	copy(h, n.bias)
	for k, f := range in.at {
		row, v := n.in[int(f)*hidden:][:hidden], in.value[k]
		for j := range row {
			h[j] += v * row[j]
		}
	}
	for j := range h {
		h[j] = max(h[j], 0)
	}
}

func (n *network) top(h, z []float32) {
	for c := range z {
		row, sum := n.out[c*hidden:][:hidden], n.outBias[c]
		for j := range row {
			sum += row[j] * h[j]
		}
		z[c] = sum
	}
}

// train goes over the examples several times, in another order each, by Adagrad.
func (n *network) train(ctx context.Context, list []example, inputs []sparse, leave func(example) bool) error {
	var order []int
	for i, e := range list {
		if !leave(e) {
			order = append(order, i)
		}
	}
	gIn, gBias := make([]float32, len(n.in)/hidden), make([]float32, hidden)
	gOut, gOutBias := make([]float32, len(n.outBias)), make([]float32, len(n.outBias))
	h, dh, z := make([]float32, hidden), make([]float32, hidden), make([]float32, len(n.outBias))
	var in sparse
	epochs := min(max(steps/max(len(order), 1), leastEpochs), mostEpochs)
	for epoch := range epochs {
		n.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		lr := float32(rate * (1 - 0.9*float64(epoch)/float64(epochs)))
		for step, i := range order {
			if step%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			in.at, in.value = in.at[:0], in.value[:0]
			for k, f := range inputs[i].at {
				if n.random.Float32() >= dropped {
					in.at, in.value = append(in.at, f), append(in.value, inputs[i].value[k]/(1-dropped))
				}
			}
			n.layer(in, h)
			n.top(h, z)
			slopes(z, list[i].class, list[i].weight)
			clear(dh)
			hh := mean2(h)
			for c, g := range z {
				if g < 1e-4 && g > -1e-4 {
					continue
				}
				row := n.out[c*hidden:][:hidden]
				gOut[c] += g * g * hh
				pace := lr * g / (sqrt(gOut[c]) + 1e-6)
				for j, x := range h {
					dh[j] += g * row[j]
					row[j] -= pace * x
				}
				gOutBias[c] += g * g
				n.outBias[c] -= lr * g / (sqrt(gOutBias[c]) + 1e-6)
			}
			for j := range dh {
				if h[j] <= 0 {
					dh[j] = 0
					continue
				}
				gBias[j] += dh[j] * dh[j]
				n.bias[j] -= lr * dh[j] / (sqrt(gBias[j]) + 1e-6)
			}
			dd := mean2(dh)
			for k, f := range in.at {
				row, v := n.in[int(f)*hidden:][:hidden], in.value[k]
				gIn[f] += v * v * dd
				pace := lr * v / (sqrt(gIn[f]) + 1e-6)
				for j, d := range dh {
					row[j] -= pace * d
				}
			}
		}
	}
	return nil
}

// slopes turns scores into what the loss changes by.
func slopes(z []float32, class int, weight float32) {
	top, sum := slices.Max(z), float32(0)
	for c := range z {
		z[c] = float32(math.Exp(float64(z[c] - top)))
		sum += z[c]
	}
	for c := range z {
		z[c] = weight * z[c] / sum
	}
	z[class] -= weight
}

// mean2 is the mean square.
func mean2(v []float32) float32 {
	sum := float32(0)
	for _, x := range v {
		sum += x * x
	}
	return sum / float32(len(v))
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
