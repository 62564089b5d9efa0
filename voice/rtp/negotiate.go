package rtp

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// terms is what an offer and its answer have settled for the audio.
type terms struct {
	remote  netip.AddrPort // where to send; not valid: learn it from what arrives
	rtcp    netip.AddrPort
	mux     bool     // RTCP on the RTP's port (RFC 5761)
	formats []format // in order of preference: the first is what we send
	events  uint8    // payload type of telephone events, 0: none
	events2 uint8    // the one we offered, if the answer has another
	dir     Direction
	maxTime int         // ms of audio that the far end takes in one packet, 0: any
	sends   *cryptoLine // the far end's key; nil: plain
	ours    *cryptoLine // our key
}

// slot is one m= line of our description: the audio, or one we have refused
// and keep in its place (RFC 3264, 8).
type slot struct {
	refused string // the m= line, without "m="; empty: the audio
}

func refusal(s *streamDesc) slot {
	return slot{refused: s.kind + " 0 " + s.proto + " " + strings.Join(s.formats, " ")}
}

// secureProto reports whether proto is one that we speak, and whether it
// demands SRTP.
func secureProto(proto string) (secure, known bool) {
	switch strings.ToUpper(proto) {
	case "RTP/AVP", "RTP/AVPF":
		return false, true
	case "RTP/SAVP", "RTP/SAVPF":
		return true, true
	}
	return false, false
}

// read settles what s, a stream of d, says about the far end: everything but
// direction and our own key. ours are our codecs, v6 whether our socket speaks
// IPv6.
func (d *description) read(s *streamDesc, ours []Codec, mode SRTPMode, v6 bool) (terms, error) {
	secure, known := secureProto(s.proto)
	if s.kind != "audio" || s.port == 0 || !known {
		return terms{}, fmt.Errorf("%w: %s %s", ErrNotAcceptable, s.kind, s.proto)
	}
	addr, ok := d.address(s)
	if !ok {
		return terms{}, fmt.Errorf("%w: no c= line for the audio", ErrBadSDP)
	}
	t := terms{maxTime: s.number("maxptime")}
	if addr.IsValid() && !addr.IsUnspecified() {
		if addr.Is6() != v6 {
			return terms{}, fmt.Errorf("%w: the address %s is of the other IP version", ErrNotAcceptable, addr)
		}
		t.remote, t.rtcp = netip.AddrPortFrom(addr, uint16(s.port)), d.rtcpOf(s)
	}
	if t.formats, t.events = formatsOf(s, ours); len(t.formats) == 0 {
		return terms{}, fmt.Errorf("%w: neither PCMU nor PCMA", ErrNotAcceptable)
	}
	_, t.mux = s.get("rtcp-mux")
	if mode != Off {
		if lines := cryptosOf(s); len(lines) > 0 {
			t.sends = &lines[0]
		}
	}
	switch {
	case secure && t.sends == nil:
		return terms{}, fmt.Errorf("%w: SRTP without a key we can use", ErrNotAcceptable)
	case mode == Required && t.sends == nil:
		return terms{}, fmt.Errorf("%w: the audio must be encrypted", ErrNotAcceptable)
	}
	return t, nil
}

// number returns the value of a numeric attribute, 0 without.
func (s *section) number(name string) int {
	v, _ := s.get(name)
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// choose picks the best of the audio streams that d offers: an encrypted one
// before a plain one, else the first.
func (d *description) choose(ours []Codec, mode SRTPMode, v6 bool) (int, terms, error) {
	best, bestTerms := -1, terms{}
	err := fmt.Errorf("%w: no audio", ErrNotAcceptable)
	for i, s := range d.streams {
		t, e := d.read(s, ours, mode, v6)
		switch {
		case e != nil:
			if s.kind == "audio" && s.port != 0 && best < 0 {
				err = e
			}
		case best < 0 || t.sends != nil && bestTerms.sends == nil:
			best, bestTerms = i, t
		}
	}
	if best < 0 {
		return 0, terms{}, err
	}
	return best, bestTerms, nil
}

// body is what we say of ourselves in an offer or an answer.
type body struct {
	addr     netip.Addr
	port     uint16
	rtcpPort uint16
	proto    string
	formats  []format
	events   uint8
	dir      Direction
	mux      bool
	cryptos  []cryptoLine
	slots    []slot // empty: the audio alone
	id       int64
	version  int64
}

// write returns the description. Two bodies that differ in version only differ
// in their o= line only.
func (b *body) write() []byte {
	var w bytes.Buffer
	family := "IP4"
	if b.addr.Is6() {
		family = "IP6"
	}
	fmt.Fprintf(&w, "v=0\r\no=parley %d %d IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
		b.id, b.version, family, b.addr, family, b.addr)
	slots := b.slots
	if len(slots) == 0 {
		slots = []slot{{}}
	}
	for _, s := range slots {
		if s.refused != "" {
			fmt.Fprintf(&w, "m=%s\r\n", s.refused)
			continue
		}
		b.writeAudio(&w)
	}
	return w.Bytes()
}

func (b *body) writeAudio(w *bytes.Buffer) {
	fmt.Fprintf(w, "m=audio %d %s", b.port, b.proto)
	for _, f := range b.formats {
		fmt.Fprintf(w, " %d", f.pt)
	}
	if b.events != 0 {
		fmt.Fprintf(w, " %d", b.events)
	}
	w.WriteString("\r\n")
	for _, f := range b.formats {
		fmt.Fprintf(w, "a=rtpmap:%d %s/8000\r\n", f.pt, f.codec)
	}
	if b.events != 0 {
		fmt.Fprintf(w, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", b.events, b.events)
	}
	w.WriteString("a=ptime:20\r\n")
	if b.mux {
		w.WriteString("a=rtcp-mux\r\n")
	}
	fmt.Fprintf(w, "a=rtcp:%d\r\n", b.rtcpPort)
	for _, c := range b.cryptos {
		fmt.Fprintf(w, "a=crypto:%s\r\n", c)
	}
	fmt.Fprintf(w, "a=%s\r\n", b.dir)
}
