package wordvec

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// EmbedAll gives one vector for each text, as Embed does, on all processors. It
// stops with ctx's error when that ends.
func (m *Model) EmbedAll(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(texts)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(texts) {
					return
				}
				out[i] = m.Embed(texts[i])
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}
