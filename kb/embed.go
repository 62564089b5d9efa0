package kb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Embedder turns texts into vectors that are near each other when the texts
// mean alike.
type Embedder interface {
	// Model names what makes the vectors. Those of two models are never
	// compared.
	Model() string
	// Embed returns one vector for each text, all of one length; nil for a text
	// that the model cannot read.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// EmbedKind is the kind of the job that embeds what an article says.
const EmbedKind = "embed"

const (
	embedBatch = 64                     // texts in one call
	embedLimit = 2 * time.Minute        // of one job
	askLimit   = 400 * time.Millisecond // a question does not wait longer for its vector
)

// Registrar takes the handlers of jobs.
type Registrar interface {
	Handle(kind string, limit time.Duration, f func(ctx context.Context, args json.RawMessage) error)
}

// Register takes over the jobs of kind EmbedKind.
func (l *Library) Register(q Registrar) {
	q.Handle(EmbedKind, embedLimit, l.embed)
}

type embedArgs struct {
	ArticleID desk.ID `json:"article_id"`
}

// embedJobs is the work that publishing a makes.
func (l *Library) embedJobs(a Article) []desk.Job {
	if l.Embedder == nil || a.PublishedVersion == 0 {
		return nil
	}
	return []desk.Job{desk.NewJob(EmbedKind, "embed:"+string(a.ID), embedArgs{a.ID})}
}

// embed gets the vectors that an article's texts lack, stores them and takes
// them into the index. Doing it again finds nothing to do.
func (l *Library) embed(ctx context.Context, raw json.RawMessage) error {
	var args embedArgs
	if err := json.Unmarshal(raw, &args); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	if l.Embedder == nil {
		return nil // the endpoint was taken away; words alone find
	}
	list, err := l.Store.LiveArticles(ctx, []desk.ID{args.ArticleID})
	if err != nil || len(list) == 0 {
		return err
	}
	texts := Texts(list[0])
	hashes := hashesOf(texts)
	have, err := l.Store.Embeddings(ctx, l.Embedder.Model(), hashes)
	if err != nil {
		return err
	}
	var missing []string
	var names []string
	for i, h := range hashes {
		if _, ok := have[h]; !ok {
			have[h] = nil // once, however often it is said
			missing, names = append(missing, texts[i]), append(names, h)
		}
	}
	for from := 0; from < len(missing); from += embedBatch {
		to := min(from+embedBatch, len(missing))
		vecs, err := l.Embedder.Embed(ctx, missing[from:to])
		if err != nil {
			return fmt.Errorf("embed: %w", err)
		}
		if len(vecs) != to-from {
			return desk.Errorf(desk.Unavailable, "bad_embeddings", "asked for %d vectors, got %d", to-from, len(vecs))
		}
		byHash := map[string][]float32{}
		for i, v := range vecs {
			if v == nil {
				continue // its words find it
			}
			if _, ok := normalise(v); !ok {
				return desk.Errorf(desk.Unavailable, "bad_embeddings", "a vector is zero or not finite")
			}
			byHash[names[from+i]] = v
		}
		if err := l.Store.SaveEmbeddings(ctx, l.Embedder.Model(), byHash); err != nil {
			return fmt.Errorf("keep embeddings: %w", err)
		}
	}
	if err := l.sync(ctx, args.ArticleID); err != nil {
		return err
	}
	if len(missing) > 0 {
		l.tell(Changed{ArticleID: args.ArticleID})
	}
	return nil
}

// Texts lists what of an article is embedded: its title and questions, then
// its passages with their headings.
func Texts(a Article) []string {
	out := append([]string{a.Title}, a.Questions...)
	for _, p := range passages(a.Body) {
		out = append(out, passageText(a.Title, p))
	}
	return out
}

func hashesOf(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		sum := sha256.Sum256([]byte(t))
		out[i] = hex.EncodeToString(sum[:16])
	}
	return out
}

// vectorOf embeds a question; nil when that is not possible in time.
func (l *Library) vectorOf(ctx context.Context, text string) []float32 {
	if l.Embedder == nil || text == "" {
		return nil
	}
	if _, _, vectors := l.Index.Size(); vectors == 0 && !l.built.Load() {
		return nil
	}
	vec, err := l.asked(ctx, text)
	if err != nil {
		l.log().Warn("searching by words alone: the question could not be embedded", "err", err)
	}
	return vec
}
