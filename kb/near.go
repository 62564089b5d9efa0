package kb

import (
	"context"
	"fmt"
	"time"

	"github.com/parleyhq/parley/desk"
)

// Near finds vectors in the database, for a knowledge base that has more of
// them than the memory of a node shall hold. Words are found in memory all the
// same, and both are ranked as if they were found together.
type Near interface {
	// CountVectors counts what SaveEmbeddings kept of a model. It is an error of
	// kind Unavailable, code "no_vector_index", where the database cannot search
	// vectors.
	CountVectors(ctx context.Context, model string) (int, error)
	// BuildNear makes what Nearest looks in, and returns once it is there: after
	// minutes for a million vectors. What is saved later goes into it at once.
	// Its error is as that of CountVectors, also for vectors that are too long.
	BuildNear(ctx context.Context, model string) error
	// PlaceTexts says, by the hashes of its Texts, what each article is made of
	// in the version that is published. It does nothing for those that it knows.
	PlaceTexts(ctx context.Context, list []Placed) error
	// LackingVectors lists the placed articles with a text that has no vector.
	LackingVectors(ctx context.Context, model string) ([]desk.ID, error)

	// Nearest gives up to k texts whose vectors are most like vector, best
	// first, of published articles that q's asker may read now, in q.Lang or not
	// to be had in it. Few may be missed.
	Nearest(ctx context.Context, model string, vector []float32, q Question, k int) ([]Neighbour, error)
	// Compare says of each text of some articles how like vector it is.
	Compare(ctx context.Context, model string, vector []float32, ids []desk.ID) ([]Neighbour, error)
}

// Placed is the texts of a published version, by hash and in order.
type Placed struct {
	ID      desk.ID
	Version int
	Hashes  []string
}

// Neighbour is a text whose vector was compared with another.
type Neighbour struct {
	ArticleID desk.ID
	Version   int     // of the article
	Place     int     // in Texts
	Cosine    float32 // 1: the same direction
}

// VectorsInMemory is how many vectors are searched in memory by default, see
// docs/operate.md. A node needs about as many bytes for each as it has numbers, and an
// eighth more.
const VectorsInMemory = 3_000_000

// buildLimit is how long the building of an index of vectors may take.
const buildLimit = 12 * time.Hour

// neighbours is what the database says of a question's vector.
type neighbours struct {
	nearest []Neighbour
	of      map[desk.ID][]Neighbour
}

// goFar decides where vectors are searched: in memory when they fit, or when
// the database cannot.
func (l *Library) goFar(ctx context.Context) error {
	if l.Near == nil || l.Embedder == nil || l.far {
		return nil
	}
	n, err := l.Near.CountVectors(ctx, l.Embedder.Model())
	if code(err) == "no_vector_index" {
		l.log().Info("vectors are searched in memory, however many", "why", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("count vectors: %w", err)
	}
	l.far = n > l.InMemory
	return nil
}

// BuildNear makes the database's index of vectors, where there are too many for
// memory. Until it returns words alone find.
func (l *Library) BuildNear(ctx context.Context) error {
	if !l.far {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	from := time.Now()
	if err := l.Near.BuildNear(ctx, l.Embedder.Model()); err != nil {
		return fmt.Errorf("build the index of vectors: %w", err)
	}
	if err := l.measureFar(ctx); err != nil {
		return err
	}
	l.built.Store(true)
	l.log().Info("vectors are searched in the database", "took", time.Since(from).Round(time.Millisecond))
	return nil
}

// place tells the database of what texts articles are made.
func (l *Library) place(ctx context.Context, list []Article) error {
	placed := make([]Placed, len(list))
	for i, a := range list {
		placed[i] = Placed{a.ID, a.Version, hashesOf(Texts(a))}
	}
	if err := l.Near.PlaceTexts(ctx, placed); err != nil {
		return fmt.Errorf("place the texts of articles: %w", err)
	}
	return nil
}

// look searches by words and, when there is a vector of the question in time,
// by vectors, wherever they are.
func (l *Library) look(ctx context.Context, q Question) ([]Hit, []evidence, *looked) {
	vector := l.vectorOf(ctx, q.Text)
	if vector == nil || !l.far {
		return l.Index.look(q, vector)
	}
	query := newQuery(q, nil)
	near, err := l.neighbours(ctx, query, vector)
	if err != nil {
		l.log().Warn("searching by words alone: the database could not compare vectors", "err", err)
		return l.Index.look(q, nil)
	}
	query.near = near
	return l.Index.lookUp(query)
}

// neighbours asks the database for the nearest texts, and for all texts of
// their articles and of the best that words find.
func (l *Library) neighbours(ctx context.Context, q query, vector []float32) (*neighbours, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	model := l.Embedder.Model()
	nearest, err := l.Near.Nearest(ctx, model, vector, q.Question, candidates)
	if err != nil {
		return nil, err
	}
	seen := map[desk.ID]bool{}
	var ids []desk.ID
	add := func(id desk.ID) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, n := range nearest {
		add(n.ArticleID)
	}
	for _, c := range l.Index.find(q, atLeast) {
		add(c.entry.article.ID)
	}
	all, err := l.Near.Compare(ctx, model, vector, ids)
	if err != nil {
		return nil, err
	}
	out := &neighbours{nearest, map[desk.ID][]Neighbour{}}
	for _, n := range all {
		out.of[n.ArticleID] = append(out.of[n.ArticleID], n)
	}
	return out, nil
}

// nearest lists, by number, the entries of a shard that vectors find. One that
// was taken in or out meanwhile is found by its words.
func (x *Index) nearest(lang desk.Lang, s *shard, q query, lets func(no uint32) bool) []uint32 {
	var out []uint32
	if q.near == nil {
		for _, n := range x.vectors.nearest(q.vector, candidates, func(o owner) bool { return o.lang == lang && lets(o.no) }) {
			out = append(out, x.vectors.owners[n.slot].no)
		}
		return out
	}
	for _, n := range q.near.nearest {
		if no, ok := s.numbers[n.ArticleID]; ok && s.entries[no].article.Version == n.Version && lets(no) {
			out = append(out, no)
		}
	}
	return out
}

// cosines calls f for each text of an entry that has a vector.
func (v *vectors) cosines(q query, e *entry, f func(text int, cosine float32)) {
	switch {
	case q.near != nil:
		for _, n := range q.near.of[e.article.ID] {
			if n.Version == e.article.Version && n.Place < len(e.asks)+len(e.passages) {
				f(n.Place, v.usual.right(n.Cosine))
			}
		}
	case q.vector != nil && len(q.vector.whole) == v.dim:
		for i, slot := range e.slots {
			if slot != noSlot {
				f(e.texts[i], v.cosine(q.vector, slot))
			}
		}
	}
}
