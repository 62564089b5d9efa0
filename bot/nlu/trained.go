package nlu

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Trained is all that the built-in understanding learns from a definition.
type Trained struct {
	Model  *Model
	Tagger *Tagger // nil when no example marks a value
	Filler *Filler
}

// TrainFlows learns from a definition, and from the titles and similar
// questions of its articles. e gives the meaning of what words leave unsure;
// nil: the built-in one.
func TrainFlows(ctx context.Context, def bot.Definition, questions map[desk.Lang][]string, e kb.Embedder) (Trained, error) {
	var t Trained
	var err error
	training := TrainingOf(def, questions)
	training.Embedder = e
	if t.Model, err = Train(ctx, training); err != nil {
		return t, err
	}
	if t.Tagger, err = TrainFlowTagger(ctx, def); err != nil {
		return t, err
	}
	t.Filler, err = TrainFlowFiller(ctx, def)
	return t, err
}

const trainedMagic = "parley-understanding-2\n"

// Save gives what was trained as bytes for LoadTrained, the same for the same
// training.
func (t Trained) Save() []byte {
	out := []byte(trainedMagic)
	var tagger []byte
	if t.Tagger != nil {
		tagger = t.Tagger.Save()
	}
	for _, part := range [][]byte{t.Model.Save(), tagger, t.Filler.Save()} {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

// LoadTrained reads what Save wrote. Anything else is an error of Kind Invalid.
func LoadTrained(b []byte) (Trained, error) {
	var t Trained
	if !bytes.HasPrefix(b, []byte(trainedMagic)) {
		return t, desk.Errorf(desk.Invalid, "bad_model", "load model: not of this version: train it again")
	}
	r := reader{b: b[len(trainedMagic):]}
	model, tagger, filler := r.take(r.count(1)), r.take(r.count(1)), r.take(r.count(1))
	if r.err != nil || len(r.b) > 0 {
		return t, desk.Errorf(desk.Invalid, "bad_model", "load model: it is cut short, or more follows than belongs to it")
	}
	var err, tagErr, fillErr error
	t.Model, err = Load(model)
	if len(tagger) > 0 {
		t.Tagger, tagErr = LoadTagger(tagger)
	}
	t.Filler, fillErr = LoadFiller(filler)
	return t, cmp.Or(err, tagErr, fillErr)
}
