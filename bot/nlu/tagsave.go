package nlu

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/parleyhq/parley/desk"
)

const tagMagic = "parley-tag-1\n"

// Save gives the tagger as bytes that LoadTagger reads. Weights keep four
// digits.
func (t *Tagger) Save() []byte {
	out := []byte(tagMagic)
	out = appendNames(out, t.slots)
	out = appendNames(out, t.intents)
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(t.sure[0]))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(t.sure[1]))
	for _, list := range [][]float32{t.chain.starts, t.chain.moves} {
		for _, w := range list {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(w))
		}
	}
	largest := float32(1e-6)
	for _, c := range t.cells {
		largest = max(largest, c.weight, -c.weight)
	}
	scale := largest / math.MaxInt16
	out = binary.LittleEndian.AppendUint32(out, math.Float32bits(scale))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(t.index)))
	for _, h := range slices.Sorted(maps.Keys(t.index)) {
		k := t.index[h]
		cells := t.cells[t.from[k]:t.from[k+1]]
		out = binary.LittleEndian.AppendUint32(out, h)
		out = binary.AppendUvarint(out, uint64(len(cells)))
		for _, c := range cells {
			out = binary.AppendUvarint(out, uint64(c.label))
			out = binary.LittleEndian.AppendUint16(out, uint16(int16(math.Round(float64(c.weight/scale)))))
		}
	}
	out = binary.AppendUvarint(out, uint64(t.listed.longest))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(t.listed.phrases)))
	for _, h := range slices.Sorted(maps.Keys(t.listed.phrases)) {
		list := t.listed.phrases[h]
		out = binary.LittleEndian.AppendUint32(out, h)
		out = binary.AppendUvarint(out, uint64(len(list)))
		for _, l := range list {
			out = binary.AppendUvarint(out, uint64(l.slot))
		}
	}
	return out
}

func appendNames(out []byte, names []string) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(len(names)))
	for _, s := range names {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(s)))
		out = append(out, s...)
	}
	return out
}

// LoadTagger reads what Save wrote. Anything else is an error of Kind Invalid.
func LoadTagger(b []byte) (*Tagger, error) {
	t, err := loadTagger(b)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "bad_tagger", "load tagger: %w", err)
	}
	return t, nil
}

func loadTagger(b []byte) (*Tagger, error) {
	r := reader{b: b}
	if string(r.take(len(tagMagic))) != tagMagic {
		return nil, errors.New("not a tagger of this version: train it again")
	}
	t := &Tagger{slots: r.names(), intents: r.names()}
	t.labels = labelSet{len(t.slots)}
	if r.err != nil || len(t.slots) > maxTagSlots {
		return nil, cmp.Or(r.err, errors.New("it has too many slots"))
	}
	t.sure = [2]float64{math.Float64frombits(r.uint64()), math.Float64frombits(r.uint64())}
	t.chain = newChain(t.labels.count())
	for _, list := range [][]float32{t.chain.starts, t.chain.moves} {
		for i := range list {
			list[i] = math.Float32frombits(r.uint32())
		}
	}
	t.chain.refresh()
	t.loadCells(&r)
	t.loadList(&r)
	if r.err == nil && len(r.b) > 0 {
		r.err = errors.New("more follows than belongs to it")
	}
	if r.err != nil {
		return nil, r.err
	}
	return t, nil
}

func (t *Tagger) loadCells(r *reader) {
	scale := math.Float32frombits(r.uint32())
	n := r.count(5)
	t.index, t.from = make(map[uint32]int32, n), []uint32{0}
	for i := range n {
		t.index[r.uint32()] = int32(i)
		for range r.uvarint(len(r.b) / 3) {
			label := r.uvarint(t.labels.count() - 1)
			t.cells = append(t.cells, cell{uint16(label), float32(r.int16()) * scale})
		}
		t.from = append(t.from, uint32(len(t.cells)))
	}
}

func (t *Tagger) loadList(r *reader) {
	t.listed = newGazetteer()
	t.listed.longest = r.uvarint(maxPhrase)
	for range r.count(5) {
		h := r.uint32()
		for range r.uvarint(len(r.b)) {
			t.listed.phrases[h] = append(t.listed.phrases[h], listing{uint16(r.uvarint(max(0, len(t.slots)-1))), 0xFF})
		}
	}
}

func (r *reader) names() []string {
	var out []string
	for range r.count(4) {
		out = append(out, string(r.take(r.count(1))))
	}
	return out
}

// uvarint reads a number of at most most.
func (r *reader) uvarint(most int) int {
	v, n := binary.Uvarint(r.b)
	if r.err != nil || n <= 0 || v > uint64(most) {
		r.err = cmp.Or(r.err, errors.New("a number in it is out of bounds"))
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) int16() int16 {
	if b := r.take(2); b != nil {
		return int16(binary.LittleEndian.Uint16(b))
	}
	return 0
}
