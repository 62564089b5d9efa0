package rtp

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// patience is how long a test waits for what must happen, on a machine that
// has other things to do.
const patience = 40 * time.Second

// TestMain also sees that no goroutine of a session or a pacer outlives it.
func TestMain(m *testing.M) {
	code := m.Run()
	deadline := time.Now().Add(20 * time.Second)
	for code == 0 {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if !bytes.Contains(stacks, []byte("rtp.(*stream)")) && !bytes.Contains(stacks, []byte("media.(*clock)")) {
			break
		}
		if time.Now().After(deadline) {
			os.Stderr.WriteString("goroutines are left:\n" + string(stacks))
			code = 1
		}
		runtime.Gosched()
	}
	os.Exit(code)
}

// ear is a Tap that waits for an amount of audio.
type ear struct {
	mu    sync.Mutex
	heard []byte
	want  int
	done  chan struct{}
}

func listenTo(l *media.Line, samples int) *ear {
	e := &ear{want: samples, done: make(chan struct{})}
	l.Tap(e)
	return e
}

func (e *ear) In(_ int64, ulaw []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := len(e.heard)
	e.heard = append(e.heard, ulaw...)
	if was < e.want && len(e.heard) >= e.want {
		close(e.done)
	}
}

func (e *ear) Out(int64, []byte) {}

// pcm waits for the audio.
func (e *ear) pcm(t testing.TB) []int16 {
	t.Helper()
	within(t, e.done, "audio")
	e.mu.Lock()
	defer e.mu.Unlock()
	pcm := make([]int16, len(e.heard))
	media.ULawToPCM(pcm, e.heard)
	return pcm
}

func (e *ear) samples() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.heard)
}

func within[T any](t testing.TB, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("no %s in time", what)
	}
	return v
}

func hum(hz float64) media.Source { return media.Tone([]float64{hz}, time.Second, 0) }

// hears plays a tone from one line to the other for a second.
func hears(t testing.TB, from, to *media.Line, hz float64) {
	t.Helper()
	e := listenTo(to, media.Rate+2000)
	from.Play(hum(hz), nil)
	pcm := e.pcm(t)[2000:] // the stream's first frames may be lost or silence
	from.Stop()
	for i, share := range media.ToneShare(pcm, media.Rate, hz) {
		if share < 0.98 {
			t.Errorf("second %d: %.2f of it is %v Hz", i, share, hz)
		}
	}
}

