package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/kb"
	"github.com/pgvector/pgvector-go"
)

// KB keeps articles, their versions and embeddings.
type KB struct{ DB *DB }

var _ kb.Store = KB{}

const (
	articleColumns = `a.id, a.playbook, a.slug, a.lang, a.status, a.version, a.published_version, a.origin,
		a.rev, a.created_at, a.updated_at, a.updated_by`
	contentColumns = "v.title, v.body, v.questions, v.tags, v.audience, v.valid_from, v.valid_to"
	newestArticle  = "SELECT " + articleColumns + ", " + contentColumns + `
		FROM articles a JOIN article_versions v ON v.article_id = a.id AND v.version = a.version `
)

func articleInto(a *kb.Article) []any {
	return []any{&a.ID, &a.Playbook, &a.Slug, &a.Lang, &a.Status, &a.Version, &a.PublishedVersion, &a.Origin,
		&a.Rev, timeInto(&a.CreatedAt), timeInto(&a.UpdatedAt), &a.UpdatedBy}
}

func contentInto(c *kb.Content) []any {
	return []any{&c.Title, &c.Body, jsonInto(&c.Questions), jsonInto(&c.Tags), &c.Audience, timeInto(&c.ValidFrom), timeInto(&c.ValidTo)}
}

func scanArticle(row Scanner) (kb.Article, error) {
	var a kb.Article
	err := row.Scan(append(articleInto(&a), contentInto(&a.Content)...)...)
	return a, err
}

// Article finds an article with the content of its newest version.
func (s KB) Article(ctx context.Context, id desk.ID) (kb.Article, error) {
	return One(ctx, s.DB.Read(), scanArticle, newestArticle+"WHERE a.id = $1", id)
}

// ArticleNamed finds an article by what is unique.
func (s KB) ArticleNamed(ctx context.Context, playbook, slug string, lang desk.Lang) (kb.Article, error) {
	return One(ctx, s.DB.Read(), scanArticle, newestArticle+"WHERE a.playbook = $1 AND a.slug = $2 AND a.lang = $3", playbook, slug, lang)
}

// PlaybookArticles lists every article of a playbook.
func (s KB) PlaybookArticles(ctx context.Context, playbook string) ([]kb.Article, error) {
	return All(ctx, s.DB.Read(), scanArticle, newestArticle+"WHERE a.playbook = $1 ORDER BY a.slug, a.lang", playbook)
}

// Articles lists articles, the last changed first.
func (s KB) Articles(ctx context.Context, f kb.Filter) ([]kb.Article, string, error) {
	before, beforeID, err := readArticleCursor(f.After)
	if err != nil {
		return nil, "", err
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	var playbook any
	if f.Playbook != nil {
		playbook = *f.Playbook
	}
	list, err := All(ctx, s.DB.Read(), scanArticle, newestArticle+`
		WHERE (a.updated_at, a.id) < ($1, $2)
		AND ($3 = '' OR a.status = $3) AND ($4 = '' OR a.lang = $4) AND (CAST($5 AS TEXT) IS NULL OR a.playbook = $5)
		AND a.tags_fold LIKE $6 ESCAPE '\' AND a.fold LIKE $7 ESCAPE '\'
		ORDER BY a.updated_at DESC, a.id DESC LIMIT 0+$8`,
		before, beforeID, string(f.Status), string(f.Lang), playbook, tagPattern(f.Tag), like(strings.ToLower(f.Search)), limit+1)
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	last := list[limit-1]
	return list[:limit], strconv.FormatInt(micros(last.UpdatedAt), 10) + "." + string(last.ID), nil
}

// readArticleCursor reads where a page ended; none is before everything.
func readArticleCursor(cursor string) (int64, string, error) {
	if cursor == "" {
		return math.MaxInt64, "", nil
	}
	at, id, ok := strings.Cut(cursor, ".")
	us, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return 0, "", &desk.Error{Kind: desk.Invalid, Code: "bad_cursor", Field: "after", Message: "use the cursor that the list before gave as next"}
	}
	return us, id, nil
}

