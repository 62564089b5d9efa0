package media

import (
	"encoding/binary"
	"errors"
)

// HeaderSize is the length of the RTP header that Put writes.
const HeaderSize = 12

// What is wrong with a packet.
var (
	ErrShortPacket = errors.New("packet is shorter than it says")
	ErrNotRTP      = errors.New("packet is not RTP version 2")
	ErrNotRTCP     = errors.New("packet is not RTCP version 2")
)

// Header is the fixed part of an RTP header, RFC 3550 section 5.1.
type Header struct {
	Marker bool
	PT     uint8
	Seq    uint16
	TS     uint32
	SSRC   uint32
}

// ParseRTP reads a packet. The payload is what remains of b after contributing
// sources, header extension and padding.
func ParseRTP(b []byte) (h Header, payload []byte, err error) {
	if len(b) < HeaderSize {
		return Header{}, nil, ErrShortPacket
	}
	if b[0]>>6 != 2 {
		return Header{}, nil, ErrNotRTP
	}
	from, to := HeaderSize+4*int(b[0]&0x0F), len(b)
	if b[0]&0x10 != 0 { // extension
		if from+4 > to {
			return Header{}, nil, ErrShortPacket
		}
		from += 4 + 4*int(binary.BigEndian.Uint16(b[from+2:]))
	}
	if b[0]&0x20 != 0 { // padding
		pad := int(b[to-1])
		if pad == 0 {
			return Header{}, nil, ErrShortPacket
		}
		to -= pad
	}
	if from > to {
		return Header{}, nil, ErrShortPacket
	}
	return Header{
		Marker: b[1]&0x80 != 0,
		PT:     b[1] & 0x7F,
		Seq:    binary.BigEndian.Uint16(b[2:]),
		TS:     binary.BigEndian.Uint32(b[4:]),
		SSRC:   binary.BigEndian.Uint32(b[8:]),
	}, b[from:to:to], nil
}

// Put writes the header into the first HeaderSize bytes of b, which must be
// there.
func (h Header) Put(b []byte) {
	_ = b[HeaderSize-1]
	b[0], b[1] = 2<<6, h.PT&0x7F
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.Seq)
	binary.BigEndian.PutUint32(b[4:], h.TS)
	binary.BigEndian.PutUint32(b[8:], h.SSRC)
}

// IsRTCP tells RTCP from RTP on one port, RFC 5761 section 4.
func IsRTCP(b []byte) bool {
	return len(b) >= 4 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223
}
