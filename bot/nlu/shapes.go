package nlu

const (
	maxShapes = 6000 // examples that are kept as a net sees them
	minShapes = 3000 // examples below which none are: the nets of their folds know too little to tell what is alike
)

// shapes keeps examples as the layer between of a net has them.
type shapes struct{ cloud }

func (n *net) shapes(examples []example) shapes {
	vs := make([]placed, 0, len(examples))
	for _, e := range examples {
		if h := n.inner(e.row); lengthOne(h) {
			vs = append(vs, placed{at: h, class: e.class})
		}
	}
	return shapes{cloudOf(vs, n.classes, maxShapes)}
}

// alike tells how like the nearest example of a class is to what the layer
// between made of a text, zero to one.
func (s shapes) alike(inner []float32) func(class int) float64 {
	v := append([]float32(nil), inner...)
	if len(s.points) == 0 || !lengthOne(v) {
		return func(int) float64 { return 0.5 } // says nothing
	}
	b, scale := inBytes(v)
	return func(class int) float64 { return float64(s.nearest(class, b, scale)) }
}

func noShapes(classes int) shapes { return shapes{cloud{from: make([]int32, classes+1)}} }
