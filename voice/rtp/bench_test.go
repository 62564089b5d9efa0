package rtp

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/parleyhq/parley/voice/media"
)

// relay is a bridged call: what arrives at in goes out by out. sink is where.
func relay(b *testing.B, a, o Options, secure bool) (in *stream, from netip.AddrPort, packet func() []byte) {
	b.Helper()
	p := media.NewPacer()
	b.Cleanup(p.Close)
	a.Pacer, o.Pacer = p, p
	s, out := newSession(b, a), newSession(b, o)
	sink, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { sink.Close() })
	far := netip.AddrPortFrom(loopback, portOf(sink))
	settled := terms{remote: far, rtcp: far, formats: []format{{0, PCMU}}, events: 101, dir: SendRecv}
	var sender ciphers
	if secure {
		settled.sends, settled.ours = &cryptoLine{key: NewKey()}, &cryptoLine{key: NewKey()}
		theirs := settled
		theirs.ours = settled.sends
		if sender, err = sender.renew(theirs); err != nil {
			b.Fatal(err)
		}
	}
	for _, one := range []*Session{s, out} {
		if err := one.apply(settled, false); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(media.Connect(s.Line(), out.Line()))
	var plain, sealed [512]byte
	h := media.Header{SSRC: 7, Marker: true}
	var parsed rtp.Header
	return s.stream, far, func() []byte {
		h.Put(plain[:])
		h.Seq++
		h.TS += media.Frame
		h.Marker = false
		one := plain[:media.HeaderSize+media.Frame]
		if sender.out != nil {
			if one, err = sender.out.EncryptRTP(sealed[:0], one, &parsed); err != nil {
				b.Fatal(err)
			}
		}
		return one
	}
}

// A packet that arrived is parsed, counted, relayed and sent on by the socket.
func BenchmarkRelay(b *testing.B) {
	for name, secure := range map[string]bool{"plain": false, "SRTP": true} {
		b.Run(name, func(b *testing.B) {
			s, from, packet := relay(b, Options{}, Options{}, secure)
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(20 * time.Millisecond)
				s.arrive(packet(), from, now)
			}
			if s.in.refused > 0 {
				b.Fatalf("%d packets refused", s.in.refused)
			}
		})
	}
}

// The same without the line and the socket of the other leg.
func BenchmarkReceive(b *testing.B) {
	s, from, packet := relay(b, Options{}, Options{}, false)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(20 * time.Millisecond)
		if a := s.in.take(packet(), from, now); a.audio == nil {
			b.Fatal("not taken")
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	p := media.NewPacer()
	b.Cleanup(p.Close)
	s := newSession(b, Options{Pacer: p})
	offer := handOffer(4000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Answer(offer); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRelay_AllocatesNothing(t *testing.T) {
	r := testing.Benchmark(func(b *testing.B) {
		s, from, packet := relay(b, Options{}, Options{}, false)
		now := time.Now()
		b.ReportAllocs()
		for b.Loop() {
			now = now.Add(20 * time.Millisecond)
			s.arrive(packet(), from, now)
		}
	})
	if r.AllocsPerOp() > 0 {
		t.Errorf("%d allocations for each packet", r.AllocsPerOp())
	}
}
