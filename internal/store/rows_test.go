package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/parleyhq/parley/desk"
	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

type thing struct {
	id   desk.ID
	name string
	ok   bool
	size float64
	at   time.Time
	raw  []byte
	doc  map[string]any
}

func scanThing(row store.Scanner) (thing, error) {
	var v thing
	err := row.Scan(&v.id, &v.name, &v.ok, &v.size, store.TimeInto(&v.at), &v.raw, store.JSONInto(&v.doc))
	return v, err
}

const thingColumns = "id, name, ok, size, at, raw, doc"

func things(t *testing.T, db *store.DB) {
	t.Helper()
	write(t, db, func(ctx context.Context, q *store.Tx) error {
		_, err := q.ExecContext(ctx, db.D.DDL(`CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT NOT NULL,
			ok BOOLEAN NOT NULL DEFAULT FALSE, size DOUBLE PRECISION NOT NULL DEFAULT 0, at BIGINT, raw {bytes}, doc {json}) {strict}`))
		return err
	})
}

func TestValues_ComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.FixedZone("x", 8*3600))
		write(t, db, func(ctx context.Context, q *store.Tx) error {
			return store.Exec1(ctx, q, "INSERT INTO things ("+thingColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7)",
				desk.ID("a"), "拿铁\x00 \xff!", true, 1.5, store.Micros(at), []byte{0, 255}, store.JSONOf(map[string]any{"k": "v\x00w \\u0000"}))
		})
		got, err := store.One(t.Context(), db.Read(), scanThing, "SELECT "+thingColumns+" FROM things WHERE id = $1", desk.ID("a"))
		if err != nil {
			t.Fatal(err)
		}
		if got.id != "a" || got.name != "拿铁 !" || !got.ok || got.size != 1.5 || !got.at.Equal(at) || got.at.Location() != time.UTC ||
			string(got.raw) != "\x00\xff" || got.doc["k"] != `vw \u0000` {
			t.Errorf("got %+v", got)
		}
		if _, err := store.One(t.Context(), db.Read(), scanThing, "SELECT "+thingColumns+" FROM things WHERE id = $1", "b"); !desk.IsKind(err, desk.NotFound) || !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("no row: got %v, want not found", err)
		}
	})
}

func TestArguments_ThatEnginesStoreDifferentlyAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, arg := range []any{time.Now(), json.RawMessage("{}")} {
			if _, err := store.All(t.Context(), db.Read(), store.Value[int], "SELECT 1 WHERE $1 IS NULL", arg); err == nil {
				t.Errorf("%T was taken", arg)
			}
		}
	})
}

func TestInList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		write(t, db, func(ctx context.Context, q *store.Tx) error {
			for _, id := range []string{"a", "b", "c"} {
				if err := store.Exec1(ctx, q, "INSERT INTO things (id, name) VALUES ($1, $2)", id, id); err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range []struct{ in, want []string }{
			{[]string{"c", "a", "x"}, []string{"a", "c"}}, {[]string{}, []string{}}, {nil, []string{}},
		} {
			got, err := store.All(t.Context(), db.Read(), store.Value[string], "SELECT id FROM things WHERE id IN "+db.D.InList("$1")+" ORDER BY id", store.List(c.in))
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("IN %v: got %v, %v; want %v", c.in, got, err, c.want)
			}
		}
	})
}

func TestClassify(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		counters(t, db)
		script := db.D.DDL("CREATE TABLE strictly (id TEXT PRIMARY KEY REFERENCES counters (id), n BIGINT NOT NULL) {strict}")
		write(t, db, func(ctx context.Context, q *store.Tx) error { _, err := q.ExecContext(ctx, script); return err })
		for query, want := range map[string]store.Class{
			"INSERT INTO counters (id, n) VALUES ('c', 1)":       store.ClassConflict,
			"INSERT INTO counters (id, n) VALUES ('d', 1000000)": store.ClassInvalid,
			"INSERT INTO strictly (id, n) VALUES ('x', 1)":       store.ClassBadReference,
			"INSERT INTO strictly (id, n) VALUES ('c', 'abc')":   store.ClassInvalid,
			"INSERT INTO strictly (id, n) VALUES ('c', NULL)":    store.ClassInvalid,
			"INSERT INTO nowhere (id) VALUES ('x')":              store.ClassOther,
		} {
			err := db.Tx(t.Context(), func(ctx context.Context, q *store.Tx) error {
				_, err := q.ExecContext(ctx, query)
				return err
			})
			if got := db.D.Classify(err); err == nil || got != want {
				t.Errorf("%s: got %v (%v), want %v", query, got, err, want)
			}
		}
	})
}
