package rtp

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// ErrNoPorts says that every pair of ports is in use, or rests.
var ErrNoPorts = errors.New("no free UDP ports for audio")

// rest is how long a pair of ports is left alone after use, so that what was
// still on its way to the call before does not reach the next.
const rest = time.Second

// Ports hands out pairs of UDP ports: an even one for RTP, the next for RTCP.
// What was given back longest ago is used first. It is safe for concurrent use.
type Ports struct {
	bind netip.Addr
	now  func() time.Time

	mu   sync.Mutex // guards what follows
	free []freePair // in the order they came back; empty forever when any is set
	any  bool       // the kernel chooses
	used int
}

type freePair struct {
	port  uint16
	since time.Time
}

// pair is two bound sockets.
type pair struct {
	rtp, rtcp         *net.UDPConn
	rtpPort, rtcpPort uint16
}

// NewPorts hands out the ports from min to max, both included, on the address
// bind. With 0 and 0 the kernel chooses any that are free.
func NewPorts(min, max int, bind netip.Addr) *Ports {
	p := &Ports{bind: bind.Unmap(), now: time.Now, any: min == 0 && max == 0}
	if !p.any {
		for port := (min + 1) &^ 1; port > 0 && port+1 <= max && port < 65535; port += 2 {
			p.free = append(p.free, freePair{port: uint16(port)})
		}
	}
	return p
}

// Used is how many pairs are in use.
func (p *Ports) Used() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used
}

// take binds the next free pair. A pair that another program holds goes to the
// end of the row.
func (p *Ports) take() (pair, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.any {
		return p.opened(p.open(0, 0))
	}
	for range len(p.free) {
		next := p.free[0]
		if p.now().Sub(next.since) < rest {
			break
		}
		p.free = p.free[1:]
		if got, err := p.opened(p.open(next.port, next.port+1)); err == nil {
			return got, nil
		}
		p.free = append(p.free, freePair{next.port, p.now()})
	}
	return pair{}, ErrNoPorts
}

func (p *Ports) opened(got pair, err error) (pair, error) {
	if err != nil {
		return pair{}, err
	}
	p.used++
	return got, nil
}

func (p *Ports) open(rtpPort, rtcpPort uint16) (pair, error) {
	a, err := p.listen(rtpPort)
	if err != nil {
		return pair{}, err
	}
	b, err := p.listen(rtcpPort)
	if err != nil {
		a.Close()
		return pair{}, err
	}
	return pair{a, b, portOf(a), portOf(b)}, nil
}

func (p *Ports) listen(port uint16) (*net.UDPConn, error) {
	network := "udp4"
	if p.bind.Is6() {
		network = "udp6"
	}
	return net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.bind, port)))
}

// giveBack closes a pair and lets it rest.
func (p *Ports) giveBack(used pair) {
	used.rtp.Close()
	used.rtcp.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	if !p.any {
		p.free = append(p.free, freePair{used.rtpPort, p.now()})
	}
}

func portOf(c *net.UDPConn) uint16 {
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// ownAddr is the address to tell a far end at to, which may not be valid:
// public if there is one, else the bound one, else that of the way there.
func (p *Ports) ownAddr(public netip.Addr, to netip.AddrPort) netip.Addr {
	switch {
	case public.IsValid():
		return public.Unmap()
	case p.bind.IsValid() && !p.bind.IsUnspecified():
		return p.bind.WithZone("")
	}
	v6 := p.bind.Is6()
	if !to.IsValid() || to.Addr().Is6() != v6 {
		to = netip.MustParseAddrPort("192.0.2.1:9") // TEST-NET-1: nothing is sent, only the way is looked up
		if v6 {
			to = netip.MustParseAddrPort("[2001:db8::1]:9")
		}
	}
	if c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to)); err == nil {
		defer c.Close()
		return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().WithZone("")
	}
	if v6 {
		return netip.IPv6Loopback()
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}
