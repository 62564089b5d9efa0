package nlu

import "math"

// chain is what a Tagger knows of labels that follow each other. Labels that may
// not have a chance of 0 to follow.
type chain struct {
	n      int       // labels
	starts []float32 // by label
	moves  []float32 // by label, then the label after it
	jumps  []float32 // exp of moves
	behind []float32 // jumps by label, then the label before it
}

func newChain(n int) chain {
	c := chain{n: n, starts: make([]float32, n), moves: make([]float32, n*n), jumps: make([]float32, n*n), behind: make([]float32, n*n)}
	c.refresh()
	return c
}

// refresh computes jumps and behind from moves.
func (c *chain) refresh() {
	for x := range c.n {
		for y := range c.n {
			c.moved(x, y)
		}
	}
}

func (c *chain) moved(x, y int) {
	if mayFollow(x, y) {
		c.jumps[x*c.n+y] = exp32(c.moves[x*c.n+y])
		c.behind[y*c.n+x] = c.jumps[x*c.n+y]
	}
}

// lattice is the scores of every label at every token of one text, and what is
// computed from them. Chances are kept scaled, so that they do not vanish.
type lattice struct {
	chain
	nodes []float32 // by token, then label

	own   []float32 // exp of nodes, each token's scaled by its largest
	alpha []float32 // chances of what is before and at a token; each token's sum to 1
	beta  []float32 // alpha times beta is the chance of a label at a token
	scale []float32 // what each token's alpha was divided by
	after []float32
}

func (l *lattice) steps() int { return len(l.nodes) / l.n }

// best is the likeliest labels.
func (l *lattice) best() []uint16 {
	n, steps := l.n, l.steps()
	score, next := make([]float32, n), make([]float32, n)
	back := make([]uint16, steps*n)
	for y := range n {
		if score[y] = l.nodes[y] + l.starts[y]; isInside(y) {
			score[y] = float32(math.Inf(-1))
		}
	}
	for t := 1; t < steps; t++ {
		from := back[t*n : (t+1)*n]
		for y := range next {
			next[y] = float32(math.Inf(-1))
		}
		for x, s := range score {
			row := l.moves[x*n : (x+1)*n]
			if v := s + row[outside]; v > next[outside] {
				next[outside], from[outside] = v, uint16(x)
			}
			for y := 1; y < n; y += 2 { // where a value begins
				if v := s + row[y]; v > next[y] {
					next[y], from[y] = v, uint16(x)
				}
			}
		}
		for y := 2; y < n; y += 2 { // where it goes on
			next[y], from[y] = score[y]+l.moves[y*n+y], uint16(y)
			if v := score[y-1] + l.moves[(y-1)*n+y]; v > next[y] {
				next[y], from[y] = v, uint16(y-1)
			}
		}
		for y, v := range l.nodes[t*n : (t+1)*n] {
			next[y] += v
		}
		score, next = next, score
	}
	top := 0
	for y := range score {
		if score[y] > score[top] {
			top = y
		}
	}
	out := make([]uint16, steps)
	for t := steps - 1; t >= 0; t-- {
		out[t] = uint16(top)
		top = int(back[t*n+top])
	}
	return out
}

// faint is a chance that adds nothing.
const faint = 1e-8

// forward computes own, alpha and scale.
func (l *lattice) forward() {
	n, steps := l.n, l.steps()
	l.own, l.alpha, l.scale = room(l.own, steps*n), room(l.alpha, steps*n), room(l.scale, steps)
	for t := range steps {
		row, own := l.nodes[t*n:(t+1)*n], l.own[t*n:(t+1)*n]
		top := row[0]
		for _, v := range row {
			top = max(top, v)
		}
		a := l.alpha[t*n : (t+1)*n]
		clear(a)
		if t > 0 {
			flow(l.alpha[(t-1)*n:t*n], l.jumps, a)
		}
		sum := float32(0)
		for y, v := range row {
			own[y] = exp32(v - top)
			if t == 0 && !isInside(y) {
				a[y] = exp32(l.starts[y])
			}
			a[y] *= own[y]
			sum += a[y]
		}
		l.scale[t] = sum
		for y := range a {
			a[y] /= sum
		}
	}
}

// backward computes beta, after forward.
func (l *lattice) backward() {
	n, steps := l.n, l.steps()
	l.beta, l.after = room(l.beta, steps*n), room(l.after, n)
	for y := range n {
		l.beta[(steps-1)*n+y] = 1
	}
	for t := steps - 2; t >= 0; t-- {
		for y := range l.after {
			l.after[y] = l.beta[(t+1)*n+y] * l.own[(t+1)*n+y] / l.scale[t+1]
		}
		b := l.beta[t*n : (t+1)*n]
		clear(b)
		flow(l.after, l.behind, b)
	}
}

// flow adds to each of out what from leads to.
func flow(from, jumps, out []float32) {
	n := len(out)
	for x, v := range from {
		if v < faint {
			continue
		}
		for y, j := range jumps[x*n : (x+1)*n] {
			out[y] += v * j
		}
	}
}

// chance is how likely it is that the labels of tokens from to to are those of
// path, and that a value ends there. It needs forward and backward.
func (l *lattice) chance(path []uint16, from, to int) float64 {
	n := l.n
	y := int(path[from])
	p := float64(l.alpha[from*n+y])
	for t := from + 1; t < to; t++ {
		x, z := int(path[t-1]), int(path[t])
		p *= float64(l.jumps[x*n+z]) * float64(l.own[t*n+z]) / float64(l.scale[t])
	}
	if to == l.steps() {
		return min(p, 1)
	}
	y = int(path[to-1])
	inside, rest := goesOn(slotOfLabel(y)), 0.0
	for z := range n {
		if z != inside {
			rest += float64(l.jumps[y*n+z]) * float64(l.own[to*n+z]) * float64(l.beta[to*n+z]) / float64(l.scale[to])
		}
	}
	return min(p*rest, 1)
}

// room is a slice of n, of b if it is long enough.
func room(b []float32, n int) []float32 {
	if cap(b) < n {
		return make([]float32, n)
	}
	return b[:n]
}

func exp32(x float32) float32 { return float32(math.Exp(float64(x))) }
