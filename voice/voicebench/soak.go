//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/voice"
)

// How much more than before may be left at the end: connections of HTTP and
// what the database keeps open come and go by themselves.
const (
	spareGoroutines = 25
	spareFiles      = 25
	spareMemory     = 32 // MB, or a quarter
	lostCalls       = 2 * time.Minute
)

// soaked is what calls came to.
type soaked struct {
	mu       sync.Mutex        // guards what follows
	ends     map[string]string // how the call from each number came to its end
	outcomes map[string]int

	malformed, killed atomic.Int64
}

func (s *soaked) note(number, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[number] = outcome
	s.outcomes[outcome]++
}

func soak(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("soak", flag.ExitOnError)
	bin := f.String("bin", "bin/parley", "the program under test")
	last := f.Duration("for", time.Hour, "how long calls come and go")
	callers := f.Int("callers", 40, "callers at once")
	agents := f.Int("agents", 6, "agents with browsers")
	every := f.Duration("every", time.Minute, "between looks at the server")
	_ = f.Parse(args) // ExitOnError
	dir, err := os.MkdirTemp("", "voicesoak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	up, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	srv, err := serve(up, *bin, dir, "soak")
	if err != nil {
		return err
	}
	defer srv.stop()
	x, err := newExchange()
	if err != nil {
		return err
	}
	defer x.close()
	p, err := newPhones(srv.sip, "coffee", x)
	if err != nil {
		return err
	}
	defer p.close()
	boss, err := owner(ctx, srv)
	if err != nil {
		return err
	}
	st := newStudio()
	defer st.close()
	for i := range *agents {
		a, err := st.hire(ctx, boss, fmt.Sprintf("soak%02d", i))
		if err != nil {
			return err
		}
		a.decide = func() bool { return rand.N(3) > 0 }
		a.tidy = true
	}
	s := &soaked{ends: map[string]string{}, outcomes: map[string]int{}}
	began := time.Now()
	warm := p.dial(nextNumber())
	if err := warm.await(ctx); err != nil {
		return err
	}
	if err := errors.Join(rest(ctx, 3*time.Second), warm.hangup(ctx)); err != nil {
		return err
	}
	s.note(warm.number, "warm up")
	if err := rest(ctx, 5*time.Second); err != nil {
		return err
	}
	before, err := srv.look(ctx, began)
	if err != nil {
		return err
	}

	t := &table{}
	t.row("minute", "calls", "goroutines", "files", "UDP ports", "RSS MB", "live heap MB")
	show := func(name string, m sample) {
		t.row(name, m.up, m.goroutines, m.files, m.ports, fmt.Sprintf("%.0f", m.rss), fmt.Sprintf("%.1f", m.live))
		fmt.Printf("%s: %d calls, %d goroutines, %d files, %d UDP ports, RSS %.0f MB, live heap %.1f MB\n", name, m.up, m.goroutines, m.files, m.ports, m.rss, m.live)
	}
	show("before", before)

	work, stop := context.WithTimeout(ctx, *last)
	defer stop()
	var wg sync.WaitGroup
	for range *callers {
		wg.Go(func() {
			for work.Err() == nil {
				s.live(work, p)
			}
		})
	}
	wg.Go(func() { s.nonsense(work, srv, x) })
	wg.Go(func() { s.crashes(work, st) })
	var samples []sample
	tick := time.NewTicker(*every)
	for on := true; on; {
		select {
		case <-tick.C:
			m, err := srv.look(ctx, began)
			if err != nil {
				fmt.Println("not looked at:", err)
				if ctx.Err() == nil {
					select {
					case <-srv.done:
						stop()
						wg.Wait()
						return fmt.Errorf("the server ended: %s", srv.tail())
					default:
					}
				}
				continue
			}
			m.up = p.up()
			samples = append(samples, m)
			show(fmt.Sprintf("%.0f", m.at.Minutes()), m)
		case <-work.Done():
			on = false
		}
	}
	tick.Stop()
	wg.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.verdict(ctx, srv, boss, began, before, samples, t, show)
}

// live is one caller's call, from the dialling to whatever end it has.
func (s *soaked) live(ctx context.Context, p *phones) {
	if rest(ctx, rand.N(2*time.Second)) != nil {
		return
	}
	d := p.dial(nextNumber())
	outcome := "hung up"
	defer func() { s.note(d.number, outcome) }()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	bye := func() {
		if err := d.hangup(end); err != nil && outcome == "hung up" {
			outcome = err.Error()
		}
	}
	switch rand.N(12) {
	case 0: // gives up while it rings, or as it is answered
		_ = rest(ctx, rand.N(10*time.Millisecond))
		outcome = "cancelled, or hung up at once"
		bye()
		return
	case 1: // never heard of again: no ACK comes
		outcome = "vanished at once"
		d.vanish()
		return
	}
	if err := d.await(end); err != nil {
		outcome = err.Error()
		return
	}
	for until := time.Now().Add(rand.N(25 * time.Second)); time.Now().Before(until) && ctx.Err() == nil && d.alive(); {
		_ = rest(ctx, 200*time.Millisecond+rand.N(3*time.Second))
		d.key("00123456*#"[rand.N(10)], nil)
	}
	switch {
	case !d.alive():
		outcome = "hung up by the server"
	case rand.N(10) == 0:
		outcome = "vanished"
		d.vanish()
	default:
		bye()
	}
}

// nonsense sends what no telephone would.
func (s *soaked) nonsense(ctx context.Context, srv *server, x *exchange) {
	sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return
	}
	defer sock.Close()
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for rest(ctx, 20*time.Millisecond) == nil {
		b := malformed(r, sock.LocalAddr().String())
		_, _ = sock.WriteToUDP(b, srv.sip)
		s.malformed.Add(1)
		if c := x.anybody(r); c != nil {
			junk := brokenRTP(r)
			_, _ = x.conn.WriteToUDP(junk, c.to)                                         // as if it were the caller's
			_, _ = sock.WriteToUDP(junk, c.to)                                           // a stranger's
			_, _ = sock.WriteToUDP(junk, &net.UDPAddr{IP: c.to.IP, Port: c.to.Port + 1}) // and for RTCP
			s.malformed.Add(3)
		}
	}
}

