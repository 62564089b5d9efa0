//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// comparison measures the same load with others.
func (b *bench) comparison(ctx context.Context) error {
	prompt, wide, err := b.prompts()
	if err != nil {
		return err
	}
	t := &table{}
	t.row("server", "calls", "CPU", "CPU per call", "memory", "keys", "lost", "gap p50 / p99 / p99.9 / max ms")
	for _, one := range []struct {
		name, prompt string
		do           func(context.Context, string) (measured, string, string, error)
	}{
		{"Parley, the whole product", "", b.compareWhole}, {"Parley's SIP and audio alone", prompt, b.compareLean},
		{"rtpengine in user space, file of 8 kHz", prompt, b.compareEngine}, {"rtpengine in user space, file of 48 kHz", wide, b.compareEngine},
	} {
		m, memory, keys, err := one.do(ctx, one.prompt)
		switch {
		case errors.Is(err, errNoEngine):
			b.say("\n**%v: its row is left out. apt-get install rtpengine-daemon**\n", err)
			continue
		case err != nil:
			b.missing(one.name, err)
			continue
		}
		g := m.gaps
		t.row(one.name, m.calls, percent(m.server), fmt.Sprintf("%.3f %%", 100*m.server/float64(max(1, m.calls))), memory, keys, m.lost+m.dropped,
			fmt.Sprintf("%s / %s / %s / %s", ms(g.quantile(.5)), ms(g.quantile(.99)), ms(g.quantile(.999)), ms(g.max())))
	}
	b.say(`
### Beside rtpengine

The same load for each: %d callers hear a prompt all the time, send a tone and press a key every %s; real-time priority: %s. What differs:
the whole product walks menus and writes every key into its database, and takes the calls by SIP. "SIP and audio alone" answers by SIP, loops one prompt
and counts keys. rtpengine is driven by our ng client instead of SIP, loops the same prompt by "play media" and logs keys; it decodes and encodes
the file anew for each call (FFmpeg), where we share one prompt in G.711; and its strength, forwarding in the kernel, is not in use.
A file of 8 kHz is the least work for it, but it sends each of the file's larger blocks at once; one of 48 kHz comes out evenly.

%s`, b.compare, b.every, yes(b.rr), t)
	return nil
}

// prompts makes the file that is played, half a minute of sound like speech, at
// 8 and at 48 kHz.
func (b *bench) prompts() (narrow, wide string, err error) {
	var pcm []int16
	for _, f := range noise(30 * 50) {
		var s [media.Frame]int16
		media.ULawToPCM(s[:], f)
		pcm = append(pcm, s[:]...)
	}
	narrow, wide = filepath.Join(b.dir, "prompt8.wav"), filepath.Join(b.dir, "prompt48.wav")
	return narrow, wide, errors.Join(
		os.WriteFile(narrow, media.WriteWAV16(pcm, media.Rate), 0o644),
		os.WriteFile(wide, media.WriteWAV16(media.Resample(pcm, media.Rate, 48000), 48000), 0o644))
}

// compareWhole is the product as it is.
func (b *bench) compareWhole(ctx context.Context, _ string) (m measured, memory, keys string, err error) {
	up, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	s, err := serve(up, b.bin, b.dir, "compared")
	if err != nil {
		return m, "", "", err
	}
	defer s.stop()
	m, _, err = b.bySIP(ctx, s.process, s.sip, true)
	return m, resident(s.pid()), "see above", err
}

// compareLean is lean, in a process of its own.
func (b *bench) compareLean(ctx context.Context, prompt string) (m measured, memory, keys string, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, "", "", err
	}
	p, err := ports(1)
	if err != nil {
		return m, "", "", err
	}
	s, err := start(filepath.Join(b.dir, "lean.log"), nil, self, "lean", "-udp", hostPort(p[0]), "-prompt", prompt)
	if err != nil {
		return m, "", "", err
	}
	m, pressed, err := b.bySIP(ctx, s, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p[0]}, false)
	memory = resident(s.pid())
	s.stop()
	lines := strings.Fields(s.tail())
	if err == nil && len(lines) > 0 {
		keys = fmt.Sprintf("%s of %d", lines[len(lines)-1], pressed)
	}
	return m, memory, keys, err
}

// bySIP puts the load on a server that is called by SIP.
func (b *bench) bySIP(ctx context.Context, s *process, to *net.UDPAddr, warm bool) (m measured, pressed int64, err error) {
	x, err := newExchange()
	if err != nil {
		return m, 0, err
	}
	defer x.close()
	p, err := newPhones(to, "coffee", x)
	if err != nil {
		return m, 0, err
	}
	defer p.close()
	if warm {
		if err := b.warm(ctx, x, p, s.pid()); err != nil {
			return m, 0, fmt.Errorf("%w; the server said: %s", err, s.tail())
		}
	}
	b.priority(s.pid())
	defer b.usual(s.pid())
	c := newCrowd(x, p, s.pid(), b.every)
	c.grow(ctx, b.compare, rampRate)
	if err := rest(ctx, 3*time.Second); err != nil {
		return m, 0, err
	}
	if m, err = c.measure(ctx, b.hold); err != nil {
		return m, 0, err
	}
	c.settle()
	err = errors.Join(rest(ctx, time.Second), c.hangup(ctx))
	for _, d := range c.all() {
		pressed += d.pressed
	}
	if m.failed > 0 {
		err = fmt.Errorf("%d calls failed: %w", m.failed, m.why)
	}
	return m, pressed, err
}

// compareEngine is rtpengine, without SIP.
func (b *bench) compareEngine(ctx context.Context, prompt string) (m measured, memory, keys string, err error) {
	e, err := startEngine(ctx, b.dir)
	if err != nil {
		return m, "", "", err
	}
	defer e.close()
	x, err := newExchange()
	if err != nil {
		return m, "", "", err
	}
	defer x.close()
	b.priority(e.pid())
	defer b.usual(e.pid())
	c := newCrowd(x, &phones{}, e.pid(), b.every)
	for i := range b.compare {
		port, err := e.call(fmt.Sprintf("bench%d", i), x.port, prompt)
		if err != nil {
			return m, "", "", err
		}
		d := &dialog{caller: x.join(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}), phones: c.phones, state: up, ended: make(chan struct{})}
		c.calls = append(c.calls, d)
		c.wg.Go(func() { c.fidget(d) })
	}
	if err := rest(ctx, 3*time.Second); err != nil {
		return m, "", "", err
	}
	if m, err = c.measure(ctx, b.hold); err != nil {
		return m, "", "", err
	}
	c.settle()
	if err := rest(ctx, time.Second); err != nil {
		return m, "", "", err
	}
	pressed := int64(0)
	for _, d := range c.all() {
		pressed += d.pressed
		x.leave(d.caller)
	}
	return m, resident(e.pid()), fmt.Sprintf("%d of %d", e.keys.Load(), pressed), nil
}

// resident is the memory that a process occupies.
func resident(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var size, rss int64
	if err != nil {
		return "?"
	}
	if _, err := fmt.Sscan(string(b), &size, &rss); err != nil {
		return "?"
	}
	return fmt.Sprintf("%d MB", rss*int64(os.Getpagesize())>>20)
}
