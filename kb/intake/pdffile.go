package intake

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"context"
	"encoding/ascii85"
	"errors"
	"io"
)

// The bounds of one PDF.
const (
	pdfObjects  = 500_000
	pdfUnpacked = 256 << 20 // bytes of all streams together, each as often as it is read
	pdfStreamed = 64 << 20  // bytes of one
	pdfPages    = 5000
)

var errPDFLarge = errors.New("it is too large when unpacked")

// pdfFile is a PDF whose objects were found by reading it from front to back,
// rather than by its tables: that way a damaged or lying file is read as well
// as it can be, and nothing in it can lead round in circles.
type pdfFile struct {
	ctx     context.Context
	b       []byte
	at      map[pdfRef]int // where an object's value begins
	objects map[pdfRef]any
	trailer pdfDict
	left    int // bytes that may still be unpacked
}

func openPDF(ctx context.Context, b []byte) (*pdfFile, error) {
	f := &pdfFile{ctx: ctx, b: b, at: map[pdfRef]int{}, objects: map[pdfRef]any{}, trailer: pdfDict{}, left: pdfUnpacked}
	order, err := f.scan()
	if err != nil {
		return nil, err
	}
	for _, num := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, ok := f.resolve(num).(pdfStream)
		if !ok {
			continue
		}
		switch s.dict["Type"] {
		case pdfName("XRef"):
			f.trail(s.dict)
		case pdfName("ObjStm"):
			if f.trailer["Encrypt"] == nil {
				if err := f.unpackObjects(num, s); errors.Is(err, errPDFLarge) {
					return nil, err
				}
			}
		}
	}
	return f, nil
}

// scan finds where objects begin, the last of a number, and the trailers.
func (f *pdfFile) scan() (order []pdfRef, err error) {
	for i := 0; ; {
		n := bytes.Index(f.b[i:], []byte("obj"))
		if n < 0 {
			break
		}
		at := i + n
		i = at + 3
		num, ok := f.numberBefore(at)
		if !ok {
			continue
		}
		if len(f.at) >= pdfObjects {
			return nil, errPDFLarge
		}
		if _, again := f.at[num]; !again {
			order = append(order, num)
		}
		f.at[num] = i
	}
	for i := 0; ; {
		n := bytes.Index(f.b[i:], []byte("trailer"))
		if n < 0 {
			return order, nil
		}
		i += n + len("trailer")
		l := pdfLexer{b: f.b, at: i}
		if d, ok := l.value(0).(pdfDict); ok {
			f.trail(d)
			i = max(i, l.at)
		}
	}
}

