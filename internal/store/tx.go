package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/parleyhq/parley/desk"
)

const (
	txLimit  = 30 * time.Second // a transaction that takes longer is given up
	maxTries = 20               // runs of one transaction when others get in its way
)

// Tx is one write transaction. It is a Q, for the goroutine that runs it and
// only until its function returns.
type Tx struct {
	D Dialect

	db    *DB
	raw   *sql.Tx
	bad   error // the first statement that failed; such a transaction rolls back
	ended bool
	after []func()
	jobs  bool // a job was enqueued
}

var _ Q = (*Tx)(nil)

type txMark struct{ db *DB }

// errBroken says that only broken connections were left in the pool: nothing
// has happened yet.
var errBroken = desk.Errorf(desk.Unavailable, "database_unavailable", "the connection to the database broke")

// errNested is what a programmer gets who forgot to pass q down.
var errNested = desk.Errorf(desk.Internal, "nested_transaction",
	"a transaction runs already in this context: use its q rather than the database")

// Tx runs f in one write transaction and commits it when f returns nil. It
// sees a consistent database: nobody else writes what it has read with
// D.ForUpdate, and on SQLite nobody else writes at all. When others get in its
// way f runs again, so f must be repeatable; what must happen once, after the
// commit, goes into q.After. f must not wait for anything but the database.
//
// A statement that fails rolls the transaction back even when f returns nil
// (expected conflicts are ON CONFLICT DO NOTHING). The context given to f knows
// the transaction: Tx, ReadTx and Read refuse it.
func (db *DB) Tx(ctx context.Context, f func(ctx context.Context, q *Tx) error) error {
	if ctx.Value(txMark{db}) != nil {
		return errNested
	}
	ctx, cancel := context.WithTimeoutCause(ctx, txLimit, desk.Errorf(desk.Unavailable, "database_busy", "the transaction took longer than %s", txLimit))
	defer cancel()
	ctx = context.WithValue(ctx, txMark{db}, true)

	var err error
	alone := false
	for try := range maxTries {
		if err = db.attempt(ctx, alone, f); err == nil {
			return nil
		}
		if errors.Is(err, errTogether) {
			alone = true
			continue
		}
		if db.D.Classify(err) != ClassRetry && !errors.Is(err, errBroken) {
			return db.cause(ctx, err)
		}
		if !pause(ctx, try) {
			return db.cause(ctx, err)
		}
	}
	return desk.Errorf(desk.Unavailable, "database_busy", "gave up after %d tries: %w", maxTries, err)
}

// cause prefers the reason a context ended to the bare "deadline exceeded".
func (db *DB) cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && errors.Is(err, ctx.Err()) {
		return c
	}
	return outage(err)
}

// pause waits 1 to 32 ms, the longer the more tries there were, and reports
// whether there is time to go on.
func pause(ctx context.Context, try int) bool {
	limit := min(time.Millisecond<<min(try, 5), 32*time.Millisecond)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Millisecond/2 + rand.N(limit)):
		return true
	}
}

func (db *DB) attempt(ctx context.Context, alone bool, f func(context.Context, *Tx) error) error {
	q := &Tx{D: db.D, db: db}
	run := func(raw *sql.Tx) error {
		q.raw = raw
		defer func() { q.ended = true }()
		if err := f(ctx, q); err != nil {
			return err
		}
		return q.bad
	}
	var err error
	if db.writer != nil {
		err = db.writer.do(ctx, alone, run)
	} else {
		err = db.single(ctx, run)
	}
	if err != nil {
		return err
	}
	if q.jobs {
		db.enqueued()
	}
	for _, f := range q.after {
		f()
	}
	return nil
}

// single runs one transaction on a connection of its own.
func (db *DB) single(ctx context.Context, run func(*sql.Tx) error) error {
	raw, err := db.write.BeginTx(ctx, nil)
	if errors.Is(err, driver.ErrBadConn) {
		return errBroken
	}
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = raw.Rollback() }() // does nothing after Commit
	if err := run(raw); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// After runs f once the transaction is committed, in the goroutine that called