// anybody is one of the callers, or nil.
func (x *exchange) anybody(r *rand.Rand) *caller {
	x.mu.Lock()
	defer x.mu.Unlock()
	if all := x.turns[r.IntN(turns)]; len(all) > 0 {
		return all[r.IntN(len(all))]
	}
	return nil
}

// malformed is an INVITE with a few bytes changed, lines left out, or cut off.
func malformed(r *rand.Rand, from string) []byte {
	id := r.Uint64()
	b := fmt.Appendf(nil, "INVITE sip:nobody@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%x\r\nFrom: <sip:junk@%s>;tag=%x\r\nTo: <sip:nobody@127.0.0.1>\r\nCall-ID: junk%x\r\nCSeq: 1 INVITE\r\nMax-Forwards: 0\r\nContent-Length: 5\r\n\r\nv=0\r\n", from, id, from, id, id)
	switch r.IntN(3) {
	case 0:
		for range 1 + r.IntN(8) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
	case 1:
		b = b[:r.IntN(len(b))]
	default:
		at := r.IntN(len(b))
		b = slices.Delete(b, at, min(len(b), at+r.IntN(60)))
	}
	return b
}

// brokenRTP is something like an RTP or RTCP packet.
func brokenRTP(r *rand.Rand) []byte {
	b := make([]byte, r.IntN(200))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	if len(b) > 1 && r.IntN(2) == 0 {
		b[0] = 0x80 | byte(r.IntN(64)) // version 2, with any number of sources, extension, padding
		b[1] = []byte{0, 8, 101, 200, 201, 202, 203, 205}[r.IntN(8)]
	}
	return b
}

