package httpapi

import (
	"io"
	"net/http"
	"time"
)

// How long a body may take to arrive.
const (
	bodyTime   = 30 * time.Second
	uploadTime = 3 * time.Minute
)

// timedBody lifts the connection's read deadline once the body is read: past
// it, net/http would take the handler that still works for abandoned.
type timedBody struct {
	io.ReadCloser
	conn *http.ResponseController
}

// timed bounds the time in which a body arrives. huma sets the deadline of the
// routes it serves; here it is set for the others.
func timed(body io.ReadCloser, conn *http.ResponseController, r route) io.ReadCloser {
	if r.gin != nil && r.method != get {
		_ = conn.SetReadDeadline(time.Now().Add(uploadTime)) // not every connection has one
	}
	return timedBody{body, conn}
}

// Read reads, and lifts the deadline at the end.
func (b timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}
