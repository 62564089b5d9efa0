package media

// The tables of ITU-T G.711. Decoding looks a code up; encoding looks up the
// sample's upper 14 (µ-law) or 13 (A-law) bits, all that either law keeps.
var (
	ulawToPCM  = makeDecode(decodeULaw)
	alawToPCM  = makeDecode(decodeALaw)
	pcmToULaw  = makeEncode(encodeULaw)
	pcmToALaw  = makeEncode(encodeALaw)
	ulawToALaw = makeTranscode(decodeULaw, encodeALaw)
	alawToULaw = makeTranscode(decodeALaw, encodeULaw)
)

// ULaw is the linear sample of a µ-law code.
func ULaw(code byte) int16 { return ulawToPCM[code] }

// ToULaw is the µ-law code nearest to a linear sample.
func ToULaw(sample int16) byte { return pcmToULaw[uint16(sample)>>2] }

// ULawToPCM decodes as much of ulaw as pcm has room for, and says how much.
func ULawToPCM(pcm []int16, ulaw []byte) int {
	n := min(len(pcm), len(ulaw))
	for i, c := range ulaw[:n] {
		pcm[i] = ulawToPCM[c]
	}
	return n
}

// PCMToULaw encodes as much of pcm as ulaw has room for, and says how much.
func PCMToULaw(ulaw []byte, pcm []int16) int {
	n := min(len(pcm), len(ulaw))
	for i, s := range pcm[:n] {
		ulaw[i] = pcmToULaw[uint16(s)>>2]
	}
	return n
}

// ALawToPCM decodes as much of alaw as pcm has room for, and says how much.
func ALawToPCM(pcm []int16, alaw []byte) int {
	n := min(len(pcm), len(alaw))
	for i, c := range alaw[:n] {
		pcm[i] = alawToPCM[c]
	}
	return n
}

// PCMToALaw encodes as much of pcm as alaw has room for, and says how much.
func PCMToALaw(alaw []byte, pcm []int16) int {
	n := min(len(pcm), len(alaw))
	for i, s := range pcm[:n] {
		alaw[i] = pcmToALaw[uint16(s)>>2]
	}
	return n
}

// ULawToALaw translates as much of src as dst has room for; both may be the
// same slice.
func ULawToALaw(dst, src []byte) int {
	n := min(len(dst), len(src))
	for i, c := range src[:n] {
		dst[i] = ulawToALaw[c]
	}
	return n
}

// ALawToULaw translates as much of src as dst has room for; both may be the
// same slice.
func ALawToULaw(dst, src []byte) int {
	n := min(len(dst), len(src))
	for i, c := range src[:n] {
		dst[i] = alawToULaw[c]
	}
	return n
}

func makeDecode(law func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = law(byte(i))
	}
	return t
}

func makeEncode(law func(int16) byte) (t [1 << 14]byte) {
	for i := range t {
		t[i] = law(int16(i<<2 | 1)) // the middle of what the index stands for, on either side of zero
	}
	return t
}

func makeTranscode(from func(byte) int16, to func(int16) byte) (t [256]byte) {
	for i := range t {
		t[i] = to(from(byte(i)))
	}
	return t
}

const ulawBias = 0x84

func decodeULaw(c byte) int16 {
	c = ^c
	v := (int(c&0x0F)<<3 + ulawBias) << (c >> 4 & 7)
	if c&0x80 != 0 {
		return int16(ulawBias - v)
	}
	return int16(v - ulawBias)
}

func encodeULaw(s int16) byte {
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, 32635) + ulawBias
	exp := byte(7)
	for mask := 0x4000; exp > 0 && v&mask == 0; mask >>= 1 {
		exp--
	}
	return ^(sign | exp<<4 | byte(v>>(exp+3))&0x0F)
}

func decodeALaw(c byte) int16 {
	c ^= 0x55
	v := int(c&0x0F)<<4 + 8
	if exp := c >> 4 & 7; exp > 0 {
		v = (v + 0x100) << (exp - 1)
	}
	if c&0x80 == 0 {
		return int16(-v)
	}
	return int16(v)
}

func encodeALaw(s int16) byte {
	v, sign := int(s), byte(0x80)
	if v < 0 {
		v, sign = -v-1, 0
	}
	exp := byte(7)
	for mask := 0x4000; exp > 0 && v&mask == 0; mask >>= 1 {
		exp--
	}
	shift := max(exp, 1) + 3
	return (sign | exp<<4 | byte(v>>shift)&0x0F) ^ 0x55
}
