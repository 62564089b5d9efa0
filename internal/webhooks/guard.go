package webhooks

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/parleyhq/parley/desk"
)

// guard decides which addresses may be connected to, by the address that the
// name led to at the moment of connecting.
type guard struct {
	private map[string]bool // host:port, in small letters
}

func newGuard(allow []string) guard {
	g := guard{private: map[string]bool{}}
	for _, a := range allow {
		g.private[strings.ToLower(a)] = true
	}
	return g
}

func (g guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	if !g.private[strings.ToLower(addr)] {
		d.Control = func(_, address string, _ syscall.RawConn) error { return publicOnly(address) }
	}
	return d.DialContext(ctx, network, addr)
}

func publicOnly(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !public(ap.Addr()) {
		return desk.Errorf(desk.Forbidden, "private_address", "the address is private: the operator can list its host:port to allow it")
	}
	return nil
}

// notPublic are the blocks, beyond those that netip knows, that no public
// service has (IANA special-purpose registries), and one that clouds use for
// their own.
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

// public reports whether a is an address of the open internet.
func public(a netip.Addr) bool {
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
