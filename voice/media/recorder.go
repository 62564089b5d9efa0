package media

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"time"
)

const (
	recordBlock  = Rate // samples of a block
	recordOpen   = 3    // blocks that may still be written into
	recordQueue  = 8    // blocks that wait for the disk
	recordHeader = 10   // blocks between corrections of the header
)

// Span is a piece of a recording.
type Span struct{ From, To time.Duration }

// Recorder writes a line to a stereo WAV file, 16-bit at 8 kHz: left what
// arrived, right what went out, both on one time line; gaps are silence. It is
// a Tap, from whose beginning its time counts, and never waits for the disk: it
// hands over whole seconds. What is lost when the process dies is the last few
// of these; RepairWAV makes the file whole.
type Recorder struct {
	file  *os.File
	work  chan *block
	spare chan *block
	done  chan struct{}
	once  sync.Once
	werr  error // of the disk; the writer's until done is closed, then Close's

	mu     sync.Mutex // guards what follows
	line   *Line
	origin int64 // on the line's clock
	begun  bool
	open   []*block // in order of time
	handed int64    // nothing before this may be written any more
	length int64
	pauses []pause
	lost   int64
	closed bool
}

// block is one second of both sides, in µ-law.
type block struct {
	at    int64 // since the origin
	sides [2][recordBlock]byte
}

// pause is where nothing may be kept; to is -1 while it lasts.
type pause struct{ from, to int64 }

// NewRecorder makes the file, which must not exist, readable by its owner only.
// Recording begins when it is made a Tap of a line. Close it.
func NewRecorder(path string) (*Recorder, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make recording: %w", err)
	}
	r := &Recorder{
		file: f, work: make(chan *block, recordQueue), spare: make(chan *block, recordQueue), done: make(chan struct{}),
	}
	if err := r.header(0); err != nil {
		f.Close()
		return nil, err
	}
	go r.write()
	return r, nil
}

func (r *Recorder) attach(l *Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.line = l; !r.begun {
		r.origin, r.begun = l.Clock(), true
	}
}

func (r *Recorder) detach() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.length, r.line = r.now(), nil
}

// now is the time since the beginning. The caller holds mu.
func (r *Recorder) now() int64 {
	return max(r.length, r.clock())
}

// In records the left side.
func (r *Recorder) In(at int64, ulaw []byte) { r.put(0, at, ulaw) }

// Out records the right side.
func (r *Recorder) Out(at int64, ulaw []byte) { r.put(1, at, ulaw) }

// Pause keeps what is said from now on from being recorded, until Resume: in
// its place there is silence. It never reaches the disk.
func (r *Recorder) Pause() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.paused() {
		return
	}
	from := r.clock()
	r.pauses = append(r.pauses, pause{from, -1})
	for _, b := range r.open { // what was sent ahead of its time
		if k := max(0, from-b.at); k < recordBlock {
			fillQuiet(b.sides[0][k:])
			fillQuiet(b.sides[1][k:])
		}
	}
}

// Resume ends a Pause. What was said during it, and comes late, is not kept.
func (r *Recorder) Resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused() {
		r.pauses[len(r.pauses)-1].to = max(r.clock(), r.pauses[len(r.pauses)-1].from)
	}
}

// clock is the time since the beginning, whatever has been kept already: a side
// may be ahead of it by what its sender's clock is fast.
func (r *Recorder) clock() int64 {
	if r.line == nil {
		return r.length
	}
	return r.line.Clock() - r.origin
}

func (r *Recorder) paused() bool { return len(r.pauses) > 0 && r.pauses[len(r.pauses)-1].to < 0 }

// Pauses are the pieces that were not recorded.
func (r *Recorder) Pauses() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Span, len(r.pauses))
	for i, p := range r.pauses {
		if p.to < 0 {
			p.to = r.now()
		}
		out[i] = Span{Duration(p.from), Duration(p.to)}
	}
	return out
}

// Length is how long the recording is.
func (r *Recorder) Length() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Duration(r.now())
}

// Lost is how much could not be kept because the disk was too slow.
func (r *Recorder) Lost() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Duration(r.lost)
}

