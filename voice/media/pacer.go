package media

import (
	"sync"
	"time"
)

// LinesPerClock is how many lines share a clock thread before there is another.
const LinesPerClock = 250

const (
	slots     = 4
	frameTime = FrameMs * time.Millisecond
	slotTime  = frameTime / slots
)

// Pacer tells lines when the next 20 ms of what they play are due. Its clocks
// are threads of their own, about one for 250 lines, each with four slots of
// 5 ms so that the work is spread. Deadlines are absolute, so nothing drifts;
// after a stall the missed frames are left out instead of sent in a burst. A
// line costs nothing while it plays nothing.
type Pacer struct {
	began    time.Time
	lateness lateness
	manual   bool

	mu     sync.Mutex // guards what follows
	clocks []*clock
	now    time.Duration // a manual pacer's time
	closed bool
}

// pulse is called once a frame; frames is 1, or more after frames were missed.
type pulse interface{ tick(frames int64) }

// place is where a pulse is kept, to take it out again.
type place struct {
	clock *clock
	slot  int
}

// NewPacer begins a pacer. Close it.
func NewPacer() *Pacer { return &Pacer{began: time.Now()} }

// NewManualPacer is a pacer for tests: its time passes only by Step.
func NewManualPacer() *Pacer { return &Pacer{began: time.Now(), manual: true} }

// Step lets 20 ms pass, times times, and returns when all that was due is done.
// It does nothing to a pacer of NewPacer.
func (p *Pacer) Step(times int) {
	if !p.manual {
		return
	}
	for range times * slots {
		p.mu.Lock()
		slot := int(p.now/slotTime) % slots
		clocks := append([]*clock(nil), p.clocks...)
		p.mu.Unlock()
		for _, c := range clocks {
			c.run(slot, 1)
		}
		p.mu.Lock()
		p.now += slotTime
		p.mu.Unlock()
	}
}

// Close stops the clocks and returns when they have. What plays falls silent.
func (p *Pacer) Close() {
	p.mu.Lock()
	p.closed = true
	clocks := p.clocks
	p.clocks = nil
	p.mu.Unlock()
	for _, c := range clocks {
		c.stop()
	}
}

// Lateness is how late frames were sent lately, all clocks together: the best
// sign of whether the machine keeps up.
func (p *Pacer) Lateness() Lateness { return p.lateness.read(time.Now()) }

// Lines is how many lines and mixers have something to send.
func (p *Pacer) Lines() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, c := range p.clocks {
		n += c.load()
	}
	return n
}

// clockTime is the time since the pacer began, in samples.
func (p *Pacer) clockTime() int64 {
	d := time.Duration(0)
	if p.manual {
		p.mu.Lock()
		d = p.now
		p.mu.Unlock()
	} else {
		d = time.Since(p.began)
	}
	return int64(d / (time.Second / Rate))
}

// add begins to call t. It returns where t is, for remove.
func (p *Pacer) add(t pulse) *place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	var best *clock
	for _, c := range p.clocks {
		if c.load() < LinesPerClock && (best == nil || c.load() < best.load()) {
			best = c
		}
	}
	if best == nil {
		best = newClock(p)
		p.clocks = append(p.clocks, best)
	}
	return &place{clock: best, slot: best.add(t)}
}

// remove ends that. One call may still be under way.
func (p *Pacer) remove(at *place, t pulse) {
	if at != nil {
		at.clock.remove(at.slot, t)
	}
}
