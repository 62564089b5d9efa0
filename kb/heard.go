package kb

import "sync"

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
