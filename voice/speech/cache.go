package speech

import (
	"container/list"
	"context"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/voice"
)

// Cache remembers what a mouth said, in memory: sentences may hold what is
// somebody's own, so they are not kept on disk. The same sentence wanted by
// many at once is said once.
type Cache struct {
	mouth voice.Mouth
	bytes int

	flight singleflight.Group
	mu     sync.Mutex // guards what follows
	held   int
	order  *list.List // newest first
	said   map[string]*list.Element
}

var _ voice.Mouth = (*Cache)(nil)

type entry struct {
	key  string
	ulaw []byte
}

// NewCache remembers up to bytes of audio; 0 is 64 MB, some two hours.
func NewCache(mouth voice.Mouth, bytes int) *Cache {
	if bytes == 0 {
		bytes = 64 << 20
	}
	return &Cache{mouth: mouth, bytes: bytes, order: list.New(), said: map[string]*list.Element{}}
}

// Say implements voice.Mouth. What it returns is shared: it must not be
// changed.
func (c *Cache) Say(ctx context.Context, sentence string, lang desk.Lang) ([]byte, error) {
	key := string(lang) + "\x00" + sentence
	if ulaw, ok := c.get(key); ok {
		return ulaw, nil
	}
	// Whoever asks first may hang up; the others want to hear it all the same.
	done := c.flight.DoChan(key, func() (any, error) {
		if ulaw, ok := c.get(key); ok { // another flight has just landed
			return ulaw, nil
		}
		ulaw, err := c.mouth.Say(context.WithoutCancel(ctx), sentence, lang)
		if err == nil {
			c.put(key, ulaw)
		}
		return ulaw, err
	})
	select {
	case r := <-done:
		ulaw, _ := r.Val.([]byte)
		return ulaw, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Cache) get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.said[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry).ulaw, true
}

func (c *Cache) put(key string, ulaw []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.said[key]; ok || len(ulaw) > c.bytes {
		return
	}
	c.said[key] = c.order.PushFront(&entry{key, ulaw})
	c.held += len(ulaw)
	for c.held > c.bytes {
		oldest := c.order.Back()
		e := c.order.Remove(oldest).(*entry)
		delete(c.said, e.key)
		c.held -= len(e.ulaw)
	}
}
