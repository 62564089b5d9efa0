package rtc

import (
	"context"
	"math"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
	"github.com/parleyhq/parley/voice/media"
)

const limit = 40 * time.Second // how long a test waits for what should come; a loaded machine is slow

// open is a server on loopback.
func open(t testing.TB, change func(*Config)) *Server {
	t.Helper()
	pacer := media.NewPacer()
	cfg := Config{UDP: "127.0.0.1:0", Pacer: pacer}
	if change != nil {
		change(&cfg)
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		pacer.Close()
	})
	return s
}

// browser is a pion peer that behaves as Chromium does: it offers Opus first,
// gathers before it offers, and bundles.
type browser struct {
	t     testing.TB
	pc    *webrtc.PeerConnection
	net   *cable
	audio *sender
	video *webrtc.TrackLocalStaticRTP
	offer string
	sees  *webrtc.RTPSender // video's

	mu     sync.Mutex
	heard  []byte // µ-law as it came
	seqs   []uint16
	stamps []uint32
	keys   []rtp.Packet
	shown  []rtp.Packet
	ssrcs  map[uint32]bool
	wishes []rtcp.Packet

	ts uint32
}

func newBrowser(t testing.TB, video bool) *browser {
	return newBrowserWith(t, video, webrtc.MimeTypePCMU, webrtc.MimeTypePCMA)
}

// newBrowserWith is one that speaks only some of G.711.
func newBrowserWith(t testing.TB, video bool, laws ...string) *browser {
	t.Helper()
	var codecs webrtc.MediaEngine
	for _, c := range []struct {
		kind webrtc.RTPCodecType
		webrtc.RTPCodecParameters
	}{
		{webrtc.RTPCodecTypeAudio, opus()},
		{webrtc.RTPCodecTypeAudio, codec(webrtc.MimeTypeG722, 8000, 9)},
		{webrtc.RTPCodecTypeAudio, codec(webrtc.MimeTypePCMU, 8000, 0)},
		{webrtc.RTPCodecTypeAudio, codec(webrtc.MimeTypePCMA, 8000, 8)},
		{webrtc.RTPCodecTypeAudio, codec(mimeEvents, 48000, 110)},
		{webrtc.RTPCodecTypeAudio, codec(mimeEvents, 8000, 126)},
		{webrtc.RTPCodecTypeVideo, codec(webrtc.MimeTypeVP8, 90000, 99,
			webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTCPFeedback{Type: "nack", Parameter: "pli"})},
	} {
		if c.ClockRate == 8000 && c.PayloadType <= 8 && !slices.Contains(laws, c.MimeType) {
			continue
		}
		if err := codecs.RegisterCodec(c.RTPCodecParameters, c.kind); err != nil {
			t.Fatal(err)
		}
	}
	var reports interceptor.Registry
	if err := webrtc.ConfigureRTCPReports(&reports); err != nil {
		t.Fatal(err)
	}
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	net := &cable{PacketConn: conn}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: net, Logger: pionLogs{discard()}.NewLogger("")})
	t.Cleanup(func() { _ = mux.Close() })
	set.SetICEUDPMux(mux)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set.LoggerFactory = pionLogs{discard()}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(&codecs), webrtc.WithInterceptorRegistry(&reports), webrtc.WithSettingEngine(set))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, pc: pc, net: net, ssrcs: map[uint32]bool{}}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	pc.OnTrack(b.receive)
	b.audio = newSender(webrtc.RTPCodecTypeAudio)
	if _, err = pc.AddTrack(b.audio); err != nil {
		t.Fatal(err)
	}
	if video {
		b.video = b.track(webrtc.MimeTypeVP8, "video")
		if b.sees, err = pc.AddTrack(b.video); err != nil {
			t.Fatal(err)
		}
		go b.readWishes()
	}
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	done := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	<-done
	b.offer = pc.LocalDescription().SDP
	return b
}

// cable is a browser's network; one that is cut neither sends nor receives.
type cable struct {
	net.PacketConn
	cut atomic.Bool
}

func (c *cable) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.cut.Load() {
		return len(b), nil
	}
	return c.PacketConn.WriteTo(b, to)
}

func (c *cable) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil || !c.cut.Load() {
			return n, from, err
		}
	}
}

func opus() webrtc.RTPCodecParameters {
	c := codec(webrtc.MimeTypeOpus, 48000, 111)
	c.Channels = 2
	return c
}

func (b *browser) track(mime, id string) *webrtc.TrackLocalStaticRTP {
	t, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, id, "me")
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

func (b *browser) accept(answer string) {
	b.t.Helper()
	if err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		b.t.Fatal(err)
	}
	eventually(b.t, "the browser to connect", func() bool {
		return b.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
	})
}

func (b *browser) receive(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	go func() { // for the reports
		for {
			if _, _, err := r.ReadRTCP(); err != nil {
				return
			}
		}
	}()
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		b.mu.Lock()
		switch {
		case t.Kind() == webrtc.RTPCodecTypeVideo:
			b.shown = append(b.shown, *p)
		case p.PayloadType == 126:
			b.keys = append(b.keys, *p)
			b.seqs = append(b.seqs, p.SequenceNumber)
		default:
			b.heard = append(b.heard, p.Payload...)
			b.seqs = append(b.seqs, p.SequenceNumber)
			b.stamps = append(b.stamps, p.Timestamp)
			b.ssrcs[p.SSRC] = true
		}
		b.mu.Unlock()
	}
}

