package kb

import (
	"context"
	"fmt"

	"github.com/parleyhq/parley/desk"
)

// mostEmbedded bounds the texts that Embed has embedded anew in one call.
const mostEmbedded = 2000

// Embed gives the vectors of texts that are no part of an article, as far as the
// library's model has them: those it made before from the store, at most
// mostEmbedded others from the model, which are kept. A text that is not in what
// it returns has none. Together with an error it returns what there is.
func (l *Library) Embed(ctx context.Context, texts []string) (map[string][]float32, error) {
	out := map[string][]float32{}
	if l.Embedder == nil || len(texts) == 0 {
		return out, nil
	}
	hashes := hashesOf(texts)
	have, err := l.Store.Embeddings(ctx, l.Embedder.Model(), hashes)
	if err != nil {
		return out, fmt.Errorf("read embeddings: %w", err)
	}
	var missing, names []string
	for i, h := range hashes {
		if v, ok := have[h]; ok {
			if v != nil {
				out[texts[i]] = v
			}
			continue
		}
		if len(missing) < mostEmbedded {
			have[h] = nil
			missing, names = append(missing, texts[i]), append(names, h)
		}
	}
	for from := 0; from < len(missing); from += embedBatch {
		to := min(from+embedBatch, len(missing))
		vecs, err := l.Embedder.Embed(ctx, missing[from:to])
		if err != nil {
			return out, fmt.Errorf("embed: %w", err)
		}
		if len(vecs) != to-from {
			return out, desk.Errorf(desk.Unavailable, "bad_embeddings", "asked for %d vectors, got %d", to-from, len(vecs))
		}
		made := map[string][]float32{}
		for i, v := range vecs {
			if _, ok := normalise(v); ok {
				made[names[from+i]], out[missing[from+i]] = v, v
			}
		}
		if err := l.Store.SaveEmbeddings(ctx, l.Embedder.Model(), made); err != nil {
			return out, fmt.Errorf("keep embeddings: %w", err)
		}
	}
	return out, nil
}
