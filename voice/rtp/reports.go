package rtp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/srtp/v3"

	"github.com/parleyhq/parley/voice/media"
)

// reportEvery is the mean time between two reports (RFC 3550, 6.2).
const reportEvery = 5 * time.Second

// reports is the RTCP of a stream: what the far end says of our audio.
type reports struct {
	mu      sync.Mutex     // guards what follows
	to      netip.AddrPort // not valid: not known yet
	told    netip.AddrPort // where the far end's audio was signalled to be
	source  netip.AddrPort // where the far end's RTP comes from
	mux     bool
	in, out *srtp.Context
	rtt     time.Duration
	loss    float64 // as the far end reports it, 0 to 1
}

func (r *reports) apply(t terms, in, out *srtp.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.in, r.out = in, out
	changed := t.remote != r.told || t.mux != r.mux
	r.mux = t.mux
	if t.remote.IsValid() && changed {
		r.to, r.source, r.told = t.rtcp, t.remote, t.remote
		if t.mux {
			r.to = t.remote
		}
	}
}

// follow moves with the far end's RTP: its RTCP comes from the port beside it,
// or from the same, until it is heard from another.
func (r *reports) follow(source netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.source == source {
		return
	}
	r.source, r.to = source, source
	if !r.mux && source.Port() < 65535 {
		r.to = netip.AddrPortFrom(source.Addr(), source.Port()+1)
	}
}

// open returns what one compound packet says. Only the host that the audio
// comes from is listened to.
func (r *reports) open(b []byte, from netip.AddrPort, now time.Time) []media.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if from.Addr() != r.source.Addr() {
		return nil
	}
	if r.in != nil {
		var err error
		if b, err = r.in.DecryptRTCP(nil, b, nil); err != nil {
			return nil
		}
	}
	all, err := media.ParseRTCP(b)
	if err != nil {
		return nil
	}
	r.to = from
	for _, one := range all {
		for _, b := range one.Blocks[:min(1, len(one.Blocks))] { // we are one source
			r.loss = float64(b.Fraction) / 256
			if rtt := media.RoundTrip(b, now); rtt > 0 {
				r.rtt = rtt
			}
		}
	}
	return all
}

// reported takes in one compound packet.
func (s *stream) reported(b []byte, from netip.AddrPort, now time.Time) {
	for _, r := range s.reports.open(b, from, now) {
		s.in.reported(r, now)
	}
}

// readRTCP reads the RTCP port until it is closed. In between it sends our
// reports, keeps the way open and looks after silence.
func (s *stream) readRTCP() {
	defer s.groups.Done()
	var buf [maxPacket]byte
	began := time.Now()
	report := began.Add(interval() / 2)
	wake := began.Add(200 * time.Millisecond)
	for errs := 0; errs < maxErrors; {
		_ = s.pair.rtcp.SetReadDeadline(wake)
		n, from, err := s.pair.rtcp.ReadFromUDPAddrPort(buf[:])
		now := time.Now()
		var timeout net.Error
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			errs = 0
			s.reported(buf[:n], zoneless(from), now)
		case errors.As(err, &timeout) && timeout.Timeout():
			errs = 0
		default:
			errs++
		}
		if now.Before(wake) {
			continue
		}
		wake = now.Add(time.Second)
		s.out.keepAlive(uint32(s.line.Clock()), now)
		if s.in.silence(now) && s.options.onSilent != nil {
			s.options.onSilent()
		}
		if now.After(report) {
			s.report(now, false)
			report = now.Add(interval())
		}
	}
	s.log.Error("the reports' socket fails", "port", s.pair.rtcpPort)
}

// interval is reportEvery, from half to one and a half times.
func interval() time.Duration { return reportEvery/2 + rand.N(reportEvery) }

// report sends what we sent and received; with bye, that it is over.
func (s *stream) report(now time.Time, bye bool) {
	r := s.out.report(now, uint32(s.line.Clock()))
	if b, ok := s.in.block(now); ok {
		r.Blocks = []media.Reception{b}
	}
	r.CNAME, r.Bye = fmt.Sprintf("%08x@parley", r.SSRC), bye
	s.reports.send(s.pair, media.AppendRTCP(nil, r))
}

// send sends one compound packet.
func (r *reports) send(via pair, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.to.IsValid() || r.to.Port() == 0 {
		return
	}
	if r.out != nil {
		var err error
		if b, err = r.out.EncryptRTCP(nil, b, nil); err != nil {
			return
		}
	}
	conn := via.rtcp
	if r.mux {
		conn = via.rtp
	}
	_, _ = conn.WriteToUDPAddrPort(b, r.to)
}
