package rtp

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parleyhq/parley/voice/media"
)

// streamOptions are what a stream is made of.
type streamOptions struct {
	pacer    *media.Pacer
	log      *slog.Logger
	lose     func() bool
	onDigit  func(byte)
	onSilent func()
}

// stream is the RTP and RTCP of one pair of ports. A goroutine reads each of
// the two sockets; that of RTCP also sends the reports and looks after silence.
type stream struct {
	ports   *Ports
	pair    pair
	line    *media.Line
	options streamOptions
	log     *slog.Logger

	in      receiver
	out     sender
	reports reports
	keys    keys
	ciphers ciphers // used by apply alone
	deafen  func()  // likewise: ends the search for keys in the sound

	ended  atomic.Bool
	quit   chan struct{}
	groups sync.WaitGroup
}

func (p *Ports) stream(o streamOptions) (*stream, error) {
	got, err := p.take()
	if err != nil {
		return nil, err
	}
	s := &stream{ports: p, pair: got, options: o, log: o.log, quit: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.out.conn = got.rtp
	s.out.ssrc, s.out.seq, s.out.offset = rand.Uint32(), uint16(rand.Uint32()), rand.Uint32()
	s.line = media.NewLine(o.pacer, &s.out)
	s.groups.Add(2)
	go s.readRTP()
	go s.readRTCP()
	return s, nil
}

// Line is the session's audio.
func (s *stream) Line() *media.Line { return s.line }

// LocalPort is the port that RTP arrives at.
func (s *stream) LocalPort() int { return int(s.pair.rtpPort) }

func (s *stream) v6() bool { return s.ports.bind.Is6() }

// apply puts terms into force. Calls must not overlap.
func (s *stream) apply(t terms, held bool) error {
	c, err := s.ciphers.renew(t)
	if err != nil {
		return err
	}
	s.ciphers = c
	s.in.apply(t, held, c.in)
	s.out.apply(t, held, c.out)
	s.reports.apply(t, c.inRTCP, c.outRTCP)
	s.listen(t.events == 0)
	return nil
}

// listen finds keys in the sound itself, where they cannot come as events.
func (s *stream) listen(on bool) {
	switch {
	case on && s.deafen == nil && s.options.onDigit != nil:
		s.deafen = s.line.Tap(media.NewInband(s.options.onDigit))
	case !on && s.deafen != nil:
		s.deafen()
		s.deafen = nil
	}
}

// Close says goodbye, ends the line and gives the ports back. It returns when
// the session's goroutines have ended, so it must not be called by a callback.
func (s *stream) Close() {
	if s.ended.Swap(true) {
		return
	}
	s.keys.close()
	s.line.Close()
	s.report(time.Now(), true)
	close(s.quit)
	s.ports.giveBack(s.pair)
	s.groups.Wait()
	if n := s.in.refused; n > 0 {
		s.log.Info("packets refused: from strangers, or not authentic", "port", s.pair.rtpPort, "packets", n)
	}
}

func zoneless(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}
