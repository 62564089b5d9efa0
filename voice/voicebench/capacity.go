//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	rampRate  = 50                    // calls a second
	gapGoal   = 30 * time.Millisecond // p99
	startTime = time.Minute
)

// head says where and of what this is.
func (b *bench) head() {
	version, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	model := ""
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		for s := bufio.NewScanner(f); s.Scan(); {
			if rest, ok := strings.CutPrefix(s.Text(), "model name"); ok {
				model = ", " + strings.TrimLeft(rest, "\t :")
				break
			}
		}
		_ = f.Close()
	}
	b.say("Parley %s, %s, %s, %d cores%s. Load and server share them.\n", strings.TrimSpace(string(version)), time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.Version(), runtime.NumCPU(), model)
	b.say("CPU is in per cent of one core. Gaps are between packets of our audio at the caller, by the kernel's time stamps; 20 ms is ideal.\n")
}

// ordinary measures the whole product: menus of the coffee playbook, SQLite,
// no engine of speech, no link sent.
func (b *bench) ordinary(ctx context.Context) error {
	up, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	s, err := serve(up, b.bin, b.dir, "ordinary")
	if err != nil {
		return err
	}
	defer s.stop()
	x, err := newExchange()
	if err != nil {
		return err
	}
	defer x.close()
	p, err := newPhones(s.sip, "coffee", x)
	if err != nil {
		return err
	}
	defer p.close()
	if err := b.warm(ctx, x, p, s.pid()); err != nil {
		return fmt.Errorf("%w; the server said: %s", err, s.tail())
	}
	b.priority(s.pid())
	defer b.usual(s.pid())
	for _, part := range []struct {
		name string
		do   func(context.Context, *server, *exchange, *phones) error
	}{{"capacity", b.capacity}, {"setup", b.setup}, {"bridge", b.bridge}, {"capacity", b.ordinaryPriority}} {
		if !b.wants(part.name) {
			continue
		}
		if err := part.do(ctx, s, x, p); err != nil {
			b.missing(part.name, err)
		}
	}
	return nil
}

// warm has every prompt of the two menus made, once.
func (b *bench) warm(ctx context.Context, x *exchange, p *phones, pid int) error {
	c := newCrowd(x, p, pid, 0)
	c.grow(ctx, 1, 1)
	if n, why := c.failures(); n > 0 {
		return why
	}
	d := c.all()[0]
	for _, wait := range []time.Duration{3 * time.Second, 3 * time.Second} {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		d.key('3', nil)
	}
	if d.counts().received == 0 {
		return errors.New("a first call heard nothing")
	}
	p.setup.reset()
	return c.hangup(ctx)
}

// capacity finds how many calls are held.
func (b *bench) capacity(ctx context.Context, s *server, x *exchange, p *phones) error {
	since := time.Now().Add(-time.Second)
	c := newCrowd(x, p, s.pid(), b.every)
	b.say("\n### Calls held at once\n\nEach hears the greeting and menus of the coffee playbook, sends a tone at 50 packets a second and presses a key every %s. Set up at %d a second, measured for %s. Held: no call failed, no packet lost, gap p99 under %s ms. A prompt that stops after 0 ms sent nothing more once the key's first packet was out. Real-time priority (SCHED_RR): %s.\n\n", b.every, rampRate, b.hold, ms(gapGoal), yes(b.rr))
	t := heldTable()
	for _, n := range b.steps {
		if c.every > 0 {
			c.grow(ctx, n, rampRate)
		}
		if err := rest(ctx, 3*time.Second); err != nil {
			return err
		}
		m, err := c.measure(ctx, b.hold)
		if err != nil {
			return err
		}
		if !b.heldLine(t, fmt.Sprint(n), m) {
			break
		}
		b.held = n
	}
	// The rest is measured with what was held.
	all := c.all()
	if len(all) > b.held && b.held > 0 {
		if err := c.shrink(ctx, b.held); err != nil {
			b.say("(%v)\n", err)
		}
		if err := rest(ctx, 2*time.Second); err != nil {
			return err
		}
	}
	c.lose(.1)
	m, err := c.measure(ctx, b.hold)
	if err != nil {
		return err
	}
	b.heldLine(t, fmt.Sprintf("%d, 10 %% of what callers send lost", m.calls), m)
	c.lose(0)
	c.settle()
	if err := rest(ctx, 2*time.Second); err != nil { // the last keys
		return err
	}
	if err := c.hangup(ctx); err != nil {
		b.say("(%v)\n", err)
	}
	b.say("%s\nINVITE→200 while these were set up: %s.\n", t, p.setup.reset().quantiles())
	return b.countKeys(ctx, s, c, since)
}

func heldTable() *table {
	t := &table{}
	t.row("calls", "held", "failed", "packets", "lost", "gap p50 / p99 / p99.9 / max ms", "key→prompt stops p50 / p99 ms", "key→next prompt p50 / p99 ms", "server CPU", "load CPU", "others")
	return t
}

