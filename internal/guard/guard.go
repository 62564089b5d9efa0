// Package guard keeps what we connect to on behalf of others out of private
// networks: a playbook's tools and webhooks reach the open internet, and what
// the operator lists.
package guard

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Guard decides which addresses may be connected to. It looks at the address
// that the name led to, at the moment of connecting, so that a name that
// changes its mind is caught too.
type Guard struct {
	Timeout time.Duration // of connecting
	Refused error         // what Dial gives for a private address

	private map[string]bool // host:port, in small letters
}

// New makes a Guard that lets the listed host:port through, private as they
// are.
func New(allow []string, timeout time.Duration, refused error) Guard {
	g := Guard{Timeout: timeout, Refused: refused, private: map[string]bool{}}
	for _, a := range allow {
		g.private[strings.ToLower(a)] = true
	}
	return g
}

// Dial connects as net.Dialer does, to what is public or listed. It is an
// http.Transport's DialContext; give that no proxy, which would connect past
// the guard.
func (g Guard) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: g.Timeout}
	if !g.private[strings.ToLower(addr)] {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil || !Public(ap.Addr()) {
				return g.Refused
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, addr)
}

// notPublic are the blocks of addresses, beyond those that netip knows, that no
// public service has (IANA special-purpose registries), and one that clouds
// use for their own.
var notPublic = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether a is an address of the open internet.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