func TestSessions_Talk(t *testing.T) {
	for name, c := range map[string]struct {
		a, b  Options
		codec string
		safe  bool
	}{
		"µ-law":           {Options{}, Options{}, "PCMU", false},
		"A-law":           {Options{Codecs: []Codec{PCMA}}, Options{}, "PCMA", false},
		"A-law preferred": {Options{Codecs: []Codec{PCMA, PCMU}}, Options{}, "PCMA", false},
		"SRTP":            {Options{SRTP: Required}, Options{SRTP: Optional}, "PCMU", true},
		"SRTP if it can":  {Options{SRTP: Optional}, Options{SRTP: Optional}, "PCMU", true},
		"SRTP, plain":     {Options{SRTP: Optional}, Options{}, "PCMU", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newSession(t, c.a), newSession(t, c.b)
			exchange(t, a, b, a.Offer())
			if a.Secure() != c.safe || b.Secure() != c.safe {
				t.Errorf("secure %v and %v, want %v", a.Secure(), b.Secure(), c.safe)
			}
			hears(t, a.Line(), b.Line(), 440)
			hears(t, b.Line(), a.Line(), 1000)
			if st := b.Stats(); st.Codec != c.codec || st.Received < 50 || st.Lost != 0 || st.MOS < 4 {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

func TestSRTP_ShortTag(t *testing.T) {
	t.Parallel()
	a, b := newSession(t, Options{SRTP: Required}), newSession(t, Options{SRTP: Optional})
	offer := a.Offer()
	lines := slices.DeleteFunc(strings.Split(string(offer), "\r\n"), func(l string) bool {
		return strings.HasPrefix(l, "a=crypto:1")
	})
	exchange(t, a, b, []byte(strings.Join(lines, "\r\n")))
	if !strings.Contains(b.said, "a=crypto:2 AES_CM_128_HMAC_SHA1_32") {
		t.Fatalf("answered by\n%s", b.said)
	}
	hears(t, a.Line(), b.Line(), 440)
}

func TestSRTP_WrongKeyIsNotHeard(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 100)
	a := newSession(t, Options{SRTP: Required})
	b := newSession(t, Options{SRTP: Required, lose: tellEach(arrived)})
	offer := string(a.Offer())
	i := strings.Index(offer, "inline:") + len("inline:")
	forged := offer[:i] + "AAAAAAAA" + offer[i+8:]
	e := listenTo(b.Line(), 1)
	exchange(t, a, b, []byte(forged))
	a.Line().Play(hum(440), nil)
	for range 20 {
		within(t, arrived, "packet")
	}
	b.Close()
	if n := e.samples(); n != 0 {
		t.Errorf("%d samples heard that another key made", n)
	}
	if b.in.refused < 19 {
		t.Errorf("%d packets refused, want all", b.in.refused)
	}
}

// tellEach loses nothing, and tells of each packet before it is looked at.
func tellEach(arrived chan<- struct{}) func() bool {
	return func() bool {
		select {
		case arrived <- struct{}{}:
		default:
		}
		return false
	}
}

func TestLinks_Talk(t *testing.T) {
	for name, keys := range map[string][2][]byte{"plain": {}, "SRTP": {NewKey(), NewKey()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := media.NewPacer()
			t.Cleanup(p.Close)
			ports := NewPorts(0, 0, loopback)
			pressed := make(chan byte, 10)
			a, err := ports.Link(LinkOptions{Pacer: p, SendKey: keys[0], ReceiveKey: keys[1]})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Close)
			b, err := ports.Link(LinkOptions{Pacer: p, SendKey: keys[1], ReceiveKey: keys[0], OnDigit: func(k byte) { pressed <- k }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(b.Close)
			if err := a.Connect(b.Addr()); err != nil {
				t.Fatal(err)
			}
			if err := b.Connect(a.Addr()); err != nil {
				t.Fatal(err)
			}
			hears(t, a.Line(), b.Line(), 440)
			hears(t, b.Line(), a.Line(), 1000)
			a.Digits("7")
			if k := within(t, pressed, "key"); k != '7' {
				t.Errorf("got key %c", k)
			}
			a.report(time.Now(), false)
			eventually(t, "a report on the same port", func() bool {
				b.in.mu.Lock()
				defer b.in.mu.Unlock()
				_, ok := b.in.count.Block(time.Now())
				return ok
			})
		})
	}
}

func TestSessions_TalkOverIPv6(t *testing.T) {
	t.Parallel()
	a, b := sessionOn(t, netip.IPv6Loopback(), Options{}), sessionOn(t, netip.IPv6Loopback(), Options{})
	exchange(t, a, b, a.Offer())
	hears(t, a.Line(), b.Line(), 440)
}

// With RTCP on the RTP's port, and both encrypted, loss and round trip are known.
func TestSessions_ReportOnOnePort(t *testing.T) {
	for name, mode := range map[string]SRTPMode{"plain": Off, "SRTP": Required} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newSession(t, Options{SRTP: mode}), newSession(t, Options{SRTP: mode})
			exchange(t, a, b, append(a.Offer(), "a=rtcp-mux\r\n"...))
			if !b.now.mux {
				t.Fatal("not taken")
			}
			a.out.Write(silence[:], 0, true)
			b.out.Write(silence[:], 0, true)
			eventually(t, "audio", func() bool { return a.Stats().Received > 0 && b.Stats().Received > 0 })
			a.report(time.Now(), false)
			eventually(t, "a's report", func() bool {
				b.in.mu.Lock()
				defer b.in.mu.Unlock()
				block, ok := b.in.count.Block(time.Now())
				return ok && block.LSR != 0
			})
		})
	}
}

// eventually waits for what another goroutine brings about.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}

func TestReinvite_MovesToAnotherPort(t *testing.T) {
	t.Parallel()
	a, b, c := newSession(t, Options{}), newSession(t, Options{}), newSession(t, Options{})
	exchange(t, a, b, a.Offer())
	hears(t, a.Line(), b.Line(), 440)
	b.Line().Play(hum(600), nil) // the one before talks on
	exchange(t, c, a, c.Offer())
	hears(t, a.Line(), c.Line(), 500)
	hears(t, c.Line(), a.Line(), 1000)
	if a.Secure() || a.RemoteHold() {
		t.Error("the re-INVITE changed what it should not")
	}
}

func TestReinvite_ChangesTheCodec(t *testing.T) {
	t.Parallel()
	a, b := newSession(t, Options{}), newSession(t, Options{})
	exchange(t, a, b, a.Offer())
	hears(t, a.Line(), b.Line(), 440)
	swapped := strings.Replace(string(a.Offer()), " 0 8 101", " 8 0 101", 1)
	exchange(t, a, b, []byte(swapped))
	hears(t, a.Line(), b.Line(), 440)
	hears(t, b.Line(), a.Line(), 440)
	if got := a.Stats().Codec; got != "PCMA" {
		t.Errorf("sends %s after the change", got)
	}
}

// peer is a far end made by hand: a socket and what it sends.
type peer struct {
	t    testing.TB
	conn *net.UDPConn
	to   netip.AddrPort
	head media.Header
}

