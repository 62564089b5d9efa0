package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/pgvector/pgvector-go"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
)

// Near searches vectors with pgvector's HNSW indexes, one for each model. The
// index holds numbers in sixteen bits; Compare reads them as they were saved.
type Near struct{ DB *DB }

var _ kb.Near = Near{}

// How the index is built and searched: more is slower and misses less. The
// search goes on until it has what it was asked for, filters passed, or has looked at
// scanTuples; that is what pgvector 0.8 brought.
const (
	hnswLinks    = 16  // of each vector to others, in each layer
	hnswBuild    = 64  // candidates for a new vector's links
	hnswSearch   = 100 // candidates of a search
	scanTuples   = 20_000
	maxNear      = 4000 // numbers in a vector that HNSW takes in sixteen bits
	leastPgv     = "0.8"
	bytesOfLinks = 400 // of a vector, beside its numbers, while building
	buildMemory  = 8 << 30
)

// CountVectors counts what is kept of a model.
func (s Near) CountVectors(ctx context.Context, model string) (int, error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	return One(ctx, s.DB.Read(), Value[int], "SELECT count(*) FROM embeddings WHERE model = $1", model)
}

// dims is how many numbers the vectors of a model have; 0 when there are none.
func (s Near) dims(ctx context.Context, model string) (int, error) {
	list, err := All(ctx, s.DB.Read(), Value[int], "SELECT vector_dims(numbers) FROM embeddings WHERE model = $1 AND numbers IS NOT NULL LIMIT 1", model)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0], nil
}

// usable refuses a database without what Nearest needs.
func (s Near) usable(ctx context.Context) error {
	column, err := KB(s).vectorColumn(ctx)
	if err != nil {
		return err
	}
	if !column {
		return desk.Errorf(desk.Unavailable, "no_vector_index", "embeddings are not in a column of pgvector: install the extension before the first start")
	}
	new, err := One(ctx, s.DB.Read(), Value[bool], "SELECT string_to_array(extversion, '.')::int[] >= string_to_array($1, '.')::int[] FROM pg_extension WHERE extname = 'vector'", leastPgv)
	if err != nil {
		return fmt.Errorf("look for pgvector: %w", err)
	}
	if !new {
		return desk.Errorf(desk.Unavailable, "no_vector_index", "pgvector is older than %s: update it and run ALTER EXTENSION vector UPDATE", leastPgv)
	}
	return nil
}

// BuildNear makes the index of a model's vectors, beside what is read and
// written meanwhile. Nodes that start at once wait for the one that builds.
func (s Near) BuildNear(ctx context.Context, model string) error {
	n, err := s.CountVectors(ctx, model)
	if err != nil {
		return err
	}
	dims, err := s.dims(ctx, model)
	if err != nil {
		return fmt.Errorf("look at the vectors of %s: %w", model, err)
	}
	if dims == 0 || dims > maxNear {
		return desk.Errorf(desk.Unavailable, "no_vector_index", "vectors of %d numbers cannot be indexed: 1 to %d can", dims, maxNear)
	}
	c, err := s.DB.write.Conn(ctx)
	if err != nil {
		return outage(err)
	}
	defer c.Close()
	name := nearIndex(model, dims)
	// A session's own lock: an index is not built beside others in a transaction.
	if _, err := c.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(nearLock)); err != nil {
		return fmt.Errorf("wait for another node: %w", err)
	}
	defer func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), "RESET maintenance_work_mem; SELECT pg_advisory_unlock("+fmt.Sprint(int64(nearLock))+")")
	}()
	valid, err := All(ctx, c, Value[bool], "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", name)
	if err != nil {
		return fmt.Errorf("look for the index: %w", err)
	}
	if len(valid) > 0 && valid[0] {
		return nil
	}
	if len(valid) > 0 { // somebody was interrupted
		if _, err := c.ExecContext(ctx, "DROP INDEX CONCURRENTLY "+name); err != nil {
			return fmt.Errorf("drop the index that was not finished: %w", err)
		}
	}
	memory := min(buildMemory, max(64<<20, n*(2*dims+bytesOfLinks))) >> 10
	for _, statement := range []string{
		fmt.Sprintf("SET maintenance_work_mem = %d", memory), // kB; a graph that does not fit is built many times slower
		fmt.Sprintf("CREATE INDEX CONCURRENTLY %s ON embeddings USING hnsw (%s halfvec_cosine_ops) WITH (m = %d, ef_construction = %d) WHERE %s",
			name, "("+halfvec("numbers", dims)+")", hnswLinks, hnswBuild, ofModel("", model, dims)),
		"ANALYZE embeddings", "ANALYZE article_texts",
	} {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("build the index: %w", err)
		}
	}
	return nil
}

