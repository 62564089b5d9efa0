package webhooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/guard"
)

// The bounds of a delivery.
const (
	answerTime = 10 * time.Second
	maxTries   = 100            // with the queue's backoff, about a day
	givenUp    = 48 * time.Hour // nothing was taken for so long: the hook is turned off
	maxAtOnce  = 2              // deliveries to one hook at a time on one node, so that a slow one holds up nobody else
	maxAnswer  = 4 << 10        // bytes of an answer that are read
)

// Sender sends events to hooks. Fill in its fields, then call Start once.
type Sender struct {
	Store Store
	Allow []string // private host:port that may be told all the same
	Node  string   // this node: what other nodes' calls do is passed on there
	Log   *slog.Logger
	Now   func() time.Time

	client *http.Client

	mu   sync.Mutex // guards busy
	busy map[desk.ID]int
}

// Start fills in defaults. It must be called before anything else.
func (s *Sender) Start() *Sender {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	g := guard.New(s.Allow, 5*time.Second, desk.Errorf(desk.Forbidden, "private_address", "the address is private: the operator can list its host:port to allow it"))
	s.busy = map[desk.ID]int{}
	s.client = &http.Client{
		Timeout: answerTime,
		// No proxy: it would connect past the guard.
		Transport: &http.Transport{
			DialContext: g.Dial, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: answerTime,
			MaxIdleConnsPerHost: maxAtOnce, MaxConnsPerHost: 2 * maxAtOnce, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 32 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// Close lets go of idle connections.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// Signature is the value of the header Parley-Signature: the time in Unix
// seconds, and the hex HMAC-SHA256 of "time.body" with the hook's secret.
func Signature(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(t + "."))
	h.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))
}

// post sends one event and returns why it was not taken. The reason is fit for
// people: it names no address that the hook's own does not, and no body.
func (s *Sender) post(ctx context.Context, h Hook, id desk.ID, event Event, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("the address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Parley-Webhooks/1")
	req.Header.Set("Parley-Event", string(event))
	req.Header.Set("Parley-Event-Id", string(id))
	req.Header.Set("Parley-Signature", Signature(h.Secret, s.Now(), body))
	res, err := s.client.Do(req)
	if err != nil {
		return 0, errors.New(why(err))
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)) // so that the connection can be used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return res.StatusCode, fmt.Errorf("it answered with status %d", res.StatusCode)
	}
	return res.StatusCode, nil
}

func why(err error) string {
	var known *desk.Error
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		return known.Message
	case errors.As(err, &dns):
		return "the host's name leads nowhere"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer within 10 s"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil && op.Op == "dial" {
		return "it cannot be reached: " + op.Err.Error()
	}
	return "the connection failed, or its certificate is not valid"
}

// Try sends a test event now and says how it went, whatever the hook asks for.
func (s *Sender) Try(ctx context.Context, h Hook) (status int, reason string) {
	now := s.Now()
	b := Body{ID: desk.NewIDAt(now), Event: Test, At: now}
	raw, err := json.Marshal(b)
	if err != nil {
		return 0, "the test could not be made"
	}
	if status, err = s.post(ctx, h, b.ID, Test, raw); err != nil {
		reason = err.Error()
	}
	return status, reason
}

// enter takes one of the hook's places at this node.
func (s *Sender) enter(id desk.ID) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] >= maxAtOnce {
		return nil, false
	}
	s.busy[id]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.busy[id]--; s.busy[id] == 0 {
			delete(s.busy, id)
		}
	}, true
}