func tagPattern(tag string) string {
	if tag == "" {
		return "%"
	}
	return like("|" + strings.ToLower(tag) + "|")
}

func foldTags(tags []string) string {
	return strings.ToLower("|" + strings.Join(tags, "|") + "|")
}

// foldArticle is what lists search in.
func foldArticle(a kb.Article) string {
	parts := append([]string{a.Title, a.Slug}, a.Questions...)
	return strings.ToLower(strings.Join(append(append(parts, a.Tags...), a.Body), "\n"))
}

// Version reads one version of an article.
func (s KB) Version(ctx context.Context, id desk.ID, number int) (kb.Version, error) {
	return One(ctx, s.DB.Read(), scanVersion, selectVersion+"WHERE v.article_id = $1 AND v.version = $2", id, number)
}

// Versions lists the versions of an article, the newest first.
func (s KB) Versions(ctx context.Context, id desk.ID, before, limit int) ([]kb.Version, error) {
	if before <= 0 {
		before = math.MaxInt32
	}
	return All(ctx, s.DB.Read(), scanVersion, selectVersion+"WHERE v.article_id = $1 AND v.version < $2 ORDER BY v.version DESC LIMIT 0+$3", id, before, limit)
}

const selectVersion = "SELECT v.article_id, v.version, v.written_at, v.written_by, v.note, " + contentColumns + " FROM article_versions v "

func scanVersion(row Scanner) (kb.Version, error) {
	var v kb.Version
	err := row.Scan(append([]any{&v.ArticleID, &v.Number, timeInto(&v.At), &v.By, &v.Note}, contentInto(&v.Content)...)...)
	return v, err
}

