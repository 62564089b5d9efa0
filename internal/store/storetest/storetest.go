// Package storetest gives tests real databases: a SQLite file, and a
// PostgreSQL of their own that the test binary starts, with nothing to set up
// but scripts/pgvector.sh once per machine.
package storetest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/parleyhq/parley/internal/store"
)

// Each runs f as a subtest on each engine, with an empty, migrated database.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { f(t, Open(t, url)) })
}

// EachURL is Each for tests that open the database themselves, or twice.
func EachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite returns the URL of a SQLite database that is gone after the test. It
// does not wait for the disk.
func SQLite(tb testing.TB) string {
	tb.Helper()
	return "sqlite://" + filepath.Join(tb.TempDir(), "parley.db") + "?synchronous=off"
}

// Postgres returns the URL of a PostgreSQL database that is gone after the
// test. Without a PostgreSQL on the machine it skips the test, except that
// where CI=true it fails it.
func Postgres(tb testing.TB) string {
	tb.Helper()
	return clone(tb)
}

// Open opens and migrates the database that url names, and closes it after the
// test.
func Open(tb testing.TB, url string) *store.DB {
	tb.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, url)
	if err != nil {
		tb.Fatalf("open the test database: %v", err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(ctx); err != nil {
		tb.Fatal(err)
	}
	return db
}
