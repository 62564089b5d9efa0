package intake

import "io"

// earlyLZW reads LZW as PDF and TIFF write it: codes grow one entry earlier
// than in GIF (ISO 32000-1, 7.4.4).
type earlyLZW struct {
	b     []byte
	bits  uint32
	have  uint
	width uint
	table [][]byte // from 258 on
	last  []byte
	out   []byte
	done  bool
}

func newEarlyLZW(b []byte) io.Reader { return &earlyLZW{b: b, width: 9} }

// Read implements io.Reader.
func (l *earlyLZW) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.done {
			return 0, io.EOF
		}
		l.step()
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

func (l *earlyLZW) step() {
	for l.have < l.width {
		if len(l.b) == 0 {
			l.done = true
			return
		}
		l.bits = l.bits<<8 | uint32(l.b[0])
		l.b, l.have = l.b[1:], l.have+8
	}
	code := int(l.bits >> (l.have - l.width) & (1<<l.width - 1))
	l.have -= l.width
	switch {
	case code == 256:
		l.table, l.width, l.last = l.table[:0], 9, nil
		return
	case code == 257:
		l.done = true
		return
	}
	var entry []byte
	switch {
	case code < 256:
		entry = []byte{byte(code)}
	case code-258 < len(l.table):
		entry = l.table[code-258]
	case code-258 == len(l.table) && l.last != nil:
		entry = append(append([]byte{}, l.last...), l.last[0])
	default:
		l.done = true
		return
	}
	if l.last != nil && len(l.table) < 4096-258 {
		l.table = append(l.table, append(append([]byte{}, l.last...), entry[0]))
	}
	l.last, l.out = entry, entry
	for l.width < 12 && len(l.table)+258+1 >= 1<<l.width {
		l.width++
	}
}
