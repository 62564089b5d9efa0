package media

import (
	"encoding/binary"
	"time"
)

// The packet types of RFC 3550 section 12.1 that are read or written.
const (
	rtcpSR   = 200
	rtcpRR   = 201
	rtcpSDES = 202
	rtcpBye  = 203
)

// Report is what one end tells of a stream: an RTCP sender or receiver report,
// RFC 3550 section 6.4, with its name and its farewell.
type Report struct {
	SSRC    uint32
	Sender  bool   // it has sent since its last report; the next four hold
	NTP     uint64 // when it was made, see NTP
	TS      uint32 // the same moment by its media clock
	Packets uint32
	Bytes   uint32
	Blocks  []Reception
	CNAME   string
	Bye     bool
}

// Reception is a report block: how the stream of SSRC is received.
type Reception struct {
	SSRC       uint32
	Fraction   uint8 // lost since the last report, of 256
	Lost       int32 // lost at all; less than none after duplicates
	HighestSeq uint32
	Jitter     uint32 // in samples
	LSR        uint32 // middle of the last sender report's NTP, 0: none came
	DLSR       uint32 // since then, in 1/65536 s
}

const (
	maxBlocks = 31
	maxCNAME  = 255
)

// AppendRTCP appends r as one compound packet: report, description, farewell.
func AppendRTCP(dst []byte, r Report) []byte {
	be := binary.BigEndian
	blocks := r.Blocks[:min(len(r.Blocks), maxBlocks)]
	kind, words := byte(rtcpRR), 1+6*len(blocks)
	if r.Sender {
		kind, words = rtcpSR, words+5
	}
	dst = append(dst, 2<<6|byte(len(blocks)), kind, byte(words>>8), byte(words))
	dst = be.AppendUint32(dst, r.SSRC)
	if r.Sender {
		dst = be.AppendUint64(dst, r.NTP)
		dst = be.AppendUint32(dst, r.TS)
		dst = be.AppendUint32(dst, r.Packets)
		dst = be.AppendUint32(dst, r.Bytes)
	}
	for _, b := range blocks {
		dst = be.AppendUint32(dst, b.SSRC)
		lost := max(-1<<23, min(1<<23-1, b.Lost))
		dst = be.AppendUint32(dst, uint32(b.Fraction)<<24|uint32(lost)&0xFFFFFF)
		dst = be.AppendUint32(dst, b.HighestSeq)
		dst = be.AppendUint32(dst, b.Jitter)
		dst = be.AppendUint32(dst, b.LSR)
		dst = be.AppendUint32(dst, b.DLSR)
	}
	if r.CNAME != "" {
		name := r.CNAME[:min(len(r.CNAME), maxCNAME)]
		words := (4+2+len(name))/4 + 1 // at least one zero ends the list
		dst = append(dst, 2<<6|1, rtcpSDES, byte(words>>8), byte(words))
		dst = be.AppendUint32(dst, r.SSRC)
		dst = append(dst, 1, byte(len(name)))
		dst = append(dst, name...)
		for n := 6 + len(name); n < 4*words; n++ {
			dst = append(dst, 0)
		}
	}
	if r.Bye {
		dst = append(dst, 2<<6|1, rtcpBye, 0, 1)
		dst = be.AppendUint32(dst, r.SSRC)
	}
	return dst
}

// ParseRTCP reads a compound packet into one Report for each report in it.
// Kinds it does not know are passed over. A farewell or a name without a report
// comes as a Report of its own.
func ParseRTCP(b []byte) (reports []Report, err error) {
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, ErrShortPacket
		}
		if b[0]>>6 != 2 || b[1] < 192 || b[1] > 223 {
			return nil, ErrNotRTCP
		}
		size := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if size > len(b) {
			return nil, ErrShortPacket
		}
		body, count := b[4:size], int(b[0]&0x1F)
		if b[0]&0x20 != 0 { // padding
			if len(body) == 0 || body[len(body)-1] == 0 || int(body[len(body)-1]) > len(body) {
				return nil, ErrShortPacket
			}
			body = body[:len(body)-int(body[len(body)-1])]
		}
		switch b[1] {
		case rtcpSR, rtcpRR:
			r, err := parseReport(body, b[1] == rtcpSR, count)
			if err != nil {
				return nil, err
			}
			reports = append(reports, r)
		case rtcpSDES:
			for range count {
				ssrc, name, rest, ok := parseChunk(body)
				if !ok {
					return nil, ErrShortPacket
				}
				of(&reports, ssrc).CNAME = name
				body = rest
			}
		case rtcpBye:
			if len(body) < 4*count {
				return nil, ErrShortPacket
			}
			for i := range count {
				of(&reports, binary.BigEndian.Uint32(body[4*i:])).Bye = true
			}
		}
		b = b[size:]
	}
	return reports, nil
}

// of is the report of ssrc, made if there is none.
func of(reports *[]Report, ssrc uint32) *Report {
	for i := range *reports {
		if (*reports)[i].SSRC == ssrc {
			return &(*reports)[i]
		}
	}
	*reports = append(*reports, Report{SSRC: ssrc})
	return &(*reports)[len(*reports)-1]
}

func parseReport(b []byte, sender bool, count int) (r Report, err error) {
	be, head := binary.BigEndian, 4
	if sender {
		head = 24
	}
	if len(b) < head+24*count {
		return r, ErrShortPacket
	}
	r.SSRC, r.Sender = be.Uint32(b), sender
	if sender {
		r.NTP, r.TS, r.Packets, r.Bytes = be.Uint64(b[4:]), be.Uint32(b[12:]), be.Uint32(b[16:]), be.Uint32(b[20:])
	}
	for b = b[head:]; count > 0; count, b = count-1, b[24:] {
		loss := be.Uint32(b[4:])
		r.Blocks = append(r.Blocks, Reception{
			SSRC: be.Uint32(b), Fraction: uint8(loss >> 24), Lost: int32(loss<<8) >> 8,
			HighestSeq: be.Uint32(b[8:]), Jitter: be.Uint32(b[12:]), LSR: be.Uint32(b[16:]), DLSR: be.Uint32(b[20:]),
		})
	}
	return r, nil
}

// parseChunk reads one source's part of a description, RFC 3550 section 6.5.
func parseChunk(b []byte) (ssrc uint32, cname string, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, "", nil, false
	}
	ssrc = binary.BigEndian.Uint32(b)
	for i := 4; i < len(b); {
		if b[i] == 0 {
			return ssrc, cname, b[min(len(b), (i+4)&^3):], true
		}
		if i+2 > len(b) || i+2+int(b[i+1]) > len(b) {
			return 0, "", nil, false
		}
		if b[i] == 1 {
			cname = string(b[i+2 : i+2+int(b[i+1])])
		}
		i += 2 + int(b[i+1])
	}
	return ssrc, cname, nil, true
}

// NTP is a moment as RTCP writes it: seconds since 1900, in 1/2^32.
func NTP(t time.Time) uint64 {
	const since1900 = 2208988800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// RoundTrip is the time to the far end and back by its report of our stream,
// RFC 3550 section 6.4.1. It is 0 when the far end cannot know yet.
func RoundTrip(b Reception, now time.Time) time.Duration {
	if b.LSR == 0 {
		return 0
	}
	ticks := int32(uint32(NTP(now)>>16) - b.LSR - b.DLSR)
	return time.Duration(max(ticks, 0)) * time.Second / 65536
}
