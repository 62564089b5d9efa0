// Package desk holds the words of Parley: conversations, messages, contacts,
// agents, turns and steps. It imports only the standard library and does no
// I/O, so every other package may speak these words.
package desk

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// ID names a stored thing. It is a UUIDv7 in its text form (RFC 9562, 5.7), so
// that ids sort by when they were made, to a quarter of a microsecond.
type ID string

// NewID makes an ID for the time now.
func NewID() ID { return NewIDAt(time.Now()) }

// NewIDAt makes an ID that carries t: the millisecond, and the fraction of it in
// the next twelve bits (RFC 9562, 6.2, method 3).
func NewIDAt(t time.Time) ID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (Go 1.24)
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.UnixMilli()))
	copy(b[:6], ms[2:])
	fraction := t.Nanosecond() % 1e6 * 4096 / 1e6
	b[6], b[7] = 0x70|byte(fraction>>8), byte(fraction)
	b[8] = 0x80 | b[8]&0x3f
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return ID(out[:])
}

// ChannelName names a way customers reach us, such as "webchat".
type ChannelName string

// Webchat is the channel of the chat widget and of the plain customer API.
const Webchat ChannelName = "webchat"

// The channels of telephones.
const (
	Voice ChannelName = "voice" // calls; the address is the caller's number in E.164, or what stands for it
	SMS   ChannelName = "sms"   // short messages; the address is a number in E.164
)

// QueueName names a queue of conversations that wait for a person.
type QueueName string
