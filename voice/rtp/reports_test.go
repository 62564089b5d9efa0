package rtp

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

func TestReports_TellLossAndRoundTrip(t *testing.T) {
	t.Parallel()
	n := 0
	a := newSession(t, Options{})
	b := newSession(t, Options{lose: func() bool { n++; return n%10 == 5 }})
	exchange(t, a, b, a.Offer())
	for i := range 200 {
		a.out.Write(silence[:], uint32(i*160), i == 0)
		b.out.Write(silence[:], uint32(i*160), i == 0)
		if i%20 == 19 { // do not outrun the sockets
			eventually(t, "audio", func() bool { return b.Stats().Received >= int64(i*9/10) })
		}
	}
	began := time.Now()
	a.report(time.Now(), false)
	eventually(t, "a's report", func() bool {
		b.in.mu.Lock()
		defer b.in.mu.Unlock()
		block, ok := b.in.count.Block(time.Now())
		return ok && block.LSR != 0
	})
	// Block was asked, so the share lost since is told by the next ones only.
	for i := range 100 {
		a.out.Write(silence[:], uint32((200+i)*160), false)
	}
	eventually(t, "audio", func() bool { return b.Stats().Received >= 265 })
	b.report(time.Now(), false)
	eventually(t, "b's report", func() bool { return a.Stats().FarLossPct > 0 })
	took := time.Since(began)
	st := a.Stats()
	if st.FarLossPct < 7 || st.FarLossPct > 13 {
		t.Errorf("the far end reports %.1f %% loss, it was 10", st.FarLossPct)
	}
	if st.RTTMs < 0 || st.RTTMs > float64(took.Milliseconds())+1 {
		t.Errorf("round trip %.1f ms, all took %s", st.RTTMs, took)
	}
	if st := b.Stats(); st.LossPct < 9 || st.LossPct > 11 || st.MOS > 4 || st.MOS < 1.5 {
		t.Errorf("b: %+v", st)
	}
}

func TestReports_GoOutUntilGoodbye(t *testing.T) {
	t.Parallel()
	s := newSession(t, Options{})
	p := newPeer(t, s, -1)
	rtcp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer rtcp.Close()
	offer := string(handOffer(int(portOf(p.conn)))) + "a=rtcp:" + strconv.Itoa(int(portOf(rtcp))) + "\r\n"
	if _, err := s.Answer([]byte(offer)); err != nil {
		t.Fatal(err)
	}
	// Nothing is played: a frame of silence keeps the way open all the same.
	if h, payload := p.read(); h.PT != 0 || len(payload) != media.Frame || payload[0] != media.Quiet {
		t.Errorf("kept alive by %+v %v", h, payload)
	}
	read := func() media.Report {
		var b [1500]byte
		_ = rtcp.SetReadDeadline(time.Now().Add(patience))
		n, err := rtcp.Read(b[:])
		if err != nil {
			t.Fatal(err)
		}
		reports, err := media.ParseRTCP(b[:n])
		if err != nil || len(reports) != 1 {
			t.Fatalf("%d reports: %v", len(reports), err)
		}
		return reports[0]
	}
	if r := read(); !r.Sender || r.Bye || r.Packets < 1 || r.CNAME == "" {
		t.Errorf("first report %+v", r)
	}
	s.Close()
	if r := read(); !r.Bye {
		t.Errorf("last report %+v", r)
	}
}

func TestSilence_IsToldOnce(t *testing.T) {
	now := time.Now()
	settled := terms{formats: []format{{0, PCMU}}, dir: SendRecv}
	var r receiver
	r.apply(settled, false, nil)
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{29 * time.Second, false}, {31 * time.Second, true}, {32 * time.Second, false}, {90 * time.Second, false}} {
		if got := r.silence(now.Add(c.after)); got != c.want {
			t.Errorf("after %s: %v, want %v", c.after, got, c.want)
		}
	}
	r.expectNow()
	if !r.silence(time.Now().Add(31 * time.Second)) {
		t.Error("not told after the call was answered")
	}
	r.apply(settled, true, nil)
	if r.silence(time.Now().Add(time.Minute)) {
		t.Error("told while on hold")
	}
	settled.dir = SendOnly
	r.apply(settled, false, nil)
	if r.silence(time.Now().Add(time.Minute)) {
		t.Error("told although we do not want to hear")
	}
}

func TestPorts_AreReusedAfterARest(t *testing.T) {
	p := media.NewPacer()
	t.Cleanup(p.Close)
	base := freeBase(t, 4)
	ports := NewPorts(base, base+3, loopback)
	now := time.Now()
	ports.now = func() time.Time { return now }
	open := func() *Session {
		t.Helper()
		s, err := ports.Session(Options{Pacer: p})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	a, b := open(), open()
	if a.LocalPort() != base || b.LocalPort() != base+2 || ports.Used() != 2 {
		t.Errorf("ports %d and %d of %d, %d in use", a.LocalPort(), b.LocalPort(), base, ports.Used())
	}
	if _, err := ports.Session(Options{Pacer: p}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a third session: %v", err)
	}
	b.Close()
	now = now.Add(300 * time.Millisecond)
	a.Close()
	a.Close() // twice does no harm
	if _, err := ports.Session(Options{Pacer: p}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("ports that rest: %v", err)
	}
	now = now.Add(800 * time.Millisecond)
	if c := open(); c.LocalPort() != base+2 {
		t.Errorf("reused %d, want the one that rested longest", c.LocalPort())
	}
	if _, err := ports.Session(Options{Pacer: p}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("the other still rests: %v", err)
	}
}

// freeBase finds n free ports in a row, the first even.
func freeBase(t *testing.T, n int) int {
	t.Helper()
	for range 100 {
		c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
		if err != nil {
			t.Fatal(err)
		}
		base := (int(portOf(c)) + 1) &^ 1
		c.Close()
		free := base+n < 65536
		for i := range n {
			c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, uint16(base+i))))
			if err != nil {
				free = false
				break
			}
			c.Close()
		}
		if free {
			return base
		}
	}
	t.Fatal("no free ports")
	return 0
}