// crashes kills agents' browsers and opens them again.
func (s *soaked) crashes(ctx context.Context, st *studio) {
	for rest(ctx, 4*time.Second+rand.N(8*time.Second)) == nil {
		all := st.all()
		a := all[rand.N(len(all))]
		a.kill()
		s.killed.Add(1)
		_ = rest(ctx, rand.N(15*time.Second))
		again, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second) // he is there at the end
		err := a.open(again)
		cancel()
		if err != nil {
			fmt.Println("an agent did not come back:", err)
		}
	}
}

// verdict waits until everything is over and says what is left.
func (s *soaked) verdict(ctx context.Context, srv *server, boss *client, began time.Time, before sample, samples []sample, t *table, show func(string, sample)) error {
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	var calls struct {
		Items []voice.LiveCall `json:"items"`
	}
	for until := time.Now().Add(lostCalls); ; {
		calls.Items = nil
		if err := boss.call(ctx, http.MethodGet, "/api/voice/calls", nil, &calls); err != nil {
			return err
		}
		if len(calls.Items) == 0 || time.Now().After(until) {
			break
		}
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
	}
	for _, c := range calls.Items {
		bad("the call from %s is still up, %s since %s; it was: %s", c.Number, c.State, time.Since(c.Since).Round(time.Second), s.ends[c.Number])
	}
	var after sample
	for range 45 { // timers of SIP transactions run for half a minute
		var err error
		if after, err = srv.look(ctx, began); err != nil {
			return err
		}
		if after.goroutines <= before.goroutines+spareGoroutines && after.ports <= before.ports {
			break
		}
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
	}
	show("after", after)
	if after.goroutines > before.goroutines+spareGoroutines {
		bad("%d goroutines, %d before", after.goroutines, before.goroutines)
	}
	if after.ports > before.ports {
		bad("%d UDP ports, %d before", after.ports, before.ports)
	}
	if after.files > before.files+spareFiles {
		bad("%d open files, %d before", after.files, before.files)
	}
	var x, y []float64
	late := samples[len(samples)/3:]
	for _, m := range late {
		x, y = append(x, m.at.Hours()), append(y, m.live)
	}
	grows := slope(x, y)
	if len(late) >= 10 {
		first, last := median(y[:len(y)/3]), median(y[len(y)-len(y)/3:])
		if last-first > max(spareMemory, first/4) {
			bad("the live heap grew from %.0f to %.0f MB", first, last)
		}
	}
	records, err := boss.records(ctx, began.Add(-time.Minute))
	if err != nil {
		return err
	}
	found := map[string]int{}
	for _, r := range records {
		found[r.From]++
		if r.EndedAt.IsZero() || r.Cause.Reason == "" {
			bad("the record of %s has no end", r.From)
		}
	}
	missing, double := 0, 0
	for n := range s.ends {
		switch found[n] {
		case 1:
		case 0:
			missing++
		default:
			double++
		}
	}
	if missing+double > 0 {
		bad("%d calls have no record, %d more than one", missing, double)
	}
	fmt.Printf("\n%s\n%d calls, %d records; %d malformed packets; %d browsers killed; live heap %+.1f MB an hour over the last two thirds.\n", t, len(s.ends), len(records), s.malformed.Load(), s.killed.Load(), grows)
	for _, o := range sorted(s.outcomes) {
		fmt.Printf("  %5d %s\n", s.outcomes[o], o)
	}
	if len(wrong) > 8 {
		wrong = append(wrong[:8], fmt.Sprintf("and %d more", len(wrong)-8))
	}
	for _, w := range wrong {
		fmt.Println("WRONG:", w)
	}
	if len(wrong) > 0 {
		return errors.New("it did not come out clean; the server said last: " + srv.tail())
	}
	fmt.Println("Clean: nothing is up, nothing leaked, every call has one record.")
	return nil
}

func sorted(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return m[b] - m[a] })
	return keys
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
