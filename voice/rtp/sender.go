package rtp

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/parleyhq/parley/voice/media"
)

const (
	maxPayload = 1280 // samples of one packet
	maxTag     = 16   // bytes that SRTP adds
)

// sender makes RTP packets of a line's audio: one SSRC, one row of sequence
// numbers and one sample clock for the life of a session, whatever is sent.
type sender struct {
	conn *net.UDPConn

	mu      sync.Mutex     // guards what follows
	to      netip.AddrPort // not valid: not known yet
	told    netip.AddrPort // the signalled one
	open    bool           // audio may go out
	mute    bool           // keys are being sent instead
	codec   Codec
	pt      uint8
	events  uint8 // 0: not negotiated
	chunk   int   // the most the far end takes in one packet
	cipher  *srtp.Context
	ssrc    uint32
	seq     uint16
	offset  uint32 // from the line's clock to the wire's
	last    uint32 // time stamp of the last packet
	lastAt  time.Time
	sound   media.Source // of the key that is being sent
	broken  bool         // something was left out since the last packet
	packets uint32
	octets  uint32
	header  rtp.Header
	plain   [media.HeaderSize + maxPayload]byte
	sealed  [media.HeaderSize + maxPayload + maxTag]byte
}

var _ media.Wire = (*sender)(nil)

// Write sends audio, unless the far end does not want any now.
func (w *sender) Write(ulaw []byte, ts uint32, marker bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open || w.mute {
		w.broken = true
		return
	}
	for len(ulaw) > 0 {
		n := min(len(ulaw), w.chunk)
		w.audio(ulaw[:n], ts+w.offset, marker)
		ulaw, ts, marker = ulaw[n:], ts+uint32(n), false
	}
}

// audio sends one packet of audio. ts is the wire's. The caller holds mu.
func (w *sender) audio(ulaw []byte, ts uint32, marker bool) {
	payload := w.plain[media.HeaderSize : media.HeaderSize+len(ulaw)]
	if w.codec == PCMA {
		media.ULawToALaw(payload, ulaw)
	} else {
		copy(payload, ulaw)
	}
	w.send(w.pt, len(ulaw), ts, marker || w.broken)
	w.broken = false
}

// send sends the first n bytes of what stands in the payload. The caller holds
// mu.
func (w *sender) send(pt uint8, n int, ts uint32, marker bool) {
	if !w.to.IsValid() {
		return
	}
	b := w.plain[:media.HeaderSize+n]
	media.Header{Marker: marker, PT: pt, Seq: w.seq, TS: ts, SSRC: w.ssrc}.Put(b)
	w.seq++
	w.packets++
	w.octets += uint32(n)
	w.last, w.lastAt = ts, time.Now()
	if w.cipher != nil {
		sealed, err := w.cipher.EncryptRTP(w.sealed[:0], b, &w.header)
		if err != nil {
			return
		}
		b = sealed
	}
	// A full buffer or a far end that has gone loses the packet, as any network may.
	_, _ = w.conn.WriteToUDPAddrPort(b, w.to)
}

// hush keeps the line's audio back while a key is sent, and returns the key's
// time stamp. ts is the line's clock.
func (w *sender) hush(ts uint32) uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mute = true
	return w.after(ts)
}

// after is the wire's time stamp for the line's clock ts, behind all that was
// sent. The caller holds mu.
func (w *sender) after(ts uint32) uint32 {
	ts += w.offset
	if w.packets > 0 && int32(ts-w.last) < media.Frame {
		return w.last + media.Frame
	}
	return ts
}

// resume lets the line's audio through again.
func (w *sender) resume() {
	w.mu.Lock()
	w.mute = false
	w.mu.Unlock()
}

// event sends packet n of a key that began at ts: an event if those have been
// negotiated, else its sound.
func (w *sender) event(key byte, n int, p media.EventPacket, ts uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.open:
	case w.events != 0:
		copy(w.plain[media.HeaderSize:], p.Payload[:])
		w.send(w.events, len(p.Payload), ts, p.Marker)
		w.broken = true
	case n < soundFrames:
		if n == 0 {
			w.sound = sound(key)
		}
		var frame [media.Frame]byte
		if w.sound != nil && w.sound.Next(frame[:]) {
			w.audio(frame[:], ts+uint32(n*media.Frame), p.Marker)
			w.broken = true
		}
	}
}

// apply puts terms into force; cipher is nil for plain audio.
func (w *sender) apply(t terms, held bool, cipher *srtp.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.remote.IsValid() && t.remote != w.told {
		w.to, w.told = t.remote, t.remote
	}
	w.open = t.dir.Sends() && !held
	w.codec, w.pt, w.events, w.cipher = t.formats[0].codec, t.formats[0].pt, t.events, cipher
	w.chunk = maxPayload
	if t.maxTime >= 10 {
		w.chunk = min(w.chunk, t.maxTime*media.Rate/1000)
	}
}

// follow sends to another address from now on: where the far end's audio really
// comes from.
func (w *sender) follow(to netip.AddrPort) {
	w.mu.Lock()
	w.to = to
	w.mu.Unlock()
}

// keepAlive sends a frame of silence if nothing has gone out for a while, so
// that a NAT on the way stays open (RFC 6263) and a far end that learns our
// address can. ts is the line's clock.
func (w *sender) keepAlive(ts uint32, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mute || w.chunk == 0 || now.Sub(w.lastAt) < keepAliveEvery {
		return
	}
	w.audio(silence[:min(media.Frame, w.chunk)], w.after(ts), true)
	w.broken = true
}

const keepAliveEvery = 5 * time.Second

var silence = func() (s [media.Frame]byte) {
	for i := range s {
		s[i] = media.Quiet
	}
	return s
}()

// report is the sender's part of a report. ts is the line's clock.
func (w *sender) report(now time.Time, ts uint32) media.Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return media.Report{
		SSRC: w.ssrc, Sender: w.packets > 0,
		NTP: media.NTP(now), TS: ts + w.offset, Packets: w.packets, Bytes: w.octets,
	}
}
