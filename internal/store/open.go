// Package store keeps Parley's data: one set of SQL for SQLite, which is
// embedded and the default, and PostgreSQL. Every difference between the two
// is in dialect.go; every test runs on both.
//
// The rules of the SQL: $1 parameters; ids are text; times are UTC
// microseconds in BIGINT (micros, fromMicros); JSON is written with jsonOf and
// read with jsonInto; columns are named, never *; no rows stay open (All, One).
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/parleyhq/parley/desk"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	D Dialect // what differs between the engines

	write  *sql.DB // SQLite: the one writing connection; PostgreSQL: the pool
	read   *sql.DB // SQLite: reading connections; PostgreSQL: the same pool
	writer *writer // SQLite only: commits waiting transactions together

	mu        sync.Mutex
	listeners map[int]func() // guarded by mu; see OnEnqueue
	nextID    int            // guarded by mu
}

const (
	readers      = 8                // reading connections on SQLite
	poolSize     = 16               // connections to PostgreSQL; more is not faster on few cores
	startTimeout = 20 * time.Second // how long Open waits for a PostgreSQL that is starting
)

// Open opens the database that url names and makes it if it is a SQLite file
// that is not there yet:
//
//	sqlite:///var/lib/parley/parley.db   an absolute path
//	sqlite:data/parley.db                a path relative to the working folder
//	postgres://user:password@host/name   see the PostgreSQL manual, 34.1.1.2
//
// A SQLite url may end in ?synchronous=normal or off. The default, full, loses
// nothing that was acknowledged when the power fails. Call Migrate next.
func Open(ctx context.Context, url string) (*DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		return openPostgres(ctx, url)
	}
	return nil, desk.Errorf(desk.Invalid, "database_url", "unknown database URL: use sqlite:///path/to/file.db or postgres://user:password@host/name")
}

func openSQLite(ctx context.Context, rest string) (*DB, error) {
	path, query, _ := strings.Cut(rest, "?")
	path, err := filepath.Abs(strings.TrimPrefix(path, "//"))
	if err != nil {
		return nil, fmt.Errorf("find the database file: %w", err)
	}
	sync, err := synchronous(query)
	if err != nil {
		return nil, err
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	// The order of the pragmas counts: busy_timeout must hold when the
	// journal mode is set.
	dsn := (&url.URL{Scheme: "file", Path: path}).String() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(" + sync + ")" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_pragma=cache_size(-32000)" +
		"&_pragma=journal_size_limit(67108864)&_dqs=0"
	write, err := openPrepared(dsn + "&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	read, err := openPrepared(dsn + "&_pragma=query_only(1)")
	if err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{D: Dialect{sqliteEngine}, write: write, read: read, writer: newWriter(write)}, nil
}

func synchronous(query string) (string, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return "", desk.Errorf(desk.Invalid, "database_url", "read the database URL: %w", err)
	}
	mode := strings.ToUpper(q.Get("synchronous"))
	switch mode {
	case "":
		mode = "FULL"
	case "FULL", "NORMAL", "OFF":
	default:
		return "", desk.Errorf(desk.Invalid, "database_url", "synchronous must be full, normal or off, not %q", q.Get("synchronous"))
	}
	for key := range q {
		if key != "synchronous" {
			return "", desk.Errorf(desk.Invalid, "database_url", "unknown option %q in the database URL: only synchronous is known", key)
		}
	}
	return mode, nil
}

// touch makes the file readable by nobody else; its journal inherits that.
func touch(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the database file: %w", err)
	}
	return f.Close()
}

func openPostgres(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, desk.Errorf(desk.Invalid, "database_url", "read the database URL: %w", err) // pgx hides the password
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "parley"
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour)

	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if err = pool.PingContext(ctx); err == nil {
			return &DB{D: Dialect{postgresEngine}, write: pool, read: pool}, nil
		}
		select {
		case <-ctx.Done():
			_ = pool.Close()
			return nil, desk.Errorf(desk.Unavailable, "database_unavailable", "reach PostgreSQL at %s: %w", cfg.Host, err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Close ends the database. Transactions that run finish first.
func (db *DB) Close() error {
	if db.writer == nil {
		return db.write.Close()
	}
	db.writer.close()
	err := db.read.Close()
	// Leaves one file behind rather than three; not an error when a backup
	// still reads.
	_, _ = db.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	if werr := db.write.Close(); err == nil {
		err = werr
	}
	return err
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return desk.Errorf(desk.Unavailable, "database_unavailable", "ask the database: %w", err)
	}
	return nil
}

// OnEnqueue calls f after every commit that enqueued a job. f must return at
// once. It returns a function that ends this.
func (db *DB) OnEnqueue(f func()) (stop func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	id := db.nextID
	db.nextID++
	if db.listeners == nil {
		db.listeners = map[int]func(){}
	}
	db.listeners[id] = f
	return func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		delete(db.listeners, id)
	}
}

func (db *DB) enqueued() {
	db.mu.Lock()
	fs := make([]func(), 0, len(db.listeners))
	for _, f := range db.listeners {
		fs = append(fs, f)
	}
	db.mu.Unlock()
	for _, f := range fs {
		f()
	}
}
