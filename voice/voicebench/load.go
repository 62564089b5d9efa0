//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// crowd is calls of one sort, which are up together.
type crowd struct {
	x      *exchange
	phones *phones
	pid    int // of the server
	press  func(c *dialog, n int) byte
	every  time.Duration // between keys of a call; 0: none are pressed

	stops, nexts spread // of prompts, after a key

	mu    sync.Mutex // guards what follows
	calls []*dialog
	gone  []*dialog // hung up by us
	fails []error
	n     int
	quit  chan struct{}
	wg    sync.WaitGroup
	keys  atomic.Int64
}

// numbers makes every caller's number another, in the whole run.
var numbers atomic.Int64

func nextNumber() string { return fmt.Sprintf("+49302%07d", numbers.Add(1)) }

func newCrowd(x *exchange, p *phones, pid int, every time.Duration) *crowd {
	return &crowd{x: x, phones: p, pid: pid, every: every, quit: make(chan struct{}), press: priceList}
}

// priceList goes to the second menu and back again.
func priceList(_ *dialog, n int) byte {
	if n%2 == 0 {
		return '3'
	}
	return '*'
}

// grow makes calls until there are n, so many a second.
func (c *crowd) grow(ctx context.Context, n, perSecond int) {
	gap := time.Second / time.Duration(perSecond)
	due := time.Now()
	var wg sync.WaitGroup
	for c.n < n && ctx.Err() == nil {
		c.n++
		d := c.phones.dial(nextNumber())
		wg.Go(func() {
			err := d.await(ctx)
			c.mu.Lock()
			defer c.mu.Unlock()
			if err != nil {
				c.fails = append(c.fails, err)
				return
			}
			c.calls = append(c.calls, d)
			if c.every > 0 {
				c.wg.Go(func() { c.fidget(d) })
			}
		})
		due = due.Add(gap)
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
	}
	wg.Wait()
}

// fidget presses keys while the call is up.
func (c *crowd) fidget(d *dialog) {
	wait := 2*time.Second + rand.N(c.every)
	for n := 0; ; n++ {
		select {
		case <-c.quit:
			return
		case <-d.ended:
			return
		case <-time.After(wait):
		}
		d.key(c.press(d, n), func(stop, next time.Duration) { c.stops.add(stop); c.nexts.add(next) })
		c.keys.Add(1)
		wait = c.every*3/4 + rand.N(c.every/2)
	}
}

// settle ends the pressing of keys.
func (c *crowd) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	c.wg.Wait()
}

func (c *crowd) all() []*dialog {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*dialog(nil), c.calls...)
}

// failures are calls that could not be made, or did not stay.
func (c *crowd) failures() (n int, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	why = errors.Join(c.fails[:min(len(c.fails), 2)]...)
	n = len(c.fails)
	for _, d := range c.calls {
		if !d.alive() {
			if n++; why == nil {
				d.phones.mu.Lock()
				why = d.err
				d.phones.mu.Unlock()
			}
		}
	}
	return n, why
}

// lose makes a share of what all send get lost.
func (c *crowd) lose(share float64) {
	for _, d := range c.all() {
		d.lose(share)
	}
}

// hangup ends all calls.
func (c *crowd) hangup(ctx context.Context) error {
	c.settle()
	var wg sync.WaitGroup
	var failed atomic.Int64
	for i, d := range c.all() {
		if i%20 == 19 {
			time.Sleep(100 * time.Millisecond)
		}
		wg.Go(func() {
			if d.hangup(ctx) != nil {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := failed.Load(); n > 0 {
		return fmt.Errorf("%d calls did not end as they should", n)
	}
	return nil
}

// measured is what a stretch of time showed.
type measured struct {
	took           time.Duration
	calls, failed  int
	why            error
	received, lost int64
	dropped        int64 // datagrams that the machine threw away
	gaps           *spread
	stops, nexts   *spread
	keys           int64
	server, load   float64 // share of a core
	others         float64
}

// measure looks at the calls for a while.
func (c *crowd) measure(ctx context.Context, d time.Duration) (measured, error) {
	sum := func() (n counts) {
		for _, d := range c.all() {
			k := d.counts()
			n.received, n.lost = n.received+k.received, n.lost+k.lost
		}
		return n
	}
	var cpus [2]struct{ server, load, all time.Duration }
	read := func(i int) (err error) {
		if cpus[i].server, err = cpu(c.pid); err != nil {
			return err
		}
		cpus[i].all = busy()
		cpus[i].load, err = cpu(os.Getpid())
		return err
	}
	before := sum()
	thrown, err := drops()
	if err != nil {
		return measured{}, err
	}
	c.x.gaps.reset()
	c.stops.reset()
	c.nexts.reset()
	keys := c.keys.Load()
	if err := read(0); err != nil {
		return measured{}, err
	}
	began := time.Now()
	select {
	case <-ctx.Done():
		return measured{}, ctx.Err()
	case <-time.After(d):
	}
	took := time.Since(began)
	if err := read(1); err != nil {
		return measured{}, err
	}
	after := sum()
	m := measured{
		took: took, received: after.received - before.received, lost: after.lost - before.lost, gaps: c.x.gaps.reset(),
		stops: c.stops.reset(), nexts: c.nexts.reset(), keys: c.keys.Load() - keys, calls: len(c.all()),
		server: float64(cpus[1].server-cpus[0].server) / float64(took), load: float64(cpus[1].load-cpus[0].load) / float64(took),
	}
	m.others = max(0, float64(cpus[1].all-cpus[0].all)/float64(took)-m.server-m.load)
	m.failed, m.why = c.failures()
	now, err := drops()
	m.dropped = now - thrown
	return m, err
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// everybody is all calls that there were.
func (c *crowd) everybody() []*dialog {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(append([]*dialog(nil), c.calls...), c.gone...)
}

// shrink hangs up until n calls are left.
func (c *crowd) shrink(ctx context.Context, n int) error {
	c.mu.Lock()
	var leaving []*dialog
	if len(c.calls) > n {
		leaving = append(leaving, c.calls[n:]...)
		c.calls, c.gone = c.calls[:n:n], append(c.gone, leaving...)
	}
	c.fails = nil
	c.mu.Unlock()
	failed := 0
	for _, d := range leaving {
		if d.hangup(ctx) != nil {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d calls did not end as they should", failed)
	}
	return nil
}

// short hangs every call up a second after it was answered, until stop.
func (c *crowd) short(ctx context.Context, stop <-chan struct{}) {
	done := 0
	var wg sync.WaitGroup
	defer wg.Wait()
	for stopping := false; ; {
		all := c.all()
		for _, d := range all[done:] {
			wg.Go(func() {
				if rest(ctx, time.Second) != nil || d.hangup(ctx) != nil {
					c.mu.Lock()
					c.fails = append(c.fails, fmt.Errorf("after its answer: %w", d.err))
					c.mu.Unlock()
				}
			})
		}
		done = len(all)
		if stopping || ctx.Err() != nil {
			return
		}
		select {
		case <-stop:
			stopping = true
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}
