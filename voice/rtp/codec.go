package rtp

import (
	"strconv"
	"strings"
)

// Codec is a way to code audio; its value is the static payload type (RFC 3551).
type Codec uint8

// The codecs.
const (
	PCMU Codec = 0 // G.711 µ-law
	PCMA Codec = 8 // G.711 A-law
)

// String returns the codec's name in session descriptions.
func (c Codec) String() string {
	if c == PCMA {
		return "PCMA"
	}
	return "PCMU"
}

// format is a codec under the payload type that two ends have agreed on.
type format struct {
	pt    uint8
	codec Codec
}

// eventsPT is the payload type under which we offer telephone events.
const eventsPT = 101

// formatsOf returns the formats of s that we speak, in its order, and the
// payload type of telephone events at 8000 Hz, 0 without.
func formatsOf(s *streamDesc, ours []Codec) (formats []format, events uint8) {
	maps := map[string]string{"0": "PCMU/8000", "8": "PCMA/8000"}
	for _, a := range s.attrs {
		if a.name == "rtpmap" {
			pt, enc, _ := strings.Cut(a.value, " ")
			maps[pt] = strings.TrimSpace(enc)
		}
	}
	for _, f := range s.formats {
		n, err := strconv.ParseUint(f, 10, 8)
		if err != nil || n > 127 {
			continue
		}
		pt, enc := uint8(n), strings.ToLower(strings.TrimSuffix(maps[f], "/1"))
		if enc == "telephone-event/8000" && pt >= 96 && events == 0 {
			events = pt
		}
		for _, c := range ours {
			if enc == strings.ToLower(c.String())+"/8000" {
				formats = append(formats, format{pt, c})
			}
		}
	}
	return formats, events
}