func (b *bench) heldLine(t *table, name string, m measured) (held bool) {
	held = m.failed == 0 && m.lost == 0 && m.dropped == 0 && m.gaps.quantile(.99) < gapGoal
	g := m.gaps
	t.row(name, yes(held), m.failed, m.received, m.lost+m.dropped,
		fmt.Sprintf("%s / %s / %s / %s", ms(g.quantile(.5)), ms(g.quantile(.99)), ms(g.quantile(.999)), ms(g.max())),
		fmt.Sprintf("%s / %s", ms(m.stops.quantile(.5)), ms(m.stops.quantile(.99))),
		fmt.Sprintf("%s / %s", ms(m.nexts.quantile(.5)), ms(m.nexts.quantile(.99))),
		percent(m.server), percent(m.load), percent(m.others))
	if m.why != nil {
		b.say("(%s calls: %v)\n", name, m.why)
	}
	return held
}

// ordinaryPriority measures once more what was held, without real-time
// priority. It comes last: after audio that was late the server takes no calls
// for a while.
func (b *bench) ordinaryPriority(ctx context.Context, s *server, x *exchange, p *phones) error {
	if !b.rr || b.held == 0 {
		return nil
	}
	c := newCrowd(x, p, s.pid(), b.every)
	c.grow(ctx, b.held, rampRate)
	if err := rest(ctx, 3*time.Second); err != nil {
		return err
	}
	b.usual(s.pid())
	m, err := c.measure(ctx, b.hold)
	if err != nil {
		return err
	}
	t := heldTable()
	b.heldLine(t, fmt.Sprint(m.calls), m)
	b.say("\n### The same calls without real-time priority\n\n%s", t)
	return c.hangup(ctx)
}

// countKeys compares the keys that were pressed with those that stand in the
// conversations.
func (b *bench) countKeys(ctx context.Context, s *server, c *crowd, since time.Time) error {
	people := make([]*client, 6) // reading is limited for each
	for i := range people {
		var err error
		if people[i], err = owner(ctx, s); err != nil {
			return err
		}
	}
	records, err := people[0].records(ctx, since)
	if err != nil {
		return err
	}
	where := map[string]desk.ID{}
	for _, r := range records {
		where[r.From] = r.ConversationID
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	pressed, found, wrong := int64(0), int64(0), 0
	work := make(chan *dialog)
	for _, who := range people {
		wg.Go(func() {
			for d := range work {
				n, e := who.said(ctx, where[d.number])
				mu.Lock()
				pressed += d.pressed
				found += int64(n)
				if int64(n) != d.pressed {
					wrong++
				}
				if e != nil {
					err = e
				}
				mu.Unlock()
			}
		})
	}
	for _, d := range c.everybody() {
		work <- d
	}
	close(work)
	wg.Wait()
	if err != nil {
		return err
	}
	b.say("Keys pressed in all these steps: %d; customers' messages by voice in their conversations: %d (%s %%); calls where the two differ: %d.\n", pressed, found, share(found, pressed), wrong)
	return nil
}

func share(part, of int64) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", 100*float64(part)/float64(of))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// setup finds how many calls a second can begin.
func (b *bench) setup(ctx context.Context, s *server, x *exchange, p *phones) error {
	const lasting = 6 * time.Second
	b.say("\n### Calls set up\n\nEach is answered, hears the menu for about a second and is hung up; with its conversation, record and database. Each rate for %s.\n\n", lasting)
	t := &table{}
	t.row("calls a second", "made", "failed", "sent again", "INVITE→200 p50 / p99 / max ms", "server CPU", "load CPU")
	for _, rate := range b.rates {
		p.setup.reset()
		p.mu.Lock()
		again := p.resent
		p.mu.Unlock()
		c := newCrowd(x, p, s.pid(), 0)
		n := rate * int(lasting/time.Second)
		before, _ := cpu(s.pid())
		own, _ := cpu(os.Getpid())
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { c.grow(ctx, n, rate) })
		stop := make(chan struct{})
		wg.Go(func() { c.short(ctx, stop) })
		ended := make(chan struct{})
		go func() {
			for {
				c.mu.Lock()
				done := c.n >= n && len(c.calls)+len(c.fails) >= n
				c.mu.Unlock()
				if done || ctx.Err() != nil {
					close(ended)
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
		<-ended
		took := time.Since(began)
		after, _ := cpu(s.pid())
		mine, _ := cpu(os.Getpid())
		close(stop)
		wg.Wait()
		c.mu.Lock()
		failed := len(c.fails)
		for _, e := range c.fails[:min(1, failed)] {
			b.say("(%d a second: %v)\n", rate, e)
		}
		c.mu.Unlock()
		p.mu.Lock()
		again = p.resent - again
		p.mu.Unlock()
		q := p.setup.reset()
		t.row(rate, n, failed, again, fmt.Sprintf("%s / %s / %s", ms(q.quantile(.5)), ms(q.quantile(.99)), ms(q.max())),
			percent(float64(after-before)/float64(took)), percent(float64(mine-own)/float64(took)))
		if failed > 0 || took > lasting*5/4 {
			if failed == 0 {
				t.row("", "the last took "+took.Round(time.Second/10).String()+": not sustained", "", "", "", "", "")
			}
			break
		}
	}
	b.say("%s", t)
	return nil
}
