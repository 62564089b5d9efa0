package evals

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Cost is what models were asked for in a case, every repeat counted.
type Cost struct {
	Calls      int           `json:"calls"`
	Prompt     int           `json:"prompt_tokens"`
	Completion int           `json:"completion_tokens"`
	Waited     time.Duration `json:"waited_ns"`
}

// meter counts what one playing asks of models. It travels in the context.
type meter struct {
	scope string

	mu   sync.Mutex // guards what follows
	cost Cost
	seen map[string]int // how often a request was made
	miss error
}

type meterKey struct{}

func withMeter(ctx context.Context, m *meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// nth counts a request; 0 is the first of its kind.
func (m *meter) nth(key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]int{}
	}
	m.seen[key]++
	return m.seen[key] - 1
}

func (m *meter) add(to *Cost) {
	m.mu.Lock()
	defer m.mu.Unlock()
	to.Calls += m.cost.Calls
	to.Prompt += m.cost.Prompt
	to.Completion += m.cost.Completion
	to.Waited += m.cost.Waited
}

func (m *meter) missing() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.miss
}

// took notes a call and reads its price from the answer.
func (m *meter) took(body []byte, d time.Duration) {
	var said struct {
		Usage struct {
			Prompt     int `json:"prompt_tokens"`
			Completion int `json:"completion_tokens"`
		} `json:"usage"`
	}
	_ = json.Unmarshal(body, &said) // an endpoint need not tell
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cost.Calls++
	m.cost.Prompt += said.Usage.Prompt
	m.cost.Completion += said.Usage.Completion
	m.cost.Waited += d
}

// maxModelAnswer bounds an answer that is metered or recorded, in bytes.
const maxModelAnswer = 20 << 20

// Metered is a transport for clients of models that notes the tokens and the
// time of each call in the case that is being played. Calls that belong to no
// case pass untouched. next nil is http.DefaultTransport.
func Metered(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return metered{next}
}

type metered struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t metered) RoundTrip(r *http.Request) (*http.Response, error) {
	m, ok := r.Context().Value(meterKey{}).(*meter)
	if !ok {
		return t.next.RoundTrip(r)
	}
	began := time.Now()
	res, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxModelAnswer))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	m.took(body, time.Since(began))
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return res, nil
}

// Tape records what models answered, so that a run can be repeated without
// them: the same requests get the same answers. It is a transport for the
// model's client. Requests are kept as hashes only; the answers are kept as
// they came. It is safe for concurrent use.
type Tape struct {
	next http.RoundTripper // nil: it replays

	mu      sync.Mutex // guards records
	records []taped
	byKey   map[string][]int
}

// taped is one answer: the n-th to this request in this playing.
type taped struct {
	Key    string `json:"key"`
	Scope  string `json:"scope,omitempty"`
	N      int    `json:"n,omitempty"`
	Status int    `json:"status"`
	Type   string `json:"type,omitempty"`
	Body   string `json:"body"`
}

// Record is a tape that asks next and keeps what it says.
func Record(next http.RoundTripper) *Tape {
	if next == nil {
		next = http.DefaultTransport
	}
	return &Tape{next: next, byKey: map[string][]int{}}
}

// Replay is a tape that answers from what Write has written, and asks nobody.
func Replay(r io.Reader) (*Tape, error) {
	t := &Tape{byKey: map[string][]int{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxModelAnswer)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var rec taped
		if err := json.Unmarshal(lines.Bytes(), &rec); err != nil || rec.Key == "" {
			return nil, desk.Errorf(desk.Invalid, "bad_recording", "line %d of the recording is none that --record has written", n)
		}
		t.put(rec)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	return t, nil
}

// put needs the lock, or the only reference.
func (t *Tape) put(r taped) {
	t.byKey[r.Key] = append(t.byKey[r.Key], len(t.records))
	t.records = append(t.records, r)
}

// Write writes the recording, one JSON object a line, in an order that does
// not depend on the run's.
func (t *Tape) Write(w io.Writer) error {
	t.mu.Lock()
	all := slices.Clone(t.records)
	t.mu.Unlock()
	slices.SortStableFunc(all, func(a, b taped) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key), a.N-b.N)
	})
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range all {
		if err := e.Encode(r); err != nil {
			return fmt.Errorf("write the recording: %w", err)
		}
	}
	return nil
}

// RoundTrip implements http.RoundTripper.
func (t *Tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked []byte
	if r.Body != nil {
		var err error
		if asked, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	sum := sha256.Sum256(append([]byte(r.URL.Path[max(0, len(r.URL.Path)-24):]+"\n"), asked...))
	rec := taped{Key: hex.EncodeToString(sum[:])}
	m, _ := r.Context().Value(meterKey{}).(*meter)
	if m != nil {
		rec.Scope, rec.N = m.scope, m.nth(rec.Key)
	}
	if t.next == nil {
		found, ok := t.find(rec)
		if !ok {
			err := desk.Errorf(desk.NotFound, "not_recorded", "the recording has no answer to request %s: the case, the playbook or the model has changed; record again with --record", rec.Key[:8])
			if m != nil {
				m.mu.Lock()
				m.miss = err
				m.mu.Unlock()
			}
			return response(r, http.StatusNotImplemented, "application/json", fmt.Sprintf(`{"error":{"message":%q}}`, err.Error())), nil
		}
		return response(r, found.Status, found.Type, found.Body), nil
	}
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(asked)), int64(len(asked))
	res, err := t.next.RoundTrip(again)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxModelAnswer))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	rec.Status, rec.Type, rec.Body = res.StatusCode, res.Header.Get("Content-Type"), string(body)
	t.mu.Lock()
	t.put(rec)
	t.mu.Unlock()
	return response(r, rec.Status, rec.Type, rec.Body), nil
}

// find is the answer recorded in the same playing, else the nearest of another.
func (t *Tape) find(want taped) (taped, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var best taped
	score := -1
	for _, i := range t.byKey[want.Key] {
		r, s := t.records[i], 0
		if r.Scope == want.Scope {
			s += 2
		}
		if r.N == want.N {
			s++
		}
		if s > score {
			best, score = r, s
		}
	}
	return best, score >= 0
}

func response(r *http.Request, status int, typ, body string) *http.Response {
	return &http.Response{Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {typ}}, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body))}
}

func (c Cost) plus(d Cost) Cost {
	return Cost{c.Calls + d.Calls, c.Prompt + d.Prompt, c.Completion + d.Completion, c.Waited + d.Waited}
}