// put keeps a piece of one side.
func (r *Recorder) put(side int, at int64, ulaw []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.paused() {
		return
	}
	if !r.begun {
		r.origin, r.begun = at, true
	}
	at -= r.origin
	if early := max(r.handed-at, 0); early > 0 {
		ulaw = ulaw[min(early, int64(len(ulaw))):]
		at += early
	}
	for len(ulaw) > 0 {
		b := r.block(at)
		n := copy(b.sides[side][at-b.at:], ulaw)
		if len(r.pauses) > 0 {
			r.blank(b.sides[side][at-b.at:][:n], at)
		}
		ulaw, at = ulaw[n:], at+int64(n)
	}
	r.length = max(r.length, at)
}

// blank silences what falls into the pauses, of which the last two can matter.
func (r *Recorder) blank(kept []byte, at int64) {
	for _, p := range r.pauses[max(0, len(r.pauses)-2):] {
		from, to := max(p.from-at, 0), int64(len(kept))
		if p.to >= 0 {
			to = min(to, p.to-at)
		}
		if from < to {
			fillQuiet(kept[from:to])
		}
	}
}

// block is the one that at belongs to; older ones are handed over.
func (r *Recorder) block(at int64) *block {
	at -= at % recordBlock
	i := len(r.open)
	for i > 0 && r.open[i-1].at > at {
		i--
	}
	if i > 0 && r.open[i-1].at == at {
		return r.open[i-1]
	}
	b := r.fresh(at)
	r.open = append(r.open, nil)
	copy(r.open[i+1:], r.open[i:])
	r.open[i] = b
	for len(r.open) > recordOpen && r.open[0] != b {
		r.hand()
	}
	return b
}

// fresh is an empty block.
func (r *Recorder) fresh(at int64) *block {
	var b *block
	select {
	case b = <-r.spare:
	default:
		b = new(block)
	}
	b.at = at
	fillQuiet(b.sides[0][:])
	fillQuiet(b.sides[1][:])
	return b
}

// hand gives the oldest block to the disk.
func (r *Recorder) hand() {
	b := r.open[0]
	r.open = r.open[:copy(r.open, r.open[1:])]
	r.handed = b.at + recordBlock
	select {
	case r.work <- b:
	default:
		r.lost += recordBlock
	}
}

// Close ends the recording and returns when it is on the disk. The error is the
// first that the disk had.
func (r *Recorder) Close() error {
	r.once.Do(r.finish)
	return r.werr
}

func (r *Recorder) finish() {
	r.mu.Lock()
	r.length = r.now()
	if r.paused() {
		r.pauses[len(r.pauses)-1].to = r.length
	}
	r.closed, r.line = true, nil
	rest, length := r.open, r.length
	r.open = nil
	r.mu.Unlock()
	for _, b := range rest {
		r.work <- b
	}
	close(r.work)
	<-r.done
	if err := r.file.Truncate(wavHeaderSize + 4*length); err != nil && r.werr == nil {
		r.werr = fmt.Errorf("end recording: %w", err)
	}
	if err := r.header(4 * length); err != nil && r.werr == nil {
		r.werr = err
	}
	if err := r.file.Close(); err != nil && r.werr == nil {
		r.werr = fmt.Errorf("close recording: %w", err)
	}
}

// write brings blocks to the disk. What lies between them is a hole in the
// file, which reads as silence.
func (r *Recorder) write() {
	defer close(r.done)
	out, n := make([]byte, 4*recordBlock), 0
	for b := range r.work {
		for i := range recordBlock {
			binary.LittleEndian.PutUint16(out[4*i:], uint16(ulawToPCM[b.sides[0][i]]))
			binary.LittleEndian.PutUint16(out[4*i+2:], uint16(ulawToPCM[b.sides[1][i]]))
		}
		at := 4 * b.at
		select {
		case r.spare <- b:
		default:
		}
		if _, err := r.file.WriteAt(out, wavHeaderSize+at); err != nil && r.werr == nil {
			r.werr = fmt.Errorf("write recording: %w", err)
		}
		if n++; n%recordHeader == 0 {
			if err := r.header(at + int64(len(out))); err != nil && r.werr == nil {
				r.werr = err
			}
		}
	}
}

func (r *Recorder) header(data int64) error {
	var h [wavHeaderSize]byte
	putWAVHeader(h[:], Rate, 2, uint32(data))
	if _, err := r.file.WriteAt(h[:], 0); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}