// nearLock is the key of the advisory lock on building.
const nearLock = 0x6e656172

// nearIndex names the index of a model's vectors.
func nearIndex(model string, dims int) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(model))
	return fmt.Sprintf("embeddings_near_%x_%d", h.Sum64(), dims)
}

func halfvec(expression string, dims int) string {
	return fmt.Sprintf("(%s)::halfvec(%d)", expression, dims)
}

// ofModel is what the index is about: its words have to stand in a query that
// shall use it.
func ofModel(table, model string, dims int) string {
	return fmt.Sprintf("%smodel = '%s' AND vector_dims(%snumbers) = %d", table, strings.ReplaceAll(model, "'", "''"), table, dims)
}

// PlaceTexts says what articles are made of in the version that is published.
func (s Near) PlaceTexts(ctx context.Context, placed []kb.Placed) error {
	if len(placed) == 0 {
		return nil
	}
	ids := make([]desk.ID, len(placed))
	for i, p := range placed {
		ids[i] = p.ID
	}
	known, err := All(ctx, s.DB.Read(), func(row Scanner) (kb.Stamp, error) {
		var v kb.Stamp
		return v, row.Scan(&v.ID, &v.Version)
	}, "SELECT article_id, version FROM article_texts WHERE place = 0 AND article_id IN "+s.DB.D.InList("$1"), list(ids))
	if err != nil {
		return err
	}
	have := map[desk.ID]int{}
	for _, k := range known {
		have[k.ID] = k.Version
	}
	type text struct {
		ID      desk.ID `json:"id"`
		Place   int     `json:"place"`
		Version int     `json:"version"`
		Hash    string  `json:"hash"`
	}
	var texts []text
	var stale []desk.ID
	for _, p := range placed {
		if have[p.ID] == p.Version {
			continue
		}
		stale = append(stale, p.ID)
		for i, h := range p.Hashes {
			texts = append(texts, text{p.ID, i, p.Version, h})
		}
	}
	if len(stale) == 0 {
		return nil
	}
	rows, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		// Nodes that place the same articles take turns, in one order.
		current, err := All(ctx, q, Value[desk.ID], "SELECT id FROM articles WHERE id IN "+q.D.InList("$1")+" ORDER BY id"+q.D.ForUpdate(), list(stale))
		if err != nil {
			return err
		}
		if _, err := Exec(ctx, q, "DELETE FROM article_texts WHERE article_id IN "+q.D.InList("$1"), list(current)); err != nil {
			return err
		}
		_, err = Exec(ctx, q, `INSERT INTO article_texts (article_id, place, version, hash)
			SELECT x.id, x.place, x.version, x.hash
			FROM jsonb_to_recordset(CAST($1 AS JSONB)) AS x (id TEXT, place BIGINT, version BIGINT, hash TEXT)
			JOIN articles a ON a.id = x.id AND a.published_version = x.version`, string(rows))
		return err
	})
}

// LackingVectors lists the placed articles with a text that has no vector.
func (s Near) LackingVectors(ctx context.Context, model string) ([]desk.ID, error) {
	return All(ctx, s.DB.Read(), Value[desk.ID], `SELECT DISTINCT t.article_id FROM article_texts t
		LEFT JOIN embeddings e ON e.model = $1 AND e.hash = t.hash WHERE e.hash IS NULL`, model)
}

