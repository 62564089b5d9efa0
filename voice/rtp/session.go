package rtp

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"

	"github.com/parleyhq/parley/voice/media"
)

// Options are what a Session is made of. Callbacks may be nil; they are called
// in the goroutines of the audio and must be fast.
type Options struct {
	Pacer    *media.Pacer
	Public   netip.Addr // the address to tell the far end; not valid: the bound one
	SRTP     SRTPMode
	Codecs   []Codec // in order of preference; empty: PCMU, PCMA
	OnDigit  func(key byte)
	OnSilent func()          // nothing has come for 30 s although it should; once
	OnHold   func(held bool) // the far end has put us on hold, or resumed
	Log      *slog.Logger

	lose func() bool // tests: drops a packet that arrived
}

// Session is the audio of one SIP leg: a pair of ports, what has been
// negotiated by session descriptions (RFC 8866, RFC 3264), and the RTP.
// Offers and answers must be exchanged one at a time, as SIP demands; all else
// is safe for concurrent use.
type Session struct {
	*stream
	options Options

	mu      sync.Mutex // guards what follows
	id      int64      // of our o= lines
	version int64
	said    string    // the last description, with version 0
	want    Direction // of ours, as it was last accepted
	keys    [len(suites)][]byte
	slots   []slot // of the last answer; empty: the audio alone
	layout  layout
	pending *pending // our offer, until it is accepted
	now     terms
	settled bool
	held    bool
}

// layout is how our audio is described: it stays the same from one description
// to the next unless the far end changes it.
type layout struct {
	proto   string
	formats []format
	events  uint8
	mux     bool
	cryptos []cryptoLine
}

// pending is an offer of ours that waits for its answer.
type pending struct {
	layout
	dir Direction
}

// Session binds a pair of ports and begins a session. Close it. It returns
// ErrNoPorts when there are none.
func (p *Ports) Session(o Options) (*Session, error) {
	if len(o.Codecs) == 0 {
		o.Codecs = []Codec{PCMU, PCMA}
	}
	s := &Session{options: o, id: rand.Int64N(1 << 62), want: SendRecv}
	for i := range s.keys {
		s.keys[i] = NewKey()
	}
	st, err := p.stream(streamOptions{
		pacer: o.Pacer, log: o.Log, lose: o.lose, onDigit: o.OnDigit, onSilent: o.OnSilent,
	})
	if err != nil {
		return nil, err
	}
	s.stream = st
	return s, nil
}

// Offer describes what we can do: the body of an INVITE, or of the answer to
// one without a body. The far end's answer goes to Accept. Later in the
// session it repeats what is settled, in the direction that is wanted.
func (s *Session) Offer() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offer(s.want)
}

// Reoffer is Offer with another direction: SendOnly to hold the far end,
// SendRecv to resume. It counts once it is accepted.
func (s *Session) Reoffer(dir Direction) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offer(dir & SendRecv)
}

func (s *Session) offer(dir Direction) []byte {
	l := s.layout
	if !s.settled {
		l = layout{proto: "RTP/AVP", events: eventsPT}
		if s.options.SRTP != Off {
			for i := range suites {
				l.cryptos = append(l.cryptos, cryptoLine{tag: fmt.Sprint(i + 1), suite: i, key: s.keys[i]})
			}
		}
		if s.options.SRTP == Required {
			l.proto = "RTP/SAVP"
		}
	}
	l.formats = s.offered(l)
	s.pending = &pending{layout: l, dir: dir}
	return s.describe(l, dir, s.now.remote)
}

// offered is every codec we speak, those of l first.
func (s *Session) offered(l layout) []format {
	all := slices.Clone(l.formats)
	for _, c := range s.options.Codecs {
		known := slices.ContainsFunc(all, func(f format) bool { return f.codec == c || f.pt == uint8(c) })
		if !known && l.events != uint8(c) {
			all = append(all, format{uint8(c), c})
		}
	}
	return all
}

// describe writes a description; its version grows if anything has changed.
func (s *Session) describe(l layout, dir Direction, to netip.AddrPort) []byte {
	b := body{
		addr: s.ports.ownAddr(s.options.Public, to), port: s.pair.rtpPort, rtcpPort: s.pair.rtcpPort,
		proto: l.proto, formats: l.formats, events: l.events, dir: dir, mux: l.mux, cryptos: l.cryptos,
		slots: s.slots, id: s.id,
	}
	if b.mux {
		b.rtcpPort = b.port
	}
	if text := string(b.write()); text != s.said {
		s.said = text
		s.version++
	}
	b.version = s.version
	return b.write()
}