// numberBefore reads "12 0 " before the word at.
func (f *pdfFile) numberBefore(at int) (pdfRef, bool) {
	p := at
	back := func(is func(byte) bool) int {
		start := p
		for p > 0 && start-p < 12 && is(f.b[p-1]) {
			p--
		}
		return start - p
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	if back(isSpace) == 0 || back(digit) == 0 || back(isSpace) == 0 {
		return 0, false
	}
	end := p
	if n := back(digit); n == 0 || n > 9 {
		return 0, false
	}
	num := 0
	for _, c := range f.b[p:end] {
		num = num*10 + int(c-'0')
	}
	return pdfRef(num), true
}

// trail takes over what a trailer says; the last one wins.
func (f *pdfFile) trail(d pdfDict) {
	for _, key := range []pdfName{"Root", "Info", "Encrypt"} {
		if v, ok := d[key]; ok {
			f.trailer[key] = v
		}
	}
}

// resolve follows a reference; anything else is what it is. References that
// lead to references are followed a few times.
func (f *pdfFile) resolve(v any) any {
	for range 8 {
		ref, ok := v.(pdfRef)
		if !ok {
			return v
		}
		if known, ok := f.objects[ref]; ok {
			v = known
			continue
		}
		at, ok := f.at[ref]
		if !ok {
			return nil
		}
		f.objects[ref] = nil // a length that refers to its own stream
		v = f.object(at)
		f.objects[ref] = v
	}
	return nil
}

func (f *pdfFile) object(at int) any {
	l := pdfLexer{b: f.b, at: at}
	v := l.value(0)
	d, ok := v.(pdfDict)
	if !ok {
		if n, ok := v.(float64); ok { // "12 0 R" as an object
			rest := l
			if _, ok := rest.value(0).(float64); ok && rest.value(0) == pdfWord("R") {
				return pdfRef(n)
			}
		}
		return v
	}
	if l.value(0) != pdfWord("stream") {
		return d
	}
	start := l.at
	if start < len(f.b) && f.b[start] == '\r' {
		start++
	}
	if start < len(f.b) && f.b[start] == '\n' {
		start++
	}
	if n, ok := f.resolve(d["Length"]).(float64); ok && n >= 0 && start+int(n) <= len(f.b) {
		end := start + int(n)
		if bytes.HasPrefix(bytes.TrimLeft(f.b[end:min(end+32, len(f.b))], "\r\n \t"), []byte("endstream")) {
			return pdfStream{d, f.b[start:end]}
		}
	}
	n := bytes.Index(f.b[min(start, len(f.b)):], []byte("endstream"))
	if n < 0 {
		return d
	}
	return pdfStream{d, f.b[start : start+n]}
}

func (f *pdfFile) dict(v any) pdfDict {
	switch v := f.resolve(v).(type) {
	case pdfDict:
		return v
	case pdfStream:
		return v.dict
	}
	return nil
}

func (f *pdfFile) array(v any) pdfArray {
	a, _ := f.resolve(v).(pdfArray)
	return a
}

func (f *pdfFile) number(v any, other float64) float64 {
	if n, ok := f.resolve(v).(float64); ok {
		return n
	}
	return other
}

// unpackObjects reads the objects in an object stream (7.5.7). One that stands
// later in the file by itself is newer.
func (f *pdfFile) unpackObjects(num pdfRef, s pdfStream) error {
	b, err := f.data(s)
	if err != nil {
		return err
	}
	first := int(f.number(s.dict["First"], 0))
	head := pdfLexer{b: b[:max(0, min(first, len(b)))]}
	for range int(min(f.number(s.dict["N"], 0), pdfObjects)) {
		id, ok1 := head.value(0).(float64)
		off, ok2 := head.value(0).(float64)
		if !ok1 || !ok2 || id < 0 || off < 0 || first+int(off) > len(b) {
			return nil
		}
		ref := pdfRef(id)
		if at, own := f.at[ref]; own && at > f.at[num] {
			continue
		}
		l := pdfLexer{b: b, at: first + int(off)}
		if len(f.objects) < 2*pdfObjects {
			f.objects[ref] = l.value(0)
		}
	}
	return nil
}

// data unpacks a stream. Pictures' filters give an error.
func (f *pdfFile) data(s pdfStream) ([]byte, error) {
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	if f.left -= len(s.raw); f.left < 0 { // the same bytes may be shown again and again
		return nil, errPDFLarge
	}
	filters := f.array(s.dict["Filter"])
	if n, ok := f.resolve(s.dict["Filter"]).(pdfName); ok {
		filters = pdfArray{n}
	}
	params := f.array(s.dict["DecodeParms"])
	if d := f.dict(s.dict["DecodeParms"]); d != nil {
		params = pdfArray{d}
	}
	if len(filters) > 8 {
		return nil, errors.New("too many filters")
	}
	b := s.raw
	for i, v := range filters {
		var parm pdfDict
		if i < len(params) {
			parm = f.dict(params[i])
		}
		var err error
		if b, err = f.unfilter(f.resolve(v), b, parm); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (f *pdfFile) unfilter(filter any, b []byte, parm pdfDict) ([]byte, error) {
	var r io.Reader
	switch filter {
	case pdfName("FlateDecode"), pdfName("Fl"):
		z, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		r = z
	case pdfName("LZWDecode"), pdfName("LZW"):
		if f.number(parm["EarlyChange"], 1) != 0 {
			r = newEarlyLZW(b)
		} else {
			r = lzw.NewReader(bytes.NewReader(b), lzw.MSB, 8)
		}
	case pdfName("ASCII85Decode"), pdfName("A85"):
		b = bytes.TrimPrefix(bytes.TrimSpace(b), []byte("<~"))
		if i := bytes.IndexByte(b, '~'); i >= 0 {
			b = b[:i]
		}
		r = ascii85.NewDecoder(bytes.NewReader(b))
	case pdfName("ASCIIHexDecode"), pdfName("AHx"):
		l := pdfLexer{b: append([]byte{'<'}, b...)}
		return []byte(l.hex()), nil
	case pdfName("Crypt"):
		return b, nil
	default:
		return nil, errors.New("a filter of pictures")
	}
	most := min(pdfStreamed, f.left)
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	f.left -= len(out)
	if len(out) > most {
		return nil, errPDFLarge
	}
	if err != nil && len(out) == 0 {
		return nil, err
	} // what could be read of a damaged stream is taken
	return unpredict(out, int(f.number(parm["Predictor"], 1)), int(f.number(parm["Columns"], 1)), int(f.number(parm["Colors"], 1))), nil
}

// unpredict undoes a PNG predictor (7.4.4.4) of bytes.
func unpredict(b []byte, predictor, columns, colors int) []byte {
	width := columns * colors
	if predictor < 10 || columns < 1 || colors < 1 || colors > 32 || width > 1<<20 {
		return b
	}
	out := make([]byte, 0, len(b))
	above := make([]byte, width)
	for len(b) > width {
		kind, line := b[0], b[1:width+1]
		b = b[width+1:]
		for i := range line {
			left, up, corner := byte(0), above[i], byte(0)
			if i >= colors {
				left, corner = line[i-colors], above[i-colors]
			}
			switch kind {
			case 1:
				line[i] += left
			case 2:
				line[i] += up
			case 3:
				line[i] += byte((int(left) + int(up)) / 2)
			case 4:
				line[i] += paeth(left, up, corner)
			}
		}
		out = append(out, line...)
		above = line
	}
	return out
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	da, db, dc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	if da <= db && da <= dc {
		return a
	}
	if db <= dc {
		return b
	}
	return c
}

func abs(n int) int { return max(n, -n) }