// isOpen is whether q's asker may read version v of article a, see kb's filter.
const isOpen = `(v.audience = 'customers' OR $1 = 'agents') AND v.valid_from <= $2 AND (v.valid_to = 0 OR $2 < v.valid_to)
	AND ($3 = '' OR a.playbook = '' OR a.playbook = $3)
	AND ($4 = '[]' OR v.tags ?| ARRAY(SELECT jsonb_array_elements_text(CAST($4 AS JSONB))))`

// searchSettings are those of one transaction. Left to itself PostgreSQL might
// compare and sort everything rather than read the index in its order.
const searchSettings = `SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true) || set_config('hnsw.ef_search', $1, true)
	|| set_config('hnsw.max_scan_tuples', $2, true) || set_config('enable_hashjoin', 'off', true) || set_config('enable_mergejoin', 'off', true)
	|| set_config('enable_seqscan', 'off', true) || set_config('enable_sort', 'off', true)`

// Nearest gives the k texts most like vector that q's asker may read.
func (s Near) Nearest(ctx context.Context, model string, vector []float32, q kb.Question, k int) ([]kb.Neighbour, error) {
	dims := len(vector)
	distance := halfvec("e.numbers", dims) + " <=> " + halfvec("$6", dims)
	other := strings.NewReplacer("v.", "ov.", "a.", "o.").Replace(isOpen)
	tags := []string{}
	tags = append(tags, q.Tags...)
	wanted, err := json.Marshal(tags)
	if err != nil {
		return nil, err
	}
	var out []kb.Neighbour
	err = s.DB.ReadTx(ctx, func(ctx context.Context, r Q) error {
		if _, err := One(ctx, r, Value[string], searchSettings, fmt.Sprint(max(hnswSearch, k)), fmt.Sprint(scanTuples)); err != nil {
			return err
		}
		out, err = All(ctx, r, scanNeighbour, fmt.Sprintf(`SELECT t.article_id, t.version, t.place, 1 - (%s)
			FROM embeddings e
			JOIN article_texts t ON t.hash = e.hash
			JOIN articles a ON a.id = t.article_id AND a.published_version = t.version
			JOIN article_versions v ON v.article_id = a.id AND v.version = a.published_version
			WHERE %s AND %s AND (a.lang = $5 OR NOT EXISTS (
				SELECT 1 FROM articles o JOIN article_versions ov ON ov.article_id = o.id AND ov.version = o.published_version
				WHERE o.playbook = a.playbook AND o.slug = a.slug AND o.lang = $5 AND o.published_version > 0 AND %s))
			ORDER BY %s LIMIT %d`, distance, ofModel("e.", model, dims), isOpen, other, distance, k),
			string(q.Audience), micros(q.Now), q.Playbook, string(wanted), string(q.Lang), pgvector.NewHalfVector(vector).String())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search vectors: %w", err)
	}
	slices.SortStableFunc(out, func(a, b kb.Neighbour) int { return cmp.Compare(b.Cosine, a.Cosine) }) // the order was relaxed
	return out, nil
}

func scanNeighbour(row Scanner) (kb.Neighbour, error) {
	var n kb.Neighbour
	err := row.Scan(&n.ArticleID, &n.Version, &n.Place, &n.Cosine)
	return n, err
}

// Compare says of each text of some articles how like vector it is.
func (s Near) Compare(ctx context.Context, model string, vector []float32, ids []desk.ID) ([]kb.Neighbour, error) {
	return All(ctx, s.DB.Read(), scanNeighbour, `SELECT t.article_id, t.version, t.place, 1 - (e.numbers <=> CAST($2 AS vector))
		FROM article_texts t JOIN embeddings e ON e.model = $1 AND e.hash = t.hash
		WHERE t.article_id IN `+s.DB.D.InList("$3")+` AND vector_dims(e.numbers) = $4 ORDER BY t.article_id, t.place`,
		model, pgvector.NewVector(vector).String(), list(ids), len(vector))
}
