package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Why a session description was not taken.
var (
	// ErrBadSDP is what cannot be read as a session description (SIP: 400).
	ErrBadSDP = errors.New("bad session description")
	// ErrNotAcceptable is a description that is well formed and offers nothing
	// we can speak, or not as safely as asked (SIP: 488).
	ErrNotAcceptable = errors.New("nothing acceptable in the session description")
)

// Limits on what a stranger may send.
const (
	maxSDP     = 64 << 10
	maxStreams = 64
	maxFormats = 128
)

// description is a session description (RFC 8866), as far as audio needs it.
type description struct {
	section               // what stands before the first m= line
	streams []*streamDesc // the m= lines, in order
}

// streamDesc is one m= line and what follows it.
type streamDesc struct {
	section
	kind    string // audio, video, ...
	port    int    // 0: not wanted
	proto   string // RTP/AVP, ...
	formats []string
}

// section is the c= and a= lines of the session, or of one stream.
type section struct {
	hasConn bool
	conn    netip.Addr // not valid when c= names a host
	attrs   []attr
}

type attr struct{ name, value string }

// get returns the value of the first attribute called name.
func (s *section) get(name string) (string, bool) {
	for _, a := range s.attrs {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}

// direction returns the direction that the section states, if it does.
func (s *section) direction() (Direction, bool) {
	for _, a := range s.attrs {
		for d, name := range directionNames {
			if a.name == name {
				return Direction(d), true
			}
		}
	}
	return SendRecv, false
}

// parseSDP reads a description. It is lenient about order, unknown lines and
// line ends, and strict about what it uses. Errors are ErrBadSDP.
func parseSDP(body []byte) (*description, error) {
	if len(body) > maxSDP {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrBadSDP, len(body), maxSDP)
	}
	d := &description{}
	at := &d.section
	begun := false
	for n, line := range strings.Split(string(body), "\n") {
		line = strings.TrimRight(line, "\r \t\x00")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' {
			return nil, fmt.Errorf("%w: line %d has no letter and equals sign", ErrBadSDP, n+1)
		}
		kind, value := line[0], strings.TrimLeft(line[2:], " ")
		if !begun {
			if kind != 'v' || value != "0" {
				return nil, fmt.Errorf("%w: it must begin with v=0", ErrBadSDP)
			}
			begun = true
			continue
		}
		var err error
		switch kind {
		case 'm':
			var s *streamDesc
			if s, err = parseStream(value); err == nil {
				d.streams = append(d.streams, s)
				at = &s.section
			}
		case 'c':
			at.conn, err = parseConn(value)
			at.hasConn = true
		case 'a':
			name, v, _ := strings.Cut(value, ":")
			at.attrs = append(at.attrs, attr{strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(v)})
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrBadSDP, n+1, err)
		}
		if len(d.streams) > maxStreams {
			return nil, fmt.Errorf("%w: more than %d media", ErrBadSDP, maxStreams)
		}
	}
	if !begun {
		return nil, fmt.Errorf("%w: it is empty", ErrBadSDP)
	}
	return d, nil
}

// parseStream reads an m= line: kind port[/n] proto format...
func parseStream(v string) (*streamDesc, error) {
	f := strings.Fields(v)
	if len(f) < 4 {
		return nil, errors.New("m= wants a kind, a port, a protocol and a format")
	}
	if len(f)-3 > maxFormats {
		return nil, fmt.Errorf("m= has more than %d formats", maxFormats)
	}
	port, _, _ := strings.Cut(f[1], "/")
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, errors.New("m= has no valid port")
	}
	return &streamDesc{kind: strings.ToLower(f[0]), port: int(p), proto: f[2], formats: f[3:]}, nil
}

// parseConn reads a c= line: IN IP4|IP6 address[/ttl]. A host name gives an
// invalid address and no error: where it sends from is learned from what
// arrives.
func parseConn(v string) (netip.Addr, error) {
	f := strings.Fields(v)
	if len(f) != 3 || !strings.EqualFold(f[0], "IN") ||
		!strings.EqualFold(f[1], "IP4") && !strings.EqualFold(f[1], "IP6") {
		return netip.Addr{}, errors.New("c= wants IN, IP4 or IP6, and an address")
	}
	host, _, _ := strings.Cut(f[2], "/")
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, nil
	}
	if a.IsMulticast() {
		return netip.Addr{}, errors.New("c= is a multicast address")
	}
	return a.Unmap().WithZone(""), nil
}

// address returns where stream s wants its audio. The second result is whether
// a c= line says it at all.
func (d *description) address(s *streamDesc) (netip.Addr, bool) {
	if s.hasConn {
		return s.conn, true
	}
	return d.conn, d.hasConn
}

// directionOf returns the direction of s, from its sender's side. An address of
// 0.0.0.0, which older phones use for hold, takes back the wish to receive.
func (d *description) directionOf(s *streamDesc) Direction {
	dir, ok := s.direction()
	if !ok {
		dir, _ = d.direction()
	}
	if a, ok := d.address(s); ok && a.IsValid() && a.IsUnspecified() {
		dir &^= RecvOnly
	}
	return dir
}

// rtcpOf returns where s wants its RTCP (RFC 3605); the port after its RTP's
// if it does not say.
func (d *description) rtcpOf(s *streamDesc) netip.AddrPort {
	a, _ := d.address(s)
	to := netip.AddrPortFrom(a, uint16(min(s.port+1, 65535)))
	v, ok := s.get("rtcp")
	if !ok {
		return to
	}
	port, rest, more := strings.Cut(v, " ")
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil || p == 0 {
		return to
	}
	if more {
		if c, err := parseConn(rest); err == nil && c.IsValid() {
			a = c
		}
	}
	return netip.AddrPortFrom(a, uint16(p))
}
