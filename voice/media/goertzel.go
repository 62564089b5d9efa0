package media

import "math"

// dtmf are the tones of the keys, rows then columns, ITU-T Q.23.
var dtmf = [8]float64{697, 770, 852, 941, 1209, 1336, 1477, 1633}

var dtmfKeys = [4][4]byte{{'1', '2', '3', 'A'}, {'4', '5', '6', 'B'}, {'7', '8', '9', 'C'}, {'*', '0', '#', 'D'}}

var dtmfCoeff = func() (c [8]float32) {
	for i, f := range dtmf {
		c[i] = float32(2 * math.Cos(2*math.Pi*f/Rate))
	}
	return c
}()

// keyIn is the key whose two tones make up most of block, or 0.
func keyIn(block []int16) byte {
	var s1, s2 [8]float32
	energy := float32(0)
	for _, v := range block {
		x := float32(v)
		energy += x * x
		for i := range s1 {
			s := x + dtmfCoeff[i]*s1[i] - s2[i]
			s2[i], s1[i] = s1[i], s
		}
	}
	n := float32(len(block))
	if energy < n*300*300 { // about -40 dB
		return 0
	}
	var power [8]float32 // share of all energy, 0 to 1
	for i := range power {
		power[i] = (s1[i]*s1[i] + s2[i]*s2[i] - dtmfCoeff[i]*s1[i]*s2[i]) * 2 / (n * energy)
	}
	row, col := loudest(power[:4]), loudest(power[4:])
	r, c := power[row], power[4+col]
	switch {
	case r+c < 0.75: // other sounds
		return 0
	case r > c*6.3 || c > r*6.3: // twist of more than 8 dB
		return 0
	}
	for i, p := range power {
		if i != row && i != 4+col && p > 0.1*(r+c) {
			return 0
		}
	}
	return dtmfKeys[row][col]
}

func loudest(p []float32) (at int) {
	for i := range p {
		if p[i] > p[at] {
			at = i
		}
	}
	return at
}

// Inband finds keys in the sound itself, for far ends that do not send them as
// events. It is a Tap of what arrives.
type Inband struct {
	found func(digit byte)
	block [inbandBlock]int16
	n     int
	end   int64
	last  byte // of the block before
	told  byte // the key that is being held
}

const inbandBlock = 205

// NewInband makes a detector that calls found once for each key, in the
// goroutine of the audio.
func NewInband(found func(digit byte)) *Inband { return &Inband{found: found} }

// In listens.
func (d *Inband) In(at int64, ulaw []byte) {
	if at < d.end-Rate || at > d.end { // a gap, or a new beginning
		d.n, d.last, d.told = 0, 0, 0
	} else if at < d.end { // heard already
		ulaw = ulaw[min(int64(len(ulaw)), d.end-at):]
		at = d.end
	}
	d.end = at + int64(len(ulaw))
	for _, c := range ulaw {
		d.block[d.n] = ulawToPCM[c]
		if d.n++; d.n == inbandBlock {
			d.n = 0
			d.look(keyIn(d.block[:]))
		}
	}
}

// look takes two blocks alike for a key, and two without it for its end.
func (d *Inband) look(key byte) {
	if key == d.last && key != d.told {
		d.told = key
		if key != 0 {
			d.found(key)
		}
	}
	d.last = key
}

// Out does nothing: our own tones are not the caller's.
func (d *Inband) Out(int64, []byte) {}
