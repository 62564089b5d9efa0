//go:build unix

package rtp

import (
	"net"
	"net/netip"
	"runtime"
	"syscall"
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

// A session from the offer to its end; B/op is what its buffers take.
func BenchmarkSession(b *testing.B) {
	p := media.NewPacer()
	b.Cleanup(p.Close)
	ports := NewPorts(0, 0, loopback)
	offer := handOffer(4000)
	b.ReportAllocs()
	for b.Loop() {
		s, err := ports.Session(Options{Pacer: p})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Answer(offer); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// Many calls at once: pairs of sessions play to each other for a second each.
func BenchmarkTalk(b *testing.B) {
	const pairs = 100
	p := media.NewPacer()
	b.Cleanup(p.Close)
	var all []*Session
	for range pairs {
		x, y := newSession(b, Options{Pacer: p}), newSession(b, Options{Pacer: p})
		exchange(b, x, y, x.Offer())
		x.Line().Play(media.Music(), nil)
		y.Line().Play(media.Music(), nil)
		all = append(all, x, y)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	before := cpu()
	for b.Loop() {
		<-tick.C
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N)/float64(len(all))/1e7, "%core/leg")
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.StackInuse+mem.HeapInuse)/float64(len(all))/1024, "KB/leg")
	lost := int64(0)
	for _, s := range all {
		lost += s.Stats().Lost
	}
	b.ReportMetric(float64(lost), "lost")
}

// cpu is the processor time that the process has taken.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
