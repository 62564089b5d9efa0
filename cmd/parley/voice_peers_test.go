package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
	"github.com/parleyhq/parley/voice/sip"
	"github.com/parleyhq/parley/voice/speech"
)

// ranges counts the ranges of ports that nodes of this process have taken.
var ranges atomic.Int64

// portsOfNode is a range of audio ports that no other node of these tests uses.
func portsOfNode() (first, last int) {
	n := (int64(os.Getpid())*13 + ranges.Add(1)) % 48
	first = 10_000 + int(n)*200
	return first, first + 199
}

// freeUDP is an address on which nobody listens by UDP just now.
func freeUDP(tb testing.TB) string {
	tb.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

// withCalls is the setting with telephones and browsers, who all are here. sip
// is where telephones call.
func (s setting) withCalls() (_ setting, sip string) {
	s.tb.Helper()
	sip = freeUDP(s.tb)
	first, last := portsOfNode()
	return s.with("PARLEY_SIP_UDP", sip, "PARLEY_WEB_UDP", "127.0.0.1:0", "PARLEY_NODE_IP", "127.0.0.1",
		"PARLEY_RTP_PORTS", fmt.Sprintf("%d-%d", first, last), "PARLEY_SIP_ANONYMOUS", "true"), sip
}

// withBooks is the setting with these playbooks, folders below testdata or
// elsewhere, and the first of them in charge.
func (s setting) withBooks(folders ...string) setting {
	s.tb.Helper()
	to := filepath.Join(s.dir, "books")
	for _, f := range folders {
		if err := os.CopyFS(filepath.Join(to, filepath.Base(f)), os.DirFS(f)); err != nil {
			s.tb.Fatal(err)
		}
	}
	return s.with("PARLEY_PLAYBOOKS", to, "PARLEY_PLAYBOOK", filepath.Base(folders[0]))
}

// withFile is the setting with a configuration file.
func (s setting) withFile(yaml string) setting {
	s.tb.Helper()
	path := filepath.Join(s.dir, fmt.Sprintf("parley-%d.yaml", ranges.Add(1)))
	if err := os.WriteFile(path, []byte("version: 1\n"+yaml), 0o600); err != nil {
		s.tb.Fatal(err)
	}
	return s.with("PARLEY_CONFIG", path)
}

// telephone is a SIP telephone, or an exchange of somebody else's.
type telephone struct {
	*sip.Server
	tb    testing.TB
	pacer *media.Pacer
	calls chan *party // that come in
	stop  func()
}

// newTelephone is one on loopback.
func newTelephone(tb testing.TB, change func(*sip.Config)) *telephone {
	tb.Helper()
	t := &telephone{tb: tb, pacer: media.NewPacer(), calls: make(chan *party, 64)}
	c := sip.Config{
		UDP: "127.0.0.1:0", Realm: "elsewhere", Pacer: t.pacer, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Ports: rtp.NewPorts(0, 0, netip.MustParseAddr("127.0.0.1")), Anonymous: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Incoming: func(ctx context.Context, leg voice.Leg) {
			t.calls <- newParty(tb, leg)
			<-ctx.Done()
		},
	}
	if change != nil {
		change(&c)
	}
	var err error
	if t.Server, err = sip.New(c); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := t.Run(ctx); err != nil {
			tb.Errorf("telephone: %v", err)
		}
	}()
	t.stop = sync.OnceFunc(func() { cancel(); <-over; t.pacer.Close() })
	tb.Cleanup(t.stop)
	return t
}

func (t *telephone) addr() string { return t.Addr("udp").String() }

// call calls a SIP address or a number and waits until somebody is there.
func (t *telephone) call(to, from string) *party {
	t.tb.Helper()
	p := t.ring(to, from)
	p.until(voice.LegAnswered)
	return p
}

// ring calls and does not wait.
func (t *telephone) ring(to, from string) *party {
	t.tb.Helper()
	return t.dial(voice.Dialing{To: to, From: from})
}

func (t *telephone) dial(d voice.Dialing) *party {
	t.tb.Helper()
	leg, err := t.Dial(context.Background(), d)
	if err != nil {
		t.tb.Fatal(err)
	}
	return newParty(t.tb, leg)
}

// rung waits for a call that comes in.
func (t *telephone) rung() *party {
	t.tb.Helper()
	select {
	case p := <-t.calls:
		return p
	case <-time.After(15 * loaded * time.Second):
		t.tb.Fatal("the telephone does not ring")
		return nil
	}
}

// party is one end of a call in the test: what it hears and what happened.
type party struct {
	voice.Leg
	*hearing
	tb testing.TB

	mu     sync.Mutex // guards what follows
	events []voice.LegEvent
}

func newParty(tb testing.TB, leg voice.Leg) *party {
	p := &party{Leg: leg, hearing: &hearing{tb: tb}, tb: tb}
	leg.Line().Tap(p.hearing)
	go func() {
		for e := range leg.Events() {
			p.mu.Lock()
			p.events = append(p.events, e)
			p.mu.Unlock()
		}
	}()
	return p
}

