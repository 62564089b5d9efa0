package kb

import (
	"sync"
	"time"
)

// maxHeard is how many questions keep their vectors: one is often looked up
// several times, for an answer, for suggestions, in other words of the same
// conversation.
const maxHeard = 512

// heard keeps the vectors of the questions asked last. The zero value is ready.
type heard struct {
	mu      sync.Mutex // guards the rest
	vectors map[string][]float32
	turn    []string // in the order they were asked, round and round
	next    int

	troubles int       // in a row
	until    time.Time // before, the embedder is left alone
}

// went notes how asking the embedder went.
func (h *heard) went(err error, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.troubles = 0
		return
	}
	if h.troubles++; h.troubles >= mostTroubles {
		h.until = now.Add(rest)
	}
}

// resting reports whether the embedder is to be left alone now.
func (h *heard) resting(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.troubles >= mostTroubles && now.Before(h.until)
}

func (h *heard) get(text string) ([]float32, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.vectors[text]
	return v, ok
}

func (h *heard) put(text string, vector []float32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.vectors == nil {
		h.vectors, h.turn = map[string][]float32{}, make([]string, maxHeard)
	}
	if _, again := h.vectors[text]; again {
		return
	}
	delete(h.vectors, h.turn[h.next])
	h.vectors[text], h.turn[h.next] = vector, text
	h.next = (h.next + 1) % maxHeard
}
