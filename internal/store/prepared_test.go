package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"

	"github.com/parleyhq/parley/internal/store"
	"github.com/parleyhq/parley/internal/store/storetest"
)

// counted is a connector that counts the statements of its connections.
type counted struct {
	driver.Connector
	prepared, closed *atomic.Int64
}

func (c counted) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return countedConn{inner.(store.SQLiteConn), c}, nil
}

type countedConn struct {
	store.SQLiteConn
	c counted
}

func (c countedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	s, err := c.SQLiteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.c.prepared.Add(1)
	return countedStmt{s.(store.SQLiteStmt), c.c}, nil
}

type countedStmt struct {
	store.SQLiteStmt
	c counted
}

func (s countedStmt) Close() error {
	s.c.closed.Add(1)
	return s.SQLiteStmt.Close()
}

// openCounted opens a database with one connection that keeps its statements.
// When it is closed, so must be every statement.
func openCounted(t *testing.T) (db *sql.DB, prepared, closed *atomic.Int64) {
	t.Helper()
	base, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "p.db") + "?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	prepared, closed = new(atomic.Int64), new(atomic.Int64)
	db = sql.OpenDB(store.Preparing(counted{base, prepared, closed}))
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if p, c := prepared.Load(), closed.Load(); p != c {
			t.Errorf("%d statements were prepared, %d closed", p, c)
		}
	})
	run(t, db, "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL)")
	return db, prepared, closed
}

func run(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func texts(t *testing.T, q interface {
	Query(string, ...any) (*sql.Rows, error)
}, query string, args ...any) (out []string) {
	t.Helper()
	rows, err := q.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPrepared_ATextIsPreparedOnce(t *testing.T) {
	db, prepared, _ := openCounted(t)
	before := prepared.Load()
	for i := range 20 {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"SAVEPOINT s", "INSERT INTO t (v) VALUES ('a')", "RELEASE s"} {
			if _, err := tx.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
		if got := texts(t, tx, "SELECT v FROM t"); len(got) != i+1 {
			t.Fatalf("got %d rows, want %d", len(got), i+1)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if n := prepared.Load() - before; n != 4 {
		t.Errorf("4 texts were prepared %d times", n)
	}
}

func TestPrepared_ArgumentsOfOneRunAreNotThoseOfTheNext(t *testing.T) {
	db, _, _ := openCounted(t)
	run(t, db, "INSERT INTO t (v) VALUES ($1), ($2)", "a", "b")
	const query = "SELECT v FROM t WHERE v = $1 OR v = coalesce($2, '-')"
	if got := fmt.Sprint(texts(t, db, query, "a", "b"), texts(t, db, query, "a", nil), texts(t, db, query, "x", "y")); got != "[a b] [a] []" {
		t.Errorf("got %s, want [a b] [a] []", got)
	}
	if _, err := db.Query(query, "a"); err == nil {
		t.Error("a query with too few arguments took those of the one before")
	}
}

func TestPrepared_OneTextRunsTwiceAtOnce(t *testing.T) {
	db, _, _ := openCounted(t)
	run(t, db, "INSERT INTO t (v) VALUES ('a'), ('b'), ('c')")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const query = "SELECT v FROM t ORDER BY v"
	outer, err := tx.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	n := 0
	for ; outer.Next(); n++ {
		if got := fmt.Sprint(texts(t, tx, query)); got != "[a b c]" {
			t.Errorf("the inner run got %s", got)
		}
	}
	if n != 3 || outer.Err() != nil {
		t.Errorf("the outer run got %d rows, %v; want 3", n, outer.Err())
	}
}

func TestPrepared_KeepsABoundedNumberTheLatestOnes(t *testing.T) {
	db, prepared, closed := openCounted(t)
	const often = "SELECT v FROM t"
	for i := range 3 * store.KeptStatements {
		texts(t, db, often)
		texts(t, db, fmt.Sprint("SELECT v FROM t WHERE id = ", i))
	}
	if open := prepared.Load() - closed.Load(); open != store.KeptStatements {
		t.Errorf("%d statements are kept, want %d", open, store.KeptStatements)
	}
	before := prepared.Load()
	texts(t, db, often)
	texts(t, db, fmt.Sprint("SELECT v FROM t WHERE id = ", 3*store.KeptStatements-1))
	if n := prepared.Load() - before; n != 0 {
		t.Errorf("%d of the latest texts were prepared again", n)
	}
}

func TestPrepared_SeesAChangedSchema(t *testing.T) {
	db, _, _ := openCounted(t)
	run(t, db, "INSERT INTO t (v) VALUES ('a')")
	const query = "SELECT * FROM (SELECT v AS w, * FROM t)"
	columns := func() int {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil || !rows.Next() {
			t.Fatalf("no row: %v, %v", err, rows.Err())
		}
		return len(names)
	}
	if n := columns(); n != 3 {
		t.Fatalf("got %d columns, want 3", n)
	}
	run(t, db, "ALTER TABLE t ADD COLUMN more TEXT")
	if n := columns(); n != 4 {
		t.Errorf("after a column was added: got %d columns, want 4", n)
	}
	run(t, db, "DROP TABLE t")
	if _, err := db.Query(query); err == nil {
		t.Error("a dropped table was read")
	}
}

func TestPrepared_AFailureIsForgotten(t *testing.T) {
	db, _, _ := openCounted(t)
	const insert = "INSERT INTO t (id, v) VALUES ($1, $2) RETURNING v"
	run(t, db, insert, 1, "a")
	for range 3 {
		if _, err := db.Exec(insert, 1, "again"); err == nil {
			t.Fatal("a key was stored twice")
		}
	}
	if got := fmt.Sprint(texts(t, db, insert, 2, "b")); got != "[b]" {
		t.Errorf("after a failure: got %s, want [b]", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := db.QueryContext(ctx, "SELECT v FROM t")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	cancel() // closes the rows in the middle
	_ = rows.Close()
	// A statement that were still open would hold the journal.
	var busy, log, done int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil || busy != 0 {
		t.Errorf("checkpoint: busy %d, %v", busy, err)
	}
}

func TestPrepared_ScriptsRunAsAWholeEveryTime(t *testing.T) {
	db, _, _ := openCounted(t)
	for range 3 {
		run(t, db, "INSERT INTO t (v) VALUES ('a'); INSERT INTO t (v) VALUES ('b')")
	}
	if got := fmt.Sprint(texts(t, db, "SELECT v FROM t ORDER BY id")); got != "[a b a b a b]" {
		t.Errorf("got %s", got)
	}
}

// pgx keeps statements by itself, unless a URL says otherwise.
func TestPrepared_PostgresKeepsThemToo(t *testing.T) {
	db := storetest.Open(t, storetest.Postgres(t))
	err := db.ReadTx(t.Context(), func(ctx context.Context, q store.Q) error { // one connection
		const query = "SELECT name FROM queues WHERE name = $1"
		for range 5 {
			if _, err := store.All(ctx, q, store.Value[string], query, "x"); err != nil {
				return err
			}
		}
		n, err := store.One(ctx, q, store.Value[int], "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1", query)
		if n != 1 {
			t.Errorf("a query that ran 5 times is prepared %d times, want 1", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