// had is the first event of a kind, if there was one.
func (p *party) had(kind voice.LegEventKind) (voice.LegEvent, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.events, func(e voice.LegEvent) bool { return e.Kind == kind })
	if i < 0 {
		return voice.LegEvent{}, false
	}
	return p.events[i], true
}

// until waits for an event.
func (p *party) until(kind voice.LegEventKind) (e voice.LegEvent) {
	p.tb.Helper()
	eventually(p.tb, 20*time.Second, fmt.Sprintf("a leg is %s", kind), func() (ok bool) {
		if end, over := p.had(voice.LegEnded); over && kind != voice.LegEnded {
			p.tb.Fatalf("the leg ended before it was %s: %+v", kind, end.Cause)
		}
		e, ok = p.had(kind)
		return ok
	})
	return e
}

// answer takes a call that came in.
func (p *party) answer() {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*loaded*time.Second)
	defer cancel()
	if err := p.Answer(ctx); err != nil {
		p.tb.Fatal(err)
	}
}

// hum sends a tone from now on.
func (p *party) hum(freq float64) { p.Line().Play(media.Tone([]float64{freq}, 0, 0), nil) }

// leave hangs up.
func (p *party) leave() { p.Hangup(voice.Cause{Reason: voice.EndNormal}) }

// talk says words aloud, and returns when they have been said.
func (p *party) talk(words string) {
	p.tb.Helper()
	done := make(chan struct{})
	p.Line().Play(media.Clip(spoken(p.tb, words)), func(media.Played) { close(done) })
	<-done
}

// spoken is what words sound like.
func spoken(tb testing.TB, words string) []byte {
	tb.Helper()
	mouth, err := speech.NewEspeak()
	if err != nil {
		tb.Fatal(err)
	}
	ulaw, err := mouth.Say(context.Background(), words, desk.English)
	if err != nil {
		tb.Fatal(err)
	}
	return ulaw
}

// hearing keeps what somebody heard.
type hearing struct {
	tb testing.TB

	mu     sync.Mutex // guards what follows
	ulaw   []byte
	loudAt time.Time // when the last frame with sound came
}

// In implements media.Tap.
func (h *hearing) In(_ int64, ulaw []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ulaw = append(h.ulaw, ulaw...)
	if loud(ulaw) {
		h.loudAt = time.Now()
	}
}

// Out implements media.Tap.
func (h *hearing) Out(int64, []byte) {}

// loud reports whether there is sound in ulaw.
func loud(ulaw []byte) bool {
	sum := 0
	for _, c := range ulaw {
		v := int(media.ULaw(c))
		sum += max(v, -v)
	}
	return len(ulaw) > 0 && sum/len(ulaw) > 150
}

// lastLoud is when the last sound came.
func (h *hearing) lastLoud() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.loudAt
}

// newest is the newest part of what was heard.
func (h *hearing) newest(d time.Duration) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := int(d * media.Rate / time.Second)
	return slices.Clone(h.ulaw[max(0, len(h.ulaw)-n):])
}

// forget forgets what was heard so far.
func (h *hearing) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ulaw = nil
}

// hears waits until a fifth of a second of a tone has been heard just now.
func (h *hearing) hears(freq float64) {
	h.tb.Helper()
	h.forget()
	eventually(h.tb, 15*time.Second, fmt.Sprintf("the tone of %.0f Hz is heard", freq), func() bool {
		last := h.newest(200 * time.Millisecond)
		return len(last) >= media.Rate/5 && share(last, freq) > 0.8
	})
}

// speaks waits until something is heard, and says when it began.
func (h *hearing) speaks() time.Time {
	h.tb.Helper()
	from := time.Now()
	eventually(h.tb, 15*time.Second, "something is heard", func() bool { return h.lastLoud().After(from) })
	return h.lastLoud()
}

// share is how much of the energy of ulaw is at freq.
func share(ulaw []byte, freq float64) float64 {
	var re, im, all float64
	for i, c := range ulaw {
		v, w := float64(media.ULaw(c)), 2*math.Pi*freq*float64(i)/media.Rate
		re, im, all = re+v*math.Cos(w), im+v*math.Sin(w), all+v*v
	}
	if all == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / (float64(len(ulaw)) * all)
}

// tone reports whether there is a twentieth of a second of a tone in ulaw: as
// much as there is between two keys that are pressed over it.
func tone(ulaw []byte, freq float64) bool {
	for window := range slices.Chunk(ulaw, media.Rate/20) {
		if len(window) == media.Rate/20 && share(window, freq) > 0.8 {
			return true
		}
	}
	return false
}

// address is the SIP address of somebody at a node.
func address(user, at string) string { return "sip:" + user + "@" + strings.TrimPrefix(at, "sip:") }
