// Package rtp carries a leg's audio over UDP: RTP and RTCP (RFC 3550), SRTP
// with keys from SDES (RFC 4568), telephone events (RFC 4733).
package rtp

import (
	_ "github.com/pion/rtcp"
	_ "github.com/pion/srtp/v3"
)
