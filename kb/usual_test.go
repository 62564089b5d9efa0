package kb

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
)

// otherScale is a model whose cosines are all above 0.6: to each vector it adds a
// direction that all share.
type otherScale struct{}

func (otherScale) Model() string { return "other scale" }

func (otherScale) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out, err := BuiltIn{}.Embed(ctx, texts)
	for i, v := range out {
		if unit, ok := normalise(v); ok {
			out[i] = append(unit, 1.4)
		}
	}
	return out, err
}

// Confidence is the same probability whatever the scale of the vectors: nearly as
// much that is right is answered, and as little of what nothing answers.
func TestConfidence_HoldsForVectorsOfAnotherScale(t *testing.T) {
	said := map[string][2]float64{}
	for _, e := range []Embedder{BuiltIn{}, otherScale{}} {
		x := coffeeIndex(t)
		for _, id := range x.IDs() {
			a := x.entry(id).article
			vecs, err := e.Embed(context.Background(), Texts(a))
			if err != nil {
				t.Fatal(err)
			}
			x.Put(a, vecs)
		}
		l := &Library{Index: x, Embedder: e, Now: time.Now}
		var yes, no, right, wrong float64
		for _, a := range labelled(t, "en") {
			answer, ok, err := l.Answer(context.Background(), a.question)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.relevant) == 0 {
				no++
				wrong += float64(one(ok))
				continue
			}
			yes++
			right += float64(one(ok && answer.Source.Slug == a.relevant[0]))
		}
		said[e.Model()] = [2]float64{right / yes, wrong / no}
		if u := x.vectors.usual; e == (otherScale{}) && u.stretchedBy == 0 {
			t.Error("the scale was not noticed")
		} else if e == (BuiltIn{}) && u.stretchedBy != 0 && u.stretchedBy < 0.8 {
			t.Errorf("the built-in vectors were set right by much: %+v", u)
		}
	}
	a, b := said[BuiltIn{}.Model()], said[otherScale{}.Model()]
	t.Logf("answered right, and what nothing answers: built-in %.2f, other scale %.2f", a, b)
	if math.Abs(a[0]-b[0]) > 0.12 || b[1] > a[1]+0.05 || a[0] < 0.7 {
		t.Errorf("answered right, and what nothing answers: built-in %.2f, other scale %.2f", a, b)
	}
}

func TestUsual_LeavesFewVectorsAlone(t *testing.T) {
	v := newVectors()
	for i := range fewVectors - 1 {
		v.add([]float32{1, float32(i) / 100}, owner{desk.English, uint32(i)})
	}
	if v.usual.stretchedBy != 0 {
		t.Fatalf("set right by %d vectors: %+v", v.live, v.usual)
	}
	v.add([]float32{1, 1}, owner{desk.English, fewVectors})
	if got := v.cosine(newProbe([]float32{1, 0}), 0); v.usual.stretchedBy == 0 || got > 0.9 {
		t.Errorf("what all have in common still counts: %.2f, %+v", got, v.usual)
	}
}