// Write carries out all changes and enqueues the jobs, in one transaction.
func (s KB) Write(ctx context.Context, changes []kb.Change, jobs ...desk.Job) error {
	if len(changes) == 0 && len(jobs) == 0 {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, c := range changes {
			if err := writeArticle(ctx, q, c); err != nil {
				return err
			}
		}
		for _, j := range jobs {
			if err := q.Enqueue(ctx, j); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeArticle(ctx context.Context, q *Tx, c kb.Change) error {
	a := c.Article
	var n int64
	var err error
	if a.Rev == 1 {
		n, err = Exec(ctx, q, `INSERT INTO articles (id, playbook, slug, lang, status, version, published_version, fold, tags_fold,
			origin, rev, created_at, updated_at, updated_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (playbook, slug, lang) DO NOTHING`,
			a.ID, a.Playbook, a.Slug, a.Lang, a.Status, a.Version, a.PublishedVersion, foldArticle(a), foldTags(a.Tags),
			a.Origin, a.Rev, micros(a.CreatedAt), micros(a.UpdatedAt), a.UpdatedBy)
		if err == nil && n == 0 {
			return &desk.Error{Kind: desk.Conflict, Code: "slug_taken", Field: "slug", Message: fmt.Sprintf("there is an article %q in %s already", a.Slug, a.Lang)}
		}
	} else {
		n, err = Exec(ctx, q, `UPDATE articles SET status = $3, version = $4, published_version = $5, fold = $6, tags_fold = $7,
			origin = $8, rev = $2, updated_at = $9, updated_by = $10 WHERE id = $1 AND rev = $2 - 1`,
			a.ID, a.Rev, a.Status, a.Version, a.PublishedVersion, foldArticle(a), foldTags(a.Tags),
			a.Origin, micros(a.UpdatedAt), a.UpdatedBy)
		if err == nil && n == 0 {
			return desk.Errorf(desk.Conflict, "stale_article", "the article %s has changed meanwhile", a.Slug)
		}
	}
	if err != nil || c.Version == nil {
		return err
	}
	v := c.Version
	return Exec1(ctx, q, `INSERT INTO article_versions (article_id, version, title, body, questions, tags, audience, valid_from, valid_to,
		written_at, written_by, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.ID, v.Number, v.Title, v.Body, jsonOf(v.Questions), jsonOf(v.Tags), v.Audience, micros(v.ValidFrom), micros(v.ValidTo),
		micros(v.At), v.By, v.Note)
}

// Live lists every article that has a published version, and which.
func (s KB) Live(ctx context.Context) ([]kb.Stamp, error) {
	scan := func(row Scanner) (kb.Stamp, error) {
		var v kb.Stamp
		err := row.Scan(&v.ID, &v.Version)
		return v, err
	}
	return All(ctx, s.DB.Read(), scan, "SELECT id, published_version FROM articles WHERE published_version > 0")
}

// LiveArticles reads those of ids that have a published version, as published.
func (s KB) LiveArticles(ctx context.Context, ids []desk.ID) ([]kb.Article, error) {
	list, err := All(ctx, s.DB.Read(), scanArticle, "SELECT "+articleColumns+", "+contentColumns+`
		FROM articles a JOIN article_versions v ON v.article_id = a.id AND v.version = a.published_version
		WHERE a.published_version > 0 AND a.id IN `+s.DB.D.InList("$1"), list(ids))
	for i := range list {
		list[i].Version = list[i].PublishedVersion
	}
	return list, err
}

// vectorColumn names the column that holds embeddings, and whether it is
// pgvector's.
func (s KB) vectorColumn(ctx context.Context) (pg bool, err error) {
	if !s.DB.D.Postgres() {
		return false, nil
	}
	n, err := One(ctx, s.DB.Read(), Value[int], "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('embeddings') AND attname = 'numbers' AND NOT attisdropped")
	return n > 0, err
}

// maxDimensions is what a pgvector column takes; longer ones are packed.
const maxDimensions = 16000

type embedding struct {
	hash   string
	vector []float32
}

// Embeddings finds the vectors a model gave for texts, by their hashes.
func (s KB) Embeddings(ctx context.Context, model string, hashes []string) (map[string][]float32, error) {
	pg, err := s.vectorColumn(ctx)
	if err != nil {
		return nil, err
	}
	columns := "hash, packed"
	if pg {
		columns += ", numbers"
	}
	scan := func(row Scanner) (embedding, error) {
		var e embedding
		var packed []byte
		numbers := &pgvector.Vector{}
		dest := []any{&e.hash, &packed}
		if pg {
			dest = append(dest, &numbers)
		}
		if err := row.Scan(dest...); err != nil {
			return e, err
		}
		if e.vector = unpack(packed); e.vector == nil && numbers != nil {
			e.vector = numbers.Slice()
		}
		return e, nil
	}
	out := map[string][]float32{}
	for part := range slices.Chunk(hashes, 1000) {
		rows, err := All(ctx, s.DB.Read(), scan, "SELECT "+columns+" FROM embeddings WHERE model = $1 AND hash IN "+s.DB.D.InList("$2"), model, list(part))
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			out[e.hash] = e.vector
		}
	}
	return out, nil
}

// SaveEmbeddings keeps the vectors a model gave for texts, by their hashes.
func (s KB) SaveEmbeddings(ctx context.Context, model string, byHash map[string][]float32) error {
	pg, err := s.vectorColumn(ctx)
	if err != nil {
		return err
	}
	hashes := make([]string, 0, len(byHash))
	for h := range byHash {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes) // one order for all writers: no deadlocks
	now := micros(time.Now())
	return s.DB.Tx(ctx, func(ctx context.Context, q *Tx) error {
		for _, h := range hashes {
			v := byHash[h]
			var err error
			if pg && len(v) <= maxDimensions {
				_, err = Exec(ctx, q, "INSERT INTO embeddings (model, hash, numbers, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (model, hash) DO NOTHING", model, h, pgvector.NewVector(v), now)
			} else {
				_, err = Exec(ctx, q, "INSERT INTO embeddings (model, hash, packed, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (model, hash) DO NOTHING", model, h, pack(v), now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// pack writes numbers as little-endian float32.
func pack(v []float32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, f := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
	}
	return out
}

func unpack(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}