// DB.Tx; never when it is rolled back.
func (q *Tx) After(f func()) { q.after = append(q.after, f) }

// Lock keeps other transactions that ask for the same name waiting until this
// one ends. It is for things that have no row yet to lock.
func (q *Tx) Lock(ctx context.Context, name string) error {
	if !q.D.Postgres() {
		return nil // there is only one writer
	}
	_, err := q.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
	return err
}

// ExecContext runs a statement.
func (q *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, args, err := q.enter(ctx, args)
	if err != nil {
		return nil, err
	}
	res, err := q.raw.ExecContext(ctx, query, args...)
	return res, q.note(err)
}

// QueryContext runs a query. Close its rows before the next statement.
func (q *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, args, err := q.enter(ctx, args)
	if err != nil {
		return nil, err
	}
	rows, err := q.raw.QueryContext(ctx, query, args...)
	return rows, q.note(err)
}

// QueryRowContext runs a query for one row.
func (q *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx, args, err := q.enter(ctx, args)
	if err != nil {
		return q.db.read.QueryRowContext(ended{ctx, err}, query)
	}
	row := q.raw.QueryRowContext(ctx, query, args...)
	_ = q.note(row.Err())
	return row
}

// enter checks that a statement may run now. On SQLite a statement is not cut
// off in the middle: that would roll back the transactions of others that are
// committed together with this one.
func (q *Tx) enter(ctx context.Context, args []any) (context.Context, []any, error) {
	if q.ended {
		return ctx, nil, q.note(desk.Errorf(desk.Internal, "transaction_over", "the transaction is over"))
	}
	if err := ctx.Err(); err != nil {
		return ctx, nil, q.note(err)
	}
	args, err := bindable(args)
	if err != nil {
		return ctx, nil, q.note(err)
	}
	if q.db.writer != nil {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, args, nil
}

func (q *Tx) note(err error) error {
	if err != nil && q.bad == nil {
		q.bad = err
	}
	return err
}

// Read runs single queries outside of any transaction; each sees what was
// committed before it.
func (db *DB) Read() Q { return reader{db: db, raw: db.read} }

// ReadTx runs f with a Q whose queries all see the same moment.
func (db *DB) ReadTx(ctx context.Context, f func(ctx context.Context, q Q) error) error {
	if ctx.Value(txMark{db}) != nil {
		return errNested
	}
	opts := &sql.TxOptions{ReadOnly: true}
	if db.D.Postgres() {
		opts.Isolation = sql.LevelRepeatableRead
	}
	raw, err := db.read.BeginTx(ctx, opts)
	if err != nil {
		return outage(fmt.Errorf("begin reading: %w", err))
	}
	defer func() { _ = raw.Rollback() }()
	if err := f(ctx, reader{db: db, raw: raw}); err != nil {
		return err
	}
	return outage(raw.Commit())
}

// reader is a Q that refuses to run within a write transaction, whose own
// writes it would not see.
type reader struct {
	db  *DB
	raw Q
}

func (r reader) enter(ctx context.Context, args []any) ([]any, error) {
	if ctx.Value(txMark{r.db}) != nil {
		return nil, errNested
	}
	return bindable(args)
}

func (r reader) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, desk.Errorf(desk.Internal, "read_only", "only Tx may write")
}

func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	args, err := r.enter(ctx, args)
	if err != nil {
		return nil, err
	}
	return r.raw.QueryContext(ctx, query, args...)
}

func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	args, err := r.enter(ctx, args)
	if err != nil {
		return r.raw.QueryRowContext(ended{ctx, err}, query)
	}
	return r.raw.QueryRowContext(ctx, query, args...)
}

// ended is a context that is over for a reason of ours; it is how a *sql.Row
// comes to hold that reason.
type ended struct {
	context.Context
	err error
}

func (e ended) Err() error { return e.err }

func (e ended) Done() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
