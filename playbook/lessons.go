package playbook

import (
	"slices"
	"sync"
)

// maxLessons bounds what Lessons keep, in bytes.
const maxLessons = 64 << 20

// Lessons are what was trained lately: the same examples are not learnt again
// because a text was changed beside them. nil keeps nothing; the zero value is
// ready, and safe for concurrent use.
type Lessons struct {
	mu    sync.Mutex // guards what follows
	items map[string][]byte
	used  []string // keys, the latest used last
	size  int      // of the items, in bytes
}

func (l *Lessons) get(key string) ([]byte, bool) {
	if l == nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	saved, ok := l.items[key]
	if ok {
		l.touch(key)
	}
	return saved, ok
}

func (l *Lessons) put(key string, saved []byte) {
	if l == nil || len(saved) > maxLessons {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.items == nil {
		l.items = map[string][]byte{}
	}
	l.size += len(saved) - len(l.items[key])
	l.items[key] = saved
	l.touch(key)
	for l.size > maxLessons {
		l.size -= len(l.items[l.used[0]])
		delete(l.items, l.used[0])
		l.used = slices.Delete(l.used, 0, 1)
	}
}

func (l *Lessons) touch(key string) {
	if i := slices.Index(l.used, key); i >= 0 {
		l.used = slices.Delete(l.used, i, i+1)
	}
	l.used = append(l.used, key)
}