// newPeer makes a far end for s, which has taken an offer that names port; 0 is
// the peer's own.
func newPeer(t testing.TB, s *Session, port int) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &peer{t: t, conn: conn, to: netip.AddrPortFrom(loopback, uint16(s.LocalPort())), head: media.Header{SSRC: 7, Seq: 65530, TS: 1<<32 - 400}}
	if port == 0 {
		port = int(portOf(conn))
	}
	if port > 0 {
		if _, err := s.Answer(handOffer(port)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func handOffer(port int) []byte {
	return []byte(strings.ReplaceAll("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio PORT RTP/AVP 0 8 13 101\r\na=rtpmap:101 telephone-event/8000\r\n", "PORT", strconv.Itoa(port)))
}

// packet is the next packet of n samples.
func (p *peer) packet(pt uint8, n int) []byte {
	p.head.PT = pt
	b := make([]byte, media.HeaderSize+n)
	p.head.Put(b)
	for i := range b[media.HeaderSize:] {
		b[media.HeaderSize+i] = 0x55
	}
	p.head.Seq++
	p.head.TS += uint32(n)
	return b
}

func (p *peer) send(b []byte) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort(b, p.to); err != nil {
		p.t.Fatal(err)
	}
}

// read returns the next packet that comes.
func (p *peer) read() (media.Header, []byte) {
	p.t.Helper()
	var b [2048]byte
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	n, err := p.conn.Read(b[:])
	if err != nil {
		p.t.Fatal(err)
	}
	h, payload, err := media.ParseRTP(b[:n])
	if err != nil {
		p.t.Fatal(err)
	}
	return h, payload
}

func TestFrames_OfAnyLength(t *testing.T) {
	for _, ms := range []int{10, 20, 30, 40, 60} {
		s := newSession(t, Options{})
		p := newPeer(t, s, 0)
		e := listenTo(s.Line(), 10*ms*8)
		for range 10 {
			p.send(p.packet(0, ms*8))
		}
		e.pcm(t)
		if st := s.Stats(); st.Received != 10 || st.Lost != 0 {
			t.Errorf("%d ms: %+v", ms, st)
		}
	}
}

func TestComfortNoise_IsNoAudio(t *testing.T) {
	s := newSession(t, Options{})
	p := newPeer(t, s, 0)
	e := listenTo(s.Line(), 320)
	p.send(p.packet(0, 160))
	p.send(p.packet(13, 1))
	p.send(p.packet(77, 160)) // nothing that was negotiated
	p.send(p.packet(0, 160))
	e.pcm(t)
	if n := e.samples(); n != 320 {
		t.Errorf("%d samples heard, want 320", n)
	}
}

func TestLongFrames_AreCutToWhatTheFarEndTakes(t *testing.T) {
	s := newSession(t, Options{})
	p := newPeer(t, s, -1)
	offer := string(handOffer(int(portOf(p.conn)))) + "a=maxptime:20\r\n"
	if _, err := s.Answer([]byte(offer)); err != nil {
		t.Fatal(err)
	}
	s.out.Write(make([]byte, 480), 8000, true)
	var last media.Header
	for i := range 3 {
		h, payload := p.read()
		if len(payload) != 160 || h.Marker != (i == 0) || i > 0 && (h.TS != last.TS+160 || h.Seq != last.Seq+1) {
			t.Errorf("packet %d: %+v with %d bytes, after %+v", i, h, len(payload), last)
		}
		last = h
	}
}

func TestHijack_IsRefusedAfterTheLock(t *testing.T) {
	arrived := make(chan struct{}, 100)
	s := newSession(t, Options{lose: tellEach(arrived)})
	p := newPeer(t, s, 0)
	e := listenTo(s.Line(), 160)
	p.send(p.packet(0, 160))
	e.pcm(t)

	thief := newPeer(t, s, -1)
	thief.head = p.head // it even knows the numbers
	for range 60 {
		thief.head.Marker = true
		thief.send(thief.packet(0, 160))
	}
	for range 61 {
		within(t, arrived, "packet")
	}
	s.out.Write(make([]byte, 160), 8000, false)
	p.read() // what we send still goes to the far end
	p.send(p.packet(0, 160))
	within(t, arrived, "packet")
	eventually(t, "the far end is heard", func() bool { return e.samples() == 320 })
	if s.in.refused != 60 {
		t.Errorf("%d packets refused, want 60", s.in.refused)
	}
}

func TestNAT_SourceIsLearned(t *testing.T) {
	s := newSession(t, Options{})
	p := newPeer(t, s, 9) // names a port that it does not send from
	e := listenTo(s.Line(), 320)
	for range 4 {
		p.send(p.packet(0, 160))
	}
	e.pcm(t) // the third and the fourth
	s.out.Write(make([]byte, 160), 8000, false)
	if h, _ := p.read(); h.PT != 0 {
		t.Errorf("got %+v", h)
	}
	// The same offer again changes nothing; a source that was learned stays.
	if _, err := s.Answer(handOffer(9)); err != nil {
		t.Fatal(err)
	}
	s.out.Write(make([]byte, 160), 8160, false)
	p.read()
	p.send(p.packet(0, 160))
	eventually(t, "the learned source is heard", func() bool { return e.samples() == 480 })
}
