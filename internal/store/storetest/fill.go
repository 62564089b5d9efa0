package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/kb"
)

// fillBatch is how many articles are written at once.
const fillBatch = 1000

// Fill writes published articles, version 1, with the vectors that a model gave
// for their Texts, as fast as the database at url takes them: by COPY on
// PostgreSQL, where vectors go to pgvector's column.
func Fill(tb testing.TB, db *store.DB, url, model string, articles iter.Seq2[kb.Article, [][]float32]) {
	tb.Helper()
	write := func(list []kb.Article, vecs [][][]float32) error { return fillSlowly(db, model, list, vecs) }
	if db.D.Postgres() {
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			tb.Fatal(err)
		}
		defer conn.Close(context.Background())
		seen := map[string]bool{}
		write = func(list []kb.Article, vecs [][][]float32) error { return fillByCopy(conn, model, list, vecs, seen) }
	}
	var list []kb.Article
	var vecs [][][]float32
	flush := func() {
		if err := write(list, vecs); err != nil {
			tb.Fatalf("fill the database: %v", err)
		}
		list, vecs = list[:0], vecs[:0]
	}
	for a, v := range articles {
		if list, vecs = append(list, a), append(vecs, v); len(list) == fillBatch {
			flush()
		}
	}
	flush()
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func fillSlowly(db *store.DB, model string, list []kb.Article, vecs [][][]float32) error {
	ctx := context.Background()
	changes := make([]kb.Change, len(list))
	byHash := map[string][]float32{}
	for i, a := range list {
		a.Rev = 1
		changes[i] = kb.Change{Article: a, Version: &kb.Version{ArticleID: a.ID, Number: 1, Content: a.Content, At: a.UpdatedAt}}
		for j, text := range kb.Texts(a) {
			byHash[hashOf(text)] = vecs[i][j]
		}
	}
	if err := (store.KB{DB: db}).Write(ctx, changes); err != nil {
		return err
	}
	return store.KB{DB: db}.SaveEmbeddings(ctx, model, byHash)
}

func fillByCopy(conn *pgx.Conn, model string, list []kb.Article, vecs [][][]float32, seen map[string]bool) error {
	var articles, versions, numbers bytes.Buffer
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	row := func(b *bytes.Buffer, fields ...any) {
		for i, f := range fields {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(escape.Replace(fmt.Sprint(f)))
		}
		b.WriteByte('\n')
	}
	asJSON := func(v []string) string {
		if v == nil {
			return "[]"
		}
		out, _ := json.Marshal(v) // strings
		return string(out)
	}
	numbers.WriteString("PGCOPY\n\xff\r\n\x00")
	numbers.Write(make([]byte, 8)) // no flags, no more of a header
	field := func(v []byte) {
		_ = binary.Write(&numbers, binary.BigEndian, int32(len(v)))
		numbers.Write(v)
	}
	for i, a := range list {
		at := a.UpdatedAt.UnixMicro()
		row(&articles, a.ID, a.Playbook, a.Slug, a.Lang, kb.Published, 1, 1, "", "", a.Origin, 1, at, at, a.UpdatedBy)
		row(&versions, a.ID, 1, a.Title, a.Body, asJSON(a.Questions), asJSON(a.Tags), a.Audience, 0, 0, at, a.UpdatedBy, "")
		for j, text := range kb.Texts(a) {
			h := hashOf(text)
			if seen[h] || vecs[i][j] == nil {
				continue
			}
			seen[h] = true
			_ = binary.Write(&numbers, binary.BigEndian, int16(4))
			field([]byte(model))
			field([]byte(h))
			v := binary.BigEndian.AppendUint16(nil, uint16(len(vecs[i][j])))
			v = binary.BigEndian.AppendUint16(v, 0)
			for _, f := range vecs[i][j] {
				v = binary.BigEndian.AppendUint32(v, math.Float32bits(f))
			}
			field(v)
			field(binary.BigEndian.AppendUint64(nil, uint64(at)))
		}
	}
	_ = binary.Write(&numbers, binary.BigEndian, int16(-1))
	for _, c := range []struct {
		rows *bytes.Buffer
		into string
	}{
		{&articles, "articles (id, playbook, slug, lang, status, version, published_version, fold, tags_fold, origin, rev, created_at, updated_at, updated_by) FROM STDIN"},
		{&versions, "article_versions (article_id, version, title, body, questions, tags, audience, valid_from, valid_to, written_at, written_by, note) FROM STDIN"},
		{&numbers, "embeddings (model, hash, numbers, made_at) FROM STDIN BINARY"},
	} {
		if _, err := conn.PgConn().CopyFrom(context.Background(), c.rows, "COPY "+c.into); err != nil {
			return err
		}
	}
	return nil
}
