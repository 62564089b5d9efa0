package playbook

import (
	"slices"
	"sync"
)

// maxCached is how many built playbooks are kept.
const maxCached = 24

// cache keeps the latest used built playbooks. The zero value is ready.
type cache struct {
	mu    sync.Mutex // guards what follows
	items map[string]*Built
	used  []string // keys, the latest used last
}

func (c *cache) get(key string) (*Built, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.items[key]
	if ok {
		c.touch(key)
	}
	return b, ok
}

func (c *cache) put(key string, b *Built) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil {
		c.items = map[string]*Built{}
	}
	c.items[key] = b
	c.touch(key)
	if len(c.used) > maxCached {
		delete(c.items, c.used[0])
		c.used = slices.Delete(c.used, 0, 1)
	}
}

func (c *cache) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
	c.used = slices.DeleteFunc(c.used, func(k string) bool { return k == key })
}

func (c *cache) touch(key string) {
	if i := slices.Index(c.used, key); i >= 0 {
		c.used = slices.Delete(c.used, i, i+1)
	}
	c.used = append(c.used, key)
}