// Answer takes the far end's offer and returns our answer; audio flows from
// then on. Errors are ErrBadSDP and ErrNotAcceptable; they change nothing.
func (s *Session) Answer(offer []byte) ([]byte, error) {
	d, err := parseSDP(offer)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	i, t, err := d.choose(s.options.Codecs, s.options.SRTP, s.v6())
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	theirs := d.directionOf(d.streams[i])
	t.dir = s.want & theirs.reverse()
	l := layout{proto: d.streams[i].proto, formats: t.formats, events: t.events, mux: t.mux}
	if t.sends != nil {
		t.ours = &cryptoLine{tag: t.sends.tag, suite: t.sends.suite, key: s.keys[t.sends.suite]}
		l.cryptos = []cryptoLine{*t.ours}
	}
	tell, err := s.settle(t, !theirs.Receives())
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.slots = s.slots[:0]
	for j, m := range d.streams {
		if j == i {
			s.slots = append(s.slots, slot{})
		} else {
			s.slots = append(s.slots, refusal(m))
		}
	}
	s.layout, s.pending = l, nil
	body := s.describe(l, t.dir, t.remote)
	s.mu.Unlock()
	tell()
	return body, nil
}

// Accept takes the far end's answer to our last offer; audio flows from then
// on. An answer may come twice, in a provisional response and in the final one.
// Errors are ErrBadSDP and ErrNotAcceptable; they change nothing.
func (s *Session) Accept(answer []byte) error {
	d, err := parseSDP(answer)
	if err != nil {
		return err
	}
	s.mu.Lock()
	tell, err := s.accept(d)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	tell()
	return nil
}

func (s *Session) accept(d *description) (tell func(), err error) {
	if s.pending == nil {
		return nil, fmt.Errorf("%w: an answer without an offer", ErrNotAcceptable)
	}
	i := slices.IndexFunc(d.streams, func(m *streamDesc) bool { return m.kind == "audio" && m.port != 0 })
	if i < 0 {
		return nil, fmt.Errorf("%w: the audio was refused", ErrNotAcceptable)
	}
	m := d.streams[i]
	t, err := d.read(m, s.options.Codecs, s.options.SRTP, s.v6())
	if err != nil {
		return nil, err
	}
	l := s.pending.layout
	if t.sends != nil {
		j := slices.IndexFunc(l.cryptos, func(c cryptoLine) bool { return c.tag == t.sends.tag && c.suite == t.sends.suite })
		if j < 0 {
			return nil, fmt.Errorf("%w: the key answers none of ours", ErrNotAcceptable)
		}
		t.ours = &l.cryptos[j]
		l.cryptos = l.cryptos[j : j+1]
	} else {
		l.cryptos = nil
	}
	t.mux = t.mux && l.mux
	theirs := d.directionOf(m)
	t.dir = s.pending.dir & theirs.reverse()
	held := s.held
	if s.pending.dir.Sends() {
		held = !theirs.Receives()
	}
	if t.events != 0 {
		t.events2 = l.events
	}
	l.formats, l.events = t.formats, t.events
	if tell, err = s.settle(t, held); err == nil {
		s.layout, s.want = l, s.pending.dir
	}
	return tell, err
}

// settle puts terms into force and returns what tells of a hold. The caller
// holds mu.
func (s *Session) settle(t terms, held bool) (tell func(), err error) {
	if err := s.stream.apply(t, held); err != nil {
		return nil, err
	}
	was := s.held
	s.now, s.held, s.settled = t, held, true
	if held == was || s.options.OnHold == nil {
		return func() {}, nil
	}
	return func() { s.options.OnHold(held) }, nil
}

// RemoteHold reports whether the far end has put us on hold.
func (s *Session) RemoteHold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// Answered begins the wait for audio anew, as every offer and answer does. Call
// it when a call is taken whose audio was negotiated while it rang.
func (s *Session) Answered() { s.in.expectNow() }

// Secure reports whether the audio is encrypted.
func (s *Session) Secure() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.sends != nil
}
