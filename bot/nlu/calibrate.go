package nlu

import (
	"math"
	"slices"
)

// opinion is what the parts of a model say of a text, class by class.
type opinion struct {
	net    []float32               // chances
	svm    []float32               // how far inside the class; 1 is far
	energy float64                 // log of the sum of the net's exponentials: how much speaks for any class
	vec    []float32               // what the centres say; nil without a vector
	centre []float32               // how like the centre
	near   []float32               // how like the nearest vector
	alike  func(class int) float64 // how like, to the net, the nearest example
}

// meant adds what the centres say of a text's vector.
func (o *opinion) meant(c *centres, v []float32) {
	o.vec = c.scores(v)
	o.centre, o.near = c.likeness(v, o.vec)
}

func opinionOf(net, svm []float32) opinion {
	o := opinion{net: net, svm: svm, energy: energyOf(net)}
	softmax(o.net)
	return o
}

func energyOf(scores []float32) float64 {
	top := slices.Max(scores)
	sum := 0.0
	for _, v := range scores {
		sum += math.Exp(float64(v - top))
	}
	return float64(top) + math.Log(sum)
}

// calibration turns an opinion into chances.
type calibration struct {
	net    float64            // weight of the net; the rest is the linear part's
	heat   float64            // of the softmax over the linear part's scores
	words  float64            // how much of both is kept beside the centres; 0 where they are not asked
	warmth float64            // weight of the centres' scores
	right  [signCount]float64 // weights of the signs that the best class is right
	inside [signCount]float64 // and that the text belongs to any class
}

func (c *calibration) numbers() []float64 {
	out := []float64{c.net, c.heat, c.words, c.warmth}
	return append(append(out, c.right[:]...), c.inside[:]...)
}

func (c *calibration) set(v []float64) {
	c.net, c.heat, c.words, c.warmth = v[0], v[1], v[2], v[3]
	copy(c.right[:], v[4:])
	copy(c.inside[:], v[4+signCount:])
}

// mix gives the chances of the classes: the mean of nets and linear part, times
// what the centres say.
func (c *calibration) mix(o opinion) []float64 {
	out := make([]float64, len(o.svm))
	c.share(out, o.svm, c.heat, 1-c.net)
	for i, p := range o.net {
		out[i] += c.net * float64(p)
	}
	if c.words == 0 || o.vec == nil {
		return out
	}
	both := make([]float32, len(out))
	for i, p := range out {
		both[i] = float32(c.words*math.Log(p+1e-4) + c.warmth*float64(o.vec[i]))
	}
	clear(out)
	c.share(out, both, 1, 1)
	return out
}

// share adds the softmax of the scores, times weight.
func (c *calibration) share(out []float64, scores []float32, heat, weight float64) {
	top := float64(slices.Max(scores))
	p, sum := make([]float64, len(scores)), 0.0
	for i, s := range scores {
		p[i] = math.Exp(heat * (float64(s) - top))
		sum += p[i]
	}
	for i, v := range p {
		out[i] += weight * v / sum
	}
}

// verdict is what a calibration makes of an opinion.
type verdict struct {
	share         []float64 // by class
	top           int       // of the ranked classes
	signs         signs
	right, inside float64
}

// judge weighs an opinion of a text. The first classes are ranked.
func (c *calibration) judge(o opinion, ranked int, p spoken) verdict {
	if c.words == 0 {
		o.vec = nil
	}
	v := verdict{share: c.mix(o)}
	v.top = argmax(v.share[:ranked])
	v.signs = read(o, v.share, v.top, p.known, p.own(v.top), p.length)
	v.right, v.inside = v.signs.chance(c.right), v.signs.chance(c.inside)
	return v
}

// spoken is how much of a text the training has spoken of.
type spoken struct {
	known  float64                 // by any class that is ranked
	own    func(class int) float64 // by a class
	length int                     // in pieces
}

func argmax(v []float64) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}
