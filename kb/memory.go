package kb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parleyhq/parley/desk"
)

// InMemory is a library of these articles alone, found as they are in a
// knowledge base whose vectors the embedder has made. It has no store: it can
// be asked, not written to. Without an embedder words alone find. Together with
// an error, which says why texts have no vectors, it returns what there is.
func InMemory(ctx context.Context, articles []Article, synonyms []SynonymSet, e Embedder) (*Library, error) {
	l := &Library{Index: NewIndex(), Embedder: e, Now: time.Now}
	vectors, err := vectorsOf(ctx, e, articles)
	for _, a := range articles {
		var vecs [][]float32
		if len(vectors) > 0 {
			for _, text := range Texts(a) {
				vecs = append(vecs, vectors[text])
			}
		}
		l.Index.Put(a, vecs)
	}
	for _, s := range synonyms {
		l.Index.SetSynonyms(s)
	}
	return l, err
}

// vectorsOf embeds what the articles say, each text once.
func vectorsOf(ctx context.Context, e Embedder, articles []Article) (map[string][]float32, error) {
	if e == nil {
		return nil, nil
	}
	out := map[string][]float32{}
	var texts []string
	for _, a := range articles {
		for _, text := range Texts(a) {
			if _, again := out[text]; !again {
				out[text] = nil
				texts = append(texts, text)
			}
		}
	}
	for batch := range slices.Chunk(texts, embedBatch) {
		vecs, err := e.Embed(ctx, batch)
		if err != nil || len(vecs) != len(batch) {
			return out, fmt.Errorf("embed articles: %w", errors.Join(err, wrongCount(len(batch), len(vecs))))
		}
		for i, text := range batch {
			out[text] = vecs[i]
		}
	}
	return out, nil
}

func wrongCount(want, got int) error {
	if want == got {
		return nil
	}
	return desk.Errorf(desk.Unavailable, "bad_embeddings", "asked for %d vectors, got %d", want, got)
}

// FileArticles are a playbook's files as the articles they become when it is
// published.
func FileArticles(playbook string, files []File) []Article {
	out := make([]Article, len(files))
	for i, f := range files {
		out[i] = Article{
			ID: desk.ID(playbook + "/" + f.Slug + "." + string(f.Lang)), Playbook: playbook, Slug: f.Slug, Lang: f.Lang,
			Content: f.Content, Status: Published, Version: 1, PublishedVersion: 1,
		}
	}
	return out
}
