package rtp

// Direction says which way audio goes, from the side of whoever states it.
type Direction uint8

// The directions (RFC 3264).
const (
	Inactive Direction = 0
	SendOnly Direction = 1
	RecvOnly Direction = 2
	SendRecv Direction = SendOnly | RecvOnly
)

var directionNames = [...]string{Inactive: "inactive", SendOnly: "sendonly", RecvOnly: "recvonly", SendRecv: "sendrecv"}

// String returns the direction as session descriptions write it.
func (d Direction) String() string { return directionNames[d&SendRecv] }

// Sends reports whether audio goes out.
func (d Direction) Sends() bool { return d&SendOnly != 0 }

// Receives reports whether audio comes in.
func (d Direction) Receives() bool { return d&RecvOnly != 0 }

// reverse returns the direction as the other side sees it.
func (d Direction) reverse() Direction { return d&SendOnly<<1 | d&RecvOnly>>1 }
