package assist

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	pageOfPast = 2000
	mostPages  = 200         // of one catching up
	overlap    = time.Minute // rows that another node stamped earlier may be committed later
)

// cursor remembers what was read of rows that are stamped when they change.
type cursor struct {
	at   time.Time
	seen map[desk.ID]time.Time // stamped in the last overlap before at
}

// isNew notes a row, and reports whether it has not been read as it is now.
func (c *cursor) isNew(id desk.ID, at time.Time) bool {
	if c.seen == nil {
		c.seen = map[desk.ID]time.Time{}
	}
	if t, ok := c.seen[id]; ok && t.Equal(at) {
		return false
	}
	c.seen[id] = at
	if at.After(c.at) {
		c.at = at
	}
	return true
}

// from is where to begin to read again.
func (c *cursor) from() time.Time {
	for id, at := range c.seen {
		if at.Before(c.at.Add(-2 * overlap)) {
			delete(c.seen, id)
		}
	}
	if c.at.IsZero() {
		return c.at
	}
	return c.at.Add(-overlap)
}

// CatchUp takes in what agents answered and what became of suggestions since it
// was last called, on any node, and trains anew when that is much. The first
// time it reads everything, which with 100,000 replies takes a while.
func (d *Desk) CatchUp(ctx context.Context) error {
	d.catching.Lock()
	defer d.catching.Unlock()
	memory, tally := d.learning()
	if err := d.readVerdicts(ctx, tally); err != nil {
		return fmt.Errorf("read what became of suggestions: %w", err)
	}
	if memory == nil {
		return nil
	}
	if err := d.readPast(ctx, memory); err != nil {
		return fmt.Errorf("read past replies: %w", err)
	}
	if memory.due() {
		if err := memory.Train(ctx); err != nil {
			return fmt.Errorf("learn from past replies: %w", err)
		}
	}
	return nil
}

// learning is what is learnt into; the memory is nil without consent.
func (d *Desk) learning() (*Memory, *Tally) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tally == nil {
		d.tally = NewTally()
	}
	if d.memory == nil && d.Learns {
		d.memory = NewMemory()
	}
	return d.memory, d.tally
}

func (d *Desk) ranker() Ranker {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return Ranker{Library: d.Library, Memory: d.memory, Tally: d.tally, shelf: d.canned}
}

// remembered begins with the last months: older verdicts have faded.
const remembered = 6 * halfLife

func (d *Desk) readVerdicts(ctx context.Context, tally *Tally) error {
	from, after := d.decided.from(), desk.ID("")
	if from.IsZero() {
		from = d.now().Add(-remembered)
	}
	for range mostPages {
		list, err := d.Store.Verdicts(ctx, from, after, pageOfPast)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, v := range list {
			if d.decided.isNew(v.ID, v.At) {
				tally.Add(v)
			}
			from, after = v.At, v.ID
		}
	}
	return nil
}

func (d *Desk) readPast(ctx context.Context, memory *Memory) error {
	from, after := d.past.from(), desk.ID("")
	for range mostPages {
		list, learnt, err := d.Store.PastReplies(ctx, from, after, pageOfPast)
		if err != nil || len(list) == 0 {
			return err
		}
		fresh := make([]Past, 0, len(list))
		for i, p := range list {
			if d.past.isNew(p.ID, learnt[i]) {
				fresh = append(fresh, p)
			}
			from, after = learnt[i], p.ID
		}
		memory.Add(fresh...)
	}
	return nil
}

const tidyEvery = 60 // sweeps

// keepLearning catches up at once, when it is told to, and each sweep.
func (d *Desk) keepLearning(ctx context.Context, bus Subscriber) error {
	told := make(chan struct{}, 1)
	stop, err := bus.Subscribe(LearntSubject, func(string, []byte) {
		select {
		case told <- struct{}{}:
		default: // one is waiting already, and it reads everything
		}
	})
	if err != nil {
		return fmt.Errorf("listen for what was learnt: %w", err)
	}
	defer stop()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for sweep := 0; ; sweep++ {
		if err := d.CatchUp(ctx); err != nil && ctx.Err() == nil {
			d.log().Warn("what was learnt may be behind until the next sweep", "err", err)
		}
		if d.Learns && sweep%tidyEvery == 0 {
			if err := d.Store.Forget(ctx, MostPast); err != nil && ctx.Err() == nil {
				d.log().Warn("old past replies are still kept", "err", err)
			}
		}
		select { // many verdicts in a second are read together
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-told:
		case <-tick.C:
		}
	}
}
