package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/guard"
)

// The bounds of one request.
const (
	maxURL     = 2000
	maxHops    = 5 // redirects
	fetchTime  = 30 * time.Second
	fetchBytes = 32 << 20
	agentName  = "ParleyBot" // the crawler's name in robots.txt
	longWait   = time.Minute // the longest that a busy site makes us wait before a page
)

// errPrivate is what connecting to a private address gives.
var errPrivate = desk.Errorf(desk.Forbidden, "private_address", "the address is private: an operator lists it in kb.allow_hosts to let it be read")

// Web fetches pages from the open internet, and from the private addresses
// that an operator lists.
type Web struct {
	client http.Client
	agent  string
	wait   func(ctx context.Context, d time.Duration) error
}

// NewWeb makes a Web. allow lists private addresses, as host:port, that may be
// read all the same; about is where a site's owner learns who reads it.
func NewWeb(allow []string, about string) *Web {
	g := guard.New(allow, 10*time.Second, errPrivate)
	agent := agentName + "/1.0"
	if about != "" {
		agent += " (+" + about + ")"
	}
	return &Web{agent: agent, wait: wait, client: http.Client{
		Timeout:       fetchTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: g.Dial, MaxConnsPerHost: 1, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// answer is what a site gave for one address.
type answer struct {
	url            *url.URL // after redirects within it
	status         int
	etag, modified string
	kind           string // media type
	body           []byte
	after          time.Duration // it asks to wait so long
}

// get asks for one address, once. A redirect is an answer with a Location in
// url and no body.
func (w *Web) get(ctx context.Context, u *url.URL, etag, modified string) (answer, error) {
	a := answer{url: u}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return a, err
	}
	req.Header.Set("User-Agent", w.agent)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/pdf,text/markdown,text/plain,application/xml;q=0.9,*/*;q=0.5")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		req.Header.Set("If-Modified-Since", modified)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	a.status, a.etag, a.modified = res.StatusCode, clip(res.Header.Get("ETag"), 300), clip(res.Header.Get("Last-Modified"), 100)
	a.kind, _, _ = mime.ParseMediaType(res.Header.Get("Content-Type"))
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		a.after = min(time.Duration(s)*time.Second, longWait)
	}
	if a.status >= 300 && a.status < 400 && a.status != http.StatusNotModified {
		if to, err := res.Location(); err == nil {
			a.url = to
		}
		return a, nil
	}
	if a.status != http.StatusOK {
		return a, nil
	}
	a.body, err = io.ReadAll(io.LimitReader(res.Body, fetchBytes+1))
	if len(a.body) > fetchBytes {
		return a, desk.Errorf(desk.TooLarge, "too_large", "the page has more than %d MiB", fetchBytes>>20)
	}
	return a, err
}

// problemOf says why an address could not be read.
func problemOf(key string, status int, err error) Problem {
	var known *desk.Error
	switch {
	case errors.As(err, &known):
		return Problem{key, known.Code, known.Message}
	case err != nil:
		reason := err.Error()
		if i := strings.LastIndex(reason, ": "); i >= 0 {
			reason = reason[i+2:]
		}
		return Problem{key, "unreachable", "the site did not answer: " + reason}
	case status == http.StatusNotFound || status == http.StatusGone:
		return Problem{key, "not_found", fmt.Sprintf("the page is not there (%d)", status)}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return Problem{key, "not_allowed", fmt.Sprintf("the site does not show the page without signing in (%d)", status)}
	}
	return Problem{key, "http_status", fmt.Sprintf("the site answered with status %d", status)}
}
