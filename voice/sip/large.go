package sip

import (
	"context"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	largest   = 1300 // octets of a request that may go by UDP: RFC 3261, 18.1.1
	streamTry = 2 * time.Second
	noStream  = 10 * time.Minute // a host that does not take TCP is not asked again
	maxHosts  = 1000             // of which that is known
)

// sendLarge sends a request that is too long for UDP by TCP. ok is false when it
// is to go by UDP all the same: it fits, or the far end does not take TCP.
func (s *Server) sendLarge(ctx context.Context, req *sip.Request) (tx *sip.ClientTx, ok bool) {
	if s.tcp == nil || !strings.EqualFold(req.Transport(), "UDP") || req.MessageData.Destination() != "" || len(req.String()) <= largest {
		return nil, false
	}
	at := req.Recipient
	if r := req.Route(); r != nil {
		at = r.Address
	}
	if at.UriParams.Has("transport") { // it wants UDP
		return nil, false
	}
	host := req.Destination()
	if s.streamless(host) {
		return nil, false
	}
	via, was, laddr := req.Via(), *req.Via(), req.Laddr
	via.Transport, via.Port, req.Laddr = "TCP", int(s.Addr("tcp").Port()), sip.Addr{}
	req.SetTransport("TCP")
	ctx, cancel := context.WithTimeout(ctx, streamTry)
	defer cancel()
	tx, err := s.tx.Request(ctx, req)
	if err == nil {
		return tx, true
	}
	s.log.Debug("sip: a long request goes by UDP", "to", host, "error", err)
	s.mu.Lock()
	if len(s.noTCP) >= maxHosts {
		clear(s.noTCP)
	}
	s.noTCP[host] = time.Now().Add(noStream)
	s.mu.Unlock()
	via.Transport, via.Port, req.Laddr = was.Transport, was.Port, laddr
	req.SetTransport("UDP")
	return nil, false
}

// streamless reports whether a host is known not to take TCP.
func (s *Server) streamless(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.noTCP[host]
	if ok && time.Now().After(until) {
		delete(s.noTCP, host)
		return false
	}
	return ok
}
