package voice

import "sync"

// mailbox carries work to a call's goroutine. Posting never waits, so that the
// goroutines of audio may do it.
type mailbox struct {
	mu     sync.Mutex // guards jobs
	jobs   []func()
	signal chan struct{}
}

func newMailbox() *mailbox { return &mailbox{signal: make(chan struct{}, 1)} }

// post leaves f to be run by whoever takes it.
func (m *mailbox) post(f func()) {
	m.mu.Lock()
	m.jobs = append(m.jobs, f)
	m.mu.Unlock()
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// take empties the box.
func (m *mailbox) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	jobs := m.jobs
	m.jobs = nil
	return jobs
}
