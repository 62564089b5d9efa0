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

const fillMagic = "parley-fill-1\n"

// Save gives the filler as bytes that LoadFiller reads, the same for the same
// filler. Weights keep four digits; those that are next to nothing are left out.
func (f *Filler) Save() []byte {
	out := []byte(fillMagic)
	closed := []string{}
	for _, name := range slices.Sorted(maps.Keys(f.closed)) {
		if f.closed[name] {
			closed = append(closed, name)
		}
	}
	out = appendNames(out, closed)
	known := []string{}
	for _, key := range slices.Sorted(maps.Keys(f.names.byWords)) {
		for _, o := range f.names.byWords[key] {
			known = append(known, o.slot, o.value)
		}
	}
	out = appendNames(out, known)
	largest := float32(1e-6)
	for _, w := range f.weights {
		largest = max(largest, w, -w)
	}
	scale := largest / math.MaxInt16
	out = binary.LittleEndian.AppendUint32(out, math.Float32bits(scale))
	var cells []byte
	n, last := 0, 0
	for i, w := range f.weights {
		v := int16(math.Round(float64(w / scale)))
		if v > -fillNothing && v < fillNothing {
			continue
		}
		cells = binary.AppendUvarint(cells, uint64(i-last))
		cells = binary.LittleEndian.AppendUint16(cells, uint16(v))
		n, last = n+1, i
	}
	learned := uint32(0)
	if f.weights != nil {
		learned = 1
	}
	out = binary.LittleEndian.AppendUint32(out, learned)
	out = binary.LittleEndian.AppendUint32(out, uint32(n))
	return append(out, cells...)
}

// fillNothing is the weight, in steps, below which one is not kept.
const fillNothing = 16

// LoadFiller reads what Save wrote. Anything else is an error of Kind Invalid.
func LoadFiller(b []byte) (*Filler, error) {
	f, err := loadFiller(b)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "bad_filler", "load filler: %w", err)
	}
	return f, nil
}

func loadFiller(b []byte) (*Filler, error) {
	r := reader{b: b}
	if string(r.take(len(fillMagic))) != fillMagic {
		return nil, errors.New("not a filler of this version: train it again")
	}
	f := &Filler{closed: map[string]bool{}}
	for _, name := range r.names() {
		f.closed[name] = true
	}
	known := r.names()
	if r.err == nil && len(known)%2 != 0 {
		return nil, errors.New("a name in it is without its slot")
	}
	for i := 0; i+1 < len(known); i += 2 {
		f.names.add(known[i], known[i+1], "")
	}
	scale := math.Float32frombits(r.uint32())
	learned := r.uint32() == 1
	n := r.count(3)
	if learned && r.err == nil {
		f.weights = make([]float32, 1<<fillerBits)
	} else if n > 0 {
		r.err = cmp.Or(r.err, errors.New("it has weights but has not learned"))
	}
	for i, at := 0, 0; i < n && r.err == nil; i++ {
		at += r.uvarint(fillerMask - at)
		if v := r.int16(); r.err == nil {
			f.weights[at] = float32(v) * scale
		}
	}
	if r.err == nil && len(r.b) > 0 {
		r.err = errors.New("more follows than belongs to it")
	}
	if r.err != nil {
		return nil, r.err
	}
	return f, nil
}
