package rtp

import (
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/parleyhq/parley/voice/media"
)

// LinkOptions are what a Link is made of.
type LinkOptions struct {
	Pacer *media.Pacer
	// SendKey and ReceiveKey encrypt the two directions; the other end has them
	// the other way round. Each is KeyLen bytes of NewKey; empty: plain.
	SendKey, ReceiveKey []byte
	OnDigit             func(key byte)
	OnSilent            func()
	Log                 *slog.Logger
}

// Link is a leg between two of our own nodes: RTP with µ-law and telephone
// events, its terms known without an offer. It is safe for concurrent use.
type Link struct {
	*stream
	terms terms
}

// Link binds a pair of ports and begins a link. Close it. It returns ErrNoPorts
// when there are none.
func (p *Ports) Link(o LinkOptions) (*Link, error) {
	t := terms{formats: []format{{uint8(PCMU), PCMU}}, events: eventsPT, dir: SendRecv, mux: true}
	if len(o.SendKey)+len(o.ReceiveKey) > 0 {
		if len(o.SendKey) != KeyLen || len(o.ReceiveKey) != KeyLen {
			return nil, fmt.Errorf("the keys of a link have %d bytes each", KeyLen)
		}
		t.ours, t.sends = &cryptoLine{key: o.SendKey}, &cryptoLine{key: o.ReceiveKey}
	}
	s, err := p.stream(streamOptions{pacer: o.Pacer, log: o.Log, onDigit: o.OnDigit, onSilent: o.OnSilent})
	if err != nil {
		return nil, err
	}
	return &Link{stream: s, terms: t}, nil
}

// Addr is where the other end has to send.
func (l *Link) Addr() netip.AddrPort {
	return netip.AddrPortFrom(l.ports.ownAddr(netip.Addr{}, netip.AddrPort{}), l.pair.rtpPort)
}

// Connect sends to remote, the other end's Addr, and listens to it alone. Call
// it once.
func (l *Link) Connect(remote netip.AddrPort) error {
	t := l.terms
	t.remote = zoneless(remote)
	t.rtcp = t.remote
	if !t.remote.IsValid() || t.remote.Addr().Is6() != l.v6() {
		return fmt.Errorf("a link cannot reach %s from %s", remote, l.Addr())
	}
	return l.apply(t, false)
}
