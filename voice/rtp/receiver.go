package rtp

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/parleyhq/parley/voice/media"
)

const (
	comfortNoise = 13 // RFC 3389
	maxPacket    = 2048
	maxErrors    = 1000 // of reading, in a row
	silentAfter  = 30 * time.Second
)

// receiver takes apart what arrives.
type receiver struct {
	mu      sync.Mutex // guards what follows
	known   bool       // there are terms
	formats []format
	events  uint8 // payload type of telephone events, 0: none
	events2 uint8 // another one
	latch   latch
	track   track
	digits  media.Digits
	count   media.Arrivals
	expects bool      // audio should come
	heard   time.Time // when something came, or was first expected
	told    bool      // of silence
	refused int64     // from strangers, or not authentic

	cipher *srtp.Context
	header rtp.Header
	opened [maxPacket]byte
}

// apply puts terms into force. The far end may have moved: where it sends from
// is learned anew.
func (r *receiver) apply(t terms, held bool, cipher *srtp.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known || t.remote.IsValid() {
		r.latch.reopen(t.remote)
		r.track.open = true
	}
	r.known, r.formats, r.cipher = true, t.formats, cipher
	r.events, r.events2 = t.events, t.events2
	r.expects = t.dir.Receives() && !held
	r.heard, r.told = time.Now(), false
}

// expectNow begins the wait for audio anew.
func (r *receiver) expectNow() {
	r.mu.Lock()
	r.heard, r.told = time.Now(), false
	r.mu.Unlock()
}

// silence reports, once, that nothing has come for too long.
func (r *receiver) silence(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.expects || r.told || now.Sub(r.heard) < silentAfter {
		return false
	}
	r.told = true
	return true
}

// arrived is what a packet turned out to be.
type arrived struct {
	audio []byte // µ-law; nil: none
	ts    uint32
	key   byte // 0: none
	moved bool // the far end's source has just been settled
}

// take looks at one packet. What it returns is valid until the next call.
func (r *receiver) take(b []byte, from netip.AddrPort, now time.Time) (a arrived) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known || !r.latch.may(from) {
		r.refused++
		return a
	}
	if r.cipher != nil {
		var err error
		if b, err = r.cipher.DecryptRTP(r.opened[:0], b, &r.header); err != nil {
			r.refused++
			return a
		}
	}
	h, payload, err := media.ParseRTP(b)
	if err != nil {
		r.refused++
		return a
	}
	ok := false
	if ok, a.moved = r.latch.take(from, h.SSRC, h.Seq, r.cipher != nil); !ok {
		r.refused++
		return a
	}
	r.heard, r.told = now, false
	if h.PT != 0 && (h.PT == r.events || h.PT == r.events2) {
		// Some send keys under another SSRC: they count, but not as this stream's packets.
		if r.track.begun && h.SSRC == r.track.ssrc {
			r.count.Number(h)
		}
		if key, begins := r.digits.Packet(h.SSRC, h.TS, payload, h.Marker, now); begins {
			a.key = key
		}
		return a
	}
	codec, ok := r.codec(h.PT)
	if !ok && h.PT != comfortNoise {
		return a
	}
	at, mine := r.track.take(h.SSRC, h.TS, len(payload), h.Marker, now)
	if !mine || !r.count.Packet(h, now) || h.PT == comfortNoise || len(payload) == 0 {
		return a
	}
	if codec == PCMA {
		media.ALawToULaw(payload, payload)
	}
	a.audio, a.ts = payload, at
	return a
}

func (r *receiver) codec(pt uint8) (Codec, bool) {
	for _, f := range r.formats {
		if f.pt == pt {
			return f.codec, true
		}
	}
	return 0, false
}

// readRTP reads the RTP port until it is closed.
func (s *stream) readRTP() {
	defer s.groups.Done()
	var buf [maxPacket]byte
	for errs := 0; errs < maxErrors; {
		n, from, err := s.pair.rtp.ReadFromUDPAddrPort(buf[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			errs++
			continue
		}
		errs = 0
		if s.options.lose != nil && s.options.lose() {
			continue
		}
		s.arrive(buf[:n], zoneless(from), time.Now())
	}
	s.log.Error("the audio's socket fails", "port", s.pair.rtpPort)
}

// arrive carries one packet to the line.
func (s *stream) arrive(b []byte, from netip.AddrPort, now time.Time) {
	if media.IsRTCP(b) {
		s.reported(b, from, now)
		return
	}
	a := s.in.take(b, from, now)
	if a.moved {
		s.out.follow(from)
		s.reports.follow(from)
	}
	if a.audio != nil {
		s.line.Arrive(a.audio, a.ts)
	}
	if a.key != 0 && s.options.onDigit != nil {
		s.options.onDigit(a.key)
	}
}

// block is what our next report says of the far end's audio. The second result
// is false while there is nothing to say.
func (r *receiver) block(now time.Time) (media.Reception, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count.Block(now)
}

// reported takes note of the far end's report.
func (r *receiver) reported(b media.Report, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.track.begun && b.SSRC == r.track.ssrc {
		r.count.Heard(b, now)
	}
}
