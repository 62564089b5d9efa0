package demo

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The bounds of the back ends: the oldest are forgotten first.
const (
	maxOrders   = 5000
	maxCases    = 5000
	maxRepeats  = 5000
	maxBody     = 16 << 10
	maxText     = 500
	tokenPrefix = "Bearer "
)

// backend keeps orders and cases in memory.
type backend struct {
	token string
	now   func() time.Time

	mu      sync.Mutex // guards what follows
	orders  *shelf[order]
	cases   *shelf[caseFile]
	repeats *shelf[answer] // answers by Idempotency-Key
	numbers int

	phone handset
}

// answer is what a call gave, kept to be given again.
type answer struct {
	status int
	body   any
}

func newBackend(token string, now func() time.Time) *backend {
	return &backend{
		token: token, now: now, numbers: 1041,
		orders: newShelf[order](maxOrders), cases: newShelf[caseFile](maxCases), repeats: newShelf[answer](maxRepeats),
		phone: handset{now: now, seen: map[string]bool{}},
	}
}

func (b *backend) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/orders", b.once(b.placeOrder))
	mux.HandleFunc("GET /api/orders/{number}", b.read(b.getOrder))
	mux.HandleFunc("POST /api/orders/{number}/cancel", b.once(b.cancelOrder))
	mux.HandleFunc("POST /api/orders/{number}/address", b.once(b.changeAddress))
	mux.HandleFunc("POST /api/complaints", b.once(b.fileComplaint))
	mux.HandleFunc("POST /api/members/identify", b.once(b.identify))
	mux.HandleFunc("GET /api/members/{card}", b.read(b.getMember))
	mux.HandleFunc("POST /api/sms", b.once(b.deliver))
	mux.HandleFunc("GET /api/payouts", b.read(b.getPayout))
	mux.HandleFunc("POST /api/payout-cases", b.once(b.filePayoutCase))
	mux.HandleFunc("POST /api/documents", b.once(b.fileDocument))
}

// call is one request, checked and read.
type call struct {
	*http.Request
	fields map[string]string
}

// text is a field of the body, trimmed.
func (c call) text(name string) string { return strings.TrimSpace(c.fields[name]) }

// read serves what changes nothing.
func (b *backend) read(f func(call) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !b.known(r) {
			refuse(w)
			return
		}
		b.mu.Lock()
		a := f(call{Request: r})
		b.mu.Unlock()
		write(w, a)
	}
}

// once serves what changes something, at most once per Idempotency-Key: a
// repeat of the key on the same path gets the first answer again.
func (b *backend) once(f func(call) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !b.known(r) {
			refuse(w)
			return
		}
		fields, err := readFields(w, r)
		if err != nil {
			write(w, *err)
			return
		}
		key := r.Header.Get("Idempotency-Key")
		if len(key) > 200 {
			write(w, bad("idempotency_key", "the Idempotency-Key has more than 200 characters"))
			return
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		at := r.URL.Path + " " + key
		if a, seen := b.repeats.get(at); seen && key != "" {
			write(w, a)
			return
		}
		a := f(call{Request: r, fields: fields})
		if key != "" && a.status < http.StatusInternalServerError {
			b.repeats.put(at, a)
		}
		write(w, a)
	}
}

func (b *backend) known(r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), tokenPrefix)
	return ok && subtle.ConstantTimeCompare([]byte(given), []byte(b.token)) == 1
}

// readFields reads a flat JSON object; numbers and booleans become text.
func readFields(w http.ResponseWriter, r *http.Request) (map[string]string, *answer) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			a := answer{http.StatusRequestEntityTooLarge, failure{failureText{"too_large", "the body is larger than 16 KiB"}}}
			return nil, &a
		}
		a := bad("bad_json", "the body is not a JSON object")
		return nil, &a
	}
	out := make(map[string]string, len(raw))
	for k, v := range raw {
		switch v := v.(type) {
		case nil:
		case string, bool, json.Number:
			out[k] = fmt.Sprint(v)
		default:
			a := bad("bad_field", k+" has to be a text or a number")
			return nil, &a
		}
		if len(out[k]) > maxText*4 {
			a := bad("too_long", fmt.Sprintf("%s has more than %d characters", k, maxText))
			return nil, &a
		}
	}
	return out, nil
}

type failure struct {
	Error failureText `json:"error"`
}

type failureText struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func bad(code, message string) answer {
	return answer{http.StatusUnprocessableEntity, failure{failureText{code, message}}}
}

func refuse(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	write(w, answer{http.StatusUnauthorized, failure{failureText{"unauthenticated", "send Authorization: Bearer TOKEN"}}})
}

func write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body) // the caller is gone: nothing to do
}

// number makes the next number of orders or cases.
func (b *backend) number(letter string) string {
	b.numbers++
	return fmt.Sprintf("%s%04d", letter, b.numbers)
}

// shelf is a map that forgets the oldest entry when it is full.
type shelf[T any] struct {
	max   int
	items map[string]T
	order []string // ring of keys, oldest at next once full
	next  int
}

func newShelf[T any](limit int) *shelf[T] { return &shelf[T]{max: limit, items: map[string]T{}} }

func (s *shelf[T]) get(key string) (T, bool) { v, ok := s.items[key]; return v, ok }

func (s *shelf[T]) put(key string, v T) {
	if _, there := s.items[key]; !there {
		if len(s.order) < s.max {
			s.order = append(s.order, key)
		} else {
			delete(s.items, s.order[s.next])
			s.order[s.next] = key
			s.next = (s.next + 1) % s.max
		}
	}
	s.items[key] = v
}
