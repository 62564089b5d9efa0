// Package tools makes the HTTP calls that flows ask for. A call reaches only
// what the tool's definition and the operator allow, ends in time, and tells
// what went wrong in one of a few stable words.
package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/parleyhq/parley/bot"
	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/guard"
)

// The error words of a desk.Result, besides status_NNN.
const (
	Timeout     = "timeout"
	Refused     = "refused"     // an argument or the address is not allowed, or it redirected elsewhere
	Unavailable = "unavailable" // no connection, or the operator has not configured something
	BadAnswer   = "bad_answer"  // too large, no JSON, or without what the definition names
	Expired     = "expired"     // a sensitive answer is kept no longer
)

// The bounds of a call.
const (
	MaxAnswer = 1 << 20
	maxBody   = 256 << 10
	maxTotal  = time.Minute // all attempts together
	maxHops   = 3           // redirects within the host
)

// Secrets knows the secrets that definitions name as {{secret.NAME}}.
type Secrets interface {
	Secret(name string) (value string, ok bool)
}

// EnvSecrets takes them from the environment: NAME from PARLEY_SECRET_NAME.
type EnvSecrets struct{}

// Secret implements Secrets.
func (EnvSecrets) Secret(name string) (string, bool) {
	v := os.Getenv("PARLEY_SECRET_" + name)
	return v, v != ""
}

// Options are what the operator allows.
type Options struct {
	Private []string          // host:port of private addresses that may be reached
	Env     map[string]string // what {{env.NAME}} means; nothing else of the environment is reachable
	Secrets Secrets           // nil: EnvSecrets
	Log     *slog.Logger      // nil: no log
	Backoff func(attempt int) time.Duration
}

// Client makes calls. It is safe for concurrent use.
type Client struct {
	opts Options
	http *http.Client
}

// New makes a Client.
func New(o Options) *Client {
	if o.Secrets == nil {
		o.Secrets = EnvSecrets{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	g := guard.New(o.Private, 10*time.Second, failure(Refused, errors.New("the address is private: list its host:port to allow it")))
	transport := &http.Transport{ // no proxy: it would connect past the guard
		DialContext:            g.Dial,
		TLSHandshakeTimeout:    bot.DefaultToolTimeout,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
	return &Client{opts: o, http: &http.Client{Transport: transport, CheckRedirect: sameHost}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call makes one call and never fails otherwise than in the Result. secrets
// resolves arguments of the form "secret:REF"; it is asked with the whole of
// it, and with the part after the colon.
func (c *Client) Call(ctx context.Context, def bot.ToolDef, do desk.Do, secrets func(ref string) (string, bool)) desk.Result {
	res := desk.Result{ID: do.ID, Tool: do.Tool}
	ctx, cancel := context.WithTimeout(ctx, maxTotal)
	defer cancel()
	start := time.Now()
	data, err := c.call(ctx, def, do, secrets)
	if err == nil {
		if res.Data, err = def.Map(data); err != nil {
			err = failure(BadAnswer, err)
		}
	}
	log := c.opts.Log.With("tool", def.Name, "call", do.ID, "took", time.Since(start).Round(time.Millisecond))
	if err != nil {
		res.Error = word(err)
		log.WarnContext(ctx, "tool failed", "error", res.Error)
		return res
	}
	res.OK = true
	log.InfoContext(ctx, "tool called")
	return res
}

func (c *Client) call(ctx context.Context, def bot.ToolDef, do desk.Do, secrets func(string) (string, bool)) ([]byte, error) {
	req, err := c.expand(def, do, secrets)
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		data, wait, err := c.attempt(ctx, def, req)
		if err == nil || attempt >= def.Retries || !again(err) {
			return data, err
		}
		if pause := max(wait, c.opts.Backoff(attempt)); !sleep(ctx, pause) {
			return nil, err
		}
	}
}

// attempt sends the request once. wait is how long the server asks us to stay
// away.
func (c *Client) attempt(ctx context.Context, def bot.ToolDef, r request) (data []byte, wait time.Duration, err error) {
	limit := def.Timeout
	if limit <= 0 || limit > bot.MaxToolTimeout {
		limit = bot.DefaultToolTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return nil, 0, failure(Refused, err)
	}
	req.Header = r.header.Clone()
	if r.body == nil {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, transportFailure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // so that the connection can be used again
		return nil, retryAfter(resp), failure(fmt.Sprintf("status_%d", resp.StatusCode), nil)
	}
	data, err = io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return nil, 0, transportFailure(err)
	}
	if len(data) > MaxAnswer {
		return nil, 0, failure(BadAnswer, errors.New("the answer is too large"))
	}
	return data, 0, nil
}

// failed is an error with its word.
type failed struct {
	word  string
	cause error
}

func (f *failed) Error() string { return fmt.Sprintf("%s: %v", f.word, f.cause) }
func (f *failed) Unwrap() error { return f.cause }

func failure(word string, cause error) error { return &failed{word, cause} }

func word(err error) string {
	var f *failed
	if errors.As(err, &f) {
		return f.word
	}
	return Unavailable
}

func transportFailure(err error) error {
	var f *failed
	var timeout net.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failure(Timeout, err)
	}
	return failure(Unavailable, err)
}

// again reports whether another attempt may help.
func again(err error) bool {
	w := word(err)
	return w == Timeout || w == Unavailable || w == "status_429" || strings.HasPrefix(w, "status_5")
}

func backoff(attempt int) time.Duration {
	d := 200 * time.Millisecond << min(attempt, 4)
	return d/2 + rand.N(d/2)
}

// retryAfter reads the header in its seconds form (RFC 9110, 10.2.3), at most
// ten seconds.
func retryAfter(resp *http.Response) time.Duration {
	var n int
	if _, err := fmt.Sscanf(resp.Header.Get("Retry-After"), "%d", &n); err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, 10)) * time.Second
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