func (b *browser) readWishes() {
	for {
		pkts, _, err := b.sees.ReadRTCP()
		if err != nil {
			return
		}
		b.mu.Lock()
		b.wishes = append(b.wishes, pkts...)
		b.mu.Unlock()
	}
}

// say sends a tone in real time until stop.
func (b *browser) say(freq float64) (stop func()) {
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		at := 0
		for {
			select {
			case <-tick.C:
				b.frame(tone(freq, at))
				at += media.Frame
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done); <-over })
}

func (b *browser) frame(ulaw []byte) {
	b.ts += media.Frame
	b.audio.audio(b, ulaw, b.ts, false)
}

// press sends a key as RFC 4733 says.
func (b *browser) press(key byte) {
	begun := b.ts + media.Frame
	for _, e := range media.EventPackets(key) {
		b.ts += media.Frame
		b.audio.event(b, e.Payload[:], begun, e.Marker)
	}
}

func tone(freq float64, at int) []byte {
	out := make([]byte, media.Frame)
	for i := range out {
		out[i] = media.ToULaw(int16(8000 * math.Sin(2*math.Pi*freq*float64(at+i)/media.Rate)))
	}
	return out
}

// hears waits until the last 200 ms that came are a tone of freq.
func (b *browser) hears(freq float64) {
	b.t.Helper()
	eventually(b.t, "the browser to hear its tone", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return share(b.heard, freq) > 0.95
	})
}

func (b *browser) samples() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.heard)
}

func (b *browser) deaf() {
	b.mu.Lock()
	b.heard = nil
	b.mu.Unlock()
}

// share is how much of the last 200 ms of what was heard is a tone of freq.
func share(ulaw []byte, freq float64) float64 {
	const span = media.Rate / 5
	if len(ulaw) < span {
		return 0
	}
	var re, im, all float64
	for i, c := range ulaw[len(ulaw)-span:] {
		v := float64(media.ULaw(c))
		w := 2 * math.Pi * freq * float64(i) / media.Rate
		re, im, all = re+v*math.Cos(w), im+v*math.Sin(w), all+v*v
	}
	if all == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / (span * all)
}

// ear keeps what arrives on a line.
type ear struct {
	mu   sync.Mutex
	ulaw []byte
}

func (e *ear) In(_ int64, ulaw []byte) {
	e.mu.Lock()
	e.ulaw = append(e.ulaw, ulaw...)
	e.mu.Unlock()
}

func (e *ear) Out(int64, []byte) {}

func (e *ear) hears(t testing.TB, freq float64) {
	t.Helper()
	eventually(t, "the line to hear its tone", func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return share(e.ulaw, freq) > 0.95
	})
}

// beep plays a tone for ever.
type beep struct {
	freq float64
	at   int
}

func (s *beep) Next(dst []byte) bool {
	copy(dst, tone(s.freq, s.at))
	s.at += media.Frame
	return true
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	late := time.NewTimer(limit)
	defer late.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatalf("waited %v for %s", limit, what)
		}
	}
}

// next is the leg's next event, which must be of kind.
func next(t testing.TB, l voice.Leg, kind voice.LegEventKind) voice.LegEvent {
	t.Helper()
	select {
	case e, ok := <-l.Events():
		if !ok || e.Kind != kind {
			t.Fatalf("got event %+v (open %v), want %s", e, ok, kind)
		}
		return e
	case <-time.After(limit):
		t.Fatalf("waited %v for the event %s", limit, kind)
		panic("unreachable")
	}
}

// talk is a customer's connected and answered call.
func talk(t testing.TB, s *Server, video bool) (*browser, voice.Leg) {
	t.Helper()
	b := newBrowser(t, video)
	answer, l, err := s.Talk(t.Context(), voice.Peer{Name: "Ada", Contact: "c1", Known: true}, b.offer)
	if err != nil {
		t.Fatal(err)
	}
	b.accept(answer)
	if err := l.Answer(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, l
}

// phoneOf is a connected tab of an agent.
func phoneOf(t testing.TB, s *Server, agent desk.ID, video bool) (*browser, desk.ID) {
	t.Helper()
	b := newBrowser(t, video)
	answer, id, err := s.Phone(t.Context(), agent, "Grace", b.offer)
	if err != nil {
		t.Fatal(err)
	}
	b.accept(answer)
	eventually(t, "the phone to be ready", func() bool { return s.Ready(agent) })
	return b, id
}

// called is an agent's phone that has picked up.
func called(t testing.TB, s *Server, agent desk.ID) voice.Leg {
	t.Helper()
	l, err := s.Call(context.Background(), agent, voice.Peer{Number: "+4930123456"})
	if err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegRinging)
	if err := s.PickUp(agent, l.ID()); err != nil {
		t.Fatal(err)
	}
	next(t, l, voice.LegAnswered)
	return l
}
