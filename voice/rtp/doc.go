// Package rtp carries a leg's audio over UDP: RTP and RTCP (RFC 3550), SRTP
// with keys from SDES (RFC 4568), telephone events (RFC 4733), and the session
// descriptions that negotiate them (RFC 8866, RFC 3264).
//
// Ports hands out pairs of ports. A Session is the audio of one SIP leg: offers
// and answers go in and out as bytes, audio by its media.Line. A Link is the
// same between two of our own nodes, without descriptions. Either costs two
// goroutines and no allocation for a packet.
package rtp
