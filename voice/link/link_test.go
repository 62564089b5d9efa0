package link_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/events"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/link"
	"github.com/parleyhq/parley/voice/media"
	"github.com/parleyhq/parley/voice/rtp"
)

// browser is an agent's browser that hums one tone and keeps what it hears.
type browser struct {
	line   *media.Line
	events chan voice.LegEvent
	got    chan string // what was done to it

	mu    sync.Mutex // guards heard
	heard []byte
}

func newBrowser(p *media.Pacer) *browser {
	b := &browser{events: make(chan voice.LegEvent, 16), got: make(chan string, 16)}
	b.line = media.NewLine(p, b)
	b.events <- voice.LegEvent{Kind: voice.LegRinging}
	return b
}

func (b *browser) Write(ulaw []byte, _ uint32, _ bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, ulaw...)
}
func (b *browser) ID() desk.ID                          { return "browser" }
func (b *browser) Peer() voice.Peer                     { return voice.Peer{Agent: "anna", Name: "Anna"} }
func (b *browser) Line() *media.Line                    { return b.line }
func (b *browser) Events() <-chan voice.LegEvent        { return b.events }
func (b *browser) Ring(bool) error                      { return nil }
func (b *browser) Answer(context.Context) error         { return nil }
func (b *browser) Hold(_ context.Context, _ bool) error { b.got <- "hold"; return nil }
func (b *browser) Refer(context.Context, string) error  { return nil }
func (b *browser) SendDigits(keys string)               { b.got <- keys }
func (b *browser) Stats() media.Stats                   { return media.Stats{} }
func (b *browser) PickUp() error {
	b.events <- voice.LegEvent{Kind: voice.LegAnswered}
	return nil
}
func (b *browser) Hangup(why voice.Cause) {
	b.got <- "hangup " + why.Reason
	b.events <- voice.LegEvent{Kind: voice.LegEnded, Cause: why}
	close(b.events)
}

// here is the browsers of a node.
type here map[desk.ID]*browser

func (h here) Call(_ context.Context, agent desk.ID, _ voice.Peer) (voice.Leg, error) {
	if b := h[agent]; b != nil {
		return b, nil
	}
	return nil, desk.Errorf(desk.NotFound, "phone_missing", "not here")
}

func nodes(t *testing.T, phones here, p *media.Pacer) (mine, theirs *link.Links) {
	t.Helper()
	bus, err := events.Open(events.Options{})
	if err != nil {
		t.Fatal(err)
	}
	local := netip.MustParseAddr("127.0.0.1")
	make := func(phones voice.Softphones) *link.Links {
		return &link.Links{Bus: bus, Phones: phones, Ports: rtp.NewPorts(0, 0, local), Pacer: p}
	}
	mine, theirs = make(here{}), make(phones)
	t.Cleanup(func() { mine.Close(); theirs.Close(); _ = bus.Close() })
	return mine, theirs
}

func next(t *testing.T, l voice.Leg, want voice.LegEventKind) voice.LegEvent {
	t.Helper()
	select {
	case e := <-l.Events():
		if e.Kind != want {
			t.Fatalf("got %+v, want %s", e, want)
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", want)
	}
	return voice.LegEvent{}
}

func TestLink_ACallReachesABrowserAtAnotherNode(t *testing.T) {
	p := media.NewPacer()
	defer p.Close()
	b := newBrowser(p)
	mine, theirs := nodes(t, here{"anna": b}, p)
	theirs.Ready("anna", true)

	leg, err := mine.Call(t.Context(), "anna", voice.Peer{Number: "+4930"})
	if err != nil {
		t.Fatal(err)
	}
	if leg.Peer().Name != "Anna" {
		t.Errorf("the peer is %+v", leg.Peer())
	}
	next(t, leg, voice.LegRinging)
	if err := leg.(interface{ PickUp() error }).PickUp(); err != nil {
		t.Fatal(err)
	}
	next(t, leg, voice.LegAnswered)

	// What is played into the leg is heard in the browser.
	leg.Line().Play(media.Tone([]float64{440}, 0, 0), nil)
	deadline := time.After(40 * time.Second)
	for {
		b.mu.Lock()
		n := len(b.heard)
		b.mu.Unlock()
		if n >= media.Rate {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("only %d samples arrived", n)
		case <-time.After(20 * time.Millisecond):
		}
	}
	b.mu.Lock()
	pcm := make([]int16, len(b.heard))
	media.ULawToPCM(pcm, b.heard)
	b.mu.Unlock()
	if share := media.ToneShare(pcm, media.Rate, 440)[0]; share < 0.9 {
		t.Errorf("the tone has %.2f of what was heard", share)
	}

	leg.SendDigits("12#")
	if got := <-b.got; got != "12#" {
		t.Errorf("the browser got %q", got)
	}
	b.events <- voice.LegEvent{Kind: voice.LegDigit, Digit: '5'}
	if e := next(t, leg, voice.LegDigit); e.Digit != '5' {
		t.Errorf("the key came as %q", e.Digit)
	}
	leg.Hangup(voice.Cause{Reason: voice.EndNormal, By: "caller"})
	if e := next(t, leg, voice.LegEnded); e.Cause.Reason != voice.EndNormal {
		t.Errorf("ended with %+v", e.Cause)
	}
	if got := <-b.got; got != "hangup normal" {
		t.Errorf("the browser got %q", got)
	}
}

func TestLink_TheBrowserHangsUp(t *testing.T) {
	p := media.NewPacer()
	defer p.Close()
	b := newBrowser(p)
	mine, theirs := nodes(t, here{"anna": b}, p)
	theirs.Ready("anna", true)
	leg, err := mine.Call(t.Context(), "anna", voice.Peer{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, leg, voice.LegRinging)
	b.Hangup(voice.Cause{Reason: voice.EndLost, By: "agent"})
	if e := next(t, leg, voice.LegEnded); e.Cause.Reason != voice.EndLost {
		t.Errorf("ended with %+v", e.Cause)
	}
}

func TestLink_NobodyThereIsSaidAtOnce(t *testing.T) {
	p := media.NewPacer()
	defer p.Close()
	mine, theirs := nodes(t, here{}, p)
	began := time.Now()
	if _, err := mine.Call(t.Context(), "bo", voice.Peer{}); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
	theirs.Ready("bo", true) // says so, but has gone meanwhile
	if _, err := mine.Call(t.Context(), "bo", voice.Peer{}); !desk.IsKind(err, desk.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
	theirs.Ready("bo", false)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
