package media

// Jitter turns packets that come when they like into a frame each 20 ms: it
// waits for 40 ms of audio before it begins, for up to 60 when that proves too
// short, and shortens what has piled up. It is not safe for concurrent use; the
// zero value is ready.
type Jitter struct {
	ring [jitterRing]byte
	have [jitterRing]bool

	read, head int64 // next to be taken; end of what came
	at         int64 // of the last packet
	ts         uint32
	ever       bool
	flowing    bool
	target     int64
	dry        int // frames in a row without audio
	least      int64
	frames     int
	last       [Frame]int16
}

const (
	jitterRing   = 1 << 13
	jitterLow    = 2 * Frame
	jitterHigh   = 3 * Frame
	jitterMost   = 10 * Frame
	jitterWindow = 100 // frames between looks at what has piled up
	maxConceal   = 3   // frames made up from the last one
)

// Put takes in a packet.
func (j *Jitter) Put(ulaw []byte, ts uint32) {
	n := int64(len(ulaw))
	if n == 0 || n > jitterMost {
		return
	}
	at := j.at + int64(int32(ts-j.ts))
	if !j.ever || !j.flowing && j.head <= j.read || at < j.read-slack || at+n > j.read+jitterRing {
		j.restart(at)
	}
	j.at, j.ts, j.ever = at, ts, true
	if at < j.read { // too late, at least in part
		j.target = jitterHigh
	}
	for i := max(0, j.read-at); i < n; i++ {
		k := (at + i) & (jitterRing - 1)
		j.ring[k], j.have[k] = ulaw[i], true
	}
	j.head = max(j.head, at+n)
	if j.head-j.read > jitterMost {
		j.skip(j.head - j.target - j.read)
	}
}

func (j *Jitter) restart(at int64) {
	clear(j.have[:])
	j.read, j.head, j.flowing, j.dry = at, at, false, 0
	if j.target == 0 {
		j.target = jitterLow
	}
}

// skip forgets the oldest n samples.
func (j *Jitter) skip(n int64) {
	for ; n > 0; n-- {
		j.have[j.read&(jitterRing-1)] = false
		j.read++
	}
}

// Get takes the next 20 ms. False says that there are none, and pcm is not
// used. A frame that was lost is made up from the one before it.
func (j *Jitter) Get(pcm *[Frame]int16) bool {
	if !j.flowing {
		if j.head-j.read < max(j.target, jitterLow) {
			return false
		}
		j.flowing, j.least, j.frames = true, jitterRing, 0
	}
	found := 0
	for i := range pcm {
		k := (j.read + int64(i)) & (jitterRing - 1)
		if pcm[i] = 0; j.have[k] {
			pcm[i] = ulawToPCM[j.ring[k]]
			j.have[k] = false
			found++
		}
	}
	j.read += Frame
	if found == 0 {
		return j.conceal(pcm)
	}
	j.dry, j.last = 0, *pcm
	j.trim()
	return true
}

// conceal repeats the last frame at half its loudness, and gives up after some.
func (j *Jitter) conceal(pcm *[Frame]int16) bool {
	if j.dry++; j.dry > maxConceal {
		if j.head <= j.read {
			j.flowing, j.target = false, jitterHigh
		}
		*pcm = [Frame]int16{}
		return j.flowing
	}
	for i := range j.last {
		j.last[i] /= 2
	}
	*pcm = j.last
	return true
}

// trim drops a frame when for two seconds more than needed was there: the far
// end's clock is faster than ours, or its packets came late all at once.
func (j *Jitter) trim() {
	j.least = min(j.least, j.head-j.read)
	if j.frames++; j.frames < jitterWindow {
		return
	}
	if j.least > jitterHigh {
		j.skip(Frame)
	}
	j.least, j.frames = jitterRing, 0
}
