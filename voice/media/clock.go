package media

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// clock is one thread of a Pacer.
type clock struct {
	pacer *Pacer
	wake  chan struct{} // something was added to an empty clock
	quit  chan struct{}
	done  chan struct{}
	count atomic.Int64

	mu     sync.Mutex // guards pulses
	pulses [slots][]pulse

	due []pulse // scratch of run
}

func newClock(p *Pacer) *clock {
	c := &clock{pacer: p, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	if p.manual {
		close(c.done)
		return c
	}
	go c.loop()
	return c
}

func (c *clock) load() int { return int(c.count.Load()) }

func (c *clock) stop() {
	close(c.quit)
	<-c.done
}

// add puts t into the emptiest slot.
func (c *clock) add(t pulse) (slot int) {
	c.mu.Lock()
	for i := range c.pulses {
		if len(c.pulses[i]) < len(c.pulses[slot]) {
			slot = i
		}
	}
	c.pulses[slot] = append(c.pulses[slot], t)
	c.mu.Unlock()
	c.count.Add(1)
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return slot
}

func (c *clock) remove(slot int, t pulse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.pulses[slot], t); i >= 0 {
		c.pulses[slot] = slices.Delete(c.pulses[slot], i, i+1)
		c.count.Add(-1)
	}
}

// run calls all of a slot, and says how many those are.
func (c *clock) run(slot int, frames int64) int {
	c.mu.Lock()
	c.due = append(c.due[:0], c.pulses[slot]...)
	c.mu.Unlock()
	for _, t := range c.due {
		t.tick(frames)
	}
	n := len(c.due)
	clear(c.due)
	return n
}

func (c *clock) loop() {
	runtime.LockOSThread() // for good: the thread ends with the goroutine
	defer close(c.done)
	for {
		if c.load() == 0 {
			select {
			case <-c.wake:
			case <-c.quit:
				return
			}
		}
		if !c.pace() {
			return
		}
	}
}

// pace runs the slots at their deadlines until nothing is left to call (true)
// or the clock is stopped (false).
func (c *clock) pace() bool {
	start := time.Now()
	missed := [slots]int64{}
	for turn := int64(0); c.load() > 0; turn++ {
		deadline := start.Add(time.Duration(turn) * slotTime)
		sleepUntil(deadline)
		select {
		case <-c.quit:
			return false
		default:
		}
		late := time.Since(deadline)
		slot := int(turn % slots)
		frames := 1 + missed[slot]
		missed[slot] = 0
		if c.run(slot, frames) > 0 {
			c.pacer.lateness.note(deadline, late)
		}
		next := catchUp(turn, int64(time.Since(start)/slotTime), &missed)
		c.pacer.lateness.skip(next - turn)
		turn = next
	}
	return true
}

// catchUp is the last turn that is done with, when now is due. A frame or more
// behind, the turns that have passed are left out, and counted in missed.
func catchUp(turn, now int64, missed *[slots]int64) int64 {
	if now-turn <= slots {
		return turn
	}
	for turn++; turn < now; turn++ {
		missed[turn%slots]++
	}
	return turn - 1
}
